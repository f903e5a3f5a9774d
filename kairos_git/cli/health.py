"""status, doctor, fsck: is it well?"""

from __future__ import annotations

from typing import Annotated

import typer

from kairos_git.cli import quick, show
from kairos_git.cli.glance import print_status
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.runner.health import check
from kairos_git.runner.health.doctor import doctor as look


def register(app: typer.Typer) -> None:
    app.callback()(_root)
    app.command(short_help="a glance: what stands, what waits")(status)
    app.command(short_help="is everything safe and in place?")(doctor)
    app.command(short_help="do all 15 laws hold?")(fsck)


def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        quick.COMMANDS["--version"]([])
        raise typer.Exit


def status(memory: MemoryOption = None, project: ProjectOption = None, now: NowOption = None, json: JsonOption = False) -> None:
    """What stands, what waits, when the last dream was. Cheap."""
    print_status(memory, project, now, json=json)


def doctor(memory: MemoryOption = None, project: ProjectOption = None, now: NowOption = None, json: JsonOption = False) -> None:
    """Look at everything that must be so for the memory to be safe; exit 1 with findings. Changes nothing."""
    found, own = place(memory, project)
    findings = look(found, own, present(now))
    if json:
        show.as_json({"ok": all(f.ok for f in findings), "findings": [f._asdict() for f in findings]})
    else:
        for f in findings:
            show.answer(f"{'ok ' if f.ok else 'BAD'}  {f.what}" + ("" if f.ok else f"\n     {f.advice}"))
    if not all(f.ok for f in findings):
        raise typer.Exit(1)


def fsck(
    at: Annotated[str, typer.Option("--at", metavar="COMMIT", help="Check the memory as of this commit.")] = "HEAD",
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Check every law against what is committed; exit 1 with findings. Changes nothing."""
    found, _ = place(memory, project)
    checked = check.fsck(found, at)
    if json:
        problems = [{"law": p.law, "path": p.path, "line": p.line, "message": p.message} for p in checked.problems]
        show.as_json({"ok": not problems, "commit": checked.commit, "dream": checked.dream, "problems": problems})
    elif checked.problems:
        for p in checked.problems:
            show.answer(f"{p} (law {p.law})")
    else:
        show.answer(
            f"All 15 laws hold at {checked.commit[:12]}"
            + (f", dream {checked.dream[:12]}" if checked.dream else "; no dream yet")
        )
    if checked.problems:
        raise typer.Exit(1)
