"""Running a command that the owner declared: its own process group, a time limit, bounded output, nothing left behind.

The one rule: the words come from kairos.yaml as it is committed and as the owner approved it, and no shell reads them. What
memory or an event says can choose a name, and never a word.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from hashlib import sha256
from typing import IO, NamedTuple

from kairos_git.bounds import Command
from kairos_git.capture.project import Project
from kairos_git.errors import Refused
from kairos_git.gitrun import clean_environment
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.redact import redact
from kairos_git.memory.repository import Memory
from kairos_git.memory.text import one_line

TRUSTED = "trusted.json"  # name -> seal of the command as the owner approved it
KEPT = 4096  # bytes of the end of its output that are looked at
SHOWN = 160  # characters of it that are told
GRACE = 5.0  # seconds between asking it to end and killing it


class Ran(NamedTuple):
    """What became of a command. code: its exit code, None where it was stopped; told: one line for the log."""

    code: int | None
    seconds: float
    told: str


def seal(command: Command) -> str:
    """What the owner approves: the words, the folder and the limits of a command. A changed one is another."""
    return sha256(json.dumps(command._replace(mode=""), ensure_ascii=False).encode()).hexdigest()[:26]


def trusted(memory: Memory, command: Command) -> bool:
    """Whether the owner approved this command as it is: kairos.yaml is a file that others can change and commit."""
    return _trusted(memory).get(command.name) == seal(command)


def trust(memory: Memory, command: Command) -> None:
    """The owner approved this command as it is. Raises NotWritable."""
    known = _trusted(memory) | {command.name: seal(command)}
    write_whole(os.path.join(memory.own, TRUSTED), json.dumps(known, sort_keys=True).encode())


def _trusted(memory: Memory) -> dict[str, str]:
    try:
        known = json.loads(read_regular(os.path.join(memory.own, TRUSTED)) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def folder_of(project: Project, command: Command) -> str:
    """The folder a command runs in. Raises Refused where it is not within the project, links followed."""
    root = os.path.realpath(project.root)
    path = os.path.realpath(os.path.join(root, command.folder))
    if path != root and not path.startswith(root + os.sep):
        raise Refused(f"run: {command.name} is to run in {command.folder}, which leads out of the project. Mend kairos.yaml.")
    if not os.path.isdir(path):
        raise Refused(f"run: {command.name} is to run in {command.folder}, which is no folder of the project. Mend kairos.yaml.")
    return path


def run(project: Project, command: Command) -> Ran:
    """Run a declared command to its end or its limit. Raises Refused where it cannot be started."""
    where = folder_of(project, command)
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            command.words, cwd=where, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise Refused(f"run: {command.name} cannot be started ({command.words[0]}: {error.strerror}).") from error
    assert process.stdout is not None
    tail = _Tail(process.stdout)
    code: int | None = None
    try:
        code = process.wait(command.seconds)
    except subprocess.TimeoutExpired:
        _end(process)
    finally:
        _kill_group(process.pid)  # what it left behind in its group goes with it, also where this process is told to end
        process.wait()
    took = time.monotonic() - started
    process.stdout.close() if tail.finished() else None
    words = one_line(redact(tail.last_line()).text, SHOWN)
    how = f"stopped after {command.seconds:g} s" if code is None else f"exit {code} in {took:.1f} s"
    return Ran(code, took, f"ran {command.name}: {how}{f', said last: {json.dumps(words, ensure_ascii=False)}' if words else ''}")


class _Tail:
    """Reads a stream to its end in a thread of its own and keeps only what came last. Owns the thread."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = b""
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        try:
            while chunk := os.read(stream.fileno(), 1 << 16):
                self._kept = (self._kept + chunk)[-KEPT:]
        except (OSError, ValueError):
            return

    def finished(self) -> bool:
        """Wait a moment for the end: a grandchild outside the group may hold the stream open, and is not waited for."""
        self._thread.join(1.0)
        return not self._thread.is_alive()

    def last_line(self) -> str:
        lines = self._kept.decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the group to end, then kill it."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        _kill_group(process.pid)
        process.wait()
    except ProcessLookupError:
        process.wait()


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
