"""git objects -> the values of a memory: files, facts and snapshots at any commit.

The one rule: reading starts as few git processes as it can, and never touches the work tree.
"""

from __future__ import annotations

from collections.abc import Iterable

from kairos_git.gitrun import Git
from kairos_git.memory.fact import Fact
from kairos_git.memory.snapshot import Parsed, Snapshot, parse_snapshot
from kairos_git.memory.topic import parse_topic

LARGEST = 64 * 1024 * 1024  # bytes of one file; what is larger is not ours


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
    """path -> content of a commit's regular files, or of those wanted; missing ones are left out."""
    blobs = list_files(git, commit) if wanted is None else {p: f"{commit}:{p}" for p in wanted if "\n" not in p}
    contents = zip(blobs, git.objects(blobs.values()), strict=True)
    return {path: found[2] for path, found in contents if found and found[1] == "blob" and len(found[2]) <= LARGEST}


def snapshot(git: Git, commit: str, parsed: Parsed | None = None) -> Snapshot:
    """The memory at a commit; `parsed` remembers day logs between calls."""
    return parse_snapshot(commit, read_files(git, commit), parsed)


def facts_at(git: Git, commit: str) -> dict[str, Fact]:
    """The live facts of a commit's topics, by id."""
    blobs = list_files(git, commit, "topics/")
    contents = git.objects(blobs.values())
    topics = [parse_topic(path, found[2]) for path, found in zip(blobs, contents, strict=True) if found]
    return {f.id: f for topic in topics for f in topic.facts}
