"""Our hooks in a client's settings: put in, found again, taken out.

The one rule: an entry is ours by the command it runs, never by its place, and nobody else's entry is touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kairos_git.capture.agents.clients import Client, handler, is_ours, words_of
from kairos_git.capture.agents.jsontext import Malformed, Node, insert, parse, remove


class Entry(NamedTuple):
    """One of our entries as it stands. group: the place of its group in the event's list, None where there are no groups."""

    event: str
    group: int | None
    place: int
    value: Mapping[str, Any]
    matcher: str | None


def _object(text: str, node: Node, what: str) -> Node:
    if node.kind != "object":
        raise Malformed(text.count("\n", 0, node.start) + 1, f"{what} is no object")
    return node


def _hooks(text: str) -> tuple[Node, Node | None]:
    """The document, and its `hooks` object if there is one. Raises Malformed where either is something else."""
    root = _object(text, parse(text), "the file")
    member = root.item("hooks")
    return root, _object(text, member.node, "`hooks`") if member else None


def entries(client: Client, text: str) -> list[Entry]:
    """Every entry of ours, in order. Raises Malformed."""
    _, hooks = _hooks(text)
    return [found for member in (hooks.items if hooks else ()) for found in _of_event(client, member.key or "", member.node)]


def _of_event(client: Client, event: str, listed: Node) -> Iterator[Entry]:
    if listed.kind != "list":
        return
    for number, item in enumerate(listed.items):
        if not client.grouped:
            if _is_ours(client, item.node.value):
                yield Entry(event, None, number, item.node.value, None)
            continue
        inner = item.node.item("hooks") if item.node.kind == "object" else None
        for place, one in enumerate(inner.node.items if inner and inner.node.kind == "list" else ()):
            if _is_ours(client, one.node.value):
                yield Entry(event, number, place, one.node.value, item.node.value.get("matcher"))


def _is_ours(client: Client, value: object) -> bool:
    return is_ours(words_of(value), "on", client.name)


def complete(client: Client, text: str, start: Sequence[str]) -> bool:
    """Whether exactly our entries stand there, each as it would be written now. Raises Malformed."""
    found = [(e.event, e.value, e.matcher) for e in entries(client, text)]
    wanted = [(event, handler(client, event, start), fields.get("matcher")) for event, fields in client.events.items()]
    return sorted(found, key=lambda e: e[0]) == sorted(wanted, key=lambda e: e[0])


def put(client: Client, text: str, start: Sequence[str]) -> str:
    """The settings with our entries as they are to be, each once; the same text where they are. Raises Malformed."""
    if complete(client, text, start):
        return text
    text = take_out(client, text)
    if not client.grouped and not parse(text).item("version"):
        text = insert(text, parse(text), "version", 1)
    for event, fields in client.events.items():
        entry: dict[str, Any] = handler(client, event, start)
        if client.grouped:
            entry = {**{k: v for k, v in fields.items() if k == "matcher"}, "hooks": [entry]}
        root, hooks = _hooks(text)
        if hooks is None:
            text = insert(text, root, "hooks", {event: [entry]})
            continue
        member = hooks.item(event)
        if member is None:
            text = insert(text, hooks, event, [entry])
        elif member.node.kind != "list":
            raise Malformed(text.count("\n", 0, member.start) + 1, f"`hooks.{event}` is no list")
        else:
            text = insert(text, member.node, None, entry)
    return text


def take_out(client: Client, text: str) -> str:
    """The settings without our entries, and without the groups, events and the `hooks` that only they filled."""
    while found := entries(client, text):
        text = _without(text, found[-1])
    return text


def _without(text: str, entry: Entry) -> str:
    root, hooks = _hooks(text)
    assert hooks is not None
    levels: list[tuple[Node, int]] = [(root, _place(root, "hooks")), (hooks, _place(hooks, entry.event))]
    listed = levels[-1][0].items[levels[-1][1]].node
    if entry.group is None:
        levels.append((listed, entry.place))
    else:
        group = listed.items[entry.group].node
        inner = group.item("hooks")
        assert inner is not None
        levels += [(listed, entry.group), (inner.node, entry.place)]
    box, place = levels.pop()
    while levels and len(box.items) == 1:  # nothing but ours was in it
        box, place = levels.pop()
    return remove(text, box, place)


def _place(node: Node, key: str) -> int:
    return max(n for n, item in enumerate(node.items) if item.key == key)
