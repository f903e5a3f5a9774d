"""Who reads what a command prints: an agent's shell is noted, and kept from the vault."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conftest import Place


@pytest.mark.parametrize("command", [("facts",), ("log",), ("context",), ("handoff",), ("why", "FACT")], ids=lambda c: c[0])
def test_what_an_agent_reads_in_its_shell_and_says_back_is_no_new_word(
    app: Place, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """A guess of one agent, read by three others through a command and restated by them on three days, stays a guess."""
    said = "The staging server needs the blue certificate"
    app.now = datetime.now(UTC).replace(microsecond=0)  # what was shown is noted by the clock
    app.say(said, src="agent", session="codex-first")
    app.dream()
    name = app.fact("blue certificate")["id"]
    monkeypatch.setenv("CLAUDECODE", "1")
    for n in range(3):
        monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", f"session-{n}")
        app.run(*(name if word == "FACT" else word for word in command))
        app.run("observe", said, "--time", app.tick(days=1).isoformat())
    app.dream()

    assert app.fact("blue certificate")["state"] == "tentative"


def test_the_same_from_three_who_never_read_it_is_three_voices(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is the reading that makes the echo."""
    said = "The staging server needs the blue certificate"
    for n in range(3):
        app.say(said, src="agent", session=f"codex-{n}", days=1)
    app.dream()

    assert app.fact("blue certificate")["state"] == "confirmed"


@pytest.mark.parametrize("command", [("facts", "--topic", "vault"), ("recall", "bank", "--vault")], ids=lambda c: c[0])
def test_the_vault_is_closed_to_agents(app: Place, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    """They are told so, and by what they were known."""
    app.run("observe", "--memory", "me", "vault.bank = `DE0012`", "--time", app.tick().isoformat())
    app.run("dream", "--memory", "me", "--now", app.tick().isoformat())
    assert "DE0012" in app.run(*command, "--memory", "me").out
    monkeypatch.setenv("CLAUDECODE", "1")
    refused = app.run(*command, "--memory", "me", code=1)

    assert "DE0012" not in refused.out and "agent" in refused.err
