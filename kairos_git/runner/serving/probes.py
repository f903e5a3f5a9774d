"""Whether the tree still says what the facts say that are about to be served.

A fact that a probe read stands at a file and a key, at a commit. Where git says that the file did not change since, nothing
is read; where it did, the tree is surveyed once, if it is not too large, and the answer kept for that commit.

The one rule: a mark says what the tree says; it changes no fact, and what is too dear to know is left unsaid.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from kairos_git.capture.project import Project
from kairos_git.capture.survey import survey
from kairos_git.capture.survey.reading import Reading
from kairos_git.capture.survey.tree import default_branch, read_tree
from kairos_git.errors import GitFailed, NotWritable
from kairos_git.memory.daylog import log_path
from kairos_git.memory.fact import FREE, Fact, value_of
from kairos_git.memory.landing import read_regular, write_whole
from kairos_git.memory.objects import read_files
from kairos_git.memory.observation import Observation, parse_observation
from kairos_git.memory.repository import Memory
from kairos_git.memory.text import code
from kairos_git.runner.serving.cache import FOLDER

FILE = "readings"
MOST_FILES = 20_000  # of a tree that is surveyed at the start of a session
MOST_DAYS = 40  # day logs in which the readings behind facts are looked for
MOST_COMMITS = 12  # commits that facts were read at, and the tree is compared with
GONE = "the tree does not say so any more"


def otherwise(memory: Memory, project: Project | None, commit: str | None, facts: Sequence[Fact]) -> dict[str, str]:
    """fact id -> what to say of it where the project's tree at a commit no longer says what its probe read."""
    if project is None or commit is None:
        return {}
    probed = _probed(memory, [f for f in facts if f.slot not in FREE and "branch=" not in f.cond])
    try:
        moved = _moved(project, commit, probed)
        said = _readings(memory, project, commit) if moved else None
    except GitFailed:
        return {}
    if not said:
        return {}
    found = {}
    for fact in facts:
        if fact.id in moved and fact.value not in said.get(fact.key, ()):
            now = said.get(fact.key, ())
            found[fact.id] = f"the tree says otherwise now: {code(now[0])}" if len(now) == 1 else GONE
    return found


def _probed(memory: Memory, facts: Iterable[Fact]) -> dict[str, Observation]:
    """fact id -> the reading it rests on, looked for in the log of the day since when it stands."""
    wanted = {name: fact for fact in facts for name in fact.evidence}
    days = sorted({fact.since for fact in wanted.values()}, reverse=True)[:MOST_DAYS]
    found: dict[str, Observation] = {}
    for path, data in read_files(memory.git, "HEAD", [log_path(day) for day in days]).items():
        for line in data.split(b"\n"):
            at = line.rfind(b" src=probe ")
            name = line[at - 15 : at].decode("utf-8", "replace") if at > 0 else ""
            if name in wanted:
                o = parse_observation(path[-13:-3], line.removesuffix(b"\r").decode("utf-8", "surrogateescape"))
                if isinstance(o, Observation) and "#" in o.root and o.at:
                    found[wanted[name].id] = o
    return found


def _moved(project: Project, commit: str, probed: Mapping[str, Observation]) -> set[str]:
    """The facts whose file differs between the commit it was read at and this one."""
    by_commit: dict[str, dict[str, str]] = {}
    for name, o in probed.items():
        by_commit.setdefault(o.at, {})[name] = o.root.partition("#")[0]
    git = project.git
    moved: set[str] = set()
    for at in sorted(by_commit, key=lambda at: (-len(by_commit[at]), at))[:MOST_COMMITS]:
        if commit.startswith(at):
            continue
        result = git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", at, commit, check=False)
        if result.code == 0:  # else a shallow clone, or history rewritten: nothing is known
            changed = set(result.out.decode("utf-8", "surrogateescape").split("\0"))
            moved |= {name for name, file in by_commit[at].items() if file in changed}
    return moved


def _readings(memory: Memory, project: Project, commit: str) -> dict[str, list[str]] | None:
    """slot with condition -> the values that a survey of a commit finds; None where its tree is too large."""
    path = os.path.join(memory.own, FOLDER, FILE)
    with suppress(ValueError, TypeError, RecursionError):
        known, kept = json.loads(read_regular(path) or b"")
        if known == commit and isinstance(kept, dict):
            return {str(slot): list(values) for slot, values in kept.items()}
    git = project.git
    tree = read_tree(git, commit, default_branch(git))
    if len(tree.paths) > MOST_FILES:
        return None
    readings: Sequence[Reading] = survey(tree)[0]
    found: dict[str, list[str]] = {}
    for r in readings:
        found.setdefault(r.slot, []).append(value_of(r.slot.partition("{")[0], r.text))
    with suppress(NotWritable):
        write_whole(path, json.dumps([commit, found]).encode())
    return found
