"""Single members of a client's settings: the MCP server, and where Claude Code keeps its auto memory.

The one rule: a member that somebody else set is refused, not replaced.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from kairos_git.capture.agents import tomltext
from kairos_git.capture.agents.clients import SERVER, Client, is_ours, words_of
from kairos_git.capture.agents.jsontext import Malformed, Node, insert, parse, remove

DIRECTORY = "autoMemoryDirectory"
_SERVERS = "mcpServers"


def _root(text: str) -> Node:
    root = parse(text)
    if root.kind != "object":
        raise Malformed(1, "the file is no object")
    return root


def _line(text: str, node: Node) -> int:
    return text.count("\n", 0, node.start) + 1


def server(client: Client, start: Sequence[str]) -> dict[str, Any]:
    """Our MCP server as a client's settings name it."""
    kind = {"type": "stdio"} if client.name == "claude" else {}
    return {**kind, "command": start[0], "args": [*start[1:], "serve", "mcp"]}


def served(text: str) -> Any:
    """The server of our name in a JSON file, None where there is none. Raises Malformed."""
    listed = _root(text).item(_SERVERS)
    if listed and listed.node.kind != "object":
        raise Malformed(_line(text, listed.node), f"`{_SERVERS}` is no object")
    member = listed.node.item(SERVER) if listed else None
    return member.node.value if member else None


def is_our_server(value: object) -> bool:
    """Whether a server's entry starts this program."""
    return is_ours(words_of(value), "serve", "mcp")


def put_server(client: Client, text: str, start: Sequence[str]) -> str:
    """The settings with our server. Raises Malformed, also where another server has our name."""
    value = server(client, start)
    there = served(text)
    if there == value:
        return text
    if there is not None and not is_our_server(there):
        raise Malformed(0, f"has another MCP server called {SERVER!r}; rename or remove it first")
    text = take_out_server(text)
    listed = _root(text).item(_SERVERS)
    if listed is None:
        return insert(text, _root(text), _SERVERS, {SERVER: value})
    return insert(text, listed.node, SERVER, value)


def take_out_server(text: str) -> str:
    """The settings without our server, and without the list that only it filled."""
    if not is_our_server(served(text)):
        return text
    root = _root(text)
    place = max(n for n, item in enumerate(root.items) if item.key == _SERVERS)
    listed = root.items[place].node
    if len(listed.items) == 1:
        return remove(text, root, place)
    return remove(text, listed, max(n for n, item in enumerate(listed.items) if item.key == SERVER))


def put_table(client: Client, text: str, start: Sequence[str]) -> str:
    """Codex's config.toml with our server. Raises Malformed, also where another server has our name."""
    wrong = tomltext.broken(text)
    if wrong:
        raise Malformed(wrong[0], f"is not TOML: {wrong[1]}")
    lines = tomltext.table(SERVER, start[0], server(client, start)["args"])
    if tomltext.ours(text) == lines:
        return text
    made = tomltext.with_table(text, lines)
    if tomltext.broken(made):
        raise Malformed(0, f"has another MCP server called {SERVER!r}; rename or remove it first")
    return made


def directory(text: str) -> str | None:
    """Where the settings say that auto memory is kept, None where they do not. Raises Malformed."""
    member = _root(text).item(DIRECTORY)
    value = member.node.value if member else None
    return os.path.expanduser(value) if isinstance(value, str) else None


def put_directory(text: str, memory: str) -> str:
    """The settings with auto memory in `memory`. Raises Malformed where they name another place."""
    there = directory(text)
    if there == memory:
        return text
    if there is not None and not is_memory(there):
        raise Malformed(0, f"keeps auto memory in {there} already; take that line out first")
    return insert(cleared := take_out_directory(text), _root(cleared), DIRECTORY, memory)


def take_out_directory(text: str) -> str:
    """The settings without auto memory in a memory of ours."""
    there = directory(text)
    if there is None or not is_memory(there):
        return text
    root = _root(text)
    return remove(text, root, max(n for n, item in enumerate(root.items) if item.key == DIRECTORY))


def is_memory(path: str) -> bool:
    """Whether a folder is, or was, a memory of ours: it has our settings file, or our name for a memory."""
    return os.path.exists(os.path.join(path, "kairos.yaml")) or (path.endswith(".memory") and not os.path.lexists(path))
