"""undo: the scripted lives of the scorecard, under other seeds: every way to undo, then echoes, rewordings, merges, rebuilds.

stuck          lives in which nothing that was undone came back (nor anything else broke)
wrongly_stuck  lives in which something that was not undone went with it
lifted         lives in which the owner's word brought it back, where something was out

The one rule: a life is played by the commands and by git; this only counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.dreambench.figures import Laws, Suite, count
from bench.lives import Broken
from bench.scenarios import SCENARIOS, Outcome, play

CLOCKS = ("past", "future")  # the data's; the wall clock would make each run another


def lives(seed: int, each: int) -> list[tuple[str, int]]:
    """The lives to play: every script, `each` times."""
    return [(name, seed * 1000 + n * len(SCENARIOS) + k) for n in range(each) for k, name in enumerate(SCENARIOS)]


def live(folder: Path, name: str, seed: int) -> Outcome:
    """One life. One that ends too early is a failure of its own."""
    try:
        return play(name, seed, folder / f"{name}-{seed}", CLOCKS[seed % 2])
    except AssertionError as error:
        return Outcome(name, seed, CLOCKS[seed % 2], 0, (Broken("died", str(error)),), 0.0)


def suite(lived: Sequence[Outcome]) -> Suite:
    """What became of all lives."""

    def without(*kinds: str) -> int:
        return sum(not any(b.kind in kinds for b in o.broken) for o in lived)

    of = len(lived)
    figures = {
        **count("stuck", without("stick", "conflict", "check", "died"), of),
        "of": of,
        **count("wrongly_stuck", of - without("lost"), of),
        **count("lifted", without("lift", "died"), of),
    }
    notes = [f"{o.scenario}, seed {o.seed} ({o.clock}): {b.kind}: {b.what}" for o in lived for b in o.broken[:1]]
    checks = sum(o.checks for o in lived)
    broken = tuple(f"undo {o.scenario} {o.seed}: {b.what}" for o in lived for b in o.broken if b.kind == "check")
    return Suite(figures, (f"{of} lives of {len(SCENARIOS)} kinds, {checks} checks", *notes), Laws(checks, broken))
