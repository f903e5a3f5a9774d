"""What an agent is given at the start of a session, from both memories, the project and the last sessions.

The one rule: what was served last is served again only where nothing it depends on changed (`cache`); everything else
is made anew from what is committed, and what could not be read is said in a line of its own.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from kairos_git.errors import KairosError
from kairos_git.recall.context.fence import Context, Item, Left
from kairos_git.recall.context.packing import BUDGET, pack
from kairos_git.runner.serving.cache import Asked, Kept, keep, recall, stamped
from kairos_git.runner.serving.place import Doubt, Where, located

if TYPE_CHECKING:
    from kairos_git.capture.project import Project
    from kairos_git.memory.handoff import Session
    from kairos_git.memory.repository import Memory
    from kairos_git.runner.serving.work import Work


def serve(
    memory: Memory, project: Project | None, now: datetime, *, budget: int = BUDGET, session: str = "", own: Memory | None = None,
    paths: Sequence[str] = (), branch: str = "",
) -> Context:  # fmt: skip
    """What an agent is given now, fenced and within `budget` characters.

    session  the one that asks: what it said itself is not handed over to it
    own      the owner's own memory; what cannot be read of it is a note, never an error
    paths    further paths, from the project's root, that are about to be changed
    branch   look from this branch of the project instead of the one checked out
    Raises the house's errors where the memory itself cannot be read, and UsageError for a budget that holds nothing.
    """
    from kairos_git.runner.serving.work import work_of

    asked = Asked(budget, now.date().isoformat(), session, branch, tuple(paths))
    where = _where(memory, project, own)
    stamp = stamped(where, asked) if where else None
    work = work_of(project, branch, tuple(paths))
    kept = recall(where, asked, stamp, work.touched) if where else None
    mine, said = ([], []) if kept else _identity(own)
    made = restored(kept) if kept else _made(memory, project, now, asked, work, mine, said)
    if where and not said:
        keep(where, asked, stamp, _kept(made, work.touched), work.names if project else ())
    return made


def restored(kept: Kept) -> Context:
    """A context as it was served before."""
    items = tuple(Item(text, tuple(ids), tier, why, topic) for text, ids, tier, why, topic in kept.items)
    return Context(kept.text, items, tuple(Left(*one) for one in kept.left), tuple(kept.notes))


def handed_over(memory: Memory, now: datetime, *, most: int = 3) -> tuple[Session, ...]:
    """The last sessions, newest first: from the log, the spool, and those that are open. Raises GitFailed."""
    from kairos_git.runner.serving import sessions

    return sessions.handed_over(memory, now, most=most)


def _made(
    memory: Memory, project: Project | None, now: datetime, asked: Asked, work: Work, mine: list[Item], said: list[str]
) -> Context:  # fmt: skip
    from kairos_git.recall.believed import believed
    from kairos_git.recall.context import tiers
    from kairos_git.runner.serving import probes, sessions
    from kairos_git.runner.serving.disputes import disputes

    head = memory.head()
    held = believed(memory)
    notes = list(held.notes)
    unfinished = memory.unfinished()
    notes += [f"the memory is in the middle of a {unfinished}; what its last commit says is shown"] if unfinished else []
    items, beside = tiers.project_items(held.facts, work.branch, work.touched)
    shown = {name for item in items for name in item.ids}
    served = [f for f in held.facts if f.id in shown]
    mark = probes.otherwise(memory, project, work.commit, served)
    if mark:
        items, beside = tiers.project_items(held.facts, work.branch, work.touched, mark)
    items += tiers.contested_items(disputes(memory, head, held.facts), work.branch)
    known = {name for f in held.facts for name in f.evidence}
    handed = sessions.handed_over(memory, now, session=asked.session)
    items += tiers.handoff_items(handed, known | sessions.folded(memory, head, handed))
    return pack([*mine, *items], asked.budget, head=_head(project, work, asked.day), notes=[*notes, *said], beside=beside)


def _identity(own: Memory | None) -> tuple[list[Item], list[str]]:
    """The owner's own lines, and what is to be said where they cannot be read."""
    from kairos_git.recall.believed import believed
    from kairos_git.recall.context.tiers import identity_items

    if own is None:
        return [], []
    try:
        held = believed(own)
    except KairosError as error:
        return [], [f"the owner's own memory could not be read: {str(error).partition('. ')[0]}"]
    return identity_items(held.facts), []


def _head(project: Project | None, work: Work, day: str) -> str:
    name = f"Project {project.name}" if project else "No project"
    return f"{name}{f', branch {work.branch}' if work.branch else ''}, as of {day}."


def _kept(made: Context, touched: Sequence[str]) -> Kept:
    return Kept(made.text, [list(item) for item in made.items], [list(one) for one in made.left], list(made.notes), list(touched))


def _where(memory: Memory, project: Project | None, own: Memory | None) -> Where | None:
    """The place of what is kept; None where files alone do not tell it, or another `own` than the usual one was given."""
    try:
        where = located("" if project is None else project.root, memory.path) if project is None or not project.bare else None
    except (Doubt, OSError):
        return None
    given = os.path.realpath(own.path) if own else ""
    return where if where and where.own == given else None
