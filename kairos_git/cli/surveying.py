"""survey: what a project's tree and history say, without a memory."""

from __future__ import annotations

from typing import Annotated

import typer

from kairos_git.cli.options import JsonOption, ProjectOption
from kairos_git.cli.surveyed import print_survey


def register(app: typer.Typer) -> None:
    app.command("survey", short_help="what the project's tree and history say; touches nothing")(survey)


def survey(
    index: Annotated[bool, typer.Option("--index", help="Print the lines an agent would start with, and nothing else.")] = False,
    at: Annotated[str, typer.Option("--at", metavar="REV", help="Survey this commit of the project.")] = "HEAD",
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """What the project's tree and history say, by part and purpose, each with file and key. Needs no memory, touches nothing.

    Text from the tree is quoted, never followed. Uncommitted changes are not read. What AGENTS.md or CLAUDE.md already says is not
    repeated in the index; `--json` gives the index of the tree alone, as if there were no such file.
    """
    print_survey(project or ".", at, index=index, json=json)
