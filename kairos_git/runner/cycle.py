"""One dream, from lock to read-back.

The one rule: logs and rulings land before the dream and stay whatever becomes of it; the dream itself is one commit or
none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture import history, spool
from kairos_git.capture.probes import compare
from kairos_git.capture.project import Project
from kairos_git.capture.survey import survey
from kairos_git.capture.survey.said import marked
from kairos_git.capture.survey.tree import read_tree, survey_commit
from kairos_git.dream.changes import Operation, body, operations, subject
from kairos_git.dream.fold import ENGINE, Folded, fold
from kairos_git.dream.laws import Case, broken
from kairos_git.errors import DreamRefused, KairosError, Problem
from kairos_git.memory import handoff, index
from kairos_git.memory.edits import edited_topics
from kairos_git.memory.fact import Fact
from kairos_git.memory.heal import heal
from kairos_git.memory.history import dreams, topics_tree
from kairos_git.memory.landing import SELF, Commit, Desk, build
from kairos_git.memory.objects import read_files
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import LOCK_SECONDS, Memory
from kairos_git.memory.seed import settle
from kairos_git.memory.snapshot import SETTINGS, Snapshot
from kairos_git.memory.topic import format_topic, seed_topic, topic_path
from kairos_git.runner.implied import forget, implied, record
from kairos_git.settings import load_settings


class Dreamed(NamedTuple):
    """What became of a dream. commit: its id, None where nothing changed; reason: why, or why nothing; notes: what was
    mended or found on the way; observations: how many were folded.
    """

    commit: str | None
    reason: str
    ops: tuple[Operation, ...]
    observations: int
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    dry: bool = False


@contextmanager
def at_desk(
    memory: Memory, now: datetime, *, dry: bool = False, seconds: float = LOCK_SECONDS
) -> Iterator[tuple[Desk, list[str]]]:
    """Hold the memory alone, set up and mended; the desk, and what had to be mended. Raises Busy and NotWritable."""
    with memory.lock(seconds):
        settle(memory)
        notes = heal(memory, now)
        yield Desk(memory, dry=dry), notes


def dream(
    memory: Memory, project: Project | None, now: datetime, *, dry: bool = False, owners: Sequence[str] = (),
    limit: int | None = history.COMMITS, progress: Callable[[str, int], None] = lambda what, n: None,
) -> Dreamed:  # fmt: skip
    """Drain, look at the project, obey what was undone, fold, check, land. Raises Busy, NotWritable, DreamRefused."""
    with at_desk(memory, now, dry=dry) as (desk, notes):
        problems = gather(desk, project, now, owners, limit, progress)
        notes += obey(desk, now)
        return fold_and_land(desk, now, notes, problems, progress)


def gather(
    desk: Desk, project: Project | None, now: datetime, owners: Sequence[str] = (), limit: int | None = history.COMMITS,
    progress: Callable[[str, int], None] = lambda what, n: None, *, probes: bool = True,
) -> list[Problem]:  # fmt: skip
    """Bring the log up to date: the spool, the project's git, and (with `probes`) its tree; one commit."""
    memory = desk.memory
    if project is None:
        return list(spool.drain(desk, now).problems)
    settings = load_settings(read_files(memory.git, desk.head, [SETTINGS]).get(SETTINGS, b""))
    seen = history.load_seen(memory)
    bound = limit if seen is None else history.COMMITS
    news = history.look(project, seen, [*owners, *settings.owners], now, bound, lambda n: progress("commits", n))
    readings, problems = probe(desk, project, now) if probes else ([], [])
    drained = spool.drain(desk, now, [*news.observations, *readings])
    if not desk.dry:
        history.save_seen(memory, news.seen)
        spool.clear_pointers(memory)
    return [*settings.problems, *problems, *drained.problems]


def probe(desk: Desk, project: Project, now: datetime) -> tuple[list[Observation], list[Problem]]:
    """Read the project's tree at the tip of its default branch; what differs from the last reading, and broken files."""
    git = project.git
    commit, branch = survey_commit(git)
    if commit is None:
        return [], []
    tree = read_tree(git, commit, branch)
    readings, problems = survey(tree)
    told = desk.snapshot().observations
    waiting = [o for path in spool.segments(desk.memory) for o in spool.read_segment(path)[0]]
    return compare(marked(tree, readings), [*told, *waiting], commit, now), problems


def obey(desk: Desk, now: datetime) -> list[str]:
    """Write down what people undid or wrote by hand with git alone, before anything is projected."""
    here = desk.snapshot()
    found = implied(desk.memory, here, now)
    if found.statements:
        spool.drain(desk, now, found.statements, "observe: what was written by hand\n")
        here = desk.snapshot()
    record(desk, here, found.rulings, now)
    if not desk.dry:
        forget(desk.memory, found.lost)
    return [f"noted: {r.kind} {r.key} = {r.value} (by {r.by})" for r in found.rulings] + [
        f"noted: you wrote {o.text!r}" for o in found.statements
    ]


def fold_and_land(
    desk: Desk,
    now: datetime,
    notes: Sequence[str] = (),
    problems: Sequence[Problem] = (),
    progress: Callable[[str, int], None] = lambda what, n: None,
) -> Dreamed:
    """Fold what is written down and land the difference as one commit. Call it under the lock. Raises DreamRefused."""
    memory = desk.memory
    before = desk.snapshot()
    last = next(dreams(memory.git, before.commit), None)
    if last and any(e.isdigit() and int(e) > ENGINE for e in last.engine):
        raise KairosError(
            f"The memory at {memory.path} was written by a newer kairos-git (engine {last.engine[0]}; this one is {ENGINE}). "
            "Upgrade kairos-git on this machine; nothing was changed."
        )
    progress("facts", len(before.observations))
    folded = fold(before.observations, before.annotations, before.rulings)
    ops = tuple(operations(before.facts, folded))
    seeds, files = project_facts(before, folded)
    told = ((*notes, *_left(memory)), (*before.problems, *problems))
    if not ops and not any(path.startswith("topics/") for path in files):
        reproject_index(desk, files.get(index.PATH), now)  # the handoff waits for the next dream: it alone is no reason for one
        return Dreamed(None, _why_nothing(before, last is not None), (), len(before.observations), *told, desk.dry)
    after = memory.parse({**before.files, **seeds, **files})
    bad = broken(Case(before, after, folded, first=last is None))
    chain = _chain(desk, before, seeds, files, ops, now)
    if bad:
        raise DreamRefused(bad, build(memory, desk.head, chain)[-1])
    commit = desk.put(*chain, dream=True)
    _read_back(desk, commit, files)
    return Dreamed(commit, subject(ops), ops, len(before.observations), *told, desk.dry)


def reproject_index(desk: Desk, wanted: bytes | None, now: datetime) -> None:
    """Commit the index where it is not what it should be (None: it is), as a projection of its own."""
    if wanted is not None:
        tree = topics_tree(desk.memory.git, desk.head)
        message = "project: the index follows\n" + (f"\nKairos-Tree: {tree}\n" if tree else "")
        desk.put(Commit({index.PATH: wanted}, message, SELF, now))


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
    made[handoff.PATH] = handoff.format_handoff(before.observations)
    return seeds, {path: data for path, data in made.items() if {**before.files, **seeds}.get(path) != data}


def _chain(
    desk: Desk, before: Snapshot, seeds: dict[str, bytes], files: dict[str, bytes], ops: Sequence[Operation], now: datetime
) -> list[Commit]:
    chain = []
    if seeds:
        names = ", ".join(path[7:-3] for path in sorted(seeds))
        chain.append(
            Commit(seeds, f"seed: {names}\n\nEmpty topics, so that a dream neither creates nor deletes files.\n", SELF, now)
        )
    tree = _topics_tree(desk, [*chain, Commit(files, "", SELF, now)])
    trailers = f"Kairos-Tree: {tree}\nKairos-Through: {before.commit}\nKairos-Engine: {ENGINE}\n"
    told = body(ops)
    chain.append(Commit(files, f"{subject(ops)}\n\n{told}\n\n{trailers}" if told else f"{subject(ops)}\n\n{trailers}", SELF, now))
    return chain


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


def _left(memory: Memory) -> list[str]:
    return [f"{path} has uncommitted edits: commit them, or say `kairos-git adopt`" for path in edited_topics(memory)]


def _why_nothing(before: Snapshot, dreamed: bool) -> str:
    count = len(before.observations)
    if not count:
        return "nothing to dream of: there is no observation yet"
    return (
        f"nothing changed: {count} observations make the facts that stand"
        if dreamed
        else f"{count} observations, but nothing to believe yet"
    )
