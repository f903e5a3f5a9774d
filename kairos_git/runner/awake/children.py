"""The one child a tick may have: a dream in a process of its own, of lower priority, that dies with its parent.

The one rule: at most one, and nothing it does counts as the owner's: it carries the mark that our own hooks look for.
"""

from __future__ import annotations

import os
import subprocess
import threading
from datetime import datetime

from kairos_git.capture.project import Project
from kairos_git.errors import Busy, KairosError
from kairos_git.gitrun import clean_environment
from kairos_git.memory.alone import held
from kairos_git.memory.repository import Memory
from kairos_git.memory.seed import command

LOCK = "dream.lock"
LONGEST = 1800.0  # seconds a dream by itself may take
NICE = 10


def dream_apart(memory: Memory, project: Project | None, now: datetime, *, propose: bool = False) -> str:
    """Dream in a child and wait for it; its last line. Raises Busy where one is at work, KairosError where it failed.

    The child reads our end of a pipe as its standard input: when we are gone, however that came, it ends.
    """
    words = [*command(), "dream", "--by-itself", "--memory", memory.path, "--now", now.isoformat(timespec="seconds")]
    words += ["--project", project.root] if project else []
    words += ["--propose"] if propose else []
    with held(memory.own, LOCK, wait=False) as free:
        if not free:
            raise Busy("Another dream is at work; this one was not started.")
        process = subprocess.Popen(
            words,
            cwd=memory.path,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdout is not None and process.stdin is not None
        timer = threading.Timer(LONGEST, process.kill)
        timer.start()
        try:
            out = process.stdout.read().decode("utf-8", "replace").strip()
            code = process.wait()
        finally:
            timer.cancel()
            process.stdin.close()
            process.stdout.close()
            if process.poll() is None:
                process.kill()
                process.wait()
    last = out.splitlines()[0] if out and not code else out.splitlines()[-1] if out else ""
    if code not in (0, 6):
        raise KairosError(f"The dream failed (exit {code}): {last or 'it said nothing'}")
    return f"dreamed: {last}" if code == 0 else f"dreamed, left for review: {last}"


def die_with_parent() -> None:
    """End this process when its standard input does; and be polite to everybody else. Called first by a dream by itself."""
    os.nice(NICE)

    def watch() -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        os._exit(130)  # whatever it was at, it is safe: a dream lands whole or not at all

    threading.Thread(target=watch, daemon=True).start()
