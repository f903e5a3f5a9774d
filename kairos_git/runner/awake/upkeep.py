"""Keeping the memory's repository small: many loose objects become a pack, while the owner is away.

git's own maintenance is off in a memory, since it would work beside our lock. A memory that is awake commits many times a day, and
each version of a large file lies there whole until it is packed.

The one rule: nothing that any ref, reflog or nobody names is dropped; packing only moves objects, and is safe to cut off anywhere.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress

from kairos_git.errors import Busy, GitFailed
from kairos_git.memory.repository import Memory

MOST_OBJECTS = 500  # loose ones; git's own limit is 6,700
MOST_BYTES = 1 << 20  # of loose objects
STALE = 86400.0  # seconds after which a half-written pack is what a cut-off run left
_FAN = re.compile(r"[0-9a-f]{2}")


def tidy(memory: Memory) -> bool:
    """Pack what lies loose, if it is much; whether it did. Skipped where somebody else is at work."""
    if not _much(memory):
        return False
    try:
        with memory.lock(0.5):
            _sweep(memory)
            memory.git.run("repack", "-d", "-l", "-q", "--geometric=2")  # https://git-scm.com/docs/git-repack
    except (Busy, GitFailed):  # the next dream has its turn; a repository that is damaged is doctor's to tell
        return False
    return True


def _much(memory: Memory) -> bool:
    objects = os.path.join(memory.gitdir, "objects")
    count = size = 0
    for fan in os.listdir(objects):
        if _FAN.fullmatch(fan):
            with os.scandir(os.path.join(objects, fan)) as entries:
                for entry in entries:
                    count, size = count + 1, size + entry.stat().st_size
    return count >= MOST_OBJECTS or size >= MOST_BYTES


def _sweep(memory: Memory) -> None:
    """Take away what a run that was killed left half-written."""
    packs = os.path.join(memory.gitdir, "objects", "pack")
    for name in os.listdir(packs) if os.path.isdir(packs) else ():
        path = os.path.join(packs, name)
        with suppress(OSError):
            if name.startswith(("tmp_", ".tmp-")) and time.time() - os.stat(path).st_mtime > STALE:
                os.unlink(path)
