"""observe, drain: what goes into the log."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from kairos_git.capture import spool
from kairos_git.capture.project import owner_addresses
from kairos_git.cli import show
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.errors import Busy, Diverged, NotFound, Problem, UsageError
from kairos_git.memory.daylog import log_path
from kairos_git.memory.observation import SOURCES, Observation, observe, parse_time
from kairos_git.memory.redact import redact
from kairos_git.memory.repository import LOCK_SECONDS, Memory
from kairos_git.memory.text import LONGEST, one_line
from kairos_git.runner.cycle import at_desk, gather
from kairos_git.settings import environment

SAYABLE = tuple(s for s in SOURCES if s != "memory")
TIMED = datetime.fromtimestamp(0, UTC)  # stands in where a row has its own time
LONGEST_LINE = 1 << 20  # bytes of one row of a batch


def register(app: typer.Typer) -> None:
    app.command("observe", short_help="write something down, durably")(observe_)
    app.command(hidden=True)(drain)


def observe_(
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What is to be remembered; `-` reads it from standard input.")
    ] = None,
    src: Annotated[
        str | None,
        typer.Option("--src", metavar="SRC", help=f"Who speaks: {', '.join(SAYABLE)}. Inside an agent it is always agent."),
    ] = None,
    session: Annotated[
        str, typer.Option("--session", metavar="S", help="The session it was said in; one session has one voice.")
    ] = "",
    root: Annotated[
        str, typer.Option("--root", metavar="R", help="Where the information came from, if not from the session.")
    ] = "",
    time: Annotated[
        str | None, typer.Option("--time", metavar="ISO", help="When it was said, with offset; now by default.")
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch", metavar="FILE", help="Rows of JSON with text, src, session, root, time, branch; `-` reads standard input."
        ),
    ] = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Write an observation down, durably: when this returns, it is safe. A later dream folds it."""
    if (text is None) == (batch is None):
        raise UsageError("Give either a TEXT or --batch FILE.")
    found, _ = place(memory, project)
    when = present(now)
    if batch is not None:
        rows = _rows(batch)
        free = sum(not row.get("time") for _, row in rows)
        told = _batch(batch, rows, iter(spool.moments(found, when, free) if free and not now else [when] * free))
        spool.acknowledge(found, told)
        ids = [o.id for o in told]
        show.as_json({"ids": ids, "count": len(ids)}) if json else show.answer(f"{len(ids)} observations are safe")
        return
    words = sys.stdin.read() if text == "-" else text or ""
    if time is None and now is None:
        (when,) = spool.moments(found, when)
    o = _make({"text": words, "src": src, "session": session, "root": root, "time": time}, when)
    spool.acknowledge(found, [o])
    where = _place_of(found, o)
    if json:
        show.as_json({"id": o.id, **({"path": where[0], "line": where[1]} if where else {})})
    else:
        show.answer(o.id)


def _make(row: dict[str, Any], when: datetime) -> Observation:
    """An observation from what a caller gave. Raises UsageError."""
    for name in ("text", "src", "session", "root", "time", "branch"):
        if row.get(name) is not None and not isinstance(row[name], str):
            raise UsageError(f"{name} is not a text")
    agent = environment().agent
    src = row.get("src") or ("agent" if agent else "owner")
    if src not in SAYABLE:
        raise UsageError(f"{src!r} is not a source one can speak as. Use one of: {', '.join(SAYABLE)}.")
    if agent and src not in ("agent", "import", "external"):
        src = "agent"
    moment = parse_time(row["time"]) if row.get("time") else when
    session = _name(row, "session")
    if src == "agent" and not session:
        session = f"agent-{moment.date().isoformat()}"  # nameless calls of one day are one voice
    text = redact((row.get("text") or "")[: 4 * LONGEST]).text  # the log keeps LONGEST; looking far past it costs seconds
    return observe(moment, text, src, sess=session, root=_name(row, "root"), branch=_name(row, "branch"))


def _name(row: dict[str, Any], field: str) -> str:
    return one_line(redact((row.get(field) or "")[:400]).text, 200)


def _rows(path: str) -> list[tuple[int, dict[str, Any]]]:
    """(line, row) of a batch file; a row that is no JSON object is an empty one, which is named as bad later."""
    try:
        with open(0 if path == "-" else path, encoding="utf-8", errors="surrogateescape", closefd=path != "-") as file:
            lines = file.read().split("\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    rows = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = jsonlib.loads(line) if len(line) <= LONGEST_LINE else None
            except (ValueError, RecursionError):
                row = None
            rows.append((number, row if isinstance(row, dict) else {}))
    return rows


def _batch(path: str, rows: list[tuple[int, dict[str, Any]]], times: Iterator[datetime]) -> list[Observation]:
    """The observations of a batch, in order. All of it or nothing: every bad row is named, and then nothing is written."""
    told: list[Observation] = []
    bad: list[Problem] = []
    for number, row in rows:
        try:
            if not row:
                raise UsageError(f"is not a JSON object of at most {LONGEST_LINE} bytes")
            told.append(_make(row, next(times) if not row.get("time") else TIMED))
        except UsageError as error:
            bad.append(Problem(path, number, str(error)))
    if bad:
        show.problems(bad)
        raise UsageError(f"{len(bad)} of {len(rows)} rows are bad; nothing was written. Mend them and run it again.")
    return told


def _place_of(memory: Memory, o: Observation) -> tuple[str, int] | None:
    """Where an observation stands in the log, if it was written down and drained before."""
    found = memory.git.text("grep", "-n", "-F", "-e", f"<!--o {o.id} ", "HEAD", "--", log_path(o.day), check=False)
    parts = found.split(":", 3)
    return (parts[1], int(parts[2])) if len(parts) == 4 else None


def drain(
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Say nothing; leave it to the next one where another is at work.")
    ] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
) -> None:
    """Move the spool into the day logs, and read what is new in the project's git. Hooks start it in the background."""
    try:
        found, own = place(memory, project)
        with at_desk(found, present(now), seconds=0.2 if quiet else LOCK_SECONDS) as (desk, _):
            problems = gather(desk, own, present(now), owner_addresses(own) if own else (), probes=False)
    except (Busy, NotFound, Diverged):
        if quiet:
            raise typer.Exit(0) from None
        raise
    if not quiet:
        show.problems(problems)
        show.answer(f"{spool.waiting(found)} lines wait; the rest is in the log")
