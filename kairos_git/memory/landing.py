"""How a commit is made and how it becomes HEAD.

A commit is built off-tree by one `git fast-import` (0.6 times the cost of `git add && git commit` at 1,000 files), then
lands by compare-and-swap, then the files of the work tree and the index follow.

The one rule: the branch moves from the commit that was read to the commit that was built, or not at all; a file that
somebody edited meanwhile is left as it is.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from kairos_git.errors import Diverged, GitFailed, NotWritable
from kairos_git.memory.files import read_regular as read_regular
from kairos_git.memory.files import write_whole as write_whole
from kairos_git.memory.objects import read_files
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import Snapshot, is_appended

BUILT = "refs/kairos/built"  # the last commit built, so that a dry run's commit is not swept away
LANDED = "refs/kairos/landed/"  # every dream that landed here
UNDONE = "refs/kairos/undone/"  # those that a branch lost, once they were ruled upon


class Person(NamedTuple):
    """Who made a commit, as git writes it."""

    name: str
    email: str


SELF = Person("kairos-git", "kairos-git@localhost")


class Commit(NamedTuple):
    """A commit to build: the files it changes (None takes one away), its message, and who made it when."""

    files: Mapping[str, bytes | None]
    message: str
    author: Person
    when: datetime


def _plain(text: str) -> str:
    return "".join(c for c in text if c not in "<>\n\0").strip() or "unknown"


def _signature(person: Person, when: datetime) -> bytes:
    stamp = f"{int(when.timestamp())} {when.strftime('%z')[:5]}"
    return f"{_plain(person.name)} <{_plain(person.email)}> {stamp}".encode("utf-8", "surrogateescape")


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _stream(parent: str | None, commits: Sequence[Commit], ref: str) -> bytes:
    """The fast-import stream of a chain of commits; mark N is the N-th commit."""
    parts: list[bytes] = []
    mark = len(commits)
    for n, commit in enumerate(commits, 1):
        changes = []
        for path, content in sorted(commit.files.items()):
            quoted = path.encode("utf-8", "surrogateescape")
            if content is None:
                changes.append(b"D %b\n" % quoted)
                continue
            mark += 1
            parts.append(b"blob\nmark :%d\n%b" % (mark, _data(content)))
            changes.append(b"M 100644 :%d %b\n" % (mark, quoted))
        who = _signature(commit.author, commit.when)
        keeper = _signature(SELF, commit.when)
        before = b":%d" % (n - 1) if n > 1 else parent.encode() if parent else b""
        parts.append(b"commit %b\nmark :%d\nauthor %b\ncommitter %b\n" % (ref.encode(), n, who, keeper))
        parts.append(_data(commit.message.encode("utf-8", "surrogateescape")))
        parts.append((b"from %b\n" % before if before else b"") + b"".join(changes) + b"\n")
    parts += [b"get-mark :%d\n" % n for n in range(1, len(commits) + 1)]
    return b"".join(parts) + b"done\n"


def build(memory: Memory, parent: str | None, commits: Sequence[Commit]) -> list[str]:
    """Make a chain of commits on `parent` (None: a first commit) and return their ids. HEAD and files stay."""
    stream = _stream(parent, commits, BUILT)
    result = memory.git.run("fast-import", "--quiet", "--done", "--force", stdin=stream, check=False)
    if result.code:
        words = result.err.decode(errors="replace").strip().splitlines()
        why = next((line for line in words if line.startswith("fatal:")), words[-1] if words else "fast-import failed")
        _remove_crash_report(memory, words)
        raise NotWritable(
            f"git could not write to the memory at {memory.path}: {why}. Nothing was changed; free some space or make it "
            "writable and try again."
        )
    return result.out.decode().split()


def _remove_crash_report(memory: Memory, words: Sequence[str]) -> None:
    """Remove what fast-import leaves when it fails: its reason is told, and on a full disk the room is needed."""
    names = [line.rpartition("/")[2] for line in words if "dumping crash report to" in line]
    for name in names:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(memory.gitdir, name))


def land(memory: Memory, old: str, new: str, files: Mapping[str, bytes | None], *, dreams: Sequence[str] = ()) -> list[str]:
    """Move the branch from `old` to `new`, remember the dreams, and let work tree and index follow in these files.

    Returns the paths that somebody had edited and that were therefore left alone. Raises Diverged where the branch is
    not at `old` any more.
    """
    branch = memory.branch()
    lines = [f"update refs/heads/{branch} {new} {old}"]
    lines += [f"create {LANDED}{branch}/{dream} {dream}" for dream in dreams]
    result = memory.git.run("update-ref", "--stdin", stdin=("\n".join(lines) + "\n").encode(), check=False)
    if result.code:
        words = result.err.decode(errors="replace").strip()
        if memory.git.resolve("HEAD") != old:
            raise Diverged(f"The memory at {memory.path} moved on while it was read; nothing was written. Run the command again.")
        raise NotWritable(
            f"The memory at {memory.path} could not move its branch: {words}. Nothing was changed; free some "
            "space or make it writable and try again."
        )
    return follow(memory, old, new, files)


class Desk:
    """Where one command puts its commits, one after another. On a dry desk they are built and never land."""

    def __init__(self, memory: Memory, *, dry: bool = False) -> None:
        self.memory = memory
        self.dry = dry
        self.head = memory.head()
        self._seen: Snapshot | None = None
        self.left: list[str] = []  # files that somebody is editing, which therefore did not follow

    def snapshot(self) -> Snapshot:
        """The memory at the desk's head, read once for each head."""
        if self._seen is None or self._seen.commit != self.head:
            self._seen = self.memory.snapshot(self.head)
        return self._seen

    def put(self, *chain: Commit, dream: bool = False) -> str:
        """Build the commits on the desk's head and land them in one step; the last one's id. With `dream`, the last
        one is remembered as a dream that landed. Raises Diverged and NotWritable.
        """
        made = build(self.memory, self.head, chain)
        if not self.dry:
            files = {path: content for commit in chain for path, content in commit.files.items()}
            self.left += land(self.memory, self.head, made[-1], files, dreams=made[-1:] if dream else ())
        self.head = made[-1]
        return self.head


def follow(memory: Memory, old: str | None, new: str, files: Mapping[str, bytes | None]) -> list[str]:
    """Bring files and index from one commit to another, `files` being what differs; edited ones are left and named."""
    before = read_files(memory.git, old, files) if old else {}
    kept = [path for path, content in files.items() if not _bring(memory.path, path, before.get(path), content)]
    _index(memory, [p for p in files if p not in kept], kept, new)
    mark_followed(memory, new)
    return kept


def changed_files(memory: Memory, old: str | None, new: str) -> dict[str, bytes | None]:
    """path -> content at `new` (None: gone) of every file that differs between two commits."""
    paths = changed_paths(memory, old, new)
    after = read_files(memory.git, new, paths)
    return {path: after.get(path) for path in paths}


def changed_paths(memory: Memory, old: str | None, new: str) -> list[str]:
    """The paths that differ between two commits (None: all of the new one)."""
    if old is None:
        return memory.git.run("ls-tree", "-r", "-z", "--name-only", new).out.decode().strip("\0").split("\0")
    out = memory.git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", old, new).out
    return [p for p in out.decode("utf-8", "surrogateescape").split("\0") if p]


def _bring(root: str, path: str, old: bytes | None, new: bytes | None) -> bool:
    """Make one file of the work tree `new` where it still is `old`; False where somebody changed it."""
    full = os.path.join(root, path)
    here = read_regular(full)
    if here == new:
        return True
    torn = is_appended(path) and here is not None and new is not None and new.startswith(here)
    if here != old and not torn:
        return False
    if new is None:
        os.unlink(full)
    elif is_appended(path) and new.startswith(here or b""):
        _extend(full, new[len(here or b"") :])
    else:
        write_whole(full, new)
    return True


def _extend(path: str, content: bytes) -> None:
    """Append to a log of the work tree. git has it durably already; a torn tail is restored from there by `heal`."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
    except OSError as error:
        raise NotWritable(
            f"{path} cannot be written ({error.strerror}); it is committed, and the next command restores it."
        ) from error


def _index(memory: Memory, followed: Sequence[str], kept: Sequence[str], new: str) -> None:
    """Set the index entries of the changed paths. A person's git may hold the index for a moment: wait for it."""
    names = "".join(p + "\0" for p in followed).encode("utf-8", "surrogateescape")
    steps: list[tuple[list[str], bytes]] = []
    if followed:
        steps.append((["update-index", "--add", "--remove", "-z", "--stdin"], names))
    if kept:
        entries = memory.git.run("ls-tree", "-r", "-z", "--full-tree", new, "--", *kept).out
        steps.append((["update-index", "--add", "-z", "--index-info"], entries))
    for arguments, stdin in steps:
        for attempt in range(40):
            result = memory.git.run(*arguments, stdin=stdin, check=False)
            if result.code == 0:
                break
            if b"index.lock" in result.err and attempt < 39:
                time.sleep(0.05)
            elif attempt:
                raise GitFailed(f"git update-index failed in {memory.path}: {result.err.decode(errors='replace').strip()}")
            else:  # an index that was cut can be read and not written: no record of anything
                memory.git.run("read-tree", new)


def mark_followed(memory: Memory, commit: str) -> None:
    """Note that work tree and index have followed to this commit, and that every line it holds must stay.

    A crash before this is finished by `heal`.
    """
    write_whole(os.path.join(memory.own, "followed"), commit.encode() + b"\n")


def followed(memory: Memory) -> str | None:
    """The commit that work tree and index last followed to, or None where that is not known."""
    content = (read_regular(os.path.join(memory.own, "followed")) or b"").decode(errors="replace").strip()
    return content if re.fullmatch(r"[0-9a-f]{40,64}", content) else None  # a power cut may leave anything
