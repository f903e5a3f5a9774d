"""An import from end to end: look at everything there is, hold it against what is known, write down what is new.

The one rule: looking writes nothing; what is written is exactly what was shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from kairos_git.capture import spool
from kairos_git.capture.imports.folders import Place, read_place
from kairos_git.capture.imports.found import GUIDES, Source, dropped, fresh, observations
from kairos_git.capture.imports.guides import Guides, guides, last_change
from kairos_git.capture.imports.tools import places
from kairos_git.capture.place import is_own, make_own, own_memory
from kairos_git.capture.project import Project
from kairos_git.capture.sessions.scope import load_scope
from kairos_git.errors import Problem, UsageError
from kairos_git.memory.objects import facts_at
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory


class Offer(NamedTuple):
    """One file and what it would bring.

    own   whether to the owner's own memory
    new   the observations that would be written
    gone  those that would say which of its lines a hand-written file dropped
    """

    source: Source
    own: bool
    new: tuple[Observation, ...]
    gone: tuple[Observation, ...] = ()


def offers(
    memory: Memory, project: Project | None, owners: Collection[str], wanted: Sequence[str] = (), folder: str | None = None, *,
    owner: bool = True, mine: bool = False,
) -> tuple[list[Offer], list[Problem]]:  # fmt: skip
    """What an import into a memory would bring, file by file, and what could not be read. Raises UsageError.

    wanted  tools or files; everything where it is empty
    folder  a folder or file to read instead of the usual places
    owner   whether the owner is at work: an agent may import, but nothing as the owner's word
    mine    whether the owner takes what others wrote in the project's own files as their word
    """
    written = guides(project, owners) if project and folder is None else Guides()
    found, problems = _look(written, project, folder)
    kept = [_as_said(s, owner=owner, mine=mine) for s in found if not wanted or {s.tool, s.file} & set(wanted)]
    unknown = [w for w in wanted if not any(w in (s.tool, s.file) for s in found)]
    if unknown and unknown != [GUIDES]:
        there = ", ".join(dict.fromkeys(name for s in found for name in (s.tool, s.file))) or "nothing"
        raise UsageError(f"There is no {unknown[0]} to import. Found: {there}.")
    in_own = is_own(memory.path)
    made: list[Offer] = []
    for own in (False, True):
        target = own_memory() if own else memory
        sources = [s for s in kept if s.own == own and (own or not in_own)]
        made += _held_against(sources, own, target, project) if sources else []
    if owner and project and written.commit and not in_own and (not wanted or GUIDES in wanted):
        made = _with_dropped(made, memory, project, written)
    return made, problems


def take(made: Sequence[Offer], memory: Memory, now: datetime) -> int:
    """Write down what was offered; how many lines. The owner's own memory is made where it is missing. Raises NotWritable."""
    ours = [o for offer in made if not offer.own for o in (*offer.new, *offer.gone)]
    own = [o for offer in made if offer.own for o in offer.new]
    spool.acknowledge(memory, ours)
    if own:
        spool.acknowledge(make_own(now), own)
    return len(ours) + len(own)


def _look(written: Guides, project: Project | None, folder: str | None) -> tuple[list[Source], list[Problem]]:
    if folder is not None:
        return read_place(Place(folder))
    found, problems = list(written.sources), list(written.problems)
    for place in places(project):
        sources, bad = read_place(place)
        found += sources
        problems += bad
    return found, problems


def _as_said(source: Source, *, owner: bool, mine: bool) -> Source:
    if source.tool != GUIDES or (owner and not mine):
        return source
    return source._replace(lines=tuple(line._replace(src="owner" if owner else "import") for line in source.lines))


def _held_against(sources: Sequence[Source], own: bool, target: Memory | None, project: Project | None) -> list[Offer]:
    """What of these sources a memory lacks and may know; None: a memory that is yet to be made."""
    told = _told(target) if target else []
    facts = {}
    if target is not None:
        facts = facts_at(target.git, target.head())
        scope = load_scope(target.path, target.own, project.root if project else "")
        sources = [
            s._replace(lines=tuple(line for line in s.lines if scope.kept(line.text) == line.text))
            for s in sources if s.tool != GUIDES or not scope.hides(s.file)
        ]  # fmt: skip
    return [Offer(s, own, tuple(fresh(observations(s), told, facts))) for s in sources if s.lines]


def _told(memory: Memory) -> list[Observation]:
    """Everything a memory was told, what waits in the spool included."""
    waiting = [o for path in spool.segments(memory) for o in spool.read_segment(path)[0]]
    return [*memory.snapshot().observations, *waiting]


def _with_dropped(made: Sequence[Offer], memory: Memory, project: Project, written: Guides) -> list[Offer]:
    """The offers, with what hand-written files said once and no longer do; a file that could not be read dropped nothing."""
    told = _told(memory)
    roots = {o.root for o in told if o.src == "owner" and o.root and o.root == o.word("file")}
    by_root = {o.source.root: o for o in made if o.source.tool == GUIDES}
    for root in sorted(roots - written.unread):
        offer = by_root.get(root, Offer(Source(GUIDES, root, root, ()), False, ()))
        gone = dropped(observations(offer.source), told, root, *_when(project, written.commit, root))
        if gone:
            by_root[root] = offer._replace(gone=tuple(gone))
    return [*by_root.values(), *(o for o in made if o.source.tool != GUIDES)]


def _when(project: Project, commit: str, path: str) -> tuple[datetime, str]:
    changed = last_change(project.git, commit, path)
    return (changed.time, changed.commit[:12]) if changed else (datetime.fromtimestamp(0, UTC), commit[:12])
