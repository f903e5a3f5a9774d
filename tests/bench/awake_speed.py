"""What being awake costs: a tick with nothing to do beside a bare Python, and a resident `run` that has nothing to do.

`make bench` has both among its figures, the second over a minute; `make scorecard` takes ten. `python -m tests.bench.awake_speed` alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

TICK_BAR = 6.0
MEGABYTES = 45.0
SHARE = 0.001  # of one core
RUN = [sys.executable, "-P", "-m", "kairos_git", "run"]


class Took(NamedTuple):
    """One figure: what, the ratio, the bar, and what it is made of."""

    what: str
    ratio: float
    bar: float
    detail: str


class Rested(NamedTuple):
    """An idle `run` over some time: resident megabytes at the end, share of one core, children seen, and whether files were watched live."""

    seconds: float
    megabytes: float
    share: float
    children: int
    watched: bool


def git(folder: Path, *words: str) -> None:
    """Run git silently."""
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def a_project(here: Path) -> Path:
    """A project with a memory and hooks, as `init` leaves it."""
    project = here / "awake"
    project.mkdir(parents=True)
    (project / "Makefile").write_text("test:\n\tpytest -q\n")
    for n in range(200):
        (project / f"part{n % 20}").mkdir(exist_ok=True)
        (project / f"part{n % 20}" / f"m{n}.py").write_text(f"x = {n}\n")
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "first")
    subprocess.run([*RUN[:-1], "init"], cwd=project, check=True, capture_output=True, env=_environment())
    return project


def tick_cost(here: Path, interleaved: Callable[..., list[float]]) -> Iterator[Took]:
    """A whole process that finds nothing to do, its one `git status` included, beside `python -c pass`; everything compiled."""
    import compileall

    import kairos_git

    compileall.compile_dir(str(Path(kairos_git.__file__).parent), quiet=2)
    project = a_project(here / "tick")

    def tick() -> str:
        done = subprocess.run([*RUN[:-1], "tick"], cwd=project, check=True, capture_output=True, text=True, env=_environment())
        return done.stdout

    for _ in range(10):
        if "nothing changed" in tick():
            break
    floor, ours = interleaved(41, lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), tick)
    assert "nothing changed" in tick()
    yield Took("tick with nothing to do / python -c pass", ours / floor, TICK_BAR, f"{ours:.1f} / {floor:.1f} ms")


def rest(here: Path, seconds: float) -> Rested:
    """Start a `run`, let it settle after a save, then watch it do nothing. Linux only: others say less of a process."""
    project = a_project(here / "rest")
    log = here / "run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(RUN, cwd=project, stdout=out, stderr=subprocess.STDOUT, env=_environment())
    try:
        time.sleep(15)
        (project / "part0" / "m0.py").write_text("x = 'saved'\n")
        settled, end = 0.0, time.monotonic() + 120
        while settled < 20 and time.monotonic() < end:  # no child for twenty seconds
            settled = 0.0 if _children(process.pid) else settled + 0.5
            time.sleep(0.5)
        began, before, seen = time.monotonic(), _ticks(process.pid), 0
        while time.monotonic() - began < seconds:
            time.sleep(0.5)
            seen += len(_children(process.pid))
        took = time.monotonic() - began
        if process.poll() is not None:
            raise RuntimeError(f"`run` ended by itself: {log.read_text()[-2000:]}")
        share = (_ticks(process.pid) - before) / os.sysconf("SC_CLK_TCK") / took
        megabytes = int(Path(f"/proc/{process.pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024
        return Rested(took, megabytes, share, seen, "every minute" not in log.read_text())
    finally:
        process.terminate()
        process.wait(30)


def idle_cost(here: Path, seconds: float = 60.0) -> Iterator[Took]:
    """The same as figures; nothing where the system does not say."""
    if not os.path.isdir("/proc/self"):
        return
    r = rest(here, seconds)
    how = f"{r.seconds:.0f} s, {'watched live' if r.watched else 'looked at every minute'}"
    yield Took(f"idle run, memory in units of {MEGABYTES:g} MB", r.megabytes / MEGABYTES, 1, f"{r.megabytes:.1f} MB; {how}")
    yield Took(f"idle run, share of a core in units of {SHARE:.1%}", r.share / SHARE, 1, f"{r.share:.4%}; {how}")
    yield Took("idle run, children seen", float(r.children), 0, how)


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "CLAUDE_PROJECT_DIR")}


def _children(pid: int) -> list[str]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += (task / "children").read_text().split()
    return found


def _ticks(pid: int) -> int:
    """Clock ticks the process and its children that ended used so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, words[11:15]))


def main() -> int:
    from tests.bench.__main__ import interleaved, workshop

    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with workshop() as here:
        figures = [*tick_cost(here, interleaved), *idle_cost(here, seconds)]
    for f in figures:
        print(f"{'ok ' if f.ratio <= f.bar else 'OVER'} {f.ratio:7.2f} <= {f.bar:<5g} {f.what} ({f.detail})", flush=True)
    return int(any(f.ratio > f.bar for f in figures))


if __name__ == "__main__":
    raise SystemExit(main())
