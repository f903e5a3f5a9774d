"""JSON with comments, edited as text: what is put in or taken out changes nothing else of the file.

The one rule: a document keeps every byte that is not ours, its order, indentation, comments and line ends; what cannot be
read is refused with its line, never repaired.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

DEEPEST = 100  # levels of nesting; settings have fewer than ten

# Every alternative also matches up to the end of the text, so that an unclosed one is not looked for twice.
_BLANK = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD = re.compile(r"[-+.\w]+")


class Malformed(ValueError):
    """The text is no JSON; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Item(NamedTuple):
    """A member of an object (with its key) or an element of a list (key None); from the key's first character on."""

    start: int
    end: int
    key: str | None
    node: Node


class Node(NamedTuple):
    """A value and where it stands. kind: object, list or scalar; value: what it means, as `json.loads` gives it."""

    kind: str
    start: int
    end: int
    items: tuple[Item, ...]
    value: Any

    def item(self, key: str) -> Item | None:
        """The member of that name; the last one where there are several, as every reader takes it."""
        return next((item for item in reversed(self.items) if item.key == key), None)


def parse(text: str) -> Node:
    """The document. Raises Malformed."""
    start = _skip(text, 0)
    node = _value(text, start, 0)
    end = _skip(text, node.end)
    if end != len(text):
        raise _bad(text, end, "something stands behind the end")
    return node


def _bad(text: str, at: int, message: str) -> Malformed:
    return Malformed(text.count("\n", 0, at) + 1, message)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, depth: int) -> Node:
    if depth > DEEPEST:
        raise _bad(text, at, "nested too deeply")
    if text[at : at + 1] in ("{", "["):
        return _container(text, at, depth)
    found = _STRING.match(text, at) or _WORD.match(text, at)
    if not found:
        raise _bad(text, at, "a value is missing" if at < len(text) else "it ends too early")
    return Node("scalar", at, found.end(), (), _loaded(text, found, "value"))


def _loaded(text: str, found: re.Match[str], what: str) -> Any:
    try:
        return json.loads(found[0])
    except ValueError as error:
        raise _bad(text, found.start(), f"{found[0][:40]!r} is no {what}") from error


def _container(text: str, start: int, depth: int) -> Node:
    kind, close = ("object", "}") if text[start] == "{" else ("list", "]")
    items: list[Item] = []
    at = _skip(text, start + 1)
    while text[at : at + 1] != close:
        items.append(_item(text, at, kind, depth))
        at = _skip(text, items[-1].end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != close:
            raise _bad(text, at, f"a comma or {close} is missing" if at < len(text) else "it ends too early")
    value: Any = {i.key: i.node.value for i in items} if kind == "object" else [i.node.value for i in items]
    return Node(kind, start, at + 1, tuple(items), value)


def _item(text: str, at: int, kind: str, depth: int) -> Item:
    if kind == "list":
        node = _value(text, at, depth + 1)
        return Item(at, node.end, None, node)
    found = _STRING.match(text, at)
    if not found:
        raise _bad(text, at, "a name in quotes is missing" if at < len(text) else "it ends too early")
    key = _loaded(text, found, "name")
    colon = _skip(text, found.end())
    if text[colon : colon + 1] != ":":
        raise _bad(text, colon, "a colon is missing")
    node = _value(text, _skip(text, colon + 1), depth + 1)
    return Item(at, node.end, key, node)


def _indent(text: str, at: int) -> str:
    """The white space that the line of a place begins with."""
    line = text.rfind("\n", 0, at) + 1
    found = re.compile(r"[ \t]*").match(text, line)
    return found[0] if found else ""


def _unit(text: str) -> str:
    """One level of indentation, as the document has it; two spaces where it shows none."""
    found = re.search(r'\n([ \t]+)["\[{]', text)
    return found[1] if found else "  "


def insert(text: str, box: Node, key: str | None, value: Any) -> str:
    """The text with one more item at the end of an object (with its key) or list, laid out as its neighbours are."""
    newline = "\r\n" if "\r\n" in text else "\n"
    inside = text[box.start + 1 : box.end - 1]
    tail = box.start + 1 + len(inside.rstrip(" \t\r\n"))  # behind the last item or comment
    unit, outer = _unit(text), _indent(text, box.start)
    last = box.items[-1] if box.items else None
    on_lines = last is None or text[text.rfind("\n", 0, last.start) + 1 : last.start].strip(" \t") == ""
    pad = _indent(text, last.start) if last and on_lines else outer + unit
    words = _render(value, unit, pad, newline) if on_lines else json.dumps(value, ensure_ascii=False)
    piece = (f"{json.dumps(key, ensure_ascii=False)}: " if key is not None else "") + words
    gap = newline + pad if on_lines else " "
    if not inside.strip():
        return text[: box.start + 1] + gap + piece + newline + outer + text[box.end - 1 :]
    if last is None:
        closing = "" if "\n" in text[tail : box.end - 1] else newline + outer
        return text[:tail] + gap + piece + closing + text[tail:]
    if _comma(text, last.end) is not None:  # a trailing comma is this document's way
        return text[:tail] + gap + piece + "," + text[tail:]
    if not on_lines:
        return text[: last.end] + "," + gap + piece + text[last.end :]
    return text[: last.end] + "," + text[last.end : tail] + gap + piece + text[tail:]


def _render(value: Any, unit: str, pad: str, newline: str) -> str:
    """A value on lines of its own; what holds only plain values stays on one line."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if not any(isinstance(part, (dict, list)) for part in parts) and not (isinstance(value, dict) and len(parts) > 1):
        return json.dumps(value, ensure_ascii=False)
    inner = pad + unit
    names = [f"{json.dumps(key, ensure_ascii=False)}: " for key in value] if isinstance(value, dict) else [""] * len(parts)
    lines = [name + _render(part, unit, inner, newline) for name, part in zip(names, parts, strict=True)]
    left, right = "{}" if isinstance(value, dict) else "[]"
    return left + newline + inner + f",{newline}{inner}".join(lines) + newline + pad + right


def _comma(text: str, at: int) -> int | None:
    """Where the comma behind an item stands, if there is one."""
    at = _skip(text, at)
    return at if text[at : at + 1] == "," else None


def _line_start(text: str, item: Item, anchor: int) -> int:
    """Where the white space before an item begins, its line break included, unless that break ends a comment which would
    then swallow what follows.
    """
    start = item.start
    while text[start - 1] in " \t":
        start -= 1
    if text[start - 1] != "\n":
        return start
    before = start - (2 if text[start - 2] == "\r" else 1)
    comments = [found for found in _COMMENT.finditer(text, anchor, before) if found[0].startswith("//")]
    rest = text[_comma(text, item.end) or item.end :].lstrip(", \t")
    return start if comments and comments[-1].end() == before and not rest.startswith(("\n", "\r\n")) else before


def remove(text: str, box: Node, place: int) -> str:
    """The text without one item of an object or list, its comma and its own line's white space; comments stay."""
    item = box.items[place]
    start = _line_start(text, item, box.items[place - 1].end if place else box.start + 1)
    comma = _comma(text, item.end)
    if comma is not None:
        end = comma + 1
        if start == item.start:  # nothing stands before it: what parted it from the next goes too
            while text[end] in " \t":
                end += 1
        return text[:start] + text[item.end : comma] + text[end:]
    if place:
        before = _comma(text, box.items[place - 1].end)
        assert before is not None
        return text[:before] + text[before + 1 : start] + text[item.end :]
    left = text[box.start + 1 : start] + text[item.end : box.end - 1]
    return text[: box.start + 1] + (left if left.strip() else "") + text[box.end - 1 :]
