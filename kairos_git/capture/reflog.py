"""What the reflog of a HEAD says: where it was, since when, and by which act of git. Read without git.

The one rule: a line counts only when it is whole: git may be writing the last one, and the first one read may be cut off.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

# `<old> <new> <name> <<address>> <seconds> <zone>\t<act>`, as git's refs/files-backend writes it.
_LINE = re.compile(r"([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [^\t]*?([0-9]{1,15}) [+-][0-9]+(?:\t(.*))?")


class Move(NamedTuple):
    """HEAD moved from one commit to another, all zeros for none. at: seconds since 1970; act: in git's words, `commit: Fix it`."""

    before: str
    after: str
    at: int
    act: str


def moves(reflog: str) -> Iterator[Move]:
    """The moves that a reflog, or a piece of one, tells of, oldest first."""
    for line in reflog.split("\n"):
        found = _LINE.fullmatch(line)
        if found:
            yield Move(found[1], found[2], int(found[3]), found[4] or "")


def tail(gitdir: str, most: int) -> str:
    """The last `most` bytes of the reflog of a work tree's HEAD; "" where there is none. gitdir: the work tree's own."""
    try:
        with open(os.path.join(gitdir, "logs", "HEAD"), "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - most))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
