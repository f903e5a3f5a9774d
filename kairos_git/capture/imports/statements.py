"""Blocks -> statements: each line says one thing by itself, in the words of whoever wrote it.

The one rule: a statement is at most LONGEST characters wherever a sentence ends in time; what a line needs to be understood
(the words that introduce its list, the heading above it) is put before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kairos_git.capture.imports.blocks import Block, blocks, cells
from kairos_git.capture.imports.commands import commands
from kairos_git.capture.imports.wording import (
    LONGEST,
    SHORT,
    lead,
    needs_more,
    orders,
    parted,
    plain,
    points_back,
    says_something,
    sentences,
    whole,
)  # fmt: skip

MOST = 1000  # statements of one file
_CONTENTS = re.compile(r"^(?:table of )?contents$", re.IGNORECASE)
_CONTINUES = re.compile(r"[,;]?\s+(?:and|or)$|[;,]$")
_LINK = re.compile(r"^(?:!?\[[^\]]*\]\([^)]*\)|<?https?://\S+>?)[.;,:]?$")
_GENERIC = re.compile(r"^(?:description|purpose|meaning|notes?|details?|what|comment|explanation|contents?|)$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|step \d+|[ivx]+\.)\s*[:.)-]*\s*", re.IGNORECASE)


class Statement(NamedTuple):
    """One statement of a text, and the lines it was read from, counted from 1."""

    text: str
    first: int
    last: int


def statements(text: str) -> list[Statement]:
    """The statements of a Markdown text, in order, each once; at most MOST."""
    found: dict[str, Statement] = {}
    kept = [b for b in blocks(text) if not any(_CONTENTS.match(h) for h in b.headings) and not _LINK.match(b.rows[0])]
    for made in _stated(kept):
        words = made.text.strip().rstrip(":").strip()
        if says_something(words):
            found.setdefault(words, made._replace(text=words))
        if len(found) >= MOST:
            break
    return list(found.values())


def _stated(found: Sequence[Block]) -> Iterator[Statement]:
    at = 0
    while at < len(found):
        block = found[at]
        after = found[at + 1] if at + 1 < len(found) else None
        if block.kind == "item":
            end = _run(found, at)
            yield from _list(found[at:end], "")
            at = end
        elif block.kind == "table":
            yield from _table(block, _about(block))
            at += 1
        elif block.kind == "code":
            yield from _commands(block, "")
            at += 1
        elif after is not None and _introduces(block, after):
            before, intro = _intro(block)
            yield from _prose(before, block)
            end = _run(found, at + 1) if after.kind == "item" else at + 2
            yield from _introduced(intro, block, found[at + 1 : end])
            at = end
        else:
            text = plain(block.text)
            yield from _prose(_intro(block)[0] if text.endswith(":") and not orders(text) else text, block, lead(block.text))
            at += 1


def _intro(block: Block) -> tuple[str, str]:
    """What a block says by itself, and its last sentence, which introduces what follows; both where that one points back."""
    *before, last = sentences(plain(block.text))
    if before and points_back(last) and len(before[-1]) + len(last) < LONGEST / 2:
        last = f"{before.pop()} {last}"
    return " ".join(before), last.rstrip(":. ")


def _run(found: Sequence[Block], at: int) -> int:
    """Where the list that begins at a block ends; what stands between its items under a deeper indent belongs to it."""
    headings = found[at].headings
    end = at + 1
    while end < len(found) and found[end].headings == headings and (
        found[end].kind == "item" or (found[end].kind == "code" and end + 1 < len(found) and found[end + 1].kind == "item")
    ):  # fmt: skip
        end += 1
    return end


def _introduces(block: Block, after: Block) -> bool:
    """Whether a paragraph belongs to the list, table or commands below it."""
    if after.kind == "prose" or after.headings != block.headings:
        return False
    return plain(block.text).endswith(":") or (after.kind == "code" and after.shell and orders(sentences(plain(block.text))[-1]))


def _introduced(intro: str, block: Block, rest: Sequence[Block]) -> Iterator[Statement]:
    kind = rest[0].kind
    if kind == "item":
        yield from _list(rest, intro)
    elif kind == "table":
        yield from _table(rest[0], intro if len(intro) <= SHORT else _about(block))
    elif rest[0].shell:
        yield from _commands(rest[0], intro)
    elif orders(intro) and len(intro.split()) >= 6:
        yield from _prose(intro + ".", block)  # the example below it stays in the file


def _about(block: Block) -> str:
    """The heading a block stands under, without its number; "" for the title of the whole text."""
    heading = plain(block.headings[-1]) if len(block.headings) > 1 else ""
    return _NUMBERED.sub("", heading).rstrip(":. ") if len(heading) <= SHORT else ""


def _prose(text: str, block: Block, title: str = "") -> Iterator[Statement]:
    about = title or _about(block)
    if not text or not says_something(text):
        return
    if not title and (points_back(text) or not whole(text)):
        text = _after(about, text)
    for piece in parted(text, about):
        yield Statement(piece, block.first, block.last)


def _after(about: str, text: str) -> str:
    """A text behind what it is about, unless it says that itself."""
    return text if not about or about.casefold() in text.casefold() else f"{about}: {text}"


def _list(items: Sequence[Block], intro: str) -> Iterator[Statement]:
    """The items of a list, nested ones under what introduces them."""
    told = [plain(b.text) for b in items]
    short = [t.rstrip(";,.") for t in told]
    flat = len({b.indent for b in items}) == 1 and all(b.kind == "item" for b in items)
    names = sum(not whole(t) for t in told)
    about = intro or _about(items[0])
    listed = names > (len(items) / 2 if intro else len(items) - 1)
    if about and flat and listed and len(items) > 1 and all(len(t) <= SHORT for t in short):
        yield from _side_by_side(short, about, items)
        return
    parents: list[tuple[int, str]] = []  # indent and words of the items a deeper one stands under
    for n, block in enumerate(items):
        after = items[n + 1] if n + 1 < len(items) else None
        if block.kind == "code":
            yield from _commands(block, parents[-1][1] if parents else intro)
            continue
        parents = [p for p in parents if p[0] < block.indent]
        text = plain(block.text)
        above = parents[-1][1] if parents else intro
        opens = after is not None and ((after.kind == "item" and after.indent > block.indent) or after.kind == "code")
        if opens:
            text, last = _intro(block) if text.endswith(":") or not whole(text) else (text, text.rstrip(":. "))
            parents.append((block.indent, lead(block.text) or (last if len(last) <= 2 * SHORT else _about(block))))
            if not text:
                continue
        yield from _item(block, text, above)


def _item(block: Block, text: str, above: str) -> Iterator[Statement]:
    text = _CONTINUES.sub("", text)
    title = lead(block.text)
    context = above if above and len(above) <= 2 * SHORT else _about(block)
    if not says_something(text) and (not context or len(text) > SHORT or not re.search(r"[^\W\d_]{2}", text)):
        return
    if (needs_more(above) and not orders(text)) or (not whole(text) and not (title and len(text) > len(title) + 20)):
        text = _after(context, text)
    yield from (Statement(piece, block.first, block.last) for piece in parted(text, title or _about(block)))


def _side_by_side(texts: Sequence[str], about: str, items: Sequence[Block]) -> Iterator[Statement]:
    """Short items in as few lines as hold them, each behind what they are items of."""
    start = 0
    for n in range(1, len(texts) + 1):
        joined = f"{about}: {'; '.join(texts[start:n])}"
        following = len(joined) + 2 + len(texts[n]) if n < len(texts) else LONGEST + 1
        if following > LONGEST:
            yield Statement(joined, items[start].first, items[n - 1].last)
            start = n


def _table(block: Block, about: str) -> Iterator[Statement]:
    rows = [tuple(plain(cell) for cell in row) for row in cells(block)]
    names = rows[0] if rows else ()
    for row in rows[1:]:
        if len(row) < 2 or not row[0] or not any(row[1:]) or re.search("[│├└]", row[0]):
            continue
        rest = [
            cell if len(row) == 2 or _GENERIC.match(name) else f"{name}: {cell}"
            for name, cell in zip(names[1:], row[1:], strict=False)
            if cell
        ]
        text = f"{about}, {row[0]}: {'; '.join(rest)}" if about else f"{row[0]}: {'; '.join(rest)}"
        yield from (Statement(piece, block.first, block.last) for piece in parted(text, row[0]))


def _commands(block: Block, intro: str) -> Iterator[Statement]:
    if block.shell:
        for text in commands(block.rows, intro, _about(block)):
            yield Statement(text, block.first, block.last)
