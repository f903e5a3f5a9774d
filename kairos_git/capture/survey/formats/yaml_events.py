"""A YAML parser's events made into texts, lists and mappings: what aliases may cost is counted before it is spent.

The one rule: an alias shares what it names, and a document may not come to more than `LARGEST` characters when every alias
is written out; so whoever walks it later, however naively, is done in bounded time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from yaml.events import CollectionStartEvent, Event

DEEPEST = 50  # levels; a real file has ten
LARGEST = 1024 * 1024  # characters of a document with its aliases written out, one for each node included


class Broken(NamedTuple):
    """Why bytes are no document; `line` counts from 1, or is 0."""

    line: int
    message: str


class _Open:
    """A list or mapping whose end is not read yet: its items in order, and what they weigh written out."""

    __slots__ = ("anchor", "depth", "items", "start", "weight")

    def __init__(self, start: CollectionStartEvent | None) -> None:
        self.start = start
        self.anchor: str | None = start.anchor if start else None
        self.items: list[object] = []
        self.weight = self.depth = 1


def built(events: Iterable[Event]) -> object:
    """The one document of a stream, every scalar as the text that stands there; None where there is none."""
    from yaml import events as kinds

    top = _Open(None)
    stack = [top]
    anchored: dict[str, tuple[object, int, int]] = {}  # name -> what it names, its weight, its depth
    value: object
    anchor: str | None
    for event in events:
        if isinstance(event, kinds.ScalarEvent):
            value, weight, depth, anchor = event.value, len(event.value) + 1, 1, event.anchor
        elif isinstance(event, kinds.AliasEvent):
            if event.anchor not in anchored:
                return _at(event, "is not YAML: an alias to what is not anchored before it")
            (value, weight, depth), anchor = anchored[event.anchor], None
        elif isinstance(event, kinds.CollectionStartEvent):
            if len(stack) > DEEPEST:
                return _at(event, f"is nested more than {DEEPEST} levels deep")
            stack.append(_Open(event))
            continue
        elif isinstance(event, kinds.CollectionEndEvent):
            done = stack.pop()
            content = _mapping(done.items) if isinstance(event, kinds.MappingEndEvent) else done.items
            if content is None:
                return _at(done.start or event, "is not YAML: a key that is no text")
            value, weight, depth, anchor = content, done.weight, done.depth + 1, done.anchor
        elif isinstance(event, kinds.DocumentStartEvent) and top.items:
            return _at(event, "is not YAML: but found another document")
        else:
            continue
        into = stack[-1]
        into.items.append(value)
        into.weight += weight
        into.depth = max(into.depth, depth)
        if into.weight > LARGEST or into.depth + len(stack) > DEEPEST + 2:
            return _at(event, "has aliases that come to too much when they are written out")
        if anchor is not None:
            anchored[anchor] = (value, weight, depth)
    return top.items[0] if top.items else None


def _mapping(items: list[object]) -> dict[str, object] | None:
    """Keys and values in turn as a mapping, `<<` merged under what stands beside it; None where a key is no text."""
    pairs: dict[str, object] = {}
    merged: list[object] = []
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str):
            return None
        if key == "<<" and isinstance(value, dict | list):
            merged += value if isinstance(value, list) else [value]
        else:
            pairs[key] = value
    under: dict[str, object] = {}
    for one in reversed(merged):
        under.update(one if isinstance(one, dict) else {})
    return {**under, **pairs} if under else pairs


def _at(event: Event, message: str) -> Broken:
    return Broken(event.start_mark.line + 1 if event.start_mark else 0, message)
