"""The work tree a check holds texts against: git's index list and the files on disk. The check's edge to the disk.

The one rule: nothing outside the repository is touched. A symbolic link is never followed, a path that leaves the root
is never looked at, and nothing is written.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from posixpath import basename, dirname
from typing import NamedTuple

from kairos_git.gitrun import Git

LARGEST = 1024 * 1024  # bytes of a file that a check may read


class WorkTree(NamedTuple):
    """The files of a work tree, '/'-separated from `root`.

    files: what git's index lists and is there, or is only left out by a sparse checkout (`absent`).
    folders: every folder that holds one. links, modules: symbolic links and submodules; what lies below is unknown.
    named: a file's last part -> every file so called.
    """

    root: str
    files: frozenset[str]
    folders: frozenset[str]
    links: frozenset[str]
    modules: frozenset[str]
    absent: frozenset[str]
    named: Mapping[str, list[str]]

    def read(self, path: str) -> bytes | None:
        """A file's content, listed or not; None where it is missing, no regular file, or larger than 1 MB."""
        if path in self.links or ".." in path.split("/"):
            return None
        if path in self.absent:
            return self._from_index(path)
        return _content(self.root, path) if self._reaches(dirname(path)) else None

    def called(self, pattern: str) -> list[str]:
        """The files whose last part is matched by a pattern, those nearest to the root first."""
        wanted = re.compile(pattern).fullmatch
        return sorted((p for name, paths in self.named.items() if wanted(name) for p in paths), key=lambda p: (p.count("/"), p))

    def on_disk(self, path: str) -> bool:
        """Whether something of this name lies in the work tree, listed or not. The path must not leave the root."""
        return self._reaches(dirname(path)) and _mode(self.root, path) is not None

    def unknown(self, path: str) -> bool:
        """Whether a path is, or lies below, a symbolic link or a submodule, so that nobody can say here what is there."""
        parts = path.split("/")
        above = {"/".join(parts[:n]) for n in range(1, len(parts) + 1)}
        return bool(above & self.links or above & self.modules)

    def ignored(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of the paths that git ignores, as a file or as a folder."""
        asked = [p for p in dict.fromkeys(paths) if not self.unknown(p) and "\0" not in p]
        if not asked:
            return frozenset()
        names = "\0".join(f"{p}\0{p}/" for p in asked) + "\0"
        said = Git(self.root).run(
            "check-ignore", "-z", "--stdin", "--no-index", stdin=names.encode(errors="surrogateescape"), check=False
        )
        return frozenset(p.rstrip("/") for p in said.out.decode(errors="surrogateescape").split("\0") if p)

    def _reaches(self, folder: str) -> bool:
        """Whether a folder is really there, through real folders only."""
        parts = folder.split("/") if folder else []
        for n in range(1, len(parts) + 1):
            mode = _mode(self.root, "/".join(parts[:n]))
            if mode is None or not stat.S_ISDIR(mode):
                return False
        return ".." not in parts

    def _from_index(self, path: str) -> bytes | None:
        said = Git(self.root).run("cat-file", "blob", f":{path}", env={"GIT_NO_LAZY_FETCH": "1"}, check=False)
        return said.out if said.code == 0 and len(said.out) <= LARGEST else None


def read_worktree(root: str) -> WorkTree:
    """What the index lists at `root`, less what was deleted on disk. Raises GitFailed."""
    files: set[str] = set()
    gone: set[str] = set()
    links: set[str] = set()
    modules: set[str] = set()
    absent: set[str] = set()
    listed = Git(root).run("ls-files", "-z", "-t", "-s", "--cached", "--deleted").out
    for entry in listed.split(b"\0"):
        facts, _, name = entry.partition(b"\t")
        path = name.decode(errors="surrogateescape")
        if facts.startswith(b"R "):
            gone.add(path)
        elif path:
            mode = facts[2:8]
            (links if mode == b"120000" else modules if mode == b"160000" else files).add(path)
            if facts.startswith(b"S "):
                absent.add(path)
    files |= links
    files -= gone - absent
    folders: set[str] = set()
    for path in files | modules:
        above = dirname(path)
        while above and above not in folders:
            folders.add(above)
            above = dirname(above)
    named: dict[str, list[str]] = {}
    for path in files:
        named.setdefault(basename(path), []).append(path)
    return WorkTree(
        root, frozenset(files), frozenset(folders), frozenset(links & files), frozenset(modules), frozenset(absent), named
    )


def link_target(tree: WorkTree, path: str) -> str | None:
    """Where a listed symbolic link points, from the root; None where that is outside or cannot be read."""
    try:
        target = os.readlink(os.path.join(tree.root, path))
    except OSError:
        return None
    return inside(dirname(path), target)


def inside(folder: str, path: str) -> str | None:
    """A path as seen from a folder, from the root, by its words alone; None where it is absolute or leaves the root."""
    if path.startswith("/"):
        return None
    parts: list[str] = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _mode(root: str, path: str) -> int | None:
    if ".." in path.split("/"):
        return None
    try:
        return os.lstat(os.path.join(root, path)).st_mode
    except (OSError, ValueError):  # ValueError: a NUL byte
        return None


def _content(root: str, path: str) -> bytes | None:
    try:
        descriptor = os.open(os.path.join(root, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        try:
            data = file.read(LARGEST + 1)
        except OSError:
            return None
    return data if len(data) <= LARGEST else None
