"""tick, inbox, approve, dismiss, pause, resume, stop: what happens by itself, and the owner's hand on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from kairos_git.bounds import parse_span
from kairos_git.capture.sessions.found import found_of
from kairos_git.cli import resident, show
from kairos_git.cli.decisions import as_owner
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.errors import UsageError
from kairos_git.runner.awake import inbox as box
from kairos_git.runner.awake import switch, thinking
from kairos_git.runner.awake.acting import approve as grant
from kairos_git.runner.awake.decision import summary
from kairos_git.runner.awake.quiet import after, seen_now
from kairos_git.runner.awake.ticking import Ticked
from kairos_git.runner.awake.ticking import tick as run_tick
from kairos_git.runner.awake.world import body_of, world_of
from kairos_git.runner.health.privacy import privacy as look_at_privacy

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The number that `inbox` shows.")]


def register(app: typer.Typer) -> None:
    app.command("tick", short_help="one look: do what is worth it, or stay quiet")(tick)
    app.command("inbox", short_help="what it would do but may not do unasked")(inbox_)
    app.command("approve", short_help="let it do one thing of the inbox, now")(approve)
    app.command("dismiss", short_help="take one thing out of the inbox")(dismiss)
    app.command("pause", short_help="let nothing happen by itself for a while")(pause)
    app.command("resume", short_help="go on after pause or stop")(resume)
    app.command("stop", short_help="let nothing happen by itself until resume")(stop)
    app.command("run", short_help="stay awake: ticks, live watching, deliveries")(run)
    app.command("privacy", short_help="what is observed, what may leave, what left")(privacy)


def ticked_json(t: Ticked) -> dict[str, object]:
    """A tick, in the form scripts rely on."""
    return {
        "acted": [a._asdict() for a in t.done], "quiet": t.quiet.why if t.quiet else None, "notes": list(t.notes),
        "problems": list(t.problems), "gates": [g._asdict() for g in t.gates],
    }  # fmt: skip


def tick(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do and write nothing.")] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """One iteration: drain, survey what changed, dream if it is due, decide, record; or stay quiet and say why."""
    found, own = place(memory, project)
    settings, when = found.settings(), present(now)
    here = found_of(found, own)
    seen = seen_now(here)
    with switch.obeyed(found.own):
        done = run_tick(body_of(found, own, settings), world_of(found, own, settings), settings, when, dry=dry_run)
    if not dry_run and done.looked:
        after(here, seen, when, done.wake)
    if json:
        show.as_json(ticked_json(done))
        return
    for line in done.notes:
        show.note(line)
    for line in done.problems:
        show.note(f"problem: {line}")
    show.answer(summary(done.done, done.quiet))


def inbox_(
    all_: Annotated[bool, typer.Option("--all", help="What was approved and dismissed too.")] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """What it would do but may not do unasked, and what it asks you."""
    found, _ = place(memory, project)
    listed = box.items(found) if all_ else box.waiting(found)
    if json:
        show.as_json([i._asdict() for i in listed])
    elif listed:
        rows = [(str(i.number), i.state, i.action, i.what, f"{i.why} ({i.at[:16].replace('T', ' ')})") for i in listed]
        show.table(("number", "state", "action", "what", "why"), rows)
    else:
        show.note("nothing waits for you")


def approve(number: NumberArgument, memory: MemoryOption = None, project: ProjectOption = None, now: NowOption = None) -> None:
    """Let it do one thing of the inbox, now and once. A command it shows is trusted from then on, until it changes."""
    as_owner("approve")
    found, own = place(memory, project)
    show.answer(grant(body_of(found, own, found.settings()), number, present(now)))


def dismiss(number: NumberArgument, memory: MemoryOption = None, project: ProjectOption = None) -> None:
    """Take one thing out of the inbox. The same wish is not shown again that day."""
    as_owner("dismiss")
    found, _ = place(memory, project)
    show.answer(f"dismissed: {box.settle(found, number, box.DISMISSED).what}")


def pause(
    span: Annotated[
        str | None, typer.Argument(metavar="SPAN", help="How long, `2h` or `30m`; until `resume` by default.")
    ] = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
) -> None:
    """Let nothing happen by itself for a while. Observations go on being written; what you type yourself still works."""
    seconds = parse_span(span) if span is not None else None
    if span is not None and not seconds:
        raise UsageError(f"{span} is not a span of time. Write it like 2h, 30m or 1d.")
    found, _ = place(memory, project)
    until = present(now) + timedelta(seconds=seconds) if seconds else None
    switch.pause(found.own, until)
    show.answer(f"paused until {until.isoformat(sep=' ', timespec='minutes')}" if until else "paused until `kairos-git resume`")


def resume(memory: MemoryOption = None, project: ProjectOption = None) -> None:
    """Go on after `pause` or `stop`; a model whose breaker is open is asked again."""
    as_owner("resume")
    found, _ = place(memory, project)
    there = switch.resume(found.own)
    thinking.mend(found)
    show.answer("goes on" if there else "it was neither paused nor stopped")


def stop(memory: MemoryOption = None, project: ProjectOption = None) -> None:
    """Let nothing happen by itself until `resume`; a resident `run` ends."""
    found, _ = place(memory, project)
    switch.stop(found.own)
    show.answer("stopped until `kairos-git resume`")


def run(
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="N", min=0, max=65535, help="Where GitHub's deliveries come in, 8417 where a secret is set."
        ),
    ] = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Stay awake in the foreground: a tick whenever something changed, live file watching, GitHub's deliveries. `stop` ends it."""
    resident.run(memory, project, port)


def privacy(memory: MemoryOption = None, project: ProjectOption = None, json: JsonOption = False) -> None:
    """In plain words: what is observed, what may leave this machine, how long raw activity is kept; and the last ten things that left."""
    found, _ = place(memory, project)
    told = look_at_privacy(found, found.settings())
    if json:
        left = [x._asdict() | {"data": x.data.decode("utf-8", "replace")} for x in told.left]
        show.as_json(told._asdict() | {"left": left})
        return
    sections = (
        ("Observed", told.observed),
        ("Kept out", told.hidden),
        ("May leave this machine", told.leaves),
        ("Kept", told.kept),
    )
    for title, lines in sections:
        show.answer(title + "\n" + "\n".join(f"  {line}" for line in lines) + "\n")
    show.answer("Left last, byte for byte" if told.left else "Nothing has left this machine.")
    for x in told.left:
        show.answer(f"  {x.number} {x.at[:16].replace('T', ' ')} {x.what} to {x.to}, {len(x.data)} bytes:")
        show.answer(x.data.decode("utf-8", "replace"))
