"""`make bench`: what things cost, each as a ratio beside its floor, measured side by side in one run.

These machines are noisy: a figure is the median of interleaved runs, and only the ratio is meant to be read.
"""

from __future__ import annotations

import compileall
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import kairos_git
from kairos_git.capture import githooks, spool
from kairos_git.capture.history import look
from kairos_git.capture.project import find_project, link
from kairos_git.capture.survey import survey
from kairos_git.capture.survey.tree import read_tree
from kairos_git.dream.fold import fold
from kairos_git.gitrun import Git
from kairos_git.memory import seed
from kairos_git.memory.daylog import format_daylog, log_path, parse_daylog
from kairos_git.memory.landing import SELF, Commit, Desk
from kairos_git.memory.observation import observe
from kairos_git.memory.repository import Memory
from tests.bench.awake_speed import idle_cost, tick_cost
from tests.bench.context_speed import context_cost
from tests.bench.mcp_speed import mcp_cost
from tests.bench.on_speed import speeds
from tests.bench.recall_speed import recall_cost

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Figure(NamedTuple):
    """One line of the table: what was measured, over what floor, what is to be reached."""

    what: str
    ratio: float
    bar: float
    detail: str


def git(folder: Path, *words: str) -> None:
    """Run git silently."""
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def interleaved(runs: int, *things: Callable[[], object], pause: float = 0) -> list[float]:
    """The median milliseconds of each, run in turn; `pause` seconds after each round, for what goes on in the background."""
    took: list[list[float]] = [[] for _ in things]
    for _ in range(runs):
        for times, thing in zip(took, things, strict=True):
            start = time.perf_counter()
            thing()
            times.append((time.perf_counter() - start) * 1000)
        time.sleep(pause)
    return [statistics.median(times) for times in took]


@contextmanager
def workshop() -> Iterator[Path]:
    """A temporary folder with a HOME and a git that knows somebody."""
    with tempfile.TemporaryDirectory(prefix="kairos-bench-") as name:
        here = Path(name)
        os.environ |= {"HOME": name, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(here / ".gitconfig")}
        (here / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
        yield here


def hooks(here: Path) -> Iterator[Figure]:
    """A commit with our hooks beside one with an empty sh hook."""
    memory = seed.create(str(here / "hooked"), NOW)
    drains = [
        ("drain off", [], 1.15, 0.0),
        ("with the drain", [sys.executable, "-P", "-m", "kairos_git", "drain", "--quiet"], 1.40, 0.6),
    ]
    for name, drain, bar, pause in drains:
        folders = []
        for kind in ("empty", "ours"):
            folder = here / f"{kind}-{len(drain)}"
            folder.mkdir()
            git(folder, "init", "-q")
            git(folder, "commit", "-q", "--allow-empty", "-m", "first")
            folders.append(folder)
        link(find_project(str(folders[1])), memory.path)
        for event in githooks.EVENTS:
            hook = folders[0] / ".git" / "hooks" / event
            hook.parent.mkdir(exist_ok=True)
            hook.write_text("#!/bin/sh\nexit 0\n")
            hook.chmod(0o755)
        githooks.install(str(folders[1]), memory.spool, drain)
        commits = [(lambda f=f: git(f, "commit", "-q", "--allow-empty", "-m", "x")) for f in folders]
        base, ours = interleaved(41 if drain else 101, *commits, pause=pause)
        yield Figure(f"git commit, our hooks ({name}) / an empty sh hook", ours / base, bar, f"{ours:.1f} / {base:.1f} ms")


FLOOR = "import subprocess, sys; subprocess.run(['git', 'ls-files', '-z'], capture_output=True)\nfor p in sys.argv[1:]: open(p, 'rb').read()"


def surveyed(here: Path) -> Iterator[Figure]:
    """A cold survey of a project of 10,000 files beside a program that lists them and reads the same ones."""
    project = here / "large"
    project.mkdir()
    git(project, "init", "-q")
    files = {f"src/pkg{n // 100}/module{n}.py": f'"""Module {n} of the package."""\n' for n in range(9_900)}
    files |= {f"src/pkg{n}/__init__.py": f'"""What package {n} does for the others."""\n' for n in range(99)}
    files |= {
        "pyproject.toml": "[project]\nname = 'large'\nrequires-python = '>=3.11'\n[tool.ruff]\nline-length = 100\n",
        "Makefile": ".PHONY: test lint\ntest:\n\tpytest\nlint:\n\truff check .\n",
        ".github/workflows/ci.yml": "on: [push]\njobs:\n  t:\n    steps:\n      - run: pytest -q\n",
        "README.md": "# Large\n\nLarge is a library that holds many modules.\n",
    }
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "Everything")
    tree = read_tree(Git(project), "HEAD", "main")
    asked: list[str] = []
    survey(tree._replace(read=lambda path: (asked.append(path), tree.read(path))[1]))
    read = sorted({path for path in asked if path in tree.paths})

    def start(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-P", *words], cwd=project, check=True, capture_output=True)

    base, ours = interleaved(11, start("-c", FLOOR, *read), start("-m", "kairos_git", "survey", "--json"))
    yield Figure(
        f"survey of 10,000 files, cold / git ls-files and reading the same {len(read)}",
        ours / base,
        3,
        f"{ours:.0f} / {base:.0f} ms",
    )


def starts(here: Path, memory: Memory) -> Iterator[Figure]:
    """Cold starts beside `python -c pass`, everything compiled."""
    compileall.compile_dir(str(Path(kairos_git.__file__).parent), quiet=2)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    names = []
    for n, side in enumerate(("base", "ours", "theirs")):
        path = here / side
        path.write_bytes(
            f"# Tests\n\n- Tests command: `v{n}` <!--k f-000000000000{n} tests.command tentative from=2026-11-21 ev=o-0 -->\n".encode()
        )
        names.append(str(path))
    me = [sys.executable, "-P", "-m", "kairos_git"]
    commands = {
        "bare": [sys.executable, "-c", "pass"],
        "--version": [*me, "--version"],
        "status": [*me, "status", "--memory", memory.path],
        "merge driver": [*me, "merge-driver", *names, "7", "topics/tests.md"],
    }
    calls = [(lambda c=c: subprocess.run(c, env=environment, check=True, capture_output=True)) for c in commands.values()]
    for call in calls:
        call()
    bare, *rest = interleaved(41, *calls)
    for name, took, bar in zip(list(commands)[1:], rest, (4, 8, 6), strict=True):
        yield Figure(f"{name}, cold / python -c pass", took / bare, bar, f"{took:.0f} / {bare:.0f} ms")


def memory_commit(here: Path, files: int, bar: float) -> Figure:
    """One memory commit in a running process beside `git add f && git commit`, both with the settings of design section 6."""
    memory = seed.create(str(here / f"memory-{files}"), NOW)
    names = [f"topics/{n % 256:02x}/t{n:05}.md" for n in range(files)]
    with memory.lock():
        Desk(memory).put(Commit(dict.fromkeys(names, b"- a line\n"), "many", SELF, NOW))
    floor = here / f"floor-{files}"
    git(here, "clone", "-q", memory.path, str(floor))
    for name, value in seed.CONFIG.items():
        git(floor, "config", name, value)
    rng = random.Random(1)

    def ours() -> None:
        with memory.lock():
            desk = Desk(memory)
            o = observe(NOW + timedelta(seconds=rng.randrange(10**6)), f"A line {rng.random()}", "owner")
            spool.drain(desk, NOW, [o])

    def theirs() -> None:
        name = rng.choice(names)
        with open(floor / name, "a") as file:
            file.write("- another line\n")
        git(floor, "add", name)
        git(floor, "commit", "-q", "-m", "x")

    base, own = interleaved(21, theirs, ours)
    return Figure(f"one memory commit / git add && git commit, {files} files", own / base, bar, f"{own:.1f} / {base:.1f} ms")


def history(here: Path, commits: int) -> Iterator[Figure]:
    """A backfill of many commits, redaction included, beside a plain `git log` of the same; then the first dream."""
    project = here / "project"
    project.mkdir()
    git(project, "init", "-q")
    rng = random.Random(2)
    words = [
        "parser",
        "index",
        "cache",
        "request",
        "fix",
        "add",
        "update",
        "remove",
        "handle",
        "test",
        "docs",
        "flag",
        "retry",
        "config",
        "build",
        "release",
        "token",
    ]
    stream = []
    for n in range(commits):
        subject = " ".join(rng.choices(words, k=8)).capitalize()
        text = f"{subject}\n\n" + "\n".join(" ".join(rng.choices(words, k=12)) for _ in range(rng.randrange(4)))
        when = 1_600_000_000 + n * 3600
        stream.append(
            f"commit refs/heads/main\ncommitter Ada <ada@example.org> {when} +0100\ndata {len(text)}\n{text}\nM 100644 inline f\ndata 2\n{n % 10}\n\n"
        )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=project, input="".join(stream).encode(), check=True)
    memory = seed.create(str(here / "project.memory"), NOW)

    def plain() -> None:
        subprocess.run(["git", "log", "main"], cwd=project, check=True, stdout=subprocess.DEVNULL)

    (floor,) = interleaved(5, plain)
    start = time.perf_counter()
    news = look(find_project(str(project)), None, ["ada@example.org"], NOW, None)
    with memory.lock():
        drained = spool.drain(Desk(memory), NOW, news.observations)
    took = (time.perf_counter() - start) * 1000
    assert drained.added == commits, drained
    yield Figure(
        f"backfill of {commits} commits / git log of the same", took / floor, 40, f"{took / 1000:.1f} s / {floor:.0f} ms"
    )
    yield from first_dream(commits)


def first_dream(count: int) -> Iterator[Figure]:
    """The fold of many observations beside the bare parse of the same logs; peak memory of a process that does both."""
    days: dict[str, bytes] = {}
    rng = random.Random(3)
    texts = [
        "Tests run with `{}`",
        "Fix typo in {}",
        "The port of {} is `8000`",
        "Use {} instead of tox",
        "Always review {}",
        "Bump {} from 1.0 to 2.0",
        "Merge {}",
    ]
    told = [
        observe(NOW + timedelta(minutes=n), rng.choice(texts).format(f"x{rng.randrange(500)}"), rng.choice(["owner", "agent", "commit", "external"]), sess=f"s{n % 97}")
        for n in range(count)
    ]  # fmt: skip
    for o in told:
        days.setdefault(o.day, b"")
    for day in days:
        days[day] = format_daylog(b"", day, [o for o in told if o.day == day])

    def parse() -> int:
        return sum(len(parse_daylog(log_path(day), data).observations) for day, data in days.items())

    base, own = interleaved(3, parse, lambda: fold(told))
    yield Figure(f"first fold of {count} observations / bare parse of the logs", own / base, 20, f"{own:.0f} / {base:.0f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("peak memory of this whole process, in units of 200 MB", peak / 200, 1, f"{peak:.0f} MB")


def main() -> int:
    """Print the table; exit 1 where a bar is not reached."""
    figures: list[Figure] = []
    with workshop() as here:
        memory = seed.create(str(here / "small"), NOW)
        parts = (
            lambda: hooks(here),
            lambda: starts(here, memory),
            lambda: surveyed(here),
            lambda: (Figure(*figure) for figure in speeds(here)),
            lambda: iter([memory_commit(here, 1000, 1.2), memory_commit(here, 10000, 1.0)]),
            lambda: history(here, 10_000),
            lambda: (Figure(*f) for f in (*tick_cost(here, interleaved), *idle_cost(here))),
            lambda: (Figure(*f) for f in recall_cost(here, interleaved)),
            lambda: (Figure("context of 10,000 facts / reading them", *f) for f in context_cost(here, 10_000, interleaved)),
            lambda: (Figure(*f) for f in mcp_cost(memory.path, interleaved)),
        )
        for part in parts:
            for f in part():
                figures.append(f)
                print(f"{'ok ' if f.ratio <= f.bar else 'OVER'} {f.ratio:7.2f} <= {f.bar:<5g} {f.what} ({f.detail})", flush=True)
        shutil.rmtree(here / "memory-10000", ignore_errors=True)
    return int(any(f.ratio > f.bar for f in figures))


if __name__ == "__main__":
    raise SystemExit(main())
