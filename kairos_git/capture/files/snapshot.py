"""What differs from the last commit in a work tree, and when it was written: one `git status` and one `stat` for each file of it.

A file counts as edited where it differs from HEAD and was written since the last look. So a switch of branches that writes 5,000
files edits none of them, git's ignore rules hold, and no history of events has to be kept.

The one rule: it only looks. Nothing in the project is written, locked or refreshed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from kairos_git.capture.project import Project
from kairos_git.capture.worktrees import git_folder
from kairos_git.errors import GitFailed, NotFound, Problem

SECONDS = 20.0  # for `git status`
STALE = 600.0  # seconds after which an `index.lock` is one that a git which died left behind
MOST = 3000  # files that differ whose times are looked at
_FIELDS = {"1": 8, "2": 9, "u": 10}  # columns before the path, by kind of line (git-status(1), porcelain v2)


class Seen(NamedTuple):
    """One file that differs from HEAD. kind: `new`, `changed` or `gone`; ns: when it was written, in nanoseconds; size in bytes."""

    kind: str
    ns: int
    size: int


class Edit(NamedTuple):
    """A file was edited. at: seconds since 1970; saves: how often at least; since: its first save of this burst."""

    path: str
    at: int
    kind: str = "changed"
    saves: int = 1
    since: int = 0


Shot = dict[str, Seen]


def snapshot(
    project: Project, before: Mapping[str, Seen] | None, now: int, private: Callable[[str], bool] = lambda path: False
) -> tuple[Shot | None, list[Edit], list[Problem]]:  # fmt: skip
    """(what differs now, what was edited since `before`, what could not be looked at).

    The first is None, and nothing was edited, where the project cannot be looked at, or git is writing into it just now: in the
    middle of a switch every file of the other branch would look edited. `before` is None at the first look, when nothing is known.
    """
    moment = _moment(project.root)
    if moment is None:
        return None, [], []
    try:
        answer = project.git.run("status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", timeout=SECONDS)
    except (NotFound, GitFailed) as error:
        there = os.path.isdir(project.root)
        return None, [], [Problem(project.root, 0, str(error) if there else "the project is gone; it is not looked at any more")]
    if _moment(project.root) != moment:
        return None, [], []
    paths = {p: k for p, k in parse_status(answer.out.decode("utf-8", "surrogateescape")).items() if not private(p)}
    after = {path: _seen(os.path.join(project.root, path), kind) for path, kind in sorted(paths.items())[:MOST]}
    problems = [Problem(project.root, 0, words.strip()) for words in answer.err.decode("utf-8", "replace").splitlines()[:5]]
    if len(paths) > MOST:
        problems.append(Problem(project.root, 0, f"{len(paths)} files differ from the last commit; {MOST} are looked at"))
    return after, compare(before, after, now) if before is not None else [], problems


def _moment(root: str) -> tuple[tuple[int, int], ...] | None:
    """What changes whenever git moves HEAD or writes the index; None while it is at it. A lock that is old was left behind."""
    folder = git_folder(root)
    with suppress(OSError):
        if time.time() - os.stat(os.path.join(folder, "index.lock")).st_mtime < STALE:
            return None
    found = []
    for name in ("HEAD", "index", os.path.join("logs", "HEAD")):
        try:
            s = os.stat(os.path.join(folder, name))
        except OSError:
            found.append((0, 0))
        else:
            found.append((s.st_mtime_ns, s.st_ino))
    return tuple(found)


def parse_status(text: str) -> dict[str, str]:
    """path -> `new`, `changed` or `gone`, from `git status --porcelain=v2 -z`; folders (of nested repositories) are left out."""
    found: dict[str, str] = {}
    for line in text.split("\0"):
        if line[:2] == "? ":
            path, kind = line[2:], "new"
        elif line[:1] in _FIELDS:
            parts = line.split(" ", _FIELDS[line[0]])
            path = parts[-1] if len(parts) > _FIELDS[line[0]] else ""
            kind = "gone" if "D" in parts[1] else "changed"
        else:
            continue
        if path and not path.endswith("/"):
            found[path] = kind
    return found


def _seen(path: str, kind: str) -> Seen:
    try:
        s = os.lstat(path)
    except OSError:
        return Seen("gone", 0, 0)
    return Seen(kind, s.st_mtime_ns, s.st_size)


def compare(before: Mapping[str, Seen], after: Mapping[str, Seen], now: int) -> list[Edit]:
    """What was edited between two looks: what differs now and was written since, and what is gone that was there."""
    edits = []
    for path, seen in after.items():
        old = before.get(path)
        if old is not None and (old.ns, old.size, old.kind == "gone") == (seen.ns, seen.size, seen.kind == "gone"):
            continue
        at = min(seen.ns // 10**9, now) if seen.ns else now
        edits.append(Edit(path, at, seen.kind, since=at))
    return edits


def format_shot(shot: Mapping[str, Seen]) -> dict[str, list[str | int]]:
    """The same as plain lists, for JSON."""
    return {path: list(seen) for path, seen in shot.items()}


def parse_shot(fields: object) -> Shot | None:
    """The inverse of `format_shot`; None for what is no snapshot."""
    if not isinstance(fields, dict):
        return None
    rows = [
        (p, r) for p, r in fields.items() if isinstance(r, list) and len(r) == 3 and re.fullmatch("new|changed|gone", str(r[0]))
    ]
    if len(rows) != len(fields) or not all(isinstance(n, int) for _, r in rows for n in r[1:]):
        return None
    return {path: Seen(*row) for path, row in rows}
