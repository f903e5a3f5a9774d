"""The resident loop: the same ticks, without waiting for a scheduler to start each; and what only a running process can do.

Between ticks it looks at names and times of files (`glance`) and starts nothing. A tick runs in a child of its own, so that what it
imports is gone when it is done; further parts (the file watcher, the webhook receiver) are threads that the caller gives.

The one rule: one loop for each memory, at most one child, and the switch ends it within one look.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.sessions.found import Found
from kairos_git.errors import Busy
from kairos_git.gitrun import clean_environment
from kairos_git.runner.awake import glance
from kairos_git.runner.awake.locks import RUN, alone
from kairos_git.runner.awake.switch import STOP, asleep

LOOK = 5.0  # seconds between two looks
LONGEST = 3600.0  # seconds a tick's child may take: a dream has its own, shorter limit


class Part(NamedTuple):
    """Something that runs beside the loop. work: is given an event that is set when it shall end, and returns then."""

    name: str
    work: Callable[[threading.Event], None]


def run(found: Found, tick: Sequence[str], parts: Sequence[Part], say: Callable[[str], None], ended: threading.Event) -> None:
    """Look, tick where something changed, and again, until `ended` is set or the memory is stopped. Raises Busy where one runs already.

    tick  the words of a command that makes one tick
    """
    with ExitStack() as stack:
        if not stack.enter_context(alone(found.own, RUN)):
            raise Busy(f"A `kairos-git run` is at work for {found.path} already.")
        threads = [threading.Thread(target=part.work, args=(ended,), name=part.name, daemon=True) for part in parts]
        for thread in threads:
            thread.start()
        try:
            _loop(found, tick, say, ended)
        finally:
            ended.set()
            for thread in threads:
                thread.join(5.0)


def _loop(found: Found, tick: Sequence[str], say: Callable[[str], None], ended: threading.Event) -> None:
    while not ended.is_set():
        now = datetime.now().astimezone()
        if os.path.lexists(os.path.join(found.own, STOP)):
            say("stopped: the switch is off")
            return
        if not os.path.isdir(found.own):
            say(f"the memory at {found.path} is gone")
            return
        if not asleep(found.own, now) and not looked(found, now.timestamp()):
            told = _child(tick, ended)
            if told:
                say(told)
        ended.wait(LOOK)


def looked(found: Found, now: float) -> bool:
    """Whether nothing changed since the last tick, as far as files show."""
    seen = glance.fingerprint(found.gitdir, found.common or None)
    return glance.unchanged(glance.load_last(found.own), seen, now)


def _child(words: Sequence[str], ended: threading.Event) -> str:
    """One tick in a child; its answer where it did something. Ends the child when the loop shall end."""
    process = subprocess.Popen(
        words, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(_lines(process)), daemon=True)
    reader.start()
    started = time.monotonic()
    while process.poll() is None:
        if ended.wait(0.2) or time.monotonic() - started > LONGEST:
            process.terminate()
            try:
                process.wait(5.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    reader.join(1.0)
    process.stdout.close()
    return "\n".join(line for line in lines if not line.startswith("quiet"))


def _lines(process: subprocess.Popen[bytes]) -> list[str]:
    assert process.stdout is not None
    try:
        return process.stdout.read(1 << 20).decode("utf-8", "replace").strip().splitlines()
    except (OSError, ValueError):
        return []
