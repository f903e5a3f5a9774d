"""Topics parsed before, kept beside the memory, so that facts which stand for months are parsed once.

One file for each topic in `parsed/` of the memory's own folder, as `parsed` keeps day logs: a checksum, then what was parsed,
the blob it was parsed from and the hash of the program that parsed it.

The one rule: a topic is taken from here only for the very same blob and program; the folder may be deleted at any time.
"""

from __future__ import annotations

import marshal
import os
import sys
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from kairos_git.errors import Problem
from kairos_git.memory import fact, text, topic
from kairos_git.memory.fact import Fact
from kairos_git.memory.objects import list_files
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
        kept = _load(_place(memory, path), (program(), path, blob))
        if kept is None:
            missing.append(path)
        else:
            facts |= kept.facts
            problems += kept.problems
    for path, found in zip(missing, memory.git.objects([blobs[path] for path in missing]), strict=True):
        if found is not None:
            parsed = parse_topic(path, found[2])
            made = Told({f.id: f for f in parsed.facts}, parsed.problems)
            if len(made.facts) >= SMALL:
                _save(_place(memory, path), made, (program(), path, blobs[path]))
            facts |= made.facts
            problems += made.problems
    return Told(facts, tuple(problems))


@lru_cache(maxsize=1)
def program() -> bytes:
    """The hash of the source and of the Python that parse; b"" where the source cannot be read, and nothing is kept."""
    digest = sha256(repr((sys.version, marshal.version)).encode())
    try:
        for module in (fact, text, topic, sys.modules[__name__]):
            with open(module.__file__ or "", "rb") as file:
                digest.update(file.read())
    except OSError:
        return b""
    return digest.digest()


def _place(memory: Memory, path: str) -> str:
    return os.path.join(memory.own, FOLDER, f"topic-{topic_name(path)}")


def _load(place: str, stamp: tuple[bytes, str, str]) -> Told | None:
    """What was kept, or None where it was kept under another stamp, not at all, or is damaged."""
    if not stamp[0]:
        return None
    try:
        with open(place, "rb") as file:
            kept = file.read()
    except OSError:
        return None
    payload = kept[32:]
    if sha256(payload).digest() != kept[:32]:
        return None
    try:
        known, rows, problems = marshal.loads(payload)
    except (EOFError, TypeError, ValueError):
        return None
    if known != stamp:
        return None
    return Told({row[0]: Fact._make(row) for row in rows}, tuple(map(Problem._make, problems)))


def _save(place: str, made: Told, stamp: tuple[bytes, str, str]) -> None:
    """Keep a parsed topic; where that cannot be, it is parsed again the next time."""
    if not stamp[0]:
        return
    payload = marshal.dumps((stamp, [tuple(f) for f in made.facts.values()], [tuple(p) for p in made.problems]))
    aside = f"{place}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(aside, "wb") as file:
            file.write(sha256(payload).digest() + payload)
        os.replace(aside, place)
    except OSError:
        return
