"""What left this machine: the last ten things, byte for byte, so that the owner can look at them.

Kept in `left/` in the memory's git directory, one file each: a line of JSON (when, what, where to, how many bytes), then the bytes as
they were sent. Keys and headers are not among them. The files may be deleted.

The one rule: it is written before it is sent; what cannot be written down is not sent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.repository import Memory

FOLDER = "left"
KEPT = 10


class Left(NamedTuple):
    """One thing that left. what: `model`, `batch`, `notice`, `github`; to: its address; data: the bytes that were sent."""

    number: int
    at: str
    what: str
    to: str
    data: bytes


def note_left(memory: Memory, what: str, to: str, data: bytes, now: datetime) -> None:
    """Write down what is about to be sent. Raises NotWritable: then it must not be sent."""
    names = _numbers(memory)
    number = max(names, default=0) + 1
    head = json.dumps({"at": now.isoformat(timespec="seconds"), "what": what, "to": to, "bytes": len(data)}, ensure_ascii=False)
    write_whole(os.path.join(memory.own, FOLDER, f"{number:08d}"), head.encode() + b"\n" + data)
    for old in sorted(names)[: max(0, len(names) - KEPT + 1)]:
        with suppress(OSError):
            os.unlink(os.path.join(memory.own, FOLDER, f"{old:08d}"))


def recorder(memory: Memory, what: str, now: datetime) -> Callable[[str, bytes], None]:
    """A function (address, bytes) for whoever sends."""
    return lambda to, data: note_left(memory, what, to, data, now)


def last_left(memory: Memory) -> list[Left]:
    """The last things that left, the newest first; a damaged file is passed over."""
    found = []
    for number in sorted(_numbers(memory), reverse=True)[:KEPT]:
        head, _, data = (read_regular(os.path.join(memory.own, FOLDER, f"{number:08d}")) or b"").partition(b"\n")
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            fields = json.loads(head)
            found.append(Left(number, str(fields["at"]), str(fields["what"]), str(fields["to"]), data))
    return found


def _numbers(memory: Memory) -> list[int]:
    try:
        return [int(n) for n in os.listdir(os.path.join(memory.own, FOLDER)) if n.isdigit() and len(n) == 8]
    except OSError:
        return []
