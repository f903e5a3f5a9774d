"""The switch: pausing and stopping everything that happens by itself, as two files anybody can write.

`<memory>/.git/kairos/pause` holds an ISO 8601 time, or nothing (until it is removed); `<memory>/.git/kairos/stop` stops ticks and the
resident loop until it is removed.

`own` is that folder. The one rule: what cannot be read counts as stopped.
"""

from __future__ import annotations

import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from kairos_git.memory.files import write_whole

PAUSE = "pause"
STOP = "stop"


def asleep(own: str, now: datetime) -> str:
    """Why nothing may happen by itself now, or ""."""
    if os.path.lexists(os.path.join(own, STOP)):
        return "stopped: `kairos-git resume` starts it again"
    path = os.path.join(own, PAUSE)
    if not os.path.lexists(path):
        return ""
    try:
        words = _words(path)
        until = datetime.fromisoformat(words) if words else None
        expired = until is not None and now >= until
    except (OSError, ValueError, TypeError):
        return f"paused: {path} cannot be read; `kairos-git resume` removes it"
    if until is None:
        return "paused: `kairos-git resume` goes on"
    if expired:
        return ""
    return f"paused until {until.isoformat(sep=' ', timespec='minutes')}: `kairos-git resume` goes on at once"


def _words(path: str) -> str:
    """The first words of a file. Raises OSError and ValueError; a pipe that nobody writes to is not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, encoding="utf-8") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{path} is no file")
        return file.read(200).strip()


@contextmanager
def obeyed(own: str, every: float = 1.0) -> Iterator[None]:
    """While the block runs: once the switch is thrown, or this process is told to end, the block is left by SystemExit, so that what
    it started is ended on the way out. Only in a main thread; wherever it is cut off, nothing is half done."""
    thrown = threading.Event()
    over = threading.Event()

    def look() -> None:
        while not over.wait(every):
            if asleep(own, datetime.now().astimezone()):
                thrown.set()
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def leave(number: int, frame: object) -> None:
        if not over.is_set():
            raise SystemExit(0 if thrown.is_set() else 128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        signal.signal(signal.SIGTERM, before)


def pause(own: str, until: datetime | None) -> None:
    """Let nothing happen by itself until then, or until `resume`. Raises NotWritable."""
    write_whole(os.path.join(own, PAUSE), (until.isoformat(timespec="seconds") + "\n" if until else "").encode())


def stop(own: str) -> None:
    """Stop ticks and the resident loop until `resume`. Raises NotWritable."""
    write_whole(os.path.join(own, STOP), b"")


def resume(own: str) -> bool:
    """Take pause and stop away; whether there was one."""
    there = False
    for name in (PAUSE, STOP):
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(own, name))
            there = True
    return there
