"""The hand-written files of a project that tell agents how to work in it: CLAUDE.md, AGENTS.md and their like.

What is tracked there was committed by somebody: a statement that an owner committed is the owner's word. What others wrote
is `import`, not `external`: they wrote it for whoever works here, and the owner looks at it before it is brought in, so it
may be believed once the owner confirms it, and never before.

The one rule: what is committed counts, on the default branch; an edit that nobody committed may be an agent's.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta, timezone
from posixpath import dirname, normpath
from typing import NamedTuple

from kairos_git.capture.imports.found import GUIDES, Line, Source
from kairos_git.capture.imports.statements import statements
from kairos_git.capture.project import Project
from kairos_git.capture.survey.formats.documents import decode
from kairos_git.capture.survey.formats.yaml_events import Broken
from kairos_git.capture.survey.tree import read_tree, survey_commit
from kairos_git.errors import GitFailed, Problem
from kairos_git.gitrun import Git

LARGEST = 512 * 1024  # bytes of a file that is read
MOST_FILES = 100
SECONDS = 30.0  # that git may take to say who wrote the lines of one file

_GUIDE = re.compile(
    r"(?:^|/)(?:CLAUDE|AGENTS?|GEMINI)\.md$|(?:^|/)\.cursorrules$|(?:^|/)\.cursor/rules/.+\.mdc?$|"
    r"^\.github/copilot-instructions\.md$|^\.github/instructions/.+\.instructions\.md$|(?:^|/)\.claude/rules/.+\.md$"
)
_NOT_OURS = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third[_-]party|testdata|fixtures?|__fixtures__|snapshots?|__snapshots__|templates?|skills|_static)(?:/|$)",
    re.I,
)
_INCLUDE = re.compile(r"^@(?:\./)?([\w./-]+\.md)[ \t]*\r?$", re.MULTILINE)
_GLOBS = re.compile(r"\A---\n(?:.*\n)*?(?:globs|paths|applyTo):[ \t]*[\"'\[]*([\w./-]+/)\*[^,\n]*\n(?:.*\n)*?---", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:^|/)\.(?:claude|cursor|github)(?:/.*)?$")


class Guides(NamedTuple):
    """The hand-written files of a project.

    sources    those with something to bring
    problems   what could not be read
    commit     where they were read, "" where there is no commit
    unread     files that are there and were not read: nothing is known of what they say now
    """

    sources: tuple[Source, ...] = ()
    problems: tuple[Problem, ...] = ()
    commit: str = ""
    unread: frozenset[str] = frozenset()


class Written(NamedTuple):
    """Who wrote a line, when, in which commit."""

    email: str
    time: datetime
    commit: str


def guides(project: Project, owners: Collection[str]) -> Guides:
    """The hand-written files of a project at the tip of its default branch."""
    git = project.git
    commit, branch = survey_commit(git)
    if commit is None:
        return Guides()
    tree = read_tree(git, commit, branch)
    wanted = sorted((p for p in tree.paths if _GUIDE.search(p) and not _NOT_OURS.search(p)), key=lambda p: (p.count("/"), p))
    found: list[Source] = []
    problems: list[Problem] = []
    mine = frozenset(o.casefold() for o in owners)
    while wanted and len(found) < MOST_FILES:
        path = wanted.pop(0)
        data = tree.read(path)
        text = (
            Broken(0, f"was not read: it is larger than {LARGEST // 1024} kB")
            if data is None or len(data) > LARGEST
            else decode(data)
        )
        if isinstance(text, Broken) or "\0" in text:
            problems.append(
                Problem(path, text.line, text.message) if isinstance(text, Broken) else Problem(path, 0, "is not text")
            )
            continue
        seen = {*wanted, *(s.file for s in found), path}
        wanted += [
            p
            for p in (normpath(f"{dirname(path)}/{m}").lstrip("/") for m in _INCLUDE.findall(text))
            if p in tree.paths and p not in seen
        ]
        found.append(_source(git, commit, path, text, mine))
    problems += [Problem(path, 0, f"was not read: only {MOST_FILES} files are") for path in wanted]
    unread = frozenset(p.path for p in problems)
    return Guides(tuple(s for s in found if s.lines), tuple(problems), commit, unread)


def _source(git: Git, commit: str, path: str, text: str, mine: Collection[str]) -> Source:
    told = statements(text)
    writers = who_wrote(git, commit, path) if told else []
    lines = []
    for s in told:
        wrote = [writers[n - 1] for n in range(s.first, s.last + 1) if n <= len(writers)] or [_unknown(git, commit, path)]
        newest = max(wrote, key=lambda w: w.time.timestamp())
        src = "owner" if all(w.email in mine for w in wrote) else "import"
        lines.append(Line(s.text, s.first, newest.time, src, newest.commit[:12]))
    return Source(GUIDES, path, path, tuple(lines), part=_part(path, text))


def _part(path: str, text: str) -> str:
    """The folder a file speaks about: its own, or the one its front matter names."""
    globs = _GLOBS.match(text.replace("\r\n", "\n"))
    return globs[1].strip("/") if globs else _HIDDEN.sub("", dirname(path))


def who_wrote(git: Git, commit: str, path: str) -> list[Written]:
    """Who wrote each line of a file last; white space apart. Nobody is named where git cannot say it in time."""
    try:
        result = git.run("-c", "blame.ignoreRevsFile=", "blame", "-w", "--line-porcelain", commit, "--", path, timeout=SECONDS)
    except GitFailed:
        return []
    found: list[Written] = []
    name, fields = "", dict[str, str]()
    for raw in result.out.split(b"\n"):
        if raw.startswith(b"\t"):
            found.append(Written(fields.get("author-mail", "").strip("<> ").casefold(), _moment(fields), name))
            fields = {}
        else:
            key, _, value = raw.decode("utf-8", "replace").partition(" ")
            if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", key):
                name = key
            fields[key] = value
    return found


def _unknown(git: Git, commit: str, path: str) -> Written:
    """The last commit that touched a file, for lines nobody is named for."""
    return last_change(git, commit, path) or Written("", datetime.fromtimestamp(0, UTC), commit)


def last_change(git: Git, commit: str, path: str) -> Written | None:
    """Who touched a path last, its removal included; None where nobody did."""
    words = git.text("log", "-1", "--format=%ae%x00%at%x00%H%x00%aI", commit, "--", path, check=False).split("\0")
    if len(words) != 4:
        return None
    fields = {"author-time": words[1], "author-tz": words[3][-6:].replace(":", "")}
    return Written(words[0].casefold(), _moment(fields), words[2])


def _moment(fields: dict[str, str]) -> datetime:
    """The author's local time; UTC where the zone is no whole number of minutes within a day."""
    zone = re.fullmatch(r"([+-])(\d\d)([0-5]\d)", fields.get("author-tz", ""))
    minutes = (int(zone[2]) * 60 + int(zone[3])) * (-1 if zone[1] == "-" else 1) if zone else 0
    try:
        seconds = min(max(int(fields.get("author-time", "0")), 0), 253_000_000_000)
    except ValueError:
        seconds = 0
    return datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)) if minutes and abs(minutes) < 1440 else UTC)
