"""What must start fast: dispatched before typer, importing only what it needs.

The one rule: nothing heavy at module level; a command that cannot be parsed here is left to typer, for its usage text.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from kairos_git.errors import KairosError, NotWritable

if TYPE_CHECKING:
    from types import TracebackType


def guarded(command: Callable[[], int | None]) -> int | None:
    """Run a command; what it raises on purpose becomes a sentence on standard error and its exit code."""
    try:
        code = command()
        sys.stdout.flush()
        return code
    except KairosError as error:
        print(f"kairos-git: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("kairos-git: interrupted; nothing acknowledged was lost", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _let_go()
        return 0
    except MemoryError:
        print("kairos-git: this process may not have more memory (`ulimit -v`); what was acknowledged is safe.", file=sys.stderr)
        return KairosError.exit_code
    except OSError as error:
        if error.filename is not None or error.errno not in (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT):
            raise
        _let_go()
        print(
            f"kairos-git: the answer, or a file, could not be written ({error.strerror}); what was acknowledged is safe. Make room and run it again.",
            file=sys.stderr,
        )
        return NotWritable.exit_code


def open_streams() -> None:
    """Standard streams as every command may use them: one that the caller closed (`>&-`, some schedulers) leads nowhere, a pipe or
    file is UTF-8 whatever the locale says, and a terminal that cannot show a character shows another.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as the process lives
        elif hasattr(stream, "reconfigure") and stream.encoding.lower() not in ("utf-8", "utf8"):
            own = {} if stream.isatty() else {"encoding": "utf-8"}
            stream.reconfigure(errors="surrogateescape" if mode == "r" else "replace", **own)


def _let_go() -> None:
    """Nobody takes what is still to be printed; at its exit Python would try once more, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
    from kairos_git.cli.glance import print_status

    print_status(options.get("--memory"), options.get("--project"), options.get("--now"), json="--json" in options)
    return 0


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
    from kairos_git.runner.review.decide import reproject

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


def _serve(arguments: list[str]) -> int | None:
    """`serve mcp`: each session of an agent starts it, and typer with every command costs it memory for as long as it runs."""
    options = _options(arguments[1:], {"--project", "--memory"}, set()) if arguments[:1] == ["mcp"] else None
    if options is None:
        return None
    from kairos_git.cli.served import serve_mcp
    from kairos_git.gitrun import scrub_process

    scrub_process()
    serve_mcp(options.get("--memory"), options.get("--project"))
    return 0


def _on(arguments: list[str]) -> int:
    """`on AGENT EVENT`, for the hooks of coding agents: an event of a session, as JSON on standard input.

    It always exits 0: any other code stops or disturbs somebody's session. A bug stays a traceback on standard error.
    """
    from datetime import datetime

    from kairos_git.runner.sessions.hearing import hear

    sys.excepthook = _unharmed
    if len(arguments) != 2:
        print("kairos-git: `on` takes an AGENT and an EVENT: `kairos-git on claude SessionStart`", file=sys.stderr)
        return 0
    agent, event = arguments
    reply = hear(agent, event, _payload(), datetime.now().astimezone())
    if reply.note:
        print(f"kairos-git: {reply.note}", file=sys.stderr)
    try:
        print(reply.out, end="\n" if reply.out else "", flush=True)
    except OSError:  # a client that does not listen is no reason to disturb its session
        _let_go()
    return 0


def _payload() -> bytes:
    """Standard input, as much of it as is ever looked at; the rest is taken and dropped, so that who writes it is not stopped."""
    from kairos_git.capture.sessions.clients import LARGEST

    if sys.stdin is None or sys.stdin.isatty():
        return b""
    data = sys.stdin.buffer.read(LARGEST + 1)
    for _ in range(1024 if len(data) > LARGEST else 0):
        if not sys.stdin.buffer.read(1 << 20):
            break
    return data


def _unharmed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.__excepthook__(kind, error, trace)
    sys.stderr.flush()
    os._exit(0)


def _tick(arguments: list[str]) -> int | None:
    """`tick`, as long as nothing changed since the last one: a scheduler starts it day and night."""
    options = _options(arguments, {"--project", "--memory"}, set())
    if options is None:
        return None
    from datetime import datetime

    from kairos_git.runner.awake.quiet import quiet

    why = quiet(options.get("--memory"), options.get("--project"), datetime.now().astimezone())
    if why is None:
        return None
    print(f"quiet: {why}")
    return 0


def _run(arguments: list[str]) -> int | None:
    """`run`, the resident loop: what typer would cost it, it would cost for as long as it runs."""
    options = _options(arguments, {"--project", "--memory", "--port"}, set())
    if options is None or not options.get("--port", "0").isdigit():
        return None
    from kairos_git.cli.resident import run

    run(options.get("--memory"), options.get("--project"), int(options["--port"]) if "--port" in options else None)
    return 0


def _shell_init(arguments: list[str]) -> int | None:
    """`shell-init SHELL`: every shell that is opened waits for it."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        return None
    from kairos_git.capture.terminal.shell import shell_init

    sys.stdout.write(shell_init(arguments[0]))
    return 0


def _recall(arguments: list[str]) -> int | None:
    """`recall QUESTION…`: asked in the middle of a thought, by people and agents alike."""
    from kairos_git.cli.recalled import parse_asked, print_recall

    asked = parse_asked(arguments)
    return None if asked is None else print_recall(asked)


COMMANDS: dict[str, Callable[[list[str]], int | None]] = {
    "--version": _version,
    "status": _status,
    "survey": _survey,
    "on": _on,
    "recall": _recall,
    "serve": _serve,
    "shell-init": _shell_init,
    "tick": _tick,
    "run": _run,
    "merge-driver": _merge_driver,
    "reproject": _reproject,
}
