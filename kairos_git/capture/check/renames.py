"""What became of a path: the check's edge to the project's history.

The one rule: history is asked twice at most for a path, for a bounded time; where it does not answer, nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from kairos_git.errors import GitFailed
from kairos_git.gitrun import Git

PATIENCE = 20.0  # seconds for one question; past it a check is better without history than late
MOST_ASKED = 400  # paths in one question
MOST_COMMITS = 30  # whose renames are looked at
MOST_HOPS = 4  # renames of renames


class Fate(NamedTuple):
    """When a path went, and where to: '' where it was removed. `was` is the path as history had it."""

    commit: str
    was: str
    moved: str


class _End(NamedTuple):
    commit: str
    files: tuple[str, ...]


def fates(git: Git, asked: Iterable[str], present: Callable[[str], bool]) -> dict[str, Fate]:
    """What became of each of the paths, for those that once existed in HEAD's history. `present`: is it there now?

    A path is a file or a folder, from the root, without a trailing slash. No history, a shallow or a broken one: {}.
    """
    wanted = sorted({path for path in asked if path and not {"", ".", ".."} & set(path.split("/")) and "\0" not in path})[
        :MOST_ASKED
    ]
    ends = _ends(git, wanted)
    commits = list(dict.fromkeys(end.commit for end in ends.values()))[:MOST_COMMITS]
    exact = (
        bool(git.config("extensions.partialClone"))
        or git.run("config", "--get-regexp", r"^remote\..*\.promisor$", check=False).code == 0
    )
    moves = {commit: _renames(git, commit, exact) for commit in commits}
    found = {}
    for path in wanted:
        end, was = ends.get(path), path
        if end is None:  # `src/tools` of a `src` that is gone, and had it as `src/pkg/tools`
            end = ends.get(path.partition("/")[0])
            was = _once(path, end.files) if end else ""
        if end and was:
            found[path] = Fate(end.commit[:10], was, _destination(was, moves.get(end.commit, {}), end.files))
    return _followed(git, found, present, exact)


def _followed(git: Git, found: dict[str, Fate], present: Callable[[str], bool], exact: bool) -> dict[str, Fate]:
    """A path that was moved on is followed to where it is now, or was last seen to go."""
    for _ in range(MOST_HOPS):
        onward = {fate.moved for fate in found.values() if fate.moved and not present(fate.moved)}
        if not onward:
            break
        ends = _ends(git, sorted(onward))
        moves = {end.commit: _renames(git, end.commit, exact) for end in list(ends.values())[:MOST_COMMITS]}
        step = {path: (end.commit, _destination(path, moves.get(end.commit, {}), end.files)) for path, end in ends.items()}
        for path, fate in found.items():
            if fate.moved in onward:
                commit, moved = step.get(fate.moved, (fate.commit, ""))
                found[path] = Fate(commit[:10], fate.was, moved)
    return {path: fate if not fate.moved or present(fate.moved) else fate._replace(moved="") for path, fate in found.items()}


def _ends(git: Git, paths: Sequence[str]) -> dict[str, _End]:
    """The newest commit that deleted each path, or something below it, and the files that went with it."""
    if not paths:
        return {}
    try:
        said = git.run(
            "--literal-pathspecs", "log", "--no-renames", "--diff-filter=D", "--name-only", "-z", "--format=%x01%H", "HEAD", "--",
            *paths, env={"GIT_NO_LAZY_FETCH": "1"}, check=False, timeout=PATIENCE,
        )  # fmt: skip
    except GitFailed:
        return {}
    wanted = frozenset(paths)
    found: dict[str, _End] = {}
    for part in said.out.decode(errors="surrogateescape").split("\x01")[1:]:
        commit, _, names = part.partition("\0")
        files = [name.lstrip("\n") for name in names.split("\0")]
        gone: dict[str, list[str]] = {}
        for name in filter(None, files):
            parts = name.split("/")
            for n in range(1, len(parts) + 1):
                above = "/".join(parts[:n])
                if above in wanted and above not in found:
                    gone.setdefault(above, []).append(name)
        found.update({path: _End(commit.strip(), tuple(names)) for path, names in gone.items()})
    return found


def _once(path: str, files: Iterable[str]) -> str:
    """The path, or the shortest one with the same first and last parts, that some files that went were or lay below; or ''."""
    top, _, rest = path.partition("/")
    found = {name[: at + len(rest) + 1] for name in files if rest and (at := (name + "/").find(f"/{rest}/", len(top))) >= 0}
    return min(found, key=lambda p: (p.count("/"), p), default="")


def _renames(git: Git, commit: str, exact: bool) -> dict[str, str]:
    """Old path -> new path of one commit. `exact`: only unchanged files, whose contents need not be fetched."""
    try:
        said = git.run(
            "diff-tree", "-r", "--no-commit-id", "--root", "--no-rename-empty", "--name-status", "-z", "--diff-filter=R", "-l2000",
            "-M100%" if exact else "-M50%", commit, env={"GIT_NO_LAZY_FETCH": "1"}, check=False, timeout=PATIENCE,
        )  # fmt: skip
        if said.code and not exact:
            return _renames(git, commit, True)
    except GitFailed:
        return {}
    words = said.out.decode(errors="surrogateescape").split("\0")
    return dict(zip(words[1::3], words[2::3], strict=False)) if not said.code else {}


def _destination(path: str, renames: dict[str, str], went: Sequence[str]) -> str:
    """Where a file or a folder went by the renames of one commit; '' where it did not, or its files parted.

    `went` are the files the commit deleted there: a folder moved where at least half of them did, to one place.
    """
    if path in renames:
        return renames[path]
    goals: Counter[str] = Counter()
    for old, new in renames.items():
        tail = old.removeprefix(path)
        if tail.startswith("/") and new.endswith(tail) and tail != old:
            goals[new[: -len(tail)]] += 1
    goal, count = goals.most_common(1)[0] if goals else ("", 0)
    return goal if count * 2 >= sum(name.startswith(path + "/") for name in went) else ""
