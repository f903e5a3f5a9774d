"""What an agent's auto memory writes into the folder becomes the agent's word, and the projection stands as before."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Place

MEMORY = """---
name: run-tests
description: How tests are run here
metadata:
  type: feedback
---

Tests run with `tox -e py312`

- Ask before touching `schema.sql`
**Why:** it is generated
"""


def logged(app: Place, root: str) -> list[dict[str, Any]]:
    return [o for o in app.run("log", "--json").json if o.get("root", "").startswith(root)]


def write(app: Place, path: str, text: str) -> None:
    (app.memory / path).write_text(text)


@pytest.mark.usefixtures("laws")
@pytest.mark.parametrize("path", ["feedback_tests.md", "topics/feedback_tests.md"])
def test_a_new_memory_becomes_the_agents_observations(app: Place, path: str) -> None:
    """One for each statement, rooted in the file; git has its bytes by the agent's name; the file is gone; the owner said nothing."""
    write(app, path, MEMORY)
    app.dream()

    told = logged(app, f"auto-memory/{path}")
    assert {o["text"] for o in told} == {
        "Tests run with `tox -e py312`",
        "Ask before touching `schema.sql` **Why:** it is generated",
    }
    assert {o["src"] for o in told} == {"agent"}
    assert app.fact("tox -e py312")["state"] == "tentative"
    assert not (app.memory / path).exists()
    assert app.mem("status", "--porcelain") == ""
    commit = app.mem("log", "--author=agent@localhost", "--format=%H")
    assert app.mem("show", f"{commit}:{path}") + "\n" == MEMORY
    assert "auto-memory" not in app.run("handoff", code=None).out  # notes are no session that somebody would go on with


@pytest.mark.usefixtures("laws")
def test_lines_added_to_the_index_are_the_agents_and_the_index_is_ours_again(app: Place) -> None:
    """A line that only points to a memory's own file says nothing; the others do."""
    app.say("Tests run with `tox`")
    app.dream()
    before = (app.memory / "MEMORY.md").read_text()
    write(app, "MEMORY.md", before + "- [Tests](run-tests.md) — how tests are run\n- Deploys happen on Fridays\n")
    app.dream()

    assert [o["text"] for o in logged(app, "auto-memory/MEMORY.md")] == ["Deploys happen on Fridays"]
    assert "Fridays" not in (app.memory / "MEMORY.md").read_text()
    assert app.mem("status", "--porcelain") == ""


@pytest.mark.usefixtures("laws")
def test_what_it_reads_here_and_writes_again_is_an_echo(app: Place) -> None:
    """The folder is no back door: one writer that reads its own memory stays one voice, on however many days."""
    for day in range(4):
        app.tick(days=1)
        write(app, f"memory-{day}.md", MEMORY)
        app.dream()
        assert app.fact("tox -e py312")["state"] == "tentative"
    assert {o["root"] for o in app.run("log", "--json").json if "tox -e" in o["text"]} == {"auto-memory/memory-0.md"}


def test_what_is_private_reaches_neither_git_nor_the_log(app: Place) -> None:
    """The owner's `ignore:` and `<private>` hold here too; settings that cannot be read let nothing in at all."""
    (app.memory / "kairos.yaml").write_text("ignore: ['acme']\n")
    write(app, "a.md", MEMORY + "\nAcme pays for acme support\n\nThe <private>code word</private> rules\n")
    app.dream()
    everything = app.mem("log", "-p", "--all", "--", "a.md", "log")
    assert "acme" not in everything and "code word" not in everything and "tox -e" in everything

    (app.memory / "kairos.yaml").write_text("ignore: [\n")
    write(app, "b.md", MEMORY)
    app.run("dream", code=None)
    assert (app.memory / "b.md").exists()


def test_a_persons_notes_are_left_alone(app: Place) -> None:
    """Without the front matter of a memory a file is nobody's business, and is not committed either."""
    write(app, "notes.md", "# Notes\n\nTests run with `nose`\n")
    write(app, "post.md", "---\ntitle: x\ntype: blog\n---\nTests run with `nose`\n")
    app.dream()

    assert (app.memory / "notes.md").exists() and (app.memory / "post.md").exists()
    assert not logged(app, "auto-memory/")
    assert app.mem("log", "--author=agent@localhost", "--format=%H") == ""


def test_an_edit_of_a_topic_counts_as_the_agents_only_where_its_memory_is_kept_here(app: Place) -> None:
    """Else it stays somebody's desk, as ever: to be committed, or adopted."""
    app.say("Tests run with `tox`")
    app.dream()
    topic = app.memory / "topics" / "tests.md"
    before = topic.read_text()
    topic.write_text(before + "The suite needs `redis`\n")
    app.dream()
    assert "redis" in topic.read_text() and not logged(app, "auto-memory/")

    (app.root / ".claude").mkdir()
    app.run("agents", "install", "claude", "--how", "auto-memory", "--yes")
    app.dream()

    assert topic.read_text() == before
    assert [o["text"] for o in logged(app, "auto-memory/topics/tests.md")] == ["The suite needs `redis`"]


def test_what_the_owner_may_have_deleted_is_not_put_back(app: Place) -> None:
    """A topic that also lacks a fact stays as it is; what was added is noted once, however often it is looked at."""
    app.say("Tests run with `tox`")
    app.say("Docs are built with `mkdocs`")
    app.dream()
    app.run("agents", "install", "claude", "--how", "auto-memory", "--yes")
    topic = app.memory / "topics" / "tests.md"
    edited = "".join(line for line in topic.read_text().splitlines(keepends=True) if "`tox`" not in line) + "Use `redis` 7\n"
    topic.write_text(edited)
    write(app, "empty.md", MEMORY.split("Tests run", maxsplit=1)[0].replace("How tests are run here", "Redis is version 7"))
    for _ in range(2):
        app.dream()

    assert topic.read_text() == edited
    assert app.mem("diff", "--name-only", "HEAD") == "topics/tests.md"
    assert "tox" not in (app.memory / "rulings.md").read_text()
    assert [o["text"] for o in logged(app, "auto-memory/")] == ["Redis is version 7", "Use `redis` 7"]


def test_a_secret_reaches_neither_git_nor_stays_in_the_folder(app: Place) -> None:
    """Redacted before the first commit; the rest of the memory is kept."""
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    write(app, "key.md", MEMORY + f"\nThe token is {secret}\n")
    app.dream()

    everything = app.mem("log", "-p", "--all")
    assert secret not in everything
    assert "[redacted:" in everything
    assert not (app.memory / "key.md").exists()


def test_a_dry_run_takes_nothing(app: Place) -> None:
    """It says what would become of it, and the file stays where it is."""
    write(app, "feedback_tests.md", MEMORY)
    head = app.mem("rev-parse", "HEAD")
    app.dream("--dry-run")

    assert (app.memory / "feedback_tests.md").read_text() == MEMORY
    assert app.mem("rev-parse", "HEAD") == head
