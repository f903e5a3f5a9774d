"""From one look at the work tree to the next: edits gather in a burst, and a burst that is over is told.

The one rule: whoever looks, the tick or a watcher, looks in the same way, so that both together tell nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.bursts import LONGEST, PAUSE
from kairos_git.capture.files.snapshot import Edit, format_shot, parse_shot, snapshot
from kairos_git.capture.files.summary import merged, summarise
from kairos_git.capture.keptstate import alone, load_state, save_state
from kairos_git.capture.project import Project
from kairos_git.capture.sessions.scope import load_scope
from kairos_git.capture.spooling import acknowledge
from kairos_git.errors import Problem
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory

NAME = "files"


class Taken(NamedTuple):
    """What came of a look: the observations, safe in the spool; how many files were edited since the last; what was wrong."""

    observations: tuple[Observation, ...]
    edited: int
    problems: tuple[Problem, ...]


def take_in(memory: Memory, project: Project, now: datetime) -> Taken:
    """Look at the work tree once; a project that cannot be looked at is a Problem.

    Raises NotWritable, and Refused where the settings that say what is private cannot be read.
    """
    if project.bare:
        return Taken((), 0, ())
    with alone(memory, NAME) as free:
        if not free:
            return Taken((), 0, ())
        state = load_state(memory, NAME)
        same = state.get("root") == project.root
        epoch = int(now.timestamp())
        hides = load_scope(memory.path, memory.own, project.root).hides
        after, edits, problems = snapshot(project, parse_shot(state.get("shot")) if same else None, epoch, hides)
        done, goes_on = _bursts([e for e in _edits(state.get("edits")) if not hides(e.path)], edits, epoch)
        told = [summarise(burst, now.tzinfo) for burst in done]
        acknowledge(memory, told)
        shot = format_shot(after) if after is not None else state.get("shot")
        last = max([e.at for e in edits], default=state.get("last", 0))
        save_state(memory, NAME, {"root": project.root, "shot": shot, "edits": [list(e) for e in goes_on], "last": last})
        return Taken(tuple(told), len(edits), tuple(problems))


def _bursts(before: list[Edit], edits: list[Edit], now: int) -> tuple[list[list[Edit]], list[Edit]]:
    """(the bursts that are over, the one that goes on): a file stands once in each, however often it was saved."""
    done: list[list[Edit]] = []
    current = merged(before)
    for e in sorted(edits, key=lambda e: (e.at, e.path)):
        end = max((c.at for c in current), default=e.at)
        start = min((c.since for c in current), default=e.at)
        if e.at - end >= PAUSE or e.at - start >= LONGEST:
            done.append(current)
            current = []
        current.append(e)
    current = merged(current)
    if current and now - max(c.at for c in current) >= PAUSE:
        return [*map(merged, done), current], []
    return [merged(burst) for burst in done], current


def _edits(said: object) -> list[Edit]:
    """The edits of the burst that goes on, as they were kept; what is damaged is forgotten."""
    rows: Iterable[object] = said if isinstance(said, list) else ()
    return [
        Edit(str(r[0]), int(r[1]), str(r[2]), int(r[3]), int(r[4]))
        for r in rows
        if isinstance(r, list) and len(r) == 5 and isinstance(r[0], str) and all(isinstance(r[n], int) for n in (1, 3, 4))
    ]
