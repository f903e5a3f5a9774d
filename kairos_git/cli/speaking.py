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
from kairos_git.dream.slots import claims
from kairos_git.errors import Busy, Diverged, NotFound, Problem, Refused, UsageError
from kairos_git.memory.daylog import log_path
from kairos_git.memory.observation import SOURCES, Observation, parse_time
from kairos_git.memory.repository import LOCK_SECONDS, Memory
from kairos_git.runner.cycle import at_desk, gather
from kairos_git.runner.sessions.remembering import Shown, statement
from kairos_git.settings import environment

SAYABLE = tuple(s for s in SOURCES if s != "memory")
TIMED = datetime.fromtimestamp(0, UTC)  # stands in where a row has its own time
LONGEST_LINE = 1 << 20  # characters of one row of a batch
FIELDS = ("text", "src", "session", "root", "time", "branch")  # of a row
Row = dict[str, Any]


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
            "--batch",
            metavar="FILE",
            help="One JSON object a line: text, src, session, root, time, branch; `-` reads standard input. "
            "The options above hold where a row is silent.",
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
    given = {"src": src, "session": session, "root": root, "time": time}
    if batch is not None:
        found, _ = place(memory, project)
        ids = _observe_all(found, batch, given, _scope(found, project), when, exactly=now is not None)
        safe = "1 observation is safe" if len(ids) == 1 else f"{len(ids)} observations are safe"
        show.as_json({"ids": ids, "count": len(ids)}) if json else show.answer(safe)
        return
    words = sys.stdin.read() if text == "-" else text or ""
    found, own, made = route(words, "agent" if environment().agent else src or "owner", memory, project, when, here=here)
    if time is None and now is None:
        (when,) = spool.moments(found, when)
    o = _make(found, {"text": words, **given}, when, _scope(found, project))
    spool.acknowledge(found, [o])
    if own and not memory:
        show.note(f"this is about you: it is in your own memory ({found.path}); --here keeps such a line with the project")
    if made:
        show.note(f"made your own memory, {found.path}, just now")
    if o.src == "owner" and not claims(o):
        show.note("kept as an event, which makes no fact. For a fact say what is so, like: Deploys run with `make ship`")
    answer = {"id": o.id, **_place_of(found, o), **({"memory": found.path, "made": made} if own else {})}
    show.as_json(answer) if json else show.answer(o.id)


def _scope(memory: Memory, project: str | None) -> Scope:
    """What the memory is not to record; private paths are told from the root of its project. Raises Refused."""
    scope = load_scope(memory.path, memory.own)
    own = project_of(memory, project) if scope.private else None
    return scope._replace(root=own.root) if own else scope


def _make(memory: Memory, row: Row, when: datetime, scope: Scope, shown: Shown | None = None) -> Observation:
    """An observation from what a caller gave. Raises UsageError, and Refused for what is private."""
    for name in FIELDS:
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


def _observe_all(memory: Memory, path: str, given: Row, scope: Scope, when: datetime, *, exactly: bool) -> list[str]:
    """Write down a batch; the id of each row. exactly: rows without a time were said at `when`, else one after the other."""
    rows = _rows(path, given)
    free = sum(not isinstance(row, str) and not row.get("time") for _, row in rows)
    times = iter(spool.moments(memory, when, free) if free and not exactly else [when] * free)
    told = _batch(memory, path, rows, scope, times)
    spool.acknowledge(memory, told)
    return [o.id for o in told]


def _rows(path: str, given: Row) -> list[tuple[int, Row | str]]:
    """(line, row) of a batch file, blank lines aside; what is wrong with a line stands in place of its row.

    given: the options of the command, which hold where a row is silent
    """
    try:
        with open(0 if path == "-" else path, encoding="utf-8-sig", errors="surrogateescape", closefd=path != "-") as file:
            lines = file.read().split("\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    rows = [(number, _row(line)) for number, line in enumerate(lines, 1) if line.strip()]
    unknown = {name for _, row in rows if not isinstance(row, str) for name in row} - {*FIELDS}
    if unknown:
        named = ", ".join(repr(name[:40]) for name in sorted(unknown)[:9])
        show.note(f"{path}: {named} left aside; a row has {', '.join(FIELDS)}")
    return [(number, row if isinstance(row, str) else row | _silent(row, given)) for number, row in rows]


def _row(line: str) -> Row | str:
    """One line of a batch, or what is wrong with it."""
    if len(line) > LONGEST_LINE:
        return f"is longer than {LONGEST_LINE} characters"
    try:
        row = jsonlib.loads(line)
    except jsonlib.JSONDecodeError as error:
        return f"is no JSON ({error.msg} at column {error.colno}); a row is one JSON object on one line"
    except (ValueError, RecursionError):
        return "is no JSON that can be read; a row is one JSON object on one line"
    return row if isinstance(row, dict) else 'is no JSON object; a row is {"text": …} on one line'


def _silent(row: Row, given: Row) -> Row:
    return {name: value for name, value in given.items() if row.get(name) is None or row[name] == ""}


def _batch(
    memory: Memory, path: str, rows: list[tuple[int, Row | str]], scope: Scope, times: Iterator[datetime]
) -> list[Observation]:
    """The observations of a batch, in order. All of it or nothing: every bad row is named, and then nothing is written."""
    told: list[Observation] = []
    bad: list[Problem] = []
    shown: Shown = {}
    for number, row in rows:
        if isinstance(row, str):
            bad.append(Problem(path, number, row))
            continue
        try:
            told.append(_make(memory, row, next(times) if not row.get("time") else TIMED, scope, shown))
        except (UsageError, Refused) as error:
            bad.append(Problem(path, number, str(error)))
    if bad:
        show.problems(bad)
        raise UsageError(f"{len(bad)} of {len(rows)} rows are bad; nothing was written. Mend them and run it again.")
    return told


def _place_of(memory: Memory, o: Observation) -> dict[str, str | int]:
    """path and line of an observation in the log, if it was written down and drained before."""
    found = memory.git.text("grep", "-n", "-F", "-e", f"<!--o {o.id} ", "HEAD", "--", log_path(o.day), check=False)
    parts = found.split(":", 3)
    return {"path": parts[1], "line": int(parts[2])} if len(parts) == 4 else {}


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
