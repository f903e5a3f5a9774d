"""A dream before it lands: folded, held against the laws, built as commits, and put or left for review.

The one rule: what is built is what the fold makes of the commit that was read, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from kairos_git.dream.changes import Operation, body, operations, subject
from kairos_git.dream.fold import ENGINE, Folded, fold
from kairos_git.dream.laws import Case, broken
from kairos_git.errors import KairosError, Problem
from kairos_git.memory import handoff, index
from kairos_git.memory.fact import Fact
from kairos_git.memory.history import Entry, dreams, topics_tree
from kairos_git.memory.landing import SELF, Commit, Desk, build
from kairos_git.memory.objects import read_files
from kairos_git.memory.repository import Memory
from kairos_git.memory.ruling import silenced
from kairos_git.memory.snapshot import Snapshot
from kairos_git.memory.topic import format_topic, seed_topic, topic_path
from kairos_git.runner.review.proposals import PROPOSED, propose, same_proposal

CONSENT = 8  # the one law that the owner may waive, by landing what it made a proposal


class Draft(NamedTuple):
    """A dream that is folded and not built yet.

    before   the memory it was folded from
    ops      what it changes, fact by fact
    seeds    topic files to lay, empty, before it
    files    the projections it changes
    first    whether no dream landed before
    trailer  what a model's turn adds to the message, or ""
    """

    before: Snapshot
    folded: Folded
    ops: tuple[Operation, ...]
    seeds: dict[str, bytes]
    files: dict[str, bytes]
    first: bool
    trailer: str = ""

    @property
    def empty(self) -> bool:
        """Whether it changes no fact: the handoff alone is no reason for a dream."""
        return not self.ops and not any(path.startswith("topics/") for path in self.files)


def draft(desk: Desk, progress: Callable[[str, int], None] = lambda what, n: None) -> Draft:
    """Fold what is written down at the desk's head. Raises KairosError where a newer program dreamed here."""
    before = desk.snapshot()
    last = next(dreams(desk.memory.git, before.commit), None)
    refuse_newer(desk.memory, last)
    progress("facts", len(before.observations))
    folded = fold(before.observations, before.annotations, before.rulings)
    return Draft(before, folded, tuple(operations(before.facts, folded)), *project_facts(before, folded), last is None)


def refuse_newer(memory: Memory, last: Entry | None) -> None:
    """Raise KairosError where a dream was made by a newer engine than this one."""
    if last and any(e.isdigit() and int(e) > ENGINE for e in last.engine):
        raise KairosError(
            f"Dream {last.id[:12]} of the memory at {memory.path} was written by a newer kairos-git (engine {last.engine[0]}; this "
            f"one is {ENGINE}). Upgrade kairos-git on this machine; nothing was changed."
        )


def problems_of(memory: Memory, made: Draft) -> list[Problem]:
    """Every law that a draft breaks."""
    after = memory.parse({**made.before.files, **made.seeds, **made.files})
    return broken(Case(made.before, after, made.folded, first=made.first))


def put_dream(desk: Desk, made: Draft, now: datetime, reviewed: str = "") -> str:
    """Build a draft, land it and read it back; its commit. `reviewed`: why it had been left for review, if it had."""
    commit = desk.put(*chain(desk, made, now, reviewed), dream=True)
    _read_back(desk, commit, made.files)
    return commit


def leave(desk: Desk, made: Draft, now: datetime, why: str) -> tuple[str, str]:
    """Build a draft and name it as a proposal: (commit, name); the one that waits already, where it is the same.

    On a dry desk it stays without a name.
    """
    commits = chain(desk, made, now, why)
    commit = build(desk.memory, desk.head, commits)[-1]
    if desk.dry:
        return commit, ""
    waiting = same_proposal(desk.memory, desk.head, topics_tree(desk.memory.git, commit))
    return (waiting.id, waiting.name) if waiting else (commit, propose(desk.memory, commit))


def follow_facts(desk: Desk, files: Mapping[str, bytes], now: datetime) -> None:
    """Commit what follows from facts that stand (index, handoff) where it is not what it should be, as a projection of its own."""
    if files:
        tree = topics_tree(desk.memory.git, desk.head)
        names = " and ".join("the index" if path == index.PATH else "the handoff" for path in sorted(files))
        message = f"project: {names} follow{'s' * (len(files) == 1)}\n" + (f"\nKairos-Tree: {tree}\n" if tree else "")
        desk.put(Commit(dict(files), message, SELF, now))


def following(made: Draft) -> dict[str, bytes]:
    """Of a draft that changes no fact, what has to be written all the same: an index that differs, a handoff that tells of what
    the owner rejected.
    """
    stands = made.before.files.get(handoff.PATH, b"")
    hushed = any(name.encode() in stands for name in silenced(made.before.rulings))
    wanted = (index.PATH, *((handoff.PATH,) if hushed else ()))
    return {path: made.files[path] for path in wanted if path in made.files}


def project_facts(before: Snapshot, folded: Folded) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """(topic files to seed, projections that change): what the facts look like as files."""
    by_topic: dict[str, list[Fact]] = {}
    for fact in folded.live:
        by_topic.setdefault(topic_path(fact.topic), []).append(fact)
    seeds = {path: seed_topic(path[7:-3]) for path in by_topic if path not in before.files}
    made = {
        path: format_topic({**before.files, **seeds}[path], by_topic.get(path, ()))
        for path in sorted({*before.topics, *by_topic})
    }
    made[index.PATH] = index.format_index(folded.live)
    hushed = silenced(before.rulings)
    made[handoff.PATH] = handoff.format_handoff(o for o in before.observations if o.id not in hushed)
    return seeds, {path: data for path, data in made.items() if {**before.files, **seeds}.get(path) != data}


def chain(desk: Desk, made: Draft, now: datetime, why: str = "") -> list[Commit]:
    """The commits of a draft, the dream last. `why` it is left for review stands in a trailer, for fsck and the owner."""
    commits = []
    if made.seeds:
        names = ", ".join(path[7:-3] for path in sorted(made.seeds))
        message = f"seed: {names}\n\nEmpty topics, so that a dream neither creates nor deletes files.\n"
        commits.append(Commit(made.seeds, message, SELF, now))
    tree = _topics_tree(desk, [*commits, Commit(made.files, "", SELF, now)])
    trailers = f"Kairos-Tree: {tree}\nKairos-Through: {made.before.commit}\nKairos-Engine: {ENGINE}\n"
    trailers += made.trailer + (f"{PROPOSED}: {why}\n" if why else "")
    told = body(made.ops)
    words = f"{subject(made.ops)}\n\n{told}\n\n{trailers}" if told else f"{subject(made.ops)}\n\n{trailers}"
    return [*commits, Commit(made.files, words, SELF, now)]


def _topics_tree(desk: Desk, chain: Sequence[Commit]) -> str:
    """The topics/ tree that a chain of commits ends in; built off-tree, since the message must name it."""
    return topics_tree(desk.memory.git, build(desk.memory, desk.head, chain)[-1])


def _read_back(desk: Desk, commit: str, files: dict[str, bytes]) -> None:
    """What stands at the landed commit is what was meant; git says so, not we."""
    stands = read_files(desk.memory.git, commit, files)
    wrong = [path for path, data in files.items() if stands.get(path) != data]
    if wrong:
        raise KairosError(
            f"The dream {commit} does not hold what was written ({', '.join(wrong)}): the disk or git is at fault. "
            f"Run `git -C {desk.memory.path} fsck`, and `kairos-git revert {commit[:12]}` to take it back."
        )
