"""Every way to undo, as scripted lives: `SCENARIOS` maps a name to its script, `play` lives one life and says what broke.

The one rule: whatever was undone, and however, the same is asked afterwards.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from bench import byhand, machines  # they add their scripts to the table
from bench.lives import Broken, World
from bench.undoing import SCENARIOS

__all__ = ["SCENARIOS", "Outcome", "broken", "byhand", "machines", "play"]


class Outcome(NamedTuple):
    """What became of one life."""

    scenario: str
    seed: int
    clock: str
    checks: int
    broken: tuple[Broken, ...]
    seconds: float


def play(name: str, seed: int, folder: Path, clock: str | None = None, brief: bool = False) -> Outcome:
    """One life from its first commit to its owner's last word; a brief one has fewer days."""
    began = time.monotonic()
    world = World(folder, seed, clock)
    world.learn(how="owner")
    other = SCENARIOS[name](world)
    world.check("right after")
    world.aftermath(other, brief)
    if world.out or world.held:
        world.restate()
    return Outcome(name, seed, world.clock, world.checks, tuple(world.broken), time.monotonic() - began)


def broken(names: list[str], seeds: list[int], folder: str) -> list[str]:
    """The promises that some lives do not keep, for a build that may be broken; the first life that fails ends it."""
    for name in names:
        for seed in seeds:
            found = play(name, seed, Path(folder) / f"{name}-{seed}").broken
            if found:
                return [f"{name}, seed {seed}: {b.kind}: {b.what}" for b in found]
    return []
