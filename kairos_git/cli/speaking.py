"""observe, drain: what goes into the log."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from kairos_git.capture import spool
from kairos_git.capture.place import project_of, route
from kairos_git.capture.project import owner_addresses
from kairos_git.capture.sessions.scope import Scope, load_scope
from kairos_git.cli import show
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.errors import Busy, Diverged, NotFound, Problem, Refused, UsageError
from kairos_git.memory.daylog import log_path
from kairos_git.memory.observation import SOURCES, Observation, parse_time
from kairos_git.memory.repository import LOCK_SECONDS, Memory
from kairos_git.runner.cycle import at_desk, gather
from kairos_git.runner.sessions.remembering import Shown, statement
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
    here: Annotated[
        bool, typer.Option("--here", help="Keep a line about yourself with the project, not in your own memory.")
    ] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Write an observation down, durably: when this returns, it is safe. A later dream folds it."""
    if (text is None) == (batch is None):
        raise UsageError("Give either a TEXT or --batch FILE.")
    when = present(now)
    if batch is not None:
        found, _ = place(memory, project)
        rows = _rows(batch)
        free = sum(not row.get("time") for _, row in rows)
        times = iter(spool.moments(found, when, free) if free and not now else [when] * free)
        told = _batch(found, batch, rows, _scope(found, project), times)
        spool.acknowledge(found, told)
        ids = [o.id for o in told]
        show.as_json({"ids": ids, "count": len(ids)}) if json else show.answer(f"{len(ids)} observations are safe")
        return
    words = sys.stdin.read() if text == "-" else text or ""
    found, own, made = route(words, "agent" if environment().agent else src or "owner", memory, project, when, here=here)
    if time is None and now is None:
        (when,) = spool.moments(found, when)
    o = _make(found, {"text": words, "src": src, "session": session, "root": root, "time": time}, when, _scope(found, project))
    spool.acknowledge(found, [o])
    where = _place_of(found, o)
    if own and not memory:
        show.note(f"this is about you: it is in your own memory ({found.path}); --here keeps such a line with the project")
    if made:
        show.note(f"made your own memory, {found.path}, just now")
    if json:
        told_where = {"path": where[0], "line": where[1]} if where else {}
        show.as_json({"id": o.id, **told_where, **({"memory": found.path, "made": made} if own else {})})
    else:
        show.answer(o.id)


def _scope(memory: Memory, project: str | None) -> Scope:
    """What the memory is not to record; private paths are told from the root of its project. Raises Refused."""
    scope = load_scope(memory.path, memory.own)
    own = project_of(memory, project) if scope.private else None
    return scope._replace(root=own.root) if own else scope


def _make(memory: Memory, row: dict[str, Any], when: datetime, scope: Scope, shown: Shown | None = None) -> Observation:
    """An observation from what a caller gave. Raises UsageError, and Refused for what is private."""
    for name in ("text", "src", "session", "root", "time", "branch"):
        if row.get(name) is not None and not isinstance(row[name], str):
            raise UsageError(f"{name} is not a text")
    env = environment()
    src = row.get("src") or ("agent" if env.agent else "owner")
    if src not in SAYABLE:
        raise UsageError(f"{src!r} is not a source one can speak as. Use one of: {', '.join(SAYABLE)}.")
    if env.agent and src not in ("agent", "import", "external"):
        src = "agent"
    moment = parse_time(row["time"]) if row.get("time") else when
    session = env.session if env.agent and src == "agent" and env.session else row.get("session") or ""  # one agent has one voice
    names = {"session": session, "root": row.get("root") or "", "branch": row.get("branch") or ""}
    return statement(memory, row.get("text") or "", moment, src=src, scope=scope, shown=shown, **names)


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


def _batch(
    memory: Memory, path: str, rows: list[tuple[int, dict[str, Any]]], scope: Scope, times: Iterator[datetime]
) -> list[Observation]:
    """The observations of a batch, in order. All of it or nothing: every bad row is named, and then nothing is written."""
    told: list[Observation] = []
    bad: list[Problem] = []
    shown: Shown = {}
    for number, row in rows:
        try:
            if not row:
                raise UsageError(f"is not a JSON object of at most {LONGEST_LINE} bytes")
            told.append(_make(memory, row, next(times) if not row.get("time") else TIMED, scope, shown))
        except (UsageError, Refused) as error:
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
