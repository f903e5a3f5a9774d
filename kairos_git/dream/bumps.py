"""What a commit's message says went from one version to another, in its lists, sentences and tables of updates.

Updates are announced where bots and people write them: `- [github.com/x/y: v1.0 → v1.1](…)`, `Updates `x` from 1.0 to 1.1`,
`| [x](…) | `1.0` -> `1.1` |`. What another project's release notes say, quoted below, is about that project.

The one rule: a line counts only where it names one thing and two versions, and holds nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kairos_git.memory.text import BREAK, CUT

MOST = 100  # moves of one message


class Move(NamedTuple):
    """One thing's way from `old` to `new`, both as written."""

    thing: str
    old: str
    new: str


_ARROW = r"(?:→|⇒|➔|➜|⟶|->|=>|—>|–>)"
_VERSION = r"(?:[\^~]|[<>=!]=?|~=)?\w[\w.+@/-]{0,79}"
_THING = r"[\w@][\w@./+~-]{0,150}(?::[\w@./+~-]{1,150})?"
_TAIL = r"(?:\s+(?:in|by|for)\s.*)?(?:\s*[(\[].*)?[.,;]?$"
_VERB = r"(?:bump|update|upgrade|downgrade|pin|roll)(?:s|ed|ing|d|ned|ning)?\s+(?:dependency\s+|package\s+)?"
_LINES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:{_VERB})?(?P<x>{_THING})(?:\s+\([^()]*\))?\s*:?\s+(?:from\s+|version\s+)?\(?(?P<a>{_VERSION})\s*{_ARROW}\s*(?P<b>{_VERSION})\)?{_TAIL}",
        rf"{_VERB}(?P<x>{_THING})(?:\s+\([^()]*\))?(?:\s+version)?\s+from\s+(?P<a>{_VERSION})\s+to\s+(?P<b>{_VERSION}){_TAIL}",
        rf"(?P<x>{_THING})\s*:\s+from\s+(?P<a>{_VERSION})\s+to\s+(?P<b>{_VERSION}){_TAIL}",
    )
)
_CELL = re.compile(rf"(?P<a>{_VERSION})\s*{_ARROW}\s*(?P<b>{_VERSION})", re.IGNORECASE)
_FIRST = re.compile(_THING)
_MARK = re.compile(r"^(?:(?:[-*+•]|\d+[.)])\s+)+(?:\[[ xX]\]\s+)?")
_PREFIX = re.compile(r"^(?:[a-z]+(?:\([^)]*\))?!?:|\[[^\[\]]*\])\s+")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
# What is below one of these is told of somebody else's project, or of nothing.
_CLOSES = re.compile(
    r"(?:-{3,}|\*{3,}|_{3,})$|[#*_\s]*(?:release notes|change ?log|commits|what's changed|full changelog|configuration)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:[\^~]|[<>=!]=?|~=)?(?:[a-z][\w-]*?[-_/@])?v?\d+(?:\.\d+)*"
    r"(?:[.+-]?(?:[abcmpr]\d+|(?:rc|alpha|beta|pre|preview|post|dev|final|ga|snapshot|next|canary|build|nightly|lts|sp)[.-]?\d*))*"
    r"(?:[+-]\d[\w.-]*)?",
    re.IGNORECASE,
)
_COMMIT = re.compile(r"(?=[a-f]*\d)[0-9a-f]{7,40}")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")  # 0.93 may be a measure as well as a version
_UPDATES = re.compile(r"bump|updat|upgrad|\bpin|\bdep(?:s|endenc)|version|\block|\broll\b|renovate", re.IGNORECASE)
_OWN = frozenset({"version", "release", "to", "the", "from"})  # the project's own release is an event, which its tag tells
_MAYBE = re.compile(rf"{_ARROW}|\bfrom\b", re.IGNORECASE)


def moves(message: str) -> tuple[Move, ...]:
    """The moves that the lines of a message tell of, one for each thing; `message` is folded to one line."""
    if not _MAYBE.search(message) or message.casefold().startswith("revert"):  # what a revert quotes is over
        return ()
    lines = message.split(BREAK)
    updates = _UPDATES.search(lines[0]) is not None
    if lines[-1].endswith(CUT.strip()):  # a version that was cut is another version
        lines.pop()
    return tuple(_joined(_found(lines, updates)))[:MOST]


def _line(line: str, updates: bool) -> Move | None:
    """The move that one line tells of, or None. `updates`: whether its message is about updates."""
    plain = _plain(line)
    for text in dict.fromkeys((plain, _PREFIX.sub("", plain))):
        for form in _LINES:
            match = form.fullmatch(text)
            if match:
                told = updates or "/" in match["x"] or _UPDATES.match(text) or not _PLAIN.fullmatch(match["b"])
                return _move(match["x"], match["a"], match["b"]) if told else None
    return None


def _found(lines: Iterable[str], updates: bool) -> Iterator[Move]:
    folded = 0
    columns: tuple[int, int] | None = None
    for line in lines:
        folded = max(0, folded + line.count("<details") - line.count("</details"))
        if folded or line.startswith(("<", ">")):
            continue
        if _CLOSES.match(line):
            return
        if not line.startswith("|"):
            columns = None
            found = _line(line, updates)
        elif (names := [cell.casefold() for cell in _cells(line)]) and "from" in names and "to" in names:
            columns = (names.index("from"), names.index("to"))
            continue
        else:
            found = _row(_cells(line), columns)
        if found:
            yield found


def _row(cells: list[str], columns: tuple[int, int] | None) -> Move | None:
    thing = _FIRST.match(cells[0]) if cells else None
    if thing is None:
        return None
    if columns and len(cells) > max(columns):
        return _move(thing.group(), cells[columns[0]], cells[columns[1]])
    told = [match for cell in cells[1:] if (match := _CELL.fullmatch(cell))]
    return _move(thing.group(), told[0]["a"], told[0]["b"]) if len(told) == 1 else None


def _cells(line: str) -> list[str]:
    return [_plain(cell) for cell in line.strip().strip("|").split("|")]


def _plain(line: str) -> str:
    """A line without its list mark, its links' targets and its marks for code and weight."""
    text = _MARK.sub("", line.strip())
    return _LINK.sub(r"\1", text).replace("`", "").replace("**", "").strip()


def _move(thing: str, old: str, new: str) -> Move | None:
    """A move, if these are a thing and versions: a bare number or word is one only of what is named by an address."""
    thing, old, new = thing.strip(".:"), old.strip("."), new.strip(".")
    known = "/" in thing or thing.startswith("@")
    numbered = _NUMBERED.fullmatch(new) is not None and (known or "." in new or new[:1] in "vV")
    if not (numbered or (known and _COMMIT.fullmatch(new))) or not re.fullmatch(_VERSION, old):
        return None
    if old == new or thing.casefold() in _OWN or _NUMBERED.fullmatch(thing):
        return None
    return Move(thing, old, new)


def _joined(found: Iterable[Move]) -> Iterator[Move]:
    """One move for each thing: steps that follow on each other are one; where two ends are named, neither is the one."""
    steps: dict[str, Move | None] = {}
    for m in found:
        name = m.thing.casefold()
        before = steps.get(name, m)
        if before is m or before == m:
            steps[name] = m
        elif before is not None:
            steps[name] = before._replace(new=m.new) if before.new == m.old and before.old != m.new else None
    yield from (m for m in steps.values() if m is not None)
