"""The server as a process: what goes over standard input and output, and when it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from conftest import Place, run

START = [sys.executable, "-P", "-m", "kairos_git", "serve", "mcp"]
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}


class Server:
    """A running server, spoken to line by line as a client would."""

    def __init__(self, folder: Path, *options: str) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([*START, *options], cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
        self.lines: list[bytes] = []
        self.asked = 0

    def send(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, **params: Any) -> Any:
        """One request; the message that answers it."""
        self.asked += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}).encode())
        assert self.process.stdout is not None
        while True:
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read() if self.process.stderr else ""
            self.lines.append(line)
            message = json.loads(line)
            if message.get("id") == self.asked:
                return message

    def greet(self) -> Any:
        answer = self.ask("initialize", **HELLO)
        self.send(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
        return answer["result"]

    def end(self) -> tuple[int, bytes, bytes]:
        """Hang up; the exit code, what else was printed, and standard error."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def server(app: Place) -> Iterator[Server]:
    app.say("Tests run with `make test`")
    app.dream()
    made = Server(app.root)
    yield made
    made.process.kill()
    made.process.communicate()


def test_a_whole_conversation(server: Server) -> None:
    """initialize, tools/list, tools/call, then the end of input: every line is JSON-RPC, nothing else is printed, it ends with 0."""
    hello = server.greet()
    tools = server.ask("tools/list")["result"]["tools"]
    found = server.ask("tools/call", name="recall", arguments={"query": "how do tests run"})["result"]
    code, rest, err = server.end()

    assert hello["serverInfo"]["name"] == "kairos-git" and hello["capabilities"].keys() == {"tools", "resources"}
    assert [t["name"] for t in tools] == ["recall", "remember", "why", "handoff", "context"]
    assert found["structuredContent"]["facts"][0]["slot"] == "tests.command" and not found.get("isError")
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in server.lines)
    assert (code, rest, err) == (0, b"", b"")


@pytest.mark.parametrize(
    "junk",
    [b"not json", b"{", b"[]", b"null", b'{"jsonrpc":"2.0"}', b"\xff\xfe", b'{"jsonrpc":"1.0","id":9,"method":"x"}', b"", b'"' + b"x" * 100_000 + b'"',
     b'{"jsonrpc":"2.0","id":77,"method":"no/such"}', b'{"jsonrpc":"2.0","id":78,"method":"tools/call","params":{"name":5}}'],
    ids=lambda j: repr(j)[:20],
)  # fmt: skip
def test_a_bad_line_does_not_end_the_conversation(server: Server, junk: bytes) -> None:
    """Whatever comes in between: the next good request is answered, and standard output stays the protocol's."""
    server.greet()
    server.send(junk)

    assert len(server.ask("tools/list")["result"]["tools"]) == 5
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in server.lines)


def test_what_was_remembered_is_safe_when_it_is_answered(app: Place, server: Server) -> None:
    """The answer comes after the fsync: a server killed right then has lost nothing."""
    server.greet()
    told = server.ask("tools/call", name="remember", arguments={"text": "The cache lives in `var/cache`"})["result"]
    server.process.kill()

    app.run("drain")
    line = app.mem("grep", "-h", "var/cache", "HEAD", "--", "log")
    assert told["structuredContent"]["id"] in line and "src=agent sess=mcp-raw-" in line


def test_the_librarys_own_client_gets_along(app: Place) -> None:
    """Over a pipe, in its own way of connecting: tools and resources."""

    async def said() -> tuple[int, int, Any]:
        parameters = StdioServerParameters(command=START[0], args=START[1:], cwd=app.root)
        async with Client(parameters) as client:
            tools, pages = await client.list_tools(), await client.list_resources()
            return len(tools.tools), len(pages.resources), await client.call_tool("handoff", {})

    tools, pages, handoff = anyio.run(said)

    assert tools == 5 and pages >= 2 and not handoff.is_error


def test_no_memory_is_no_reason_not_to_start(tmp_path: Path) -> None:
    """In a folder that is no project the server answers, and each tool says what to do."""
    server = Server(tmp_path)
    server.greet()
    told = server.ask("tools/call", name="context", arguments={})["result"]
    code, _, err = server.end()

    assert told["isError"] and "git" in told["content"][0]["text"]
    assert (code, err) == (0, b"")


def test_a_memory_can_be_named(app: Place, tmp_path: Path) -> None:
    """--memory serves a memory from anywhere."""
    server = Server(tmp_path, "--memory", str(app.memory))
    server.greet()
    told = server.ask("tools/call", name="context", arguments={})["result"]
    server.end()

    assert not told.get("isError")


def test_without_the_extra_it_says_how_to_get_it(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2 and one sentence, no traceback; through typer too."""
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setitem(sys.modules, "mcp_types", None)
    for name in [n for n in sys.modules if n.startswith("kairos_git.recall.mcp_server.server")]:
        monkeypatch.delitem(sys.modules, name)

    answer = run(app.root, "serve", "mcp", code=2)

    assert "kairos-git[mcp]" in answer.err and "Traceback" not in answer.err and answer.out == ""


def test_words_it_does_not_know_are_a_usage_error(app: Place) -> None:
    """What cannot be parsed is left to the full command line, which says how."""
    assert "No such option" in run(app.root, "serve", "mcp", "--port", "1", code=2).err
