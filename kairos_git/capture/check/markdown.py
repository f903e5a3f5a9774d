"""A Markdown text as lines that know where they stand: under which headings, in what kind of block.

The one rule: any text has lines; what is no well-formed Markdown is prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 4000  # characters of a line that are looked at; longer ones are data, not prose

_FENCE = re.compile(r"[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(`{3,}|~{3,})[ \t]*([^`\s]*)")
_CLOSE = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*$")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$")
_LINK = re.compile(r"\]\(\s*<?([^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)?)>?(?:\s+[\"'(][^)]*)?\)")
_DEFINED = re.compile(r" {0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)")
_ITEM = re.compile(r"(\s*)(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.*)")


class Line(NamedTuple):
    """One line of a text.

    number: counts from 1. fence: the language of the code block it stands in, '' where none is given, None for prose.
    block: the block's number; lines of one fence, or of one stretch of prose without an empty line, share it.
    headings: the headings above it, outermost first, the line itself included where it is one.
    """

    number: int
    text: str
    fence: str | None
    block: int
    headings: tuple[str, ...]

    @property
    def is_heading(self) -> bool:
        """Whether the line is a heading."""
        return self.fence is None and _HEADING.match(self.text) is not None

    @property
    def item(self) -> tuple[int, str] | None:
        """Indent and text of a list item, or None."""
        found = _ITEM.fullmatch(self.text) if self.fence is None else None
        return (len(found[1].expandtabs(4)), found[2]) if found else None


def lines(text: str) -> list[Line]:
    """All lines of a text but those of its front matter and its HTML comments."""
    found: list[Line] = []
    headings: list[tuple[int, str]] = []
    fence: tuple[str, str] | None = None
    block, skipping = 0, ""
    for number, whole in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        raw = whole[:LONGEST]
        if number == 1 and raw.strip() == "---":
            skipping = "---"
            continue
        if skipping:
            skipping = "" if skipping in raw else skipping
            continue
        if fence:
            closing = _CLOSE.match(raw)
            if closing and closing[1].startswith(fence[0]):
                fence, block = None, block + 1
                continue
        elif opening := _FENCE.match(raw):
            fence, block = (opening[1], opening[2].lower().strip("{}.")), block + 1
            continue
        elif raw.lstrip().startswith("<!--"):
            skipping = "" if "-->" in raw else "-->"
            continue
        elif title := _HEADING.match(raw):
            level = len(title[1])
            headings = [h for h in headings if h[0] < level] + [(level, title[2])]
            block += 1
        elif not raw.strip():
            block += 1
        found.append(Line(number, raw, fence[1] if fence else None, block, tuple(h[1] for h in headings)))
    return found


def spans(text: str) -> Iterator[tuple[int, str]]:
    """The code spans of a line of prose: where each starts, and what stands in it."""
    for start, end, width in _spans(text):
        yield start, text[start + width : end - width].strip()


def links(text: str) -> Iterator[str]:
    """The targets of the links of a line of prose, those of `[name]: target` included. Code spans hold no links."""
    prose = _blanked(text, "`")
    for found in _LINK.finditer(prose):
        yield found[1]
    if defined := _DEFINED.match(prose):
        yield defined[1]


def plain(text: str) -> str:
    """A line of prose with its code spans, links' targets, addresses and HTML tags blanked."""
    return re.sub(r"<[^<>]{0,300}>|https?://\S+", " ", _LINK.sub("] ", _blanked(text, " ")))


def _blanked(text: str, mark: str) -> str:
    for start, end, _ in _spans(text):
        text = text[:start] + mark * (end - start) + text[end:]
    return text


def _spans(text: str) -> list[tuple[int, int, int]]:
    """Start, end and fence width of each code span: a run of backticks up to the next run of the same length."""
    runs = [(found.start(), len(found[0])) for found in re.finditer("`+", text)]
    closing: dict[int, int] = {}
    later = [0] * len(runs)
    for n in range(len(runs) - 1, -1, -1):
        later[n] = closing.get(runs[n][1], 0)
        closing[runs[n][1]] = n
    found, n = [], 0
    while n < len(runs):
        if later[n]:
            start, width = runs[n]
            found.append((start, runs[later[n]][0] + width, width))
            n = later[n]
        n += 1
    return found
