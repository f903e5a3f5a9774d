"""What waits for each stage, as this machine shows it: the input of the search for a stage that fell silent."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime

from kairos_git.capture import spool
from kairos_git.capture.fresh import load_fresh
from kairos_git.memory.files import read_regular
from kairos_git.memory.repository import Memory
from kairos_git.runner.awake.stages import Stage, Work
from kairos_git.runner.review.proposals import what_by_itself
from kairos_git.settings import Settings

GRACE = 3600.0  # seconds a hook may be late, as clocks and rebases go
LOOKED_AT = 32 * 1024  # bytes of the reflog's end


def work(memory: Memory, gitdir: str, settings: Settings, stages: dict[str, Stage]) -> Work:
    """Look at what waits. gitdir: the project's, "" without one. No git process."""
    heard = hook_heard(memory)
    made = commits_made(gitdir) if gitdir else []
    late = [t for t in made if heard is not None and t > heard + GRACE]
    spooled = _spooled(memory, stages["drain"].worked)
    seen = max([*made, *([heard] if heard else []), *([spooled] if spooled else [])], default=None)
    dreamable = _dreamable(memory, settings) if stages["tick"].worked else None
    return Work(min(late, default=None), spooled, dreamable, _unsent(memory), None, _scheduled(memory), seen)


def _unsent(memory: Memory) -> float | None:
    """Since when a place that notices go to does not answer, where one waits for it."""
    with suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        fields = json.loads(read_regular(os.path.join(memory.own, "notify")) or b"")
        return min(map(float, fields["down"].values()), default=None) if fields["held"] else None
    return None


def _scheduled(memory: Memory) -> float | None:
    """Seconds between ticks, where a schedule is installed."""
    with suppress(ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 60.0 * float(json.loads(read_regular(os.path.join(memory.own, "schedule.json")) or b"")["minutes"])
    return None


def hook_heard(memory: Memory) -> float | None:
    """When a hook last spoke, in seconds since 1970; None where none ever did."""
    times = []
    for name in (spool.POINTERS, "pointers.read"):
        with suppress(OSError):
            times.append(os.stat(os.path.join(memory.spool, name)).st_mtime)
    return max(times, default=None)


def commits_made(gitdir: str) -> list[float]:
    """When commits were made in the main work tree, by the end of its reflog: what was only fetched or reset to is none."""
    found = []
    for line in tail(os.path.join(gitdir, "logs", "HEAD"), LOOKED_AT).split("\n"):
        who, _, what = line.partition("\t")
        words = who.rsplit(" ", 2)
        if what.startswith("commit") and len(words) == 3 and words[1].isdigit():
            found.append(float(words[1]))
    return found


def tail(path: str, most: int) -> str:
    """The last `most` bytes of a file as text; "" where there is none."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - most))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _spooled(memory: Memory, drained: float) -> float | None:
    """Since when a line waits: its own time, or the last drain that worked where that was later."""
    oldest: float | None = None
    for path in spool.segments(memory):
        with suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
            words = file.readline()[:40]
            with suppress(ValueError):
                said = datetime.fromisoformat(f"{words[:10]}T{words[13:].split(' ', 1)[0]}").timestamp()
                oldest = min(said, oldest) if oldest is not None else said
    return None if oldest is None else max(oldest, drained)


def _dreamable(memory: Memory, settings: Settings) -> float | None:
    """Since when a dream was due but for the owner's rest; None where none is, or none may happen by itself."""
    wants = settings.bounds.dreaming
    if not what_by_itself(settings).dreams or settings.bounds.mode("dream") != "auto":
        return None
    fresh = load_fresh(memory)
    enough = fresh.enough_since(wants.observations, wants.sessions)
    return None if enough is None else max(float(enough), fresh.dreamed + wants.hours * 3600)
