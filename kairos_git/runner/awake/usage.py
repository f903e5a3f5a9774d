"""What was done by itself, counted by hour, day and month: the part of the one budget that is no model's tokens or money.

Kept in `acts` in the memory's git directory, a line each: `<ISO time> <kind> <name>`. It only grows; a month later a line no longer
counts, and the file is shortened when most of it is older.

The one rule: an act is written down, synced, before it is done; so nothing that is killed half way is free.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kairos_git.bounds import Bounds, Budget
from kairos_git.errors import UsageError
from kairos_git.memory.alone import held
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.observation import parse_time
from kairos_git.memory.repository import Memory
from kairos_git.runner.model.ledger import append_synced

FILE, LOCK = "acts", "acts.lock"
KINDS = ("calls", "actions", "notifications")
LARGEST = 256 * 1024  # bytes of the file before what no longer counts is let go


class Act(NamedTuple):
    """One thing done by itself: when, of which kind of KINDS, and its name (`run:nightly`)."""

    at: datetime
    kind: str
    name: str


def acts(memory: Memory) -> list[Act]:
    """Everything that was done, oldest first; a damaged line is passed over."""
    found = []
    for line in (read_regular(os.path.join(memory.own, FILE)) or b"").decode("utf-8", "replace").split("\n"):
        words = line.split(" ", 2)
        if len(words) == 3 and words[1] in KINDS:
            try:
                found.append(Act(parse_time(words[0]).astimezone(UTC), words[1], words[2]))
            except (UsageError, OverflowError):
                continue
    return found


def over(memory: Memory, kind: str, name: str, bounds: Bounds, now: datetime) -> str:
    """Why an act may not be, by the budget and by a command's own cap; "" where it may. name: as it is counted (`run:nightly`)."""
    done = acts(memory)
    command = bounds.command(name.partition(":")[2]) if name.startswith("run:") else None
    if command and runs_today(done, command.name, now) >= command.daily:
        return f"{command.name} ran {command.daily} times today, which is its cap"
    return refusal(done, kind, bounds.budget, now)


def granted(memory: Memory, kind: str, name: str, bounds: Bounds, now: datetime) -> str:
    """Count an act if it may be; else why not. The look and the line are one step, whoever else acts. Raises NotWritable."""
    with held(memory.own, LOCK, wait=True):
        refused = over(memory, kind, name, bounds, now)
        if not refused:
            spend(memory, kind, name, now)
    return refused


def spend(memory: Memory, kind: str, name: str, now: datetime) -> None:
    """Write an act down before it is done. Raises NotWritable: then it must not be done."""
    path = os.path.join(memory.own, FILE)
    if os.path.exists(path) and os.path.getsize(path) > LARGEST:
        kept = [a for a in acts(memory) if now - a.at < timedelta(days=32)]
        write_whole(path, "".join(f"{a.at.isoformat()} {a.kind} {a.name}\n" for a in kept).encode())
    append_synced(path, f"{now.isoformat(timespec='seconds')} {kind} {name}")


def refusal(done: list[Act], kind: str, budget: Budget, now: datetime) -> str:
    """Why a further act of a kind may not be, or "": the hour that ends now, the day and the month by `now`'s own clock.

    An act of the future (a clock that jumped back) counts in all three: a jump opens no new budget.
    """
    mine = [a.at.astimezone(now.tzinfo) for a in done if a.kind == kind]
    spans = (
        ("hour", sum(now - at < timedelta(hours=1) for at in mine)),
        ("day", sum(at.date() >= now.date() for at in mine)),
        ("month", sum((at.year, at.month) >= (now.year, now.month) for at in mine)),
    )
    for (name, had), most in zip(spans, getattr(budget, kind), strict=True):
        if had >= most:
            return f"the {name}'s {most} {kind} are used up"
    return ""


def runs_today(done: list[Act], name: str, now: datetime) -> int:
    """How often `run: NAME` was started on the day of `now` (or later, by a clock that jumped back)."""
    return sum(a.name == f"run:{name}" and a.at.astimezone(now.tzinfo).date() >= now.date() for a in done)
