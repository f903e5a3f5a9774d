"""review, land, questions, as they are typed: what is printed, in text and JSON, and who may not."""

from __future__ import annotations

import pytest

from conftest import Place


@pytest.fixture
def waiting(app: Place) -> Place:
    """A memory with one dream that waits for review."""
    app.say("Tests run with `tox`", session="s")
    app.dream("--propose")
    return app


def test_nothing_to_review_is_no_error(app: Place) -> None:
    """Exit 0, and a sentence on standard error that says how one makes a proposal."""
    answer = app.run("review")

    assert answer.out == "" and "dream --propose" in answer.err
    assert app.run("review", "--json").json == {"proposal": None, "others": []}
    assert "kairos-git review" not in app.run("status").out


def test_propose_prints_how_to_look_and_how_to_land(app: Place) -> None:
    """The id, each change, and the three commands that may follow."""
    app.say("Tests run with `tox`")
    out = app.run("dream", "--propose", "--now", app.tick().isoformat()).out
    short = app.mem("for-each-ref", "--format=%(refname:lstrip=2)", "refs/proposed")

    assert out.startswith(f"{short} dream: 1 confirmed (waits for review, not landed)\n")
    assert "absent -> confirmed  Tests run with `tox`" in out
    for words in (f"kairos-git review {short}", f"log -p HEAD..proposed/{short}", f"kairos-git land {short}", f"--drop {short}"):
        assert words in out


def test_review_goes_fact_by_fact(waiting: Place) -> None:
    """Operation, states, text, reason and each observation behind it; the diff where it is asked for."""
    seen = waiting.run("review", "--json", "--diff").json
    text = waiting.run("review").out
    (op,) = seen["ops"]

    assert {
        "proposal",
        "dream",
        "time",
        "subject",
        "base",
        "why",
        "current",
        "by_hand",
        "ops",
        "questions",
        "others",
        "diff",
    } == set(seen)
    assert (op["op"], op["before"], op["after"], op["slot"]) == ("confirm", "absent", "confirmed", "tests.command")
    assert [(o["src"], o["text"]) for o in op["observations"]] == [("owner", "Tests run with `tox`")]
    assert seen["why"] == "on request" and seen["current"] and not seen["by_hand"]
    assert f"confirm   {op['fact']} tests.command: absent -> confirmed" in text
    assert op["observations"][0]["id"] in text and f"because: {op['reason']}" in text and "diff --git" not in text
    assert "+- Tests run with `tox`" in seen["diff"] and "+- Tests run with `tox`" in waiting.run("review", "--diff").out


def test_review_says_when_the_memory_moved_on(waiting: Place) -> None:
    """What was folded is behind what is written: the note says what land will do."""
    waiting.say("Fix typo", "agent", "s2")
    waiting.run("drain")

    assert "the memory moved on" in waiting.run("review").err
    assert waiting.run("review", "--json").json["current"] is False


def test_review_names_the_others(waiting: Place) -> None:
    """The newest is shown, the others are listed, each can be named by the beginning of its id."""
    first = waiting.run("review", "--json").json
    waiting.say("cache.backend = `redis`")
    second = waiting.dream("--propose")
    answer = waiting.run("review")

    assert second["proposal"] in answer.out and f"also waiting: {first['proposal']}" in answer.err
    assert waiting.run("review", first["dream"][:7], "--json").json["dream"] == first["dream"]
    assert "2 wait for you" in waiting.run("status").out


def test_drop_wants_a_name(waiting: Place) -> None:
    """Throwing away is never a default; what was thrown away is named, and no fact changed."""
    before = waiting.facts()
    assert "Say which" in waiting.run("review", "--drop", code=2).err
    short = waiting.run("review", "--json").json["dream"][:12]
    answer = waiting.run("review", "--drop", short)

    assert answer.out == f"proposed/{short} is dropped; no fact changed\n" and "reject" in answer.err
    assert waiting.facts() == before and waiting.run("review", "--json").json["proposal"] is None
    assert "waits for review" in waiting.run("review", "--drop", short, code=2).err


def test_land_prints_what_a_dream_prints(waiting: Place) -> None:
    """The dream's line and each change, as text; the keys of `dream --json`, as JSON."""
    short = waiting.run("review", "--json").json["dream"][:12]
    out = waiting.run("land", short, "--now", waiting.tick().isoformat()).out
    waiting.say("cache.backend = `redis`")
    done = waiting.dream("--propose")
    landed = waiting.run("land", done["proposal"], "--json", "--now", waiting.tick().isoformat()).json

    assert out.startswith(f"{short} dream: 1 confirmed\n") and "waits" not in out
    assert set(landed) == set(done) and landed["commit"] == landed["dream"] == done["dream"] and landed["proposal"] is None
    assert landed["ops"] == done["ops"]


def test_no_question_is_no_error(app: Place) -> None:
    """Exit 0; a note, or an empty list."""
    assert app.run("questions", "--json").json == []
    assert "no question" in app.run("questions").err and "asked" not in app.run("status").out


def test_an_agent_may_look_and_not_decide(waiting: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside an agent's environment land, drop and answer are refused before anything is looked at; reading is not."""
    waiting.say("requires python `>=3.13`", session="o")
    waiting.dream("--propose")
    short = waiting.run("review", "--json").json["dream"][:12]
    state = waiting.mem("for-each-ref")
    monkeypatch.setenv("CLAUDECODE", "1")

    for words in (["land", short], ["review", "--drop", short], ["questions", "--answer", "1"]):
        answer = waiting.run(*words, code=1)
        assert "CLAUDECODE" in answer.err and "the owner's to say" in answer.err
    assert waiting.run("review", "--json").json["dream"][:12] == short and len(waiting.run("questions", "--json").json) == 1
    assert waiting.mem("for-each-ref") == state


@pytest.mark.parametrize("words", [["review"], ["land", "abcd"], ["questions"]], ids=lambda w: w[0])
def test_without_a_memory_there_is_nothing_to_review(words: list[str], place: Place) -> None:
    """Exit 3 says `kairos-git init`."""
    assert "kairos-git init" in place.run(*words, code=3).err
