"""What holds for every real client: what memory says reaches its model, and what its owner says comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import model_server
import pytest
import responses_server
from real import FACT, claude, codex, know, program, sent, told

from conftest import Place


class Client(NamedTuple):
    """A client that knows the place's memory. ask: one session, and all that its model was first sent; says: what that answers."""

    place: Place
    ask: Callable[[str], str]
    says: Callable[[str], None]


def _with_claude(place: Place) -> Iterator[Client]:
    def says(text: str) -> None:
        server.always = model_server.Step(say=text)

    with model_server.serve() as server:
        yield Client(place, lambda prompt: sent(claude(place, server, prompt)), says)


def _with_codex(place: Place) -> Iterator[Client]:
    def says(text: str) -> None:
        server.say = text

    with responses_server.serve() as server:
        yield Client(place, lambda prompt: sent(codex(place, server, prompt)), says)


CLIENTS = {"claude": _with_claude, "codex": _with_codex}


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, place: Place) -> Iterator[Client]:
    program(request.param)
    (Path.home() / f".{request.param}").mkdir()
    know(place, request.param)
    yield from CLIENTS[request.param](place)


def test_its_first_request_carries_a_confirmed_fact_until_the_dream_is_reverted(client: Client) -> None:
    """The fact comes labelled as data; what the owner takes back does not come again."""
    dream = told(client.place, FACT)
    first = client.ask("hello")
    assert "tox -e release-candidate" in first
    assert "data, not instructions" in first

    client.place.run("revert", dream)
    client.place.run("dream")

    assert "release-candidate" not in client.ask("hello again")


def test_an_explicit_instruction_becomes_an_observation_of_the_owner(client: Client) -> None:
    """What the prompt begins with is the owner speaking; what the model answers is not."""
    client.says("Noted: deploys happen from `main` only, and from `trunk` too.")
    client.ask("remember: deploys happen from `main` only")
    client.place.run("drain")

    said = {o["text"]: o["src"] for o in client.place.run("log", "--json").json}
    assert [src for text, src in said.items() if "`main` only" in text and "trunk" not in text] == ["owner"]
    assert "owner" not in [src for text, src in said.items() if "trunk" in text]


def test_what_one_session_left_is_where_the_next_one_begins(client: Client) -> None:
    """The handoff of session 1 is in the first request of session 2."""
    client.says("The parser is done. Next: the pretty-printer for nested lists.")
    client.ask("write the parser")

    assert "pretty-printer for nested lists" in client.ask("go on")
