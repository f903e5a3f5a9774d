"""The switch: pausing and stopping everything that happens by itself, as two files anybody can write.

`<memory>/.git/kairos/pause` holds an ISO 8601 time, or nothing (until it is removed); `<memory>/.git/kairos/stop` stops ticks and the
resident loop until it is removed.

`own` is that folder. The one rule: what cannot be read counts as stopped.
"""

from __future__ import annotations

import os
from contextlib import suppress
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
        with open(path, encoding="utf-8") as file:
            words = file.read(200).strip()
        until = datetime.fromisoformat(words) if words else None
        expired = until is not None and now >= until
    except (OSError, ValueError, TypeError):
        return f"paused: {path} cannot be read; `kairos-git resume` removes it"
    if until is None:
        return "paused: `kairos-git resume` goes on"
    if expired:
        return ""
    return f"paused until {until.isoformat(sep=' ', timespec='minutes')}: `kairos-git resume` goes on at once"


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
