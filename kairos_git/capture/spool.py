"""The spool: where an observation is safe before git has it.

Acknowledged means: the whole line was written by one write on an O_APPEND descriptor and fsynced. The drain moves lines
into day logs, in one commit a batch, and only then lets go of them; ids make doing it twice harmless.

The one rule: a line that was acknowledged is in the spool or in a commit at every moment.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.fresh import came
from kairos_git.capture.spooling import CURRENT, open_segment
from kairos_git.capture.spooling import acknowledge as acknowledge
from kairos_git.capture.spooling import heed as heed
from kairos_git.capture.spooling import moments as moments
from kairos_git.errors import NotWritable, Problem
from kairos_git.memory.daylog import format_daylog, fresh, log_path
from kairos_git.memory.landing import SELF, Commit, Desk
from kairos_git.memory.objects import read_files
from kairos_git.memory.observation import Observation, parse_observation
from kairos_git.memory.repository import Memory

POINTERS = "pointers"  # where hook stubs note that something happened
TAKEN = "taken-"  # a segment that a drain has set aside and not yet committed


class Drained(NamedTuple):
    """What a drain did: the commit it made (None: nothing new), how many observations it holds, and what was damaged."""

    commit: str | None
    added: int
    problems: tuple[Problem, ...]


def waiting(memory: Memory) -> int:
    """How many lines wait in the spool; cheap, and approximate while others write."""
    return sum(_count(os.path.join(memory.spool, name)) for name in segment_names(memory))


def _count(path: str) -> int:
    try:
        with open(path, "rb") as file:
            return file.read().count(b"\n")
    except OSError:
        return 0


def segment_names(memory: Memory) -> list[str]:
    """The names of what waits in the spool; none where there is no spool. Raises NotWritable where something else is in its place."""
    try:
        names = os.listdir(memory.spool)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _in_the_way(memory.spool, error) from error
    return sorted(n for n in names if n == CURRENT or (n.startswith(TAKEN) and n.removeprefix(TAKEN).isdigit()))


def segments(memory: Memory) -> list[str]:
    """The paths of what waits, oldest first, the current segment last."""
    return [os.path.join(memory.spool, n) for n in sorted(segment_names(memory), key=lambda n: (n == CURRENT, n))]


def _in_the_way(path: str, error: OSError) -> NotWritable:
    return NotWritable(
        f"{path} is not as kairos-git left it ({error.strerror}). Nothing was changed; move it away or make it yours."
    )


def clear_pointers(memory: Memory) -> None:
    """Let go of what the hooks noted: history was read. The time of the last note stays as the file's own."""
    path = os.path.join(memory.spool, POINTERS)
    if os.path.exists(path):
        os.rename(path, os.path.join(memory.spool, "pointers.read"))


def take(memory: Memory) -> list[str]:
    """Set the current segment aside, so that writers begin a new one; every segment that waits, oldest first.

    Holds the segment's own lock for the rename, so that no writer is in the middle of it.
    """
    path = os.path.join(memory.spool, CURRENT)
    if os.path.exists(path) and os.path.getsize(path):
        taken = [n for n in segment_names(memory) if n.startswith(TAKEN)]
        number = max((int(n.removeprefix(TAKEN)) for n in taken), default=0) + 1
        try:
            descriptor = open_segment(path)
        except OSError as error:
            raise _in_the_way(path, error) from error
        try:
            os.fsync(descriptor)
            os.rename(path, os.path.join(memory.spool, f"{TAKEN}{number:06d}"))
        finally:
            os.close(descriptor)
    return [os.path.join(memory.spool, n) for n in segment_names(memory) if n.startswith(TAKEN)]


def read_segment(path: str) -> tuple[list[Observation], list[Problem]]:
    """The observations of one segment, and a Problem for every line that was damaged. Raises FileNotFoundError where a drain
    has just taken it, NotWritable where it is no file of ours.
    """
    try:
        with open(path, "rb") as file:
            lines = file.read().decode("utf-8", "surrogateescape").split("\n")
    except (IsADirectoryError, PermissionError) as error:
        raise _in_the_way(path, error) from error
    observations: list[Observation] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        if not line.strip("\0 "):
            continue
        found = parse_observation(line[:10], line[11:], path, number)
        if isinstance(found, Observation):
            observations.append(found)
        else:
            torn = number == len(lines)
            words = "the last line is torn and was never acknowledged; it is left out" if torn else "the line is damaged"
            problems.append(Problem(path, number, f"{words}: {line[:80]!r}", 1))
    return observations, problems


def drain(desk: Desk, now: datetime, more: Iterable[Observation] = (), subject: str = "") -> Drained:
    """Commit what waits in the spool, and `more` with it, to the day logs. Call it under the lock.

    On a dry desk the spool stays as it is.
    """
    memory = desk.memory
    paths = segments(memory) if desk.dry else take(memory)
    observations = list(more)
    problems: list[Problem] = []
    for path in paths:
        found, bad = read_segment(path)
        observations += found
        problems += bad
    made, added = _write_down(desk, observations, now, subject)
    if not desk.dry:
        came(memory, added, now)
    for path in paths if not desk.dry else ():
        if any(p.path == path for p in problems):
            os.rename(path, os.path.join(memory.own, f"damaged-{os.path.basename(path)}-{int(now.timestamp())}"))
        else:
            os.unlink(path)
    return Drained(made, len(added), tuple(problems))


def _write_down(
    desk: Desk, observations: Sequence[Observation], now: datetime, subject: str
) -> tuple[str | None, list[Observation]]:
    by_day: dict[str, list[Observation]] = {}
    for o in observations:
        by_day.setdefault(o.day, []).append(o)
    current = read_files(desk.memory.git, desk.head, [log_path(day) for day in by_day]) if by_day else {}
    files: dict[str, bytes | None] = {}
    added: list[Observation] = []
    for day, told in by_day.items():
        old = current.get(log_path(day), b"")
        new = fresh(old, told)
        if new:
            files[log_path(day)] = format_daylog(old, day, new)
            added += new
    if not files:
        return None, []
    return desk.put(Commit(files, subject or describe(added), SELF, now)), added


def describe(added: Sequence[Observation]) -> str:
    """The subject of a commit of observations: `observe: 12 (9 commit, 3 owner)`."""
    kinds = Counter(o.src for o in added)
    inside = ", ".join(f"{n} {src}" for src, n in sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    return f"observe: {len(added)} ({inside})\n"
