"""Where and whether a claim counts: branches, and commits that were reverted.

The one rule: what was learned on an unmerged branch counts for that branch; the fold knows of merges, deletions and
reverts because they are observations too.
"""

from __future__ import annotations

from collections.abc import Sequence

from kairos_git.dream.slots import Claim
from kairos_git.memory.observation import Observation


def scoped(observations: Sequence[Observation], claims: Sequence[Claim]) -> list[Claim]:
    """The claims less those of reverted commits, each under its branch until the branch is merged."""
    void = _reverted(observations)
    kept = [c for c in claims if not (c.o.src == "commit" and c.o.origin in void)]
    merged = _events(observations, "merged")
    deleted = _events(observations, "deleted")
    said = {(c.slot, c.cond, c.value): c.o.epoch for c in reversed(kept) if not c.o.branch}
    out = []
    for c in kept:
        if not c.o.branch:
            out.append(c)
            continue
        merges = [e for e in merged.get(c.o.branch, ()) if e >= c.o.epoch]
        spoken = said.get((c.slot, c.cond, c.value))
        if merges or spoken is not None:
            epoch = max(c.o.epoch, min([*merges[:1], *([spoken] if spoken is not None else [])]))
            out.append(c._replace(o=c.o._replace(epoch=epoch)))
        elif not any(e >= c.o.epoch for e in deleted.get(c.o.branch, ())):
            here = "branch=" + c.o.branch.replace(" ", "-").replace("{", "(").replace("}", ")")
            out.append(c._replace(cond=f"{c.cond},{here}" if c.cond else here))
    return out


def _events(observations: Sequence[Observation], word: str) -> dict[str, list[int]]:
    """branch -> the times at which it was merged (or deleted), in order."""
    found: dict[str, list[int]] = {}
    for o in observations:
        branch = o.word(word)
        if branch and o.src not in ("external", "agent", "import"):
            found.setdefault(branch, []).append(o.epoch)
    return found


def _reverted(observations: Sequence[Observation]) -> set[str]:
    """The roots of commits whose revert stands; a revert that was itself reverted does not."""
    void: set[str] = set()
    for o in reversed(observations):
        target = o.word("reverts") if o.src == "commit" else None
        if target and o.origin not in void:
            void.add(target)
    return void
