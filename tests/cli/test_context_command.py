"""`context` and `handoff` as they are typed."""

from __future__ import annotations

from conftest import Place


def test_context_says_why_each_line_is_in_it_and_what_did_not_fit(app: Place) -> None:
    """Titles, lines with ids, reasons; then what was left out and how much room it took."""
    app.say("Always run ruff before a commit")
    app.dream()
    out = app.run("context", "--now", app.now.isoformat()).out

    assert "Rules that hold in this project:\n  f-" in out
    assert "because: a rule, confirmed since 2026-11-21" in out
    assert "of 9000 characters" in out
    assert "because" not in app.run("context", "--no-why").out


def test_raw_prints_the_bytes_an_agent_gets(app: Place) -> None:
    """The same as in the JSON, the same twice, within the budget that was asked for."""
    first, again = (app.run("context", "--raw", "--budget", "1500", "--now", app.now.isoformat()).out for _ in range(2))
    told = app.run("context", "--json", "--budget", "1500", "--now", app.now.isoformat()).json

    assert first == again == told["text"] + "\n"
    assert told["characters"] == len(told["text"]) <= 1500
    assert {i["tier"] for i in told["items"]} <= {"facts", "told", "rules", "handoff"}
    assert all(i["ids"] and i["why"] for i in told["items"])


def test_a_path_and_a_branch_change_what_comes_first(app: Place) -> None:
    """`--path` from where one stands; one outside the project is refused."""
    app.say("Never edit lib/made.py by hand")
    app.dream()
    told = app.run("context", "--json", "--path", "lib/made.py").json

    assert [i["tier"] for i in told["items"] if "made.py" in i["text"]] == ["touched"]
    assert "branch other" in app.run("context", "--raw", "--branch", "other").out
    assert "not in the project" in app.run("context", "--path", "../elsewhere", code=2).err


def test_a_budget_that_holds_nothing_is_a_usage_error(app: Place) -> None:
    """As is one that is no number."""
    assert app.run("context", "--budget", "10", code=2).out == ""
    assert app.run("context", "--budget", "many", code=2).out == ""


def test_handoff_tells_the_last_sessions_newest_first(app: Place) -> None:
    """Done, next and open of sessions that no dream has seen yet; as many as asked for."""
    app.say("Done: the parser\nNext: its tests\nOpen: which port?", "agent", "claude-one")
    app.say("Done: the tests", "agent", "claude-two")
    out = app.run("handoff").out
    told = app.run("handoff", "--json", "--most", "2").json

    assert out.index("claude-two") < out.index("claude-one")
    assert "  next  its tests (o-" in out and "  open  which port? (o-" in out
    assert [s["session"] for s in told] == ["claude-two", "claude-one"]
    assert [one["text"] for one in told[1]["next"]] == ["its tests"]
    assert set(told[0]) == {"session", "began", "ended", "branch", "done", "next", "open", "more"}


def test_without_a_memory_both_say_where_to_begin(place: Place) -> None:
    """The exit code of a memory that is not there."""
    for command in ("context", "handoff"):
        assert "kairos-git init" in place.run(command, code=3).err
