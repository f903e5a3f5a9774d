"""What happened in the project's git since we last looked: commits, merges, tags, pushes, deleted branches.

Hooks only say that something happened; this reads what. So nothing is missed that was done while no hook was there.

The one rule: it may forget where it was (the note of what was seen is a cache) and still write nothing twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.commits import commit_observation, find_author, read_commits
from kairos_git.capture.project import Project
from kairos_git.capture.survey.tree import default_branch
from kairos_git.gitrun import Git
from kairos_git.memory.landing import read_regular, write_whole
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import redact
from kairos_git.memory.repository import Memory

COMMITS = 1000  # of the history before `init`, unless told otherwise
BRANCHES = 100  # looked at one by one: those committed to last
TAGS = 200


class Seen(NamedTuple):
    """Where we were. refs: full name -> object id; open: branches with unmerged observations -> their last commit."""

    refs: dict[str, str]
    open: dict[str, str]


class News(NamedTuple):
    """What is new, and where we are now."""

    observations: list[Observation]
    seen: Seen


def load_seen(memory: Memory) -> Seen | None:
    """The note of the last look, or None: never looked, or the cache is gone or damaged."""
    try:
        fields = json.loads(read_regular(os.path.join(memory.own, "seen.json")) or b"")
        return Seen(dict(fields["refs"]), dict(fields["open"]))
    except (ValueError, KeyError, TypeError):
        return None


def save_seen(memory: Memory, seen: Seen) -> None:
    """Note where we are, for the next look."""
    write_whole(os.path.join(memory.own, "seen.json"), json.dumps(seen._asdict(), sort_keys=True).encode())


def look(
    project: Project, seen: Seen | None, owners: Collection[str], now: datetime, limit: int | None = COMMITS,
    progress: Callable[[int], None] = lambda n: None,
) -> News:  # fmt: skip
    """Everything new in the project's git. `limit` bounds the commits read where nothing was seen before (None: all)."""
    git = project.git
    refs = _refs(git)
    main = default_branch(git)
    trunk = _trunk(refs, main)
    old = seen or Seen({}, {})
    known = _existing(git, {*old.refs.values()})
    owned = frozenset(o.casefold() for o in owners)
    find = find_author(git)
    found: list[Observation] = []

    def read(branch: str, *arguments: str) -> None:
        for commit in read_commits(git, *arguments):
            found.append(commit_observation(commit, owned, branch, find))
            if len(found) % 50 == 0:
                progress(len(found))

    bound = [f"--max-count={limit}"] if not known and limit is not None else []
    if trunk:
        read("", *bound, trunk, *(f"^{k}" for k in known if _is_trunks(old, k, main)))
    still_open = dict(old.open)
    for name, tip in _branches(git, refs, main):
        if old.refs.get(f"refs/heads/{name}") != tip and trunk and not git.ok("merge-base", "--is-ancestor", tip, trunk):
            before = len(found)
            read(name, *bound, tip, f"^{trunk}", *(f"^{k}" for k in known))
            if len(found) > before or name in still_open:
                still_open[name] = tip
    if seen is None and not trunk and git.resolve("HEAD"):
        read("", *bound, "HEAD")
    found += _closed(git, still_open, refs, trunk, main, now)
    found += _tags(git, refs, old, now)
    if seen is not None:
        found += _pushes(git, refs, old, now)
    progress(len(found))
    return News(found, Seen(refs, still_open))


def _refs(git: Git) -> dict[str, str]:
    lines = git.lines("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags", "refs/remotes")
    return {name: oid for oid, name in (line.split(" ", 1) for line in lines)}


def _trunk(refs: dict[str, str], main: str | None) -> str | None:
    if main is None:
        return None
    return refs.get(f"refs/heads/{main}") or refs.get(f"refs/remotes/origin/{main}")


def _is_trunks(old: Seen, commit: str, main: str | None) -> bool:
    return commit in (old.refs.get(f"refs/heads/{main}"), old.refs.get(f"refs/remotes/origin/{main}"))


def _existing(git: Git, names: Collection[str]) -> list[str]:
    """Those object ids that this clone still holds as commits (a rewritten, pruned history may not)."""
    if not names:
        return []
    out = git.text(
        "cat-file",
        "--batch-check=%(objectname) %(objecttype)",
        stdin="".join(f"{n}^{{commit}}\n" for n in sorted(names)).encode(),
    )
    return [line.split()[0] for line in out.split("\n") if line.endswith(" commit")]


def _branches(git: Git, refs: dict[str, str], main: str | None) -> Iterator[tuple[str, str]]:
    names = git.lines(
        "for-each-ref", f"--count={BRANCHES}", "--sort=-committerdate", "--format=%(refname:lstrip=2)", "refs/heads"
    )
    return ((name, refs[f"refs/heads/{name}"]) for name in names if name != main and f"refs/heads/{name}" in refs)


def _closed(
    git: Git, still_open: dict[str, str], refs: dict[str, str], trunk: str | None, main: str | None, now: datetime
) -> Iterator[Observation]:
    """Merges and deletions of branches we have observations of, so that the fold knows where these count."""
    for name, tip in sorted(still_open.items()):
        if trunk and _is_merged(git, tip, trunk):
            del still_open[name]
            yield _event(now, f"Merged branch `{name}` into `{main}`", tip, ("merged", name))
        elif f"refs/heads/{name}" not in refs:
            del still_open[name]
            yield _event(now, f"Deleted branch `{name}`, which was not merged", tip, ("deleted", name))


def _is_merged(git: Git, tip: str, trunk: str) -> bool:
    """Whether a branch's commits, equal patches (rebased) or an equal change (squashed) are on the trunk."""
    if git.resolve(tip) is None:
        return False
    if git.ok("merge-base", "--is-ancestor", tip, trunk):
        return True
    cherry = git.lines("cherry", trunk, tip, check=False)
    if cherry and all(line.startswith("-") for line in cherry):
        return True
    base = git.text("merge-base", trunk, tip, check=False)
    if not base or git.text("rev-parse", f"{base}^{{tree}}") == git.text("rev-parse", f"{tip}^{{tree}}"):
        return False
    whole = _patch_id(git, f"{base}", tip)
    for commit in git.lines("rev-list", "--no-merges", "--max-count=200", f"{base}..{trunk}"):
        if whole and _patch_id(git, f"{commit}^", commit) == whole:
            return True
    return False


def _patch_id(git: Git, old: str, new: str) -> str:
    patch = git.run("diff-tree", "-p", "--no-ext-diff", "--no-textconv", old, new, check=False).out
    return git.run("patch-id", "--stable", stdin=patch).out.decode().split(" ")[0]


def _event(time: datetime, text: str, commit: str, *extra: tuple[str, str]) -> Observation:
    return observe(time, redact(text).text, "commit", sess="git", at=commit[:12], extra=extra)


def _tags(git: Git, refs: dict[str, str], old: Seen, now: datetime) -> Iterator[Observation]:
    new = {r for r in refs if r.startswith("refs/tags/") and r not in old.refs}
    if not new:
        return
    lines = git.lines(
        "for-each-ref", f"--count={TAGS}", "--sort=-creatordate", "--format=%(refname) %(creatordate:iso-strict)", "refs/tags"
    )
    for line in reversed(lines):
        ref, _, stamp = line.rpartition(" ")
        if ref in new:
            try:
                when = datetime.fromisoformat(stamp)
            except ValueError:
                when = now
            yield _event(when, f"Tagged `{ref.removeprefix('refs/tags/')}`", refs[ref])


def _pushes(git: Git, refs: dict[str, str], old: Seen, now: datetime) -> Iterator[Observation]:
    """Branches a push of this clone moved: the remote ref's own reflog says "update by push"."""
    for ref, oid in sorted(refs.items()):
        if not ref.startswith("refs/remotes/") or old.refs.get(ref) == oid:
            continue
        log = git.text("log", "-g", "-1", "--format=%gs%x02%gd", "--date=iso-strict", ref, "--", check=False)
        words, _, selector = log.partition("\x02")
        if words != "update by push":
            continue
        try:
            when = datetime.fromisoformat(selector.partition("@{")[2].rstrip("}"))
        except ValueError:
            when = now
        remote, _, branch = ref.removeprefix("refs/remotes/").partition("/")
        before = old.refs.get(ref, "")[:12]
        span = f"{before}..{oid[:12]}" if before else oid[:12]
        yield _event(when, f"Pushed `{branch}` to `{remote}` ({span})", oid)
