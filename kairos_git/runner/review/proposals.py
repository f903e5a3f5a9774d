"""Dreams that wait for review: built and named, not landed; and what may happen without anybody asking.

A proposal is the very commit that would land, held by `refs/proposed/<12 digits of its id>`. Plain git takes the name
`proposed/<digits>` as it takes a branch's: `git log main..proposed/…`, `git diff`, `git merge`; and gc keeps what a ref
holds. It is no branch for two reasons: no push (not even `--all`), fetch or clone carries it along; and nobody comes to
work on it, since a `switch` to it would make unseen facts what agents read, and the place where the next dream lands.

The one rule: a proposal is an input to nothing. The fold, the search for what was undone and fsck look at HEAD and at
what landed; dropping a proposal changes no fact.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kairos_git.errors import NotWritable, Refused, UsageError
from kairos_git.gitrun import Git
from kairos_git.memory.history import Entry, dreams, entries, is_projection_commit, topics_tree
from kairos_git.memory.landing import LANDED
from kairos_git.memory.objects import facts_at
from kairos_git.memory.repository import Memory
from kairos_git.settings import Settings

REF = "refs/proposed/"
PROPOSED = "Kairos-Proposed"  # the trailer of a dream that was left for review, with the reason
ON_REQUEST = "on request"
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DIGITS = 12
_LEAST = 4  # digits of an id that may name it


class Proposal(NamedTuple):
    """One dream that waits. name: `proposed/3f2a…`, as plain git takes it; entry: its commit."""

    name: str
    entry: Entry

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def base(self) -> str:
        """The commit it was folded from and would land on; "" where somebody took the trailer out."""
        return next((word for word in self.entry.through if _OID.fullmatch(word)), "")


class ByItself(NamedTuple):
    """What a mode lets happen without anybody asking: agents recall, dreams are made, and what they make lands."""

    recalls: bool
    dreams: bool
    lands: bool


MODES = {
    "off": ByItself(False, False, False),
    "recall": ByItself(True, False, False),
    "propose": ByItself(True, True, False),
    "auto": ByItself(True, True, True),
}


def mode_of(settings: Settings) -> str:
    """The mode that kairos.yaml sets; `auto` where it sets none."""
    mode = getattr(settings, "mode", "auto")
    return mode if mode in MODES else "auto"


def what_by_itself(settings: Settings) -> ByItself:
    """What may happen without anybody asking. What somebody asks for always happens."""
    return MODES[mode_of(settings)]


def open_proposals(memory: Memory) -> list[Proposal]:
    """Every dream that waits, the newest first. A name that holds no commit is passed over."""
    names: dict[str, list[str]] = {}
    for oid, ref in _refs(memory):
        names.setdefault(oid, []).append(ref.removeprefix("refs/"))
    found = [oid for oid, got in zip(names, memory.git.objects(names), strict=True) if got and got[1] == "commit"]
    if not found:
        return []
    made = entries(memory.git, "--no-walk=unsorted", "--end-of-options", *found)
    listed = [Proposal(name, entry) for entry in made for name in names[entry.id]]
    return sorted(listed, key=lambda p: (p.entry.when.timestamp(), p.name), reverse=True)


def count(memory: Memory) -> int:
    """How many wait; one git process."""
    return len(_refs(memory))


def _refs(memory: Memory) -> list[tuple[str, str]]:
    lines = memory.git.lines("for-each-ref", "--format=%(objectname) %(refname)", REF)
    return [(oid, ref) for oid, _, ref in (line.partition(" ") for line in lines)]


def trailer_of(git: Git, commit: str, key: str = PROPOSED) -> str:
    """What a trailer of a commit says: by default why a dream was left for review; "" where it says nothing."""
    return git.text("log", "-1", f"--format=%(trailers:key={key},valueonly,separator=%x20)", "--end-of-options", commit).strip()


def find(memory: Memory, name: str | None) -> Proposal:
    """The proposal that a name, an id or the beginning of either means; the newest for None. Raises UsageError, Refused."""
    listed = open_proposals(memory)
    if name is None:
        if not listed:
            raise UsageError("No dream waits for review. `kairos-git dream --propose` makes one where there is something new.")
        return listed[0]
    digits = name.removeprefix(REF).removeprefix("proposed/")
    found = [p for p in listed if any(i.startswith(digits) for i in (p.id, p.name.removeprefix("proposed/")))]
    if len(digits) < _LEAST or len(found) != 1:
        raise _unknown(memory, name, found if len(digits) >= _LEAST else [])
    return found[0]


def _unknown(memory: Memory, name: str, found: list[Proposal]) -> UsageError | Refused:
    if found:
        return UsageError(f"{name} is the beginning of several proposals: {', '.join(p.name for p in found)}.")
    commit = memory.git.resolve(name)
    if commit and commit in {entry.id for entry in dreams(memory.git)}:
        return Refused(
            f"Dream {commit[:_DIGITS]} has landed already; there is nothing to land. `kairos-git show {name}` shows it."
        )
    return UsageError(f"{name} names no dream that waits for review. `kairos-git review` lists those that do.")


def propose(memory: Memory, commit: str) -> str:
    """Name a built dream as a proposal, so that it is found and kept; its name. Raises NotWritable."""
    words = ""
    for digits in (commit[:_DIGITS], commit):  # the short name may be taken: somebody moved it to another commit
        ref = REF + digits
        result = memory.git.run("update-ref", ref, commit, "", check=False)
        if result.code == 0 or memory.git.resolve(ref) == commit:
            return ref.removeprefix("refs/")
        words = result.err.decode(errors="replace").strip()
    raise NotWritable(f"The dream {commit} could not be named as a proposal: {words}. Nothing was changed; run it again.")


def same_proposal(memory: Memory, base: str, tree: str) -> Proposal | None:
    """A proposal that waits already, folded from the same commit and with the same topics/ tree."""
    return next((p for p in open_proposals(memory) if p.base == base and topics_tree(memory.git, p.id) == tree), None)


def drop(memory: Memory, proposal: Proposal) -> None:
    """Take the name away. No fact changes: the next dream folds the same evidence again."""
    memory.git.run("update-ref", "-d", f"refs/{proposal.name}", proposal.id)


def note_merged(memory: Memory) -> list[str]:
    """Proposals that HEAD's history holds have landed, by whatever hand (`git merge proposed/…`): remember them as dreams
    that landed, so that a reset counts as undoing them, and let go of the name.
    """
    said = []
    for p in open_proposals(memory):
        if memory.git.run("merge-base", "--is-ancestor", p.id, "HEAD", check=False).code == 0:
            if p.entry.through and is_projection_commit(memory.git, p.entry):
                memory.git.run("update-ref", f"{LANDED}{memory.branch()}/{p.id}", p.id)
            drop(memory, p)
            said.append(f"{p.name} was merged: it has landed")
    return said


def drop_settled(memory: Memory) -> list[str]:
    """After a landing: drop the proposals of which every change stands now, whoever landed it."""
    said = []
    waiting = open_proposals(memory)
    here = facts_at(memory.git, "HEAD") if waiting else {}
    for p in waiting:
        if not p.base or memory.git.resolve(p.base) is None:
            continue
        before, after = facts_at(memory.git, p.base), facts_at(memory.git, p.id)
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        if all(here.get(name) == after.get(name) for name in changed):
            drop(memory, p)
            said.append(f"{p.name} is settled: everything it proposed stands now")
    return said
