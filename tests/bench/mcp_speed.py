"""What the MCP server costs: its start to the answered list of tools beside `import mcp`, and what it holds while it waits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

SERVER = [sys.executable, "-P", "-m", "kairos_git", "serve", "mcp", "--memory"]
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
MEGABYTES = 60  # resident, while it waits
Cost = tuple[str, float, float, str]  # what, the ratio, what is to be reached, the figures behind it


def mcp_cost(memory: str, interleaved: Callable[..., list[float]]) -> Iterator[Cost]:
    """Both figures. The memory is measured where the system tells it (Linux)."""
    held: list[float] = []

    def floor() -> None:
        subprocess.run([sys.executable, "-c", "import mcp"], check=True)

    floor(), listed(memory), held.clear()
    base, ours = interleaved(9, floor, lambda: held.append(listed(memory)))
    yield "MCP server, start to tools/list / python -c 'import mcp'", ours / base, 1.5, f"{ours:.0f} / {base:.0f} ms"
    if any(held):
        idle = sorted(held)[len(held) // 2]
        yield f"MCP server, idle memory in units of {MEGABYTES} MB", idle / MEGABYTES, 1, f"{idle:.0f} MB resident"


def listed(memory: str) -> float:
    """Start a server, ask for its tools, hang up; the resident megabytes it had then, 0 where nobody says."""
    with subprocess.Popen([*SERVER, memory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        for number, (method, params) in enumerate([("initialize", HELLO), ("tools/list", {})]):
            process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        return resident(process.pid)


def resident(pid: int) -> float:
    """Megabytes of a process that are in memory, shared libraries included; 0 where the system does not say."""
    try:
        words = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(words.partition("VmRSS:")[2].split()[0]) / 1024
