"""What an import found: sources with their lines, and the observations these become.

The one rule: a line's time is the time of what it was read from, never now, and what the log has already is not said again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from kairos_git.memory.fact import Fact
from kairos_git.memory.observation import Observation, observe, ordered
from kairos_git.memory.redact import redact
from kairos_git.memory.text import code_spans, normal_text, normal_value, one_line

_TASKS = ("scripts.", "make.", "just.", "task.", "poe.", "tox.", "nox.", "mise.")
_MORE = re.compile(r"\b(?:never|not|no|only|always|before|after|when|unless|instead|if|don't|must|takes|slow)\b", re.IGNORECASE)
GUIDES = "files"  # the name of the project's own hand-written files, in a list of tools


class Line(NamedTuple):
    """One statement as it was found.

    number  its first line in the file, from 1; 0 where it has none
    src     `owner` or `import`
    at      the commit that wrote it, abbreviated, or ""
    stated  whether it stands in a text of statements: then it is no event, however it is worded
    """

    text: str
    number: int
    time: datetime
    src: str
    at: str = ""
    stated: bool = True


class Source(NamedTuple):
    """One file that was found.

    tool   who keeps it: GUIDES, or claude, codex, openclaw, basic-memory, folder
    file   its name, as it is kept with each line: from the project's root, or from the tool's folder
    root   where its lines come from, for the fold: one file is one voice
    own    whether its lines belong in the owner's own memory
    part   the folder of the project that its lines are about, or ""
    """

    tool: str
    file: str
    root: str
    lines: tuple[Line, ...]
    own: bool = False
    part: str = ""

    @property
    def by_others(self) -> int:
        """How many lines are not the owner's word."""
        return sum(line.src != "owner" for line in self.lines)


def observations(source: Source) -> list[Observation]:
    """The observations a source makes, redacted, in order. What redaction leaves nothing of is none."""
    made = []
    for line in source.lines:
        text = one_line(redact(line.text).text)
        words = [("file", source.file)]
        words += [("part", source.part)] if source.part else []
        words += [("stated", "")] if line.stated else []
        if text:
            made.append(observe(line.time, text, line.src, root=one_line(source.root, 200), at=line.at, extra=words))
    return made


def fresh(made: Iterable[Observation], told: Iterable[Observation], facts: Mapping[str, Fact]) -> list[Observation]:
    """Those that bring something: not said by this file before, whatever its date is now, and not believed already.

    told   the log
    facts  what is believed
    """
    said = _said(told)
    confirmed = [f for f in facts.values() if f.state == "confirmed"]
    texts = {normal_text(f.text) for f in confirmed}
    values = {f.value for f in confirmed if f.slot.endswith(".command") or f.slot.startswith(_TASKS)}
    kept = []
    for o in made:
        before = said.setdefault((o.root, normal_text(o.text)), set())
        if o.src in before or "owner" in before or normal_text(o.text) in texts or _only_names(o.text, values):
            continue
        before.add(o.src)
        kept.append(o)
    return kept


def dropped(made: Iterable[Observation], told: Iterable[Observation], root: str, when: datetime, at: str) -> list[Observation]:
    """What a hand-written file said once and no longer does, as observations that it is gone; a later word for it stands.

    made  what it says now
    root  the file; when, at: the commit that touched it last
    """
    here = {normal_text(o.text) for o in made}
    last: dict[str, Observation] = {}
    for o in ordered(told):
        if o.root == root and o.word("file") == root and o.src == "owner":
            last[normal_text(o.text)] = o
    gone = []
    for text, o in last.items():
        if text not in here and o.word("gone") is None:
            moment = max(when, datetime.fromtimestamp(o.epoch + 1, when.tzinfo))
            gone.append(observe(moment, o.text, o.src, root=root, at=at, extra=(*o.extra, ("gone", ""))))
    return gone


def _said(told: Iterable[Observation]) -> dict[tuple[str, str], set[str]]:
    """(file, statement) -> who said it there, less what the file dropped since."""
    said: dict[tuple[str, str], set[str]] = {}
    for o in ordered(told):
        if o.word("file") is not None:
            sources = said.setdefault((o.root, normal_text(o.text)), set())
            sources.clear() if o.word("gone") is not None else sources.add(o.src)
    return said


def _only_names(text: str, values: set[str]) -> bool:
    """Whether a line only names a command that is believed already: "Run tests: `make test`"."""
    spans = [normal_value(span) for span in code_spans(text)]
    if not spans or not all(span in values for span in spans) or _MORE.search(text):
        return False
    for span in code_spans(text):
        text = text.replace(span, "")
    return len(text.split()) <= 6
