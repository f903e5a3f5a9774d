"""A day log: the observations of one local day, append-only.

The one rule: bytes that stand in a log are never changed by us; new lines come after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kairos_git.errors import Problem
from kairos_git.memory.observation import Observation, Tombstone, format_observation, parse_observation

_PATH = re.compile(r"log/(\d{4})/(\d{2})/(\d{4}-\d{2}-\d{2})\.md")


class DayLog(NamedTuple):
    """A parsed log. `lines` maps an id to (line number, the line); lines count from 1."""

    path: str
    observations: tuple[Observation, ...]
    tombstones: tuple[Tombstone, ...]
    problems: tuple[Problem, ...]


def log_path(day: str) -> str:
    """Where the log of a day stands: `log/2026/11/2026-11-21.md`."""
    return f"log/{day[:4]}/{day[5:7]}/{day}.md"


def log_day(path: str) -> str | None:
    """The day whose log stands at a path, or None where it is no day log. The inverse of `log_path`."""
    match = _PATH.fullmatch(path)
    return match.group(3) if match and log_path(match.group(3)) == path else None


def parse_daylog(path: str, data: bytes) -> DayLog:
    """Every observation of a log, and a Problem for every line that is none. Headings and blank lines are prose."""
    day = log_day(path)
    if day is None:
        return DayLog(path, (), (), (Problem(path, 0, "is not named after a day (log/2026/11/2026-11-21.md)", 1),))
    observations: dict[str, Observation] = {}
    tombstones: dict[str, Tombstone] = {}
    problems: list[Problem] = []
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = parse_observation(day, line.removesuffix("\r"), path, number)
        if isinstance(found, Problem):
            problems.append(found)
        elif isinstance(found, Tombstone):
            tombstones[found.id] = found
        elif found.id in observations:
            if observations[found.id] != found:
                problems.append(Problem(path, number, f"{found.id} stands twice with different words; the first counts", 1))
        else:
            observations[found.id] = found
    living = tuple(o for o in observations.values() if o.id not in tombstones)
    return DayLog(path, living, tuple(tombstones.values()), tuple(problems))


def line_ids(data: bytes) -> dict[str, str]:
    """id -> line for every line of an append-only file that carries one of our ids, damaged or not."""
    found: dict[str, str] = {}
    for name, line in named_lines(data):
        if name not in found or "<!--x " in line:
            found[name] = line
    return found


def named_lines(data: bytes) -> Iterator[tuple[str, str]]:
    """(id, line) of every line that carries one of our ids, in order, an id as often as it stands there."""
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        match = re.search(r'(?:<!--[orx] |"id": ?")([ora]-[0-9a-z]{13})', line)
        if match:
            yield match.group(1), line.removesuffix("\r")


def append(data: bytes, heading: str, lines: Iterable[str]) -> bytes:
    """The file with the lines after what stands there; a new file begins with its heading."""
    start = data if data else (heading + "\n\n").encode() if heading else b""
    if start and not start.endswith(b"\n"):
        start += b"\n"
    return start + "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")


def fresh(data: bytes, observations: Iterable[Observation]) -> list[Observation]:
    """Those observations that a log does not hold yet, each once, in (time, id) order."""
    known = line_ids(data)
    new = {o.id: o for o in observations if o.id not in known}
    return sorted(new.values(), key=lambda o: (o.epoch, o.id))


def format_daylog(data: bytes, day: str, observations: Iterable[Observation]) -> bytes:
    """The log of a day with these observations after what stands there."""
    return append(data, f"# {day}", (format_observation(o) for o in observations))
