"""What must start fast: dispatched before typer, importing only what it needs.

The one rule: nothing heavy at module level; a command that cannot be parsed here is left to typer, for its usage text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from kairos_git.errors import KairosError


def guarded(command: Callable[[], int | None]) -> int | None:
    """Run a command; what it raises on purpose becomes a sentence on standard error and its exit code."""
    try:
        return command()
    except KairosError as error:
        print(f"kairos-git: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("kairos-git: interrupted; nothing acknowledged was lost", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _version(arguments: list[str]) -> int | None:
    from kairos_git import __version__

    if arguments:
        return None
    print(f"kairos-git {__version__}")
    return 0


def _options(arguments: list[str], valued: set[str], bare: set[str]) -> dict[str, str] | None:
    """`--name value`, `--name=value` and bare options; None where anything else stands there."""
    found: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name in bare and not equals:
            found[name] = "yes"
        elif name in valued and (equals or rest):
            found[name] = value if equals else rest.pop(0)
        else:
            return None
    return found


def _status(arguments: list[str]) -> int | None:
    options = _options(arguments, {"--project", "--memory", "--now"}, {"--json"})
    if options is None:
        return None
    from kairos_git.capture.place import find_memory
    from kairos_git.runner.health import status

    memory = find_memory(options.get("--memory"), options.get("--project"))
    print(status_json(status(memory)) if "--json" in options else status_text(status(memory)))
    return 0


def status_json(s: object) -> str:
    """A status as one line of JSON."""
    import json

    fields = s._asdict()  # type: ignore[attr-defined]
    dream = fields["dream"]
    fields["dream"] = {"dream": dream.id, "time": dream.time, "subject": dream.subject} if dream else None
    return json.dumps(fields, ensure_ascii=False)


def status_text(s: object) -> str:
    """A status for a person."""
    from kairos_git.runner.health import Status

    assert isinstance(s, Status)
    facts = ", ".join(f"{s.facts[k]} {k}" for k in ("confirmed", "contested", "tentative") if s.facts.get(k)) or "none yet"
    ago = "never, or not since the memory moved" if s.hook is None else f"{_span(s.hook)} ago"
    lines = [
        f"memory   {s.memory} ({s.branch} at {s.commit[:12]})",
        f"facts    {facts}",
        f"dream    {s.dream.id[:12]} {s.dream.time[:16].replace('T', ' ')} {s.dream.subject}" if s.dream else "dream    none yet",
        f"spool    {s.waiting} waiting" if s.waiting else "spool    empty",
        f"hooks    last heard {ago}",
        f"mode     {s.mode}",
    ]
    lines += [f"review   {s.proposals} wait{'s' * (s.proposals == 1)} for you: `kairos-git review`"] if s.proposals else []
    lines += [f"model    {s.spent} today"] if s.spent else []
    lines += [f"asked    {s.questions} open: `kairos-git questions`"] if s.questions else []
    lines += [f"edited   {path}: commit it, or say `kairos-git adopt`" for path in s.edited]
    lines += [f"unfinished: a {s.unfinished}; `git -C {s.memory} status` says how to go on"] if s.unfinished else []
    return "\n".join(lines)


def _span(seconds: int) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"


def _merge_driver(arguments: list[str]) -> int | None:
    """`merge-driver %O %A %B %L %P`: merge a projection by facts; git calls it."""
    if len(arguments) != 5:
        return None
    from kairos_git.runner.driver import merge_file

    return merge_file(*arguments)


def _reproject(arguments: list[str]) -> int | None:
    """What a memory's own hooks call after a commit or merge made with git alone."""
    if arguments:
        return None
    from datetime import datetime

    from kairos_git.memory.repository import open_memory
    from kairos_git.runner.decide import reproject

    for line in reproject(open_memory(os.getcwd()), datetime.now().astimezone()):
        print(f"kairos-git: {line}", file=sys.stderr)
    return 0


def _survey(arguments: list[str]) -> int | None:
    options = _options(arguments, {"--project", "--at"}, {"--json", "--index"})
    if options is None:
        return None
    from kairos_git.cli.surveyed import print_survey

    print_survey(options.get("--project", "."), options.get("--at", "HEAD"), index="--index" in options, json="--json" in options)
    return 0


COMMANDS: dict[str, Callable[[list[str]], int | None]] = {
    "--version": _version,
    "status": _status,
    "survey": _survey,
    "merge-driver": _merge_driver,
    "reproject": _reproject,
}
