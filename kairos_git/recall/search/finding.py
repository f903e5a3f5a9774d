"""search(memory, query): what memory holds on a question, facts first, then the raw lines.

    found = search(memory, Query("why did we leave tox"))

A line that nobody mentions by its words is found by its neighbours, its date, its session. Facts that ended are found as
history and say so. The vault is searched only where the owner asks for it.

The one rule: facts are what was decided, lines are what was said; a line is never shown as a fact.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from kairos_git.recall.search import fresh, reading
from kairos_git.recall.search.hits import Found as Found
from kairos_git.recall.search.hits import Hit as Hit
from kairos_git.recall.search.hits import Query as Query
from kairos_git.recall.search.ranking import Boosts
from kairos_git.recall.search.wording import wanted

if TYPE_CHECKING:
    from kairos_git.memory.observation import Observation

FACTS = 0.5  # the share of an answer that facts may take


def search(memory: fresh.Placed, query: Query, waiting: Sequence[Observation] | None = None) -> Found:
    """Ask a memory. waiting: observations that no log holds yet (the spool's); None where the caller does not know them.

    Raises NotFound where the memory has no commit, GitFailed where git cannot read it; never for what the query holds.
    """
    for index_of in (fresh.open_index, fresh.rebuilt):
        with suppress(sqlite3.DatabaseError), closing(index_of(memory, waiting)) as index:
            return _answer(memory, index, query)  # else it could be opened, and is damaged further in
    with closing(fresh.in_memory(memory, waiting)) as index:
        return _answer(memory, index, query)


def _answer(memory: fresh.Placed, index: fresh.Index, query: Query) -> Found:
    asked = wanted(query.text, query.now)
    boosts = Boosts(query.author, query.branch, query.paths)
    notes = [index.note] if index.note else []
    notes += [f"the first {len(asked.terms)} words were searched for, {asked.left} were not"] if asked.left else []
    notes += ["there is nothing to search for: the query is empty"] if not query.text.strip() and not boosts.words else []
    facts = [] if query.src else reading.facts(index.db, asked, query)
    lines = reading.lines(index.db, asked, query, boosts)
    if not facts and not lines:
        facts, lines = reading.containing(index.db, asked, query)
    facts = reading.still_believed(memory, facts)[: max(1, round(query.most * FACTS))]
    return Found(tuple(facts), tuple(lines[: query.most - len(facts)]), tuple(notes))


def together(answers: Iterable[tuple[str, Found]], most: int) -> list[tuple[str, Hit]]:
    """The hits of several memories as one answer, facts first, each with the name of its memory."""
    named = [(name, hit) for name, found in answers for hit in (*found.facts, *found.lines)]
    facts = sorted((one for one in named if one[1].kind == "fact"), key=lambda one: -one[1].score)[: max(1, round(most * FACTS))]
    lines = sorted((one for one in named if one[1].kind == "line"), key=lambda one: -one[1].score)
    return [*facts, *lines[: most - len(facts)]]
