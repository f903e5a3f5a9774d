"""From the raw lines of the terminal to observations in the spool: bursts that are over, and test runs that turned out differently.

The raw file is set aside, read, summarised; what is told is acknowledged before the lines of it go. The lines of a burst that
goes on are kept with the state, redacted, in the memory's git directory.

The one rule: stopped at any point, it tells nothing twice: a segment that was read is known by its number.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from kairos_git.capture.bursts import bursts
from kairos_git.capture.keptstate import alone, load_state, save_state
from kairos_git.capture.project import Project
from kairos_git.capture.sessions.scope import Scope, load_scope
from kairos_git.capture.spooling import acknowledge
from kairos_git.capture.terminal.lines import Activity, format_activity, ordered, parse_activity, parse_lines
from kairos_git.capture.terminal.summary import summarise
from kairos_git.capture.terminal.testruns import checked_out, told_runs
from kairos_git.capture.worktrees import reflog
from kairos_git.errors import NotWritable, Problem
from kairos_git.memory.files import read_regular
from kairos_git.memory.objects import facts_at
from kairos_git.memory.observation import Observation
from kairos_git.memory.redact import redact
from kairos_git.memory.repository import Memory

NAME = "terminal"
TAKEN = "terminal-taken-"
MOST = 4 << 20  # bytes of raw lines looked at; of more, the newest
FUTURE = 86400.0  # seconds that a line may lie ahead of the clock


class Taken(NamedTuple):
    """What came of it: the observations, safe in the spool, and what was damaged."""

    observations: tuple[Observation, ...]
    problems: tuple[Problem, ...]


def declared_tests(memory: Memory) -> list[str]:
    """The commands that run the tests, as confirmed facts have it (`tests.command`)."""
    return [f.value for f in facts_at(memory.git, memory.head()).values() if f.slot == "tests.command" and f.state == "confirmed"]


def take_in(memory: Memory, project: Project | None, now: datetime, tests: Collection[str] = ()) -> Taken:
    """Summarise what was typed since the last time. Cheap where nothing was.

    `tests` are commands whose exit code says how the tests stand, beside what facts say. Raises NotWritable, and Refused where
    the settings that say what is private cannot be read.
    """
    with alone(memory, NAME) as free:
        state = load_state(memory, NAME) if free else {}
        if not free or not (os.path.exists(os.path.join(memory.spool, NAME)) or state.get("lines") or _segments(memory)):
            return Taken((), ())
        places = _Places(project, load_scope(memory.path, memory.own, project.root if project else ""))
        read, problems, through = _read(memory, _number(state.get("through")), now.timestamp())
        new = ordered(a for raw in read if (a := places.kept(raw)))
        known = [a for line in _texts(state.get("lines")) if (a := parse_activity(line))]
        done, goes_on = bursts(ordered({*known, *new}), lambda a: a.began, lambda a: a.ended, now.timestamp())
        wanted = [*tests, *declared_tests(memory)] if new else []
        ran, outcomes = told_runs(new, wanted, _outcomes(state.get("outcomes")), places.name, places.commit_at, now.tzinfo)
        told = [*ran, *(o for burst in done if (o := summarise(burst, places.shown, now.tzinfo)))]
        acknowledge(memory, told)
        last = max([_number(state.get("last")), *(a.ended for a in read)])
        lines = [format_activity(a) for a in goes_on]
        save_state(memory, NAME, {"through": through, "last": last, "outcomes": outcomes, "lines": lines})
        _forget(memory)
        return Taken(tuple(told), tuple(problems))


def _read(memory: Memory, before: int, now: float) -> tuple[list[Activity], list[Problem], int]:
    """The activities not yet read, what is damaged, and the number of the last segment."""
    path = os.path.join(memory.spool, NAME)
    numbers = [n for n in _segments(memory) if n > before]
    try:
        if os.path.exists(path) and os.path.getsize(path):
            numbers.append(max([before, *_segments(memory)]) + 1)
            os.rename(path, os.path.join(memory.spool, f"{TAKEN}{numbers[-1]:06d}"))
    except OSError as error:
        raise NotWritable(f"{path} cannot be set aside ({error.strerror}). Nothing of it is lost.") from error
    found: list[Activity] = []
    problems: list[Problem] = []
    for number in numbers:
        segment = os.path.join(memory.spool, f"{TAKEN}{number:06d}")
        data = read_regular(segment) or b""
        if len(data) > MOST:
            problems.append(Problem(segment, 0, f"{len(data)} bytes were typed; the newest {MOST} are looked at"))
            data = data[-MOST:].partition(b"\n")[2]
        read, bad = parse_lines(data, segment)
        found += [a for a in read if a.ended <= now + FUTURE]
        problems += bad
    return found, problems, max([before, *numbers])


def _segments(memory: Memory) -> list[int]:
    try:
        names = os.listdir(memory.spool)
    except OSError:
        return []
    return sorted(int(n.removeprefix(TAKEN)) for n in names if n.startswith(TAKEN) and n.removeprefix(TAKEN).isdigit())


def _forget(memory: Memory) -> None:
    """Let go of the raw segments, and of what shells that ended long ago left."""
    for number in _segments(memory):
        os.unlink(os.path.join(memory.spool, f"{TAKEN}{number:06d}"))
    for name in os.listdir(memory.spool):
        path = os.path.join(memory.spool, name)
        if name.startswith(".typed-") and time.time() - os.lstat(path).st_mtime > 7 * 86400:
            os.unlink(path)


def _number(said: Any) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < 1 << 40 else 0


def _texts(said: Any) -> Iterable[str]:
    return [line for line in said if isinstance(line, str)] if isinstance(said, list) else []


def _outcomes(said: Any) -> dict[str, bool]:
    return {k: v for k, v in said.items() if isinstance(v, bool)} if isinstance(said, dict) else {}


class _Places:
    """Where a folder lies in the project, whichever work tree it is in, and what of it may be kept. Remembers what it looked up."""

    def __init__(self, project: Project | None, scope: Scope) -> None:
        self.project, self.scope = project, scope
        self.root = cache(self._root)
        self.reflog = cache(reflog)
        self.redacted = cache(lambda command: redact(scope.kept(command)).text.strip())

    def kept(self, a: Activity) -> Activity | None:
        """What may be kept of an activity; None where that is nothing."""
        command = self.redacted(a.command)
        hidden = self.scope.hides(a.folder) or self.scope.hides(os.path.join(self.scope.root, self.name(a.folder)))
        return a._replace(command=command) if command and not hidden else None

    @staticmethod
    def _root(folder: str) -> str:
        """The work tree a folder lies in, "" where it lies in none."""
        while not os.path.exists(os.path.join(folder, ".git")):
            if folder in ("/", ""):
                return ""
            folder = os.path.dirname(folder)
        return folder

    def name(self, folder: str) -> str:
        """The folder within its work tree, "" for the root."""
        root = self.root(folder) or (self.project.root if self.project else "")
        name = os.path.relpath(folder, root) if root else os.path.basename(folder)
        return "" if name == "." else name

    def shown(self, folder: str) -> str:
        """The same for the log; what lies outside is only called that."""
        name = self.name(folder)
        return "elsewhere" if name.startswith("..") else name

    def commit_at(self, folder: str, epoch: int) -> str:
        """The commit that was checked out in the folder's work tree then, "" where the reflog does not say."""
        return checked_out(self.reflog(self.root(folder)), epoch)
