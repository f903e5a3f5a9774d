"""Nothing lands unseen for those who want it so: a proposal is what was reviewed, or it does not land."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import Answer, Place, git, run
from kairos_git.memory.landing import Desk
from kairos_git.memory.observation import format_observation, observe
from kairos_git.memory.repository import open_memory
from kairos_git.runner.cycle import dream
from kairos_git.runner.review.proposals import what_by_itself
from kairos_git.settings import Settings, load_settings

TOX = "tests.command = tox"


def proposals(app: Place) -> list[str]:
    return app.mem("for-each-ref", "--format=%(refname)", "refs/proposed").split()


def propose(app: Place, text: str = "Tests run with `tox`") -> str:
    """Say something and propose it; the commit."""
    app.say(text)
    return str(app.dream("--propose")["commit"])


def land(app: Place, name: str, code: int = 0) -> Answer:
    return app.run("land", name, "--json", "--now", app.tick().isoformat(), code=code)


def rulings(app: Place) -> list[str]:
    return [line for line in app.mem("show", "HEAD:rulings.md").splitlines() if line.startswith("- ")]


def forged(app: Place, commit: str, tree: str, message: str | None = None, moved: bool = True) -> str:
    """What an amend of a proposal by hand leaves: another commit under its name."""
    words = message or app.mem("log", "-1", "--format=%B", commit)
    made = app.mem("commit-tree", tree, "-p", f"{commit}^", "-m", words, when=app.tick())
    app.mem("update-ref", f"refs/proposed/{commit[:12]}", made)
    return made


def tree_with(app: Place, commit: str, path: str, old: str, new: str) -> str:
    """The tree of a commit with a text replaced in one file."""
    content = app.mem("show", f"{commit}:{path}") + "\n"
    assert old in content
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=app.memory, input=content.replace(old, new), capture_output=True, text=True,
        check=True,
    ).stdout.strip()  # fmt: skip
    index = {"GIT_INDEX_FILE": str(app.memory / ".git/other-index")}
    app.mem("read-tree", commit, **index)
    app.mem("update-index", "--cacheinfo", f"100644,{blob},{path}", **index)
    return app.mem("write-tree", **index)


def test_what_was_reviewed_is_what_lands(app: Place, laws: None) -> None:
    """Until it is landed no fact changes; then HEAD is the very commit that was proposed."""
    before = app.facts()
    commit = propose(app)
    assert app.facts() == before and app.mem("status", "--porcelain") == ""
    assert proposals(app) == [f"refs/proposed/{commit[:12]}"]

    done = land(app, commit[:8]).json

    assert done["commit"] == app.mem("rev-parse", "HEAD") == commit and done["notes"] == []
    assert app.facts() == before | {TOX: "confirmed"} and app.mem("status", "--porcelain") == ""
    assert proposals(app) == []
    assert app.mem("rev-parse", f"refs/kairos/landed/main/{commit}") == commit


def test_plain_git_shows_a_proposal_and_no_push_takes_it_along(app: Place, tmp_path: Path) -> None:
    """`proposed/…` is a name git knows, but no branch: push --all and clone leave it where it is."""
    commit = propose(app)
    git(tmp_path, "init", "-q", "--bare", "far.git")
    app.mem("push", "-q", "--all", str(tmp_path / "far.git"))
    git(tmp_path, "clone", "-q", "--no-local", str(app.memory), "near")

    assert commit in app.mem("log", "--format=%H", f"main..proposed/{commit[:12]}")
    assert "tox" in app.mem("diff", f"main...proposed/{commit[:12]}")
    assert app.mem("branch", "--format=%(refname:short)") == "main"
    for copy in (tmp_path / "far.git", tmp_path / "near"):
        assert git(copy, "cat-file", "-e", "main^{commit}", check=False) == ""
        assert commit not in git(copy, "cat-file", "--batch-all-objects", "--batch-check")


def test_a_proposal_outlives_garbage_collection(app: Place, laws: None) -> None:
    """The name holds what it names, even against an immediate prune."""
    commit = propose(app)
    app.say("cache.backend = `redis`")
    app.dream("--dry-run")  # builds elsewhere, so that nothing else holds it
    app.mem("reflog", "expire", "--expire=now", "--all")
    app.mem("gc", "-q", "--prune=now")

    land(app, commit)
    assert TOX in app.facts()


def test_a_proposal_is_an_input_to_nothing(app: Place, laws: None) -> None:
    """Later dreams, fsck and the search for what was undone do not see it; dropping it rules nothing."""
    commit = propose(app)
    assert [d["dream"] for d in app.run("dreams", "--json").json] == [app.mem("log", "-1", "--format=%H", "--grep=^dream:")]
    assert app.run("fsck", "--json").json["ok"]
    app.run("review", "--drop", commit[:12])

    done = app.dream()

    assert proposals(app) == [] and rulings(app) == []
    assert done["commit"] != commit and [o["op"] for o in done["ops"]] == ["confirm"] and TOX in app.facts()


def test_a_dream_that_lands_settles_what_was_proposed(app: Place, laws: None) -> None:
    """What an explicit dream landed meanwhile waits no more, and what it did not change waits on."""
    commit = propose(app)
    app.say("cache.backend = `redis`")

    done = app.dream()

    assert f"proposed/{commit[:12]} is settled" in "\n".join(done["notes"])
    assert proposals(app) == [] and rulings(app) == []
    assert "waits for review" in land(app, commit, code=2).err


def test_proposing_again_is_one_proposal(app: Place) -> None:
    """The same dream on the same commit keeps its name and id; more evidence makes another beside it."""
    first = propose(app)
    assert app.dream("--propose")["commit"] == first
    second = propose(app, "cache.backend = `redis`")

    seen = app.run("review", "--json").json

    assert seen["dream"] == second and [p["dream"] for p in seen["others"]] == [first]
    assert app.run("status", "--json").json["proposals"] == 2


def test_two_proposals_at_once_are_one(app: Place) -> None:
    """Two processes that propose at the same time: one waits for the other and finds its dream there."""
    app.say("Tests run with `tox`")
    words = [sys.executable, "-P", "-m", "kairos_git", "dream", "--propose", "--json"]
    started = [subprocess.Popen(words, cwd=app.root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [json.loads(p.communicate()[0]) for p in started]

    assert [p.returncode for p in started] == [0, 0]
    assert len({d["commit"] for d in told}) == 1 == len(proposals(app))


def test_a_memory_that_moved_on_lands_the_same_changes(app: Place, laws: None) -> None:
    """More lines in the log, the same operations: the dream is folded again and lands, and says so."""
    commit = propose(app)
    app.say("Fix typo", "agent", "s")
    app.run("drain", "--now", app.tick().isoformat())

    done = land(app, commit).json

    assert done["commit"] == app.mem("rev-parse", "HEAD") != commit
    assert [o["text"] for o in done["ops"]] == ["Tests run with `tox`"] and TOX in app.facts()
    assert "folded again" in "\n".join(done["notes"])
    assert app.mem("log", "-1", "--format=%(trailers:key=Kairos-Proposed,valueonly)").strip() == "on request"
    assert proposals(app) == []


def test_a_memory_that_moved_elsewhere_refuses_and_leaves_a_fresh_proposal(app: Place, laws: None) -> None:
    """Other operations than were reviewed never land: exit 4, HEAD as it was, and the new dream waits in its place."""
    commit = propose(app)
    app.say("Tests run with `nox`")
    app.run("drain", "--now", app.tick().isoformat())
    head = app.mem("rev-parse", "HEAD")

    answer = land(app, commit, code=4)

    assert "other changes than you reviewed" in answer.err
    assert app.mem("rev-parse", "HEAD") == head and not {k for k in app.facts() if k.startswith("tests")}
    (fresh,) = proposals(app)
    assert fresh != f"refs/proposed/{commit[:12]}" and fresh.removeprefix("refs/") in answer.err
    land(app, fresh.removeprefix("refs/"))
    assert app.facts()["tests.command = nox"] == "confirmed" and TOX not in app.facts()


def test_the_same_fact_on_other_evidence_is_another_change(app: Place, laws: None) -> None:
    """An older word for it came in: the line would differ from the one that was reviewed, so it is reviewed again."""
    commit = propose(app)
    app.run("observe", "Tests run with `tox`", "--time", "2026-11-02T12:00:00+00:00", "--session", "older")
    app.run("drain", "--now", app.tick().isoformat())

    assert "other changes than you reviewed" in land(app, commit, code=4).err
    assert TOX not in app.facts() and len(proposals(app)) == 1


def test_a_proposal_that_a_later_dream_overtook_changes_nothing(app: Place, laws: None) -> None:
    """It waits on, since what it proposed does not stand; landing it is refused and lets go of it."""
    commit = propose(app)
    app.say("Tests run with `nox`")
    app.dream()
    assert len(proposals(app)) == 1

    assert "nothing would change" in land(app, commit, code=4).err
    assert proposals(app) == [] and app.facts()["tests.command = nox"] == "confirmed"


def test_what_was_undone_meanwhile_does_not_land(app: Place, laws: None) -> None:
    """A dream landed and was reverted by git while the same facts waited on as a proposal: the revert stands."""
    commit = propose(app)
    name = f"refs/proposed/{commit[:12]}"
    app.dream()
    app.mem("update-ref", name, commit)  # it is settled and gone; somebody kept the name
    app.mem("revert", "--no-edit", "HEAD", when=app.tick(), KAIROS_GIT_INSIDE="1")  # no hook of the memory notes it first

    answer = land(app, commit, code=4)

    assert "nothing would change" in answer.err and proposals(app) == []
    assert TOX not in app.facts() and len(rulings(app)) == 1


def test_landing_what_stands_already_is_refused(app: Place, laws: None) -> None:
    """Twice, or after another dream did the same: exit 1, one sentence, nothing changed."""
    commit = propose(app)
    land(app, commit)
    head = app.mem("rev-parse", "HEAD")
    assert "landed already" in land(app, commit, code=1).err

    other = propose(app, "cache.backend = `redis`")
    app.dream()
    app.mem("update-ref", f"refs/proposed/{other[:12]}", other)
    assert "stands already" in land(app, other, code=1).err
    assert app.mem("rev-parse", "HEAD^^^") == head and proposals(app) == []


@pytest.mark.parametrize("name", ["f00dfeed", "HEAD", "main", "pro", "proposed/", "", "--help-me", "proposed/../../HEAD", "é"])
def test_what_names_no_proposal_is_said_so(app: Place, name: str) -> None:
    """Exit 2, a sentence that says what to run, and nothing is written."""
    propose(app)
    head = app.mem("rev-parse", "HEAD")
    answer = app.run("land", "--", name, code=2)

    assert "kairos-git review" in answer.err and "Traceback" not in answer.err
    assert app.mem("rev-parse", "HEAD") == head and len(proposals(app)) == 1


def test_a_proposal_of_a_newer_program_does_not_land(app: Place) -> None:
    """Its engine is higher than ours: exit 4, upgrade; and it waits on."""
    commit = propose(app)
    message = app.mem("log", "-1", "--format=%B", commit).replace("Kairos-Engine: 1", "Kairos-Engine: 99")
    newer = forged(app, commit, f"{commit}^{{tree}}", message)
    head = app.mem("rev-parse", "HEAD")

    for words in (["land", newer], ["review", newer]):
        answer = app.run(*words, code=4)
        assert "newer kairos-git" in answer.err and "99" in answer.err
    assert app.mem("rev-parse", "HEAD") == head and len(proposals(app)) == 1


def test_a_proposal_that_breaks_a_law_by_now_does_not_land(app: Place) -> None:
    """A secret came into the log by other hands than ours: exit 6 names the law, and nothing changes."""
    commit = propose(app)
    app.tick()
    secret = observe(app.now, "The deploy token is `ghp_" + "aB3dE6" * 6 + "`", "owner", sess="x")
    log = app.memory / "log/2026/11/2026-11-21.md"
    log.write_text(log.read_text() + format_observation(secret) + "\n")
    app.mem("commit", "-q", "-am", "by another program", when=app.tick(), KAIROS_GIT_INSIDE="1")
    head = app.mem("rev-parse", "HEAD")

    assert "law 12" in land(app, commit, code=6).err
    assert app.mem("rev-parse", "HEAD") == head and len(proposals(app)) == 1


def losing(place: Place, most: str = "") -> str:
    """A memory of twenty scripts that all go at once; the commit that law 8 held back."""
    scripts = {f"check-{n}": f"eslint src/{n}" for n in range(20)}
    place.commit("Initial commit", {"package.json": json.dumps({"name": "x", "scripts": scripts})})
    place.run("init", "--no-hooks", "--now", place.tick().isoformat())
    place.commit("Away with it", {"package.json": "{}"})
    answer = place.dream(code=6)
    assert "law 8" in answer.err and "kairos-git review" in answer.err
    return next(w for w in answer.err.split() if len(w) == 40)


def test_a_dream_that_loses_too_much_waits_for_consent(place: Place) -> None:
    """Law 8 makes it a proposal: review shows it and why, land is the owner's consent, and every law holds afterwards."""
    commit = losing(place)
    assert place.dream(code=6).err.count(commit) == 1  # dreaming on makes no second one
    seen = place.run("review", "--json").json
    assert seen["dream"] == commit and "would be gone" in seen["why"] and len(seen["ops"]) > 10
    assert len(place.facts()) > 15

    land(place, commit)

    assert len(place.facts()) < 10 and rulings(place) == []
    assert place.run("fsck", "--json").json == {"ok": True, "commit": commit, "dream": commit, "problems": []}
    assert place.dream()["dream"] is None


def test_consent_to_a_loss_is_for_that_loss_alone(place: Place) -> None:
    """Folded again on a memory that moved on, it lands only if it loses exactly the same."""
    commit = losing(place)
    place.say("The default port is `8080`")
    place.run("drain", "--now", place.tick().isoformat())

    answer = land(place, commit, code=4)

    assert len(place.facts()) > 15
    fresh = place.run("review", "--json").json
    assert fresh["proposal"] in answer.err and "would be gone" in fresh["why"]
    land(place, fresh["dream"])
    assert len(place.facts()) < 10 and place.run("fsck", "--json").json["ok"]


def test_a_loss_that_nobody_reviewed_breaks_the_law(place: Place) -> None:
    """The same dream without the trailer of a review, brought in by hand: fsck finds law 8 broken."""
    commit = losing(place)
    message = "\n".join(x for x in place.mem("log", "-1", "--format=%B", commit).splitlines() if "Kairos-Proposed" not in x)
    bare = forged(place, commit, f"{commit}^{{tree}}", message)
    place.mem("merge", "-q", bare, KAIROS_GIT_INSIDE="1")

    assert [p["law"] for p in place.run("fsck", "--json", code=1).json["problems"]] == [8]


@pytest.mark.skipif("most_changes" not in Settings._fields, reason="the setting most_changes is not there")
def test_the_owner_may_limit_how_much_one_dream_changes(app: Place, laws: None) -> None:
    """More facts changed than most_changes is a proposal, as is too great a loss; as many as that lands."""
    (app.memory / "kairos.yaml").write_text("most_changes: 2\n")
    app.mem("commit", "-q", "-am", "careful", when=app.tick())
    for n in range(3):
        app.say(f"queue{n}.backend = `rabbit{n}`")
    answer = app.dream(code=6)
    assert "most_changes" in answer.err and not [f for f in app.facts() if f.startswith("queue")]
    land(app, proposals(app)[0].removeprefix("refs/"))
    assert len([f for f in app.facts() if f.startswith("queue")]) == 3
    for n in range(2):
        app.say(f"cache{n}.backend = `redis{n}`")
    assert len(app.dream()["ops"]) == 2


@pytest.mark.parametrize("moved", [False, True], ids=["fast-forward", "a true merge"])
def test_a_merge_by_hand_is_a_landing(app: Place, laws: None, moved: bool) -> None:
    """`git merge proposed/…`: the facts stand, nothing counts as an edit of the owner's, the name is gone; and a revert of
    it is obeyed like that of any dream.
    """
    commit = propose(app)
    if moved:
        app.say("cache.backend = `redis`")
        app.run("drain", "--now", app.tick().isoformat())
    app.mem("merge", "-q", "--no-edit", f"proposed/{commit[:12]}", when=app.tick(), KAIROS_GIT_INSIDE="1")

    done = app.dream()

    assert f"proposed/{commit[:12]} was merged: it has landed" in done["notes"]
    assert proposals(app) == [] and rulings(app) == [] and app.mem("rev-parse", f"refs/kairos/landed/main/{commit}") == commit
    assert app.facts()[TOX] == "confirmed" and ("cache.backend = redis" in app.facts()) is moved
    assert "landed already" in land(app, commit, code=1).err
    app.mem("revert", "--no-edit", commit, when=app.tick())
    app.say("Tests run with `tox`", "agent", "a")
    app.dream()
    assert TOX not in app.facts() and len(rulings(app)) == 1


def test_the_hook_of_the_memory_notes_a_merge_by_hand(app: Place, laws: None) -> None:
    """No command has to follow: the memory's own post-merge hook lets go of the name."""
    commit = propose(app)
    app.mem("merge", "-q", f"proposed/{commit[:12]}", when=app.tick())

    assert proposals(app) == [] and app.facts()[TOX] == "confirmed"


def test_a_reset_after_a_merge_by_hand_undoes_it(app: Place, laws: None) -> None:
    """It landed, so taking it out of history is a decision, as with every dream."""
    commit = propose(app)
    app.mem("merge", "-q", f"proposed/{commit[:12]}", when=app.tick())
    app.mem("reset", "-q", "--hard", f"{commit}^^")
    app.dream()

    assert TOX not in app.facts() and len(rulings(app)) == 1


def test_a_name_deleted_by_hand_is_a_proposal_dropped(app: Place, laws: None) -> None:
    """`git update-ref -d`: land knows it no more, no fact changes, and it can be proposed again."""
    commit = propose(app)
    app.mem("update-ref", "-d", f"refs/proposed/{commit[:12]}")

    assert "names no dream" in land(app, commit, code=2).err
    assert rulings(app) == [] and TOX not in app.facts()
    land(app, app.dream("--propose")["commit"])
    assert TOX in app.facts()


@pytest.mark.parametrize("trailer", [False, True], ids=["as it was", "made to fit"])
def test_a_proposal_amended_by_hand_does_not_land(app: Place, trailer: bool) -> None:
    """Other facts than the fold makes are not what a dream may land, whatever its trailers say: exit 4, nothing changed."""
    commit = propose(app)
    fact = app.run("review", "--json").json["ops"][0]["fact"]
    tree = tree_with(app, commit, "topics/tests.md", f"{fact} tests.command confirmed", f"{fact} tests.command tentative")
    message = None
    if trailer:
        message = app.mem("log", "-1", "--format=%B", commit).replace(
            app.mem("rev-parse", f"{commit}:topics"), app.mem("rev-parse", f"{tree}:topics")
        )
    made = forged(app, commit, tree, message)
    head = app.mem("rev-parse", "HEAD")

    assert app.run("review", made, "--json").json["by_hand"]
    assert "somebody changed it" in land(app, commit[:12], code=4).err
    assert app.mem("rev-parse", "HEAD") == head and len(proposals(app)) == 1
    app.run("review", "--drop", commit[:12])
    assert proposals(app) == []


def test_a_proposal_with_other_words_and_the_same_facts_lands(app: Place, laws: None) -> None:
    """Only the message was amended: the facts are those that were reviewed."""
    commit = propose(app)
    message = app.mem("log", "-1", "--format=%B", commit).replace("dream: ", "dream: (read by Ada) ", 1)
    made = forged(app, commit, f"{commit}^{{tree}}", message)
    land(app, commit[:12])

    assert app.mem("rev-parse", "HEAD") == made and app.facts()[TOX] == "confirmed"


@pytest.mark.parametrize("words", ["a note to myself", "dream: x\n\nKairos-Through: main", "dream: x\n\nKairos-Through: --all"])
def test_a_name_that_holds_something_else_is_no_obstacle(app: Place, laws: None, words: str) -> None:
    """Trailers gone, or no commit's id in them: review and land say so, dreams go on, and it can be dropped."""
    commit = propose(app)
    made = forged(app, commit, f"{commit}^{{tree}}", words)

    for command in (["land", made], ["review"]):
        assert "does not say what it was folded from" in app.run(*command, code=4).err
    app.dream()
    app.run("review", "--drop", made)
    assert proposals(app) == [] and TOX in app.facts()


def test_a_name_that_holds_no_commit_is_passed_over(app: Place, laws: None) -> None:
    """A blob or a commit that is gone under refs/proposed/ stops nobody."""
    app.mem("update-ref", "refs/proposed/blob", app.mem("rev-parse", "HEAD:MEMORY.md"))
    commit = propose(app)
    land(app, commit)
    app.run("review", "blob", code=2)

    assert TOX in app.facts()


def killer(folder: Path, word: str) -> str:
    """A git that kills the program that starts it with this word, and itself: a PATH with it first."""
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    folder.mkdir()
    path = folder / "git"
    path.write_text(f'#!/bin/sh\ncase "$*" in *{word}*) kill -9 $PPID; exit 9;; esac\nexec {real} "$@"\n')
    path.chmod(stat.S_IRWXU)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def killed(app: Place, path: str, *words: str) -> int:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kairos_git", *words],
        cwd=app.root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        check=False,
    )
    return done.returncode


def test_a_kill_between_building_and_naming_loses_nothing(app: Place, tmp_path: Path, laws: None) -> None:
    """The commit has no name, no fact changed, what was said is in the log; proposing again goes on unaided."""
    said = app.say("Tests run with `tox`")
    path = killer(tmp_path / "bin", "update-ref?refs/proposed/")

    assert killed(app, path, "dream", "--propose", "--now", app.tick().isoformat()) == -9
    assert proposals(app) == [] and TOX not in app.facts()
    assert said in app.mem("show", "HEAD:log/2026/11/2026-11-21.md")
    land(app, app.dream("--propose")["commit"])
    assert TOX in app.facts()


def test_a_kill_between_landing_and_letting_go_is_finished(app: Place, tmp_path: Path, laws: None) -> None:
    """The branch moved, the name is still there: it has landed, once, and the next command lets go of it."""
    commit = propose(app)
    path = killer(tmp_path / "bin", "update-ref?-d?refs/proposed/")

    assert killed(app, path, "land", commit, "--now", app.tick().isoformat()) == -9
    assert app.mem("rev-parse", "HEAD") == commit and len(proposals(app)) == 1
    assert "landed already" in land(app, commit, code=1).err
    assert proposals(app) == [] and app.facts()[TOX] == "confirmed" and rulings(app) == []


def test_a_name_that_cannot_be_written_leaves_all_as_it_was(app: Place) -> None:
    """Something stands where the names go: exit 4, a sentence, HEAD's facts as they were."""
    (app.memory / ".git/refs/proposed").write_text("mine\n")
    app.say("Tests run with `tox`")

    assert "could not be named as a proposal" in app.dream("--propose", code=4).err
    assert TOX not in app.facts()
    (app.memory / ".git/refs/proposed").unlink()
    assert app.dream("--propose")["proposal"]


def test_on_a_detached_head_nothing_lands(app: Place) -> None:
    """A dream must land somewhere: exit 4 says what to do, and the proposal waits on."""
    commit = propose(app)
    app.mem("switch", "-q", "--detach")
    for words in (["land", commit], ["dream", "--propose"]):
        assert "detached HEAD" in app.run(*words, code=4).err
    app.mem("switch", "-q", "main")
    land(app, commit)
    assert TOX in app.facts()


def test_landing_leaves_an_open_editor_alone(app: Place) -> None:
    """A topic with uncommitted edits is not overwritten, and is named; everything else follows."""
    app.say("Tests run with `nox`")
    app.dream()
    commit = propose(app)
    topic = app.memory / "topics/tests.md"
    topic.write_text("\nMy notes.\n" + topic.read_text())
    done = land(app, commit).json

    assert "My notes." in topic.read_text() and "`tox`" in app.mem("show", "HEAD:topics/tests.md")
    assert [n for n in done["notes"] if "topics/tests.md" in n]


def test_landing_in_the_middle_of_a_merge_waits(app: Place) -> None:
    """A person is half through: exit 4, busy, and nothing moves."""
    commit = propose(app)
    (app.memory / ".git/MERGE_HEAD").write_text(app.mem("rev-parse", "HEAD") + "\n")
    assert "in the middle of a merge" in land(app, commit, code=4).err
    (app.memory / ".git/MERGE_HEAD").unlink()
    land(app, commit)


def test_a_dry_run_leaves_no_name(app: Place) -> None:
    """A dry run is for looking, not for landing; and both at once is no request."""
    app.say("Tests run with `tox`")
    commit = app.dream("--dry-run")["commit"]

    assert proposals(app) == []
    assert "names no dream" in land(app, commit, code=2).err
    assert "either" in app.run("dream", "--dry-run", "--propose", code=2).err


class Asked(NamedTuple):
    """What a model's turn leaves."""

    notes: tuple[str, ...] = ("asked a model: 1,200 tokens, $0.003",)
    trailer: str = "Kairos-Model: some-model; 1 call, $0.003\n"


def test_a_model_has_its_turn_between_what_was_undone_and_the_fold(app: Place, laws: None) -> None:
    """It sees what was said, what it says is said, and the dream's commit carries its cost, also when it is folded again."""
    app.say("Tests run with `tox`")
    seen: list[list[str]] = []

    def ask(desk: Desk, now: datetime) -> Asked:
        seen.append([o.text for o in desk.snapshot().observations])
        return Asked()

    done = dream(open_memory(str(app.memory)), None, app.tick(), ask=ask, propose=True)
    assert "Tests run with `tox`" in seen[0] and Asked().notes[0] in done.notes
    app.say("Fix typo", "agent", "s")
    app.run("drain", "--now", app.tick().isoformat())
    landed = land(app, str(done.commit)).json["commit"]

    assert landed != done.commit
    for commit in (str(done.commit), landed):
        assert app.mem("log", "-1", "--format=%(trailers:key=Kairos-Model)", commit).strip() == Asked().trailer.strip()


@pytest.mark.parametrize(
    ("mode", "recalls", "dreams", "lands"),
    [("off", False, False, False), ("recall", True, False, False), ("propose", True, True, False), ("auto", True, True, True)],
)
def test_a_mode_governs_only_what_happens_by_itself(app: Place, mode: str, recalls: bool, dreams: bool, lands: bool) -> None:
    """status names it; an explicit dream always runs, and lands."""
    (app.memory / "kairos.yaml").write_text(f"mode: {mode}\n")
    app.mem("commit", "-q", "-am", "mode", when=app.tick())

    assert what_by_itself(load_settings(f"mode: {mode}\n".encode())) == (recalls, dreams, lands)
    assert app.run("status", "--json").json["mode"] == mode and f"mode     {mode}" in app.run("status").out
    app.say("Tests run with `tox`")
    app.dream()
    assert app.facts()[TOX] == "confirmed"


def test_without_a_mode_everything_happens(tmp_path: Path) -> None:
    """`auto` is the default, also where kairos.yaml says nonsense."""
    assert what_by_itself(Settings()) == what_by_itself(load_settings(b"mode: [1]\n")) == (True, True, True)
    assert run(tmp_path, "land", code=2).err
