"""The options that commands share, and what they mean.

The one rule: one option has one meaning everywhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from kairos_git.capture.place import find_memory, project_of
from kairos_git.capture.project import Project
from kairos_git.memory.observation import parse_time
from kairos_git.memory.repository import Memory


def _checked(time: str | None) -> str | None:
    """A time is read before anything else happens, also where a command turns out not to need it. Raises UsageError."""
    if time:
        parse_time(time)
    return time


MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="DIR",
        envvar="KAIROS_MEMORY",
        help="The memory repository, where it is not the project's own; `me` is yours.",
    ),
]
ProjectOption = Annotated[
    str | None, typer.Option("--project", metavar="DIR", help="The project's folder, where it is not the current one.")
]
# every command takes it, so that a script can give the same options to all; what reads no clock only checks it
NowOption = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        callback=_checked,
        help="Take this for the present time (ISO 8601 with offset): for tests and replay.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value, for scripts.")]


def present(now: str | None) -> datetime:
    """The time a command works at: `--now`, else the clock, to the second, with the local offset."""
    return parse_time(now) if now else datetime.now().astimezone().replace(microsecond=0)


def place(memory: str | None, project: str | None) -> tuple[Memory, Project | None]:
    """The memory a command means, and the project it is called in, if that is the memory's own."""
    found = find_memory(memory, project)
    return found, project_of(found, project)
