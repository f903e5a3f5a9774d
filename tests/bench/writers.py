"""Many processes that observe at once while dreams run: every line once, no error, and how long an acknowledgement takes.

Most writers loop over `spool.acknowledge`, one over the command `observe` in one process, and one starts the program itself
for every batch; two dreamers dream without a pause until all have written.

The one rule: what is counted is what the log holds at the end, not what the writers say of themselves.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from conftest import Place

DREAMERS = 2
BATCH = 25  # rows of one call of the program


class Written(NamedTuple):
    """acknowledged: lines; once, lost, doubled: of those, as the log holds them; errors: what any process said; ms: of one
    acknowledgement (median and 99th percentile); dreams: how many landed meanwhile.
    """

    acknowledged: int
    once: int
    lost: int
    doubled: int
    errors: tuple[str, ...]
    p50: float
    p99: float
    dreams: int

    @property
    def broken(self) -> tuple[str, ...]:
        amiss = [f"{n} lines {what}" for n, what in ((self.lost, "lost"), (self.doubled, "doubled")) if n]
        return (*amiss, *self.errors)


def write(kind: str, memory: str, name: str, count: int) -> None:
    """One writer; prints its ids and the milliseconds of each acknowledgement as JSON."""
    told = [f"{name}.field{n} = `{name}-{n}`" for n in range(count)]
    ids, spent = {"loop": _loop, "command": _command, "program": _program}[kind](memory, name, told)
    print(json.dumps({"ids": ids, "ms": spent}))


def _loop(memory: str, name: str, told: Sequence[str]) -> tuple[list[str], list[float]]:
    from kairos_git.capture.spool import acknowledge
    from kairos_git.memory.observation import observe
    from kairos_git.memory.repository import open_memory

    opened = open_memory(memory)
    ids, spent = [], []
    for text in told:
        o = observe(datetime.now(UTC).replace(microsecond=0), text, "agent", sess=name)
        began = time.perf_counter()
        acknowledge(opened, [o])
        spent.append((time.perf_counter() - began) * 1000)
        ids.append(o.id)
    return ids, spent


def _command(memory: str, name: str, told: Sequence[str]) -> tuple[list[str], list[float]]:
    from conftest import run

    folder = Path(memory).parent
    return [
        str(run(folder, "observe", text, "--src", "agent", "--session", name, "--memory", memory, "--json").json["id"])
        for text in told
    ], []


def _program(memory: str, name: str, told: Sequence[str]) -> tuple[list[str], list[float]]:
    ids: list[str] = []
    for start in range(0, len(told), BATCH):
        rows = [json.dumps({"text": text, "src": "agent", "session": name}) for text in told[start : start + BATCH]]
        command = [sys.executable, "-P", "-m", "kairos_git", "observe", "--batch", "-", "--memory", memory, "--json"]
        done = subprocess.run(command, input="\n".join(rows), capture_output=True, text=True, check=True)
        ids += json.loads(done.stdout)["ids"]
    return ids, []


def _start(*code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", *code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


_WRITER = "import sys; sys.path.insert(0, sys.argv[1]); from bench.writers import write; write(*sys.argv[2:5], int(sys.argv[5]))"
_DREAMER = """
import os, sys, time
sys.argv, stop = ["kairos-git", "dream", "--memory", sys.argv[1]], sys.argv[2]
from kairos_git.cli import main
while not os.path.exists(stop):
    try:
        main()
    except SystemExit as end:
        if end.code:
            print(f"a dream answered {end.code}", file=sys.stderr)
    time.sleep(0.05)
"""


def a_place(folder: Path) -> Place:
    """A project with a memory that many are going to write to."""
    place = Place(folder / "app")
    place.root.mkdir(parents=True)
    place.git("init", "-q")
    place.commit("Initial commit")
    place.run("init", "--no-hooks")
    return place


def broken(writers: int, each: int, folder: str) -> list[str]:
    """The promises that are not kept, for a build that may be broken."""
    return list(flood(a_place(Path(folder)), writers, each).broken)


def flood(place: Place, writers: int, each: int) -> Written:
    """Let `writers` processes observe `each` times while dreams run, then dream once more and count."""
    memory = str(place.memory)
    stop = place.root.parent / "stop"
    dreamers = [_start(_DREAMER, memory, str(stop)) for _ in range(DREAMERS)]
    kinds = ["program", "command", *["loop"] * writers][:writers] if writers > 2 else ["loop"] * writers
    started = [_start(_WRITER, str(Path(__file__).parents[1]), kind, memory, f"w{n}", str(each)) for n, kind in enumerate(kinds)]
    ids: list[str] = []
    spent: list[float] = []
    errors: list[str] = []
    for process in started:
        out, err = process.communicate()
        if process.returncode or err:
            errors.append(f"a writer: {err.strip()[-200:]}")
        if out:
            told = json.loads(out)
            ids += told["ids"]
            spent += told["ms"]
    stop.touch()
    for process in dreamers:
        err = process.communicate()[1]
        errors += [f"a dreamer: {line}" for line in err.splitlines() if line.strip()]
    last = place.run("dream", "--json", code=None)
    if last.code:
        errors.append(f"the last dream: {last.err.strip()[-200:]}")
    return _count(place, ids, spent, errors)


def _count(place: Place, ids: list[str], spent: list[float], errors: list[str]) -> Written:
    log = "\n".join(path.read_text() for path in (place.memory / "log").rglob("*.md"))
    found = Counter(line.partition("<!--o ")[2][:15] for line in log.splitlines())
    wanted = set(ids)
    spent.sort()
    return Written(
        len(ids), sum(found[i] == 1 for i in wanted), sum(found[i] == 0 for i in wanted), sum(found[i] > 1 for i in wanted),
        tuple(errors), spent[len(spent) // 2] if spent else 0.0, spent[len(spent) * 99 // 100] if spent else 0.0,
        len(place.mem("log", "--format=%h", "--grep=^dream:").split()),
    )  # fmt: skip
