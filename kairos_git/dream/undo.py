"""What people undid: the difference between what the dreams left and what now stands.

Found by state, never by message: a plain revert, a squashed, partial or hand-made one, a deleted line and a reset all
look the same here.

The one rule: what is committed is meant; a difference is the owner's decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kairos_git.memory.fact import HEIGHT, Fact


class Difference(NamedTuple):
    """One fact that stands otherwise than the dreams left it. `kind` is the ruling it amounts to."""

    kind: str
    fact: Fact
    state: str = ""


def differences(expected: Mapping[str, Fact], actual: Mapping[str, Fact]) -> list[Difference]:
    """live -> absent: reject; a lower state: hold; absent -> live: allow; a higher state: confirm."""
    found = []
    for name in sorted({*expected, *actual}):
        was, now = expected.get(name), actual.get(name)
        if now is None and was is not None:
            found.append(Difference("reject", was))
        elif was is None and now is not None:
            found.append(Difference("allow", now, now.state))
        elif was is not None and now is not None and was.state != now.state:
            lower = HEIGHT[now.state] < HEIGHT[was.state]
            found.append(Difference("hold" if lower else "confirm", now, now.state))
    return found


def unreached(
    added: Mapping[str, Fact], before: Mapping[str, Fact], actual: Mapping[str, Fact], removed: Iterable[str]
) -> list[Difference]:
    """What of a dream that history lost is undone.

    added     the facts the lost dream left, before: those of its parent, actual: those that stand now
    removed   ids that a dream still in history took away, which explains their absence
    """
    explained = set(removed)
    found = []
    for name, fact in sorted(added.items()):
        old, now = before.get(name), actual.get(name)
        if name in explained or (old is not None and old.state == fact.state):
            continue
        if now is None and old is None:
            found.append(Difference("reject", fact))
        elif now is not None and old is not None and now.state == old.state and HEIGHT[now.state] < HEIGHT[fact.state]:
            found.append(Difference("hold", now, now.state))
    return found
