"""What recall costs: a warm search among 100,000 lines beside the bare query of its index, a cold command beside bare Python."""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from kairos_git.capture import spool
from kairos_git.memory import seed
from kairos_git.memory.landing import Desk
from kairos_git.memory.observation import observe
from kairos_git.memory.repository import Memory
from kairos_git.recall.search import store
from kairos_git.recall.search.finding import Query, search
from kairos_git.recall.search.wording import expression, wanted

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINES = 100_000
YEAR = 2_000  # lines of a project's year, whose cold search is timed
Cost = tuple[str, float, float, str]  # what, the ratio, what is to be reached, both times
_SYLLABLES = ("ba", "co", "der", "fi", "gen", "hu", "ka", "lo", "mit", "nor", "pel", "ra", "sto", "tu", "vex", "zi")


def recall_cost(here: Path, interleaved: Callable[..., list[float]]) -> Iterator[Cost]:
    """Both figures, on a memory of LINES lines whose words are as unevenly used as those of a language (Zipf, 1949)."""
    rng = random.Random(5)
    words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(20_000)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
    memory = _memory(here / "recalled", rng, words, weights, LINES)
    began = time.perf_counter()
    search(memory, Query("warm"))
    built = time.perf_counter() - began
    questions = [" ".join(rng.choices(words, cum_weights=weights, k=rng.randint(3, 6))) for _ in range(60)]
    with sqlite3.connect(store.place_in(memory.own)) as db:
        db.execute("PRAGMA mmap_size = 1073741824")  # as ours: the floor is not to be slow
        bare, ours = _medians(db, memory, questions)
    size = os.path.getsize(store.place_in(memory.own)) / 1e6
    what = f"recall among {LINES} lines, p50 / the bare FTS5 query of the same words"
    yield what, ours / bare, 1.5, f"{ours:.1f} / {bare:.1f} ms; index made in {built:.1f} s, {size:.0f} MB"
    small = _memory(here / "a-year", rng, words, weights, YEAR)
    search(small, Query("warm"))
    yield _cold(small, questions[0], interleaved)


def _memory(folder: Path, rng: random.Random, words: list[str], weights: list[float], count: int) -> Memory:
    memory = seed.create(str(folder), NOW)
    told = [
        observe(
            NOW - timedelta(minutes=n),
            " ".join(rng.choices(words, cum_weights=weights, k=rng.randint(6, 30))),
            "agent",
            sess=f"talk-{n // 40}",
        )
        for n in range(count)
    ]
    with memory.lock():
        spool.drain(Desk(memory), NOW, told)
    return memory


def _medians(db: sqlite3.Connection, memory: Memory, questions: list[str]) -> tuple[float, float]:
    """The median milliseconds of the bare query and of a search, each asked in turn; every question once before, to be warm."""
    took: tuple[list[float], list[float]] = ([], [])
    for rounds in range(3):
        for question in questions:
            match = expression(wanted(question).terms)
            began = time.perf_counter()
            db.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 10", (match,)).fetchall()
            between = time.perf_counter()
            search(memory, Query(question))
            ended = time.perf_counter()
            if rounds:
                took[0].append((between - began) * 1000)
                took[1].append((ended - between) * 1000)
    return statistics.median(took[0]), statistics.median(took[1])


def _cold(memory: Memory, question: str, interleaved: Callable[..., list[float]]) -> Cost:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    commands = (
        [sys.executable, "-c", "pass"],
        [sys.executable, "-P", "-m", "kairos_git", "recall", question, "--memory", memory.path],
    )
    calls = [(lambda c=c: subprocess.run(c, env=environment, check=True, capture_output=True)) for c in commands]
    for call in calls:
        call()
    bare, ours = interleaved(41, *calls)
    return f"recall among {YEAR} lines, cold / python -c pass", ours / bare, 5, f"{ours:.0f} / {bare:.0f} ms"
