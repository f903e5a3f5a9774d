"""One way in for statements: private first, redacted, and an echo adds no voice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conftest import NOON, Place
from kairos_git.capture.sessions import state
from kairos_git.errors import Refused, UsageError
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.runner.sessions.remembering import note_shown, remember

GUESS = "The importer needs the legacy flag"


def told(app: Place) -> list[Observation]:
    return list(opened(app).snapshot().observations)


def opened(app: Place) -> Memory:
    return open_memory(str(app.memory))


def guessed(app: Place) -> str:
    """One agent's guess, a tentative fact; its id."""
    remember(opened(app), GUESS, app.tick(), src="agent", session="claude-first", exact=True)
    app.dream()
    fact = app.fact("legacy flag")
    assert fact["state"] == "tentative"
    return str(fact["id"])


def test_three_agents_who_read_a_guess_in_memory_never_confirm_it(app: Place, laws: None) -> None:
    """Restated word for word, reworded and in part, on two days: it is still one voice."""
    fact = guessed(app)
    for n, text in enumerate(
        (GUESS, "the importer needs the legacy flag!", "I verified that the importer needs the legacy flag here")
    ):
        note_shown(opened(app), f"claude-{n}", [fact], app.tick(hours=10), commit=opened(app).head())
        remember(opened(app), text, app.tick(hours=10), src="agent", session=f"claude-{n}", exact=True)
    app.dream()

    assert {state for key, state in app.facts().items() if "legacy flag" in key} == {"tentative"}
    assert {o.origin for o in told(app) if "flag" in o.text} == {"claude-first"}


def test_three_agents_who_found_it_themselves_confirm_it(app: Place, laws: None) -> None:
    """Their sessions were shown something else."""
    guessed(app)
    other = app.say("Docs are built with `make docs`")
    for n in range(3):
        note_shown(opened(app), f"claude-{n}", [other], app.tick(hours=10))
        remember(opened(app), GUESS, app.tick(hours=10), src="agent", session=f"claude-{n}", exact=True)
    app.dream()

    assert app.fact("legacy flag")["state"] == "confirmed"


def test_a_call_that_names_no_session_may_have_read_what_anyone_was_shown(app: Place) -> None:
    """For thirty days; nobody can tell which session calls."""
    fact = guessed(app)
    note_shown(opened(app), "codex-somebody", [fact], app.tick())

    soon = remember(opened(app), GUESS, app.tick(hours=1), src="agent", exact=True)
    late = remember(opened(app), GUESS, app.tick(days=40), src="agent", exact=True)

    assert (soon.origin, late.origin) == ("claude-first", late.sess)


def test_what_was_said_before_it_was_shown_is_no_echo(app: Place) -> None:
    """A statement of yesterday cannot come from what was shown today."""
    fact = guessed(app)
    before = app.tick()
    note_shown(opened(app), "codex-somebody", [fact], app.tick(hours=1))

    assert remember(opened(app), GUESS, before, src="agent", exact=True).root == ""


def test_a_fact_that_is_superseded_since_is_still_an_echo(app: Place) -> None:
    """The session has it from the commit it was shown at: stale memory must not come back as news."""
    app.say("Tests run with `tox`")
    app.dream()
    old = app.fact("tox")["id"]
    note_shown(opened(app), "claude-a", [old], app.tick(), commit=opened(app).head())
    app.say("Tests run with `nox`")
    app.dream()

    said = remember(opened(app), "Tests run with `tox`", app.tick(), src="agent", session="claude-a", exact=True)

    assert said.root.startswith("o-")


def test_a_line_of_the_log_that_was_shown_keeps_its_root_before_any_dream(app: Place) -> None:
    """Also where it still waits in the spool."""
    first = remember(opened(app), GUESS, app.tick(), src="agent", session="claude-first", exact=True)
    note_shown(opened(app), "claude-b", [first.id], app.tick())

    assert remember(opened(app), GUESS, app.tick(), src="agent", session="claude-b", exact=True).origin == "claude-first"


def test_a_shortened_id_is_enough(app: Place) -> None:
    """A block shows ten characters of an id, and a tool may note what it showed by these."""
    fact = guessed(app)
    line = next(o.id for o in told(app) if o.text == GUESS)
    note_shown(opened(app), "claude-a", [fact[:10]], app.tick())
    note_shown(opened(app), "claude-b", [line[:10]], app.tick())

    said = [remember(opened(app), GUESS, app.tick(), src="agent", session=f"claude-{s}", exact=True) for s in "ab"]
    assert [o.origin for o in said] == ["claude-first"] * 2


def test_the_owner_repeats_what_they_like(app: Place) -> None:
    """Only agents' statements are held against what was shown."""
    fact = guessed(app)
    note_shown(opened(app), "claude-b", [fact], app.tick())

    assert remember(opened(app), GUESS, app.tick(), src="owner", session="claude-b", exact=True).root == ""


def test_what_is_private_is_refused_and_what_is_secret_is_redacted(app: Place) -> None:
    """Before the first write: no byte of either is anywhere in the memory's folder."""
    (app.memory / "kairos.yaml").write_text('private: ["clients/*"]\nignore: [bluebird]\n')
    with pytest.raises(Refused, match="Nothing was written"):
        remember(opened(app), "The plan is in clients/acme/plan.md", app.tick(), src="owner")
    with pytest.raises(Refused):
        remember(opened(app), "Bluebird starts in May", app.tick(), src="owner")
    o = remember(opened(app), "Use ghp_" + "a1B2" * 9 + " and <private>pin 1234</private>", app.tick(), src="owner")

    everything = b"".join(p.read_bytes() for p in app.memory.rglob("*") if p.is_file())
    assert o.text == "Use [redacted:github-token] and [private]"
    for word in (b"acme", b"luebird starts", b"a1B2a1B2", b"1234"):
        assert word not in everything


def test_observe_leaves_out_what_is_private(app: Place) -> None:
    """The command goes the same way in, rows of a batch too."""
    (app.memory / "kairos.yaml").write_text("ignore: [bluebird]\n")
    assert "Nothing was written" in app.run("observe", "Bluebird starts in May", code=1).err
    (app.root / "rows").write_text('{"text": "fine thing"}\n{"text": "bluebird"}\n')
    assert "rows:2" in app.run("observe", "--batch", "rows", code=2).err


def test_an_agents_shell_knows_its_session(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """One agent has one voice, whatever name it gives itself; so what it was shown is known."""
    fact = guessed(app)
    note_shown(opened(app), "claude-7f3a09c2b1de", [fact], app.now)
    monkeypatch.setenv("CLAUDECODE", "1")
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "7f3a09c2-b1de-4c55-9f10-000000000001")
    app.run("observe", GUESS, "--session", "somebody-else", "--time", app.tick().isoformat())
    app.run("drain", "--now", app.tick().isoformat())

    last = max(told(app), key=lambda o: o.epoch)
    assert (last.src, last.sess, last.origin) == ("agent", "claude-7f3a09c2b1de", "claude-first")


def test_two_statements_of_one_second_stay_in_order(app: Place) -> None:
    """Each gets a second of its own."""
    one = remember(opened(app), "first of two", NOON + timedelta(days=1), src="owner")
    two = remember(opened(app), "second of two", NOON + timedelta(days=1), src="owner")
    assert one.epoch < two.epoch


def test_nothing_is_no_statement(app: Place) -> None:
    """An empty text is a mistake of the caller's."""
    with pytest.raises(UsageError, match="empty"):
        remember(opened(app), "  \n", app.tick(), src="owner")


def test_a_summary_of_a_session_claims_nothing(app: Place) -> None:
    """A line with an `event` word is an account: "Tests run with `tox`" in it makes no fact."""
    state.note(opened(app).own, "claude-a", app.tick(), changes={"message": "Tests run with `tox`", "said": app.now.isoformat()})
    app.run("drain", "--now", app.tick(hours=7).isoformat())
    app.dream()

    assert any(o.word("event") == "end" for o in told(app))
    assert not any("tox" in key for key in app.facts())
