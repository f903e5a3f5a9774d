"""The last sessions as they are known now: from the log, from what still waits in the spool, and from sessions that are open.

The one rule: a session needs no dream to be handed over; what one left a minute ago stands beside what the log has of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from kairos_git.capture import spool
from kairos_git.capture.sessions.state import FOLDER, last_words, parse_state
from kairos_git.errors import KairosError
from kairos_git.memory import ruling
from kairos_git.memory.daylog import log_day, log_path
from kairos_git.memory.handoff import EVENT, SESSIONS, Session, sessions
from kairos_git.memory.history import entries
from kairos_git.memory.landing import read_regular
from kairos_git.memory.objects import list_files, read_files
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import Parsed, parse_snapshot

MOST_COMMITS = 200  # among which the last dream is looked for
MOST_LOGS = 31  # day logs that are read at most, the newest first
AHEAD = timedelta(days=1)  # a session that claims to have spoken later than that is damaged
MOST_STATES = 50  # open sessions that are looked at, those that spoke last


def handed_over(memory: Memory, now: datetime, *, most: int = SESSIONS, session: str = "") -> tuple[Session, ...]:
    """The last sessions, newest first, less the open one that asks, and less what the owner rejected. `now` bounds what a damaged state may claim.

    Raises GitFailed where the log cannot be read.
    """
    waiting = [o for path in spool.segments(memory) for o in _segment(path)]
    spoken = [*waiting, *(o for o in open_sessions(memory, now) if o.sess != session or not session)]
    files = read_files(memory.git, memory.head(), [ruling.PATH])
    hushed = ruling.silenced(ruling.parse_rulings(files.get(ruling.PATH, b""))[0])
    known: dict[str, Observation] = {o.id: o for o in spoken if o.id not in hushed}
    parsed = Parsed()
    for n, (path, data) in enumerate(_logs(memory)):
        if n >= MOST_LOGS or (n > 1 and len(sessions(known.values(), most)) >= most):
            break
        known |= {o.id: o for o in parse_snapshot("", {path: data}, parsed).observations if o.id not in hushed}
    return sessions(known.values(), most)


def open_sessions(memory: Memory, now: datetime) -> list[Observation]:
    """What open sessions said last, as the observations that would end them; a damaged state is none."""
    folder = os.path.join(memory.own, FOLDER)
    names = [n for n in os.listdir(folder) if n.endswith(".json")] if os.path.isdir(folder) else []
    found = []
    for name in sorted(names):
        state = parse_state(read_regular(os.path.join(folder, name)) or b"")
        with suppress(ValueError, OverflowError, KairosError):
            o = last_words(name.removesuffix(".json"), state) if state else None
            if o is not None and o.epoch <= (now + AHEAD).timestamp():
                found.append(o)
    return sorted(found, key=lambda o: (o.epoch, o.id))[-MOST_STATES:]


def folded(memory: Memory, head: str, handed: Iterable[Session]) -> set[str]:
    """The ids of the statements in these sessions that the last dream read as claims: the facts tell what became of them, and what
    was superseded is not handed over as if it were news. Raises GitFailed.
    """
    from kairos_git.dream.slots import claims

    said = {line.id: s for s in handed for line in s.done}
    newest = entries(memory.git, "-n", str(MOST_COMMITS), "--end-of-options", head)
    through = next((name for entry in newest for name in entry.through), "") if said else ""
    days = {day for s in said.values() for day in (s.began[:10], s.ended[:10])}
    files = read_files(memory.git, through, map(log_path, sorted(days))) if through else {}
    told = parse_snapshot("", files, Parsed()).observations
    return {o.id for o in told if o.id in said and o.src in ("owner", "agent") and o.word(EVENT) is None and claims(o)}


def _segment(path: str) -> list[Observation]:
    try:
        return spool.read_segment(path)[0]
    except FileNotFoundError:  # a drain has just taken it: the log has it, or the next look does
        return []


def _logs(memory: Memory) -> Iterator[tuple[str, bytes]]:
    """(path, content) of the day logs at HEAD, newest first."""
    blobs = list_files(memory.git, memory.head(), "log/")
    days = sorted((path for path in blobs if log_day(path)), key=lambda path: log_day(path) or "", reverse=True)
    for path in days[: MOST_LOGS + 1]:
        found = next(memory.git.objects([blobs[path]]))
        if found:
            yield path, found[2]
