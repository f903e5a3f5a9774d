"""A topic file: live facts, one per line, among whatever prose people add.

The one rule: prose is kept byte for byte; only fact lines come and go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kairos_git.errors import Problem
from kairos_git.memory.fact import Fact, format_fact, is_fact_line, parse_fact, sort_key


class Topic(NamedTuple):
    """A parsed topic. `lines` is every line as it stands; `facts` are those that parse; the rest is prose or a problem."""

    path: str
    lines: tuple[str, ...]
    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]


def topic_path(name: str) -> str:
    """Where a topic stands: `topics/tests.md`."""
    return f"topics/{name}.md"


def topic_name(path: str) -> str | None:
    """`topics/tests.md` -> `tests`; None where the path is no topic's."""
    if path.startswith("topics/") and path.endswith(".md") and path.count("/") == 1:
        return path[7:-3]
    return None


def seed_topic(name: str) -> bytes:
    """A topic before its first fact. The front matter is the one Claude Code's own memory files carry."""
    title = name.replace("-", " ").capitalize()
    return f"---\nname: {name}\ndescription: What is known about {name}\ntype: project\n---\n\n# {title}\n\n".encode()


def parse_topic(path: str, data: bytes) -> Topic:
    """Facts and problems of a topic; format_topic of the result and its facts gives the same bytes."""
    lines = tuple(data.decode("utf-8", "surrogateescape").split("\n"))
    facts: dict[str, Fact] = {}
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        if not is_fact_line(line):
            continue
        found = parse_fact(line.removesuffix("\r"), path, number)
        if isinstance(found, Problem):
            problems.append(found)
        elif found.id in facts:
            problems.append(Problem(path, number, f"{found.id} stands twice in this file", 1))
        else:
            facts[found.id] = found
    return Topic(path, lines, tuple(facts.values()), tuple(problems))


def format_topic(data: bytes, facts: Iterable[Fact]) -> bytes:
    """The file with exactly these fact lines. Prose keeps its place; a fact keeps its own line where it has one.

    A new fact goes behind the nearest fact that sorts before it, else before the first one, else to the end.
    """
    wanted = sorted(facts, key=sort_key)
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    ending = "\r" if any(line.endswith("\r") for line in lines) else ""
    places = _places(lines)
    kept = {fact.id: places[fact.id] for fact in wanted if fact.id in places}
    text = {fact.id: format_fact(fact) for fact in wanted}
    if list(kept) != sorted(kept, key=kept.__getitem__):
        kept = {}  # somebody moved the lines about: lay the facts anew, in order, where the first one stood
    behind = _new_lines(wanted, kept)
    standing = {place: name for name, place in kept.items()}
    first = min((n for n, line in enumerate(lines) if is_fact_line(line)), default=None)
    out: list[str] = []
    for number, line in enumerate(lines):
        if number == first or (first is None and number == len(lines) - 1):
            if first is None and line:  # no newline at the end of the prose
                out.append(line)
                line = ""
            out += [text[name] + ending for name in behind.get("", ())]
        if not is_fact_line(line):
            out.append(line)
            continue
        name = standing.get(number)
        if name is not None:
            out += [text[n] + ending for n in (name, *behind.get(name, ()))]
    return "\n".join(out).encode("utf-8", "surrogateescape")


def _places(lines: Sequence[str]) -> dict[str, int]:
    """id -> the line it stands at, for whole fact lines; the first place of each."""
    places: dict[str, int] = {}
    for number, line in enumerate(lines):
        if is_fact_line(line):
            found = parse_fact(line.removesuffix("\r"))
            if isinstance(found, Fact):
                places.setdefault(found.id, number)
    return places


def _new_lines(wanted: Sequence[Fact], kept: dict[str, int]) -> dict[str, list[str]]:
    """kept id (or "" for before all) -> ids of the new facts that follow it."""
    behind: dict[str, list[str]] = {}
    last = ""
    for fact in wanted:
        if fact.id in kept:
            last = fact.id
        else:
            behind.setdefault(last, []).append(fact.id)
    return behind
