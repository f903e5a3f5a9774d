"""What happened in the project's git since we last looked: commits first, then what became of branches, tags and pushes.

Hooks only say that something happened; this reads what. So nothing is missed that was done while no hook was there.

The one rule: it may forget where it was (the note of what was seen is a cache) and still write no commit twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.branches import Branches, ended, in_any
from kairos_git.capture.commits import commit_observation, find_author, present, read_commits
from kairos_git.capture.project import Project
from kairos_git.capture.refs import pushes, tags
from kairos_git.capture.survey.tree import default_branch
from kairos_git.capture.worktrees import git_folder
from kairos_git.gitrun import Git
from kairos_git.memory.landing import read_regular, write_whole
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory

COMMITS = 1000  # of the history before `init`, unless told otherwise
BRANCHES = 100  # looked at one by one: those committed to last
_HEADS, _ORIGIN = "refs/heads/", "refs/remotes/origin/"


class Seen(NamedTuple):
    """Where we were. refs: full name -> object id; trunk: the default branch's commit; branches: those not merged yet."""

    refs: dict[str, str]
    branches: Branches
    trunk: str = ""


class News(NamedTuple):
    """What is new, and where we are now."""

    observations: list[Observation]
    seen: Seen


def load_seen(memory: Memory) -> Seen | None:
    """The note of the last look, or None: never looked, or the cache is gone or damaged."""
    try:
        fields = json.loads(read_regular(os.path.join(memory.own, "seen.json")) or b"")
        branches = Branches(dict(fields["open"]), dict(fields.get("renamed", {})))
        return Seen(dict(fields["refs"]), branches, str(fields.get("trunk", "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def save_seen(memory: Memory, seen: Seen) -> None:
    """Note where we are, for the next look."""
    fields = {"refs": seen.refs, "open": seen.branches.open, "renamed": seen.branches.renamed, "trunk": seen.trunk}
    write_whole(os.path.join(memory.own, "seen.json"), json.dumps(fields, sort_keys=True).encode())


def look(
    project: Project, seen: Seen | None, owners: Collection[str], now: datetime, limit: int | None = COMMITS,
    progress: Callable[[int], None] = lambda n: None,
) -> News:  # fmt: skip
    """Everything new in the project's git. `limit` bounds the commits read where nothing was seen before (None: all)."""
    git = project.git
    refs = _refs(git)
    main = default_branch(git)
    trunk = _trunk(refs, main) or git.resolve("HEAD") or ""
    old = seen or Seen({}, Branches({}, {}))
    before = old.trunk or _trunk(old.refs, main) or ""
    known = present(git, {before, *(oid for name, oid in old.refs.items() if name.startswith(_HEADS))} - {""})
    owned = frozenset(o.casefold() for o in owners)
    find = find_author(git)
    found: list[Observation] = []

    def read(branch: str, *arguments: str, less: Collection[str]) -> bool:
        count = len(found)
        for commit in read_commits(git, *arguments, less=less):
            found.append(commit_observation(commit, owned, branch, find))
            if len(found) % 50 == 0:
                progress(len(found))
        return len(found) > count

    bound = [f"--max-count={limit}"] if limit is not None else []
    if trunk and trunk != before:
        new = before not in known or _rewritten(git, before, trunk, limit)
        read("", *(bound if new else ()), trunk, less=[before] if before in known else [])
    trunks = sorted({trunk, refs.get(f"{_ORIGIN}{main}", trunk)} - {""})
    open_now, told = dict(old.branches.open), [*trunks, *known]
    for name, tip in _moved(git, refs, old, main):
        if not in_any(git, tip, trunks):
            if read(name, *(bound if f"{_HEADS}{name}" not in old.refs else ()), tip, less=told) or name in open_now:
                open_now[name] = tip
            told.append(tip)
    detached = _detached(git) if main else {}
    for name, tip in detached.items():
        if open_now.get(name) != tip and read(name, *bound, tip, "--not", "--branches", "--tags", "--remotes", less=told):
            open_now[name] = tip
    heads = {**{n.removeprefix(_HEADS): oid for n, oid in refs.items() if n.startswith(_HEADS)}, **detached}
    quiet = set(trunks) <= {before, old.refs.get(f"{_ORIGIN}{main}", "")}
    still_open, ends = ended(git, old.branches, open_now, heads, trunks, old.refs, main or "HEAD", now, quiet=quiet)
    found += ends
    if seen is not None or limit != 0:
        found += tags(git, refs, old.refs, owned, now, first=seen is None)
    if seen is not None:
        found += pushes(git, refs, old.refs, now)
    progress(len(found))
    return News(found, Seen(refs, still_open, trunk))


def _refs(git: Git) -> dict[str, str]:
    lines = git.lines("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags", "refs/remotes")
    return {name: oid for oid, name in (line.split(" ", 1) for line in lines)}


def _trunk(refs: dict[str, str], main: str | None) -> str | None:
    return refs.get(f"{_HEADS}{main}") or refs.get(f"{_ORIGIN}{main}")


def _rewritten(git: Git, before: str, trunk: str, limit: int | None) -> bool:
    """Whether so much of what was read is gone that this is another telling of the same history, and no news."""
    if limit is None or in_any(git, before, [trunk]):
        return False
    gone = git.text("rev-list", "--count", f"--max-count={limit + 1}", before, f"^{trunk}")
    return int(gone) > limit or not git.ok("merge-base", before, trunk)


def _moved(git: Git, refs: dict[str, str], old: Seen, main: str | None) -> Iterator[tuple[str, str]]:
    """The branches that are new or elsewhere, and their commits; a branch before those that stand on it."""
    names = git.lines("for-each-ref", f"--count={BRANCHES}", "--sort=-committerdate", "--format=%(refname)", "refs/heads")
    for ref in reversed(names):
        if ref != f"{_HEADS}{main}" and ref in refs and old.refs.get(ref) != refs[ref]:
            yield ref.removeprefix(_HEADS), refs[ref]


def _detached(git: Git) -> dict[str, str]:
    """What the work trees stand at that stand on no branch: `HEAD`, or `HEAD@<work tree>` for a linked one, -> commit.

    A rebase that is under way moves a detached HEAD, too; what it makes is on its branch at the end.
    """
    found = {}
    for number, record in enumerate(git.text("worktree", "list", "--porcelain", "-z").split("\0\0")):
        words = dict(line.partition(" ")[::2] for line in record.strip("\0").split("\0"))
        folder = git_folder(words.get("worktree", ""))
        rebasing = any(os.path.isdir(os.path.join(folder, name)) for name in ("rebase-merge", "rebase-apply"))
        if "detached" in words and not rebasing and set(words["HEAD"]) != {"0"}:
            found[f"HEAD@{os.path.basename(folder)}" if number else "HEAD"] = words["HEAD"]
    return found
