"""The lock files that a git process leaves behind when it is killed.

A `kill -9` never corrupts git, but at 45 of 100 points it leaves a lock that blocks every later commit.

The one rule: only the holder of our own lock removes one, and only where no live git works in this memory.
"""

from __future__ import annotations

import os
import time

from kairos_git.errors import Busy
from kairos_git.memory.repository import Memory

_STALE_SECONDS = 10.0  # where the system cannot tell whether a lock's owner lives


def remove_stale_locks(memory: Memory) -> list[str]:
    """Remove lock files of git processes that are gone. Only the holder of our own lock may."""
    said = []
    for path in _lock_files(memory.gitdir):
        deadline = time.monotonic() + 5
        while os.path.exists(path) and _in_use(memory, path) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not os.path.exists(path):
            continue
        if _in_use(memory, path):
            raise Busy(f"git is at work in the memory at {memory.path} ({os.path.basename(path)}). Try again when it is done.")
        os.unlink(path)
        said.append(f"removed a stale lock of a git process that died: {os.path.relpath(path, memory.gitdir)}")
    return said


def _lock_files(gitdir: str) -> list[str]:
    found = [e.path for e in os.scandir(gitdir) if e.name.endswith(".lock")]
    for folder, _, names in os.walk(os.path.join(gitdir, "refs")):
        found += [os.path.join(folder, n) for n in names if n.endswith(".lock")]
    for name in ("objects/maintenance.lock", "objects/info/commit-graph.lock", "logs/HEAD.lock"):
        if os.path.exists(os.path.join(gitdir, name)):
            found.append(os.path.join(gitdir, name))
    return found


def _in_use(memory: Memory, path: str) -> bool:
    """Whether a live git process may own a lock: one whose folder is this memory. Else, by age where there is no /proc."""
    if not os.path.isdir("/proc/self/fd"):
        try:
            return time.time() - os.stat(path).st_mtime < _STALE_SECONDS
        except FileNotFoundError:
            return False
    roots = (os.path.realpath(memory.path), os.path.realpath(memory.gitdir))
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry.name}/comm", "rb") as file:
                if not file.read().startswith(b"git"):
                    continue
            folder = os.readlink(f"/proc/{entry.name}/cwd")
        except OSError:
            continue
        if any(folder == root or folder.startswith(root + "/") for root in roots):
            return True
    return False
