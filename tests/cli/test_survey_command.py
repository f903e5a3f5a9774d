"""survey: what the tree says, without a memory; and the index that follows it."""

from __future__ import annotations

import json

import pytest

from conftest import Place, git, run

pytestmark = pytest.mark.usefixtures("isolated")

FILES = {
    "pyproject.toml": "[project]\nname = 'app'\nrequires-python = '>=3.11'\n[tool.ruff]\nline-length = 99\n",
    "Makefile": ".PHONY: test lint release\ntest:\n\tpytest -q\nlint:\n\truff check .\nrelease:\n\tgit push --tags\n",
}


def test_a_survey_needs_no_memory_and_touches_nothing(place: Place) -> None:
    """Each reading with its file and key; HEAD, index, configuration and files stay as they were."""
    place.commit("Initial commit", FILES)
    before = place.git("config", "--list", "--local"), place.git("status", "--porcelain")

    out = run(place.root, "survey").out

    assert "Tests run with `make test`  (Makefile#test+tests.command)" in out
    assert "Requires Python `>=3.11`  (pyproject.toml#project.requires-python)" in out
    assert (place.git("config", "--list", "--local"), place.git("status", "--porcelain")) == before
    assert not place.memory.exists()


def test_a_survey_speaks_json(place: Place) -> None:
    """The contract: observed readings with file, key and value, and the lines of an index."""
    place.commit("Initial commit", FILES)

    answer = run(place.root, "survey", "--json").json

    assert set(answer) == {"observed", "index"}
    assert {
        "text": "Tests run with `make test`",
        "file": "Makefile",
        "key": "test+tests.command",
        "value": "make test",
    } in answer["observed"]
    assert "Tests run with `make test`" in answer["index"]
    assert "push" not in json.dumps(answer) and "release" not in json.dumps(answer)


def test_another_commit_can_be_surveyed(place: Place) -> None:
    """`--at` reads an old commit; what it says is what stood there. A commit that is not there is an error."""
    place.commit("Initial commit", FILES)
    place.commit("Use tox", {"Makefile": ".PHONY: check\ncheck:\n\ttox\n"})

    assert "make test" not in run(place.root, "survey").out
    assert "`make test`" in run(place.root, "survey", "--at", "HEAD~1", "--index").out
    answer = run(place.root, "survey", "--at", "nowhere", code=3)
    assert "no commit 'nowhere'" in answer.err


def test_outside_a_repository_it_says_so(place: Place) -> None:
    """No project: exit code 3 and what to do. A repository without a commit likewise."""
    bare = place.root.parent / "elsewhere"
    bare.mkdir()
    assert "not in a git repository" in run(bare, "survey", code=3).err
    git(bare, "init", "-q")
    assert "no commit" in run(bare, "survey", code=3).err


def test_the_index_follows_the_tree(app: Place) -> None:
    """What changed is superseded, what went is retired, and each dream says so."""
    app.commit("Tasks", FILES)
    app.dream()
    index = app.memory / "MEMORY.md"
    assert "Tests run with `make test`" in index.read_text() and "line length is `99`" in index.read_text()

    app.commit(
        "Other tasks",
        {"Makefile": ".PHONY: test\ntest:\n\tpytest\n", "pyproject.toml": FILES["pyproject.toml"].replace("99", "88")},
    )
    ops = {(o["op"], o["slot"]) for o in app.dream()["ops"]}

    assert ("retire", "make.lint") in ops and ("supersede", "lint.ruff.line-length") in ops
    assert "line length is `88`" in index.read_text() and "make lint" not in index.read_text()
    assert app.run("fsck").code == 0


def test_what_a_loaded_file_says_is_not_repeated_in_the_index(app: Place) -> None:
    """The fact stands, with its evidence; only the index leaves it to AGENTS.md, and takes it back when that changes."""
    app.commit("Tasks", {**FILES, "AGENTS.md": "Run `make test`.\n"})
    app.dream()
    index = app.memory / "MEMORY.md"
    assert app.facts()["tests.command = make test"] == "confirmed"
    assert "make test" not in index.read_text() and "make lint" in index.read_text()

    app.commit("Say less", {"AGENTS.md": "Be kind.\n"})
    app.dream()

    assert "Tests run with `make test`" in index.read_text()
    assert app.run("fsck").code == 0
