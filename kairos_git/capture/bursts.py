"""Bursts of work: what follows each other without a long pause belongs together, and makes one observation.

The one rule: a burst is told when it is over, so that going on working never tells it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

PAUSE = 1800.0  # seconds without anything that end a burst
LONGEST = 6 * 3600.0  # seconds after which a burst is told although it goes on
MOST = 5000  # items after which it is told although it goes on

T = TypeVar("T")


def bursts(
    items: Iterable[T], began: Callable[[T], float], ended: Callable[[T], float], now: float
) -> tuple[list[list[T]], list[T]]:
    """(the bursts that are over at `now`, the one that goes on), from items in the order of their ends."""
    found: list[list[T]] = []
    end = 0.0
    for item in items:
        current = found[-1] if found else []
        if current and began(item) - end < PAUSE and ended(item) - began(current[0]) < LONGEST and len(current) < MOST:
            current.append(item)
        else:
            found.append([item])
        end = max(ended(item), end if len(found[-1]) > 1 else 0.0)
    if found and not now - PAUSE >= end:
        return found[:-1], found[-1]
    return found, []


def span(seconds: float) -> str:
    """`48 min`, `2 h 5 min`, `under a minute`."""
    minutes = round(seconds / 60)
    if not minutes:
        return "under a minute"
    hours, minutes = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def listed(names: Sequence[str], most: int) -> str:
    """`a, b and 3 more`."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
