"""serve: what other programs talk to while it runs.

The one rule: it runs until its client goes, and standard output belongs to the protocol.
"""

from __future__ import annotations

import typer

from kairos_git.cli import webhook
from kairos_git.cli.options import MemoryOption, ProjectOption
from kairos_git.cli.served import serve_mcp


def register(app: typer.Typer) -> None:
    serve = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Serve the memory to other programs.")
    serve.command("mcp", short_help="for any client of the Model Context Protocol, over standard input and output")(mcp)
    webhook.register(serve)
    app.add_typer(serve, name="serve")


def mcp(memory: MemoryOption = None, project: ProjectOption = None) -> None:
    """Serve recall, remember, why, handoff and context to one MCP client over standard input and output, until it hangs up."""
    serve_mcp(memory, project)
