"""serve webhook: the receiver of GitHub's deliveries, in the foreground.

The one rule: it starts only with a secret and a repository it belongs to, and says where it listens.
"""

from __future__ import annotations

import sys
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated

import typer

from kairos_git.cli import show
from kairos_git.cli.options import MemoryOption, ProjectOption, place
from kairos_git.errors import NotFound


def register(serve: typer.Typer) -> None:
    serve.command("webhook", short_help="for GitHub's webhook deliveries, over HTTP")(webhook)


def webhook(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="The address to listen on; by default only this machine reaches it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="The port to listen on.", min=0, max=65535)] = 8417,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Take GitHub's webhook deliveries, signed with KAIROS_WEBHOOK_SECRET, until it is stopped; each event becomes one line of the log."""
    from kairos_git.capture.github.intake import Intake, watched_repository
    from kairos_git.capture.github.receiver import PATH, Receiver
    from kairos_git.settings import keys

    found, own = place(memory, project)
    settings = found.settings()
    show.problems(settings.problems)
    watched = watched_repository(settings.github, own)
    if watched is None:
        raise NotFound("The project's origin is not at github.com. Set `github: {repo: owner/name}` in the memory's kairos.yaml.")
    listener = Receiver(
        Intake(found, watched, settings.github.daily), keys().webhook, lambda: datetime.now().astimezone(), host=host, port=port,
        said=_say,
    )  # fmt: skip
    where, number = listener.address
    shown = f"[{where}]" if ":" in where else where
    _say(f"listening on http://{shown}:{number}{PATH} for {watched.repo}{'' if watched.login else '; github.login is not set'}")
    if not _is_loopback(where):
        _say("every machine that reaches this address can send to it; only what is signed is read")
    listener.serve()


def _say(line: str) -> None:
    show.answer(line)
    sys.stdout.flush()  # whoever keeps this running reads it from a pipe


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
