"""Why a fact stands: recomputed from the log each time, never stored.

The one rule: whatever is said here can be checked against the log with nothing but this file's output.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kairos_git.dream.annotate import behind
from kairos_git.dream.changes import reason
from kairos_git.dream.evidence import TRUST, Support, strongest
from kairos_git.dream.fold import Folded, fold
from kairos_git.dream.standing import Standing
from kairos_git.memory.annotation import Annotation
from kairos_git.memory.fact import FREE, Fact, choose
from kairos_git.memory.observation import Observation
from kairos_git.memory.ruling import Ruling
from kairos_git.memory.snapshot import Snapshot
from kairos_git.memory.text import code, identity


class Voice(NamedTuple):
    """One observation for or against a fact. `counts`: it is its root's best; a second statement adds nothing."""

    id: str
    time: str
    src: str
    rank: int
    root: str
    weight: float
    counts: bool
    against: bool
    text: str
    note: str


class Reasons(NamedTuple):
    """The whole account of one fact. proposals: a model's that had a part in it."""

    fact: Fact
    reason: str
    score: float
    voices: tuple[Voice, ...]
    past: tuple[str, ...]
    rulings: tuple[Ruling, ...]
    proposals: tuple[Annotation, ...] = ()

    def as_json(self) -> dict[str, Any]:
        voices = [v._asdict() for v in self.voices]
        return {
            "score": self.score, "reason": self.reason,
            "observations": [{k: x for k, x in v.items() if k != "against"} for v in voices if not v["against"]],
            "contradicted_by": [{k: x for k, x in v.items() if k != "against"} for v in voices if v["against"]],
            "past": list(self.past),
            "rulings": [{"id": r.id, "time": r.time, "kind": r.kind, "by": r.by, "commit": r.commit} for r in self.rulings],
            "proposals": [{"id": a.id, "op": a.op, "model": a.model, "prompt": a.prompt, "quote": a.quote} for a in self.proposals],
        }  # fmt: skip


class Answer(NamedTuple):
    """One way to answer a question. does: `confirm` the fact, `say` it as the owner's words, or `reject` it."""

    does: str
    fact: Fact
    voices: tuple[Voice, ...]


class Asked(NamedTuple):
    """A contradiction that evidence cannot settle. Its id is that of its slot, condition and values, whatever came later."""

    id: str
    text: str
    answers: tuple[Answer, ...]

    @property
    def key(self) -> str:
        return self.answers[0].fact.key


def questions(here: Snapshot, folded: Folded) -> tuple[Asked, ...]:
    """What only the owner can settle now, by slot: both sides with their evidence. What was settled since is left out."""
    facts = {f.id: f for f in folded.facts}
    by_id = {o.id: o for o in here.observations}

    def side(fact: Fact, does: str) -> Answer:
        return Answer(does, fact, tuple(_voices(folded.standings[fact.id].supports, by_id, against=False)))

    found: dict[str, Asked] = {}
    for q in folded.questions:
        mine, theirs = facts.get(q.fact), facts.get(q.other)
        name = identity("q", *sorted((q.fact, q.other)))  # fact ids are hashes of slot, condition and value
        if mine and theirs and mine.live and theirs.live and _at_odds(folded.standings[mine.id], folded.standings[theirs.id]):
            sides = sorted((side(mine, "confirm"), side(theirs, "confirm")), key=lambda s: s.fact.value)
            one, other = (code(s.fact.value) for s in sides)
            found[name] = Asked(name, f"{mine.key}: is it {one} or {other}?", tuple(sides))
        elif mine and folded.standings[mine.id].ended == "rejected":  # nearly what was rejected: held back until the answer
            found[name] = Asked(name, f"{mine.key}: {q.text}", (side(mine, "say"), side(mine, "reject")))
    return tuple(sorted(found.values(), key=lambda q: (q.key, q.id)))


def _at_odds(one: Standing, other: Standing) -> bool:
    """Whether two live values are still for the owner to choose between: a person's word against a reading of the tree, or
    two confirmed. An agent's echo of the side that lost opens nothing again.
    """
    return (one.owned and other.probed) or (one.probed and other.owned) or (one.confirmed and other.confirmed)


def why(here: Snapshot, name: str) -> Reasons:
    """The account of the fact that an id, or its unambiguous beginning, names. Raises UsageError."""
    folded = fold(here.observations, here.annotations, here.rulings)
    fact = choose(folded.facts, name)
    standing = folded.standings[fact.id]
    by_id = {o.id: o for o in here.observations}
    voices = [*_voices(standing.supports, by_id, against=False)]
    for other in _rivals(folded, fact):
        newer = [s for s in folded.standings[other.id].supports if s.order > standing.newest or s in standing.denials]
        voices += _voices(newer, by_id, against=True)
    past = tuple(f"{state} {until}: {reason_}" for state, until, reason_ in standing.past)
    rulings = tuple(r for r in here.rulings if r.fact == fact.id)
    told = standing.why or ("the owner rejected it" if fact.state == "rejected" else reason(standing))
    texts = {o.id: o.text for o in here.observations}
    proposals = behind(fact.slot, fact.value, [s.id for s in standing.supports], here.annotations, texts)
    return Reasons(fact, told, standing.score, tuple(voices), past, rulings, tuple(proposals))


def _rivals(folded: Folded, fact: Fact) -> list[Fact]:
    if fact.slot in folded.many:
        return []
    same = [f for f in folded.facts if (f.slot, f.cond) == (fact.slot, fact.cond) and f.id != fact.id and f.state != "rejected"]
    if fact.slot not in FREE:
        return same
    opposed = folded.standings[fact.id].against
    return [f for f in same if f.value in opposed]


def _voices(supports: list[Support], by_id: dict[str, Observation], *, against: bool) -> list[Voice]:
    best = {s.id for s in strongest(supports).values()}
    made = []
    for s in sorted(supports, key=lambda s: s.order):
        o = by_id[s.id]
        notes = ["hedged"] if s.hedge else []
        notes += ["its root has spoken already: one root, one voice"] if s.id not in best else []
        made.append(
            Voice(s.id, o.time, s.src, TRUST[s.src].rank, s.root, s.weight, s.id in best, against, o.text, ", ".join(notes))
        )
    return made
