"""The command line: the only importer of typer, and the only printer.

What must start fast (`--version`, `status`, the merge driver, the hook of a memory) is dispatched here, before typer,
which alone costs six times a bare Python start, is imported.
"""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point of `kairos-git`."""
    from kairos_git.cli import quick

    quick.open_streams()
    arguments = sys.argv[1:]
    chosen = quick.COMMANDS.get(arguments[0]) if arguments else None
    if chosen is not None and not {"--help", "-h"}.intersection(arguments):
        code = quick.guarded(lambda: chosen(arguments[1:]))
        if code is not None:
            sys.exit(code)
    sys.exit(quick.guarded(_typed))


def _typed() -> int:
    """Every other command, by typer; its import takes half a second, in which a person may have second thoughts."""
    from kairos_git.cli.app import run

    return run()
