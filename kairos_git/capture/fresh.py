"""What came into the log since the last dream: counts and times, so that asking whether a dream is due reads no log.

Kept in `fresh.json` in the memory's git directory. Where it is missing or damaged nothing is fresh until the next line comes: a
dream that is asked for by hand looks at the log itself.

The one rule: it is a count, never evidence, and it may be deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from kairos_git.errors import NotWritable
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory

FILE = "fresh.json"
MOST = 200  # batches kept apart; the oldest are joined


class Batch(NamedTuple):
    """One drain: seconds since 1970, observations added, agent sessions that ended."""

    at: int
    added: int
    ended: int


class Fresh(NamedTuple):
    """Since the last dream. dreamed: when a dream last ran to its end, in seconds since 1970; 0 for never."""

    dreamed: int = 0
    batches: tuple[Batch, ...] = ()

    @property
    def observations(self) -> int:
        return sum(b.added for b in self.batches)

    @property
    def sessions(self) -> int:
        return sum(b.ended for b in self.batches)

    def enough_since(self, observations: int, sessions: int) -> int | None:
        """When there first were so many observations, or sessions; None where there are not."""
        added = ended = 0
        for b in self.batches:
            added, ended = added + b.added, ended + b.ended
            if added >= observations or ended >= sessions:
                return b.at
        return None


def load_fresh(memory: Memory) -> Fresh:
    """What is known; nothing where the file is missing or damaged."""
    try:
        fields = json.loads(read_regular(os.path.join(memory.own, FILE)) or b"{}")
        return Fresh(int(fields.get("dreamed", 0)), tuple(Batch(*map(int, b)) for b in fields.get("batches", [])))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return Fresh()


def came(memory: Memory, added: Sequence[Observation], now: datetime) -> None:
    """A drain added these. What this tool wrote itself is no news."""
    news = [o for o in added if o.src != "memory"]
    if news:
        old = load_fresh(memory)
        ended = sum(o.word("event") == "end" for o in news)
        batches = (*old.batches, Batch(int(now.timestamp()), len(news), ended))
        if len(batches) > MOST:
            one, two, *rest = batches
            batches = (Batch(two.at, one.added + two.added, one.ended + two.ended), *rest)
        _save(memory, old._replace(batches=batches))


def dreamed(memory: Memory, now: datetime) -> None:
    """A dream ran to its end: nothing is fresh any more."""
    _save(memory, Fresh(int(now.timestamp())))


def _save(memory: Memory, fresh: Fresh) -> None:
    with suppress(NotWritable):  # a count; the log itself was written
        write_whole(os.path.join(memory.own, FILE), json.dumps(fresh._asdict()).encode())
