"""The owner's own memory, beside a project's: what was said about the owner is folded when the project's memory is, apart from it.

The one rule: two memories, two dreams; no fold reads both.
"""

from __future__ import annotations

from datetime import datetime

from kairos_git.capture import spool
from kairos_git.capture.place import is_own, own_memory
from kairos_git.errors import KairosError
from kairos_git.memory.repository import Memory
from kairos_git.runner.cycle import Dreamed, dream
from kairos_git.runner.model.proposing import ask
from kairos_git.runner.review.proposals import what_by_itself


def dream_too(beside: Memory, now: datetime, *, by_itself: bool = False) -> Dreamed | str | None:
    """Dream in the owner's own memory where something waits there; what became of it, or why it could not be.

    None where there is none, nothing waits, it is the very memory `beside`, or (`by_itself`) its mode lets none happen.
    """
    try:
        own = None if is_own(beside.path) else own_memory()
        if own is None or not spool.waiting(own) or (by_itself and not what_by_itself(own.settings()).dreams):
            return None
        return dream(own, None, now, ask=ask)
    except KairosError as error:
        return str(error)
