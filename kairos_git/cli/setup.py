"""init, uninstall, hooks: putting a memory beside a project, and taking it away again."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import typer

from kairos_git.capture import githooks, history
from kairos_git.capture.place import is_own, make_own, refuse_own
from kairos_git.capture.project import (
    Project,
    check_place,
    expected_memory,
    find_project,
    git_person,
    here,
    link,
    linked_memory,
    owner_addresses,
    unlink,
)
from kairos_git.cli import show
from kairos_git.cli.dreamed import dreamed_json, told_if_refused
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.errors import UsageError
from kairos_git.memory import seed
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.runner.cycle import dream


def register(app: typer.Typer) -> None:
    app.command(short_help="put a memory beside this project")(init)
    app.command(short_help="take hooks and link out of the project")(uninstall)
    hooks = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The hooks in the project's git.")
    hooks.command("install", short_help="install, chained with what is there")(hooks_install)
    hooks.command("uninstall", short_help="take out, put back what was there")(hooks_uninstall)
    hooks.command("status", short_help="which are in place")(hooks_status)
    app.add_typer(hooks, name="hooks", short_help="the hooks in the project's git")


def _limit(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdigit():
        raise UsageError(f"--history {text}: give a number of commits, or `all`.")
    return int(text)


def _drain(memory: Memory) -> list[str]:
    return [*seed.command(), "drain", "--quiet"]


def _install(project: Project, memory: Memory) -> list[githooks.HookState]:
    with memory.lock():  # two at once would each move away what the other just put there
        return githooks.install(project.root, memory.spool, _drain(memory))


def init(
    memory: MemoryOption = None,
    project: ProjectOption = None,
    history_: Annotated[str, typer.Option("--history", metavar="N|all", help="How many commits of the past to read.")] = str(
        history.COMMITS
    ),
    no_hooks: Annotated[
        bool, typer.Option("--no-hooks", help="Leave the project's hooks alone; commits are read at each dream.")
    ] = False,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Put a memory beside the project: make it, link it, install hooks, read the history, survey the tree, dream once."""
    limit = _limit(history_)
    when = present(now)
    if is_own(memory):
        _init_own(when, json)
        return
    found = find_project(project or here())
    path = os.path.abspath(os.path.expanduser(memory)) if memory else expected_memory(found)
    if shown := check_place(found, path):
        show.note(shown)
    made = _open_or_create(path, when, found)
    with made.lock():  # two at once would each hold the project's config against the other
        link(found, made.path)
    states = [] if no_hooks else _install(found, made)
    with told_if_refused(made, json), show.progress() as step:
        result = dream(made, found, when, owners=owner_addresses(found), limit=limit, progress=step)
    if json:
        show.as_json({"memory": made.path, "hooks": [s._asdict() for s in states], **dreamed_json(result)})
        return
    for line in result.notes:
        show.note(line)
    show.problems(result.problems)
    for state in states:
        if state.state not in ("installed", "chained"):
            show.note(f"hook {state.event}: {state.state}. {state.note}")
    show.answer(f"memory   {made.path}")
    show.answer(f"hooks    {sum(s.state in ('installed', 'chained', 'moved') for s in states)} of {len(states)} installed")
    show.answer(f"read     {result.observations} observations")
    show.answer(f"dream    {result.commit[:12] + ' ' if result.commit else ''}{result.reason}")
    show.answer(
        "\nNext: `kairos-git facts`, `kairos-git why <id>`, `kairos-git dreams`; commit as ever, then `kairos-git dream`.\n"
        "`kairos-git agents install claude` (codex, gemini, cursor) lets your agent begin each session with it."
    )


def _init_own(when: datetime, json: bool) -> None:
    """Make the owner's own memory, or set it up again; it belongs to no project, so there is no link, hook, history or survey."""
    made = make_own(when)
    with made.lock():
        seed.settle(made, force=True)
    result = dream(made, None, when)
    if json:
        show.as_json({"memory": made.path, "hooks": [], **dreamed_json(result)})
        return
    show.problems(result.problems)
    show.answer(f"memory   {made.path}")
    show.answer(f"dream    {result.commit[:12] + ' ' if result.commit else ''}{result.reason}")
    show.answer('\nNext: `kairos-git observe "I prefer short answers"`, in any project; `kairos-git facts --memory me`.')


def _open_or_create(path: str, when: datetime, project: Project) -> Memory:
    if not os.path.lexists(path) or seed.half_made(path) or (os.path.isdir(path) and not os.listdir(path)):
        return seed.create(path, when, git_person(project.git))
    memory = open_memory(path)
    with memory.lock():
        seed.settle(memory, force=True)
    return memory


def uninstall(memory: MemoryOption = None, project: ProjectOption = None, now: NowOption = None) -> None:
    """Take the hooks and the link out of the project's git, without a trace. The memory itself stays where it is."""
    refuse_own(memory)
    found = find_project(project or here())
    where = memory or linked_memory(found)
    states = githooks.uninstall(found.root)
    unlink(found)
    for state in states:
        if state.note:
            show.note(f"hook {state.event}: {state.note}")
    show.answer(f"The hooks and the link are gone. The memory stays at {where}; delete that folder if you do not want it.")


def _print_hooks(states: list[githooks.HookState], json: bool) -> None:
    if json:
        show.as_json([s._asdict() for s in states])
        return
    show.table(("event", "state", "where", "note"), [(s.event, s.state, s.path, s.note) for s in states])


def hooks_install(
    memory: MemoryOption = None, project: ProjectOption = None, now: NowOption = None, json: JsonOption = False
) -> None:
    """Install the hooks, chained with whatever is there; safe to repeat."""
    refuse_own(memory)
    found, own = place(memory, project)
    states = _install(own or find_project(project or here()), found)
    _print_hooks(states, json)
    if any(s.state in ("unsupported", "foreign") for s in states):
        raise typer.Exit(1)


def hooks_uninstall(
    memory: MemoryOption = None, project: ProjectOption = None, now: NowOption = None, json: JsonOption = False
) -> None:
    """Take the hooks out and put back what was there before."""
    refuse_own(memory)
    _print_hooks(githooks.uninstall(find_project(project or here()).root), json)


def hooks_status(
    memory: MemoryOption = None, project: ProjectOption = None, now: NowOption = None, json: JsonOption = False
) -> None:
    """Which hooks are installed, chained or missing; exit 1 where one is not in place."""
    refuse_own(memory)
    found, own = place(memory, project)
    states = githooks.status((own or find_project(project or here())).root, found.spool, _drain(found))
    _print_hooks(states, json)
    if any(s.state not in ("installed", "chained", "moved") for s in states):
        raise typer.Exit(1)
