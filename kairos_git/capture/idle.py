"""How long the owner has been away: the newest sign that they were here, out of what is written down anyway.

Signs are commits and other moves of HEAD (the reflogs of all work trees), hooks that spoke, commands, saves, prompts and stops of
agent sessions, statements, and, where there is a desktop that says so, the last key or mouse. What this program does itself leaves
none of these: it never commits in the project, and the memory's own git is not looked at.

The one rule: an open agent session is somebody at work, unless it has been silent for six hours; a sign that cannot be read is none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from kairos_git.capture.keptstate import load_state
from kairos_git.capture.project import Project
from kairos_git.capture.reflog import moves, tail
from kairos_git.capture.sessions.state import FOLDER, parse_state
from kairos_git.capture.spooling import CLOCK
from kairos_git.errors import UsageError
from kairos_git.memory.files import read_regular
from kairos_git.memory.observation import parse_time
from kairos_git.memory.repository import Memory

SILENT = 6 * 3600.0  # seconds after which an open session is taken for one that nobody closed
TAIL = 4096  # bytes of a reflog's end that are read


class Sign(NamedTuple):
    """Somebody was here. what: for people to read; at: seconds since 1970; open: whether it goes on, as an agent session does."""

    what: str
    at: float
    open: bool = False


class Idle(NamedTuple):
    """seconds: since the owner's newest sign; by: that sign, "" where there is none; sessions: the agent sessions that are open."""

    seconds: float
    by: str
    sessions: tuple[str, ...]


def idle(signs: Iterable[Sign], now: float) -> Idle:
    """How long there was no sign: since 1970 where there is none, 0 while a session is open. A sign ahead of the clock is one of now."""
    known = sorted(signs, key=lambda s: (min(s.at, now), s.what))
    sessions = tuple(s.what for s in known if s.open and now - s.at < SILENT)
    if sessions:
        return Idle(0.0, sessions[-1], sessions)
    newest = known[-1] if known else Sign("", 0.0)
    return Idle(now - min(newest.at, now), newest.what, ())


def signs(memory: Memory, project: Project | None, desktop: float | None = None) -> list[Sign]:
    """Every sign there is now; a few `stat`s and the ends of the reflogs. desktop: when it was last touched, where that is known."""
    found = [
        ("a hook", _touched(os.path.join(memory.spool, "pointers"))),
        ("a hook", _touched(os.path.join(memory.spool, "pointers.read"))),
        ("a statement", _touched(os.path.join(memory.own, CLOCK))),
        ("a command", _touched(os.path.join(memory.spool, "terminal"))),
        ("a command", _kept(memory, "terminal")),
        ("a file saved", _kept(memory, "files")),
        ("the desktop", desktop),
    ]
    found += [("git", _last_move(gitdir)) for gitdir in (_gitdirs(project.gitdir) if project else ())]
    return [Sign(what, at) for what, at in found if at] + sessions(memory)


def sessions(memory: Memory) -> list[Sign]:
    """The agent sessions that are open, by the last time that each gave a sign."""
    folder = os.path.join(memory.own, FOLDER)
    try:
        names = sorted(n for n in os.listdir(folder) if n.endswith(".json"))
    except OSError:
        return []
    found = [(f"session {n.removesuffix('.json')}", _heard(os.path.join(folder, n))) for n in names]
    return [Sign(what, at, open=True) for what, at in found if at]


def _heard(path: str) -> float | None:
    """When a session was last heard; where its file is damaged, when that was written."""
    state = parse_state(read_regular(path) or b"")
    try:
        return parse_time(state.last).timestamp() if state else _touched(path)
    except UsageError:
        return _touched(path)


def _last_move(gitdir: str) -> float | None:
    """When the HEAD of a work tree moved last, seconds since 1970."""
    times = [m.at for m in moves(tail(gitdir, TAIL))]
    return times[-1] if times else None


def _gitdirs(gitdir: str) -> list[str]:
    """Those of the main work tree and of the linked ones."""
    trees = os.path.join(gitdir, "worktrees")
    names = sorted(os.listdir(trees)) if os.path.isdir(trees) else []
    return [gitdir, *(os.path.join(trees, n) for n in names)]


def _touched(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


def _kept(memory: Memory, name: str) -> float | None:
    last = load_state(memory, name).get("last")
    return float(last) if isinstance(last, int) and 0 < last < 1 << 40 else None
