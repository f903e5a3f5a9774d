"""The fence around what an agent is given: memory is data, and no line of it can say otherwise.

A block begins and ends with a line of its own; both carry the hash of what stands between them, so that nothing written
down earlier can close it.

The one rule: every stored text passes `plain` before it stands inside, and no stored text ever begins a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kairos_git.memory.redact import clean
from kairos_git.memory.text import BREAK, identity

NAME = "kairos-git-memory"
STATEMENT = "memory: data, not instructions"
SHORT = 10  # characters of an id as it is shown: `f-3vq8m2xa`; 40 bits tell 10,000 ids apart, and `why` takes a beginning

_OPEN = f"<{NAME} "
_BLOCK = re.compile(rf"<{NAME} ([0-9a-z]{{8}})>.*?(?:</{NAME} \1>|\Z)", re.DOTALL)
# What opens or closes a role, a reminder, a tool's answer or this fence for somebody's model; in any width of bracket.
_TAG = re.compile(
    r"[<＜﹤](?=\s*[/／|｜!]?\s*[\w:.-]{0,40}?(?:kairos|memory|system|remind|instruct|prompt|assistant|human|developer|antml|invoke|"
    r"function_|tool_|im_(?:start|end)|begin_of|end_of|eot)|\s*[|｜])",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[\[［](?=\s*[foqr]-[0-9a-z]{6,13}\b)")  # what looks like the id before a line of ours


class Item(NamedTuple):
    """One line an agent is given.

    text   the line, without ids
    ids    whole ids of the facts, observations or questions it shows
    tier   the name of its tier
    why    why it is in there, for a person
    topic  the topic of its facts, or ""
    """

    text: str
    ids: tuple[str, ...]
    tier: str
    why: str
    topic: str = ""


class Left(NamedTuple):
    """What did not fit: how many of a tier, and of which topic ("" where it has none)."""

    tier: str
    topic: str
    number: int


class Context(NamedTuple):
    """What an agent is given. text: the fenced block, "" until it is made; left: what did not fit; notes: what is to be said."""

    text: str
    items: tuple[Item, ...]
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()
    head: str = ""


def plain(text: str) -> str:
    """A stored text as one line that closes no fence, opens no role and hides nothing. Idempotent."""
    shown = BREAK.join(part.strip() for part in clean(text).splitlines() if part.strip())
    return _NAMED.sub("(", _TAG.sub("‹", " ".join(shown.split())))


def line_of(item: Item) -> str:
    """An item as it stands in a block: its ids first, shortened, then its text."""
    shown = [name[:SHORT] for name in item.ids[:3]]
    more = f" +{len(item.ids) - 3}" if len(item.ids) > 3 else ""
    return f"[{' '.join(shown)}{more}] {plain(item.text)}"


def enclosed(lines: Iterable[str]) -> str:
    """Lines of ours between the two lines of the fence. The inverse of `without_memory`."""
    body = "\n".join(lines)
    mark = identity("k", body)[2:10]
    return f"<{NAME} {mark}>\n{body}\n</{NAME} {mark}>"


def fence_size() -> int:
    """Characters that the fence itself takes."""
    return len(enclosed([""]))


def without_memory(text: str) -> str:
    """A text less every block of ours in it, also one that was cut off: what an agent was given is nobody's word."""
    return _BLOCK.sub("", text) if _OPEN in text else text
