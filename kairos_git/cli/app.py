"""The typer application: which commands there are, and the options they share.

The one rule: a command is parse, one call into the program, print.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from kairos_git.capture.place import find_memory, project_of
from kairos_git.capture.project import Project
from kairos_git.gitrun import scrub_process
from kairos_git.memory.observation import parse_time
from kairos_git.memory.repository import Memory

HELP = (
    "A memory for coding agents that its owner can audit like code.\n\nObservations are lines in day logs; a dream folds them into "
    "facts and lands as one git commit; `git log`, `git diff` and `git revert` audit it, and what was reverted stays out."
)
EXITS = (
    "Exit codes: 0 done or nothing to do, 1 the answer is no or findings, 2 usage, 3 no project or memory, 4 busy, diverged or not "
    "writable, 5 the model failed, 6 a dream was refused by the laws, 130 interrupted."
)

MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory", metavar="DIR", envvar="KAIROS_MEMORY", help="The memory repository, where it is not the project's own."
    ),
]
ProjectOption = Annotated[
    str | None, typer.Option("--project", metavar="DIR", help="The project's folder, where it is not the current one.")
]
NowOption = Annotated[
    str | None,
    typer.Option("--now", metavar="TIME", help="Take this for the present time (ISO 8601 with offset): for tests and replay."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value, for scripts.")]


def present(now: str | None) -> datetime:
    """The time a command works at: `--now`, else the clock, to the second, with the local offset."""
    return parse_time(now) if now else datetime.now().astimezone().replace(microsecond=0)


def place(memory: str | None, project: str | None) -> tuple[Memory, Project | None]:
    """The memory a command means, and the project it is called in, if that is the memory's own."""
    found = find_memory(memory, project)
    return found, project_of(found, project)


def application() -> typer.Typer:
    """The whole command line, freshly made."""
    from kairos_git.cli import decisions, health, reading, setup, speaking

    app = typer.Typer(
        name="kairos-git", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, help=HELP, epilog=EXITS
    )
    for module in (setup, speaking, reading, decisions, health):
        module.register(app)
    return app


def run(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run one command; its exit code."""
    scrub_process()
    try:
        application()(args=arguments, prog_name="kairos-git")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
