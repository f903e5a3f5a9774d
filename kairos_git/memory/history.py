"""What git history says about facts: projection commits, what was to be expected, and what stands instead.

The one rule: a projection commit is known by its state (its `Kairos-Tree` is its own topics/ tree), never by its words.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from kairos_git.errors import GitFailed
from kairos_git.gitrun import Git, advice
from kairos_git.memory.fact import Fact
from kairos_git.memory.landing import LANDED, UNDONE
from kairos_git.memory.merge import join
from kairos_git.memory.objects import facts_at
from kairos_git.memory.repository import Memory

TREE, THROUGH, ENGINE = "Kairos-Tree", "Kairos-Through", "Kairos-Engine"
_REFLOG = 200  # moves of a branch that are looked at: a loss is found by the next command after it
_FORMAT = f"--format=%x01%H%x02%P%x02%cI%x02%an%x02%s%x02%(trailers:key={TREE},valueonly,separator=%x20)%x02%(trailers:key={THROUGH},valueonly,separator=%x20)%x02%(trailers:key={ENGINE},valueonly,separator=%x20)"


class Entry(NamedTuple):
    """One commit of the memory, as far as it matters here. `trees`, `through`, `engine`: its trailers' words."""

    id: str
    parents: tuple[str, ...]
    time: str
    author: str
    subject: str
    trees: tuple[str, ...]
    through: tuple[str, ...]
    engine: tuple[str, ...]

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.time)


def entries(git: Git, *arguments: str) -> Iterator[Entry]:
    """`git log` of the arguments as entries, streamed; the process ends when the caller stops reading."""
    process = git.popen("log", _FORMAT, *arguments)
    assert process.stdout is not None
    try:
        rest = b""
        while chunk := process.stdout.read1(65536) if hasattr(process.stdout, "read1") else process.stdout.read(65536):
            *whole, rest = (rest + chunk).split(b"\x01")
            yield from (_entry(part) for part in whole if part.strip())
        if rest.strip():
            yield _entry(rest)
        assert process.stderr is not None
        words = process.stderr.read().decode(errors="replace").strip()
        if process.wait():  # a git that failed or was killed did not say that there is nothing
            raise GitFailed(f"git log failed in {git.folder}: {words}{advice(git.folder, words)}", process.returncode, words)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def _entry(part: bytes) -> Entry:
    words = part.decode("utf-8", "surrogateescape").rstrip("\n").split("\x02")
    return Entry(
        words[0], tuple(words[1].split()), words[2], words[3], words[4],
        tuple(words[5].split()), tuple(words[6].split()), tuple(words[7].split()),
    )  # fmt: skip


class Told(NamedTuple):
    """One commit, told whole: what `show` prints. `patch` is the change of topics and index, without context."""

    subject: str
    time: str
    author: str
    message: str
    trailers: dict[str, str]
    patch: str


def read_commit(git: Git, commit: str) -> Told:
    """Read one commit through GitPython, which costs a start but knows trailers, people and dates."""
    with git.repo() as repo:
        made = repo.commit(commit)
        message = made.message if isinstance(made.message, str) else made.message.decode("utf-8", "replace")
        patch = git.text(
            "show", "--format=", "--no-ext-diff", "--no-textconv", "--unified=0", commit, "--", "topics", "MEMORY.md"
        )
        trailers = {name: values[-1] for name, values in made.trailers_dict.items()}
        when = made.committed_datetime.isoformat()
        return Told(message.partition("\n")[0], when, str(made.author.name), message, trailers, patch)


def topics_tree(git: Git, commit: str) -> str:
    """The id of a commit's topics/ tree, or "" where it has none."""
    found = next(git.objects([f"{commit}:topics"]))
    return found[0] if found else ""


def is_projection_commit(git: Git, entry: Entry) -> bool:
    """Whether a commit's trailer names the topics/ tree that the commit itself has."""
    return bool(entry.trees) and topics_tree(git, entry.id) in entry.trees


def nearest_projections(git: Git, commit: str) -> tuple[list[Entry], list[Entry]]:
    """The nearest projection commits on every line of history from a commit, and the commits passed on the way."""
    frontier, found, passed = {commit}, [], []
    for entry in entries(git, "--topo-order", "--end-of-options", commit):
        if entry.id not in frontier:
            continue
        frontier.discard(entry.id)
        if is_projection_commit(git, entry):
            found.append(entry)
        else:
            passed.append(entry)
            frontier.update(entry.parents)
        if not frontier:
            break
    return found, passed


def expected_facts(git: Git, commit: str) -> tuple[dict[str, Fact], list[Entry]]:
    """What the dreams on every line of history left, joined fact by fact; and the commits since them, newest first."""
    found, passed = nearest_projections(git, commit)
    found = [e for e in found if not any(_is_ancestor(git, e.id, other.id) for other in found if other is not e)]
    if not found:
        return {}, passed
    facts = facts_at(git, found[0].id)
    so_far = found[0].id
    for entry in found[1:]:
        base = git.run("merge-base", so_far, entry.id, check=False).out.decode().split()
        before: Mapping[str, Fact] = facts_at(git, base[0]) if base else {}
        facts, _ = join(before, facts, facts_at(git, entry.id))
        so_far = entry.id
    return facts, passed


def _is_ancestor(git: Git, one: str, other: str) -> bool:
    return git.ok("merge-base", "--is-ancestor", one, other)


def who_changed(git: Git, passed: list[Entry], name: str, state: str | None, cache: dict[str, dict[str, Fact]]) -> Entry | None:
    """The commit among those passed that brought a fact into this state (None: took it away); the newest one that did."""

    def state_at(commit: str) -> str | None:
        if commit not in cache:
            cache[commit] = facts_at(git, commit)
        fact = cache[commit].get(name)
        return fact.state if fact else None

    for entry in passed:
        if state_at(entry.id) == state and all(state_at(parent) != state for parent in entry.parents):
            return entry
    return passed[0] if passed else None


def dreams(git: Git, commit: str = "HEAD") -> Iterator[Entry]:
    """Every dream in a commit's history, newest first: projection commits that folded a log."""
    for entry in entries(git, "--end-of-options", commit):
        if entry.through and is_projection_commit(git, entry):
            yield entry


def lost_dreams(memory: Memory) -> list[str]:
    """Dreams that this branch held and that its history no longer holds, nor a commit equal to them: those that landed on it, and
    those that came with a merge, a pull, a clone or the branch it began on, by its reflog.
    """
    git, branch = memory.git, memory.branch()
    refs = git.lines(
        "for-each-ref", "--format=%(objectname) %(refname)", "--no-merged=HEAD", f"{LANDED}{branch}/", f"{UNDONE}{branch}/"
    )
    out = [line[:40] for line in refs if line[41:].startswith(LANDED)]
    known = {line[:40] for line in refs}
    if left := [commit for commit in _left_behind(git, branch) if commit not in known]:
        told = entries(git, "--no-walk", "--end-of-options", *left)
        out += [entry.id for entry in told if entry.through and is_projection_commit(git, entry)]
    if not out:
        return []
    reachable = {tree for entry in dreams(memory.git) for tree in (*entry.trees, *entry.through)}
    lost = []
    for commit in out:
        entry = next(entries(memory.git, "-1", "--end-of-options", commit))
        if not set(entry.trees or [topics_tree(memory.git, commit)]) <= reachable:
            lost.append(commit)
    return lost


def _left_behind(git: Git, branch: str) -> list[str]:
    """Commits that a branch's history held, by its reflog, and holds no more; the newest."""
    stood = git.lines("log", "-g", "--format=%H", f"--max-count={_REFLOG}", f"refs/heads/{branch}", "--", check=False)
    return git.lines("rev-list", "--ignore-missing", f"--max-count={_REFLOG}", *dict.fromkeys(stood), "^HEAD", check=False)


def carriers(git: Git, lost: str) -> list[str]:
    """The commits of HEAD's history that hold what a rewrite took out of a lost dream: a squash, an amend without trailers."""
    before = _states(git, f"{lost}^") if git.resolve(f"{lost}^") else set()
    base = git.text("merge-base", "HEAD", lost, check=False)
    sought = (_states(git, lost) - before) & _states(git, "HEAD")
    found = []
    for entry in entries(git, "--reverse", "--end-of-options", "HEAD", *([f"^{base}"] if base else []), "--", "topics"):
        brought = (_states(git, entry.id) & sought).difference(*(_states(git, parent) for parent in entry.parents))
        if brought:
            found.append(entry.id)
            sought -= brought
        if not sought:
            break
    return found


def _states(git: Git, commit: str) -> set[tuple[str, str]]:
    return {(name, fact.state) for name, fact in facts_at(git, commit).items()}


def left_history(git: Git, branch: str, commit: str) -> tuple[datetime, str] | None:
    """When a branch's history lost a commit, and its tip until then, by the reflog; None where the reflog is gone."""
    log = git.lines("log", "-g", "--date=iso-strict", "--format=%H %gd", f"refs/heads/{branch}", "--", check=False)
    moves = [(line[:40], line.rpartition("@{")[2].rstrip("}")) for line in log[:_REFLOG]]
    for (new, when), (old, _) in pairwise(moves):
        if _is_ancestor(git, commit, old) and not _is_ancestor(git, commit, new):
            return datetime.fromisoformat(when), old
    return None


def removed_since(git: Git, base: str, commit: str = "HEAD") -> set[str]:
    """Ids of facts that some dream after `base` took away."""
    gone: set[str] = set()
    for entry in entries(git, "--end-of-options", commit, f"^{base}"):
        if entry.parents and is_projection_commit(git, entry):
            gone |= set(facts_at(git, entry.parents[0])) - set(facts_at(git, entry.id))
    return gone
