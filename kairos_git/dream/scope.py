"""Where and whether a claim counts: branches, and commits that were reverted.

The one rule: what was learned on an unmerged branch counts for that branch; the fold knows of merges, deletions and
reverts because they are observations too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kairos_git.dream.slots import Claim
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import BREAK, normal_text

_NUMBERED = re.compile(r"\s*\(#\d+\)$")  # what a forge adds to the title of what it merges


class Closed(NamedTuple):
    """A claim that counted for one branch and no longer does: since when, and why."""

    claim: Claim
    day: str
    why: str


def scoped(observations: Sequence[Observation], claims: Sequence[Claim]) -> tuple[list[Claim], list[Closed]]:
    """The claims less those of reverted commits, each under its branch until that is merged; and what ended with a branch."""
    void = _reverted(observations)
    kept = list(_one_voice([c for c in claims if not (c.o.src == "commit" and c.o.origin in void)]))
    merged, deleted = _events(observations, "merged"), _events(observations, "deleted")
    said = {(c.slot, c.cond, c.value): c.o for c in reversed(kept) if not c.o.branch}
    out: list[Claim] = []
    closed: list[Closed] = []
    for c in kept:
        if not c.o.branch:
            out.append(c)
            continue
        ends = [e for e in merged.get(c.o.branch, ()) if e.epoch >= c.o.epoch][:1]
        spoken = said.get((c.slot, c.cond, c.value))
        ends += [spoken] if spoken is not None else []
        gone = next((e for e in deleted.get(c.o.branch, ()) if e.epoch >= c.o.epoch), None)
        if ends:
            first = min(ends, key=lambda e: e.epoch)
            out.append(c._replace(o=c.o._replace(epoch=max(c.o.epoch, first.epoch))))
            closed.append(Closed(_on_branch(c), max(first.day, c.o.day), f"it counts for every branch now: {first.text}"))
        elif gone:
            closed.append(Closed(_on_branch(c), gone.day, gone.text))
        else:
            out.append(_on_branch(c))
    return out, closed


def _one_voice(claims: Sequence[Claim]) -> Iterator[Claim]:
    """A merge or squash that repeats the title of the branch it brings, at another time and numbered by a forge, adds no voice."""
    numbered = {_title(c.o) for c in claims if c.o.src == "commit" and _NUMBERED.search(_subject(c.o))}
    first: dict[str, str] = {}
    for c in claims:
        if c.o.src == "commit" and _title(c.o) in numbered:
            c = c._replace(o=c.o._replace(root=first.setdefault(_title(c.o), c.o.origin)))
        yield c


def _subject(o: Observation) -> str:
    return o.text.partition(BREAK)[0]


def _title(o: Observation) -> str:
    return normal_text(_NUMBERED.sub("", _subject(o)))


def _on_branch(c: Claim) -> Claim:
    here = "branch=" + c.o.branch.replace(" ", "-").replace("{", "(").replace("}", ")")
    return c._replace(cond=f"{c.cond},{here}" if c.cond else here)


def _events(observations: Sequence[Observation], word: str) -> dict[str, list[Observation]]:
    """branch -> the observations of its merges (or deletions), in order."""
    found: dict[str, list[Observation]] = {}
    for o in observations:
        branch = o.word(word)
        if branch and o.src not in ("external", "agent", "import"):
            found.setdefault(branch, []).append(o)
    return found


def _reverted(observations: Sequence[Observation]) -> set[str]:
    """The roots of commits whose revert stands; a revert that was itself reverted does not."""
    void: set[str] = set()
    for o in reversed(observations):
        target = o.word("reverts") if o.src == "commit" else None
        if target and o.origin not in void:
            void.add(target)
    return void
