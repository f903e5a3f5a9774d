"""Looking at a dream that waits, and landing it.

The one rule: what lands is what was reviewed. Where the memory moved on, the dream is folded again, and lands only if
it changes exactly the same; law 8 is the owner's to waive, by landing, and no other law is.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from kairos_git.dream.changes import Operation, subject
from kairos_git.errors import Diverged, DreamRefused, KairosError, Refused
from kairos_git.memory import handoff, index
from kairos_git.memory.landing import Desk, changed_files, land
from kairos_git.memory.objects import facts_at
from kairos_git.memory.repository import Memory
from kairos_git.recall.reasons import Asked, questions
from kairos_git.runner.cycle import Dreamed, at_desk, obey
from kairos_git.runner.draft import CONSENT, Draft, draft, leave, problems_of, put_dream, refuse_newer
from kairos_git.runner.review.proposals import (
    ON_REQUEST,
    Proposal,
    drop,
    drop_settled,
    find,
    open_proposals,
    trailer_of,
)

MODEL = "Kairos-Model"  # the trailer of what a model was asked for a dream, and what it cost


class Reviewed(NamedTuple):
    """A dream that waits, for the eye.

    why        why it was left for review
    current    whether it would land as it is: the memory has not moved on
    by_hand    whether its commit is not what the fold makes: somebody changed it
    diff       the change of topics and index, as git shows it
    """

    proposal: Proposal
    why: str
    current: bool
    by_hand: bool
    draft: Draft
    questions: tuple[Asked, ...]
    diff: str


def review(memory: Memory, name: str | None) -> Reviewed:
    """What a proposal (None: the newest) would change. Raises UsageError, Refused."""
    p = find(memory, name)
    made = _folded_again(memory, p)
    diff = memory.git.text("diff", "--no-ext-diff", "--no-textconv", p.base, p.id, "--", "topics", "MEMORY.md")
    current = p.base == memory.head()
    return Reviewed(
        p, trailer_of(memory.git, p.id), current, _by_hand(memory, p, made), made, questions(made.before, made.folded), diff
    )


def discard(memory: Memory, name: str) -> Proposal:
    """Throw a proposal away; no fact changes. Raises UsageError, Refused."""
    with memory.lock():
        found = find(memory, name)
        drop(memory, found)
        return found


def land_proposal(memory: Memory, name: str, now: datetime) -> Dreamed:
    """Land a dream that waits.

    Raises Diverged where the memory moved on and the dream would change something else now (a fresh proposal is left),
    DreamRefused where it breaks a law other than the 8th, UsageError, Refused, Busy and NotWritable.
    """
    find(memory, name)  # a name that means nothing is no reason to write anything
    with at_desk(memory, now) as (desk, notes):
        memory.branch()  # a dream must land somewhere
        notes += obey(desk, now)
        p = find(memory, name)
        seen = _folded_again(memory, p)
        if _by_hand(memory, p, seen):
            raise KairosError(
                f"{p.name} is not what the fold makes of {p.base[:12]}: somebody changed it, or another version made it. Nothing was "
                f"changed. Look at it with `kairos-git review {p.id[:12]} --diff`; to take it as it stands, as your own edit, use "
                f"`git -C {memory.path} merge {p.name}`; to be rid of it, `kairos-git review --drop {p.id[:12]}`."
            )
        made, commit = _land_same(desk, p, seen, now)
        drop(memory, p)
        told = Dreamed(commit, subject(seen.ops), seen.ops, len(made.before.observations), (), made.before.problems)
        left = [f"{path} has uncommitted edits and was left alone" for path in desk.left]
        return told._replace(notes=(*notes, *_moved(p, commit), *left, *drop_settled(memory)))


def _land_same(desk: Desk, p: Proposal, seen: Draft, now: datetime) -> tuple[Draft, str]:
    """Land what was seen: as it is on the commit it was folded from, else folded again, if nothing else comes of it."""
    memory = desk.memory
    moved = p.base != desk.head
    made = draft(desk) if moved else seen
    bad = problems_of(memory, made) if not made.empty else []
    if any(problem.law != CONSENT for problem in bad):
        raise DreamRefused([problem for problem in bad if problem.law != CONSENT], p.id)
    if moved and _changes(made.ops) != _changes(seen.ops):
        raise _gone_on(desk, p, seen, made, now, bad[0].message if bad else ON_REQUEST)
    if moved or changed_files(memory, p.base, p.id) != {**made.seeds, **made.files}:  # index or handoff as of another version
        paid = trailer_of(memory.git, p.id, MODEL)
        told = made._replace(trailer=f"{MODEL}: {paid}\n" if paid else "")
        return made, put_dream(desk, told, now, trailer_of(memory.git, p.id) or ON_REQUEST)
    desk.left += land(memory, desk.head, p.id, changed_files(memory, desk.head, p.id), dreams=[p.id])
    desk.head = p.id
    return made, p.id


def _folded_again(memory: Memory, p: Proposal) -> Draft:
    """The draft that a proposal was built from. Raises KairosError where it cannot be told, or a newer program made it."""
    if not p.base or memory.git.run("merge-base", "--is-ancestor", p.base, p.id, check=False).code:
        raise KairosError(
            f"{p.name} does not say what it was folded from: somebody changed it. Nothing was changed; `kairos-git review --drop "
            f"{p.id[:12]}` lets go of it, and `kairos-git dream --propose` makes a fresh one."
        )
    refuse_newer(memory, p.entry)
    desk = Desk(memory, dry=True)
    desk.head = p.base
    return draft(desk)


def _by_hand(memory: Memory, p: Proposal, made: Draft) -> bool:
    """Whether a proposal's topics are not what its draft makes, or it changes what no dream does."""
    changed = {path: data for path, data in changed_files(memory, p.base, p.id).items() if path not in (index.PATH, handoff.PATH)}
    return changed != {path: data for path, data in {**made.seeds, **made.files}.items() if path.startswith("topics/")}


def _changes(ops: tuple[Operation, ...]) -> set[tuple[object, ...]]:
    """What operations do, without why: further support for the same change is the same change."""
    return {(o.op, o.fact, o.before, o.after) for o in ops}


def _gone_on(desk: Desk, p: Proposal, seen: Draft, made: Draft, now: datetime, why: str) -> Diverged | Refused:
    """Why a proposal does not land, once the fresh one is left in its place."""
    memory = desk.memory
    words = f"The memory moved on since {p.name} was made, and it was not landed; no fact was changed. "
    if made.empty:
        drop(memory, p)
        here = facts_at(memory.git, desk.head)
        if all(here.get(o.fact.id) == (o.fact._replace(until="") if o.fact.live else None) for o in seen.ops):
            return Refused(f"There is nothing left to land: what {p.name} proposed stands already.")
        return Diverged(words + "By what is written down now, nothing would change; the proposal is dropped.")
    digits = leave(desk, made, now, why)[1].removeprefix("proposed/")
    drop(memory, p)
    return Diverged(
        words
        + f"Folded again it would be {subject(made.ops)!r} with other changes than you reviewed; that waits in its place as proposed/{digits}. "
        f"Next: `kairos-git review {digits}`, then `kairos-git land {digits}`."
    )


def _moved(p: Proposal, commit: str) -> list[str]:
    if commit == p.id:
        return []
    return [f"the memory had moved on since {p.name}: folded again, the same changes landed as {commit[:12]}"]


def others(memory: Memory, shown: Proposal) -> list[Proposal]:
    """The other dreams that wait, the newest first."""
    return [p for p in open_proposals(memory) if p.name != shown.name]
