"""The merge driver git calls for topics, index and handoff.

The one rule: facts never conflict; only prose can, and then git's own markers stand in it.
"""

from __future__ import annotations

import os
import sys

from kairos_git.gitrun import Git
from kairos_git.memory import index
from kairos_git.memory.merge import Merged, merge_index, merge_topic


def merge_file(base: str, ours: str, theirs: str, marker: str, path: str) -> int:
    """Merge three files into `ours`; 0 merged, 1 the prose conflicts (git then stops and shows it)."""
    merged = merge_contents(path, _read(base), _read(ours), _read(theirs), marker)
    with open(ours, "wb") as file:
        file.write(merged.data)
    for name in merged.named:
        sys.stderr.write(f"kairos-git: {path}: both sides changed {name}; the later state, or the absence, stands\n")
    return int(merged.conflict)


def merge_contents(path: str, base: bytes, ours: bytes, theirs: bytes, marker: str = "") -> Merged:
    """Merge three versions of a projection; of handoff.md ours stands until it is projected again."""
    if path == index.PATH:
        return Merged(merge_index(base, ours, theirs), (), False)
    if path.startswith("topics/"):
        return merge_topic(base, ours, theirs, lambda *prose: _merge_prose(prose, marker))
    return Merged(ours, (), False)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _merge_prose(prose: tuple[bytes, ...], marker: str) -> tuple[bytes, bool]:
    import tempfile  # costs a third of this process's start, and prose rarely changes on both sides

    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, n) for n in ("ours", "base", "theirs")]
        for name, content in zip(names, (prose[1], prose[0], prose[2]), strict=True):
            with open(name, "wb") as file:
                file.write(content)
        size = ["--marker-size=" + marker] if marker.isdigit() and int(marker) > 0 else []
        result = Git(folder).run("merge-file", "-p", *size, *names, check=False)
        return result.out, result.code != 0
