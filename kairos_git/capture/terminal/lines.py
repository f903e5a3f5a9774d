r"""One command typed in a shell, as the line that the shell appends to `<memory git dir>/kairos/spool/terminal`.

    v1 <tab> second it began <tab> milliseconds <tab> exit code <tab> folder <tab> command

In folder and command `\n`, `\t` and `\\` stand for line break, tab and backslash; `\+` at the end says that the command was cut.

The one rule: a shell needs nothing but replacement to write it, and whatever stands in the file, reading it cannot fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kairos_git.errors import Problem

LONGEST = 4096  # bytes of a line: one write of less than 4 KiB stays in one piece
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"n": "\n", "t": "\t", "\\": "\\", "+": ""}


class Activity(NamedTuple):
    """A command as it was typed. began: seconds since 1970; took: seconds; code: its exit code; cut: whether it went on."""

    began: int
    took: float
    code: int
    folder: str
    command: str
    cut: bool = False

    @property
    def ended(self) -> int:
        return self.began + int(self.took)


def format_activity(a: Activity) -> str:
    """The line, without its newline."""
    folder, command = (t.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") for t in (a.folder, a.command))
    return f"v1\t{a.began}\t{round(a.took * 1000)}\t{a.code}\t{folder}\t{command}{chr(92) + '+' if a.cut else ''}"


def parse_activity(line: str) -> Activity | None:
    """The inverse of `format_activity`; None for a line that no shell of ours wrote whole."""
    parts = line.split("\t")
    if len(parts) != 6 or parts[0] != "v1" or len(line) > LONGEST:
        return None
    numbers = [int(p) for p in parts[1:4] if re.fullmatch(r"[0-9]{1,12}", p)]
    folder, command = (_ESCAPED.sub(lambda m: _MEANT.get(m[1], m[0]), p) for p in parts[4:])
    if len(numbers) != 3 or not folder.startswith("/") or not command.strip() or "\0" in line:
        return None
    # an even number of backslashes before the `+` are backslashes of the command
    mark = re.search(r"(\\+)\+$", parts[5])
    return Activity(numbers[0], numbers[1] / 1000, numbers[2], folder, command, bool(mark and len(mark[1]) % 2))


def parse_lines(data: bytes, path: str) -> tuple[list[Activity], list[Problem]]:
    """The activities of a file in order, each once, and one Problem that counts what is damaged."""
    lines = [line for line in data.decode("utf-8", "replace").split("\n") if line]
    read = [(n, parse_activity(line)) for n, line in enumerate(lines, 1)]
    bad = [n for n, found in read if found is None]
    problems = (
        [Problem(path, bad[0], f"{len(bad)} of {len(lines)} lines are damaged and left out; the first is here")] if bad else []
    )
    return list(dict.fromkeys(found for _, found in read if found is not None)), problems


def ordered(activities: Iterable[Activity]) -> list[Activity]:
    """By the time they ended: what a burst of work is made of."""
    return sorted(activities, key=lambda a: (a.ended, a.began, a.folder, a.command))
