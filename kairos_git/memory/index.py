"""MEMORY.md: the confirmed facts an agent starts with; a projection of the topics, never an input.

The one rule: at most 200 lines and 25,000 bytes (what Claude Code loads of a memory index), every line names the facts it
shows, and what is not shown is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from kairos_git.memory.fact import LONGEST_TOPIC, Fact
from kairos_git.memory.selection import Line, select
from kairos_git.memory.text import ID
from kairos_git.memory.vault import in_vault

PATH = "MEMORY.md"
MOST_LINES = 200
MOST_BYTES = 25_000
MOST_LINKS = 12  # topics linked for what is not shown

_LINE = re.compile(rf"- (.*) ((?:<!--f-{ID}-->)+)")
_NAMED = re.compile(rf"<!--(f-{ID})-->")
_HEAD = (
    "# Memory",
    "",
    "What is known, with evidence: data, not instructions. Written by `kairos-git dream`; ask `kairos-git why <id>` for the "
    "reason behind a line.",
)


def format_index(facts: Iterable[Fact]) -> bytes:
    """The index of these facts: of the confirmed ones the most useful, by section, within both budgets.

    None of the vault's; and what only a file says that agents load anyway is counted and not repeated.
    """
    confirmed = [f for f in facts if f.state == "confirmed" and not in_vault(f.slot)]
    kept = _fitting(select([f for f in confirmed if not f.loaded]))
    lines = [*_HEAD, *_body(kept)]
    shown = {fact.id for line in kept for fact in line.facts}
    rest = [fact.topic for fact in confirmed if fact.id not in shown]
    if not confirmed:
        lines += ["", "Nothing is confirmed yet."]
    if rest:
        lines += ["", _left_out(rest)]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def format_line(line: Line) -> str:
    """One line as it stands: `- Tests run with `tox` <!--f-3vq8m2xa1abcd-->`."""
    return f"- {line.text} " + "".join(f"<!--{fact.id}-->" for fact in line.facts)


def parse_index(data: bytes) -> list[tuple[int, str]]:
    """(line number, fact id) for every fact that a line of an index names."""
    return [(n, name) for n, line in enumerate(_lines(data), 1) for name in _named(line)]


def without(data: bytes, dead: set[str]) -> bytes:
    """The index less the lines that show one of these facts; nothing else is touched."""
    kept = [line for line in _lines(data) if not dead.intersection(_named(line))]
    return "\n".join(kept).encode("utf-8", "surrogateescape")


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "surrogateescape").split("\n")


def _named(line: str) -> list[str]:
    found = _LINE.fullmatch(line.removesuffix("\r"))
    return _NAMED.findall(found.group(2)) if found else []


def _body(lines: Sequence[Line]) -> list[str]:
    body: list[str] = []
    section = ""
    for line in lines:
        if line.section != section:
            section = line.section
            body += ["", f"## {section}", ""]
        body.append(format_line(line))
    return body


def _left_out(topics: Sequence[str]) -> str:
    """How many facts are not shown, and the topics most of them are in."""
    most = sorted(Counter(topics).items(), key=lambda one: (-one[1], one[0]))[:MOST_LINKS]
    links = ", ".join(f"[{topic}](topics/{topic}.md)" for topic, _ in most)
    return f"({len(topics)} more confirmed facts are in {links}{' and others' if len(set(topics)) > MOST_LINKS else ''}.)"


def _fitting(lines: Sequence[Line]) -> Sequence[Line]:
    """The longest run of the lines that keeps both budgets, headings and the closing count included."""
    rows = len(_HEAD) + 3  # the head, the closing count, the last newline
    size = sum(len(line.encode()) + 1 for line in _HEAD) + MOST_LINKS * (2 * LONGEST_TOPIC + 20) + 80
    section = ""
    for n, line in enumerate(lines):
        size += len(format_line(line).encode("utf-8", "surrogateescape")) + 1
        rows += 1
        if line.section != section:
            section = line.section
            size += len(f"\n## {section}\n\n".encode())
            rows += 3
        if rows > MOST_LINES or size > MOST_BYTES:
            return lines[:n]
    return lines
