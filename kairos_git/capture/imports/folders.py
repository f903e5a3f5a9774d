"""Markdown folders on this machine that other tools keep, read without changing or following anything out of them.

The one rule: what is odd there (a link that leads out, a huge or binary file, a broken one) is a Problem with its path, and the
rest is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from kairos_git.capture.imports.found import Source
from kairos_git.capture.imports.notes import Note, read_note
from kairos_git.errors import Problem, UsageError
from kairos_git.memory.text import one_line

LARGEST = 512 * 1024  # bytes of one file
MOST = 2000  # files of one folder
_ENDS = (".md", ".markdown", ".mdc", ".txt")
_PASSED = frozenset({"node_modules", "__pycache__"})


class Place(NamedTuple):
    """A folder or file to read. tool: whose it is, "" to tell by its files; own: whether all of it is about the owner;
    only: what a file must say to be read, "" for anything.
    """

    path: str
    tool: str = ""
    own: bool = False
    only: str = ""


def read_place(place: Place) -> tuple[list[Source], list[Problem]]:
    """The sources of a place by file name, and what could not be read. Raises UsageError where there is nothing to read."""
    path = os.path.abspath(os.path.expanduser(place.path))
    if not os.path.lexists(path):
        raise UsageError(f"{place.path} is neither a file nor a folder.")
    if os.path.exists(os.path.join(path, "kairos.yaml")) and os.path.isdir(os.path.join(path, "log")):
        raise UsageError(
            f"{place.path} is a memory of kairos-git already: name it with --memory, or fetch and merge it with git."
        )
    base = path if os.path.isdir(path) else os.path.dirname(path)
    sources: list[Source] = []
    problems: list[Problem] = []
    for name in _files(path, base, problems):
        note = _note(base, name, place, problems)
        if note is None:
            continue
        problems += [note.problem] if note.problem else []
        file = one_line(name, 180)
        if note.lines:
            sources.append(Source(note.tool, file, f"import:{note.tool}:{file}", note.lines, own=note.own or place.own))
    return sources, problems


def _files(path: str, base: str, problems: list[Problem]) -> Iterator[str]:
    """The names of the files to read, from the folder, sorted; hidden folders are passed over."""
    if not os.path.isdir(path):
        yield os.path.basename(path)
        return
    count = 0
    for folder, names, files in os.walk(path, onerror=lambda e: problems.append(Problem(str(e.filename), 0, str(e.strerror)))):
        names[:] = sorted(n for n in names if not n.startswith(".") and n not in _PASSED)
        for name in sorted(f for f in files if f.lower().endswith(_ENDS)):
            count += 1
            if count > MOST:
                problems.append(Problem(base, 0, f"holds more than {MOST} files; the rest was not read"))
                return
            yield os.path.relpath(os.path.join(folder, name), base)


def _note(base: str, name: str, place: Place, problems: list[Problem]) -> Note | None:
    full = os.path.join(base, name)
    shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    root = os.path.realpath(base)
    if not os.path.realpath(full).startswith(root.rstrip(os.sep) + os.sep):
        problems.append(Problem(shown, 0, "is a link that leads out of the folder; it was not read"))
        return None
    try:
        descriptor = os.open(full, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            data, status = file.read(LARGEST + 1), os.fstat(file.fileno())
    except OSError as error:
        problems.append(Problem(shown, 0, f"cannot be read ({error.strerror})"))
        return None
    if len(data) > LARGEST:
        problems.append(Problem(shown, 0, f"was not read: it is larger than {LARGEST // 1024} kB"))
        return None
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        problems.append(Problem(shown, 0, "is not text in UTF-8"))
        return None
    if place.only and place.only not in text:
        return None
    return read_note(shown, text, datetime.fromtimestamp(int(status.st_mtime), UTC), place.tool)
