"""The real Codex: what it alone has, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from real import FACT, codex, know, program, sent, told
from responses_server import ResponsesServer, serve

from conftest import Place


@pytest.fixture
def server() -> Iterator[ResponsesServer]:
    program("codex")
    with serve() as server:
        yield server


@pytest.fixture
def installed(place: Place) -> Place:
    """A project with a memory, and Codex set up to know it."""
    (Path.home() / ".codex").mkdir()
    assert "/hooks" in know(place, "codex").out, "it says that Codex wants the hooks trusted once"
    return place


def test_uninstalled_it_knows_nothing_and_its_settings_are_as_before(installed: Place, server: ResponsesServer) -> None:
    """A hooks.json that was made for us goes; config.toml with a server of ours is as it was."""
    told(installed, FACT)
    codex(installed, server, "hello")
    config = Path.home() / ".codex" / "config.toml"
    before = config.read_bytes()
    installed.run("agents", "install", "codex", "--how", "mcp", "--yes")
    assert b"[mcp_servers.kairos]" in config.read_bytes()
    installed.run("agents", "uninstall", "--yes")

    assert config.read_bytes() == before
    assert not (Path.home() / ".codex" / "hooks.json").exists()
    assert "release-candidate" not in sent(codex(installed, server, "hello"))
