"""Topics parsed before, kept beside the memory, so that facts which stand for months are parsed once.

One file for each topic in `parsed/` of the memory's own folder (`kept` has the format), beside those of the day logs.

The one rule: a topic is taken from here only for the very same blob and program; the folder may be deleted at any time.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import NamedTuple

from kairos_git.errors import Problem
from kairos_git.memory import fact, kept, text, topic
from kairos_git.memory.fact import Fact
from kairos_git.memory.objects import list_files, lost
from kairos_git.memory.repository import Memory
from kairos_git.memory.topic import parse_topic, topic_name

FOLDER = "parsed"
SMALL = 16  # facts; a smaller topic is parsed as fast as it is found


class Told(NamedTuple):
    """The live facts of a commit's topics by id, and the lines that are damaged."""

    facts: dict[str, Fact]
    problems: tuple[Problem, ...]


def told(memory: Memory, commit: str) -> Told:
    """What the topics of a commit say. Raises GitFailed."""
    blobs = {path: blob for path, blob in list_files(memory.git, commit, "topics/").items() if topic_name(path)}
    facts: dict[str, Fact] = {}
    problems: list[Problem] = []
    missing = []
    for path, blob in blobs.items():
        known = _load(_place(memory, path), (program(), path, blob))
        if known is None:
            missing.append(path)
        else:
            facts |= known.facts
            problems += known.problems
    for path, found in zip(missing, memory.git.objects([blobs[path] for path in missing]), strict=True):
        if found is None:
            raise lost(memory.git, commit, path)
        parsed = parse_topic(path, found[2])
        made = Told({f.id: f for f in parsed.facts}, parsed.problems)
        if len(made.facts) >= SMALL:
            _save(_place(memory, path), made, (program(), path, blobs[path]))
        facts |= made.facts
        problems += made.problems
    return Told(facts, tuple(problems))


@lru_cache(maxsize=1)
def program() -> bytes:
    """The hash of what parses a topic; b"" where nothing is kept."""
    return kept.program((fact, text, topic, sys.modules[__name__]))


def _place(memory: Memory, path: str) -> str:
    return os.path.join(memory.own, FOLDER, f"topic-{topic_name(path)}")


def _load(place: str, stamp: tuple[bytes, str, str]) -> Told | None:
    found = kept.load(place, stamp)
    if found is None:
        return None
    rows, problems = found
    return Told({row[0]: Fact._make(row) for row in rows}, tuple(map(Problem._make, problems)))


def _save(place: str, made: Told, stamp: tuple[bytes, str, str]) -> None:
    kept.save(place, stamp, [tuple(f) for f in made.facts.values()], [tuple(p) for p in made.problems])
