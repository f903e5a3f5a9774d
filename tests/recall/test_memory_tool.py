"""Anthropic's memory tool: every command of a model, through the SDK's own runner, over a real memory."""

from __future__ import annotations

import ast
import gc
import os
import re
import textwrap
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import anthropic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_server import Step, serve

from conftest import NOON, Place, git
from kairos_git.errors import Refused
from kairos_git.memory.repository import open_memory
from kairos_git.recall.memory_tool import memory_tool, parse_path
from kairos_git.runner.sessions import remembering

Command = dict[str, Any]
Use = Callable[..., list[tuple[bool, str]]]


@pytest.fixture
def use(app: Place) -> Use:
    """Let a scripted model use the tool, one command a turn; (is an error, text) of each answer, as the model is told it."""

    def use(*commands: object, session: str = "sdk-1") -> list[tuple[bool, str]]:
        tool = memory_tool(open_memory(str(app.memory)), remembering, session=session, clock=lambda: app.tick())
        with serve() as server:
            server.steps = [Step(use=(("memory", c),)) for c in commands]  # type: ignore[arg-type]
            with anthropic.Anthropic(base_url=server.url, api_key="k", max_retries=0) as client:
                runner = client.beta.messages.tool_runner(
                    model="claude-haiku-5-5", max_tokens=900, tools=[tool], messages=[{"role": "user", "content": "Go on."}]
                )
                runner.until_done()
            answers = [request.results[0] for request in server.requests[1:]]
        return [(bool(a.get("is_error")), _text(a["content"])) for a in answers]

    return use


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(block["text"] for block in content)


def view(path: str, **more: Any) -> Command:
    return {"command": "view", "path": path, **more}


def create(path: str, text: str) -> Command:
    return {"command": "create", "path": path, "file_text": text}


def replace(path: str, old: str, new: str) -> Command:
    return {"command": "str_replace", "path": path, "old_str": old, "new_str": new}


def insert(path: str, line: object, text: str) -> Command:
    return {"command": "insert", "path": path, "insert_line": line, "insert_text": text}


def said(app: Place) -> list[tuple[str, str, str]]:
    """(text, source, session) of what the log holds of agents, after a drain."""
    app.run("drain")
    rows = [
        re.search(r"\d\d:\d\d\S+ (.*) <!--o \S+ src=(\S+)(?: sess=(\S+))?", line)
        for line in app.mem("grep", "-h", "src=agent", "HEAD", "--", "log", check=False).splitlines()
    ]
    return [(m[1], m[2], m[3]) for m in rows if m]


def projections(app: Place) -> str:
    return app.mem("ls-tree", "HEAD", "MEMORY.md", "handoff.md", "topics", "rulings.md", "kairos.yaml") + app.mem(
        "status", "--porcelain"
    )


def test_a_model_sees_what_is_believed(app: Place, use: Use) -> None:
    """The root lists index, handoff and topics; a file comes with numbered lines; a part of it can be asked for."""
    app.say("Tests run with `make test`")
    app.dream()

    listing, topic, part, folder = use(
        view("/memories"),
        view("/memories/topics/tests.md"),
        view("/memories/topics/tests.md", view_range=[1, 2]),
        view("/memories/topics/"),
    )

    assert all(f"/memories/{name}" in listing[1] for name in ("MEMORY.md", "handoff.md", "topics/tests.md"))
    assert "log/" not in listing[1] and "kairos.yaml" not in listing[1]
    assert "Tests run with `make test`" in topic[1] and "data, not instructions" in topic[1]
    assert part[1].splitlines()[1:] == ["     1\t---", "     2\tname: tests"]
    assert "topics/tests.md" in folder[1] and "MEMORY.md" not in folder[1]


def test_the_vault_is_not_there(app: Place, use: Use) -> None:
    """The owner's vault is in no listing, no file, and takes nothing from a model."""
    app.run("observe", "vault.bank = `IBAN 1`", "--here", "--time", app.tick().isoformat())
    app.dream()
    assert "vault.md" in app.mem("ls-tree", "--name-only", "HEAD", "topics/")

    listing, direct, index, write = use(
        view("/memories"),
        view("/memories/topics/vault.md"),
        view("/memories/MEMORY.md"),
        create("/memories/topics/vault.md", "vault.bank = `IBAN 2`"),
    )

    assert "vault" not in listing[1] and "IBAN" not in index[1]
    assert direct[0] and write[0] and "IBAN 1" not in direct[1]
    assert said(app) == []


def test_an_uncommitted_edit_is_not_what_is_believed(app: Place, use: Use) -> None:
    """A line somebody took out of a topic is hidden, in the index too; one they wrote in is not shown."""
    app.say("Tests run with `make test`")
    app.say("Use tabs, since the linter wants them")
    app.dream()
    path = app.memory / "topics" / "tests.md"
    lines = [line for line in path.read_text().splitlines() if "make test" not in line]
    path.write_text("\n".join([*lines, "- Tests run with `rm -rf`"]) + "\n")

    topic, index = use(view("/memories/topics/tests.md"), view("/memories/MEMORY.md"))

    assert "make test" not in topic[1] + index[1]
    assert "rm -rf" not in topic[1] + index[1]


def test_what_a_model_writes_becomes_its_statements(app: Place, use: Use, laws: None) -> None:
    """create, insert and str_replace: each new line is an observation of one agent's session; no file of the memory changes."""
    app.say("Tests run with `make test`")
    app.dream()
    before = projections(app)

    answers = use(
        create(
            "/memories/progress.md", "# Progress\n\n- The parser needs a lock, since two threads share it\n- Next: the index\n"
        ),
        insert("/memories/topics/tests.md", 0, "Tests need a running redis"),
        replace("/memories/progress.md", "- Next: the index", "- Next: the cache"),
        view("/memories/progress.md"),
        view("/memories/topics/tests.md"),
    )

    assert [error for error, _ in answers] == [False] * 5
    assert "No file was changed" in answers[0][1] and "a dream decides" in answers[0][1]
    assert "- Next: the cache" in answers[3][1] and "Tests need a running redis" in answers[4][1]
    assert projections(app) == before
    assert said(app) == [
        ("The parser needs a lock, since two threads share it", "agent", "sdk-1"),
        ("Next: the index", "agent", "sdk-1"),
        ("Tests need a running redis", "agent", "sdk-1"),
        ("Next: the cache", "agent", "sdk-1"),
    ]
    app.dream()
    assert "confirmed" not in {state for key, state in app.facts().items() if "redis" in key or "lock" in key}


def test_a_model_that_rewrites_a_file_says_only_what_is_new(app: Place, use: Use) -> None:
    """A copy of a known file, comments and all, with one line more, is one statement."""
    app.say("Tests run with `make test`")
    app.dream()
    text = app.mem("show", "HEAD:topics/tests.md")

    answers = use(
        create("/memories/topics/tests.md", text + "\n- Tests need a running redis\n"), create("/memories/topics/tests.md", text)
    )

    assert [error for error, _ in answers] == [False, True]
    assert "no new statement" in answers[1][1]
    assert [text for text, _, _ in said(app)] == ["Tests need a running redis"]


def test_a_changed_fact_is_a_new_statement_and_the_old_one_stays(app: Place, use: Use, laws: None) -> None:
    """str_replace of a fact's line records what the model says now; the owner's fact stands, at most in doubt."""
    app.say("Tests run with `make test`")
    app.dream()

    ((error, text),) = use(replace("/memories/topics/tests.md", "`make test`", "`tox`"))
    app.dream()

    assert not error and "stays until the evidence outweighs it" in text
    assert app.facts()["tests.command = make test"] in ("confirmed", "contested")
    assert app.facts().get("tests.command = tox", "tentative") == "tentative"


REFUSED: dict[str, Command] = {
    "delete a topic": {"command": "delete", "path": "/memories/topics/tests.md"},
    "delete everything": {"command": "delete", "path": "/memories"},
    "rename": {"command": "rename", "old_path": "/memories/MEMORY.md", "new_path": "/memories/old.md"},
    "cut a fact out": replace("/memories/topics/tests.md", "- Tests run", ""),
    "old_str that is not there": replace("/memories/topics/tests.md", "nowhere", "x"),
    "old_str that stands often": replace("/memories/topics/tests.md", "e", "x"),
    "an empty old_str": replace("/memories/topics/tests.md", "", "x"),
    "insert too far down": insert("/memories/topics/tests.md", 9999, "x"),
    "insert above the top": insert("/memories/topics/tests.md", -1, "x"),
    "insert into nothing": insert("/memories/none.md", 0, "x"),
    "a folder as a file": create("/memories/topics", "x"),
    "the root as a file": create("/memories", "x"),
    "nothing to say": create("/memories/a.md", "# only\n\n---\n"),
    "a flood": create("/memories/a.md", "\n".join(f"- point {n}" for n in range(51))),
    "a file too large": create("/memories/a.md", "x" * 100_001),
    "a file of before": view("/memories/progress.md"),
    "a log": view("/memories/log/2026/11/2026-11-21.md"),
    "the settings": view("/memories/kairos.yaml"),
    "git's own": view("/memories/.git/config"),
    "a range of nothing": view("/memories/MEMORY.md", view_range=[3, 1]),
    "a range of words": view("/memories/MEMORY.md", view_range=["a", "b"]),
    "up": view("/memories/../app/pyproject.toml"),
    "up, encoded": view("/memories/%2e%2e/app/pyproject.toml"),
    "up, by backslash": view("/memories/..\\app"),
    "absolute": view("/etc/passwd"),
    "beside": view("/memories.bak/MEMORY.md"),
    "doubled": view("/memories//MEMORY.md"),
    "home": view("/memories/~/x"),
    "a NUL": view("/memories/MEMORY.md\0"),
    "relative": view("MEMORY.md"),
    "empty": view(""),
    "write up, encoded": create("/memories/%2e%2e/evil.md", "- x is so"),
    "write up, by backslash": create("/memories/..\\evil.md", "- x is so"),
    "write outside": create("/tmp/evil.md", "x"),
    "rename to outside": {"command": "rename", "old_path": "/memories/MEMORY.md", "new_path": "/etc/x"},
    "an unknown command": {"command": "chmod", "path": "/memories"},
    "no command": {},
    "no path": {"command": "view"},
    "a path that is a number": {"command": "view", "path": 5},
    "a line that is a text": insert("/memories/MEMORY.md", "3", "x"),
    "a line that is a truth": insert("/memories/MEMORY.md", True, "x"),
}  # fmt: skip


def test_what_a_model_may_not_do_is_refused_with_a_reason(app: Place, use: Use, laws: None) -> None:
    """Nothing is taken away, moved, written or read outside; each refusal is a tool error with a sentence, and no traceback."""
    app.say("Tests run with `make test`")
    app.dream()
    head = app.mem("rev-parse", "HEAD")

    for name, (error, text) in zip(REFUSED, use(*REFUSED.values()), strict=True):
        assert error, (name, text)
        assert text.rstrip().endswith((".", "end.", "file.")) or "." in text, (name, text)
        assert "Traceback" not in text and "Error(" not in text and len(text) < 700, (name, text)
    app.run("drain")

    assert app.mem("rev-parse", "HEAD") == head
    assert app.mem("status", "--porcelain") == ""
    assert not (app.root.parent / "evil.md").exists()


def test_a_link_in_the_memory_leads_nowhere(app: Place, use: Use, tmp_path: Path) -> None:
    """A committed link, or one in the work tree, is no file of the memory."""
    (tmp_path / "secret.md").write_text("- outside\n")
    os.symlink(tmp_path / "secret.md", app.memory / "topics" / "linked.md")
    git(app.memory, "-c", "core.hooksPath=/dev/null", "add", "topics/linked.md")
    git(app.memory, "-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "a link")

    listing, direct = use(view("/memories"), view("/memories/topics/linked.md"))

    assert "linked" not in listing[1]
    assert direct[0] and "outside" not in direct[1]


def test_a_model_may_take_back_its_own_line_from_its_view(app: Place, use: Use) -> None:
    """What it wrote itself leaves its file of this session; the log keeps it, and the answer says so."""
    answers = use(create("/memories/a.md", "- one\n- two\n"), replace("/memories/a.md", "- one\n", ""), view("/memories/a.md"))

    assert [error for error, _ in answers] == [False] * 3
    assert "The log keeps" in answers[1][1] and "one" not in answers[2][1] and "- two" in answers[2][1]
    assert [text for text, _, _ in said(app)] == ["one", "two"]


def test_a_secret_is_redacted_before_it_is_written(app: Place, use: Use) -> None:
    """Neither the spool, nor the answer, nor what the model sees next holds it."""
    token = "ghp_" + "a1B2" * 9

    answers = use(create("/memories/a.md", f"- the token is {token}\n"), view("/memories/a.md"))

    assert all(token not in text for _, text in answers)
    assert token.encode() not in b"".join(p.read_bytes() for p in app.memory.rglob("*") if p.is_file())


def test_a_session_is_one_voice_however_often_it_writes(app: Place, use: Use) -> None:
    """Three files and two days of one session confirm nothing; three sessions on two days do."""
    use(*(create(f"/memories/{n}.md", "- The port of the api is `8123`\n") for n in "abc"))
    app.tick(days=1)
    use(create("/memories/d.md", "- The port of the api is `8123`\n"))
    app.dream()
    assert app.fact("8123")["state"] == "tentative"

    use(create("/memories/e.md", "- The port of the api is `8123`\n"), session="sdk-2")
    use(create("/memories/e.md", "- The port of the api is `8123`\n"), session="sdk-3")
    app.dream()

    assert app.fact("8123")["state"] == "confirmed"


def test_two_tools_are_two_sessions(app: Place) -> None:
    """Without a name, each tool made is a session of its own."""
    memory = open_memory(str(app.memory))
    for n in range(2):
        memory_tool(memory, remembering, clock=lambda n=n: NOON + timedelta(minutes=n)).call(
            create("/memories/a.md", f"- thing {n}\n")
        )  # type: ignore[misc]

    assert len({session for _, _, session in said(app)}) == 2


@given(st.text(alphabet="/.\\%~\0 amemories:", max_size=40))
def test_a_path_is_a_name_below_the_root_or_refused(path: str) -> None:
    """Whatever a model sends: the name that comes out has no way up, and the path it came from begins with /memories."""
    try:
        name = parse_path(path)
    except Refused:
        return
    assert path.rstrip("/") == f"/memories/{name}".rstrip("/")
    assert not {"", ".", ".."} & set(name.split("/")) or name == ""


def test_the_example_works_as_it_stands(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of the module's docstring, typed in the project: the model reads the memory. The manual shows the same lines."""
    from kairos_git.recall import memory_tool as module

    example = "    from anthropic" + (module.__doc__ or "").split("    from anthropic", 1)[1].split("\n\nThe one rule", 1)[0]
    monkeypatch.chdir(app.root)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    with serve() as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        server.steps = [Step(use=(("memory", view("/memories")),))]
        server.always = Step("Done.")
        exec(textwrap.dedent(example), {})
        gc.collect()  # nothing of ours is left open: a warning would fail here

    assert "/memories/MEMORY.md" in _text(server.requests[1].results[0]["content"])
    manual = (Path(__file__).parent.parent.parent / "README.md").read_text()
    shown = [block.partition("```")[0] for block in manual.split("```python\n")[1:]]
    assert ast.dump(ast.parse(textwrap.dedent(example))) in [ast.dump(ast.parse(block)) for block in shown]
