"""scale: what a large memory costs, stage by stage, each command in a process of its own.

The one rule: the observations are made up, in the proportions of a busy project; nothing but their number is measured.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bench.dreambench.figures import Suite
from bench.dreambench.replay import Replay, Said
from kairos_git.dream.packets import TOKEN, plan, prompt_of
from kairos_git.memory.repository import open_memory

SIZES = (10_000, 100_000)
NEWS = 100  # observations of the incremental dream
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
A_DAY = 200  # observations
_SLOTS = 400
_EVENTS = ("Fix the {} of the parser", "Add a test for {}", "Merge #{}", "Refactor {}", "Release {}")


class Cost(NamedTuple):
    """Wall-clock seconds and peak resident MB of one command."""

    seconds: float
    mb: float


def observations(count: int, rng: random.Random, start: int = 0) -> Iterator[Said]:
    """`count` rows from number `start` on: 60 % events, 25 % agents' claims, 5 % each of owner, notes, outsiders."""
    for n in range(start, start + count):
        slot = rng.randrange(_SLOTS)
        value = f"v{n * 4 // 100_000}.{rng.randrange(3)}"
        claim = f"part{slot}.setting = `{value}`"
        kind = rng.random()
        text, src = (
            (rng.choice(_EVENTS).format(f"x{rng.randrange(10**4)}"), "commit") if kind < 0.6
            else (claim, "agent") if kind < 0.85
            else (claim, "owner") if kind < 0.9
            else (f"The {slot} invoices of part {rng.randrange(50)} are kept by ledger {rng.randrange(9)}", "agent") if kind < 0.95
            else (claim, "external")
        )  # fmt: skip
        when = FIRST + timedelta(days=n // A_DAY, seconds=n % A_DAY * 400)
        yield {"text": text, "src": src, "session": f"s{n // 25}", "time": when.isoformat()}


def _measured(r: Replay, *words: str) -> Cost:
    """One command in a process of its own. Raises AssertionError where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "kairos_git", *words], cwd=r.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    assert process.returncode == 0, (words, said[-2000:])
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10  # bytes there, kilobytes elsewhere
    return Cost(round(time.perf_counter() - began, 3), round(used.ru_maxrss / scale, 1))


def _batch(r: Replay, rows: Iterator[Said]) -> str:
    path = r.root.parent / f"{r.root.name}.rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def live(folder: Path, size: int, seed: int) -> dict[str, Any]:
    """The stages of one memory of `size` observations and NEWS more; a ratio leaves out what any command takes to start."""
    rng = random.Random(f"scale {seed} {size}")
    r = Replay(folder / f"scale-{size}")
    r.grow([(FIRST, "Begin", {})])
    r.begin(FIRST)
    end = FIRST + timedelta(days=size // A_DAY + 1)
    costs = {"start": _measured(r, "dream", "--help")}
    costs["observe"] = _measured(r, "observe", "--batch", _batch(r, observations(size, rng)))
    costs["drain"] = _measured(r, "drain", "--quiet", "--now", end.isoformat())
    costs["first_dream"] = _measured(r, "dream", "--now", end.isoformat())
    costs["observe_100"] = _measured(r, "observe", "--batch", _batch(r, observations(NEWS, rng, size)))
    costs["dream_100"] = _measured(r, "dream", "--now", (end + timedelta(hours=9)).isoformat())
    costs["dream_0"] = _measured(r, "dream", "--now", (end + timedelta(hours=10)).isoformat())
    costs["facts"] = _measured(r, "facts", "--json")
    taken = {stage: max(cost.seconds - costs["start"].seconds, 0.001) for stage, cost in costs.items()}
    return {
        "observations": size,
        "seconds": {stage: cost.seconds for stage, cost in costs.items()},
        "incremental_over_first": round(taken["dream_100"] / taken["first_dream"], 4),
        "peak_mb": max(cost.mb for cost in costs.values()),
        "memory_mb": round(sum(p.stat().st_size for p in r.memory.rglob("*") if p.is_file()) / (1 << 20), 1),
        **_tokens(r, size),
    }


def _tokens(r: Replay, size: int) -> dict[str, float]:
    """What a model would be sent and answer about the NEWS observations, by the counter (characters / 3.5), a full answer each."""
    here = open_memory(str(r.memory)).snapshot()
    began = FIRST + timedelta(days=size // A_DAY, seconds=size % A_DAY * 400)
    old = {o.id for o in here.observations if o.epoch < began.timestamp()}
    packets = plan(here.observations, here.annotations, here.facts.values(), old)
    answers = [
        json.dumps({"op": "slot", "o": "o1", "slot": "topic.name", "value": o.text[:20], "quote": o.text[:40]})
        for packet in packets
        for o in packet.statements
    ]
    return {
        "tokens_in_per_observation": round(sum(prompt_of(packet).tokens_in for packet in packets) / NEWS, 1),
        "tokens_out_per_observation": round(sum(map(len, answers)) / TOKEN / NEWS, 1),
    }


def suite(lived: list[dict[str, Any]]) -> Suite:
    """The costs by size, in seconds of the wall clock; tokens are what a model would take, none is asked."""
    return Suite({f"n_{found['observations']}": found for found in lived}, ("tokens are counted, no model is asked",))
