"""shell-init and schedule: what lets memory notice and move by itself.

The one rule: the exact change is shown before it is made, and nothing is made that nobody consented to.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from kairos_git.capture.place import find_memory, refuse_own
from kairos_git.capture.project import find_project, here, linked_memory
from kairos_git.capture.terminal.shell import SHELLS, shell_init
from kairos_git.cli import show
from kairos_git.cli.options import JsonOption, MemoryOption, ProjectOption
from kairos_git.errors import Refused, UsageError
from kairos_git.memory import seed
from kairos_git.memory.files import read_regular
from kairos_git.memory.repository import Memory
from kairos_git.runner.schedule import schedulers
from kairos_git.runner.schedule import units as schedule
from kairos_git.settings import essentials


def register(app: typer.Typer) -> None:
    app.command("shell-init", short_help="what your shell takes in to note what is typed")(shell_init_)
    group = typer.Typer(
        no_args_is_help=True, rich_markup_mode=None, help="A tick every few minutes, by this machine's scheduler."
    )
    group.command("install", short_help="let systemd, launchd or cron tick")(install)
    group.command("uninstall", short_help="take the schedule away")(uninstall)
    group.command("status", short_help="whether it is installed and runs")(status)
    app.add_typer(group, name="schedule", short_help="a tick every few minutes")


def shell_init_(shell: Annotated[str, typer.Argument(metavar="SHELL", help=f"One of {', '.join(SHELLS)}.")]) -> None:
    """Print the functions that note what is typed: command, folder, exit code, duration, never output. For `eval`, at a shell's start."""
    show.answer(shell_init(shell).rstrip("\n"))


def install(
    every: Annotated[str, typer.Option("--every", metavar="SPAN", help="How often: 5m, 15m, 1h.")] = schedule.format_every(
        schedule.EVERY
    ),
    how: Annotated[
        str | None,
        typer.Option("--how", metavar="WAY", help=f"One of {', '.join(schedule.HOWS)}; what this machine has by default."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change and make none.")] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Let this machine's scheduler run `kairos-git tick`: shows what it writes, asks, writes; safe to repeat."""
    if how not in (None, *schedule.HOWS):
        raise UsageError(f"{how!r} is no way to schedule. Use one of: {', '.join(schedule.HOWS)}.")
    minutes = schedule.parse_every(every)
    found, wanted = _schedule(memory, project, minutes)
    way = how or schedulers.best()
    around = essentials()
    for path, content in schedulers.plan(wanted, way, around).items():
        state = "as it is" if read_regular(path) == content else "written"
        show.answer(f"{path} ({state}):\n" + "".join(f"    {line}\n" for line in content.decode().splitlines()))
    if way == "cron":
        show.answer(f"crontab, one line:\n    {schedule.cron_line(wanted)}\n")
    show.answer(f"Keys a tick needs (ANTHROPIC_API_KEY=…) go to {wanted.keys}, mode 0600; none is written here.")
    if dry_run:
        return
    if not yes:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise Refused("Nothing was changed: nobody is here to ask. Run it again with --yes to make this change.")
        if not typer.confirm("Write this?", default=False):
            raise Refused("Nothing was changed.")
    for line in schedulers.install(found, wanted, way, around):
        show.note(line)
    show.answer(f"{way} ticks every {schedule.format_every(minutes)}; `kairos-git schedule uninstall` ends it")


def uninstall(memory: MemoryOption = None, project: ProjectOption = None) -> None:
    """Take the schedule away from every scheduler, without a trace."""
    found, installed = _installed(memory, project)
    taken = schedulers.uninstall(found, installed)
    for where in taken:
        show.answer(f"taken out of {where}" if where == "crontab" else f"removed {where}")
    if not taken:
        show.answer("no schedule is installed")


def status(memory: MemoryOption = None, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Whether a schedule is installed and the scheduler runs it; exit 1 where not."""
    found, installed = _installed(memory, project)
    noted = schedulers.scheduled(found)
    standing = schedulers.standing(installed, essentials())
    if json:
        every = schedule.format_every(noted.minutes) if noted else None
        show.as_json([{**s._asdict(), "every": every} for s in standing])
    elif standing:
        every = schedule.format_every(noted.minutes) if noted else "?"
        show.table(("how", "every", "state", "where", "note"), [(s.how, every, s.state, s.where, s.note) for s in standing])
    else:
        show.answer("no schedule is installed; `kairos-git schedule install` makes one")
    if not standing or any(s.state != "installed" for s in standing):
        raise typer.Exit(1)


def _installed(memory: str | None, project: str | None) -> tuple[Memory, schedule.Schedule]:
    """The memory, and its schedule as it was noted when it was installed, for a project that may be gone; else what it would have."""
    refuse_own(memory)
    found = find_memory(memory, project)
    noted = schedulers.scheduled(found)
    return (found, noted) if noted else _schedule(memory, project, schedule.EVERY)


def _schedule(memory: str | None, project: str | None, minutes: int) -> tuple[Memory, schedule.Schedule]:
    """The memory, and the schedule its project would have. Raises NotFound and UsageError."""
    refuse_own(memory)
    found = find_memory(memory, project)
    own = find_project(project or here())
    command = [*seed.command(), "tick", "--project", own.main_root]
    if os.path.realpath(linked_memory(own)) != os.path.realpath(found.path):
        command += ["--memory", found.path]
    return found, schedulers.schedule_of(found, own.main_root, command, minutes)
