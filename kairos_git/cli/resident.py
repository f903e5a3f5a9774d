"""run: the resident loop in the foreground, started without typer, since it stays."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import datetime

from kairos_git.capture.place import find_memory, project_of
from kairos_git.capture.sessions.found import found_of
from kairos_git.errors import Busy
from kairos_git.gitrun import scrub_process
from kairos_git.memory.alone import taken
from kairos_git.memory.seed import command
from kairos_git.runner.awake.parts import parts
from kairos_git.runner.awake.resident import LOCK
from kairos_git.runner.awake.resident import run as go_on
from kairos_git.settings import keys


def run(memory: str | None, project: str | None, port: int | None) -> None:
    """Look, tick and watch until it is interrupted, terminated or stopped. Raises Busy where one runs already.

    port  where GitHub's deliveries come in, None for the default one, and only where a secret is set
    """
    scrub_process()
    found = find_memory(memory, project)
    own = project_of(found, project)
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, frame: ended.set())
    here = found_of(found, own)
    if taken(found.own, LOCK):
        raise Busy(f"A `kairos-git run` is at work for {found.path} already.")
    say(f"awake for {found.path}" + (f", watching {here.root}" if here.root else "") + "; `kairos-git stop` ends it")
    words = [*command(), "tick", "--memory", found.path, *(("--project", own.root) if own else ())]
    listens = (port if port is not None else 8417) if keys().webhook or port is not None else None
    beside = parts(found, own, found.settings(), say, listens)
    found.git.close()  # the git that reads objects would stay as long as this does
    go_on(here, words, beside, say, ended)


def say(line: str) -> None:
    """One line with its time; whoever keeps this running reads it from a pipe."""
    sys.stdout.write(f"{datetime.now():%H:%M:%S} {line}\n")
    sys.stdout.flush()
