"""git objects -> the values of a memory: files, facts and snapshots at any commit.

The one rule: reading starts as few git processes as it can, and never touches the work tree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from kairos_git.errors import GitFailed
from kairos_git.gitrun import Git, advice
from kairos_git.memory.fact import Fact
from kairos_git.memory.snapshot import Parsed, Snapshot, parse_snapshot
from kairos_git.memory.topic import parse_topic

LARGEST = 64 * 1024 * 1024  # bytes of one file; what is larger is not ours
LINES = ("log/", "annotations/", "topics/", "rulings.md")  # what must be read whole or not at all


def list_files(git: Git, commit: str, *under: str) -> dict[str, str]:
    """path -> blob id of the regular files of a commit; links and submodules are left out."""
    out = git.run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit, *under).out
    files = {}
    for entry in out.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = entry.partition("\t")
        if head[:6] in ("100644", "100755"):
            files[path] = head.split(" ")[2]
    return files


def read_files(git: Git, commit: str, wanted: Iterable[str] | None = None) -> dict[str, bytes]:
    """path -> content of a commit's regular files, or of those wanted; those that the commit does not have are left out.

    Raises GitFailed where a file of the memory is there and cannot be read: taken for missing, its lines would be lost.
    """
    blobs = list_files(git, commit) if wanted is None else {p: f"{commit}:{p}" for p in wanted if "\n" not in p}
    files = {}
    found = dict(zip(blobs, git.objects(blobs.values()), strict=True))
    absent = [path for path, answer in found.items() if answer is None]
    if there := set(absent) if wanted is None else _held(git, commit, absent):
        raise lost(git, commit, min(there))
    for path, answer in found.items():
        if answer and answer[1] == "blob" and _ours(git, commit, path, len(answer[2])):
            files[path] = answer[2]
    return files


def _held(git: Git, commit: str, paths: Collection[str]) -> set[str]:
    """Those paths at which a commit has a file or folder, by its trees alone: git calls an object missing that is damaged."""
    if not paths:
        return set()
    folders = sorted({path.rpartition("/")[0] for path in paths})
    trees = dict(zip(folders, git.objects([f"{commit}:{folder}" for folder in folders]), strict=True))
    damaged = {"", *_held(git, commit, [folder for folder in folders if folder and trees[folder] is None])}
    return {path for path in paths if _in_tree(trees[path.rpartition("/")[0]], path, damaged)}


def _in_tree(tree: tuple[str, str, bytes] | None, path: str, damaged: Collection[str]) -> bool:
    folder, _, name = path.rpartition("/")
    if tree is None:
        return folder in damaged
    word = re.escape(name.encode("utf-8", "surrogateescape"))
    return re.search(rb"(?:100644|100755|40000) %b\0" % word, tree[2]) is not None


def lost(git: Git, commit: str, path: str) -> GitFailed:
    """The error of a file that a commit has and git cannot read."""
    words = f"{path} of {commit[:12]} is damaged or missing"
    return GitFailed(f"git cannot read the repository at {git.folder}: {words}.{advice(git.folder, words)}")


def _ours(git: Git, commit: str, path: str, size: int) -> bool:
    """Whether a file is of a size we read. Raises GitFailed for a log or topic that is not: unread, its lines would be lost."""
    if size <= LARGEST:
        return True
    if path.startswith(LINES):
        raise GitFailed(
            f"{path} of {commit[:12]} in the memory at {git.folder} has {size:,} bytes; at most {LARGEST:,} of one file are read. "
            f"Nothing was changed: `git -C {git.folder} log --stat -- {path}` shows what wrote it; revert that."
        )
    return False


def snapshot(git: Git, commit: str, parsed: Parsed | None = None) -> Snapshot:
    """The memory at a commit; `parsed` remembers day logs between calls."""
    return parse_snapshot(commit, read_files(git, commit), parsed)


def facts_at(git: Git, commit: str) -> dict[str, Fact]:
    """The live facts of a commit's topics, by id."""
    blobs = list_files(git, commit, "topics/")
    facts: dict[str, Fact] = {}
    for path, found in zip(blobs, git.objects(blobs.values()), strict=True):
        if found is None:
            raise lost(git, commit, path)
        facts |= {f.id: f for f in parse_topic(path, found[2]).facts}
    return facts
