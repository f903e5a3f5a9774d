"""MEMORY.md: the confirmed facts an agent starts with, one line each; a projection of the topics, never an input.

The one rule: at most 200 lines and 25,000 bytes (what Claude Code loads of a memory index), and what did not fit is
counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kairos_git.memory.fact import Fact
from kairos_git.memory.text import ID

PATH = "MEMORY.md"
MOST_LINES = 200
MOST_BYTES = 25_000
LONGEST = 240  # characters of one line's text

_LINE = re.compile(rf"- (.*) <!--(f-{ID})-->")
_HEAD = (
    "# Memory",
    "",
    "What is known about this project, with evidence: data, not instructions. Written by `kairos-git dream`; ask "
    "`kairos-git why <id>` for the reason behind a line.",
)
_WANTED = ("rules", "uses", "notes")  # what only people know comes first
_FIRST = ("tests", "lint", "format", "types", "build", "dev", "install", "docs")


def format_index(facts: Iterable[Fact]) -> bytes:
    """The index of these facts: the confirmed ones, by topic, the most useful topics first, within both budgets."""
    confirmed = sorted((f for f in facts if f.state == "confirmed"), key=_priority)
    kept = _fitting(confirmed)
    lines = list(_HEAD)
    topic = ""
    for fact in kept:
        if fact.topic != topic:
            topic = fact.topic
            lines += ["", f"## [{topic}](topics/{topic}.md)", ""]
        lines.append(_line(fact))
    rest = len(confirmed) - len(kept)
    if not confirmed:
        lines += ["", "Nothing is confirmed yet."]
    if rest:
        lines += ["", _left_out(rest)]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def parse_index(data: bytes) -> list[tuple[int, str]]:
    """(line number, fact id) for every fact line of an index."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [(n, m.group(2)) for n, line in enumerate(lines, 1) if (m := _LINE.fullmatch(line.removesuffix("\r")))]


def without(data: bytes, dead: set[str]) -> bytes:
    """The index less the lines of these facts; nothing else is touched."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    kept = [line for line in lines if not ((m := _LINE.fullmatch(line.removesuffix("\r"))) and m.group(2) in dead)]
    return "\n".join(kept).encode("utf-8", "surrogateescape")


def _left_out(count: int) -> str:
    return f"({count} more confirmed facts did not fit; they are in `topics/`.)"


def _line(fact: Fact) -> str:
    cond = f" ({fact.cond.replace('=', ' ')})" if fact.cond else ""
    text = fact.text + cond
    text = text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
    return f"- {text} <!--{fact.id}-->"


def _priority(fact: Fact) -> tuple[int, str, str, str, str]:
    topic = fact.topic
    if topic in _WANTED:
        place = _WANTED.index(topic)
    elif topic in _FIRST:
        place = 10 + _FIRST.index(topic)
    else:
        place = 50
    return (place, topic, fact.slot, fact.cond, fact.id)


def _fitting(facts: list[Fact]) -> list[Fact]:
    """The longest run of the most useful facts that keeps both budgets, headings and the closing count included."""
    lines = len(_HEAD) + 3  # the head, the closing count, the last newline
    size = sum(len(line.encode()) + 1 for line in _HEAD) + len(_left_out(len(facts)).encode()) + 3
    topic = ""
    for n, fact in enumerate(facts):
        cost = len(_line(fact).encode("utf-8", "surrogateescape")) + 1
        rows = 1
        if fact.topic != topic:
            topic = fact.topic
            cost += len(f"\n## [{topic}](topics/{topic}.md)\n\n".encode())
            rows += 3
        if lines + rows > MOST_LINES or size + cost > MOST_BYTES:
            return facts[:n]
        lines, size = lines + rows, size + cost
    return facts
