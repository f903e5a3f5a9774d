"""Who reads what a command prints: where it is an agent, what it was shown is noted, and the vault stays closed.

The one rule: what memory told an agent is no new word when the agent says it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from kairos_git.environ import environment
from kairos_git.errors import NotWritable, Refused
from kairos_git.memory.repository import Memory


def shown(memory: Memory, ids: Iterable[str], now: datetime) -> None:
    """Note the facts and observations that were printed, where an agent reads them."""
    here = environment()
    if here.agent:
        from kairos_git.runner.sessions.remembering import note_shown

        with suppress(NotWritable):  # it can be read all the same
            note_shown(memory, here.session, ids, now, commit=memory.head())


def open_vault() -> None:
    """Raises Refused where an agent asks for the vault."""
    agent = environment().agent
    if agent:
        raise Refused(f"The vault is the owner's alone, and this is an agent's environment ({agent} is set).")
