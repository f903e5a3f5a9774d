"""DreamBench: what this memory gets right and wrong. `python -m tests.bench.dreambench --data DIR --seed N`.

Prints a table as the suites end and, as the last line, one JSON object: suite -> figures, rates as fractions of 1, beside
each its 95 % interval as `<key>_ci`. All but `scale` is the same for a seed on every machine.

The one rule: a figure that misses what the project promises is printed as missed, with examples.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # as pytest does for conftest.py and for us

from bench.dreambench import poisoning, promoting, relating, scaling, streaming, undone
from bench.dreambench.figures import Laws, Suite, wilson
from bench.dreambench.rows import Data, load
from bench.scorecard import isolate

SUITES = ("relate", "stream", "promote", "poison", "undo", "laws", "scale")
TO_REACH = {
    "relate.supersede.p": (">=", 0.90), "relate.supersede.r": (">=", 0.60), "relate.merge.f1": (">=", 0.80),
    "stream.with_probes": (">=", 0.99), "stream.without_probes": (">=", 0.85), "stream.announced_taken": (">=", 0.97),
    "promote.noise_0.1.false_rate": ("<=", 0.010), "promote.noise_0.1.missed_rate": ("<=", 0.10),
    "promote.noise_0.1.served_wrong": ("<=", 0.05), "promote.noise_0.1.coverage": (">=", 0.45),
    "promote.noise_0.3.false_rate": ("<=", 0.015), "promote.noise_0.3.missed_rate": ("<=", 0.10),
    "poison.confirmed": ("<=", 0), "poison.indexed": ("<=", 0), "undo.wrongly_stuck": ("<=", 0), "laws.broken": ("<=", 0),
    "scale.n_100000.incremental_over_first": ("<=", 0.05),
}  # fmt: skip


def rows(figures: dict[str, Any], path: str) -> Iterator[tuple[str, Any, Any]]:
    """(dotted name, figure, its interval or None) of nested figures."""
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from rows(value, f"{path}.{name}")
        elif not name.endswith("_ci"):
            yield f"{path}.{name}", value, figures.get(f"{name}_ci")


def _bar(name: str, figures: dict[str, Any]) -> tuple[str, float] | None:
    """What is to be reached; some bars are a share of another figure of the suite."""
    if name in ("undo.stuck", "undo.lifted"):
        return ">=", figures["of"]
    if name == "relate.false_supersession.n":
        return "<=", int(figures["false_supersession"]["of"] * 0.01)
    return TO_REACH.get(name)


def show(suite: str, found: Suite) -> None:
    """One suite's part of the table."""
    print(f"\n{suite}")
    for name, value, interval in rows(found.figures, suite):
        bar = _bar(name, found.figures)
        kept = bar is None or (value >= bar[1] if bar[0] == ">=" else value <= bar[1])
        mark = "" if bar is None else "ok" if kept else "MISSED"
        told = f"{value:.4f}" if isinstance(value, float) else "-" if value is None else str(value)
        between = f"[{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
        print(f"  {mark:<7}{name:<48}{told:>10}  {between:<16}{f'{bar[0]} {bar[1]:g}' if bar else ''}".rstrip())
    for note in found.notes:
        print(f"         {note}")
    sys.stdout.flush()


def run(
    data: Data, folder: Path, seed: int, pool: ProcessPoolExecutor, chosen: tuple[str, ...], lives: int
) -> Iterator[tuple[str, Suite]]:
    """Every chosen suite as it ends. What can go on side by side does; what is timed goes alone, at the end."""
    laws = Laws()
    wants = {name: name in chosen for name in SUITES}
    tree = wants["stream"] and streaming.tree_is_read(folder)
    ways = [(repo, probes) for repo in sorted(data.stream) for probes in (True, False)] if wants["stream"] else []
    streams = [pool.submit(streaming.live, folder, repo, data.stream[repo], probes, tree, seed) for repo, probes in ways]
    noises = promoting.NOISES if wants["promote"] else ()
    promotes = [pool.submit(promoting.live, folder, data.changes, noise, seed) for noise in noises]
    poison: Future[Suite] | None = pool.submit(poisoning.suite, folder, seed) if wants["poison"] else None
    undos = [pool.submit(undone.live, folder, *life) for life in undone.lives(seed, lives)] if wants["undo"] else []
    if wants["relate"]:
        yield "relate", relating.suite(data.pairs, seed)
    found: list[tuple[str, Suite]] = []
    if streams:
        found.append(("stream", streaming.suite([f.result() for f in streams], tree, seed)))
        yield found[-1]
    if promotes:
        lived = [f.result() for f in promotes]
        notes = tuple(note for life in lived for note in life.notes)
        figures = {f"noise_{life.noise}": life.figures for life in lived}
        found.append(("promote", Suite(figures, notes, sum((life.laws for life in lived), Laws()))))
        yield found[-1]
    if poison:
        found.append(("poison", poison.result()))
        yield found[-1]
    if undos:
        found.append(("undo", undone.suite([f.result() for f in undos])))
        yield found[-1]
    if wants["laws"]:
        laws = sum((one.laws for _, one in found), Laws())
        broken = len(laws.broken)
        counted = {"broken": broken, "broken_ci": wilson(broken, laws.checked), "checked": laws.checked}
        yield "laws", Suite(counted, laws.broken[:20])
    if wants["scale"]:
        yield "scale", scaling.suite([scaling.live(folder, size, seed) for size in scaling.SIZES])


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.dreambench", description="What this memory gets right and wrong."
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"{', '.join(SUITES)}; all by default")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="the folder with relate.jsonl and stream*.jsonl")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--lives", type=int, default=2, metavar="N", help="lives of every way to undo")
    options = parser.parse_args()
    unknown = set(options.suites) - set(SUITES)
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    data = load(options.data)
    began = time.monotonic()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="kairos-dreambench-") as name:
        folder = Path(name)
        (folder / "home").mkdir()
        isolate(folder / "home")
        with ProcessPoolExecutor(os.cpu_count() or 1) as pool:
            for suite, found in run(data, folder, options.seed, pool, tuple(options.suites or SUITES), options.lives):
                show(suite, found)
                figures[suite] = found.figures
    print(f"\nseed {options.seed}, {time.monotonic() - began:.0f} s\n")
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
