"""check: where the project's hand-written texts contradict its tree."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from kairos_git.capture.project import Project, find_project, here
from kairos_git.cli import show
from kairos_git.cli.options import JsonOption, ProjectOption
from kairos_git.errors import NotFound, UsageError


def register(app: typer.Typer) -> None:
    app.command(short_help="where CLAUDE.md, AGENTS.md or the README contradict the tree")(check)


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILES", help="The texts to check: agent files and the root's README where none are named."),
    ] = None,
    ci: Annotated[
        bool, typer.Option("--ci", help="Findings only, for a pull request: as annotations too where GITHUB_ACTIONS is set.")
    ] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Where CLAUDE.md, AGENTS.md and the README contradict the tree: paths, commands, versions, settings; exit 1 with findings.

    Looks at the work tree as it is, and at git's history for what moved. Needs no memory and changes nothing.
    """
    from kairos_git.capture.check import check as contradictions

    found = find_project(project or here())
    if found.bare:
        raise NotFound(f"{found.root} is a bare repository: it has no work tree to check. Clone it, and check the clone.")
    findings, problems = contradictions(found.root, _from_root(found, files, project) if files else None)
    for problem in problems:
        show.note(str(problem))
    if json:
        show.as_json([f._asdict() for f in findings])
    else:
        for f in findings:
            # A runner would take a line that begins with two colons for its own.
            guard = "./" if f.file.lstrip().startswith("::") else ""
            show.answer(f"{guard}{f.file}:{f.line}: says `{f.says}`; {f.tree}")
            if ci and os.environ.get("GITHUB_ACTIONS"):
                place = f"file={_escaped(f.file, ':,')},line={f.line},title=kairos-git check"
                show.answer(f"::warning {place}::{_escaped(f'says `{f.says}`; {f.tree}')}")
        if not ci:
            texts = len({f.file for f in findings})
            count = f"{len(findings)} contradiction{'s' * (len(findings) > 1)} in {texts} file{'s' * (texts > 1)}"
            show.note(count if findings else "nothing contradicts the tree")
    if findings:
        raise typer.Exit(1)


def _from_root(found: Project, files: Sequence[str], project: str | None) -> list[str]:
    """The named files as paths from the project's root. Raises UsageError for one that lies outside."""
    root, start = os.path.realpath(found.root), os.path.realpath(project or here())
    named = []
    for file in files:
        path = os.path.relpath(os.path.normpath(os.path.join(start, file)), root)
        if path.startswith("../") or path == "..":
            raise UsageError(f"{file} is not in {root}. Name files of this repository.")
        named.append(path)
    return named


def _escaped(text: str, also: str = "") -> str:
    """Text as a workflow command takes it: percent signs and line breaks coded, in a property colons and commas too."""
    for character in "%\r\n" + also:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
