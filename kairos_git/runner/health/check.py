"""fsck: every law, at any commit, by anyone.

The one rule: it writes nothing, and says nothing it has not recomputed.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from kairos_git.dream.fold import fold
from kairos_git.dream.laws import Case, broken
from kairos_git.errors import KairosError, Problem, UsageError
from kairos_git.memory import index
from kairos_git.memory.history import Entry, dreams, entries
from kairos_git.memory.landing import changed_paths
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import Snapshot, is_appended, is_projection
from kairos_git.runner.draft import CONSENT
from kairos_git.runner.review.proposals import trailer_of

ALONE = 14  # one commit, only projections
BY_HAND = (10, ALONE)  # what a rebase or squash may leave of a dream: the index is git's merge until the next command projects it


class Checked(NamedTuple):
    """What was checked: the commit, the dream it was held against (None: none yet), and every problem."""

    commit: str
    dream: str | None
    problems: tuple[Problem, ...]


def fsck(memory: Memory, at: str = "HEAD") -> Checked:
    """Check a commit of the memory and the last dream in its history against every law."""
    commit = memory.git.resolve(at)
    if commit is None:
        raise UsageError(f"{at} names no commit of the memory at {memory.path}.")
    if os.path.exists(os.path.join(memory.gitdir, "shallow")):
        raise KairosError(
            f"The memory at {memory.path} is a shallow clone: what its dreams were folded from is not all here, so the laws cannot be "
            f"checked. Fetch the rest: `git -C {memory.path} fetch --unshallow`."
        )
    memory.doubt()
    here = memory.snapshot(commit)
    last = next(dreams(memory.git, commit), None)
    problems = list(here.problems)
    if last is None:
        if here.facts:
            folded = fold(here.observations, here.annotations, here.rulings)  # whoever took the dreams' marks away
            problems += broken(Case(here, here, folded, first=True, thorough=True))
        return Checked(commit, None, tuple(_unique(problems)))
    landed = here if commit == last.id else memory.snapshot(last.id)
    parent = _folded_from(memory, last, landed)
    folded = fold(parent.observations, parent.annotations, parent.rulings)
    first = next(iter(dreams(memory.git, last.parents[0])), None) is None
    found = broken(Case(parent, landed, folded, first=first, thorough=True))
    if any(p.law == CONSENT for p in found) and trailer_of(memory.git, last.id):  # it was left for review, and landed by hand
        found = [p for p in found if p.law != CONSENT]
    if any(p.law in BY_HAND for p in found) and _rewritten(memory, last):
        found = [p for p in found if p.law not in BY_HAND]
    problems += found
    problems += _only_projections(memory, commit)
    problems += _since(memory, landed, here)
    return Checked(commit, last.id, tuple(_unique(problems)))


def _folded_from(memory: Memory, dream: Entry, landed: Snapshot) -> Snapshot:
    """What a dream was folded from. Where somebody squashed it together with the log it folded, that is the commit its trailer
    names, or, in a clone that never had it, the log as the squashed commit leaves it.
    """
    parent = memory.snapshot(dream.parents[0])
    if not (_more_than_projects(memory, dream) and _rewritten(memory, dream)):
        return parent
    folded = next((c for c in reversed(dream.through) if memory.git.resolve(c)), None)
    if folded:
        return memory.snapshot(folded)
    return memory.parse({**parent.files, **{p: data for p, data in landed.files.items() if is_appended(p)}})


def _rewritten(memory: Memory, dream: Entry) -> bool:
    """Whether history was rewritten since a dream was made (a rebase, a squash): the log commit it names is not behind it."""
    return not any(memory.git.ok("merge-base", "--is-ancestor", c, dream.id) for c in dream.through)


def _more_than_projects(memory: Memory, dream: Entry) -> list[str]:
    return (
        [p for p in changed_paths(memory, dream.parents[0], dream.id) if not is_projection(p)] if dream.parents else ["no parent"]
    )


def _only_projections(memory: Memory, commit: str) -> list[Problem]:
    """Law 14 for every dream in history: it has one parent and touches only projections, unless somebody squashed it."""
    found = []
    for entry in dreams(memory.git, commit):
        bad = _more_than_projects(memory, entry)
        if len(entry.parents) > 1 or (bad and not (entry.parents and _rewritten(memory, entry))):
            found.append(Problem(bad[0] if bad else "", 0, f"dream {entry.id[:12]} does more than project", ALONE))
    return found


def _since(memory: Memory, landed: Snapshot, here: Snapshot) -> list[Problem]:
    """What came after the dream: no line went (law 9), and the index stands for the topics (law 10)."""
    if landed.commit == here.commit:
        return []
    case = Case(landed, here, fold(()), thorough=True)
    from kairos_git.dream.laws import only_grows

    problems = list(only_grows(case))
    if here.files.get(index.PATH, b"") != index.format_index(here.facts.values()) and not _edited(memory, landed, here):
        problems.append(Problem(index.PATH, 0, "is not the projection of the topics", 10))
    return problems


def _edited(memory: Memory, landed: Snapshot, here: Snapshot) -> bool:
    """Whether topics were changed by hand since: the next command notes it and projects again."""
    return landed.facts != here.facts


def _unique(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def history_of(memory: Memory, fact: str) -> list[Entry]:
    """The dreams that touched a fact's line, newest first."""
    touched = {e.id for e in entries(memory.git, f"-G{fact}", "--", "topics")}
    return [entry for entry in dreams(memory.git) if entry.id in touched]
