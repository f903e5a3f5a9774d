"""Which readings of the tree an owner's commit has said to be over, so that the tree is asked once more.

A message may announce what nobody did: what is still read must be able to come back, though an unchanged reading is not
written down otherwise.

The one rule: the reading decides what is; this only says that it must be heard again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kairos_git.dream.slots import claims, nature
from kairos_git.memory.observation import Observation


def overruled(observations: Iterable[Observation], readings: Mapping[str, Observation]) -> dict[str, int]:
    """`file#key` -> the second at which a commit last ended the value read there; of commands none, for they are wants.

    readings  `file#key` -> the last reading
    """
    read = [(root, o.epoch, c.value) for root, o in readings.items() for c in claims(o) if nature(c.slot) == "is" and not c.gone]
    first = min((epoch for _, epoch, _ in read), default=0)
    values = {value for _, _, value in read}
    ended: dict[str, int] = {}  # value -> when
    for o in observations:
        if o.src == "commit" and o.epoch >= first:
            for c in claims(o):
                if c.ends in values:
                    ended[c.ends] = max(o.epoch, ended.get(c.ends, 0))
    return {root: ended[value] for root, epoch, value in read if ended.get(value, -1) >= epoch}
