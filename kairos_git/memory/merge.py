"""Merging what two lines of history made of the facts.

The one rule: facts never conflict. A fact that one side took away is gone; otherwise the later state wins, and of two
states of one time the lower: a doubt is cheaper than a mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from kairos_git.memory.fact import HEIGHT, Fact, format_fact, is_fact_line
from kairos_git.memory.index import parse_index, without
from kairos_git.memory.topic import format_topic, parse_topic

Facts = Mapping[str, Fact]


class Merged(NamedTuple):
    """data: the merged file; named: ids on which both sides differed; conflict: whether prose could not be merged."""

    data: bytes
    named: tuple[str, ...]
    conflict: bool


def join(base: Facts, ours: Facts, theirs: Facts) -> tuple[dict[str, Fact], list[str]]:
    """The facts of two sides of history, fact by fact from their base, and the ids both sides had changed."""
    joined: dict[str, Fact] = {}
    named: list[str] = []
    for name in sorted({*base, *ours, *theirs}):
        old, mine, other = base.get(name), ours.get(name), theirs.get(name)
        if mine == other or other == old:
            chosen = mine
        elif mine == old:
            chosen = other
        else:
            chosen = None if mine is None or other is None else _later(mine, other)
            named.append(name)
        if chosen is not None:
            joined[name] = chosen
    return joined, named


def _later(one: Fact, other: Fact) -> Fact:
    lower = HEIGHT[one.state] - HEIGHT[other.state]
    if lower:
        return one if lower < 0 else other
    return max(one, other, key=lambda f: (f.since, format_fact(f)))


def merge_topic(
    base: bytes, ours: bytes, theirs: bytes, merge_prose: Callable[[bytes, bytes, bytes], tuple[bytes, bool]]
) -> Merged:
    """A topic merged by facts; the prose by `merge_prose(base, ours, theirs) -> (merged, conflict)`."""
    sides = [{f.id: f for f in parse_topic("", data).facts} for data in (base, ours, theirs)]
    facts, named = join(*sides)
    prose = [_prose(data) for data in (base, ours, theirs)]
    conflict = False
    if prose[1] == prose[2] or prose[2] == prose[0]:
        frame = ours
    elif prose[1] == prose[0]:
        frame = theirs
    else:
        frame, conflict = merge_prose(*prose)
    return Merged(format_topic(frame, facts.values()), tuple(named), conflict)


def _prose(data: bytes) -> bytes:
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return "\n".join(line for line in lines if not is_fact_line(line)).encode("utf-8", "surrogateescape")


def merge_index(base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """Ours, less what theirs took away since the base; the next projection writes it anew."""
    dead = {name for _, name in parse_index(base)} - {name for _, name in parse_index(theirs)}
    return without(ours, dead)
