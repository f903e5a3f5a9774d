"""The typer application: which commands there are.

The one rule: a command is parse, one call into the program, print.
"""

from __future__ import annotations

from collections.abc import Sequence

import typer

from kairos_git.cli import (
    agents,
    awake,
    bringing,
    checking,
    decisions,
    handing_over,
    health,
    reading,
    recalling,
    reviewing,
    scheduling,
    serving,
    setup,
    speaking,
    surveying,
)
from kairos_git.gitrun import scrub_process

HELP = (
    "A memory for coding agents that its owner can audit like code.\n\nObservations are lines in day logs; a dream folds them into "
    "facts and lands as one git commit; `git log`, `git diff` and `git revert` audit it, and what was reverted stays out."
)
EXITS = (
    "Exit codes: 0 done or nothing to do, 1 the answer is no or findings, 2 usage, 3 no project or memory, 4 busy, diverged or not "
    "writable, 5 the model failed, 6 a dream was refused by the laws, 130 interrupted."
)


def application() -> typer.Typer:
    """The whole command line, freshly made."""
    app = typer.Typer(
        name="kairos-git", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, help=HELP, epilog=EXITS
    )
    for module in (
        setup,
        speaking,
        reading,
        recalling,
        handing_over,
        reviewing,
        decisions,
        health,
        surveying,
        checking,
        agents,
        serving,
        bringing,
        scheduling,
        awake,
    ):
        module.register(app)
    return app


def run(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run one command; its exit code."""
    scrub_process()
    try:
        application()(args=arguments, prog_name="kairos-git")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
