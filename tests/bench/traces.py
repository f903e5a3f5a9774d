"""Whether what is put into place was on the disk first: read from a trace of system calls, no power cut needed.

A power cut may empty every file whose content was written and never synced, also where it was renamed since. So: a file that
is renamed or linked into place has been synced since its last write, and an answer is printed after its line was.

The one rule: git's index is left out, since `core.fsync=committed` does not cover it and `heal` makes it anew from HEAD;
everything else counts, git's objects and refs included.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.kills import KAIROS, Stage

CALLS = "openat,creat,write,pwrite64,writev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,mkdir,mkdirat"
_LINE = re.compile(r"^(\d+) +(\w+)\((.*?)\)? *(?:= (.+)|<unfinished \.\.\.>)$")
_FILE = re.compile(r"^(\d+)<([^>]*)>")
_NAME = re.compile(r'(?:(\w+)(?:<([^>]*)>)?, )?"((?:[^"\\]|\\.)*)"')


class Call(NamedTuple):
    """One call: its name, the paths it is about, its number in the trace, and its words."""

    name: str
    paths: tuple[str, ...]
    line: int
    words: str


class Traced(NamedTuple):
    """What a command did. placed: files renamed or linked into place; synced: calls of fsync; amiss: those that came too soon."""

    placed: int
    synced: int
    acknowledged: int
    amiss: tuple[str, ...]


def trace(arguments: list[str], folder: Path, log: Path) -> tuple[str, str]:
    """Run a command of ours under strace: (the trace, what it printed)."""
    command = [
        "strace",
        "-f",
        "-y",
        "-qq",
        "-s",
        "400",
        "-o",
        str(log),
        "-e",
        "trace=" + ",".join("?" + c for c in CALLS.split(",")),
    ]
    done = subprocess.run([*command, *KAIROS, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{arguments} answered {done.returncode}: {done.stderr}")
    return log.read_text(errors="replace"), done.stdout


def calls(text: str, folder: str) -> Iterator[Call]:
    """The calls of a trace that succeeded, with full paths; `folder` is where the command ran."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if not match or (match.group(4) or "").startswith("-1"):
            continue
        _, name, words, _ = match.groups()
        held = _FILE.match(words)
        if held and not name.endswith("at"):
            yield Call(name, (held.group(2),), number, words)
        else:
            paths = tuple(os.path.normpath(os.path.join(folder, m.group(2) or "", m.group(3))) for m in _NAME.finditer(words))
            yield Call(name, paths, number, words)


def judge(text: str, folder: Path, memory: Path, known: Iterable[str], answer: str = "") -> Traced:
    """Every file below the memory that was put into place unsynced, and every answer that was given too soon.

    known: names that stood in the spool before; answer: what is printed when a line is safe, "" where nothing is acknowledged.
    """
    own = f"{memory}/.git/kairos"
    clock = f"{own}/clock"  # a counter that may be lost: without it two statements of one second may change places
    unsynced: dict[str, int] = {}  # path -> the call that wrote it last
    gained: dict[str, int] = {}  # a folder above an acknowledged line, new in its own folder or holding a new name -> that call
    names = {f"{own}/spool/{name}" for name in known}
    amiss, placed, synced, answers = [], 0, 0, 0
    for call in calls(text, str(folder)):
        path = call.paths[0] if call.paths else ""
        if call.name == "write" and call.words.startswith("1<") and answer and answer in call.words:
            answers += 1
            amiss += [
                f"answered before {p} was synced" for p in [*unsynced, *gained] if p.startswith(f"{memory}/.git") and p != clock
            ]
        elif not path.startswith(str(memory)):
            continue
        elif call.name in ("write", "pwrite64", "writev", "ftruncate"):
            unsynced[path] = call.line
        elif call.name == "openat" and "O_CREAT" in call.words:
            if "O_EXCL" in call.words or "O_TRUNC" in call.words:
                unsynced[path] = call.line
            if path.startswith(f"{own}/spool/") and path not in names:
                names.add(path)
                gained[f"{own}/spool"] = call.line
        elif call.name in ("fsync", "fdatasync"):
            synced += 1
            unsynced.pop(path, None)
            gained.pop(path, None)
        elif call.name.startswith("mkdir") and f"{own}/spool".startswith(path):
            gained[os.path.dirname(path)] = call.line
        elif call.name.startswith(("rename", "link")) and len(call.paths) == 2:
            placed += 1
            names.discard(path)
            written = unsynced.pop(path, None)
            if written and call.paths[1] != f"{memory}/.git/index":
                amiss.append(f"{call.paths[1]} was put into place (line {call.line}) and not synced since line {written}")
    return Traced(placed, synced, answers, tuple(amiss))


def judged(stage: Stage, command: str, log: Path) -> Traced:
    """Run a command on a stage under strace, and judge it."""
    stage.reset(command)
    known = os.listdir(stage.place.memory / ".git/kairos/spool")
    text, out = trace(stage.arguments(command), stage.cwd(command), log)
    answer = json.loads(out)["id"] if command.startswith("observe") else ""
    return judge(text, stage.cwd(command), stage.place.memory, known, answer)


def broken(commands: list[str], folder: str) -> list[str]:
    """The files put into place too soon, for a build that may be broken."""
    stage = Stage(Path(folder))
    return [line for command in commands for line in judged(stage, command, Path(folder) / "trace").amiss]
