"""agents: setting coding agents up to know this memory, and taking that back.

The one rule: the exact change is shown before it is made, and nothing is made that nobody consented to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from kairos_git import resources
from kairos_git.capture.agents import block, clients, installing, settingsfile, standing
from kairos_git.capture.place import find_memory
from kairos_git.capture.project import find_project, here
from kairos_git.cli import show
from kairos_git.cli.options import JsonOption, MemoryOption, ProjectOption
from kairos_git.errors import NotFound, Refused, UsageError
from kairos_git.memory import seed
from kairos_git.memory.repository import Memory
from kairos_git.memory.selection import select

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Show the change and make none.")]


def register(app: typer.Typer) -> None:
    agents = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The coding agents that know this memory.")
    agents.command(short_help="let an agent know this memory")(install)
    agents.command(short_help="take exactly ours back out")(uninstall)
    agents.command(short_help="what is set up where, and whether it still works")(status)
    agents.command(short_help="write the managed blocks anew")(refresh)
    agents.command(short_help="where the plugin for Claude Code lies")(plugin)
    app.add_typer(agents, name="agents", short_help="the coding agents that know this memory")


def install(
    agent: Annotated[str, typer.Argument(metavar="AGENT", help=f"One of {', '.join(clients.CLIENTS)}.")],
    how: Annotated[
        list[str] | None,
        typer.Option("--how", metavar="WAY", help=f"One or more of {', '.join(clients.HOWS)}; hooks by default."),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(
            "--scope", metavar="SCOPE", help="`user`, or `project` for this project alone (auto-memory and block: always)."
        ),
    ] = None,
    yes: YesOption = False,
    dry_run: DryOption = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Let an agent know this memory: shows the exact change to its settings, asks, writes; safe to repeat."""
    client = clients.client(agent)
    ways = list(dict.fromkeys(how or ["hooks"]))
    root = _root(project)
    asks = [_ask(client, way, scope, root, memory, project) for way in ways]
    changes = installing.plan(asks)
    made = _go(changes, root, yes=yes, dry=dry_run, json=json, what=f"Set {client.title} up like this")
    if made and client.note and "hooks" in ways and not json:
        show.answer(client.note)


def _ask(
    client: clients.Client, way: str, scope: str | None, root: str, memory: str | None, project: str | None
) -> installing.Ask:  # fmt: skip
    """One way in, checked. Raises UsageError and NotFound."""
    if way not in clients.HOWS:
        raise UsageError(f"{way!r} is no way in. Use one of: {', '.join(clients.HOWS)}.")
    if way not in client.ways():
        raise UsageError(f"{client.title} has no {way}. Use one of: {', '.join(client.ways())}.")
    if scope not in (None, *clients.SCOPES):
        raise UsageError(f"{scope!r} is no scope. Use one of: {', '.join(clients.SCOPES)}.")
    where = scope or ("project" if way in ("auto-memory", "block") else "user")
    if way == "block" and where == "user":
        raise UsageError("A block stands in a project's own file; leave --scope out.")
    if where == "project" and not root:
        raise NotFound(f"{project or here()} is not in a git repository. Name the project's folder with --project.")
    found = find_memory(memory, project) if way in ("auto-memory", "block") else None
    facts = _facts(found) if found and way == "block" else ()
    return installing.Ask(client, way, where, seed.command(), root, found.path if found else "", facts)


def _root(project: str | None) -> str:
    """The work tree of the project, "" outside one."""
    try:
        return find_project(project or here()).root
    except NotFound:
        if project:
            raise
        return ""


def _facts(memory: Memory) -> list[str]:
    """What the index of a memory says, without its marks."""
    return [line.text for line in select([f for f in memory.snapshot().facts.values() if f.state == "confirmed"])]


def _go(
    changes: Sequence[installing.Change], root: str, *, yes: bool, dry: bool, json: bool, what: str
) -> list[installing.Change]:  # fmt: skip
    """Show changes, ask, make them; those that were made. Raises Refused where nobody consented."""
    wanted = [change for change in changes if not change.empty]
    for change in wanted:
        installing.check(change, root)
    if json:
        writes = yes and not dry
        rows = [
            {"path": c.file.target, "how": list(c.hows), "diff": c.diff(), "written": writes and not c.empty} for c in changes
        ]
        show.as_json({"changes": rows})
    else:
        for change in wanted:
            show.answer(change.diff().rstrip("\n"))
    if not wanted or dry:
        if not wanted and not json:
            show.answer("nothing to change")
        return []
    if not yes:
        _consent(what, json=json)
    for change in wanted:
        installing.prepare(change, root)
    for line in [installing.apply(change) for change in wanted]:
        (show.note if json else show.answer)(line)
    return wanted


def _consent(what: str, *, json: bool) -> None:
    if json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("Nothing was changed: nobody is here to ask. Run it again with --yes to make this change.")
    if not typer.confirm(f"{what}?", default=False):
        raise Refused("Nothing was changed.")


def _clients(names: Sequence[str] | None) -> list[clients.Client]:
    return [clients.client(name) for name in names] if names else list(clients.CLIENTS.values())


def uninstall(
    agent: Annotated[list[str] | None, typer.Argument(metavar="[AGENT]...", help="Which; all by default.")] = None,
    yes: YesOption = False,
    dry_run: DryOption = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Take exactly our entries out of the agents' settings, for this user and this project; nothing else changes."""
    root = _root(project)
    named = _clients(agent)
    changes = installing.unplan(named, seed.command(), root)
    unread = {found.path: found.note for found in standing.look(named, seed.command(), root) if found.state == "unreadable"}
    for path, note in unread.items():
        show.note(note if note.startswith(path) else f"{path} was left as it is: {note}")
    _go(changes, root, yes=yes, dry=dry_run, json=json, what="Take this out")


def status(project: ProjectOption = None, json: JsonOption = False) -> None:
    """What is set up where: installed, moved, outdated, edited or unreadable; exit 1 where something needs a hand."""
    found = standing.look(clients.CLIENTS.values(), seed.command(), _root(project))
    if json:
        show.as_json([s._asdict() for s in found])
    elif found:
        show.table(
            ("agent", "way", "scope", "state", "where", "note"),
            [(s.agent, s.how, s.scope, s.state, s.path, s.note) for s in found],
        )
    else:
        show.answer("no agent is set up; `kairos-git agents install claude` does it")
    if any(s.state not in ("installed", "edited") for s in found):
        raise typer.Exit(1)


def refresh(memory: MemoryOption = None, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Write the managed blocks of this project's CLAUDE.md, AGENTS.md or GEMINI.md anew, where one stands."""
    found = find_memory(memory, project)
    root = find_project(project or here()).root
    names = dict.fromkeys(name for client in clients.CLIENTS.values() for name in client.guide)
    files = {file.target: file for name in names if (file := settingsfile.read(os.path.join(root, name))).text is not None}
    body = block.format_block(_facts(found))
    changes = [
        installing.Change(file, block.put_block(file.text, body), ("block",), ours=True)
        for file in files.values()
        if block.find(file.text or "") is not None
    ]
    _go(changes, root, yes=True, dry=False, json=json, what="")


def plugin() -> None:
    """Where the plugin for Claude Code lies: `claude --plugin-dir "$(kairos-git agents plugin)"`."""
    show.answer(os.path.join(resources.folder("templates"), "claude-plugin"))
