"""What `serve` offers to clients, wired from the rooms; starts without typer, because every session of an agent starts it.

The one rule: the memory is found and opened anew for each call, so that one made, moved or merged meanwhile is the one meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from kairos_git.capture.place import find_memory, project_of
from kairos_git.environ import environment
from kairos_git.errors import NotFound, NotWritable, Refused, UsageError

if TYPE_CHECKING:
    from kairos_git.capture.project import Project
    from kairos_git.memory.observation import Observation
    from kairos_git.memory.repository import Memory
    from kairos_git.recall.mcp_server.server import Offered
    from kairos_git.recall.mcp_server.tools import Told

Opened = Callable[[], tuple["Memory", "Project | None"]]


def serve_mcp(memory: str | None, project: str | None) -> None:
    """Serve one MCP client over standard input and output. Raises UsageError where the extra is not installed."""
    try:
        from kairos_git.recall.mcp_server.lean import load_lean

        load_lean()
        from kairos_git.recall.mcp_server.server import serve_stdio
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "anyio"):
            raise
        raise UsageError(
            f"`serve mcp` needs the library `mcp` 2.x ({error.name} is not installed). Install it beside kairos-git: "
            "`pip install 'kairos-git[mcp]'`, or `pipx inject kairos-git 'mcp>=2,<3'`."
        ) from error
    serve_stdio(offered(partial(_opened, memory, project)), environment().session)


def offered(opened: Opened) -> Offered:
    """The tools of a server, each on the memory as `opened` finds it then."""
    from kairos_git.recall.mcp_server.server import Offered

    return Offered(
        recall=partial(_recall, opened), remember=partial(_remember, opened), why=partial(_why, opened),
        handoff=partial(_handoff, opened), context=partial(_context, opened), names=partial(_names, opened),
        page=partial(_page, opened),
    )  # fmt: skip


def _opened(memory: str | None, project: str | None) -> tuple[Memory, Project | None]:
    try:
        found = find_memory(memory, project)
        return found, project_of(found, project)
    except FileNotFoundError as error:
        raise NotFound("The folder this server was started in is gone. Start it again in the project.") from error


def _recall(opened: Opened, session: str, queries: list[str], most: int, author: str, branch: str, path: str) -> Told:
    from kairos_git.recall.mcp_server.answers import merged, tell_found
    from kairos_git.recall.search.finding import Query, search

    memory, _ = opened()
    now = _now()
    asked = Query(queries[0], most, author, branch, (path,) if path else (), now=now)
    waiting = _waiting(memory)
    found = merged([search(memory, asked._replace(text=text), waiting) for text in dict.fromkeys(queries)], most)
    half = memory.unfinished()
    if half:
        found = found._replace(
            notes=(*found.notes, f"the memory is in the middle of a {half}; what its last commit says is shown")
        )
    _shown(memory, session, (hit.id for hit in (*found.facts, *found.lines)))
    return tell_found(found, queries[0])


def _remember(opened: Opened, session: str, text: str, root: str) -> tuple[Told, Observation]:
    from kairos_git.capture.sessions.found import find
    from kairos_git.memory.vault import speaks_of_vault
    from kairos_git.recall.mcp_server.answers import tell_remembered
    from kairos_git.runner.sessions.remembering import remember

    if speaks_of_vault(text):
        raise Refused("The vault is the owner's own: an agent neither reads nor writes it. Nothing was recorded.")
    memory, project = opened()
    place = find(project.root) if project else None
    o = remember(
        memory, text, _now(), src="agent", session=session, root=root, branch=place.side if place else "",
        project=project.root if project else "",
    )  # fmt: skip
    return tell_remembered(o, session), o


def _why(opened: Opened, session: str, name: str) -> Told:
    from kairos_git.memory.vault import in_vault
    from kairos_git.recall.mcp_server.answers import tell_why
    from kairos_git.recall.reasons import why

    memory, _ = opened()
    reasons = why(memory.snapshot(), name)
    if in_vault(reasons.fact.slot):
        raise UsageError(f"There is no fact {name}. `recall` finds the ids of those there are.")
    _shown(memory, session, [reasons.fact.id, *(v.id for v in reasons.voices)])
    return tell_why(reasons)


def _handoff(opened: Opened, session: str) -> Told:
    from kairos_git.recall.mcp_server.answers import tell_handoff
    from kairos_git.runner.serving.serve import handed_over

    memory, _ = opened()
    last = handed_over(memory, _now())
    _shown(memory, session, (said.id for s in last for said in (*s.done, *s.next, *s.open)))
    return tell_handoff(last)


def _context(opened: Opened, session: str, budget: int | None, paths: list[str]) -> Told:
    from kairos_git.capture.place import own_memory
    from kairos_git.recall.context.packing import BUDGET
    from kairos_git.recall.mcp_server.answers import tell_context
    from kairos_git.runner.serving.serve import serve

    memory, project = opened()
    made = serve(memory, project, _now(), budget=budget or BUDGET, session=session, own=own_memory(), paths=tuple(paths))
    _shown(memory, session, (name for item in made.items for name in item.ids))
    return tell_context(made)


def _names(opened: Opened) -> list[str]:
    from kairos_git.recall.pages import page_names

    return page_names(opened()[0])


def _page(opened: Opened, session: str, path: str) -> str | None:
    from kairos_git.recall.echo import named
    from kairos_git.recall.pages import pages

    memory, _ = opened()
    text = pages(memory).get(path)
    _shown(memory, session, named(text or ""))
    return text


def _waiting(memory: Memory) -> list[Observation]:
    """What is safe in the spool and in no log yet: what this very session said a moment ago is found too."""
    from kairos_git.capture import spool

    told: list[Observation] = []
    for path in spool.segments(memory):
        with suppress(FileNotFoundError):  # a drain was quicker: it is in the log now
            told += spool.read_segment(path)[0]
    return told


def _shown(memory: Memory, session: str, ids: Iterable[str]) -> None:
    """Note what a client was shown: said back, it is no new word. A memory that cannot be written to is still read."""
    from kairos_git.runner.sessions.remembering import note_shown

    with suppress(NotWritable):
        note_shown(memory, session, ids, _now(), commit=memory.head())


def _now() -> datetime:
    return datetime.now().astimezone().replace(microsecond=0)
