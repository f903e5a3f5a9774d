"""The long sweeps of being awake, for `make scorecard`: an idle `run`, simulated months, hostile ticks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench import awake_speed, days, hostile
from kairos_git.capture.project import find_project
from kairos_git.memory import seed

LIVES = ((30, 1, 10_000), (30, 2, 10_000), (30, 3, 10_000), (100, 4, 0))  # days, seed, observations that come at once
GROWTH = 10e6  # bytes of a memory in thirty days
HOSTILE = (1000, 7)  # ticks, seed
BORN = datetime(2026, 3, 1, tzinfo=UTC)


class Found(NamedTuple):
    """One line: what was tried, how often, how often it held, what else is to be known, and what broke."""

    what: str
    tried: int
    held: int
    more: str
    broken: tuple[str, ...] = ()


def _live(folder: Path, life: tuple[int, int, int]) -> Found:
    """Some simulated days of one owner."""
    count, number, burst = life
    lived = days.live(seed.create(str(folder / f"life-{number}"), BORN), None, count, number, burst)
    broken = [f"no dream folded the work of {day}" for day in lived.missed] + list(lived.problems) + list(lived.alarms)
    broken += ["a dream within the wanted hours of another"] * lived.doubled
    broken += [f"{lived.most_at_once} dreams at once"] * (lived.most_at_once > 1)
    broken += [f"grew by {lived.growth / 1e6:.1f} MB"] * (lived.growth > GROWTH and count == 30)
    more = f"{len(lived.dreamed)} dreams, at most {lived.most_at_once} at once, {len(lived.alarms)} alarms, {lived.growth / 1e6:.1f} MB more"
    what = f"{count} days{f' with {burst} lines at once' if burst else ''}, seed {number}: ticks"
    return Found(what, lived.ticks, lived.ticks if not broken else 0, more, tuple(broken))


def _suffer(folder: Path) -> Found:
    """Ticks of everything that is against us."""
    project = folder / "hostile"
    project.mkdir()
    awake_speed.git(project, "init", "-q")
    awake_speed.git(project, "commit", "-q", "--allow-empty", "-m", "first")
    (project / "link").symlink_to("/")
    memory = seed.create(str(folder / "hostile.memory"), BORN)
    s = hostile.suffer(memory, find_project(str(project)), *HOSTILE)
    wrong = {n: v for n, v in s._asdict().items() if n not in ("ticks", "done") and v}
    more = f"{s.done} acts; outside the list, over a cap, in another folder, after the switch: {s.outside}, {s.over}, {s.astray}, {s.after_stop}"
    return Found("hostile ticks", s.ticks, s.ticks if not wrong else 0, more, tuple(f"{n}: {v}" for n, v in wrong.items()))


def sweeps(folder: Path, pool: ProcessPoolExecutor, seconds: float) -> Iterator[Found]:
    """Everything. seconds: how long an idle `run` is watched."""
    yield from pool.map(partial(_live, folder), LIVES)
    yield _suffer(folder)
    if os.path.isdir("/proc/self"):
        (folder / "idle").mkdir()
        r = awake_speed.rest(folder / "idle", seconds)
        broken = [f"{r.megabytes:.1f} MB"] * (r.megabytes > awake_speed.MEGABYTES) + [f"{r.share:.3%}"] * (
            r.share > awake_speed.SHARE
        )
        broken += [f"{r.children} children"] * (r.children > 0)
        more = f"{r.megabytes:.1f} MB, {r.share:.3%} of a core, {r.children} children, {'watched live' if r.watched else 'not watched live'}"
        yield Found(f"`run`, idle for {r.seconds:.0f} s", 1, int(not broken), more, tuple(broken))
