"""Simulated days of a memory that is awake: a fake clock, a real memory, real ticks.

A day has working hours with commits, statements and sessions, nights, weekends, days off, a laptop that sleeps with its ticks, and a
zone that changes; what is counted are dreams, acts, spend, children and growth.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from kairos_git.bounds import Bounds
from kairos_git.capture import spool
from kairos_git.capture.project import Project
from kairos_git.memory.history import dreams
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.repository import Memory
from kairos_git.runner.awake.acting import Body, Hands
from kairos_git.runner.awake.stages import load_stages, silent
from kairos_git.runner.awake.ticking import Ticked, World, tick
from kairos_git.runner.awake.upkeep import tidy
from kairos_git.runner.awake.work import work
from kairos_git.runner.cycle import dream
from kairos_git.settings import Settings

EVERY = timedelta(minutes=15)
START = datetime(2026, 3, 2, 0, 0, tzinfo=timezone(timedelta(hours=1)))  # a Monday


class Lived(NamedTuple):
    """What came of some days. missed: days whose work no dream had folded two nights later; doubled: dreams within the wanted hours of another."""

    ticks: int
    dreamed: tuple[datetime, ...]
    missed: tuple[str, ...]
    doubled: int
    growth: int
    problems: tuple[str, ...]
    most_at_once: int
    alarms: tuple[str, ...]


class Owner:
    """A simulated owner: when they are at work, and what they say. Owns the random numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.last = 0.0
        self.off = {self.random.randrange(30) for _ in range(3)}

    def works(self, now: datetime, day: int) -> bool:
        return now.weekday() < 5 and day not in self.off and 9 <= now.hour < 18 and now.hour != 13

    def asleep(self, now: datetime, day: int) -> bool:
        """Whether the laptop sleeps: nights, mostly, and whole weekends now and then."""
        return now.hour < 8 or (now.weekday() >= 5 and day % 2 == 0)

    def says(self, now: datetime, burst: int) -> Iterator[Observation]:
        for n in range(burst or self.random.randrange(4)):
            self.last = now.timestamp()
            words = f"Module {self.random.randrange(400)} keeps its state in file {self.random.randrange(400)}"
            yield observe(now + timedelta(seconds=n % 800), words, "owner", sess=f"s-{now.date()}")


def live(memory: Memory, project: Project | None, days: int, seed: int, burst: int = 0) -> Lived:
    """Live some days. burst: observations that come at once at noon of the tenth day."""
    owner = Owner(seed)
    running: list[int] = []
    most: list[int] = [0]
    dreamed: list[datetime] = []
    problems: list[str] = []
    worked: dict[str, datetime] = {}
    alarms: list[str] = []

    def fold(now: datetime) -> str:
        running.append(1)
        most[0] = max(most[0], len(running))
        told = dream(memory, project, now)
        tidy(memory)
        running.pop()
        dreamed.append(now)
        return f"dreamed: {told.reason}"

    hands = Hands(lambda text, now: "sent", fold, lambda now: "", lambda now: "")
    bounds = Bounds()
    world = World(lambda now: (now.timestamp() - owner.last, ()), lambda now: ())
    before = _size(memory.path)
    now, count = START, 0
    for step in range(days * 96):
        day = step // 96
        zone = timezone(timedelta(hours=2 if day >= 20 else 1 if day < 12 else -5))  # a journey, and summer time
        now = (START + step * EVERY).astimezone(zone)
        if owner.works(now, day):
            said = list(owner.says(now, burst if day == 9 and now.hour == 12 and now.minute == 0 else 0))
            spool.acknowledge(memory, said)
            if said:
                worked[now.date().isoformat()] = now
        if now.minute == 0:  # `status`, also right after a night or a weekend of sleep
            known = load_stages(memory)
            alarms += [f"{now:%m-%d %H}: {name}" for name in silent(known, work(memory, "", Settings(), known), now.timestamp())]
        if not owner.asleep(now, day):
            told: Ticked = tick(Body(memory, project, bounds, hands), world, Settings(bounds=bounds), now)
            problems += told.problems
            count += 1
    gaps = [later - sooner for sooner, later in pairwise(dreamed)]
    missed = [
        d
        for d, at in worked.items()
        if now - at > timedelta(days=3) and not any(at < x < at + timedelta(days=3) for x in dreamed)
    ]
    doubled = sum(gap < timedelta(hours=bounds.dreaming.hours) for gap in gaps)
    return Lived(
        count, tuple(dreamed), tuple(missed), doubled, _size(memory.path) - before, tuple(problems), most[0], tuple(alarms)
    )


def _size(folder: str) -> int:
    return sum(Path(root, name).stat().st_size for root, _, names in os.walk(folder) for name in names)


def committed_dreams(memory: Memory) -> int:
    """How many dreams landed."""
    return sum(1 for _ in dreams(memory.git))
