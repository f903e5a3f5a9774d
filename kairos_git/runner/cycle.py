"""One dream, from lock to read-back.

The one rule: logs and rulings land before the dream and stay whatever becomes of it; the dream itself is one commit or
none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, Protocol

from kairos_git.capture import history, spool
from kairos_git.capture.fresh import dreamed as note_dreamed
from kairos_git.capture.probes import compare, last_readings
from kairos_git.capture.project import Project
from kairos_git.capture.sessions import state
from kairos_git.capture.survey import survey
from kairos_git.capture.survey.said import marked
from kairos_git.capture.survey.tree import read_tree, survey_commit
from kairos_git.dream.changes import Operation, subject
from kairos_git.dream.overruled import overruled
from kairos_git.errors import DreamRefused, Problem
from kairos_git.memory.edits import edited_topics
from kairos_git.memory.heal import heal
from kairos_git.memory.landing import Desk, build
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import LOCK_SECONDS, Memory
from kairos_git.memory.seed import settle
from kairos_git.memory.snapshot import SETTINGS, Snapshot
from kairos_git.recall.reasons import questions
from kairos_git.runner.awake.stages import mark
from kairos_git.runner.draft import CONSENT, Draft, chain, draft, follow_facts, following, leave, problems_of, put_dream
from kairos_git.runner.review.asking import mention
from kairos_git.runner.review.implied import forget, implied, record
from kairos_git.runner.review.proposals import ON_REQUEST, drop_settled, note_merged
from kairos_git.runner.sessions.written import take_written
from kairos_git.settings import load_settings


class Dreamed(NamedTuple):
    """What became of a dream. commit: its id, None where nothing changed; reason: why, or why nothing; notes: what was
    mended or found on the way; observations: how many were folded; proposal: its name, where it was left for review.
    """

    commit: str | None
    reason: str
    ops: tuple[Operation, ...]
    observations: int
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    dry: bool = False
    proposal: str = ""


class Turn(Protocol):
    """What came of a model's turn. notes: what to say of it, costs included; trailer: a line for the dream's commit, or ""."""

    @property
    def notes(self) -> Sequence[str]:
        """What to say."""

    @property
    def trailer(self) -> str:
        """`Kairos-Model: …` and a newline, or ""."""


@contextmanager
def at_desk(
    memory: Memory, now: datetime, *, dry: bool = False, seconds: float = LOCK_SECONDS
) -> Iterator[tuple[Desk, list[str]]]:
    """Hold the memory alone, set up and mended; the desk, and what had to be mended. Raises Busy and NotWritable."""
    with memory.lock(seconds):
        settle(memory)
        notes = [*heal(memory, now), *note_merged(memory)]
        yield Desk(memory, dry=dry), notes


def dream(
    memory: Memory, project: Project | None, now: datetime, *, dry: bool = False, owners: Sequence[str] = (),
    limit: int | None = history.COMMITS, progress: Callable[[str, int], None] = lambda what, n: None,
    propose: bool = False, ask: Callable[[Desk, datetime], Turn] | None = None,
) -> Dreamed:  # fmt: skip
    """Drain, look at the project, obey what was undone, fold, check, land. Raises Busy, NotWritable, DreamRefused.

    propose   leave the dream for review instead of landing it
    ask       a model's turn, between what was obeyed and the fold: it commits what it proposes at the desk
    """
    with at_desk(memory, now, dry=dry) as (desk, notes):
        problems = gather(desk, project, now, owners, limit, progress)
        notes += obey(desk, now)
        asked = ask(desk, now) if ask else None
        notes += asked.notes if asked else ()
        try:
            return fold_and_land(desk, now, notes, problems, progress, propose=propose, trailer=asked.trailer if asked else "")
        finally:
            if not dry:  # refused or not: the same evidence makes the same dream again
                note_dreamed(memory, now)
                mark(memory, "dream", now.timestamp())


def gather(
    desk: Desk, project: Project | None, now: datetime, owners: Sequence[str] = (), limit: int | None = history.COMMITS,
    progress: Callable[[str, int], None] = lambda what, n: None, *, probes: bool = True,
) -> list[Problem]:  # fmt: skip
    """Bring the log up to date: the spool, the project's git, and (with `probes`) its tree; one commit."""
    memory = desk.memory
    take_written(desk, project.root if project else "", now)
    last_words, silent = state.silent(memory.own, now)
    if project is None:
        problems = list(spool.drain(desk, now, last_words).problems)
        _gathered(desk, silent, now)
        return problems
    settings = memory.settings(desk.head)
    seen = history.load_seen(memory)
    bound = limit if seen is None else history.COMMITS
    news = history.look(project, seen, [*owners, *settings.owners], now, bound, lambda n: progress("commits", n))
    readings, problems = probe(desk, project, now, news.observations) if probes else ([], [])
    drained = spool.drain(desk, now, [*news.observations, *readings, *last_words])
    if not desk.dry:
        history.save_seen(memory, news.seen)
        spool.clear_pointers(memory)
    _gathered(desk, silent, now)
    return [*settings.problems, *problems, *drained.problems]


def _gathered(desk: Desk, silent: Sequence[str], now: datetime) -> None:
    """What follows once the log has everything: silent sessions are closed, and the drain has worked."""
    if not desk.dry:
        state.set_aside(desk.memory.own, silent, now)
        mark(desk.memory, "drain", now.timestamp())


def probe(
    desk: Desk, project: Project, now: datetime, news: Sequence[Observation] = ()
) -> tuple[list[Observation], list[Problem]]:
    """Read the project's tree at the tip of its default branch; what differs from the last reading, what a commit (the `news`
    among them) said to be over and is not, and broken files.
    """
    git = project.git
    commit, branch = survey_commit(git)
    if commit is None:
        return [], []
    tree = read_tree(git, commit, branch)
    readings, problems = survey(tree)
    told = desk.snapshot().observations
    waiting = [o for path in spool.segments(desk.memory) for o in spool.read_segment(path)[0]]
    last = last_readings([*told, *waiting])
    return compare(marked(tree, readings), last, commit, now, overruled([*told, *waiting, *news], last)), problems


def obey(desk: Desk, now: datetime) -> list[str]:
    """Write down what people undid or wrote by hand with git alone, before anything is projected."""
    here = desk.snapshot()
    if here.rulings and not desk.dry:  # also those that another machine made, by a clock that goes ahead of ours
        spool.heed(desk.memory, max(r.epoch for r in here.rulings))
    found = implied(desk.memory, here, now)
    if found.statements:
        spool.drain(desk, now, found.statements, "observe: what was written by hand\n")
        here = desk.snapshot()
    record(desk, here, found.rulings, now, settled=found.settled)
    if not desk.dry:
        forget(desk.memory, found.lost)
    return [f"noted: {r.kind} {r.key} = {r.value} (by {r.by})" for r in found.rulings] + [
        f"noted: you wrote {o.text!r}" for o in found.statements
    ]


def fold_and_land(
    desk: Desk, now: datetime, notes: Sequence[str] = (), problems: Sequence[Problem] = (),
    progress: Callable[[str, int], None] = lambda what, n: None, *, propose: bool = False, trailer: str = "",
) -> Dreamed:  # fmt: skip
    """Fold what is written down and land the difference as one commit, or, with `propose`, leave it for review.

    Call it under the lock. Raises DreamRefused; a dream that takes away too much (law 8), or changes more facts than the
    owner's limit, is left for review first.
    """
    made = draft(desk, progress)._replace(trailer=trailer)
    notes = [*notes, *_left(desk.memory)]
    if made.empty:
        follow_facts(desk, following(made), now)
        done = Dreamed(None, _why_nothing(made.before, not made.first), (), 0, (), ())
    else:
        done = _land_or_leave(desk, made, now, propose=propose)
    notes += [*done.notes, *mention(desk.memory, questions(made.before, made.folded), now, dry=desk.dry)]
    told = (*made.before.problems, *problems)
    return done._replace(observations=len(made.before.observations), notes=tuple(notes), problems=told, dry=desk.dry)


def _land_or_leave(desk: Desk, made: Draft, now: datetime, *, propose: bool) -> Dreamed:
    """Land a draft that the laws allow, or leave it for review where that is asked for, or it changes too much."""
    bad = problems_of(desk.memory, made)
    large = [p for p in bad if p.law == CONSENT] + _over_limit(made)
    if any(p.law != CONSENT for p in bad):
        raise DreamRefused(bad, build(desk.memory, desk.head, chain(desk, made, now))[-1])
    if not propose and not large:
        commit = put_dream(desk, made, now)
        return Dreamed(commit, subject(made.ops), made.ops, 0, () if desk.dry else tuple(drop_settled(desk.memory)), ())
    commit, name = leave(desk, made, now, large[0].message if large else ON_REQUEST)
    if not propose:
        raise DreamRefused(large, commit, name)
    return Dreamed(
        commit, subject(made.ops), made.ops, 0, tuple(f"law {p.law}: {p}" if p.law else str(p) for p in large), (), proposal=name
    )


def _over_limit(made: Draft) -> list[Problem]:
    """The owner's limit on facts changed per dream, where one is set; the first dream is exempt."""
    most = getattr(load_settings(made.before.files.get(SETTINGS, b"")), "most_changes", None)
    if most is None or made.first or len(made.ops) <= most:
        return []
    return [Problem(SETTINGS, 0, f"{len(made.ops)} facts would change, and most_changes is {most}")]


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
