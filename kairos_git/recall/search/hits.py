"""What is asked and what is answered: the values of a search.

The one rule: a hit says where it stands, so that whoever reads it can look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class Query(NamedTuple):
    """What is asked.

    text      the question; whatever it holds, it is only words
    most      hits to give, facts and lines together
    author    lines of this person, source or session first: a name, an address, `owner`, `claude`
    branch    lines of this branch first
    paths     lines about these paths first
    vault     whether the vault is searched too
    now       what `yesterday` is counted from; the newest line where it is None
    since, until   only what was said, or was true, in these days: `2026-11-02`; "" is no limit
    src       only lines of this source (and then no facts)
    """

    text: str
    most: int = 10
    author: str = ""
    branch: str = ""
    paths: tuple[str, ...] = ()
    vault: bool = False
    now: datetime | None = None
    since: str = ""
    until: str = ""
    src: str = ""


class Hit(NamedTuple):
    """One answer.

    kind      `fact` or `line`
    time      when it was said, ISO 8601 with offset; of a fact: the day since when it is true
    src       who said it; "" for a fact
    state     of a fact: confirmed, contested, tentative, superseded, retired, rejected; "" for a line
    path, line  where it stands in the memory; "" and 0 while it waits in the spool, and for a fact that ended
    score     for the order within one answer; no probability
    before, after  what was said next to it in its session or on its day, up to one line each
    until     of a fact: the day it ceased to be true, or ""
    key       of a fact: its slot with its condition
    evidence  of a fact: the ids of the lines it rests on
    branch, at  of a line: the project's branch it speaks of, and the commit it was seen at, abbreviated; or ""
    """

    kind: str
    id: str
    text: str
    time: str
    src: str = ""
    state: str = ""
    path: str = ""
    line: int = 0
    session: str = ""
    score: float = 0.0
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    until: str = ""
    key: str = ""
    evidence: tuple[str, ...] = ()
    branch: str = ""
    at: str = ""


class Found(NamedTuple):
    """The answer: facts, then lines, each best first; notes are for the person who asked."""

    facts: tuple[Hit, ...]
    lines: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
