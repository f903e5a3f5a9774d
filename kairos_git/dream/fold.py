"""fold(observations, annotations, rulings) -> facts. Nothing else is an input.

Claims are gathered into domains (what can compete: one slot under one condition; for free statements, those that the rules
or a proposal call rivals), and each domain is replayed alone in (time, id) order. Not the clock, not the file's previous
state, not the order of arrival reaches the result.

The one rule: the same text gives the same facts, on every machine, in any order, any number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kairos_git.dream.annotate import annotate
from kairos_git.dream.evidence import CONFIRM, TRUST, Support, earliest
from kairos_git.dream.neighbours import Node
from kairos_git.dream.relate import rewords
from kairos_git.dream.related import Moved, related
from kairos_git.dream.relation import says_again
from kairos_git.dream.scope import Closed, scoped
from kairos_git.dream.slots import Claim, nature
from kairos_git.dream.standing import Standing, roots, support_of
from kairos_git.dream.verdict import Verdict, verdicts
from kairos_git.memory.annotation import Annotation
from kairos_git.memory.fact import FREE, Fact, fact_id, sort_key, text_of, value_of
from kairos_git.memory.observation import Observation, ordered
from kairos_git.memory.ruling import Ruling
from kairos_git.memory.text import code

ENGINE = 1  # the version of the slot, id and fold rules; a change of it lands as one `migrate` dream

Key = tuple[str, str, str]  # slot, condition, value


class Question(NamedTuple):
    """A contradiction that evidence cannot settle, for the owner: a fact's id, and the id of what stands against it."""

    fact: str
    text: str
    other: str = ""


class Folded(NamedTuple):
    """Every fact that was ever live, by slot; how each stands, by fact id; and what only the owner can settle."""

    facts: tuple[Fact, ...]
    standings: dict[str, Standing]
    questions: tuple[Question, ...]
    many: frozenset[str]  # slots that hold several values at once
    claims: tuple[Claim, ...]

    @property
    def live(self) -> tuple[Fact, ...]:
        return tuple(f for f in self.facts if f.live)


def fold(observations: Iterable[Observation], annotations: Iterable[Annotation] = (), rulings: Sequence[Ruling] = ()) -> Folded:
    """The facts that these observations, annotations and rulings make."""
    lines = ordered(observations)
    proposed = tuple(annotations)
    claims, closed = scoped(lines, annotate(lines, proposed))
    claims, moved, against, joint = related(claims, proposed, rulings)
    ruled = verdicts(claims, rulings)
    standings: dict[Key, Standing] = {}
    questions: list[Question] = []
    for group in _domains(claims, joint).values():
        _replay(group, ruled, standings, questions, against)
    _hold_back_rewordings(standings, ruled, questions)
    for end in closed:
        _close(standings, end)
    _move(standings, moved)
    facts = [_fact(s, ruled) for s in standings.values()]
    by_id = {fact.id: s for fact, s in zip(facts, standings.values(), strict=True)}
    return Folded(
        tuple(sorted(facts, key=sort_key)),
        by_id,
        tuple(sorted(set(questions))),
        frozenset(c.slot for c in claims if c.many),
        tuple(claims),
    )


def _close(standings: dict[Key, Standing], end: Closed) -> None:
    """What counted for a branch that is merged or gone is remembered as ended, so that its absence has a reason."""
    c = end.claim
    s = standings.setdefault((c.slot, c.cond, c.value), Standing(c.slot, c.cond, c.value))
    if s.ended or not s.supports:
        s.supports.append(support_of(c))
        s.texts.setdefault(c.o.id, c.text)
        s.end("retired", end.day, end.why)


def _move(standings: dict[Key, Standing], moved: Iterable[Moved]) -> None:
    """A wording that counts for another, or was read as a slot's value, is remembered with the reason why it stands no more."""
    gone: dict[Key, Standing] = {}
    for c, why in moved:
        key = (c.slot, c.cond, c.value)
        if key not in standings:
            s = gone.setdefault(key, Standing(*key))
            s.supports.append(support_of(c))
            s.texts.setdefault(c.o.id, c.text)
            s.end("superseded", s.since, why)
    standings |= gone


def _domains(claims: Iterable[Claim], joint: Mapping[Node, str]) -> dict[tuple[str, str, str], list[Claim]]:
    """Claims by what they compete in, in (time, id) order within each; a stated A -> B joins every domain of A.

    joint: free statements that have rivals, and the name of the domain they meet in.
    """
    groups: dict[tuple[str, str, str], list[Claim]] = {}
    holders: dict[str, set[tuple[str, str]]] = {}
    moves: list[Claim] = []
    for c in claims:
        meets = joint.get((c.slot, c.value), c.value) if c.slot in FREE else ""
        groups.setdefault((c.slot, c.cond, meets), []).append(c)
        if c.slot not in FREE and c.slot != "uses":
            holders.setdefault(c.value, set()).add(c.key)
        if c.ends and c.slot == "uses":
            moves.append(c)
    for c in moves:  # "Use nox instead of tox" also ends `tests.command = tox`, with nox in its place
        for slot, cond in sorted(h for h in holders.get(c.ends, ()) if c.cond in ("", h[1])):
            text = c.o.text if value_of(slot, c.o.text) == c.value else text_of(slot, c.value)
            groups[(slot, cond, "")].append(c._replace(slot=slot, cond=cond, many=False, moved=True, text=text))
    for group in groups.values():
        group.sort(key=lambda c: (c.o.epoch, c.o.id))
    return groups


def _replay(
    group: Sequence[Claim], ruled: dict[Key, Verdict], standings: dict[Key, Standing], questions: list[Question],
    against: Mapping[Node, frozenset[str]],
) -> None:  # fmt: skip
    """One domain from its first claim to its last, the rulings that lift or confirm taking effect at their time."""
    here: dict[str, Standing] = {}
    pending = sorted({(*effect, c.value) for c in group for effect in _verdict(ruled, c).effects})
    for c in group:
        verdict = _verdict(ruled, c)
        if verdict.banned:  # neither supports nor contradicts; kept so that `why` can show it
            ghost = standings.setdefault((c.slot, c.cond, c.value), Standing(c.slot, c.cond, c.value))
            if not c.gone:
                ghost.supports.append(support_of(c))
                ghost.texts.setdefault(c.o.id, c.text)
            continue
        if c.o.id in verdict.void:
            continue
        while pending and pending[0][0] < c.o.epoch:
            _take_effect(here, pending.pop(0), questions)
        if c.moved and not (c.ends in here and here[c.ends].live):
            continue
        s = here.setdefault(c.value, Standing(c.slot, c.cond, c.value, verdict.cap))
        s.against = against.get((c.slot, c.value), s.against)
        if c.gone:
            _retire(s, c)
        elif not (s.ended and s.stale(support_of(c))):
            _take(here, s, c, questions)
    for effect in pending:
        _take_effect(here, effect, questions)
    standings |= {(s.slot, s.cond, value): s for value, s in here.items() if s.supports}


def _verdict(ruled: dict[Key, Verdict], c: Claim) -> Verdict:
    return ruled.get((c.slot, c.cond, c.value), Verdict())


def _take_effect(here: dict[str, Standing], effect: tuple[int, str, str], questions: list[Question]) -> None:
    """`allow` and `confirm` undo every ending and doubt that is older; `confirm` is also the owner's word for it."""
    _, kind, value = effect
    s = here.get(value)
    if s is None or not s.supports:
        return
    s.ended = s.until = s.why = ""
    s.assure()
    s.closed = False
    s.inherited = s.inherited or kind == "confirm"
    s.settle()
    for other in _rivals(here, s):
        if kind == "confirm":
            other.end("superseded", max(s.since, other.since), f"the owner confirmed {_named(s)}")
        elif s.confirmed and other.confirmed:
            s.contested = True
            questions.append(_ask(s, other))


def _rivals(here: dict[str, Standing], s: Standing) -> list[Standing]:
    others = here.values() if s.slot not in FREE else [here[value] for value in sorted(s.against) if value in here]
    return [o for o in others if o is not s and o.live]


def _retire(s: Standing, c: Claim) -> None:
    """What was read is gone: its vote goes, and with the last probe behind it the fact; with a document's, unless others say it."""
    rest = [t for t in s.supports if t.root != c.o.origin]
    if not s.live or len(rest) == len(s.supports):
        return
    if (
        any(t.src == "probe" for t in rest)
        or (rest and c.o.src != "probe")
        or (nature(s.slot) == "wants" and any(t.src == "owner" for t in rest))
    ):
        s.supports = rest
        s.settle()
    else:
        s.end("retired", c.o.day, f"{c.o.origin} is gone")


def _take(here: dict[str, Standing], s: Standing, c: Claim, questions: list[Question]) -> None:
    """One claim for `s`, and what it means for its rivals."""
    v = support_of(c)
    s.add(v, c.text)
    old = here.get(c.ends) if c.ends != s.value else None
    if old is not None and old.live and not v.hedge and v.src in ("owner", "probe", "commit"):
        s.inherited = s.inherited or old.confirmed
        old.end("superseded", v.day, f"{v.id} states {_named(old)} -> {_named(s)}", closed=True)
    if c.many:
        s.settle()
        return
    for other in _rivals(here, s):
        _oppose(other, s, v, questions)
    for one in [s, *_rivals(here, s)]:
        one.settle()
        _overrule(one, _rivals(here, one), v.day)


def _oppose(other: Standing, s: Standing, v: Support, questions: list[Question]) -> None:
    """A new voice for `s` speaks against a live rival."""
    kind = nature(s.slot)
    if v.root in roots(other.supports):
        _change_mind(other, s, v, kind == "wants" and other.owned)
        return
    if v.hedge or v.rank < 1 or v.order < other.newest or (kind == "wants" and v.rank < TRUST["owner"].rank):
        return
    if (v.src == "owner" and kind == "is" and other.probed) or (v.src == "probe" and kind != "is" and other.owned):
        questions.append(_ask(s, other))
    elif not (kind == "is" and other.probed and v.src != "probe"):  # a probe is read at every dream: it is never old
        other.deny(v)
        if not other.confirmed and v.rank >= other.rank and other.score <= 0:  # one tentative word against another: the newer
            other.end("superseded", max(v.day, other.since), f"{v.id} says {_named(s)}, and no less is known for it")


def _change_mind(other: Standing, s: Standing, v: Support, wanted: bool) -> None:
    """A root that spoke for `other` now says `s`: a correction, or a place in the tree that reads differently."""
    if v.hedge:
        return
    rest = [t for t in other.supports if t.root != v.root]
    if rest and (v.src != "probe" or wanted):
        other.withdraw(v.root)
        other.settle()
        return
    s.inherited = s.inherited or (v.src == "probe" and other.confirmed)
    other.end("superseded", v.day, f"{v.root} now says {_named(s)}")


def _ask(s: Standing, other: Standing) -> Question:
    ids = [fact_id(one.slot, one.cond, one.value) for one in (s, other)]
    return Question(ids[0], f"{s.slot}: is it {s.value!r} or {other.value!r}?", ids[1])


def _overrule(s: Standing, others: Sequence[Standing], day: str) -> None:
    """A confirmed value ends its live rivals where its rank is not lower and its support newer; else it waits."""
    for other in others if s.confirmed else ():
        if other.newest < s.newest and other.rank <= s.rank and not _stands_over(other, s):
            other.end("superseded", max(day, other.since), f"{_named(s)} stands on newer evidence of no lower rank")
        elif other.confirmed or other.contested:
            s.confirmed = False


def _named(s: Standing) -> str:
    return s.value if "`" in s.value else code(s.value)  # a statement with code of its own stands as it is


def _stands_over(other: Standing, s: Standing) -> bool:
    """Who wins between owner and probe: on what the tree is, the probe; on what the owner wants, the owner."""
    if nature(s.slot) == "is":
        return other.probed and not s.probed
    return other.owned and not s.owned and not s.inherited


def _hold_back_rewordings(standings: dict[Key, Standing], ruled: dict[Key, Verdict], questions: list[Question]) -> None:
    """A free statement that is nearly a rejected one, from anybody but the owner, waits for the owner's answer."""
    rejected = [k for k, v in ruled.items() if v.banned and k[0] in FREE]
    for key, s in standings.items():
        if key[0] not in FREE or key in rejected or not s.live or any(t.src == "owner" for t in s.supports):
            continue
        for slot, cond, value in rejected:
            if (slot, cond) == key[:2] and (rewords(value, s.value) or says_again(value, s.text)):
                s.end("rejected", "", f"nearly what was rejected: {value}")
                words = f"{s.value!r} is close to {value!r}, which you rejected: take it?"
                questions.append(Question(fact_id(*key), words, fact_id(slot, cond, value)))
                break


def _fact(s: Standing, ruled: dict[Key, Verdict]) -> Fact:
    verdict = ruled.get((s.slot, s.cond, s.value))
    banned = verdict is not None and verdict.banned
    state = "rejected" if banned else s.state
    evidence = s.evidence if not banned else earliest(s.supports, sum(t.weight for t in s.supports) >= CONFIRM)
    return Fact(
        fact_id(s.slot, s.cond, s.value), s.slot, s.cond, s.value, s.text, state, s.since, evidence, s.until, s.loaded
    )  # fmt: skip
