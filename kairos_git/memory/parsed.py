"""Day logs parsed before, kept beside the memory, so that what stands in a log for years is parsed once.

One file for each log, below the memory's own folder: a checksum, then what was parsed, the hash of the log it was parsed
from and of the source of the program that parsed it, in Python's `marshal` format, which holds values and no code.

The one rule: a log is taken from here only if its bytes and the parser's are the very same; anything else is ignored, and
the folder may be deleted at any time.
"""

from __future__ import annotations

import marshal
import os
import sys
from functools import lru_cache
from hashlib import sha256

from kairos_git.errors import Problem
from kairos_git.memory import daylog, observation, text
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
    """The hash of the source and of the Python that parse; b"" where the source cannot be read, and nothing is kept."""
    digest = sha256(repr((sys.version, marshal.version)).encode())
    try:
        for module in (daylog, observation, text, sys.modules[__name__]):
            with open(module.__file__ or "", "rb") as file:
                digest.update(file.read())
    except OSError:
        return b""
    return digest.digest()


def load(place: str, path: str, stamp: tuple[bytes, bytes]) -> DayLog | None:
    """What was kept of the log at `path`, or None where it was kept under another stamp, not at all, or is damaged."""
    if not stamp[0]:
        return None
    try:
        with open(place, "rb") as file:
            kept = file.read()
    except OSError:
        return None
    payload = kept[32:]
    if sha256(payload).digest() != kept[:32]:
        return None
    try:
        known, rows, stones, problems = marshal.loads(payload)
    except (EOFError, TypeError, ValueError):
        return None
    if known != stamp:
        return None
    return DayLog(
        path, tuple(map(Observation._make, rows)), tuple(map(Tombstone._make, stones)), tuple(map(Problem._make, problems))
    )


def save(place: str, log: DayLog, stamp: tuple[bytes, bytes]) -> None:
    """Keep a parsed log; where that cannot be, it is parsed again the next time."""
    if not stamp[0]:
        return
    payload = marshal.dumps((stamp, *([tuple(row) for row in part] for part in (log.observations, log.tombstones, log.problems))))
    aside = f"{place}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(aside, "wb") as file:
            file.write(sha256(payload).digest() + payload)
        os.replace(aside, place)
    except OSError:
        return
