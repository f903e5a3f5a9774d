"""An observation: what somebody said or code saw, at one time, as one line of a day log.

    - 14:02:11+01:00 Tests run with `pytest` <!--o o-7k3mq2zd91abc src=agent sess=s-91c at=8f2c1d0 -->

The one rule: a line that parses formats back to the same bytes, and its id is the hash of what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from kairos_git.errors import Problem, UsageError
from kairos_git.memory.text import ID, format_words, identity, one_line, parse_words

SOURCES = ("probe", "owner", "test", "commit", "agent", "import", "external", "memory")
TOLD = "told"  # a bare word of a line that its speaker asked to be remembered: no event, whatever its first word looks like

_LINE = re.compile(rf"- (\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d)) (.+) <!--o (o-{ID})((?: [^ ]+)*) -->")
_TOMBSTONE = re.compile(rf"- (\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d)) \[redacted\] <!--x (o-{ID})((?: [^ ]+)*) -->")
_HEDGE = re.compile(
    r"\b(might|maybe|perhaps|possibly|probably|presumably|apparently|supposedly|seems?|seemed|appears? to|i think|i guess|"
    r"i believe|i suspect|i assume|not sure|unsure|could be|may be|afaik|iirc|likely|unless i am wrong|if i remember)\b",
    re.IGNORECASE,
)
_SAID = frozenset({"owner", "agent", "import", "commit", "external", "memory"})


class Observation(NamedTuple):
    """One line of a day log.

    time    ISO 8601 with seconds and offset, the writer's local time
    epoch   the same instant in seconds since 1970, for ordering
    src     who speaks (SOURCES)
    root    where the information came from; "" means the session
    branch  the project branch it speaks of; "" means the default branch
    at      the project commit it was seen at, abbreviated
    hedge   whether the speaker left a door open
    extra   further words of the comment, in order, also those of newer versions
    """

    id: str
    time: str
    epoch: int
    text: str
    src: str
    sess: str = ""
    root: str = ""
    branch: str = ""
    at: str = ""
    hedge: bool = False
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def origin(self) -> str:
        """The root that counts as one voice: the stated one, else the session, else the line itself."""
        return self.root or self.sess or self.id

    @property
    def day(self) -> str:
        """The day log it belongs to: the writer's local date, `2026-11-21`."""
        return self.time[:10]

    @property
    def meant(self) -> bool:
        """Whether its speaker, or the document it is from, means it to hold: then it is no event, whatever it looks like."""
        return any(name in (TOLD, "stated") for name, _ in self.extra)

    def word(self, key: str) -> str | None:
        """The value of a further word, "" for a bare one, None where it is absent."""
        for name, value in self.extra:
            if name == key:
                return value
        return None


class Tombstone(NamedTuple):
    """What a redaction leaves of an observation: its id, no content. It beats the line wherever both stand."""

    id: str
    time: str
    extra: tuple[tuple[str, str], ...] = ()


def parse_time(text: str) -> datetime:
    """An ISO 8601 instant with an offset (`Z` too), to the second. Raises UsageError."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time. Write it like 2026-11-21T14:02:11+01:00.") from error
    offset = moment.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        raise UsageError(f"{text!r} has no offset from UTC in whole minutes. Write it like 2026-11-21T14:02:11+01:00.")
    if not 1970 <= moment.year <= 9998:
        raise UsageError(f"{text!r} lies outside the years 1970 to 9998.")
    return moment.replace(microsecond=0)


def hedged(text: str) -> bool:
    """Whether the words leave a door open: "might", "I think", "seems", or a question."""
    return text.rstrip().endswith("?") or _HEDGE.search(text) is not None


def observe(
    time: datetime, text: str, src: str, *, sess: str = "", root: str = "", branch: str = "", at: str = "",
    extra: Iterable[tuple[str, str]] = (),
) -> Observation:  # fmt: skip
    """Make an observation. The text must be redacted already; it is folded to one line here.

    Raises UsageError for an empty text, a time without offset or an unknown source.
    """
    text = one_line(text)
    if not text:
        raise UsageError("There is nothing to observe: the text is empty.")
    if src not in SOURCES:
        raise UsageError(f"{src!r} is not a source. Use one of: {', '.join(SOURCES)}.")
    stamp = time.isoformat(timespec="seconds")
    return Observation(
        identity("o", stamp, text, src, sess), stamp, int(time.timestamp()), text, src, sess,
        "" if root == sess else root, branch, at, src in _SAID and hedged(text), tuple(extra),
    )  # fmt: skip


def _words(o: Observation) -> tuple[tuple[str, str], ...]:
    named = (("src", o.src), ("sess", o.sess), ("root", o.root), ("branch", o.branch), ("at", o.at))
    return tuple(pair for pair in named if pair[1]) + ((("hedge", ""),) if o.hedge else ()) + o.extra


def format_observation(o: Observation) -> str:
    """The line, without its newline."""
    return f"- {o.time[11:]} {o.text} <!--o {o.id}{format_words(_words(o))} -->"


def parse_observation(day: str, line: str, path: str = "", number: int = 0) -> Observation | Tombstone | Problem:
    """One line of the day log of `day`. A damaged line is a Problem of law 1 and is evidence for nothing."""
    match = _LINE.fullmatch(line)
    if match is None:
        stone = _TOMBSTONE.fullmatch(line)
        if stone is not None:
            return Tombstone(stone.group(2), f"{day}T{stone.group(1)}", parse_words(stone.group(3)))
        return Problem(path, number, "is not an observation; it is quarantined", 1)
    clock, text, name, words = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        return Problem(path, number, f"has no such time: {day}T{clock}; it is quarantined", 1)
    known = {"src": "", "sess": "", "root": "", "branch": "", "at": ""}
    hedge = False
    extra: list[tuple[str, str]] = []
    for key, value in parse_words(words):
        if key in known and not known[key] and not extra:
            known[key] = value
        elif key == "hedge" and not value:
            hedge = True
        else:
            extra.append((key, value))
    o = Observation(name, f"{day}T{clock}", int(moment.timestamp()), text, hedge=hedge, extra=tuple(extra), **known)
    if o.src not in SOURCES:
        return Problem(path, number, f"{name} has no known source ({o.src or 'none'}); it is quarantined", 1)
    if identity("o", o.time, text, o.src, o.sess) != name:
        return Problem(path, number, f"{name} is not the hash of its line; it is quarantined", 1)
    if format_observation(o) != line:
        return Problem(path, number, f"{name} is not written the one way it can be; it is quarantined", 1)
    return o


def ordered(observations: Iterable[Observation]) -> list[Observation]:
    """By (time, id), each id once: the one order in which evidence is ever looked at."""
    return sorted({o.id: o for o in observations}.values(), key=lambda o: (o.epoch, o.id))
