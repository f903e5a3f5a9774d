"""The cheap look of a tick: whether anything changed since the last one, without reading any of it.

A fingerprint of names, sizes and times of what a tick would look at, and the next moment at which something can become due by time
alone. Kept in `tick.json` in the memory's git directory.

The one rule: when in doubt it has changed. It imports nothing that starts slowly.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zlib import crc32

from kairos_git.errors import KairosError
from kairos_git.gitrun import Git
from kairos_git.memory.files import read_regular, write_whole

FILE = "tick.json"
MOST = 2000  # entries looked at in one folder of refs
LATEST = 3600.0  # seconds after which a full look comes anyway


class Last(NamedTuple):
    """The last full tick: when (seconds since 1970), what it saw, when to look again whatever is seen, quiet ticks since."""

    at: float = 0.0
    print: str = ""
    wake: float = 0.0
    quiet: int = 0


def load_last(own: str) -> Last:
    """The note of the last tick; an empty one where it is missing or damaged."""
    try:
        f = json.loads(read_regular(os.path.join(own, FILE)) or b"{}")
        return Last(float(f["at"]), str(f["print"]), float(f["wake"]), int(f["quiet"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Last()


def save_last(own: str, last: Last) -> None:
    """Write it down. Raises NotWritable."""
    write_whole(os.path.join(own, FILE), json.dumps(last._asdict()).encode())


def unchanged(last: Last, seen: str, now: float) -> bool:
    """Whether nothing needs a full look: the same fingerprint, nothing due by time, and no clock that jumped.

    A fingerprint without a work tree is held against that part of the other.
    """
    same = seen == last.print if ":" in seen else seen == last.print.partition(":")[0]
    return bool(last.print) and same and last.at <= now < min(last.wake, last.at + LATEST)


def fingerprint(memory_gitdir: str, project_gitdir: str | None) -> str:
    """What the files a tick depends on look like now."""
    own = os.path.join(memory_gitdir, "kairos")
    paths = [
        *(os.path.join(memory_gitdir, name) for name in ("HEAD", "packed-refs")),
        *(os.path.join(own, name) for name in ("pause", "stop", "trusted.json", "inbox.jsonl", "notify")),
        *_inside(os.path.join(own, "spool")), *_inside(os.path.join(own, "sessions")),
        *_tree(os.path.join(memory_gitdir, "refs", "heads")), *_tree(os.path.join(memory_gitdir, "refs", "proposed")),
    ]  # fmt: skip
    if project_gitdir:
        paths += [os.path.join(project_gitdir, name) for name in ("HEAD", "packed-refs", "logs/HEAD", "FETCH_HEAD", "config")]
        for name in ("heads", "tags", "remotes"):
            paths += _tree(os.path.join(project_gitdir, "refs", name))
    return _sum(map(_look, paths))


def with_worktree(seen: str, root: str) -> str:
    """The same with what git says of the work tree: a file that is edited again has another time. One git process."""
    git = Git(root)
    try:
        status = git.run("status", "--porcelain", "-z", "--untracked-files=normal", "--no-renames", timeout=30.0).out
    except KairosError as error:
        return f"{seen}:{error}"
    names = [entry[3:].decode("utf-8", "surrogateescape") for entry in status.split(b"\0") if len(entry) > 3][:MOST]
    return f"{seen}:{_sum([status.decode('utf-8', 'surrogateescape'), *(_look(os.path.join(root, n)) for n in names)])}"


def _sum(parts: Iterable[str]) -> str:
    return f"{crc32(chr(10).join(parts).encode('utf-8', 'surrogateescape')):08x}"


def _look(path: str) -> str:
    try:
        s = os.stat(path)
    except OSError:
        return f"{path} -"
    return f"{path} {s.st_size} {s.st_mtime_ns} {s.st_ino}"


def _inside(folder: str) -> list[str]:
    """The folder, since an entry beyond the first MOST changes it too, and what it holds."""
    try:
        return [folder, *(os.path.join(folder, name) for name in sorted(os.listdir(folder))[:MOST])]
    except OSError:
        return []


def _tree(folder: str) -> Iterator[str]:
    seen = 0
    for root, folders, files in os.walk(folder):
        folders.sort()
        yield root
        for name in sorted(files):
            seen += 1
            if seen > MOST:
                return
            yield os.path.join(root, name)
