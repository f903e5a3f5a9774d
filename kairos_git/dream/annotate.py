"""Observations -> claims: the rules' proposals, recomputed each time, and a model's, which are stored.

The one rule: a proposal is only as good as the observation it is about. It adds no evidence and no trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kairos_git.dream.slots import Claim, claims
from kairos_git.memory.annotation import Annotation
from kairos_git.memory.fact import SLOT, split_key, text_of
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import normal_value


def annotate(observations: Sequence[Observation], annotations: Iterable[Annotation] = ()) -> list[Claim]:
    """Every claim of the observations: by the rules, and by a model where its quote stands in the observation."""
    found = [claim for o in observations for claim in claims(o)]
    by_id = {o.id: o for o in observations}
    for a in sorted(annotations, key=lambda a: a.id):
        claim = _proposed(a, by_id)
        if claim and not any(c.o.id == claim.o.id and (c.key, c.value) == (claim.key, claim.value) for c in found):
            found.append(claim)
    return found


def _proposed(a: Annotation, by_id: dict[str, Observation]) -> Claim | None:
    """A model's "this line speaks of slot X with value V", or None where law 15 or the source forbids it."""
    o = by_id.get(a.on[0]) if len(a.on) == 1 else None
    if a.op != "slot" or o is None or o.src in ("external", "memory", "probe"):
        return None
    slot, cond = split_key(a.slot)
    value = normal_value(a.value)
    if not SLOT.fullmatch(slot) or not value or value not in o.text or not a.quote or a.quote not in o.text:
        return None
    return Claim(o, slot, cond, value, text_of(slot, value))
