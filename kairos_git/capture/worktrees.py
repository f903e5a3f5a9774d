"""Where a work tree keeps what is its own, main or linked: HEAD, index, reflog.

The one rule: read from files alone, since it is asked for many folders at a time.
"""

from __future__ import annotations

import os

from kairos_git.memory.files import read_regular


def git_folder(root: str) -> str:
    """The git directory of the work tree at `root`: `.git`, or what the `.git` file of a linked one names."""
    place = os.path.join(root, ".git")
    if not os.path.isfile(place):
        return place
    words = (read_regular(place) or b"").decode("utf-8", "surrogateescape").strip().removeprefix("gitdir: ")
    return os.path.normpath(os.path.join(root, words))


def reflog(root: str) -> str:
    """The reflog of its HEAD, "" where there is none."""
    return (read_regular(os.path.join(git_folder(root), "logs", "HEAD")) or b"").decode("utf-8", "replace")
