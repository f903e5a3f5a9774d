"""The real Codex, against a stand-in of the Responses API: the same entries, the same memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from real import codex, program, ready, sent, told
from responses_server import ResponsesServer, serve

from conftest import Place

FACT = "Tests run with `tox -e release-candidate`"


@pytest.fixture
def server() -> Iterator[ResponsesServer]:
    program("codex")
    with serve() as server:
        yield server


@pytest.fixture
def installed(place: Place) -> Place:
    """A project with a memory, and Codex set up to know it."""
    (Path.home() / ".codex").mkdir()
    ready(place)
    answer = place.run("agents", "install", "codex", "--yes")
    assert "/hooks" in answer.out, "it says that Codex wants the hooks trusted once"
    return place


def test_its_first_request_carries_a_confirmed_fact_until_the_dream_is_reverted(
    installed: Place, server: ResponsesServer
) -> None:
    """The fact comes labelled as data; what the owner takes back does not come again."""
    dream = told(installed, FACT)
    first = sent(codex(installed, server, "hello"))
    assert "tox -e release-candidate" in first
    assert "data, not instructions" in first

    installed.run("revert", dream)
    installed.run("dream")

    assert "release-candidate" not in sent(codex(installed, server, "hello again"))


def test_an_explicit_instruction_becomes_an_observation_of_the_owner(installed: Place, server: ResponsesServer) -> None:
    """What the prompt begins with is the owner speaking."""
    codex(installed, server, "remember: deploys happen from `main` only")
    installed.run("drain")

    assert [o["src"] for o in installed.run("log", "--json").json if "`main` only" in o["text"]] == ["owner"]


def test_what_one_session_left_is_where_the_next_one_begins(installed: Place, server: ResponsesServer) -> None:
    """The handoff of session 1 is in the first request of session 2."""
    server.say = "The parser is done. Next: the pretty-printer for nested lists."
    codex(installed, server, "write the parser")

    assert "pretty-printer for nested lists" in sent(codex(installed, server, "go on"))


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
