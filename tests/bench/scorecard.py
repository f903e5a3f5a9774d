"""`make scorecard`: the long sweeps, on real parts: undo, kills, writers, traces, and builds that are broken on purpose.

Prints one table with counts and seeds; exits 1 where any promise was not kept. Parts may be named: `python -m
tests.bench.scorecard undo kills`.

The one rule: a figure stands beside how many times it was tried, and every failure says how to see it again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does for conftest.py and for us

from bench import awake, defects, kills, scenarios, traces, writers
from kairos_git.settings import AGENTS

CORES = os.cpu_count() or 1
TEETH: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    ("nothing is synced", "traces.broken", (["observe", "dream"],)),
    ("git syncs what it likes", "traces.broken", (["dream"],)),
    ("nothing is locked", "writers.broken", (4, 60)),
    ("the spool is emptied before the commit", "kills.broken", ("drain", 12)),
    ("stale locks stay", "kills.broken", ("drain", 40)),
    ("a landing that was cut off is not finished", "kills.broken", ("dream", 40)),
    ("topics are merged by union", "scenarios.broken", (["a_reverts_while_b_dreams_and_b_pulls"], [0, 1, 2])),
    ("rulings are ignored", "scenarios.broken", (["revert_of_the_newest_dream"], [0, 1])),
    ("what was undone is not looked for", "scenarios.broken", (["line_deleted_by_hand"], [0, 1])),
)


class Row(NamedTuple):
    """One line of the table: what was tried, how often, how often it held, what else is to be known, and what broke."""

    part: str
    what: str
    tried: int
    held: int
    more: str
    broken: tuple[str, ...] = ()


def isolate(home: Path) -> None:
    """An empty HOME, a git that knows Ada, no agent: for this process and those it starts."""
    for name in [n for n in os.environ if n.startswith(("GIT_", "KAIROS_", "CLAUDE", "CODEX", "XDG_")) or n in AGENTS]:
        del os.environ[name]
    config = home / ".gitconfig"
    config.write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n"
        '[protocol "file"]\n\tallow = always\n'
    )
    os.environ.update(HOME=str(home), GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=str(config), TZ="UTC")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    here = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, here))


def _life(folder: Path, name: str, seed: int) -> scenarios.Outcome:
    try:
        return scenarios.play(name, seed, folder / f"{name}-{seed}")
    except Exception as error:  # a life that ends too early is a failure of its own, and the others go on
        return scenarios.Outcome(name, seed, "?", 0, (scenarios.Broken("check", f"{type(error).__name__}: {error}"),), 0.0)


def undo(folder: Path, pool: ProcessPoolExecutor, seeds: int) -> Iterator[Row]:
    """Every way to undo, `seeds` lives each."""
    tried = [(name, seed) for name in scenarios.SCENARIOS for seed in range(seeds)]
    lived = list(pool.map(partial(_life, folder), *zip(*tried, strict=True)))
    for name in scenarios.SCENARIOS:
        mine = [o for o in lived if o.scenario == name]
        kinds = Counter(b.kind for o in mine for b in o.broken)
        more = f"lost {kinds['lost']}, conflicts {kinds['conflict']}, {sum(o.checks for o in mine)} checks"
        broken = tuple(f"seed {o.seed} ({o.clock}): {b.kind}: {b.what}" for o in mine for b in o.broken[:1])
        yield Row("undo", name.replace("_", " "), len(mine), sum(not o.broken for o in mine), more, broken)


def _sweep(folder: Path, count: int, part: int, parts: int) -> list[kills.Struck]:
    """One worker's share of the points; each worker has a stage of its own."""
    stage = kills.Stage(folder / f"kills-{part}")
    points = {command: stage.points(command) for command in kills.COMMANDS}
    whole = sum(len(p) for p in points.values())
    chosen = [
        p for command in kills.COMMANDS for p in kills.spread(points[command], max(10, len(points[command]) * count // whole))
    ]
    return [stage.strike(point) for point in chosen[part::parts]]


def _silence(folder: Path, command: str) -> list[kills.Struck]:
    """Every git of a command, killed before it did anything: that it said nothing must not be taken for its answer."""
    stage = kills.Stage(folder / f"silence-{command}")
    return [stage.strike(point) for point in stage.starts(command)]


def kill(folder: Path, pool: ProcessPoolExecutor, count: int) -> Iterator[Row]:
    """kill -9 before the calls that change something, about `count` of them."""
    if kills.missing():
        yield Row("kill -9", f"skipped: {kills.missing()}", 0, 0, "")
        return
    struck = [s for share in pool.map(partial(_sweep, folder, count), range(CORES), [CORES] * CORES) for s in share]
    for command in kills.COMMANDS:
        mine = [s for s in struck if s.point.command == command]
        fired = [s for s in mine if s.fired]
        own = sum(s.point.child == 0 for s in fired)
        more = f"{own} in our process, {len(fired) - own} in a git of it; {len(mine) - len(fired)} did not fire"
        broken = tuple(f"{s.point}: {s.broken[0]}" for s in mine if s.broken)
        yield Row("kill -9", command, len(fired), len(fired) - len(broken), more, broken)
    for command, silent in zip(kills.COMMANDS, pool.map(partial(_silence, folder), kills.COMMANDS), strict=True):
        broken = tuple(f"{s.point}: {s.broken[0]}" for s in silent if s.broken)
        yield Row("kill -9", f"every git of {command}, at its start", len(silent), len(silent) - len(broken), "", broken)


def flood(folder: Path) -> Iterator[Row]:
    """16 processes write 500 lines each while others dream."""
    w = writers.flood(writers.a_place(folder / "flood"), 16, 500)
    more = f"p50 {w.p50:.2f} ms, p99 {w.p99:.1f} ms an acknowledgement; {w.dreams} dreams; {len(w.errors)} errors"
    yield Row("writers", "16 x 500, each line once", w.acknowledged, w.once if not w.errors else 0, more, w.broken)


def durability(folder: Path) -> Iterator[Row]:
    """What was put into place, by the system calls."""
    if kills.missing():
        yield Row("synced first", f"skipped: {kills.missing()}", 0, 0, "")
        return
    stage = kills.Stage(folder / "traces")
    for command in kills.COMMANDS:
        found = traces.judged(stage, command, folder / "trace")
        tried = found.placed + found.acknowledged
        more = (
            f"{found.placed} files placed, {found.acknowledged} lines acknowledged, {found.synced} fsyncs; git's index left out"
        )
        yield Row("synced first", command, tried, tried - len(found.amiss), more, found.amiss)


def _bite(folder: Path, number: int) -> str:
    defect, call, arguments = TEETH[number]
    return defects.caught(defect, folder / f"defect-{number}", call, *arguments, str(folder / f"defect-{number}" / "work"))


def teeth(folder: Path, pool: ProcessPoolExecutor) -> Iterator[Row]:
    """Builds that are broken on purpose: each must be caught."""
    for (defect, call, _), why in zip(TEETH, pool.map(partial(_bite, folder), range(len(TEETH))), strict=True):
        broken = () if why else (f"{call} did not notice",)
        yield Row("broken build", defect, 1, int(bool(why)), f"caught: {why[:80]}" if why else "NOT CAUGHT", broken)


def awaken(folder: Path, pool: ProcessPoolExecutor, seconds: float) -> Iterator[Row]:
    """Simulated months, hostile ticks, and a resident `run` that has nothing to do."""
    for found in awake.sweeps(folder, pool, seconds):
        yield Row("awake", *found)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scorecard", description="The long sweeps, on real parts.")
    parser.add_argument("parts", nargs="*", help="undo, kills, writers, traces, teeth, awake; all by default")
    parser.add_argument("--seeds", type=int, default=10, help="lives of every way to undo (seeds 0 to N-1)")
    parser.add_argument("--idle", type=float, default=600.0, help="seconds for which an idle `run` is watched")
    parser.add_argument("--points", type=int, default=10_000, help="about how many kills; every point by default")
    options = parser.parse_args()
    began = time.monotonic()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="kairos-scorecard-") as name:
        folder = Path(name)
        (folder / "home").mkdir()
        isolate(folder / "home")
        with ProcessPoolExecutor(CORES) as pool:
            parts: dict[str, Callable[[], Iterator[Row]]] = {
                "undo": partial(undo, folder, pool, options.seeds), "kills": partial(kill, folder, pool, options.points),
                "writers": partial(flood, folder), "traces": partial(durability, folder), "teeth": partial(teeth, folder, pool),
                "awake": partial(awaken, folder, pool, options.idle),
            }  # fmt: skip
            for part in options.parts or parts:
                for row in parts[part]():
                    rows.append(row)
                    mark = "ok " if row.held == row.tried else "BAD"
                    print(f"{mark}  {row.part:<13} {row.what:<45} {row.held:>5}/{row.tried:<5} {row.more}", flush=True)
    failed = [row for row in rows if row.broken or row.held != row.tried]
    for row in failed:
        print(f"\n{row.part}: {row.what}")
        print("\n".join(f"  {line}" for line in row.broken[:10]))
    lives = f"seeds 0-{options.seeds - 1}; " if not options.parts or "undo" in options.parts else ""
    print(f"\n{lives}{CORES} cores, {time.monotonic() - began:.0f} s; {len(rows) - len(failed)} of {len(rows)} lines hold")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
