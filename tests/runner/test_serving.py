"""What a session is given: from both memories, the project and the last sessions; and when it may be given again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from test_architecture import HEAVY

from conftest import NOON, Place
from kairos_git.capture.project import find_project
from kairos_git.errors import KairosError
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.recall.context.fence import Context
from kairos_git.runner.serving import cache
from kairos_git.runner.serving.serve import handed_over, serve


@pytest.fixture(autouse=True)
def no_race(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files written a moment ago may be relied on: these tests change their size."""
    monkeypatch.setattr(cache, "RACY", -60.0)


def served(app: Place, **options: object) -> Context:
    memory = open_memory(str(app.memory))
    return serve(memory, find_project(str(app.root)), NOON, **options)  # type: ignore[arg-type]


def look(app: Place, session: str = "") -> cache.Kept | None:
    return cache.look(str(app.root), str(app.memory), NOON.date().isoformat(), budget=9000, session=session)


def told(made: Context, tier: str) -> list[str]:
    return [item.text for item in made.items if item.tier == tier]


def state(app: Place, sess: str, message: str, said: datetime | None = None) -> None:
    folder = app.memory / ".git" / "kairos" / "sessions"
    folder.mkdir(exist_ok=True)
    when = (said or app.tick()).isoformat(timespec="seconds")
    fields = {"agent": "claude", "session": sess, "started": when, "last": when, "said": when, "message": message, "branch": ""}
    (folder / f"{sess}.json").write_text(json.dumps(fields))


def own_memory(app: Place) -> Memory:
    app.run("init", "--memory", "me", code=None)
    app.run("observe", "--memory", "me", "Always answer in short sentences", "--time", app.tick().isoformat())
    app.run("observe", "--memory", "me", "vault.bank = `DE0012`", "--time", app.tick().isoformat())
    app.run("dream", "--memory", "me", "--now", app.tick().isoformat())
    path = Path(os.environ["HOME"]) / ".local" / "share" / "kairos-git" / "me"
    return open_memory(str(path))


def test_a_session_is_given_rules_facts_and_the_last_session(app: Place) -> None:
    """In one fenced block: what the owner said, what the tree says, what is next; each line with its id."""
    app.say("Always run ruff before a commit")
    app.say("Tests run with `pytest -q`")
    app.dream()
    app.say("Done: the parser\nNext: its tests", "agent", "claude-one")
    made = served(app)

    assert told(made, "rules") == ["Always run ruff before a commit"]
    assert "Tests run with `pytest -q`" in told(made, "facts")
    assert told(made, "handoff")[0].endswith("claude-one, next: its tests")
    assert f"[{app.fact('always run ruff')['id'][:10]}] Always run ruff before a commit" in made.text
    assert served(app).text == made.text


def test_session_two_sees_session_one_without_a_dream(app: Place) -> None:
    """What an open session said last is handed to the next one, never to itself."""
    state(app, "claude-one", "Next: write the tests.\nOpen: which port?")

    assert [text[-32:] for text in told(served(app, session="claude-two"), "handoff")][:1] == [
        "claude-one, next: write the tests."[-32:]
    ]
    assert told(served(app, session="claude-one"), "handoff")[:1] != told(served(app, session="claude-two"), "handoff")[:1]
    assert handed_over(open_memory(str(app.memory)), NOON)[0].open[0].text == "which port?"


def test_what_the_owner_reverted_is_handed_over_no_more(app: Place) -> None:
    """Neither as a fact nor as what was said: not in the block, not in handoff.md; allowed again, it is."""
    app.say("Tests run with `tox -e release`")
    dream = app.dream()["dream"]
    assert "tox -e release" in served(app).text
    app.run("revert", dream, "--now", app.tick().isoformat())
    app.dream()

    assert "tox -e release" not in served(app).text
    assert "tox -e release" not in app.mem("show", "HEAD:handoff.md")
    app.run("allow", app.fact("tox -e release", "--all")["id"], "--now", app.tick().isoformat())
    assert "tox -e release" in served(app).text


def test_a_statement_that_a_dream_folded_is_told_by_its_fact_alone(app: Place) -> None:
    """What was superseded is not handed over as if it held; what no dream has seen yet is."""
    app.say("Tests run with `tox`")
    app.say("Deployed version 3 to staging")
    app.dream()
    app.say("Tests run with `make test`", days=1)
    app.dream()
    text = served(app).text
    assert "make test" in text and "tox" not in text and "version 3" in text

    app.say("Tests run with `nox`", days=1)
    assert "the owner said: Tests run with `nox`" in served(app).text


def test_what_several_sessions_left_is_handed_over_once(app: Place) -> None:
    """By the newest of them: the same next step three times would crowd out the others."""
    for n in range(3):
        state(app, f"claude-{n}", "Next: the printer")

    assert told(served(app), "handoff") == [next(t for t in told(served(app), "handoff") if "claude-2, next: the printer" in t)]


def test_a_damaged_or_future_state_is_no_session(app: Place) -> None:
    """A file of another program, half a file, a clock that was wrong."""
    before = served(app).text
    state(app, "claude-late", "From the future", NOON.replace(year=2031))
    folder = app.memory / ".git" / "kairos" / "sessions"
    for name, data in (("a.json", b"{"), ("b.json", b"[]"), ("c.json", b'{"last": 3, "message": "x"}'), ("d.json", b"\xff\x00")):
        (folder / name).write_bytes(data)

    assert served(app).text == before


def test_identity_comes_from_the_owners_own_memory_and_never_the_vault(app: Place) -> None:
    """Always and first; with a memory of their own that cannot be read, the session starts all the same and says so."""
    own = own_memory(app)
    made = served(app, own=own)

    assert told(made, "identity") == ["Always answer in short sentences"]
    assert "DE0012" not in made.text and "vault" not in made.text

    shutil.rmtree(Path(own.path) / ".git" / "objects")
    broken, made = (served(app, own=Memory(own.path, own.gitdir), budget=n) for n in (5000, 9000))
    assert told(broken, "identity") == [] and told(broken, "facts") == told(made, "facts") != []
    assert "the owner's own memory could not be read" in broken.text


def test_a_fact_that_the_tree_no_longer_says_is_marked(app: Place) -> None:
    """Between two dreams the project moves on: the served line says what stands there now, and the fact stays."""
    app.commit("Require newer", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.13"\n'})
    made = served(app)

    assert any("the tree says otherwise now: `>=3.13`" in text for text in told(made, "facts"))
    app.dream()
    assert "otherwise" not in served(app).text


def test_a_change_elsewhere_costs_no_survey(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where a fact's own file changed is the tree read again."""
    from kairos_git.runner.serving import probes

    monkeypatch.setattr(probes, "survey", lambda tree: pytest.fail("surveyed"))
    app.commit("Add c", {"c.py": "c = 1\n"})

    assert "otherwise" not in served(app).text


def test_facts_of_an_unmerged_branch_show_on_it_alone(app: Place) -> None:
    """And are marked so."""
    app.git("switch", "-q", "-c", "feature")
    rows = [{"text": "The port is `9000`", "src": "owner", "time": app.tick().isoformat(), "branch": "feature"}]
    (app.root.parent / "rows.jsonl").write_text(json.dumps(rows[0]))
    app.run("observe", "--batch", str(app.root.parent / "rows.jsonl"))
    app.dream()

    assert told(served(app), "branch") == ["The port is `9000` (only on the branch feature)"]
    app.git("switch", "-q", "main")
    assert "9000" not in served(app).text
    assert told(served(app, branch="feature"), "branch") == ["The port is `9000` (only on the branch feature)"]


def test_what_is_being_changed_comes_first(app: Place) -> None:
    """Uncommitted edits, untracked files, and what the branch changed against the default one."""
    for text in ("Never edit src/made.py by hand", "Keep src/new.py small", "Watch src/done.py closely", "The cache is cold"):
        app.say(text)
    app.commit("Add", {"src/made.py": "1\n"})
    app.dream()
    app.git("switch", "-q", "-c", "feature")
    app.commit("Work", {"src/done.py": "2\n"})
    app.write("src/made.py", "3\n")
    app.write("src/new.py", "4\n")

    first = told(served(app), "touched")
    assert {"Keep src/new.py small", "Never edit src/made.py by hand", "Watch src/done.py closely"} <= set(first)
    assert "The cache is cold" not in first


def test_a_contested_fact_shows_both_sides_and_a_question_is_open(app: Place) -> None:
    """What newer voices say against it stands beside it."""
    app.say("Python requires `>=3.12` here")
    app.say("The port is `8000`")
    app.dream()
    app.say("The port is `9000`", "agent", "s1")
    app.dream()
    contested = told(served(app), "contested")

    if not contested:  # free statements are rivals only where the rules can tell
        pytest.fail(str(app.facts()))
    assert "8000" in contested[0] and "9000" in contested[0]


def test_an_uncommitted_edit_hides_a_fact(app: Place) -> None:
    """What somebody took out of a topic is not served, and the block says why."""
    app.say("Always run ruff before a commit")
    app.dream()
    assert look(app) is None and served(app) and look(app) is not None
    topic = app.memory / "topics" / "rules.md"
    topic.write_text("".join(line for line in topic.read_text().splitlines(keepends=True) if "ruff" not in line))

    assert look(app) is None
    made = served(app)
    assert told(made, "rules") == []
    assert "hidden" in made.text


CHANGES: dict[str, Callable[[Place], object]] = {
    "an observation": lambda app: app.say("Something new", "agent", "s1"),
    "a dream": lambda app: (app.say("Always sign commits"), app.dream()),
    "a session's words": lambda app: state(app, "claude-one", "Next: more"),
    "a commit": lambda app: app.commit("Add d", {"d.py": "d\n"}),
    "an edited file": lambda app: app.write("a.py", "a = 22222\n"),
    "a new file": lambda app: app.write("new.py", "n\n"),
    "a file gone": lambda app: (app.root / "a.py").unlink(),
    "a branch": lambda app: app.git("switch", "-q", "-c", "feature"),
    "packed refs and a reset": lambda app: (app.git("pack-refs", "--all"), app.git("reset", "-q", "--hard", "HEAD^")),
    "an unfinished merge": lambda app: (app.memory / ".git" / "MERGE_HEAD").write_text("x"),
    "an edited topic": lambda app: (app.memory / "topics" / "python.md").write_text("prose\n"),
    "a memory of one's own": own_memory,
    "a reverted dream": lambda app: app.run("revert", app.run("dreams", "--json").json[0]["dream"]),
}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_was_served_is_served_again_only_while_nothing_changed(app: Place, change: str) -> None:
    """The quick answer is the very one, until anything it depends on moves; then there is none."""
    assert look(app) is None
    made = served(app)
    kept = look(app)
    assert kept is not None and kept.text == made.text and [item[1] for item in kept.items] == [list(i.ids) for i in made.items]

    CHANGES[change](app)
    assert look(app) is None


def test_another_version_of_this_program_serves_anew() -> None:
    """Every file that makes what is served is part of the key: an upgrade in place must not serve the old words."""
    known = {name for name, stat in cache._program() if stat is not None}

    assert {"serve.py", "cache.py", "packing.py", "tiers.py", "fence.py", "believed.py", "fact.py", "handoff.py"} <= known


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": 1}', b"\xff" * 90], ids=range(5))
def test_what_was_kept_and_is_damaged_is_made_anew(app: Place, damage: bytes) -> None:
    """A cache that cannot be read is no cache, and no error."""
    made = served(app)
    (path,) = (app.memory / ".git" / "kairos" / "context").glob("????????.json")
    path.write_bytes(damage)

    assert look(app) is None
    assert served(app) == made
    assert look(app) is not None


def test_an_open_session_that_says_nothing_new_changes_nothing(app: Place) -> None:
    """The state of the one that asks, and of one that was only heard, is no reason to begin anew."""
    served(app)
    state(app, "claude-one", "")
    state(app, "claude-two", "Next: more")

    assert look(app, "claude-two") is not None
    assert look(app, "claude-one") is None


def test_what_changed_a_moment_ago_is_not_kept(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the same tick of the file system's clock a file could change again unseen."""
    monkeypatch.setattr(cache, "RACY", 3600.0)
    served(app)

    assert look(app) is None


def test_a_linked_work_tree_has_its_own_branch(app: Place) -> None:
    """It shares the memory, and is served for what is checked out there."""
    app.git("worktree", "add", "-q", "-b", "side", "../side")
    side = Place(app.root.parent / "side")
    memory = open_memory(str(app.memory))
    made = serve(memory, find_project(str(side.root)), NOON)

    assert "branch side" in made.text
    kept = cache.look(str(side.root), str(app.memory), "2026-11-21", budget=9000)
    assert kept is not None and kept.text == made.text
    assert look(app) is None


def test_a_memory_that_is_damaged_is_an_error_or_a_line(app: Place) -> None:
    """Damaged lines are counted in the block; a memory that git cannot read raises one of the house's errors."""
    topic = app.memory / "topics" / "python.md"
    topic.write_text(topic.read_text().replace("confirmed", "konfirmed", 1))
    app.mem("commit", "-qam", "damage", "--no-verify")
    assert "damaged line" in served(app).text

    shutil.rmtree(app.memory / ".git" / "objects")
    with pytest.raises(KairosError):
        served(app, budget=5000)


def test_a_memory_without_a_project_is_served(app: Place) -> None:
    """Also a project without a commit, and a bare one."""
    made = serve(open_memory(str(app.memory)), None, NOON)

    assert told(made, "facts") and "No project" in made.text


def test_the_quick_answer_loads_nothing_heavy_and_starts_no_process() -> None:
    """It is on the path of every session's start."""
    heavy = (*HEAVY, "subprocess", "sqlite3", "hashlib", "kairos_git.gitrun")
    code = f"import sys, kairos_git.runner.serving.cache; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
