"""Rates and their intervals, and what a suite hands back.

The one rule: no rate without how often it was tried and how far it may be off.

Shares of independent trials have the Wilson score interval (E. B. Wilson, "Probable inference, the law of succession, and
statistical inference", JASA 22, 1927). What is no plain share (F1), or whose trials hang together (one slot looked at on many
days), has a percentile bootstrap over rows or whole clusters (B. Efron and R. J. Tibshirani, "An Introduction to the
Bootstrap", 1993, chapter 13; clusters: C. A. Field and A. H. Welsh, "Bootstrapping clustered data", JRSS B 69, 2007). All at 95 %.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

ROUNDS = 1000  # of a bootstrap
_Z = 1.959964  # the normal quantile of 97.5 %

Row = TypeVar("Row")
Interval = list[float]


class Laws(NamedTuple):
    """Promises about a memory that were checked, and those not kept, in words."""

    checked: int = 0
    broken: tuple[str, ...] = ()

    def __add__(self, other: object) -> Laws:
        assert isinstance(other, Laws)
        return Laws(self.checked + other.checked, self.broken + other.broken)


class Suite(NamedTuple):
    """What a suite found: its part of the JSON, lines for the reader of the table, and the laws checked on the way."""

    figures: dict[str, Any]
    notes: tuple[str, ...] = ()
    laws: Laws = Laws()


def share(hits: float, of: float) -> float:
    """A fraction of 1, to four digits; 0 of nothing is 0."""
    return round(hits / of, 4) if of else 0.0


def wilson(hits: int, of: int) -> Interval:
    """The Wilson score interval of a share; of nothing, everything is possible."""
    if not of:
        return [0.0, 1.0]
    p, square = hits / of, _Z * _Z
    middle = (p + square / (2 * of)) / (1 + square / of)
    reach = _Z / (1 + square / of) * math.sqrt(p * (1 - p) / of + square / (4 * of * of))
    return [round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4)]


def bootstrap(rows: Sequence[Row], figure: Callable[[Sequence[Row]], float], seed: int) -> Interval:
    """The percentile interval of a figure over rows drawn with replacement; a row may be a whole cluster."""
    if not rows:
        return [0.0, 1.0]
    rng = random.Random(f"bootstrap {seed}")
    drawn = sorted(figure(rng.choices(rows, k=len(rows))) for _ in range(ROUNDS))
    return [round(drawn[int(ROUNDS * 0.025)], 4), round(drawn[int(ROUNDS * 0.975)], 4)]


def rate(name: str, hits: int, of: int) -> dict[str, Any]:
    """`name` and `name_ci` of a share of independent trials."""
    return {name: share(hits, of), f"{name}_ci": wilson(hits, of)}


def count(name: str, hits: int, of: int) -> dict[str, Any]:
    """`name` as a count, and `name_ci`: the interval of its share of `of`."""
    return {name: hits, f"{name}_ci": wilson(hits, of)}


def clustered(name: str, clusters: Sequence[tuple[float, float]], seed: int) -> dict[str, Any]:
    """`name` and `name_ci` of a share whose trials come in clusters of (hits, of)."""

    def pooled(some: Sequence[tuple[float, float]]) -> float:
        return share(sum(hits for hits, _ in some), sum(of for _, of in some))

    return {name: pooled(clusters), f"{name}_ci": bootstrap(clusters, pooled, seed)}


def retrieval(outcomes: Sequence[tuple[bool, bool]], seed: int) -> dict[str, Any]:
    """Precision, recall and F1 of (said, true) pairs; `n` is how many are true."""
    both = sum(said and true for said, true in outcomes)
    told = sum(said for said, _ in outcomes)
    there = sum(true for _, true in outcomes)

    def f1(some: Sequence[tuple[bool, bool]]) -> float:
        hits = sum(said and true for said, true in some)
        return share(2 * hits, sum(said + true for said, true in some))

    found = {**rate("p", both, told), **rate("r", both, there)}
    return {**found, "f1": f1(outcomes), "f1_ci": bootstrap(outcomes, f1, seed), "n": there}
