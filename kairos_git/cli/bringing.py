"""import: what people wrote for agents by hand, and what other tools remember."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from kairos_git.capture.imports.taking import Offer, offers, take
from kairos_git.capture.project import owner_addresses
from kairos_git.cli import show
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.errors import Refused
from kairos_git.memory.vault import HIDDEN, speaks_of_vault
from kairos_git.settings import environment


def register(app: typer.Typer) -> None:
    app.command("import", short_help="bring CLAUDE.md, AGENTS.md and what other tools remember")(import_)


def import_(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WHAT]...", help="Tools (files, claude, codex, …) or files of the list; everything by default."),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="PATH", help="A Markdown folder or file to read instead: OpenClaw's, basic-memory's, any."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    mine: Annotated[
        bool, typer.Option("--mine", help="Take the lines that others wrote in the project's own files as your word, too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show every line that would be brought, and bring none.")] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Bring what people wrote for agents by hand (CLAUDE.md, AGENTS.md, …), and what other tools remember; first a list of it.

    Nothing is changed there, and nothing is brought twice. A later dream folds it.
    """
    agent = environment().agent
    if mine and agent:
        raise Refused(
            f"--mine is the owner's to say, and this is an agent's environment ({agent} is set). Ask the owner to run it."
        )
    found, own = place(memory, project)
    settings = found.settings()
    owners = [*(owner_addresses(own) if own else ()), *settings.owners]
    made, problems = offers(found, own, owners, what or (), from_, owner=agent is None, mine=mine)
    count = sum(len(o.new) + len(o.gone) for o in made)
    show.problems(problems)
    if not json:
        _list(made, lines=dry_run)
    brought = 0
    if count and not dry_run and (yes or _agreed(count, json)):
        brought = take(made, found, present(now))
    if json:
        show.as_json(
            {
                "found": [_offer_json(o) for o in made],
                "new": count,
                "imported": brought,
                "problems": [p._asdict() for p in problems],
            }
        )
        return
    _close(made, count, brought, dry_run, yes)


def _agreed(count: int, json: bool) -> bool:
    """Ask, on a terminal; elsewhere nobody is there to answer."""
    if json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return typer.confirm(f"Bring {count} lines?", default=False)


def _list(made: Sequence[Offer], *, lines: bool) -> None:
    rows = []
    for offer in made:
        speakers = sorted({line.src for line in offer.source.lines}, reverse=True)
        new, gone = (str(n) if n else "-" for n in (len(offer.new), len(offer.gone)))
        where = "your own memory" if offer.own else ""
        rows.append((offer.source.tool, str(len(offer.source.lines)), new, gone, ", ".join(speakers), offer.source.file, where))
    show.table(("tool", "lines", "new", "gone", "as", "file", "to"), rows)
    for offer in made if lines else ():
        for o in offer.gone:
            show.answer(f"{o.time[:10]}  gone    {offer.source.file}: {o.text}")
        for o in offer.new:
            show.answer(f"{o.time[:10]}  {o.src:6}  {offer.source.file}: {HIDDEN if speaks_of_vault(o.text) else o.text}")


def _close(made: Sequence[Offer], count: int, brought: int, dry_run: bool, yes: bool) -> None:
    others = sum(o.src != "owner" for offer in made for o in offer.new)
    if not made:
        show.note("found nothing to import; --from PATH names a folder")
    elif not count:
        show.answer("everything there is known already")
    elif brought:
        show.answer(f"{brought} lines are safe; `kairos-git dream` folds them")
        if others:
            show.note(
                f"{others} are not your words: they stay tentative until evidence or `kairos-git confirm` (others' lines in CLAUDE.md and its like: --mine)"
            )
    elif not yes:
        show.answer(f"{count} lines would be brought" + ("" if dry_run else "; nothing was: say `kairos-git import --yes`"))


def _offer_json(offer: Offer) -> dict[str, Any]:
    s = offer.source
    return {
        "tool": s.tool, "file": s.file, "lines": len(s.lines), "not_yours": s.by_others, "own": offer.own,
        "gone": [{"id": o.id, "time": o.time, "text": o.text} for o in offer.gone],
        "new": [{"id": o.id, "time": o.time, "src": o.src, "text": o.text} for o in offer.new],
    }  # fmt: skip
