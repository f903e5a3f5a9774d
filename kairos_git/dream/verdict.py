"""What the rulings decide about each value, against what was said since.

The one rule: what the owner undid stays out. Only the owner's own word after it, or a probe that read something else
and then this again, lifts a ruling; no number of agents does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kairos_git.dream.slots import Claim
from kairos_git.memory.fact import fact_id
from kairos_git.memory.ruling import Ruling

Key = tuple[str, str, str]


class Verdict(NamedTuple):
    """The sum of the rulings about one value.

    banned   whether it is rejected now
    cap      the highest state a hold leaves, or ""
    effects  (epoch, `allow` or `confirm`): rulings that undo older endings and doubts
    void     observations that a ruling took out of evidence for this value
    """

    banned: bool = False
    cap: str = ""
    effects: tuple[tuple[int, str], ...] = ()
    void: frozenset[str] = frozenset()


def verdicts(claims: Sequence[Claim], rulings: Iterable[Ruling]) -> dict[Key, Verdict]:
    """The verdict on every value that a ruling speaks of, or that rests on evidence a ruling rejected."""
    by_value: dict[Key, list[Ruling]] = {}
    for r in rulings:
        by_value.setdefault((r.slot, r.cond, r.value), []).append(r)
    if not by_value:
        return {}
    by_slot: dict[tuple[str, str], list[Claim]] = {}
    for c in claims:
        by_slot.setdefault(c.key, []).append(c)
    found = {key: _verdict(key, rs, by_slot.get(key[:2], [])) for key, rs in by_value.items()}
    return found | _reworded(claims, by_value, found)


def _verdict(key: Key, rulings: Sequence[Ruling], claims: Sequence[Claim]) -> Verdict:
    last_no: Ruling | None = None
    hold: Ruling | None = None
    effects = []
    for r in rulings:
        if r.kind == "reject":
            last_no, hold = r, None
        elif r.kind == "hold":
            hold = r
        else:
            last_no = hold = None
            # The command `allow` (no state) lifts a rejection, and the evidence decides; what git brought back to life was
            # meant to live; what it brought back contested comes with its doubts.
            if r.kind == "confirm" or r.state in ("confirmed", "tentative"):
                effects.append((max(r.epoch, _after(r)), r.kind))
    banned = last_no is not None and not _lifted(last_no, key[2], claims)
    cap = hold.state or "tentative" if hold is not None and not _lifted(hold, key[2], claims) else ""
    return Verdict(banned, cap, tuple(effects))


def _after(r: Ruling) -> int:
    """The newest observation the owner could have seen when ruling, where that is later than the clock said."""
    return next((int(v) for k, v in r.extra if k == "seen" and v.isdigit()), 0)


def _lifted(r: Ruling, value: str, claims: Sequence[Claim]) -> bool:
    """Whether somebody entitled to said it again after the ruling. What the ruling rests on was said before it."""
    later = [c for c in claims if c.o.epoch >= r.epoch and c.o.id not in r.evidence]
    if any(c.value == value and c.o.src == "owner" and not c.o.hedge for c in later):
        return True
    other: set[str] = set()
    for c in sorted(later, key=lambda c: (c.o.epoch, c.o.id)):
        if c.o.src == "probe" and "#" in c.o.origin:
            if c.gone or c.value != value:
                other.add(c.o.origin)
            elif c.o.origin in other:
                return True
    return False


def _reworded(claims: Sequence[Claim], by_value: dict[Key, list[Ruling]], found: dict[Key, Verdict]) -> dict[Key, Verdict]:
    """Evidence that a rejected fact rests on supports nothing else in its place when rules or a model word it anew."""
    spent: dict[str, set[str]] = {}
    for key, rulings in by_value.items():
        if found[key].banned:
            for r in rulings:
                for e in r.evidence:
                    spent.setdefault(e, set()).add(fact_id(*key))
    if not spent:
        return {}
    makes: dict[str, set[str]] = {}
    for c in claims:
        if c.o.id in spent:
            makes.setdefault(c.o.id, set()).add(fact_id(c.slot, c.cond, c.value))
    void: dict[Key, set[str]] = {}
    for c in claims:
        if c.o.id in spent and not spent[c.o.id] & makes[c.o.id]:
            void.setdefault((c.slot, c.cond, c.value), set()).add(c.o.id)
    return {k: found.get(k, Verdict())._replace(void=frozenset(ids)) for k, ids in void.items()}
