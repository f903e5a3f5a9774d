"""What a statement weighs, and what is enough.

The one rule: trust is a property of the source, never of the wording, and one root has one vote.
Weights and thresholds are the design's defaults; they are tuned on the bench, never by feeling.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Trust(NamedTuple):
    """rank: who may contest whom, 0 to 4; weight: what one root adds to a score."""

    rank: int
    weight: float


TRUST = {
    "probe": Trust(4, 3.0),
    "owner": Trust(4, 2.2),
    "test": Trust(3, 1.8),
    "commit": Trust(2, 1.2),
    "agent": Trust(1, 0.9),
    "import": Trust(1, 0.5),
    "external": Trust(0, 0.0),
    "memory": Trust(0, 0.0),
}
VOUCH = frozenset({"owner", "probe"})  # who may confirm what runs code that nobody here has seen
NO_EVIDENCE = frozenset({"external", "memory"})
HEDGED = 0.35  # what is left of a weight when the speaker left a door open
CONFIRM = 2.0
UNCONFIRM = 1.0


class Support(NamedTuple):
    """One statement for (or against) a value: its place in the order, its speaker, and the root it comes from."""

    epoch: int
    id: str
    src: str
    root: str
    day: str
    hedge: bool

    @property
    def rank(self) -> int:
        return TRUST[self.src].rank

    @property
    def weight(self) -> float:
        weight = TRUST[self.src].weight
        return round(weight * HEDGED, 3) if self.hedge else weight

    @property
    def order(self) -> tuple[int, str]:
        return (self.epoch, self.id)


def strongest(supports: Iterable[Support]) -> dict[str, Support]:
    """root -> its best support; the earliest of equals."""
    best: dict[str, Support] = {}
    for s in supports:
        if s.root not in best or s.weight > best[s.root].weight:
            best[s.root] = s
    return best


def score(supports: Iterable[Support], denials: Iterable[Support] = ()) -> float:
    """The sum over independent roots of the best weight in each, less the same of those that deny."""
    total = sum(s.weight for s in strongest(supports).values()) - sum(s.weight for s in strongest(denials).values())
    return round(total, 3)


def suffices(supports: Iterable[Support]) -> bool:
    """Whether these supports may confirm, by the table of sources; a score of CONFIRM is asked for as well."""
    best = [s for s in strongest(supports).values() if not s.hedge]
    if sum(s.weight for s in strongest(supports).values()) < CONFIRM:
        return False
    if any(s.src in ("probe", "owner") for s in best):
        return True
    voices = [s for s in best if s.src != "import"]
    if len(voices) >= 2 and any(s.src in ("test", "commit") for s in voices):
        return True
    return len(voices) >= 3 and len({s.day for s in voices}) >= 2


def earliest(supports: Iterable[Support], confirmed: bool) -> tuple[str, ...]:
    """The ids of the earliest evidence that is enough, in (time, id) order; the first support where nothing is."""
    taken: list[Support] = []
    for s in sorted(supports, key=lambda s: s.order):
        taken.append(s)
        if not confirmed:
            break
        if suffices(taken):
            voices = strongest(taken).values()
            return tuple(s.id for s in sorted(voices, key=lambda s: s.order))
    return tuple(s.id for s in taken[:1])
