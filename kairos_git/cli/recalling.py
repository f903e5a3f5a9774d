"""recall: what memory holds on a question."""

from __future__ import annotations

from typing import Annotated

import typer

from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption
from kairos_git.memory.observation import SOURCES


def register(app: typer.Typer) -> None:
    app.command("recall", short_help="what memory holds on a question: facts, then the raw log")(recall)


def recall(
    question: Annotated[list[str], typer.Argument(metavar="QUESTION...", help="What to look for, in your own words.")],
    most: Annotated[int, typer.Option("--most", "-n", min=1, metavar="N", help="How many hits, facts and lines together.")] = 10,
    author: Annotated[
        str, typer.Option("--author", metavar="WHO", help="Lines of this source, session, name or address of a commit first.")
    ] = "",
    branch: Annotated[str, typer.Option("--branch", metavar="BRANCH", help="Lines of this branch first.")] = "",
    path: Annotated[
        list[str] | None,
        typer.Option("--path", metavar="PATH", help="Lines about this path of the project first; again for more."),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="Only what was said, or held, on this day or later.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="Only what was said, or held, until this day.")] = "",
    src: Annotated[str, typer.Option("--src", metavar="SRC", help=f"Only lines of one source: {', '.join(SOURCES)}.")] = "",
    vault: Annotated[bool, typer.Option("--vault", help="Look into your vault, too.")] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """What memory holds on a question: facts first, ended ones marked, then the raw log lines with dates and sources.

    Asks the project's memory and your own; exits 1 where neither holds anything.
    """
    from kairos_git.cli.recalled import Asked, print_recall

    text, paths = " ".join(question), tuple(path or ())
    code = print_recall(Asked(text, most, author, branch, paths, since, until, src, vault, json, memory, project, now))
    raise typer.Exit(code)
