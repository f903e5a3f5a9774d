"""The hook stub as a file: how it is written, recognised, and told from a hook that belongs to somebody else.

The one rule: a file is ours only if it carries our stamp and its sum still fits; anything else is never overwritten
and never removed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shlex
import stat
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

from kairos_git import resources
from kairos_git.errors import NotWritable

STAMP = "# kairos-git hook stub: written, recognised and removed by kairos-git"
CHAINED = ".kairos-chained"  # what a hook that was there before is called while ours stands in its place

_HEADER = re.compile(
    rb"#!/bin/sh\n" + re.escape(STAMP.encode()) + rb"\n"
    rb"# event=(?P<event>[a-z-]+) kind=(?P<kind>[a-z]+) folder=(?P<folder>[a-z]+) sum=(?P<sum>[0-9a-f]{16})\n"
)  # fmt: skip
_LARGEST = 64 * 1024  # bytes; a stub has about 5,000
# What stub.sh sources instead of executing, so that $0 stays the hook's own name. Kept equal to its list.
_SOURCED = (b"#!/bin/sh", b"#! /bin/sh", b"#!/usr/bin/sh", b"#!/usr/bin/env sh")
# How scripts in other languages ask for the name they were called by.
_ASKS_NAME = re.compile(rb"basename|##\*/|PROGRAM_NAME|(?:argv\[[01]\]|__file__)\)\.(?:name|stem)")


class Stub(NamedTuple):
    """What a stamped file says of itself. `own_folder`: its folder did not exist before the first stub.

    `intact` is false where somebody edited the file, or added lines of their own.
    """

    event: str
    kind: str
    own_folder: bool
    intact: bool


def render(event: str, kind: str, spool: str, drain: Sequence[str], own_folder: bool = False) -> bytes:
    """One event's stub. `kind`: `folder`, `shared` (asks git which project) or `config` (runs nothing behind)."""
    values = {
        "STAMP": STAMP,
        "EVENT": event,
        "KIND": kind,
        "FOLDER": "ours" if own_folder else "found",
        "SUM": "0" * 16,
        "CHAINED": CHAINED,
        "SPOOL": shlex.quote(spool) if kind != "shared" else "",
        "DRAINS": "yes" if drain else "no",
        "DRAIN": shlex.join(drain) if drain else ":",
    }
    # One pass: a path that happens to contain a placeholder's name stays a path.
    text = re.sub("@([A-Z]+)@", lambda found: values[found[1]], resources.read("hooks", "stub.sh"))
    content = text.encode(errors="surrogateescape")
    return content.replace(b"sum=" + b"0" * 16, b"sum=" + _sum(content), 1)


def _sum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:16].encode()


def parse(content: bytes) -> Stub | None:
    """What a file's content says of itself, or None where it is not ours."""
    found = _HEADER.match(content)
    if found is None:
        return None
    blank = content[: found.start("sum")] + b"0" * 16 + content[found.end("sum") :]
    intact = _sum(blank) == found["sum"]
    return Stub(found["event"].decode(), found["kind"].decode(), found["folder"] == b"ours", intact)


def content_of(path: str) -> bytes | None:
    """A hook file's bytes; None for what is no plain file, a symbolic link or too large to be a stub."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError:
        return None
    return content if len(content) <= _LARGEST else None


def read(path: str) -> Stub | None:
    """The stub at a path, or None. A symbolic link is never ours: we make none."""
    content = content_of(path)
    return None if content is None else parse(content)


def find(folder: str) -> dict[str, Stub]:
    """Every stamped file of a folder, by its name, whatever it is called by now."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return {}
    stubs = {name: read(os.path.join(folder, name)) for name in names}
    return {name: stub for name, stub in stubs.items() if stub is not None}


def same(one: str, other: str) -> bool:
    """Whether two hooks are one and the same: two links to one place, or two files with one content."""
    if os.path.islink(one) or os.path.islink(other):
        return os.path.islink(one) and os.path.islink(other) and os.readlink(one) == os.readlink(other)
    content = content_of(one)
    return content is not None and content == content_of(other)


def begin_alike(one: str, other: str) -> bool:
    """Whether two hooks share their first three lines, as versions of a tool's script do; stub.sh asks the same."""
    first, second = content_of(one), content_of(other)
    return first is not None and second is not None and first.splitlines()[:3] == second.splitlines()[:3]


def why_not_behind(path: str) -> str:
    """Why a hook cannot run under another name, behind ours; empty where it can."""
    if os.path.isdir(path):
        return "it is a folder"
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST)
    except OSError:
        return ""
    if content.startswith(b"#!") and content.split(b"\n", 1)[0] not in _SOURCED and _ASKS_NAME.search(content):
        return "it looks up the name it was called by, and under another name would not know which hook it is"
    return ""


def write(path: str, content: bytes) -> bool:
    """Put a stub in place, all or nothing, mode 0755; False where it is there already. Raises NotWritable."""
    if content_of(path) == content and stat.S_IMODE(os.stat(path).st_mode) == 0o755:
        return False
    folder = os.path.dirname(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=".kairos-", dir=folder)
    except OSError as error:
        raise not_writable(folder, error) from error
    try:
        with open(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o755)
            file.flush()
            os.fsync(file.fileno())  # a power cut must not leave an empty hook under a known name
        os.replace(temporary, path)
    except OSError as error:
        os.unlink(temporary)
        raise not_writable(folder, error) from error
    return True


def move(source: str, target: str) -> None:
    """Rename a hook, mode and all. Raises NotWritable."""
    try:
        os.rename(source, target)
    except OSError as error:
        raise not_writable(os.path.dirname(source), error) from error


def remove(path: str) -> None:
    """Remove a file of ours. Raises NotWritable."""
    try:
        os.unlink(path)
    except OSError as error:
        raise not_writable(os.path.dirname(path), error) from error


def make_folder(path: str) -> bool:
    """Create a folder; False where it was there. Raises NotWritable."""
    try:
        os.makedirs(path)
    except FileExistsError as error:
        if os.path.isdir(path):
            return False
        raise not_writable(path, error) from error
    except OSError as error:
        raise not_writable(path, error) from error
    return True


def not_writable(folder: str, error: OSError) -> NotWritable:
    """The error for a hooks folder that refuses a change."""
    words = os.strerror(error.errno or errno.EIO)
    return NotWritable(
        f"The hooks folder {folder} cannot be changed: {words}. "
        "Make it writable and run the command again; commits are read from history meanwhile."
    )
