"""dream, facts, why, dreams, show, log: making and reading what is believed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import typer

from kairos_git.capture.project import owner_addresses
from kairos_git.cli import audience, show
from kairos_git.cli.dreamed import dreamed_json, print_dreamed, told_if_refused, told_operations
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.dream.fold import fold
from kairos_git.errors import UsageError
from kairos_git.memory import history
from kairos_git.memory.fact import LIVE, Fact, sort_key
from kairos_git.memory.observation import SOURCES
from kairos_git.memory.vault import HIDDEN, VAULT, in_vault, vaulted
from kairos_git.recall.believed import believed
from kairos_git.recall.reasons import Reasons, why
from kairos_git.runner.awake import world
from kairos_git.runner.awake.children import die_with_parent
from kairos_git.runner.awake.upkeep import tidy
from kairos_git.runner.cycle import dream as run_dream
from kairos_git.runner.health.check import history_of
from kairos_git.runner.model import batches, proposing
from kairos_git.runner.own import dream_too

ENDED = ("superseded", "retired", "rejected")
STATES = (*LIVE, *ENDED)

FactArgument = Annotated[str, typer.Argument(metavar="FACT", help="A fact's id, or its beginning: f-3vq8.")]


def register(app: typer.Typer) -> None:
    app.command("dream", short_help="fold what is new into facts: one commit")(dream)
    app.command("facts", short_help="what is believed")(facts)
    app.command("why", short_help="why a fact stands, with all its evidence")(why_)
    app.command("dreams", short_help="the dreams, newest first")(dreams)
    app.command("show", short_help="one dream: what it changed, and why")(show_)
    app.command("log", short_help="the observations")(log)


def dream(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Build the dream's commit, print its id, and land nothing.")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="Leave the dream for `review` and `land`; land nothing.")] = False,
    submit: Annotated[
        bool, typer.Option("--submit", help="Hand the model's questions over as a Message Batch, at half price.")
    ] = False,
    collect: Annotated[
        bool, typer.Option("--collect", help="Take back the batches that have ended, and dream with them.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Whether one is due by itself: each gate with its value. Dreams nothing.")
    ] = False,
    by_itself: Annotated[
        bool,
        typer.Option(
            "--by-itself", hidden=True, help="As a tick starts it: of lower priority, and it ends when standard input does."
        ),
    ] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Fold what is new into facts: one commit, or why there was nothing to do.

    Where kairos.yaml names a model, it is shown what the rules cannot read, and proposes; what it cost is said.
    """
    if dry_run and propose:
        raise UsageError("Give either --dry-run, which keeps nothing, or --propose, which keeps the dream for review.")
    if submit and collect:
        raise UsageError("Give either --submit or --collect.")
    if by_itself:
        die_with_parent()
    found, own = place(memory, project)
    if why:
        found_gates = world.gates(found, own, present(now))
        show.as_json([g._asdict() for g in found_gates]) if json else show.answer("\n".join(map(str, found_gates)))
        return
    owners = owner_addresses(own) if own else ()
    asks = batches.submit if submit else batches.collect if collect else proposing.ask
    with told_if_refused(found, json), show.progress() as step:
        done = run_dream(found, own, present(now), dry=dry_run, owners=owners, progress=step, propose=propose, ask=asks)
    if by_itself:
        tidy(found)
    beside = dream_too(found, present(now), by_itself=by_itself) if not (dry_run or propose or submit or collect) else None
    if json:
        show.as_json(
            dreamed_json(done) | ({"own": beside if isinstance(beside, str) else dreamed_json(beside)} if beside else {})
        )
        return
    print_dreamed(done, found.path)
    if beside is not None:
        show.answer(f"your own memory: {beside if isinstance(beside, str) else beside.reason}")


def fact_json(fact: Fact) -> dict[str, Any]:
    """One fact, in the form scripts rely on."""
    return {
        "id": fact.id, "slot": fact.key, "value": fact.value, "text": fact.text, "state": fact.state, "topic": fact.topic,
        "from": fact.since, "until": fact.until or None, "evidence": list(fact.evidence),
    }  # fmt: skip


def _known(option: str, given: str | None, names: Sequence[str]) -> None:
    """A misspelt name must not look like an empty answer. Raises UsageError."""
    if given is not None and given not in names:
        raise UsageError(f"{option} {given}: use one of {', '.join(names)}.")


def facts(
    topic: Annotated[str | None, typer.Option("--topic", metavar="TOPIC", help="Only the facts of one topic.")] = None,
    state: Annotated[str | None, typer.Option("--state", metavar="STATE", help=f"Only one state: {', '.join(STATES)}.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Superseded, retired and rejected ones too.")] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """What is believed, as the last dream left it."""
    _known("--state", state, STATES)
    found, _ = place(memory, project)
    held = believed(found)
    listed = list(held.facts)
    if all_ or state in ENDED:
        here = found.snapshot()
        live = {f.id for f in listed}
        listed += [f for f in fold(here.observations, here.annotations, here.rulings).facts if not f.live and f.id not in live]
    listed = sorted((f for f in listed if topic in (None, f.topic) and state in (None, f.state)), key=sort_key)
    if topic == VAULT:
        audience.open_vault()
    else:
        listed = [f for f in listed if not in_vault(f.slot)]
    for line in held.notes:
        show.note(line)
    audience.shown(found, (f.id for f in listed), present(now))
    if json:
        show.as_json([fact_json(f) for f in listed])
    elif listed:
        rows = [(f.id, f.state, f.since, f.key, f.text + (f" (until {f.until})" if f.until else "")) for f in listed]
        show.table(("fact", "state", "from", "slot", "text"), rows)
    else:
        show.note("no such fact yet; `kairos-git dream` folds what was observed")


def why_(
    fact: FactArgument,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Why a fact stands: every observation with its weight, what contradicts it, the rulings, the dreams."""
    found, _ = place(memory, project)
    reasons = why(found.snapshot(), fact)
    if in_vault(reasons.fact.slot):
        audience.open_vault()
    audience.shown(found, (reasons.fact.id, *(v.id for v in reasons.voices)), present(now))
    touched = history_of(found, reasons.fact.id)
    if json:
        dreams_ = [{"dream": e.id, "time": e.time, "subject": e.subject} for e in touched]
        show.as_json({"fact": fact_json(reasons.fact), **reasons.as_json(), "dreams": dreams_})
        return
    _print_reasons(reasons)
    for e in touched:
        show.answer(f"dream     {e.id[:12]} {e.time[:10]} {e.subject}")


def _print_reasons(r: Reasons) -> None:
    f = r.fact
    show.answer(f"{f.id}  {f.text}")
    show.answer(f"slot      {f.key}")
    show.answer(f"state     {f.state}, from {f.since}{' until ' + f.until if f.until else ''}: {r.reason}")
    show.answer(f"score     {r.score:g} (confirmed from 2, no longer below 1)")
    for v in r.voices:
        counted = f"+{v.weight:g}" if v.counts else "  0"
        show.answer(
            f"{'for' if not v.against else 'against':8}  {v.id} {v.time[:16].replace('T', ' ')} {v.src} (rank {v.rank}, {counted}, root {v.root}): {v.text}"
        )
        if v.note:
            show.answer(f"          {v.note}")
    for line in r.past:
        show.answer(f"before    {line}")
    for a in r.proposals:
        show.answer(f"proposal  {a.id} {a.op} by {a.model} (prompt {a.prompt}): “{a.quote}”")
        show.answer("          it added no evidence and no trust; evidence decided")
    for ruling in r.rulings:
        where = f", in commit {ruling.commit}" if ruling.commit else ""  # the revert or edit it was found in
        show.answer(
            f"ruling    {ruling.id} {ruling.time[:16].replace('T', ' ')} {ruling.kind} by {ruling.by or 'the owner'}{where}"
        )


def dreams(
    most: Annotated[int, typer.Option("--most", "-n", min=1, metavar="N", help="How many, newest first.")] = 20,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """The dreams that made the facts, newest first."""
    found, _ = place(memory, project)
    listed = [e for _, e in zip(range(most), history.dreams(found.git), strict=False)]
    if json:
        show.as_json(
            [{"dream": e.id, "time": e.time, "subject": e.subject, "through": next(iter(e.through), None)} for e in listed]
        )
    elif listed:
        show.table(("dream", "time", "what"), [(e.id[:12], e.time[:16].replace("T", " "), e.subject) for e in listed])
    else:
        show.note("no dream yet; `kairos-git dream` makes one when there is something to believe")


def show_(
    dream_: Annotated[
        str | None, typer.Argument(metavar="DREAM", help="A dream's commit id, or its beginning; the last dream by default.")
    ] = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """One dream: what it changed and why, and the lines that came and went."""
    found, _ = place(memory, project)
    last = next(history.dreams(found.git), None)
    commit = found.git.resolve(dream_) if dream_ else last.id if last else found.head()
    if commit is None:
        raise UsageError(f"{dream_} names no commit of the memory. `kairos-git dreams` lists the dreams.")
    told = history.read_commit(found.git, commit)
    if json:
        ops = told_operations(told.message)
        show.as_json({"dream": commit, "time": told.time, "subject": told.subject, "ops": ops, "trailers": told.trailers})
        return
    show.answer(f"dream    {commit}\ntime     {told.time}\nauthor   {told.author}\n\n{told.message.rstrip()}\n")
    show.answer(told.patch)


def log(
    day: Annotated[str | None, typer.Option("--day", metavar="DATE", help="Only this day, 2026-11-21.")] = None,
    src: Annotated[str | None, typer.Option("--src", metavar="SRC", help=f"Only one source: {', '.join(SOURCES)}.")] = None,
    most: Annotated[int, typer.Option("--most", "-n", min=1, metavar="N", help="How many, the newest last.")] = 20,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """The observations, oldest first."""
    _known("--src", src, SOURCES)
    try:
        day = None if day is None else date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise UsageError(f"--day {day}: write a date like 2026-11-21.") from error
    found, _ = place(memory, project)
    here = found.snapshot()
    lines = (o._replace(text=HIDDEN) if vaulted(o) else o for o in here.observations)
    told = sorted((o for o in lines if day in (None, o.day) and src in (None, o.src)), key=lambda o: (o.epoch, o.id))[-most:]
    show.problems(here.problems)
    audience.shown(found, (o.id for o in told), present(now))
    if json:
        show.as_json(
            [
                {
                    "id": o.id,
                    "time": o.time,
                    "src": o.src,
                    "text": o.text,
                    "session": o.sess,
                    "root": o.origin,
                    "branch": o.branch,
                    "at": o.at,
                }
                for o in told
            ]
        )
    else:
        show.table(("time", "src", "id", "text"), [(o.time[:19].replace("T", " "), o.src, o.id, o.text) for o in told])
