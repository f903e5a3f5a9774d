"""What a hook costs a session: `on` with one event, as a client starts it, beside a bare Python.

`make bench` has it among its figures; `python -m tests.bench.on_speed` measures it alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

BAR = 4.0
SESSION = "7f3a09c2-b1de-4c55-9f10-000000000001"
EVENTS: dict[str, tuple[str, dict[str, object]]] = {
    "a prompt": ("UserPromptSubmit", {"prompt": "Please find out why the parser drops the last line, and fix it."}),
    "a prompt that is kept": ("UserPromptSubmit", {"prompt": "remember: the parser keeps comments"}),
    "a stop": (
        "Stop",
        {
            "stop_hook_active": False,
            "last_assistant_message": "The parser dropped the last line where it had no newline.\n\nDone:\n- `read_lines` keeps it\n"
            "- a test for files without a final newline\n\nNext:\n- the same for CRLF files in `tests/data/`\n" * 2,
        },
    ),
    "a start, warm": ("SessionStart", {"source": "startup"}),
}


class Took(NamedTuple):
    """One figure: what, the ratio to a bare Python, the bar, and both medians."""

    what: str
    ratio: float
    bar: float
    detail: str


def speeds(here: Path, runs: int = 41) -> Iterator[Took]:
    """Each event's whole process beside `python -c pass`, interleaved, everything compiled."""
    import compileall

    import kairos_git

    compileall.compile_dir(str(Path(kairos_git.__file__).parent), quiet=2)
    project = here / "spoken"
    project.mkdir()
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "CLAUDE_PROJECT_DIR")}
    environment["XDG_DATA_HOME"] = str(here / "data")

    def start(*words: str, given: bytes = b"") -> Callable[[], object]:
        return lambda: subprocess.run(words, cwd=project, env=environment, input=given, check=True, capture_output=True)

    (project / "Makefile").write_text("test:\n\tpytest -q\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=project, check=True)
    me = (sys.executable, "-P", "-m", "kairos_git")
    start(*me, "init", "--no-hooks")()
    calls = [start(sys.executable, "-c", "pass")]
    for event, fields in EVENTS.values():
        payload = {"session_id": SESSION, "transcript_path": "", "cwd": str(project), "hook_event_name": event, **fields}
        calls.append(start(*me, "on", "claude", event, given=json.dumps(payload).encode()))
    for call in calls:
        call()
    bare, told, start_up = calls[0], calls[1:-1], calls[-1]
    names = [f"on: {what}, whole process / python -c pass" for what in EVENTS]
    base, *rest = medians(runs, bare, *told)
    yield from (Took(what, took / base, BAR, f"{took:.0f} / {base:.0f} ms") for what, took in zip(names[:-1], rest, strict=True))
    time.sleep(2.5)  # what was written just now is not yet kept as known
    start_up()
    base, took = medians(runs, bare, start_up)  # alone: what the others write down makes it start cold
    yield Took(names[-1], took / base, BAR, f"{took:.0f} / {base:.0f} ms")


def medians(runs: int, *calls: Callable[[], object]) -> list[float]:
    """The median milliseconds of each, run in turn."""
    took: list[list[float]] = [[] for _ in calls]
    for _ in range(runs):
        for times, call in zip(took, calls, strict=True):
            began = time.perf_counter()
            call()
            times.append((time.perf_counter() - began) * 1000)
    return [sorted(times)[runs // 2] for times in took]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HOME": folder, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(Path(folder) / ".gitconfig")}
        (Path(folder) / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
        for figure in speeds(Path(folder)):
            print(f"{figure.ratio:6.2f} <= {figure.bar:g} {figure.what} ({figure.detail})", flush=True)
