"""The writer's side of the spool: what is appended here is safe. Light, because hooks of agents start with it.

The one rule: returning means the whole line was written by one write on an O_APPEND descriptor and fsynced.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from kairos_git.errors import NotWritable
from kairos_git.memory.observation import Observation, format_observation

CURRENT = "observations"
CLOCK = "clock"  # the second of the last statement made without a time of its own, or of a ruling since
FAR_AHEAD = 3600  # seconds that statements may run ahead of the clock


class Spooled(Protocol):
    """What has a spool: a memory, opened with git or only found."""

    @property
    def gitdir(self) -> str:
        """The memory's git directory."""

    @property
    def own(self) -> str:
        """The folder in it for what git does not hold."""

    @property
    def spool(self) -> str:
        """The folder of what waits."""


def acknowledge(memory: Spooled, observations: Sequence[Observation]) -> None:
    """Write observations to the spool, durably; returning means they will not be lost. Raises NotWritable."""
    if not observations:
        return
    lines = "".join(f"{o.day} {format_observation(o)}\n" for o in observations).encode("utf-8", "surrogateescape")
    path = os.path.join(memory.spool, CURRENT)
    try:
        os.makedirs(memory.spool, exist_ok=True)
        descriptor = open_segment(path)
        try:
            new = not os.fstat(descriptor).st_size
            _append(descriptor, lines)
            for folder in (memory.spool, memory.own, memory.gitdir) if new else ():  # under the lock: the next one relies on it
                _sync_folder(folder)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise NotWritable(
            f"The observation could not be written to {path} ({error.strerror}); it is NOT recorded. Free some space or make "
            "the memory writable and say it again."
        ) from error


def moments(memory: Spooled, now: datetime, count: int = 1) -> list[datetime]:
    """Times for statements made now, in order, each a second of its own: of two in one second the later must stay the later.

    They end at `now` where nothing was said in these seconds yet, and run ahead of it only as far as they must.
    """
    end = int(now.timestamp())

    def step(last: int) -> int:
        known = last if last <= end + FAR_AHEAD else 0  # the clock stepped back: what was said by the old one is no measure
        return max(end, known + count)

    newest = _set_clock(memory, step)
    return [now + timedelta(seconds=newest - count + 1 + n - end) for n in range(count)]


def heed(memory: Spooled, epoch: int) -> None:
    """Let what is said from now on come after a ruling of this moment: a batch is dated back, but never to before a decision."""
    _set_clock(memory, lambda last: max(last, epoch))


def _set_clock(memory: Spooled, step: Callable[[int], int]) -> int:
    """Set the second of the last statement to what `step` makes of it, alone; the new one."""
    path = os.path.join(memory.own, CLOCK)
    try:
        os.makedirs(memory.own, exist_ok=True)
        with open(
            os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "r+", encoding="ascii", errors="replace"
        ) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            words = file.read().strip()
            newest = step(int(words) if words.isdigit() and len(words) < 12 else 0)  # a crash may leave anything
            file.seek(0)
            file.write(f"{newest}\n")
            file.truncate()
    except OSError as error:
        raise NotWritable(
            f"The spool at {memory.spool} cannot be written ({error.strerror}); the observation is NOT recorded."
        ) from error
    return newest


def open_segment(path: str) -> int:
    """A descriptor of the current segment, locked. A drain may have renamed it between open and lock: then open again."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            here, there = os.fstat(descriptor), os.stat(path)
            if (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _append(descriptor: int, lines: bytes) -> None:
    """One write of whole lines, then fsync; a short write is taken back, so that no half line stays."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        lines = b"\n" + lines  # somebody was cut off in the middle of a line: it ends here
    try:
        written = os.write(descriptor, lines)
        if written != len(lines):
            raise OSError(28, "No space left on device")
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _sync_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
