"""What became of the branches whose commits are in the log: merged, or gone, so that the fold knows where these count.

The one rule: a branch is gone only when no branch of here or of a remote holds its commits; under another name it lives on.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.commits import local, present
from kairos_git.capture.refs import event
from kairos_git.gitrun import Git
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import code

SQUASHED = 200  # commits of the default branch, of those that touch the branch's first file, that may be its squash merge
_HEADS = "refs/heads/"


class Branches(NamedTuple):
    """open: branches with unmerged observations -> their last commit; renamed: what such a branch is called by now."""

    open: dict[str, str]
    renamed: dict[str, str]


def ended(
    git: Git, old: Branches, opened: dict[str, str], heads: dict[str, str], trunks: Collection[str], before: dict[str, str],
    main: str, now: datetime, *, quiet: bool,
) -> tuple[Branches, list[Observation]]:  # fmt: skip
    """The branches still open, and an observation for each that was merged or is gone.

    opened  the branches as they are open now; heads: what every branch and detached HEAD names; trunks: the default branch's
            commits, here and at origin; before: the refs at the last look; quiet: whether the trunks stand where they stood then
    """
    renamed: dict[str, str] = {}
    still = {}
    for name, tip in sorted(opened.items()):
        called = name if name in heads else old.renamed.get(name, name)
        if called not in heads:
            called = _new_name(git, tip, heads, before)
        if called != name and called in heads:
            renamed[name] = called
            tip = heads[called]
        still[name] = tip
    merged = [n for n, tip in still.items() if not (quiet and old.open.get(n) == tip) and _is_merged(git, tip, trunks)]
    merged += [n for n, tip in still.items() if n not in merged and in_any(git, tip, {still[m] for m in merged})]
    told = [event(now, f"Merged {_words(n)} into {code(main)}", still[n], ("merged", n)) for n in sorted(merged)]
    for name, tip in still.items():
        if name not in merged and name not in heads and name not in renamed and not _held(git, tip):
            told.append(event(now, f"Deleted {_words(name)}, which was not merged", tip, ("deleted", name)))
            merged.append(name)
    left = {name: tip for name, tip in still.items() if name not in merged}
    return Branches(left, {name: called for name, called in renamed.items() if name in left}), told


def _words(name: str) -> str:
    return f"the detached {code(name)}" if name.partition("@")[0] == "HEAD" else f"branch {code(name)}"


def _new_name(git: Git, tip: str, heads: dict[str, str], before: dict[str, str]) -> str:
    """The branch that holds the commits of one that is gone, a new one first; "" where none does."""
    holding = [r.removeprefix(_HEADS) for r in _holders(git, tip, _HEADS)]
    known = sorted((f"{_HEADS}{name}" in before, heads.get(name) != tip, name) for name in holding if name in heads)
    return known[0][2] if known else ""


def _held(git: Git, tip: str) -> bool:
    return bool(_holders(git, tip, _HEADS, "refs/remotes/"))


def _holders(git: Git, tip: str, *where: str) -> list[str]:
    return local(git, "for-each-ref", "--format=%(refname)", f"--contains={tip}", *where).split()


def in_any(git: Git, commit: str, others: Collection[str]) -> bool:
    """Whether a commit is one of the others or an ancestor of one."""
    return any(git.ok("merge-base", "--is-ancestor", commit, other) for other in others)


def _is_merged(git: Git, tip: str, trunks: Collection[str]) -> bool:
    """Whether a branch's commits, equal patches (rebased) or an equal change (squashed) are on the default branch."""
    if not present(git, [tip]):
        return False
    return in_any(git, tip, trunks) or any(_is_rebased(git, tip, t) or _is_squashed(git, tip, t) for t in trunks)


def _is_rebased(git: Git, tip: str, trunk: str) -> bool:
    cherry = local(git, "cherry", trunk, tip)
    return bool(cherry) and all(line.startswith("-") for line in cherry.split("\n"))


def _is_squashed(git: Git, tip: str, trunk: str) -> bool:
    base = git.text("merge-base", trunk, tip, check=False)
    paths = _paths(local(git, "diff-tree", "-r", "-z", "--name-only", "--no-renames", base, tip)) if base else []
    if not paths:
        return False
    whole = _patch_id(git, base, tip)
    form = ("--format=%x01%H", "-z", "--name-only", "--no-renames", "--full-diff", "--no-merges", f"--max-count={SQUASHED}")
    for record in local(git, "--literal-pathspecs", "log", *form, f"{base}..{trunk}", "--", paths[0]).split("\x01")[1:]:
        commit, _, names = record.partition("\0")
        if _paths(names.lstrip("\n")) == paths and whole and _patch_id(git, f"{commit}^", commit) == whole:
            return True
    return False


def _paths(names: str) -> list[str]:
    return sorted(name for name in names.split("\0") if name)


def _patch_id(git: Git, old: str, new: str) -> str:
    patch = local(git, "diff-tree", "-p", "--no-ext-diff", "--no-textconv", old, new)
    return git.run("patch-id", "--stable", stdin=patch.encode(errors="surrogateescape") + b"\n").out.decode().split(" ")[0]
