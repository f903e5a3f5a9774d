"""dream with a model, as a person types it: it asks, says what it cost, and `why` shows what was proposed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from model_server import ModelServer, Step, proposals, serve

from conftest import Place

pytestmark = pytest.mark.usefixtures("isolated", "laws")

SAID = "The suite is started through tox nowadays"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    for name in [n for n in os.environ if n.startswith("ANTHROPIC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")
    with serve() as running:
        yield running


@pytest.fixture
def asking(app: Place, server: ModelServer) -> Place:
    """A memory whose model is the stand-in, which reads one statement."""
    (app.memory / "kairos.yaml").write_text(f"model: {{name: claude-haiku-5-5, base_url: '{server.url}', seconds: 5}}\n")
    app.mem("commit", "-qam", "Settings")
    app.say(SAID)
    server.always = Step(
        lambda r: proposals(
            {"op": "slot", "o": r.name("tox"), "slot": "tests.command", "value": "tox", "quote": "started through tox"}
        )
    )
    return app


def test_a_dream_asks_the_model_and_why_shows_its_quote(asking: Place, server: ModelServer) -> None:
    """One call; its cost is said at the dream and in status; the fact names the proposal, which decided nothing."""
    done = asking.run("dream")
    told = asking.run("why", asking.fact("tox")["id"])

    assert "1 call" in done.err and len(server.requests) == 1
    assert "“started through tox”" in told.out and "by claude-haiku-5-5" in told.out and "no evidence and no trust" in told.out
    assert asking.run("why", asking.fact("tox")["id"], "--json").json["proposals"][0]["op"] == "slot"
    assert "1 call" in asking.run("status").out
    asking.run("dream")
    assert len(server.requests) == 1


def test_a_model_that_fails_costs_no_dream(asking: Place, server: ModelServer) -> None:
    """The rules go on alone, exit code 0, and the note says what happened."""
    server.always = Step(status=500)

    done = asking.run("dream")

    assert "500" in done.err and asking.facts()["note = the suite is started through tox nowadays"] == "confirmed"


def test_a_batch_is_handed_over_and_taken_back(asking: Place, server: ModelServer) -> None:
    """`--submit` asks nothing now, `--collect` says when it is not ready, and dreams with the answers when it is."""
    assert "submitted 1 statement" in asking.run("dream", "--submit").err
    assert "not ready" in asking.run("dream", "--collect").err
    server.ready = True
    asking.run("dream", "--collect")

    assert asking.facts()["tests.command = tox"] == "confirmed"


def test_a_batch_without_a_model_is_an_error(app: Place, server: ModelServer) -> None:
    """Both flags name what is missing; both at once are refused."""
    assert "No model is set" in app.run("dream", "--submit", code=2).err
    assert "No model is set" in app.run("dream", "--collect", code=2).err
    assert "either --submit or --collect" in app.run("dream", "--submit", "--collect", code=2).err
    assert server.requests == []
