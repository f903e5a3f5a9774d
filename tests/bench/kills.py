"""kill -9 before a system call that changes something, of our process or of a git it started; then the next command.

The points are read from a trace of an undisturbed run: every call of CALLS that writes below the stage, by the process itself
and by each git child (a `git` first on PATH counts them and traces the one that is meant). Where a child dies, our process
either lives on and sees it fail, or dies with it.

The one rule: after the kill nothing is mended by hand; only commands follow.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from conftest import Place, git, run

CALLS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
    "mkdir", "mkdirat", "ftruncate", "flock",
)  # fmt: skip
TRACE = "trace=" + ",".join("?" + call for call in CALLS)
KAIROS = [sys.executable, "-P", "-m", "kairos_git"]
COMMANDS = ("observe", "observe first", "drain", "dream", "revert", "reproject")
SHIM = """#!/bin/sh
# The git of a kill sweep: counts the calls, traces or kills the one that is meant.
read n < "$STAGE/count"; n=$((n + 1)); echo $n > "$STAGE/count"; echo "$@" >> "$STAGE/gits"
[ "$KILL_CHILD" = all ] && exec strace -f -y -qq -o "$STAGE/trace.$n" -e "$KILL_TRACE" {git} "$@"
[ "$KILL_CHILD" = $n ] || exec {git} "$@"
strace -f -qq -o "$STAGE/killed" -e "$KILL_TRACE" -e "$KILL_INJECT" {git} "$@"
code=$?
[ $code = 137 ] || exit $code
[ "$KILL_WHOLE" = 1 ] && kill -9 $PPID
kill -9 $$
"""


class Point(NamedTuple):
    """Before the `nth` call of `call` by the process (`child` 0) or by its n-th git; `whole`: the process dies with it."""

    command: str
    child: int
    call: str
    nth: int
    whole: bool


class Struck(NamedTuple):
    """What became of one point: whether the kill fired, and every promise not kept."""

    point: Point
    fired: bool
    broken: tuple[str, ...]


def missing() -> str:
    """Why no sweep can run here, or ""."""
    if sys.platform != "linux" or not shutil.which("strace"):
        return "strace is not installed"
    probe = subprocess.run(["strace", "-qq", "-e", "trace=?flock", "true"], capture_output=True, text=True, check=False)
    return "" if probe.returncode == 0 else f"strace cannot trace here: {probe.stderr.strip()[:80]}"


class Stage:
    """A folder with a project and a memory that is put back to the same state before every point."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "stage"
        self.kept = folder / "kept"
        self.kept.mkdir(parents=True)
        self.folder.mkdir()
        self.place = Place(self.folder / "app")
        self._shim()
        self._live()
        for name in ("app", "app.memory"):
            shutil.copytree(self.folder / name, self.kept / name, symlinks=True)
        self.head = self.place.mem("rev-parse", "HEAD")
        self.before = self.topics("HEAD")
        self.wanted: dict[str, list[str]] = {}  # the topics after each commit of an undisturbed run
        self.at_last: dict[str, str] = {}  # and after the dream that follows it

    def _shim(self) -> None:
        self.path = self.folder / "bin"
        self.path.mkdir()
        (self.path / "git").write_text(SHIM.replace("{git}", shutil.which("git") or "git"))
        os.chmod(self.path / "git", stat.S_IRWXU)

    def _live(self) -> None:
        """A life short enough to repeat: three dreams, news in the project, five lines in the spool."""
        place = self.place
        place.root.mkdir()
        place.git("init", "-q")
        place.commit("Initial commit", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.11"\n'})
        place.run("init", "--no-hooks", "--now", place.tick().isoformat())
        self.said = [place.say("cache.backend = `redis`"), place.say("Run `make lint` to lint")]
        place.dream()
        self.said += [place.say("mail.backend = `smtp`"), place.say("The default port is `8080`")]
        self.dream = place.dream()["dream"]
        self.said.append(place.say("search.backend = `elastic`"))
        place.dream()
        place.commit("Require 3.12", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.12"\n'})
        self.said += [place.say(f"queue{n}.backend = `rabbit{n}`", hours=7) for n in range(5)]
        self.now = place.tick(hours=1)

    def reset(self, command: str) -> None:
        for name in ("app", "app.memory"):
            shutil.rmtree(self.folder / name)
            subprocess.run(["cp", "-a", str(self.kept / name), str(self.folder / name)], check=True)
        if command == "observe first":
            for path in (self.place.memory / ".git/kairos/spool").glob("observations"):
                path.unlink()
        if command == "reproject":  # what a memory's own hook calls after a person's `git revert`
            git(self.place.memory, "revert", "--no-edit", self.dream, when=self.now, KAIROS_GIT_INSIDE="1")
        self.acknowledged = list(self.said[:5]) if command == "observe first" else list(self.said)
        for path in self.folder.glob("trace.*"):
            path.unlink()
        (self.folder / "count").write_text("0\n")
        for name in ("killed", "gits"):
            (self.folder / name).write_text("")

    def at(self, later: int) -> tuple[str, str]:
        return "--now", (self.now + timedelta(minutes=later)).isoformat()

    def arguments(self, command: str, later: int = 0) -> list[str]:
        return {
            "observe": ["observe", f"log.level = `debug{later}`", *self.at(later), "--json"],
            "drain": ["drain", *self.at(later)],
            "dream": ["dream", "--json", *self.at(later)],
            "revert": ["revert", self.dream, "--json", *self.at(later)],
            "reproject": ["reproject"],
        }[command.split()[0]]

    def cwd(self, command: str) -> Path:
        return self.place.memory if command == "reproject" else self.place.root

    def start(self, command: str, before: tuple[str, ...] = (), **env: str) -> subprocess.CompletedProcess[str]:
        environ = {
            **os.environ,
            "PYTHONHASHSEED": "0",
            "STAGE": str(self.folder),
            "PATH": f"{self.path}:{os.environ['PATH']}",
            **env,
        }
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.run(
            [*before, *KAIROS, *self.arguments(command)],
            cwd=self.cwd(command),
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def points(self, command: str) -> list[Point]:
        """Every point of a command, in the order of the undisturbed run; and the topics it leaves."""
        self.reset(command)
        self.start(command, KILL_CHILD="0")  # writes what Python compiled, so that the next one does not
        self.reset(command)
        trace = ("strace", "-y", "-qq", "-o", str(self.folder / "trace.0"), "-e", TRACE)
        done = self.start(command, trace, KILL_CHILD="all", KILL_TRACE=TRACE)
        assert done.returncode == 0, done.stderr
        self.wanted[command] = [self.topics(c) for c in self.place.mem("rev-list", f"{self.head}..HEAD").split()]
        self.place.run("dream", *self.at(2))
        self.at_last[command] = self.topics()
        found = []
        for path in sorted(self.folder.glob("trace.*"), key=lambda p: int(p.suffix[1:])):
            child = int(path.suffix[1:])
            for call, nth in changing(path.read_text(errors="replace"), str(self.folder), child == 0):
                found.append(Point(command, child, call, nth, len(found) % 2 == 0))
        return list(dict.fromkeys(found))

    def gits(self) -> list[str]:
        """The git commands of the last run, in order, without the settings that go with each."""
        return [re.sub(r"-c \S+ ?", "", line) for line in (self.folder / "gits").read_text().splitlines()]

    def starts(self, command: str) -> list[Point]:
        """One point for every git a command starts: killed before it did anything, and our process lives on."""
        self.points(command)
        self.reset(command)
        self.start(command, KILL_CHILD="0")
        return [Point(command, child, "openat", 1, False) for child in range(1, len(self.gits()) + 1)]

    def topics(self, commit: str = "HEAD") -> str:
        return self.place.mem("rev-parse", f"{commit}:topics")

    def strike(self, point: Point) -> Struck:
        """Kill at a point, then go on with commands alone."""
        self.reset(point.command)
        inject = f"inject={point.call}:signal=KILL:when={point.nth}"
        if point.child:
            done = self.start(
                point.command, KILL_CHILD=str(point.child), KILL_TRACE=TRACE, KILL_INJECT=inject, KILL_WHOLE=str(int(point.whole))
            )
            fired = "killed by SIGKILL" in (self.folder / "killed").read_text()
        else:
            done = self.start(point.command, ("strace", "-qq", "-o", "/dev/null", "-e", TRACE, "-e", inject), KILL_CHILD="0")
            fired = done.returncode in (137, -9)
        if point.command.startswith("observe"):
            self.acknowledged += re.findall(r'"id": "(o-\w{13})"', done.stdout)
        return Struck(point, fired, tuple(self._after(point, done)))

    def _after(self, point: Point, done: subprocess.CompletedProcess[str]) -> list[str]:
        broken = []
        if "Traceback" in done.stderr:
            broken.append(f"a traceback: {done.stderr.strip().splitlines()[-1]}")
        if self.topics() not in (self.before, *self.wanted[point.command]):
            broken.append("the topics stand as no whole commit leaves them")
        again = self.arguments(point.command, later=point.command.startswith("observe"))
        next_one = run(self.cwd(point.command), *again, code=None)
        if next_one.code and not (point.command == "revert" and next_one.code == 1):  # 1: it had landed already
            broken.append(f"the next {point.command} answered {next_one.code}: {next_one.err.strip()[:200]}")
        elif point.command.startswith("observe"):
            self.acknowledged.append(next_one.json["id"])
        last = self.place.run("dream", "--json", *self.at(2), code=None)
        if last.code:
            broken.append(f"the dream after it answered {last.code}: {last.err.strip()[:200]}")
        elif not point.command.startswith("observe") and self.topics() != self.at_last[point.command]:
            broken.append("at last the facts are other ones than without the kill")
        return broken + self._whole()

    def _whole(self) -> list[str]:
        """Every acknowledged line stands in the log once; git and the laws are content; no lock, no edit is left."""
        memory = self.place.memory
        broken = []
        log = "".join(path.read_text() for path in (memory / "log").rglob("*.md"))
        committed = git(memory, "grep", "-h", "<!--o ", "HEAD", "--", "log", check=False)
        for text in (log, committed):
            counts = [text.count(f"<!--o {name} ") for name in self.acknowledged]
            if set(counts) != {1}:
                broken.append(f"{counts.count(0)} acknowledged lines lost, {sum(c > 1 for c in counts)} doubled")
        wrong = git(memory, "fsck", "--strict", "--no-dangling", "--no-progress", check=False)
        laws = json.loads(self.place.run("fsck", "--json", code=None).out)["problems"]
        dirty = git(memory, "status", "--porcelain", check=False)
        locks = [str(p.relative_to(memory)) for p in (memory / ".git").rglob("*.lock")]
        waits = [
            p.name
            for p in (memory / ".git/kairos/spool").iterdir()
            if p.name.startswith(("taken", "observations")) and p.stat().st_size
        ]
        for name, found in (("git fsck", wrong), ("fsck", laws), ("git status", dirty), ("locks", locks), ("spool", waits)):
            if found:
                broken.append(f"{name}: {str(found)[:200]}")
        return broken


_NAMED = frozenset(["openat", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat"])
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LINE = re.compile(r"^(?:(\d+) +)?(\w+)\((.*)")


def changing(trace: str, below: str, answers: bool = False) -> list[tuple[str, int]]:
    """(call, which one of its process) of every traced call that changes something below a folder (or, with `answers`, that
    writes to standard output).
    """
    counts: dict[tuple[str, str], int] = {}
    found = []
    for line in trace.splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        pid, call, rest = match.groups()
        nth = counts[pid, call] = counts.get((pid, call), 0) + 1
        if call == "openat" and not re.search(r"O_(?:WRONLY|RDWR|CREAT)", rest):
            continue
        names = _QUOTED.findall(rest) if call in _NAMED else []
        inside = any(n.startswith(below) or not n.startswith("/") for n in names) if names else below in rest.partition(",")[0]
        if inside or (answers and call == "write" and rest.startswith("1<")):
            found.append((call, nth))
    return found


def broken(command: str, count: int, folder: str) -> list[str]:
    """The promises that are not kept at `count` points of a command, for a build that may be broken."""
    stage = Stage(Path(folder))
    struck = (stage.strike(point) for point in spread(stage.points(command), count))
    return next((list(s.broken) for s in struck if s.broken), [])


def spread(points: list[Point], count: int) -> list[Point]:
    """As many points, evenly over all of them."""
    if count >= len(points):
        return points
    return [points[i * len(points) // count] for i in range(count)]
