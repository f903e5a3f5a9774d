"""Files that other tools keep, whatever wrote them: front matter and Markdown -> lines.

    Claude Code     one memory a file: front matter with name, description, type user|feedback|project|reference, modified
    basic-memory    front matter with title and permalink; `- [category] text #tag (context)`, `- relation [[Target]]`
    OpenClaw        memory/2026-11-21.md, a diary, and MEMORY.md
    anything else   Markdown

The one rule: a file's front matter is only read for what it says of the file; broken, it is passed over and the text is kept.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from kairos_git.capture.imports.found import Line
from kairos_git.capture.imports.statements import statements
from kairos_git.capture.imports.wording import LONGEST, plain
from kairos_git.capture.me import is_local, speaks_of_self
from kairos_git.errors import Problem, UsageError
from kairos_git.memory.observation import parse_time

TYPES = ("user", "feedback", "project", "reference")  # of a memory of Claude Code
_DAY = re.compile(r"(?:^|/)(\d{4}-\d\d-\d\d)(?:[-_.][^/]*)?\.md$")
_FRONT = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_NOTED = re.compile(r"^(\s*)[-*]\s+\[([^\[\]\s][^\[\]()]{0,30})\]\s+(\S.*)$")
_TAGS = re.compile(r"(?<!\S)#[\w/-]+")
_RELATION = re.compile(r"^\s*[-*]\s+([\w -]{0,40}?)\s*\[\[([^\]|]+)[^\]]*\]\](?:\s*\(.*\))?\s*$")
_POINTER = re.compile(r"^\s*[-*]\s+\[[^\]]*\]\([^)\s]+\.md\)")
_REASON = re.compile(r"^(?:why|reason|how to apply|when to apply|context)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"\b(?:the user|user|they|i|me|my|answers?|responses?|repl(?:y|ies)|explanations?|tone|emojis?|summar\w+|terse|concise|verbose)\b",
    re.IGNORECASE,
)


class Note(NamedTuple):
    """One file as it was read. tool: who wrote it, by its form; own: whether it is about the owner."""

    tool: str
    lines: tuple[Line, ...]
    own: bool = False
    problem: Problem | None = None


def read_note(path: str, text: str, modified: datetime, tool: str = "") -> Note:
    """One file. modified: when its bytes were written, for where the text says nothing; tool: whose folder it was found in."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    fields, problem = _front(path, text)
    day = _DAY.search(path)
    when = _time(fields, day[1] if day else "", modified)
    kind = _kind(fields)
    if kind and (tool in ("", "claude")) and ("name" in fields or "description" in fields):
        lines = _memory(text, fields, when)
        own = kind == "user" or (kind == "feedback" and all(_personal(line.text) for line in lines))
        return Note("claude", lines, own, problem)
    if "permalink" in fields or tool == "basic-memory":
        return Note("basic-memory", _graph(text, str(fields.get("title") or ""), when), False, problem)
    stated = day is None
    body = "\n".join("" if _POINTER.match(row) else row for row in text.split("\n"))
    lines = tuple(Line(s.text, s.first, when, "import", stated=stated) for s in statements(body))
    return Note(tool or ("openclaw" if day else "folder"), lines, False, problem)


def _kind(fields: dict[str, Any]) -> str:
    inner = fields.get("metadata")
    kind = (inner.get("type") if isinstance(inner, dict) else None) or fields.get("type")
    return kind if isinstance(kind, str) and kind in TYPES else ""


def _personal(text: str) -> bool:
    """Whether feedback is about the person who gave it: not about one project, and about how they like to be answered."""
    return not is_local(text) and (speaks_of_self(text) or _PERSON.search(text) is not None)


def _front(path: str, text: str) -> tuple[dict[str, Any], Problem | None]:
    """The front matter; nothing and a Problem where it is broken. Aliases are refused: they can grow without bounds."""
    block = _FRONT.match(text)
    if block is None:
        return {}, None
    import frontmatter
    import yaml

    try:
        if any(isinstance(t, (yaml.AliasToken, yaml.TagToken)) for t in yaml.scan(block[0].strip("-\n "))):
            raise ValueError("it uses aliases or tags")
        return dict(frontmatter.loads(block[0]).metadata), None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        words = (str(error) or "nested too deeply").splitlines()[0]
        return {}, Problem(path, 1, f"its front matter cannot be read ({words}); the text below it is")


def _time(fields: dict[str, Any], day: str, modified: datetime) -> datetime:
    """When a file says it was written: `modified`, `updated`, `date`, `created`, the day in its name; else its bytes' time."""
    inner = fields.get("metadata")
    for name in ("modified", "updated", "last_modified", "date", "created"):
        said = fields.get(name) or (inner.get(name) if isinstance(inner, dict) else None)
        if isinstance(said, datetime):
            said = said if said.tzinfo else said.replace(tzinfo=UTC)
        elif isinstance(said, date):
            said = datetime.combine(said, time(12), UTC)
        if said is not None and (moment := _moment(str(said))):
            return moment
    return _moment(f"{day}T12:00:00+00:00") or modified if day else modified


def _moment(said: str) -> datetime | None:
    try:
        return parse_time(said if "T" in said or " " in said else f"{said}T12:00:00+00:00")
    except UsageError:
        return None


def _memory(text: str, fields: dict[str, Any], when: datetime) -> tuple[Line, ...]:
    """A memory of Claude Code: its rule, each with the reason that stands below it as far as that fits in one line."""
    made: list[Line] = []
    for s in statements(text):
        if made and _REASON.match(s.text) and len(made[-1].text) + 1 + len(s.text) <= LONGEST:
            made[-1] = made[-1]._replace(text=f"{made[-1].text} {s.text}")
        else:
            made.append(Line(s.text, s.first, when, "import"))
    described = plain(str(fields.get("description") or ""))
    return tuple(made) or ((Line(described, 1, when, "import"),) if described else ())


def _graph(text: str, title: str, when: datetime) -> tuple[Line, ...]:
    """A note of basic-memory: its observations and relations, the rest as Markdown."""
    made: list[Line] = []
    rest: list[str] = []
    for number, row in enumerate(text.split("\n"), 1):
        noted, relation = _NOTED.match(row), _RELATION.match(row)
        checkbox = noted is not None and noted[2].strip().lower() in ("x", "-")
        words = ""
        if noted and not checkbox:
            words = _about(title, plain(_TAGS.sub("", noted[3])))
        elif relation and title:
            words = f"{title} {(relation[1] or 'relates to').replace('_', ' ').strip()} {relation[2].strip()}"
        if words:
            made.append(Line(words, number, when, "import"))
        rest.append("" if words else row)
    made += [Line(s.text, s.first, when, "import") for s in statements("\n".join(rest))]
    return tuple(sorted(made, key=lambda line: line.number))


def _about(title: str, text: str) -> str:
    known = {w for w in re.findall(r"\w{4,}", title.casefold()) if w in text.casefold()}
    return text if known or not title else f"{title}: {text}"
