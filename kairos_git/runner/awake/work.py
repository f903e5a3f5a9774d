"""What waits for each stage, as this machine shows it: the input of the search for a stage that fell silent."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime

from kairos_git.capture import spool
from kairos_git.capture.fresh import load_fresh
from kairos_git.capture.reflog import moves, tail
from kairos_git.memory.repository import Memory
from kairos_git.runner.awake.stages import Stage, Work
from kairos_git.runner.notify.kept import unsent
from kairos_git.runner.review.proposals import what_by_itself
from kairos_git.runner.schedule.schedulers import scheduled
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
    schedule = scheduled(memory)
    between = 60 * schedule.minutes if schedule else None
    return Work(min(late, default=None), spooled, dreamable, unsent(memory), None, between, seen)


def hook_heard(memory: Memory) -> float | None:
    """When a hook last spoke, in seconds since 1970; None where none ever did."""
    times = []
    for name in (spool.POINTERS, "pointers.read"):
        with suppress(OSError):
            times.append(os.stat(os.path.join(memory.spool, name)).st_mtime)
    return max(times, default=None)


def commits_made(gitdir: str) -> list[int]:
    """When commits were made in the main work tree, by the end of its reflog: what was only fetched or reset to is none."""
    return [move.at for move in moves(tail(gitdir, LOOKED_AT)) if move.act.startswith("commit")]


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
