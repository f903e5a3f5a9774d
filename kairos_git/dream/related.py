"""What the rules and a model propose about two free statements, as the fold may use it.

same        two wordings are one fact: the support of both counts for the one that the best source used, the older of equals
supersedes  they become rivals; which of them stands, evidence decides as for any rivals
different   they are never merged, whatever else was proposed
slot        a statement read as a slot's value stands there, in its own words, and no more as a note

The rules propose the first two, anew at every fold; a model's proposals are stored.

The one rule: a proposal moves words, never trust. It lends nobody another's authority, opens no ruling, and loses no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kairos_git.dream.annotate import unsupported
from kairos_git.dream.evidence import TRUST
from kairos_git.dream.neighbours import Node, neighbours
from kairos_git.dream.relate import head, likeness
from kairos_git.dream.relation import relation, same_words
from kairos_git.dream.slots import Claim
from kairos_git.dream.wording import imperative
from kairos_git.memory.annotation import Annotation
from kairos_git.memory.fact import FREE, fact_id
from kairos_git.memory.ruling import Ruling
from kairos_git.memory.text import normal_text

ALIKE = 0.3  # likeness below which two statements are never related, whatever a model says: it was not shown them for that

Pair = frozenset[Node]


class Moved(NamedTuple):
    """A claim as it was before a proposal moved it, and why its own wording stands no more."""

    claim: Claim
    why: str


class Related(NamedTuple):
    """The claims as they count.

    moved    wordings that stand elsewhere now
    against  wording -> wordings it was made a rival of
    joint    wording -> the one name of the domain that it and its rivals, and theirs, compete in
    """

    claims: list[Claim]
    moved: tuple[Moved, ...]
    against: dict[Node, frozenset[str]]
    joint: dict[Node, str]


class _Words:
    """One wording: its claims in (time, id) order. Lives for one call of `related`."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []

    @property
    def order(self) -> tuple[int, str]:
        return min((c.o.epoch, c.o.id) for c in self.claims)

    @property
    def rank(self) -> int:
        """The best source that uses these words without a hedge."""
        return max((TRUST[c.o.src].rank for c in self.claims if not c.o.hedge), default=0)

    @property
    def documents(self) -> frozenset[str]:
        """The documents it stands in."""
        return frozenset(c.o.origin for c in self.claims if c.o.word("stated") is not None)

    @property
    def text(self) -> str:
        return min(self.claims, key=lambda c: (c.o.epoch, c.o.id)).text


def related(claims: list[Claim], annotations: Iterable[Annotation], rulings: Sequence[Ruling] = ()) -> Related:
    """The claims with the rules' and a model's proposals applied."""
    proposed = sorted((a for a in annotations if a.op != "abstain"), key=lambda a: a.id)
    free = {c.o.id: c for c in claims if c.slot in FREE and not c.gone}
    words: dict[Node, _Words] = {}
    for c in claims:
        if c.slot in FREE:
            words.setdefault((c.slot, c.value), _Words()).claims.append(c)
    ruled: dict[Node, int] = {}  # wording -> when it was last ruled on
    for r in rulings:
        ruled[r.slot, r.value] = max(r.epoch, ruled.get((r.slot, r.value), 0))
    pairs = {op: _pairs(op, proposed, free) for op in ("same", "supersedes", "different")}
    alike, opposed = _rules_pairs(words, ruled)
    home = _homes(words, pairs["same"] | alike, pairs["different"] | pairs["supersedes"] | opposed, ruled)
    against: dict[Node, set[str]] = {}
    for pair in (pairs["supersedes"] | opposed) - pairs["different"]:
        one, other = (home.get(node, node) for node in sorted(pair))
        if one != other:
            against.setdefault(one, set()).add(other[1])
            against.setdefault(other, set()).add(one[1])
    read = _read_elsewhere(claims, ruled) if any(a.op == "slot" for a in proposed) else {}
    kept, moved = _moved(claims, read, home, words)
    return Related(kept, tuple(moved), {node: frozenset(values) for node, values in against.items()}, _joint(against))


def _rules_pairs(words: dict[Node, _Words], ruled: Iterable[Node]) -> tuple[set[Pair], set[Pair]]:
    """The pairs that the rules call one statement, but for what nobody means by it, and those they call rivals."""
    told = sorted(words, key=lambda node: (words[node].order, node))
    texts = {node: words[node].text for node in told}
    documents = {node: words[node].documents for node in told}
    alike: set[Pair] = set()
    opposed: set[Pair] = set()
    for old, new in neighbours(texts):
        if documents[old] & documents[new]:
            continue  # what stands side by side in one text was meant to: lists and tables are full of likeness
        said = relation(texts[old], texts[new])
        if said == "supersede":
            opposed.add(frozenset({old, new}))
        elif said == "merge" and same_words(texts[old], texts[new]) and not {old, new} & {*ruled} and may_be_one(old[1], new[1]):
            alike.add(frozenset({old, new}))
    return alike, opposed


def _joint(against: dict[Node, set[str]]) -> dict[Node, str]:
    """wording -> the name of the domain in which it meets its rivals, and theirs: the first wording in it."""
    joint: dict[Node, str] = {}
    for start in sorted(against):
        waiting = [start] if start not in joint else []
        while waiting:
            node = waiting.pop()
            if node not in joint:
                joint[node] = start[1]
                waiting += [(node[0], value) for value in against[node]]
    return joint


def _pairs(op: str, proposed: Iterable[Annotation], free: dict[str, Claim]) -> set[Pair]:
    """The pairs of wordings that a kind of proposal speaks of, where it may: one slot, a quote that stands, alike."""
    found = set()
    for a in proposed:
        new, old = (free.get(name) for name in a.on) if a.op == op and len(a.on) == 2 else (None, None)
        if new is None or old is None or new.slot != old.slot or new.value == old.value:
            continue
        if not a.quote or a.quote not in new.o.text:
            continue
        if op == "different" or (likeness(new.value, old.value) >= ALIKE and (op != "same" or may_be_one(new.value, old.value))):
            found.add(frozenset({(new.slot, new.value), (old.slot, old.value)}))
    return found


def may_be_one(one: str, other: str) -> bool:
    """Whether two wordings can be one fact at all: the same values, and neither denies what the other says."""
    a, b = head(one), head(other)
    return set(a.values) == set(b.values) and a.denies == b.denies and imperative(one) == imperative(other)


def _homes(words: dict[Node, _Words], same: set[Pair], apart: set[Pair], ruled: dict[Node, int]) -> dict[Node, Node]:
    """wording -> the wording it counts for, for those that count for another."""
    home: dict[Node, Node] = {}
    members: dict[Node, set[Node]] = {}
    for pair in sorted(same, key=lambda p: sorted((words[n].order, n) for n in p)):
        one, other = sorted((home.get(n, n) for n in pair), key=lambda n: (-words[n].rank, words[n].order, n))
        mine, theirs = members.get(one, {one}), members.get(other, {other})
        if one == other or other in ruled or any(frozenset({m, t}) in apart for m in mine for t in theirs):
            continue
        moving = [c for t in theirs for c in words[t].claims]
        # What the owner says after ruling on a fact is said anew: it may not be folded into what was ruled on.
        if one in ruled and any(c.o.src == "owner" and c.o.epoch >= ruled[one] for c in moving):
            continue
        if any(unsupported(words[one].text, c.o.text) for c in moving):  # law 4 holds whichever of them is the evidence
            continue
        members[one] = mine | theirs
        home |= dict.fromkeys(theirs, one)
    return home


def _read_elsewhere(claims: Sequence[Claim], ruled: dict[Node, int]) -> dict[str, Claim]:
    """observation -> the slot's claim that its note became, for readings that keep every word and that no ruling speaks of.

    The rules give a statement one claim: beside a note, any other is a model's reading of it.
    """
    notes = {c.o.id: c for c in claims if c.slot in FREE and (c.slot, c.value) not in ruled}
    found: dict[str, Claim] = {}
    for c in claims:
        note = notes.get(c.o.id) if c.slot not in FREE else None
        if note and _unmarked(note.value) in _unmarked(normal_text(c.text)):
            found.setdefault(c.o.id, c)
    return found


def _unmarked(text: str) -> str:
    return text.replace("`", "").casefold()


def _moved(
    claims: Iterable[Claim], read: dict[str, Claim], home: dict[Node, Node], words: dict[Node, _Words]
) -> tuple[list[Claim], list[Moved]]:
    """The claims where they count now, and those whose own wording stands no more."""
    kept: list[Claim] = []
    moved: list[Moved] = []
    for c in claims:
        node = (c.slot, c.value)
        if c.slot in FREE and c.o.id in read:
            there = read[c.o.id]
            moved.append(Moved(c, f"read as {there.slot} = {there.value}"))
        elif c.slot in FREE and node in home:
            slot, value = home[node]
            moved.append(Moved(c, f"says the same as {fact_id(slot, c.cond, value)}: {value}"))
            kept.append(c._replace(value=value, text=words[home[node]].text))
        else:
            kept.append(c)
    return kept, moved
