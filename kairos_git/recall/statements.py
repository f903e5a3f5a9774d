"""What an agent wrote as a file, taken apart into statements: one for each point of a list, one for each other line.

`capture/imports/blocks` takes apart what people wrote, by another rule: there a heading gives a line its meaning, and tables and
commands are statements; here the text is a model's answer to "note this down", and each line stands for itself.

The one rule: a statement is in the writer's own words; headings, rules and marks are form, and no statement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

TOGETHER = 300  # characters of a statement with its reason; what is longer becomes no fact
_POINT = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_MARKS = re.compile(r"<!--.*?(?:-->|$)")  # our own comments, copied or imitated: an id is never taken from a text
_REASON = re.compile(
    r"[*_]{0,2}(?:why|reason|how to apply|when to apply)\b[*_]{0,2}:", re.IGNORECASE
)  # as Claude Code's memories have it
_FORM = re.compile(r"#{1,6}(?:\s|$)|[-=*_~`|:\s+]+$|</?[\w-]+>$|```|~~~")


def statements(text: str) -> list[str]:
    """The statements of a text, in order, each once.

    >>> statements("# Tests\\n\\n- Run with `tox`\\n  on Python 3.12\\n- [x] Parser done")
    ['Run with `tox` on Python 3.12', 'Parser done']
    """
    found: list[str] = []
    open_point = False
    for line in _body(text.splitlines()):
        bare = _MARKS.sub("", line).strip()
        if not bare or _FORM.match(bare):
            open_point = False
            continue
        point = _POINT.match(bare)
        if open_point and not point and line[:1] in " \t":  # a point that goes on in the next line
            found[-1] += f" {bare}"
            continue
        if found and _REASON.match(bare) and len(found[-1]) + len(bare) < TOGETHER:  # a reason says nothing by itself
            found[-1] += f" {bare}"
            continue
        open_point = point is not None
        found.append(bare[point.end() :].strip() if point else bare)
    return [s for s in dict.fromkeys(found) if any(c.isalnum() for c in s)]


def _body(lines: list[str]) -> list[str]:
    """The lines behind the front matter, if there is one."""
    if lines and lines[0].strip() == "---":
        end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
        return lines if end is None else lines[end + 1 :]
    return lines


def difference(before: str, after: str) -> tuple[list[str], str]:
    """(lines that are gone, the text of the lines that came), wherever in the text they stand."""
    old, new = before.splitlines(), after.splitlines()
    return _minus(old, new), "\n".join(_minus(new, old))


def _minus(lines: Iterable[str], others: Iterable[str]) -> list[str]:
    left = Counter(others)
    kept = []
    for line in lines:
        if left[line]:
            left[line] -= 1
        elif line.strip():
            kept.append(line)
    return kept
