"""Questions instead of guesses: what evidence cannot settle is asked, once a day at most, and the answer holds."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Place

SAID, READ = "python.requires = >=3.13", "python.requires = >=3.11"
NOTE = "The staging database lives on host seven"
NEAR = "The staging database lives on the host seven"


def contradict(app: Place) -> dict[str, Any]:
    """The owner says what the tree does not; the question that comes of it."""
    app.say("requires python `>=3.13`")
    app.dream()
    (question,) = listed(app)
    return question


def reword(app: Place, open_now: int = 1) -> dict[str, Any]:
    """An agent says nearly what the owner rejected; the question that comes of it."""
    app.say(NOTE)
    app.dream()
    app.run("reject", app.fact("host seven")["id"], "--now", app.tick().isoformat())
    app.say(NEAR, "agent", "a")
    app.dream()
    questions = listed(app)
    assert len(questions) == open_now
    return questions[0]


def listed(app: Place) -> list[dict[str, Any]]:
    return list(app.run("questions", "--json").json)


def answer(app: Place, name: object, code: int = 0) -> Any:
    got = app.run("questions", "--answer", str(name), "--json", "--now", app.tick().isoformat(), code=code)
    return got.json if code == 0 else got


def mentions(done: dict[str, Any]) -> list[str]:
    return [n for n in done["notes"] if "question" in n]


def test_a_question_shows_both_sides_with_their_evidence(app: Place, laws: None) -> None:
    """The owner's word against a reading of the tree: two answers, each with a number, a fact and who said it."""
    question = contradict(app)
    text = app.run("questions").out

    assert question["text"] == "python.requires: is it `>=3.11` or `>=3.13`?" and question["id"].startswith("q-")
    assert [(a["number"], a["value"], a["state"], a["does"]) for a in question["answers"]] == [
        (1, ">=3.11", "confirmed", "confirm"), (2, ">=3.13", "tentative", "confirm"),
    ]  # fmt: skip
    assert [[o["src"] for o in a["observations"]] for a in question["answers"]] == [["probe"], ["owner"]]
    assert "  1  Requires Python `>=3.11`" in text and "owner: requires python `>=3.13`" in text and "--answer" in text
    assert app.run("status", "--json").json["questions"] == 1 and "1 open" in app.run("status").out


@pytest.mark.parametrize(("number", "stands", "falls"), [(1, READ, SAID), (2, SAID, READ)], ids=["the tree", "the owner"])
def test_an_answer_settles_it_for_good(app: Place, laws: None, number: int, stands: str, falls: str) -> None:
    """The side chosen is confirmed, the other superseded, the question gone; the next dreams and an agent change nothing."""
    contradict(app)
    done = answer(app, number)

    assert done["ruling"]["kind"] == "confirm" and "settled" in "\n".join(done["notes"])
    assert (app.facts("--all")[stands], app.facts("--all")[falls]) == ("confirmed", "superseded")
    assert listed(app) == [] and app.run("status", "--json").json["questions"] == 0
    app.say(f"requires python `{falls.partition(' = ')[2]}`", "agent", "echo")  # raises a doubt at most, and asks nothing again
    for _ in range(2):
        assert mentions(app.dream()) == [] and listed(app) == []
        app.tick(days=2)
    assert app.facts()[stands] in ("confirmed", "contested") and app.facts().get(falls) in ("tentative", None)


def test_what_the_owner_says_again_is_asked_again(app: Place, laws: None) -> None:
    """The question was settled for the tree; the owner's own word after it opens it anew."""
    question = contradict(app)
    answer(app, 1)
    app.say("requires python `>=3.13`", days=1)
    app.dream()

    assert [q["id"] for q in listed(app)] == [question["id"]]


@pytest.mark.parametrize(("number", "stands"), [(1, "npm test"), (2, "tox")])
def test_a_command_the_tree_reads_otherwise_is_a_question(place: Place, number: int, stands: str) -> None:
    """What the owner wants stands until the owner says otherwise; that the tree differs is asked, and the answer holds."""
    place.commit("Initial commit", {"a.py": "a = 1\n"})
    place.run("init", "--no-hooks", "--now", place.tick().isoformat())
    place.say("Tests run with `tox`")
    place.dream()
    place.commit("Work", {"package.json": '{"name": "x", "scripts": {"test": "node --test"}}'})
    place.dream()
    assert place.facts()["tests.command = tox"] == "confirmed"
    (question,) = listed(place)
    assert [(a["number"], a["value"]) for a in question["answers"]] == [(1, "npm test"), (2, "tox")]

    answer(place, number)
    place.dream()

    assert {k: v for k, v in place.facts().items() if k.startswith("tests.command")} == {f"tests.command = {stands}": "confirmed"}
    assert listed(place) == [] and place.run("fsck", "--json").json["ok"]


def test_what_the_tree_settles_is_asked_no_more(app: Place, laws: None) -> None:
    """The tree came to say what the owner said: nothing is left to ask."""
    contradict(app)
    app.commit("Work", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.13"\n'})
    app.dream()

    assert listed(app) == [] and app.facts()[SAID] == "confirmed" and READ not in app.facts()


def test_nearly_what_was_rejected_waits_for_the_owner(app: Place, laws: None) -> None:
    """It is neither believed nor forgotten: two answers, take it or leave it out."""
    question = reword(app)

    assert [a["does"] for a in question["answers"]] == ["say", "reject"] and "which you rejected" in question["text"]
    assert not [f for f in app.facts() if f.startswith("note")]
    assert "take it: " in app.run("questions").out and "leave it out: " in app.run("questions").out


@pytest.mark.parametrize("take", [True, False], ids=["taken", "left out"])
def test_the_answer_about_a_near_copy_holds(app: Place, laws: None, take: bool) -> None:
    """Taken, it is the owner's own word and stands, while what was rejected stays out; left out, it is rejected too."""
    question = reword(app)
    done = answer(app, question["answers"][0 if take else 1]["number"])
    notes = {f: s for f, s in app.facts("--all").items() if f.startswith("note")}

    assert (done["ruling"] is None) is take
    assert notes == {f"note = {NOTE.lower()}": "rejected", f"note = {NEAR.lower()}": "confirmed" if take else "rejected"}
    assert listed(app) == []
    app.say(NEAR, "agent", "b")
    app.say(NOTE, "agent", "c")
    app.dream()
    assert {f: s for f, s in app.facts("--all").items() if f.startswith("note")} == notes and listed(app) == []


def test_a_question_keeps_its_id_and_its_number(app: Place, laws: None) -> None:
    """More evidence, other questions before it, its neighbour settled: a number listed once means the same answer."""
    first = contradict(app)
    second = reword(app, 2)
    app.say("requires python `>=3.13`", "agent", "z")
    app.dream()
    again = {q["id"]: [a["number"] for a in q["answers"]] for q in listed(app)}
    answer(app, 2)

    assert list(again) == [second["id"], first["id"]]  # by slot: `note` stands before `python.requires`, and came later
    assert again == {first["id"]: [1, 2], second["id"]: [3, 4]}
    assert [[a["number"] for a in q["answers"]] for q in listed(app)] == [[3, 4]]


def test_numbers_are_told_again_where_they_were_lost(app: Place) -> None:
    """The file of numbers may be deleted: a number is refused until it was listed again; an id needs no list."""
    question = contradict(app)
    (app.memory / ".git/kairos/questions").unlink()

    assert "questions" in answer(app, 2, code=2).err
    assert app.run("status", "--json").json["questions"] == 0
    done = answer(app, question["answers"][1]["answer"])
    assert done["ruling"]["value"] == ">=3.13" and SAID in app.facts()


@pytest.mark.parametrize(
    "name", ["0", "3", "99999999999999999999", "q-aaaaaaaaaaaaa/1", "q-", "f-1234", "", "a", "-1", "²", "1/1"]
)
def test_an_answer_to_nothing_is_refused(app: Place, name: str) -> None:
    """Exit 2, a sentence, and no ruling."""
    contradict(app)
    head = app.mem("rev-parse", "HEAD")
    got = app.run("questions", f"--answer={name}", code=2)

    assert "kairos-git questions" in got.err and "Traceback" not in got.err
    assert app.mem("rev-parse", "HEAD") == head


def test_an_id_alone_does_not_say_which_answer(app: Place) -> None:
    """The question is right, the answer is missing: both forms are named."""
    question = contradict(app)
    got = answer(app, question["id"], code=2)

    assert f"{question['id']}/1 or {question['id']}/2" in got.err


def test_a_settled_number_is_not_answered_twice(app: Place) -> None:
    """Exit 2: the question is closed, and the first answer stands."""
    contradict(app)
    answer(app, 2)
    assert "no open question" in answer(app, 1, code=2).err
    assert SAID in app.facts()


def test_a_question_is_mentioned_once_a_day(app: Place) -> None:
    """By the dream's own time: the next dream is silent, a day later it is said again; a dry run counts for nothing."""
    app.say("requires python `>=3.13`")
    assert len(mentions(app.dream("--dry-run"))) == 1
    first = app.dream()
    app.tick(hours=23)
    second = app.dream()
    app.tick(hours=1)
    third = app.dream()

    assert [len(mentions(d)) for d in (first, second, third)] == [1, 0, 1]
    assert "python.requires" in mentions(first)[0] and "kairos-git questions" in mentions(first)[0]


def test_a_clock_that_stepped_back_silences_no_question(app: Place) -> None:
    """Mentioned in what is now the future: it is mentioned now."""
    contradict(app)
    early = "2026-11-20T00:00:00+00:00"

    assert len(mentions(app.run("dream", "--json", "--now", early).json)) == 1
    assert mentions(app.run("dream", "--json", "--now", early).json) == []


@pytest.mark.parametrize(
    "damage", [b"\0\xff\n", b"q-aaaaaaaaaaaaa 1 yesterday\n", b"q-aaaaaaaaaaaaa 99999999999999999999 -\n" * 3]
)
def test_a_damaged_file_of_numbers_is_made_anew(app: Place, damage: bytes) -> None:
    """Nothing in it is needed."""
    question = contradict(app)
    (app.memory / ".git/kairos/questions").write_bytes(damage)
    app.dream()

    assert [q["id"] for q in listed(app)] == [question["id"]]
    assert app.run("status", "--json").json["questions"] == 1


def test_review_shows_the_questions_a_dream_would_leave_open(app: Place) -> None:
    """A proposal's questions are those of the memory it was folded from."""
    app.say("requires python `>=3.13`")
    app.dream("--propose")
    seen = app.run("review", "--json").json

    assert [q["text"] for q in seen["questions"]] == ["python.requires: is it `>=3.11` or `>=3.13`?"]
    assert "is it `>=3.11`" in app.run("review").out
