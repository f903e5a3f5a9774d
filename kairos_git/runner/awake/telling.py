"""What earlier ticks told the owner of, so that each thing is told once; and what came into the log of late."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from typing import NamedTuple

from kairos_git.memory.daylog import log_path
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.objects import read_files
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory

FILE = "told.json"
DAYS = 2  # of logs in which an event of this tick may stand


class Told(NamedTuple):
    """The proposals told of, and how many questions were open then."""

    proposals: tuple[str, ...] = ()
    questions: int = 0


def load_told(memory: Memory) -> Told:
    """What was told; nothing where the note is missing or damaged."""
    try:
        fields = json.loads(read_regular(os.path.join(memory.own, FILE)) or b"{}")
        return Told(tuple(map(str, fields.get("proposals", ()))), int(fields.get("questions", 0)))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return Told()


def save_told(memory: Memory, told: Told) -> None:
    """Write it down, where it changed. Raises NotWritable."""
    if told != load_told(memory):
        write_whole(os.path.join(memory.own, FILE), json.dumps(told._asdict()).encode())


def newest(memory: Memory, now: datetime) -> list[Observation]:
    """The observations of today and the days before, as committed: nothing older is parsed."""
    from kairos_git.memory.daylog import parse_daylog

    days = [(now - timedelta(days=n)).date().isoformat() for n in range(-1, DAYS)]
    files = read_files(memory.git, memory.head(), [log_path(d) for d in days])
    return [o for path, data in sorted(files.items()) for o in parse_daylog(path, data).observations]
