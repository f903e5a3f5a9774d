"""fsck: every law, at any commit, by anyone.

The one rule: it writes nothing, and says nothing it has not recomputed.
"""

from __future__ import annotations

from typing import NamedTuple

from kairos_git.dream.fold import fold
from kairos_git.dream.laws import Case, broken
from kairos_git.errors import Problem, UsageError
from kairos_git.memory import index
from kairos_git.memory.history import Entry, dreams, entries
from kairos_git.memory.landing import changed_paths
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import Snapshot, is_projection
from kairos_git.runner.draft import CONSENT
from kairos_git.runner.review.proposals import trailer_of


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
    memory.doubt()
    here = memory.snapshot(commit)
    last = next(dreams(memory.git, commit), None)
    problems = list(here.problems)
    if last is None:
        if here.facts:
            problems.append(Problem("topics/", 0, "facts stand here, but no dream made them", 3))
        return Checked(commit, None, tuple(_unique(problems)))
    parent = memory.snapshot(last.parents[0])
    landed = here if commit == last.id else memory.snapshot(last.id)
    folded = fold(parent.observations, parent.annotations, parent.rulings)
    first = next(iter(dreams(memory.git, last.parents[0])), None) is None
    found = broken(Case(parent, landed, folded, first=first, thorough=True))
    if any(p.law == CONSENT for p in found) and trailer_of(memory.git, last.id):  # it was left for review, and landed by hand
        found = [p for p in found if p.law != CONSENT]
    problems += found
    problems += _only_projections(memory, commit)
    problems += _since(memory, landed, here)
    return Checked(commit, last.id, tuple(_unique(problems)))


def _only_projections(memory: Memory, commit: str) -> list[Problem]:
    """Law 14 for every dream in history: it has one parent and touches only projections."""
    found = []
    for entry in dreams(memory.git, commit):
        bad = (
            [p for p in changed_paths(memory, entry.parents[0], entry.id) if not is_projection(p)]
            if entry.parents
            else ["no parent"]
        )
        if len(entry.parents) > 1 or bad:
            found.append(Problem(bad[0] if bad else "", 0, f"dream {entry.id[:12]} does more than project", 14))
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
