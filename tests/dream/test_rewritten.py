"""History rewritten by hand: a squash, an amend, a rebase or a reset is a decision only about what it really took away."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import Place

KEY = "cache.backend = redis"


def remember(app: Place, text: str = "cache.backend = `redis`") -> str:
    """Say something as the owner, and dream; the dream's commit."""
    app.say(text)
    return str(app.dream()["dream"])


def by_hand(app: Place, *arguments: str, **env: str) -> str:
    """git in the memory, at the test's time."""
    return app.mem(*arguments, when=app.tick(), **env)


def strike(app: Place) -> None:
    """Take the fact's line out and commit, where no hook of ours runs."""
    app.mem("config", "core.hooksPath", "/dev/null")
    topic = app.memory / "topics/cache.md"
    topic.write_text("".join(line for line in topic.read_text().splitlines(keepends=True) if "redis" not in line))
    by_hand(app, "commit", "-q", "-am", "wrong")


def test_squashing_an_old_decision_is_no_new_one(app: Place, laws: None) -> None:
    """What the owner said after an undo lifts it, also when the undo is squashed into another commit after that."""
    dream = remember(app)
    strike(app)
    app.dream()
    assert KEY not in app.facts()
    app.say("cache.backend = `redis`")
    by_hand(app, "reset", "-q", "--soft", dream)
    by_hand(app, "commit", "-q", "-m", "all in one")
    app.dream()
    assert app.facts()[KEY] == "confirmed"


def test_a_decision_is_noted_once_though_its_note_is_amended(app: Place, laws: None) -> None:
    """The owner's next word waits in the spool meanwhile: it was said after the decision, and lifts it."""
    dream = remember(app)
    by_hand(app, "revert", "--no-edit", dream)  # the hook notes it
    said = app.mem("show", "HEAD:rulings.md")
    assert "reject cache.backend" in said
    app.say("cache.backend = `redis`")
    for words in ("nonsense", "more of it"):
        by_hand(app, "commit", "-q", "--amend", "--allow-empty", "-m", words)
    assert app.mem("show", "HEAD:rulings.md") == said
    app.dream()
    assert app.facts()[KEY] == "confirmed"


def test_what_is_settled_already_is_accepted_as_it_stands(app: Place, laws: None) -> None:
    """After such a squash, a fact that is put back by hand is a decision, and stays."""
    dream = remember(app)
    strike(app)
    app.dream()
    by_hand(app, "reset", "-q", "--soft", dream)
    by_hand(app, "commit", "-q", "-m", "all in one")
    app.dream()
    by_hand(app, "checkout", "-q", dream, "--", "topics")
    by_hand(app, "commit", "-q", "-m", "it was right")
    app.dream()
    assert app.facts()[KEY] == "confirmed"


def test_an_undo_that_nobody_noted_keeps_its_time_in_a_squash(app: Place, laws: None) -> None:
    """Struck where no hook runs, said again, and then squashed together with the dream: the owner's word came later."""
    dream = remember(app)
    strike(app)
    app.say("cache.backend = `redis`")
    by_hand(app, "reset", "-q", "--soft", f"{dream}^")
    by_hand(app, "commit", "-q", "-m", "all in one")
    app.dream()
    assert app.facts()[KEY] == "confirmed"


@pytest.mark.parametrize("how", ["amended", "squashed"])
def test_a_reset_undoes_a_dream_that_was_rewritten_before(how: str, app: Place, laws: None) -> None:
    """A dream lives on in the commit that took it in; a reset that drops that commit drops the dream."""
    start = app.mem("rev-parse", "HEAD")
    remember(app)
    if how == "squashed":
        remember(app, "mail.backend = `smtp`")
        by_hand(app, "reset", "-q", "--soft", start)
        by_hand(app, "commit", "-q", "-m", "what I learned")
    else:
        by_hand(app, "commit", "-q", "--amend", "-m", "what I learned")
    app.dream()
    assert KEY in app.facts()
    by_hand(app, "reset", "-q", "--hard", start)
    app.dream()
    assert KEY not in app.facts()


def test_a_dream_dropped_on_a_side_branch_is_undone_there(app: Place, laws: None) -> None:
    """It landed on main before the branch began; on main it stands as before."""
    dream = remember(app)
    remember(app, "mail.backend = `smtp`")
    by_hand(app, "switch", "-q", "-c", "side")
    by_hand(app, "rebase", "-q", "-i", f"{dream}^", GIT_SEQUENCE_EDITOR=f"sed -i -e '/^pick {dream[:7]}/d'")
    app.dream()
    assert KEY not in app.facts()
    assert app.facts()["mail.backend = smtp"] == "confirmed"
    assert "redis" in app.mem("show", "main:topics/cache.md")
    refs = app.mem("for-each-ref", "--format=%(refname)", "refs/kairos/landed/main", "refs/kairos/undone")
    assert [name for name in refs.splitlines() if dream in name] == [
        f"refs/kairos/landed/main/{dream}",
        f"refs/kairos/undone/side/{dream}",
    ]


def test_a_reset_in_a_clone_counts_before_any_command_ran_there(app: Place, tmp_path: Path) -> None:
    """No dream ever landed in the clone: its reflog tells what the reset took away."""
    dream = remember(app)
    other = Place(tmp_path / "other")
    shutil.copytree(app.root, other.root)
    app.git("clone", "-q", str(app.memory), str(other.memory))
    other.git("config", "kairos.memory", str(other.memory))
    other.now = app.now
    by_hand(other, "reset", "-q", "--hard", f"{dream}^")
    other.dream()
    assert KEY not in other.facts()


def test_a_reset_to_before_a_pull_undoes_what_came_with_it(app: Place, laws: None, tmp_path: Path) -> None:
    """The dream landed on another machine; here it was held and is held no more, while its log lines come back."""
    other = Place(tmp_path / "other")
    app.git("clone", "-q", ".", str(other.root))
    app.git("clone", "-q", str(app.memory), str(other.memory))
    other.now = app.now
    said = other.say("cache.backend = `redis`")
    other.dream()
    app.now = other.now
    before = app.mem("rev-parse", "HEAD")
    app.mem("pull", "-q", "--ff-only", str(other.memory), "main")
    assert KEY in app.facts()
    by_hand(app, "reset", "-q", "--hard", before)
    app.dream()
    assert KEY not in app.facts()
    assert app.mem("grep", "-c", said, "HEAD", "--", "log").endswith(":1")


def test_a_merge_is_noted_by_its_hook(app: Place, laws: None, tmp_path: Path) -> None:
    """The index is written anew at once, and a reset right after takes no line away that the merge brought."""
    other = Place(tmp_path / "other")
    app.git("clone", "-q", ".", str(other.root))
    app.git("clone", "-q", str(app.memory), str(other.memory))
    other.now = app.now
    said = other.say("cache.backend = `redis`")
    other.dream()
    app.now = other.now
    before = remember(app, "mail.backend = `smtp`")
    app.mem("pull", "-q", "--no-rebase", "--no-edit", str(other.memory), "main")
    assert "redis" in app.mem("show", "HEAD:MEMORY.md")
    assert app.run("fsck", "--json").json["problems"] == []
    by_hand(app, "reset", "-q", "--hard", before)
    app.dream()
    assert KEY not in app.facts()
    assert app.mem("grep", "-c", said, "HEAD", "--", "log").endswith(":1")


def test_fsck_holds_facts_against_the_log_where_no_dream_is_left(app: Place) -> None:
    """Whoever took every trailer out of history took no fact's evidence; a fact without any is still found."""
    remember(app)
    by_hand(app, "checkout", "-q", "--orphan", "anew")
    by_hand(app, "commit", "-q", "-m", "one commit")
    assert app.run("fsck", "--json").json["problems"] == []
    topic = app.memory / "topics/cache.md"
    topic.write_text(topic.read_text().replace("confirmed", "tentative"))
    app.mem("config", "core.hooksPath", "/dev/null")
    by_hand(app, "commit", "-q", "-am", "by hand")
    assert 3 in [p["law"] for p in app.run("fsck", "--json", code=1).json["problems"]]


def test_fsck_knows_a_dream_that_was_squashed_with_its_log(app: Place) -> None:
    """The facts follow from the log the squashed commit holds; in a clone, too, where the commits it was made of never were."""
    start = app.mem("rev-parse", "HEAD")
    remember(app)
    message = app.mem("log", "-1", "--format=%B")
    by_hand(app, "reset", "-q", "--soft", start)
    by_hand(app, "commit", "-q", "-m", message)
    assert app.run("fsck", "--json").json["problems"] == []
    clone = app.root.parent / "clone"
    app.git("clone", "-q", f"file://{app.memory}", str(clone))
    assert app.run("fsck", "--json", "--memory", str(clone)).json["problems"] == []


def test_fsck_finds_a_dream_that_writes_a_log(app: Place) -> None:
    """What it folded is behind it, so nobody rewrote it: then it did what no dream may do."""
    remember(app)
    log = next((app.memory / "log").rglob("*.md"))
    log.write_text(log.read_text() + "\nprose\n")
    message = app.mem("log", "-1", "--format=%B")
    app.mem("config", "core.hooksPath", "/dev/null")
    by_hand(app, "commit", "-q", "-a", "--amend", "-m", message)
    assert 14 in [p["law"] for p in app.run("fsck", "--json", code=1).json["problems"]]
