"""A Markdown text as blocks: paragraphs, items of lists, tables, commands; each knows its lines and its headings.

`recall/statements` takes apart what a model writes into its memory: lines that stand for themselves, without line numbers.

The one rule: what a program wrote, and what was marked private, is no block. Line numbers stay those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.capture.check.markdown import Line, lines

_MARKED = re.compile(
    r"<!--\s*(?P<name>[^\n]*?)\b(?:begin|start)\b(?:(?!-->)[^\n])*-->.*?<!--[^\n]*?\b(?:end|stop)\b[^\n]*?-->", re.S | re.I
)
_PRIVATE = re.compile(r"<\s*private\b[^<>]*>.*?(?:<\s*/\s*private\s*>|\Z)", re.S | re.I)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_OURS = re.compile(r"(?<![\w-])[fork]-[0-9a-hjkmnp-tv-z]{13}(?![\w-])")  # ids of ours: a line that memory wrote
_RULE = re.compile(r"\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}|=+)$")
_QUOTED = re.compile(r"^\s*(?:>\s?)+(?:\[!\w+\]\s*)?")
_INCLUDES = re.compile(r"^@[\w~./-]+$")
_DIVIDES = re.compile(r"^\|?[\s:|-]+\|?$")
_SHELL = frozenset({"", "bash", "sh", "shell", "zsh", "console", "shell-session", "terminal", "powershell"})


class Block(NamedTuple):
    """One piece of a text.

    kind      "prose", "item", "table" or "code"
    rows      the text of prose or an item in one row; the rows of a table or a code block
    first     its first and last line, from 1
    headings  the headings above it, outermost first
    indent    of an item
    shell     whether a code block holds commands
    number    of a code block, which tells it from the next one
    """

    kind: str
    rows: tuple[str, ...]
    first: int
    last: int
    headings: tuple[str, ...]
    indent: int = 0
    shell: bool = False
    number: int = 0

    @property
    def text(self) -> str:
        """The words of prose or an item."""
        return self.rows[0]


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in order."""
    found: list[Block] = []
    open_: Block | None = None
    gap = False
    for line in lines(_theirs(text)):
        whole = _QUOTED.sub("", line.text) if line.fence is None else line.text
        line = line._replace(text=whole)
        if line.fence is None and (not whole.strip() or line.is_heading or _RULE.match(whole) or _INCLUDES.match(whole.strip())):
            gap = True
            open_ = open_ if open_ and open_.kind == "item" and not line.is_heading else None
            continue
        joined = _joined(open_, line, gap)
        if joined and open_:
            found[-1] = joined
        else:
            found.append(_opened(line))
        open_, gap = found[-1], False
    return [block for block in found if not any(_OURS.search(row) for row in block.rows)]


def _theirs(text: str) -> str:
    """A text less what programs wrote into it between marks, what is private, and comments; its lines stay where they are."""
    for pattern in (_MARKED, _PRIVATE, _COMMENT):
        text = pattern.sub(lambda m: "\n" * m[0].count("\n"), text)
    return text


def _opened(line: Line) -> Block:
    at = (line.number, line.number, line.headings)
    if line.fence is not None:
        return Block("code", (line.text,), *at, shell=line.fence in _SHELL, number=line.block)
    if item := line.item:
        return Block("item", (item[1].strip(),), *at, indent=item[0])
    if line.text.lstrip().startswith("|"):
        return Block("table", (line.text.strip(),), *at)
    return Block("prose", (line.text.strip(),), *at)


def _joined(block: Block | None, line: Line, gap: bool) -> Block | None:
    """A block and the line that goes on with it, or None where the line begins another."""
    new = _opened(line)
    if block is None:
        return None
    if block.kind == new.kind in ("code", "table"):
        same = block.number == new.number and not gap
        return block._replace(rows=(*block.rows, *new.rows), last=line.number) if same else None
    if new.kind != "prose" or block.kind not in ("prose", "item"):
        return None
    indent = len(line.text) - len(line.text.lstrip())
    if gap and not (block.kind == "item" and indent > block.indent):
        return None
    return block._replace(rows=(f"{block.text} {new.text}",), last=line.number)


def cells(block: Block) -> Iterator[tuple[str, ...]]:
    """The rows of a table that hold something, its headings first; the line between them is left out."""
    for row in block.rows:
        if not _DIVIDES.match(row):
            yield tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|")))
