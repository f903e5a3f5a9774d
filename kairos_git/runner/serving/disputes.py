"""What is contested, and what only the owner can settle: both sides with who speaks for them.

Told by the fold, which is asked only where something is contested or a question is open, and once for each commit of the memory.

The one rule: no side is left out because it is the weaker one.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from kairos_git.dream.fold import Folded, fold
from kairos_git.errors import NotWritable
from kairos_git.memory.fact import Fact
from kairos_git.memory.landing import read_regular, write_whole
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import Snapshot
from kairos_git.recall.context.tiers import Dispute, Side
from kairos_git.recall.reasons import questions
from kairos_git.runner.review.asking import open_count
from kairos_git.runner.serving.cache import FOLDER

FILE = "disputes"


def disputes(memory: Memory, head: str, facts: Iterable[Fact]) -> tuple[Dispute, ...]:
    """Every contested fact and open question of a memory at a commit, its HEAD."""
    if not open_count(memory) and not any(f.state == "contested" for f in facts):
        return ()
    path = os.path.join(memory.own, FOLDER, FILE)
    kept = _load(path, head)
    if kept is None:
        here = memory.snapshot(head)
        kept = found(here, fold(here.observations, here.annotations, here.rulings))
        with suppress(NotWritable):
            write_whole(path, json.dumps([head, kept]).encode())
    return kept


def found(here: Snapshot, folded: Folded) -> tuple[Dispute, ...]:
    """The disputes in a folded memory, contested facts first, each by slot."""
    texts = {o.id: (o.text, o.src) for o in here.observations}

    def side(fact: Fact) -> Side:
        return Side(fact.id, fact.text, _who(s.src for s in folded.standings[fact.id].supports), fact.state)

    made = []
    for fact in folded.live:
        if fact.state != "contested":
            continue
        doubts = {s.id for s in folded.standings[fact.id].doubts}
        rivals = [f for f in folded.live if f.id != fact.id and any(s.id in doubts for s in folded.standings[f.id].supports)]
        sides = [side(fact), *map(side, rivals)]
        covered = {s.id for f in rivals for s in folded.standings[f.id].supports}
        sides += [Side(name, *texts[name], "") for name in sorted(doubts - covered) if name in texts]
        made.append(Dispute(fact.id, fact.key, tuple(sides)))
    for q in questions(here, folded):
        made.append(Dispute(q.id, q.key, tuple(dict.fromkeys(side(a.fact) for a in q.answers))))
    return tuple(made)


def _who(sources: Iterable[str]) -> str:
    """`owner`, `agent, 2 lines`: the sources of a side, the one that speaks most often first."""
    counts = Counter(sources)
    return ", ".join(f"{src} ×{n}" if n > 1 else src for src, n in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _load(path: str, head: str) -> tuple[Dispute, ...] | None:
    with suppress(ValueError, TypeError, RecursionError):
        known, rows = json.loads(read_regular(path) or b"")
        if known == head:
            return tuple(Dispute(name, key, tuple(Side(*side) for side in sides)) for name, key, sides in rows)
    return None
