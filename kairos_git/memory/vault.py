"""The vault: what the owner keeps for themselves. It is the topic `vault`, and a line of it says `vault.bank = …`.

The one rule: nothing of it is shown but where the vault itself is asked for, and nothing of it is sent to a model. So
whoever shows, serves, searches or sends asks here first: by a fact's slot, or by an observation.
"""

from __future__ import annotations

import re

from kairos_git.memory.fact import topic_of
from kairos_git.memory.observation import Observation

VAULT = "vault"
HIDDEN = "[in the vault]"

# Also what is not written in the one way that makes a fact of it; a heading like "Vault: tokens expire" is another thing.
_LINE = re.compile(r"\W*(?:(?i:vault)(?:\.[\w-]+)+|vault)\s*(?:\{[^{}]*\}\s*)?[:=]")


def in_vault(slot: str) -> bool:
    """Whether a slot is one of the vault's."""
    return topic_of(slot) == VAULT


def speaks_of_vault(text: str) -> bool:
    """Whether words were meant for the vault."""
    return _LINE.match(text) is not None


def vaulted(o: Observation) -> bool:
    """Whether an observation is the vault's: what people and agents said, never what a commit or the tree says."""
    return o.src in ("owner", "agent", "import") and speaks_of_vault(o.text)
