"""Which free statements are near enough that the rules look at the pair, without looking at every pair.

A statement is held only against those that were said before it, so what is said later changes no pair of what is there.

The one rule: being near decides nothing, and costs a bounded amount however much has been said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from heapq import nsmallest

from kairos_git.dream.relation import words_of

MOST = 20  # statements that one is held against
RECENT = 64  # of the statements with one word, the newest that are looked at: what they all share tells nothing apart

Node = tuple[str, str]  # slot, value: one wording


def neighbours(texts: Mapping[Node, str]) -> Iterator[tuple[Node, Node]]:
    """(older, newer) for every pair worth a look; `texts` in the order in which they were first said."""
    told = list(texts)
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, node in enumerate(told):
        lists = [holders[node[0], word] for word in words_of(texts[node])]
        shared = Counter(m for held in lists for m in held[-RECENT:])
        for m in nsmallest(MOST, shared, key=lambda m: (-shared[m], -m)):
            yield told[m], node
        for held in lists:
            held.append(n)
