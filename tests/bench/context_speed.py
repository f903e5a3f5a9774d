"""The context of a memory of 10,000 facts beside reading those facts, and whether the same memory gives the same bytes."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kairos_git.capture.project import find_project, link
from kairos_git.gitrun import Git
from kairos_git.memory import seed
from kairos_git.memory.daylog import format_daylog, log_path
from kairos_git.memory.fact import Fact, fact_id, value_of
from kairos_git.memory.landing import SELF, Commit, Desk
from kairos_git.memory.objects import facts_at
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.repository import Memory
from kairos_git.memory.topic import format_topic, seed_topic, topic_path
from kairos_git.runner.serving.serve import serve

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KINDS = (  # (of ten facts so many, slot, text, src); about what a memory of some years holds
    (5, "note", "The {} of {} waits for the {} and then tells the {} number {}", "owner"),
    (1, "rules", "Always check the {} of {} before the {} of {} in case {}", "owner"),
    (2, "version.{}-{}-{}", "{} {} {}: `{}.{}`", "probe"),
    (1, "layout.{}-{}.{}", "`src/{}/{}{}{}/` holds “what the {} does with it”", "probe"),
    (1, "scripts.{}-{}-{}", "`npm run {}-{}-{}` runs “{} for {}”", "probe"),
)
WORDS = "parser index cache request queue session token window buffer ledger worker router client server store".split()  # noqa: SIM905


def large_memory(here: Path, count: int) -> tuple[Memory, Path]:
    """A memory with so many confirmed facts over 300 days, each with its observation, and the project it belongs to."""
    project = here / "many-facts"
    project.mkdir()
    for words in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "first")):
        subprocess.run(["git", *words], cwd=project, check=True)
    at = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project, check=True, capture_output=True, text=True).stdout[:12]
    memory = seed.create(str(here / "many-facts.memory"), NOW)
    link(find_project(str(project)), memory.path)
    rng = random.Random(7)
    plan = [kind for kind in KINDS for _ in range(kind[0])]
    topics: dict[str, list[Fact]] = {}
    days: dict[str, list[Observation]] = {}
    for n in range(count):
        _, slot, text, src = plan[n % len(plan)]
        slot, said = slot.format(*rng.sample(WORDS, 2), n), text.format(*rng.choices(WORDS, k=text.count("{}") - 1), n)
        when = NOW - timedelta(minutes=43 * (count - n) * 10_000 // count)
        o = observe(when, said, src, root=f"file{n % 40}.toml#k{n}" if src == "probe" else "", at=at)
        days.setdefault(o.day, []).append(o)
        value = value_of(slot, said)
        fact = Fact(fact_id(slot, "", value), slot, "", value, said, "confirmed", o.day, (o.id,))
        topics.setdefault(fact.topic, []).append(fact)
    files: dict[str, bytes | None] = {log_path(day): format_daylog(b"", day, told) for day, told in days.items()}
    files |= {topic_path(name): format_topic(seed_topic(name), facts) for name, facts in topics.items()}
    with memory.lock():
        Desk(memory).put(Commit(files, "many facts", SELF, NOW))
    return memory, project


def context_cost(here: Path, count: int, interleaved: Callable[..., list[float]]) -> Iterator[tuple[float, float, str]]:
    """(ratio, bar, detail) of a context made anew beside reading the facts it is made of; raises where two are not the same bytes."""
    memory, root = large_memory(here, count)
    project = find_project(str(root))

    def read() -> int:
        return len(facts_at(Git(memory.path), memory.head()))

    def made() -> str:
        shutil.rmtree(Path(memory.own) / "context", ignore_errors=True)  # what was kept is another figure
        return serve(memory, project, NOW).text

    assert read() == count
    assert len({made() for _ in range(3)}) == 1, "the same memory gave other bytes"
    base, own = interleaved(15, read, made)
    yield own / base, 1.2, f"{own:.0f} / {base:.0f} ms"
