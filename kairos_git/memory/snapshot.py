"""Everything a memory says at one commit, parsed once.

The one rule: what is committed is what is read; the work tree is somebody's desk.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from kairos_git.errors import Problem
from kairos_git.memory import annotation, index, ruling
from kairos_git.memory.annotation import Annotation
from kairos_git.memory.daylog import DayLog, parse_daylog
from kairos_git.memory.fact import Fact
from kairos_git.memory.observation import Observation, Tombstone
from kairos_git.memory.ruling import Ruling
from kairos_git.memory.topic import Topic, parse_topic, topic_name

SETTINGS = "kairos.yaml"
_APPENDED = ("log/", "annotations/")


class _Parts(NamedTuple):
    commit: str
    files: dict[str, bytes]
    observations: tuple[Observation, ...]
    tombstones: tuple[Tombstone, ...]
    annotations: tuple[Annotation, ...]
    rulings: tuple[Ruling, ...]
    topics: dict[str, Topic]
    problems: tuple[Problem, ...]


class Snapshot(_Parts):
    """A memory at a commit. `files` holds the raw bytes of what was read, by path."""

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """The live facts of the topic files, by id."""
        return {f.id: f for topic in self.topics.values() for f in topic.facts}


def is_appended(path: str) -> bool:
    """Whether a file is one of those that only ever grow."""
    return path.startswith(_APPENDED) or path == ruling.PATH


def is_projection(path: str) -> bool:
    """Whether a file is written by dreams alone."""
    return path.startswith("topics/") or path in (index.PATH, "handoff.md")


class Parsed(dict[tuple[str, bytes], DayLog]):
    """Day logs by path and content, each parsed when it is first asked for."""

    def __missing__(self, key: tuple[str, bytes]) -> DayLog:
        self[key] = log = parse_daylog(*key)
        return log


def parse_snapshot(commit: str, files: dict[str, bytes], parsed: Parsed | None = None) -> Snapshot:
    """Parse a commit's files; every damaged line is a Problem, and none is evidence. `parsed` remembers logs between calls."""
    parsed = Parsed() if parsed is None else parsed
    observations: dict[str, Observation] = {}
    tombstones: dict[str, Tombstone] = {}
    annotations: dict[str, Annotation] = {}
    topics: dict[str, Topic] = {}
    problems: list[Problem] = []
    for path, data in sorted(files.items()):
        if path.startswith("log/"):
            log = parsed[path, data]
            observations |= {o.id: o for o in log.observations}
            tombstones |= {t.id: t for t in log.tombstones}
            problems += log.problems
        elif annotation.is_annotation_path(path):
            found, bad = annotation.parse_annotations(path, data)
            annotations |= {a.id: a for a in found}
            problems += bad
        elif topic_name(path):
            topics[path] = parse_topic(path, data)
            problems += topics[path].problems
    rulings, bad = ruling.parse_rulings(files.get(ruling.PATH, b""))
    kept = tuple(o for o in observations.values() if o.id not in tombstones)
    return Snapshot(
        commit, files, kept, tuple(tombstones.values()), tuple(annotations.values()), rulings, topics, (*problems, *bad)
    )
