"""What a reader may believe now: the committed facts, less those that an uncommitted edit took away.

The one rule: an uncommitted edit can hide a fact, never make one.
"""

from __future__ import annotations

from typing import NamedTuple

from kairos_git.memory.edits import DAMAGE_LEAST, DAMAGE_SHARE, edited_topics, missing_facts
from kairos_git.memory.fact import Fact
from kairos_git.memory.kept_topics import told
from kairos_git.memory.repository import Memory


class Believed(NamedTuple):
    """The facts a reader is shown, and what is to be said beside them."""

    facts: tuple[Fact, ...]
    notes: tuple[str, ...]


def believed(memory: Memory) -> Believed:
    """The live facts of HEAD, as an uncommitted edit leaves them."""
    facts, problems = told(memory, memory.head())
    notes = (
        [f"{len(problems)} damaged lines in topics are left out (the first: {problems[0]}); `kairos-git fsck`"]
        if problems
        else []
    )
    if edited_topics(memory):
        missing = {name for names in missing_facts(memory).values() for name in names}
        if len(missing) >= DAMAGE_LEAST and len(missing) > DAMAGE_SHARE * len(facts):
            notes.append(f"{len(missing)} facts are missing from uncommitted files: damage; the next dream restores them")
        elif missing:
            facts = {name: fact for name, fact in facts.items() if name not in missing}
            notes.append(
                f"{len(missing)} facts are taken out by an uncommitted edit and hidden; commit it, or `kairos-git adopt`"
            )
        else:
            notes.append("topics have uncommitted edits; they count when you commit them, or say `kairos-git adopt`")
    return Believed(tuple(facts.values()), tuple(notes))
