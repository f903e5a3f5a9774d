"""context, handoff: what an agent would be given now, and why; what the last sessions did, would do next, and left open."""

from __future__ import annotations

import os
from itertools import groupby
from typing import Annotated, Any

import typer

from kairos_git.capture.place import own_memory
from kairos_git.capture.project import Project
from kairos_git.cli import audience, show
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.errors import KairosError, UsageError
from kairos_git.memory.handoff import KINDS, SESSIONS, Session
from kairos_git.memory.repository import Memory
from kairos_git.recall.context.fence import SHORT, Context, plain
from kairos_git.recall.context.packing import BUDGET, LEAST, TIERS, left_words
from kairos_git.runner.serving.serve import handed_over, serve


def register(app: typer.Typer) -> None:
    app.command("context", short_help="what an agent would be given now, and why each line is in it")(context)
    app.command("handoff", short_help="done, next and open of the last sessions")(handoff)


def context(
    budget: Annotated[int, typer.Option("--budget", min=LEAST, metavar="N", help="Characters it may have.")] = BUDGET,
    branch: Annotated[
        str | None, typer.Option("--branch", metavar="B", help="Look from this branch of the project instead of the current one.")
    ] = None,
    path: Annotated[
        list[str] | None, typer.Option("--path", metavar="P", help="A path that is about to be changed; repeatable.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print exactly the bytes that an agent is given.")] = False,
    why: Annotated[bool, typer.Option("--why/--no-why", help="Say beside each line why it is in it.")] = True,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """What an agent would be given now, tier by tier, why each line is in it, and what did not fit."""
    found, work = place(memory, project)
    own, said = _own(found)
    paths = tuple(_within(work, p) for p in path or ())
    made = serve(found, work, present(now), budget=budget, own=own, paths=paths, branch=branch or "")
    made = made._replace(notes=(*made.notes, *said))
    audience.shown(found, (name for item in made.items for name in item.ids), present(now))
    if raw:
        show.answer(made.text)
    elif json:
        show.as_json(context_json(made))
    else:
        _print_context(made, budget, why=why)


def context_json(made: Context) -> dict[str, Any]:
    """A context in the form scripts rely on."""
    items = [{"tier": i.tier, "text": i.text, "ids": list(i.ids), "why": i.why} for i in made.items]
    left = [{"tier": one.tier, "topic": one.topic or None, "count": one.number} for one in made.left]
    return {"text": made.text, "characters": len(made.text), "items": items, "left": left, "notes": list(made.notes)}


def _print_context(made: Context, budget: int, *, why: bool) -> None:
    for line in made.notes:
        show.note(line)
    titles = {tier.name: tier.title for tier in TIERS}
    for tier, items in groupby(made.items, key=lambda item: item.tier):
        show.answer(f"{titles[tier]}:")
        for item in items:
            more = f" +{len(item.ids) - 1}" if len(item.ids) > 1 else ""
            show.answer(f"  {item.ids[0][:SHORT]}{more}  {plain(item.text)}")
            if why:
                show.answer(f"  {'':{SHORT}}  because: {item.why}")
        show.answer("")
    if not made.items:
        show.answer("Nothing is known yet: tell it something with `kairos-git observe`, then `kairos-git dream`.\n")
    if made.left:
        show.answer(left_words(made.left))
    show.answer(f"{len(made.text)} of {budget} characters; `kairos-git context --raw` prints the bytes an agent gets.")


def handoff(
    most: Annotated[int, typer.Option("--most", "-n", min=1, metavar="N", help="How many sessions, newest first.")] = SESSIONS,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """What the last sessions did, would do next and left open, newest first; also of sessions that no dream has seen yet."""
    found, _ = place(memory, project)
    last = handed_over(found, present(now), most=most)
    audience.shown(found, (one.id for s in last for kind in KINDS for one in getattr(s, kind)), present(now))
    if json:
        show.as_json([session_json(s) for s in last])
        return
    for s in last:
        show.answer(f"{s.ended[:16].replace('T', ' ')}  {s.name}{f' on {s.branch}' if s.branch else ''}")
        for kind in KINDS:
            for n, one in enumerate(getattr(s, kind)):
                show.answer(f"  {kind if not n else '':4}  {plain(one.text)} ({one.id[:SHORT]})")
        if s.more:
            show.answer(f"        … and {s.more} more done")
    if not last:
        show.note("no session yet")


def session_json(s: Session) -> dict[str, Any]:
    """One session in the form scripts rely on."""
    kinds = {kind: [{"text": one.text, "id": one.id} for one in getattr(s, kind)] for kind in KINDS}
    return {"session": s.name, "began": s.began, "ended": s.ended, "branch": s.branch or None, **kinds, "more": s.more}


def _own(found: Memory) -> tuple[Memory | None, tuple[str, ...]]:
    """The owner's own memory, unless it is the one asked for; and what is to be said where something else is in its place."""
    try:
        own = own_memory()
    except KairosError as error:
        return None, (str(error),)
    return (None if own and os.path.realpath(own.path) == os.path.realpath(found.path) else own), ()


def _within(project: Project | None, path: str) -> str:
    """A path as the project's git calls it. Raises UsageError for one outside."""
    if project is None:
        return os.path.normpath(path)
    full = os.path.realpath(path)
    name = os.path.relpath(full, os.path.realpath(project.root))
    if name == ".." or name.startswith("../"):
        raise UsageError(f"{path} is not in the project at {project.root}.")
    return name
