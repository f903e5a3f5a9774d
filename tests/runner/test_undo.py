"""What was undone stays out, what was learned stays in: one life of every kind; `make scorecard` plays ten of each."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bench import defects
from bench.lives import CLOCKS
from bench.scenarios import SCENARIOS, play
from bench.specs import specs

from conftest import NOON, Place
from kairos_git.dream.slots import claims
from kairos_git.memory.observation import observe


@pytest.mark.parametrize(("seed", "name"), list(enumerate(SCENARIOS)))
def test_what_was_undone_stays_out_and_nothing_else_is_lost(seed: int, name: str, tmp_path: Path) -> None:
    """Echoes by agents, later dreams, another machine's merge and a rebuild change nothing; the owner's word lifts it."""
    outcome = play(name, seed, tmp_path, CLOCKS[seed % len(CLOCKS)], brief=True)
    assert [f"{b.kind}: {b.what}" for b in outcome.broken] == []
    assert outcome.checks >= 3


@pytest.mark.parametrize("defect", ["rulings are ignored", "topics are merged by union"])
def test_a_build_that_forgets_what_was_undone_is_caught(defect: str, tmp_path: Path) -> None:
    """The lives above can fail: with rulings ignored, or topics merged by union, what was undone is back."""
    lives = ["revert_of_the_newest_dream" if defect.startswith("rulings") else "a_reverts_while_b_dreams_and_b_pulls"]
    assert "stick" in defects.caught(defect, tmp_path, "scenarios.broken", lives, [0, 1, 2], str(tmp_path / "lives"))


def test_every_wording_of_a_life_states_its_fact() -> None:
    """What agents echo in other words is the same claim, else the lives above would prove nothing."""
    for spec in specs(random.Random(0)):
        for words in spec.words:
            made = claims(observe(NOON, words, "agent", sess="s"))
            assert [f"{c.slot} = {c.value}" for c in made] == [spec.key], words


def test_a_reset_whose_traces_are_deleted_takes_no_line_away(app: Place, laws: None) -> None:
    """A reset, and then our own note of where the branch stood deleted: the reflog still knows what was written down."""
    app.say("cache.backend = `redis`")
    dream = app.dream()["dream"]
    said = app.say("mail.backend = `smtp`")
    app.dream()
    app.mem("reset", "-q", "--hard", f"{dream}^")
    (app.memory / ".git/kairos/followed").unlink()
    app.dream()
    assert app.mem("grep", "-c", said, "HEAD", "--", "log").endswith(":1")
    assert not {"cache.backend = redis", "mail.backend = smtp"} & set(app.facts())


def test_two_decisions_in_one_second_stand_in_the_order_they_were_made(app: Place, laws: None) -> None:
    """The grain of time is a second; rejected, allowed and rejected at one time is rejected."""
    app.say("cache.backend = `redis`")
    app.dream()
    fact = app.fact("redis")["id"]
    now = app.tick().isoformat()
    for kind, stands in (("reject", False), ("allow", True), ("reject", False), ("allow", True)):
        app.run(kind, fact, "--now", now)
        assert ("cache.backend = redis" in app.facts()) is stands, kind


def test_what_is_said_in_a_batch_after_a_ruling_counts_as_said_after_it(app: Place, laws: None, tmp_path: Path) -> None:
    """Rows without a time are dated back a second each, so that they keep their order; never to before a decision."""
    app.run("observe", "cache.backend = `redis`")
    app.run("dream")
    app.run("reject", app.fact("redis")["id"], "--now", (datetime.now(UTC) + timedelta(seconds=9)).isoformat())
    rows = ["cache.backend = `redis`", *(f"queue{n}.backend = `rabbit`" for n in range(30))]
    (tmp_path / "rows").write_text("".join(json.dumps({"text": text}) + "\n" for text in rows))
    app.run("observe", "--batch", str(tmp_path / "rows"))
    app.run("dream")
    assert app.facts()["cache.backend = redis"] == "confirmed"


def test_what_is_said_after_a_ruling_was_pulled_lifts_it_whatever_the_clocks_say(app: Place, laws: None, tmp_path: Path) -> None:
    """The other machine's clock goes ahead: here the owner speaks later all the same, having seen the ruling."""
    app.run("observe", "cache.backend = `redis`")
    app.run("dream")
    other = Place(tmp_path / "other")
    app.git("clone", "-q", ".", str(other.root))
    app.git("clone", "-q", str(app.memory), str(other.memory))
    ahead = datetime.now(UTC) + timedelta(minutes=2)
    other.run("reject", other.fact("redis")["id"], "--now", ahead.isoformat())
    app.mem("pull", "-q", "--ff-only", str(other.memory), "main")
    assert "cache.backend = redis" not in app.facts()
    app.run("observe", "cache.backend = `redis`")
    app.run("dream")
    assert app.facts()["cache.backend = redis"] == "confirmed"


def test_a_revert_by_command_is_made_at_the_time_it_is_told(app: Place, laws: None) -> None:
    """`--now` counts for a revert too: what the owner says after it, by the same clock, lifts it."""
    app.say("cache.backend = `redis`")
    dream = app.dream()["dream"]
    app.run("revert", dream, "--now", app.tick().isoformat())
    assert "cache.backend = redis" not in app.facts()
    app.say("cache.backend = `redis`")
    app.dream()
    assert app.facts()["cache.backend = redis"] == "confirmed"


def test_why_names_the_commit_in_which_a_decision_was_found(app: Place, laws: None) -> None:
    """A revert rejects without a word: whoever asks later is told where."""
    app.say("cache.backend = `redis`")
    app.mem("revert", "--no-edit", app.dream()["dream"])
    commit = app.mem("log", "-1", "--format=%h", "--abbrev=12", "--grep=^Revert ").strip()
    app.dream()
    name = app.fact("redis", "--all")["id"]

    assert f"reject by Ada, in commit {commit}" in app.run("why", name).out
    assert [(r["kind"], r["commit"]) for r in app.run("why", name, "--json").json["rulings"]] == [("reject", commit)]


def test_a_revert_by_command_refuses_what_is_being_edited(app: Place) -> None:
    """An uncommitted edit of the same topic is neither taken into the revert nor overwritten."""
    app.say("cache.backend = `redis`")
    dream = app.dream()["dream"]
    topic = app.memory / "topics/cache.md"
    topic.write_text(topic.read_text() + "\nTo be checked.\n")
    answer = app.run("revert", dream, code=4)
    assert "uncommitted edits" in answer.err
    assert topic.read_text().endswith("To be checked.\n")
    assert app.mem("log", "-1", "--format=%H") == dream


def test_a_deleted_topic_does_not_stop_the_next_merge(app: Place, tmp_path: Path) -> None:
    """One machine deletes a topic, the other learns more in it: the merge takes the deletion for its facts, and goes on."""
    app.say("cache.backend = `redis`")
    app.dream()
    other = Place(tmp_path / "other")
    app.git("clone", "-q", ".", str(other.root))
    app.git("clone", "-q", str(app.memory), str(other.memory))
    other.now = app.now
    other.say("cache.size = `64`")
    other.dream()
    app.mem("rm", "-q", "topics/cache.md")
    app.mem("commit", "-q", "-m", "wrong")
    app.mem("pull", "-q", "--no-rebase", "--no-edit", str(other.memory), "main")
    app.dream()
    assert "cache.size = 64" in app.facts()
    assert "cache.backend = redis" not in app.facts()


def test_a_line_that_a_merge_wrote_twice_stands_once_again(app: Place) -> None:
    """Union merges double what one side had put back elsewhere in the file; the first one stays where it is."""
    app.say("The port is `8000`")
    app.dream()
    log = next(p for p in (app.memory / "log").rglob("*.md") if "8000" in p.read_text())
    line = next(line for line in log.read_text().splitlines() if "8000" in line)
    whole = log.read_text()
    log.write_text(whole + line + "\n")
    app.mem("commit", "-qam", "a merge")
    app.dream()

    assert log.read_text() == whole and app.mem("show", f"HEAD:{log.relative_to(app.memory)}") == whole.rstrip("\n")
    assert app.run("fsck", "--json").json["ok"]
