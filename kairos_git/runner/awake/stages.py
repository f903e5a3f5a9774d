"""The stages, and when each last worked: what `status` shows, and how a stage that fell silent is found.

Kept in `stages.json` in the memory's git directory; it may be deleted.

The one rule: a stage is called silent only where there was work for it and it did none: a quiet week is no fault.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import NamedTuple

from kairos_git.errors import NotWritable
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.repository import Memory

FILE = "stages.json"
NAMES = ("hook", "drain", "dream", "sync", "notify", "tick")
SILENCE = 36 * 3600.0  # seconds that work may wait before the stage it waits for is called silent


class Stage(NamedTuple):
    """One stage. Times in seconds since 1970, 0 for never; error: what it said when it last failed, "" where it went well."""

    name: str
    worked: float = 0.0
    tried: float = 0.0
    error: str = ""


class Work(NamedTuple):
    """What waits for the stages, as the world shows it. Times in seconds since 1970, None where nothing waits.

    unheard    the oldest commit made in the project on this machine that no hook spoke of
    spooled    the oldest line in the spool
    dreamable  since when a dream was due but for the owner's rest
    unsent     the oldest notice that was not sent
    unsynced   the oldest commit that was not synced, where a remote is configured
    scheduled  seconds between ticks, where a schedule is installed
    seen       the newest sign of life: what happened here after the last tick shows that the machine was awake
    """

    unheard: float | None = None
    spooled: float | None = None
    dreamable: float | None = None
    unsent: float | None = None
    unsynced: float | None = None
    scheduled: float | None = None
    seen: float | None = None


def load_stages(memory: Memory) -> dict[str, Stage]:
    """Every stage by name; those never heard of included."""
    known = {name: Stage(name) for name in NAMES}
    try:
        fields = json.loads(read_regular(os.path.join(memory.own, FILE)) or b"{}")
        for name, s in fields.items():
            if name in known:
                known[name] = Stage(name, float(s["worked"]), float(s["tried"]), str(s["error"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return {name: Stage(name) for name in NAMES}
    return known


def mark(memory: Memory, name: str, now: float, error: str = "") -> None:
    """A stage was tried now; `error` where it failed. A memory that cannot be written is told of elsewhere."""
    known = load_stages(memory)
    old = known[name]
    known[name] = Stage(name, old.worked if error else now, now, error[:300])
    fields = {s.name: {"worked": s.worked, "tried": s.tried, "error": s.error} for s in known.values() if s.tried}
    with suppress(NotWritable):
        write_whole(os.path.join(memory.own, FILE), json.dumps(fields, sort_keys=True).encode())


def silent(stages: dict[str, Stage], work: Work, now: float) -> dict[str, str]:
    """stage -> what waits for it, for every stage that had work and did none for too long."""
    found: dict[str, str] = {}

    def waits(name: str, since: float | None, words: str) -> None:
        if since is not None and now - since >= SILENCE:
            error = stages[name].error
            found[name] = words + (f"; it last said: {error}" if error else "")

    waits("hook", work.unheard, "commits were made and no hook said so: `kairos-git hooks status`")
    waits("drain", work.spooled, "lines wait in the spool: `kairos-git drain` says why")
    waits("dream", work.dreamable, "a dream has been due for long: `kairos-git dream --why`")
    waits("notify", work.unsent, "notices could not be sent")
    waits("sync", work.unsynced, "commits have not been synced")
    last = stages["tick"].worked
    if work.scheduled and last and now - last >= SILENCE and (work.seen or 0.0) - last >= 3 * work.scheduled:
        found["tick"] = "a schedule is installed and no tick came: `kairos-git schedule status`"
    return found
