"""The resident loop: the same ticks, without waiting for a scheduler to start each; and what only a running process can do.

Between ticks it looks at names and times of files (`glance`) and starts nothing. A tick runs in a child of its own, so that what it
imports is gone when it is done; further parts (the file watcher, the webhook receiver) are threads that the caller gives.

The one rule: one loop for each memory, at most one child, and the switch ends it within one look. Nothing that goes wrong in a child
or a part ends it, and nothing that stays wrong is tried every few seconds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.sessions.found import Found
from kairos_git.errors import Busy
from kairos_git.gitrun import clean_environment
from kairos_git.memory.alone import held
from kairos_git.runner.awake import glance
from kairos_git.runner.awake.switch import STOP, asleep

LOCK = "run.lock"
LOOK = 5.0  # seconds between two looks
BUSIEST = 60.0  # the most seconds between two ticks while things go on changing
SICK = 900.0  # and while ticks fail: a project that is gone, a disk that is full
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
        if not stack.enter_context(held(found.own, LOCK, wait=False)):
            raise Busy(f"A `kairos-git run` is at work for {found.path} already.")
        before, threading.excepthook = threading.excepthook, _told(say)
        threads = [threading.Thread(target=part.work, args=(ended,), name=part.name, daemon=True) for part in parts]
        for thread in threads:
            thread.start()
        try:
            _loop(found, tick, say, ended)
        finally:
            ended.set()
            for thread in threads:
                thread.join(5.0)
            threading.excepthook = before


def _told(say: Callable[[str], None]) -> Callable[[threading.ExceptHookArgs], None]:
    """What is done about an exception that ends a thread: it is said, and the loop goes on."""

    def tell(args: threading.ExceptHookArgs) -> None:
        name, error = args.thread.name if args.thread else "a thread", args.exc_value
        with suppress(OSError, ValueError):  # whoever read what is said is gone
            say(f"{name} broke and is off until `run` is started anew: {type(error).__name__}: {error} (please report it)")

    return tell


def _loop(found: Found, tick: Sequence[str], say: Callable[[str], None], ended: threading.Event) -> None:
    wait, last = LOOK, ""
    while not ended.is_set():
        now = datetime.now().astimezone()
        if not os.path.exists(os.path.join(found.gitdir, "HEAD")):
            say(f"the memory at {found.path} is gone")
            return
        if _stopped(found):
            say("stopped: `kairos-git resume` lets it run again")
            return
        if asleep(found.own, now) or looked(found, now.timestamp()):
            wait, last = LOOK, ""
        else:
            told, well = _child(found, tick, ended)
            if told and told != last:
                say(told)
            last = told
            wait = min(2 * wait, BUSIEST if well else SICK)
        _rest(found, wait, ended)


def _stopped(found: Found) -> bool:
    return os.path.lexists(os.path.join(found.own, STOP))


def _rest(found: Found, seconds: float, ended: threading.Event) -> None:
    """Wait, but not for longer than one look where it is stopped or the memory goes."""
    until = time.monotonic() + seconds
    while not ended.wait(min(LOOK, max(0.0, until - time.monotonic()))) and time.monotonic() < until:
        if _stopped(found) or not os.path.isdir(found.own):
            return


def looked(found: Found, now: float) -> bool:
    """Whether nothing changed since the last tick, as far as files show."""
    seen = glance.fingerprint(found.gitdir, found.common or None)
    return glance.unchanged(glance.load_last(found.own), seen, now)


def _child(found: Found, words: Sequence[str], ended: threading.Event) -> tuple[str, bool]:
    """One tick in a child: its answer where it did something, and whether it went well. Ends it when the loop shall end."""
    try:
        process = subprocess.Popen(
            words,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=found.path,
        )
    except OSError as error:
        return f"a tick cannot be started ({error.strerror})", False
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
    well = process.returncode in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    told = "\n".join(line for line in lines if not line.startswith("quiet"))
    return told if told or well else f"a tick ended with exit code {process.returncode} and said nothing", well


def _lines(process: subprocess.Popen[bytes]) -> list[str]:
    assert process.stdout is not None
    try:
        return process.stdout.read(1 << 20).decode("utf-8", "replace").strip().splitlines()
    except (OSError, ValueError):
        return []
