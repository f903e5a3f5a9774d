"""reject, allow, confirm, revert, adopt: the owner decides."""

from __future__ import annotations

from typing import Annotated

import typer

from kairos_git.cli import show
from kairos_git.cli.dreamed import dreamed_json, print_dreamed
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.cli.reading import FactArgument
from kairos_git.errors import Refused
from kairos_git.runner.review import decide
from kairos_git.settings import environment


def register(app: typer.Typer) -> None:
    app.command(short_help="undo one dream, as git revert does")(revert)
    app.command(short_help="this is not so: it stays out")(reject)
    app.command(short_help="lift a rejection")(allow)
    app.command(short_help="this is so: you say it")(confirm)
    app.command(short_help="take uncommitted edits as yours")(adopt)


def as_owner(what: str) -> None:
    """Only a person decides: an agent with a shell is told to ask."""
    agent = environment().agent
    if agent:
        raise Refused(
            f"`{what}` is the owner's to say, and this is an agent's environment ({agent} is set). Ask the owner to run it."
        )


def print_decided(done: decide.Decided, json: bool) -> None:
    """A decision and what followed from it, for a person or a script."""
    r = done.ruling
    if json:
        ruling = (
            {"id": r.id, "kind": r.kind, "fact": r.fact, "slot": r.key, "value": r.value, "time": r.time, "by": r.by}
            if r
            else None
        )
        show.as_json({"ruling": ruling, **dreamed_json(done.dreamed)})
        return
    if r:
        show.answer(f"{r.id} {r.kind} {r.key} = {r.value}")
    print_dreamed(done.dreamed)


def _decide(kind: str, fact: str, memory: str | None, project: str | None, now: str | None, json: bool) -> None:
    as_owner(kind)
    found, _ = place(memory, project)
    print_decided(decide.decide(found, kind, fact, present(now)), json)


def reject(
    fact: FactArgument,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """This is not so: it goes, and stays out until you say it again or `allow` it."""
    _decide("reject", fact, memory, project, now, json)


def allow(
    fact: FactArgument,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Lift a rejection: the evidence decides again."""
    _decide("allow", fact, memory, project, now, json)


def confirm(
    fact: FactArgument,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """This is so: your word makes it a confirmed fact."""
    _decide("confirm", fact, memory, project, now, json)


def revert(
    dream: Annotated[str, typer.Argument(metavar="DREAM", help="A dream's commit id, or its beginning.")],
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Undo one dream as `git revert` does: what it changed stays undone, what later dreams learned stays in."""
    as_owner("revert")
    found, _ = place(memory, project)
    print_decided(decide.revert(found, dream, present(now)), json)


def adopt(memory: MemoryOption = None, project: ProjectOption = None, now: NowOption = None, json: JsonOption = False) -> None:
    """Take the uncommitted edits in topics/ as yours: commit them, and let them count."""
    as_owner("adopt")
    found, _ = place(memory, project)
    print_decided(decide.adopt(found, present(now)), json)
