"""Day logs parsed before, kept beside the memory, so that what stands in a log for years is parsed once.

One file for each log, below the memory's own folder; `kept` has the format.

The one rule: a log is taken from here only if its bytes and the parser's are the very same; anything else is ignored, and
the folder may be deleted at any time.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from hashlib import sha256

from kairos_git.errors import Problem
from kairos_git.memory import daylog, kept, observation, text
from kairos_git.memory.daylog import DayLog, log_day
from kairos_git.memory.observation import Observation, Tombstone
from kairos_git.memory.snapshot import Parsed

SMALL = 4096  # bytes; a smaller log is parsed as fast as it is found


class KeptLogs(Parsed):
    """Parsed day logs, of this process and of earlier ones. Owns the folder they are kept in."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, key: tuple[str, bytes]) -> DayLog:
        path, data = key
        day = log_day(path)
        if len(data) < SMALL or day is None:
            return super().__missing__(key)
        place, stamp = os.path.join(self._folder, day), (parser(), sha256(data).digest())
        found = load(place, path, stamp)
        if found is None:
            found = super().__missing__(key)
            save(place, found, stamp)
        self[key] = found
        return found


@lru_cache(maxsize=1)
def parser() -> bytes:
    """The hash of what parses a log; b"" where nothing is kept."""
    return kept.program((daylog, observation, text, sys.modules[__name__]))


def load(place: str, path: str, stamp: tuple[bytes, bytes]) -> DayLog | None:
    """What was kept of the log at `path`, or None where it was kept under another stamp, not at all, or is damaged."""
    found = kept.load(place, stamp)
    if found is None:
        return None
    rows, stones, problems = found
    return DayLog(
        path, tuple(map(Observation._make, rows)), tuple(map(Tombstone._make, stones)), tuple(map(Problem._make, problems))
    )


def save(place: str, log: DayLog, stamp: tuple[bytes, bytes]) -> None:
    """Keep a parsed log; where that cannot be, it is parsed again the next time."""
    kept.save(place, stamp, *([tuple(row) for row in part] for part in (log.observations, log.tombstones, log.problems)))
