"""What is remembered of raw activity between two looks: a small JSON file in the memory's git directory, one writer at a time.

The one rule: it may be deleted at any time; then a little raw activity is forgotten, and nothing else.
"""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from typing import Any

from kairos_git.memory.alone import held
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.repository import Memory

ACTIVITY = "activity"  # the folder, beside the spool


def state_path(memory: Memory, name: str) -> str:
    """`<memory git dir>/kairos/activity/<name>.json`."""
    return os.path.join(memory.own, ACTIVITY, f"{name}.json")


def load_state(memory: Memory, name: str) -> dict[str, Any]:
    """The fields; none where the file is missing or damaged."""
    try:
        fields = json.loads(read_regular(state_path(memory, name)) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def save_state(memory: Memory, name: str, fields: dict[str, Any]) -> None:
    """Replace it, where it differs: nothing is written while nothing happens. Raises NotWritable."""
    content = json.dumps(fields, sort_keys=True).encode()
    if read_regular(state_path(memory, name)) != content:
        write_whole(state_path(memory, name), content)
        os.chmod(state_path(memory, name), 0o600)


def alone(memory: Memory, name: str) -> AbstractContextManager[bool]:
    """Whether nobody else looks at this activity now; held until the end of the block. Raises NotWritable."""
    return held(memory.own, f"{ACTIVITY}/{name}.lock", wait=False, failing="What was done meanwhile is noted later.")
