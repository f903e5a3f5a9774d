"""Diagrams and lists of a project's layout: several names side by side, of which most are there.

The one rule: a name that is not there counts only among names that are. A diagram of somebody else's project has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from kairos_git.capture.check import markdown
from kairos_git.capture.check.markdown import Line
from kairos_git.capture.check.mentions import Mention, Sure, has_extension, path_of

LEAST, SHARE = 3, 0.6  # how many names of a layout must be there, and what part of all

_BRANCH = re.compile(r"^(?P<lead>[\s│┃|├└╰┗┣─━`+\\-]*)(?P<name>[^\s#│├└]+)(?P<rest>.*)$")
_DRAWN = re.compile(r"[├└╰┗┣]|(?:^|\s)[|`+]-{2}")
_NAME = re.compile(r"(?:\./)?[\w.@+\-\[\]()]+(?:/[\w.@+\-\[\]()]+)*/?", re.ASCII)


class Entry(NamedTuple):
    """One line of a diagram: its depth in columns, its name, and its line."""

    depth: int
    name: str
    line: Line


def diagrams(lines: Sequence[Line], has: Callable[[str], bool]) -> Iterator[tuple[Line, Mention]]:
    """What is missing in the diagrams in code blocks, where most of it is there. `has`: is this path from the root there?"""
    for _, block in groupby((line for line in lines if line.fence is not None), key=lambda line: line.block):
        entries = _entries(list(block))
        if len(entries) >= LEAST:
            # The top is often the project itself, or the folder the text is in, under a name of its own.
            top = entries[0].name
            unknown = not has(top.rstrip("/")) and all(entry.depth > entries[0].depth for entry in entries[1:])
            placed = _placed(entries[1:] if unknown else entries)
            yield from _missing(placed[1:] if "/" in top.rstrip("/") and not unknown else placed, has)


def listed(lines: Sequence[Line], has: Callable[[str], bool]) -> Iterator[tuple[Line, Mention]]:
    """What is missing in lists and tables whose items each begin with a path."""
    for _, block in groupby((line for line in lines if line.fence is None), key=lambda line: line.headings):
        rows = [(line, path) for line in block if (path := _leading(line))]
        yield from _missing([(line, path, path) for line, path in rows], has)


def _missing(named: Sequence[tuple[Line, str, str]], has: Callable[[str], bool]) -> Iterator[tuple[Line, Mention]]:
    there = {path: has(path.rstrip("/")) for _, _, path in named}
    # An `__init__.py` is in every package, and in every example of one.
    present = sum(found for path, found in there.items() if not path.endswith("__init__.py"))
    if present < LEAST or present < SHARE * len(there):
        return
    for line, said, path in named:
        if not there[path]:
            yield line, Mention(line.number, said, path, Sure.CERTAIN)


def _entries(block: Sequence[Line]) -> list[Entry]:
    """The lines of a diagram; none where the block is no diagram."""
    drawn = any(_DRAWN.search(line.text) for line in block)
    if not drawn and block and block[0].fence not in ("", "text", "txt", "plaintext", "tree"):
        return []
    found = []
    for line in block:
        parts = _BRANCH.match(line.text)
        if not parts or not _NAME.fullmatch(parts["name"]):
            continue
        # Without drawn branches, each name stands alone or apart from its description: no code, no prose.
        if not drawn and not (parts["rest"].strip() == "" or re.match(r"\s{2,}|\s+[#—–←(-]", parts["rest"])):
            return []
        found.append(Entry(len(parts["lead"].expandtabs(4)), parts["name"].removeprefix("./"), line))
    if not drawn and not any(entry.name.endswith("/") for entry in found):
        return []
    return found


def _placed(entries: Sequence[Entry]) -> list[tuple[Line, str, str]]:
    """Each entry with its name and its path from the diagram's top."""
    above: list[tuple[int, str]] = []
    found = []
    for depth, name, line in entries:
        above = [a for a in above if a[0] < depth]
        path = "/".join([*(a[1] for a in above), name.rstrip("/")])
        if name.rstrip("/") in (".", ""):
            continue
        if name.endswith("/") or not has_extension(name):
            above.append((depth, name.rstrip("/")))
        rest = line.text.partition(name)[2]
        if "..." not in name and not re.search(
            r"(?i)\b(?:generated|ignored|gitignored|created|optional|built|output|local|your|untracked|cache)\b", rest
        ):
            found.append((line, path + "/" * name.endswith("/"), path + "/" * name.endswith("/")))
    return found


def _leading(line: Line) -> str | None:
    """The path a list item or a table row begins with."""
    row = re.match(r"\s*\|\s*(`[^`|]+`)\s*\|", line.text)
    text = row[1] if row else line.item[1] if line.item else ""
    text = re.sub(r"^[*_]{1,2}(?=`)", "", text)
    first = next(iter(markdown.spans(text)), None)
    if not first or first[0] != 0 or " " in first[1] or re.search(r"[*?{}<>$]|^[├└│]", first[1]):
        return None
    path = path_of(first[1])
    # What begins with a dot is as often the reader's own: .env, .vscode/settings.json.
    return path if path and not path.startswith(".") and ("/" in path or has_extension(path)) else None
