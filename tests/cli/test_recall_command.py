"""`recall`: what a person or an agent types in the middle of a thought, and what they read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Place, run
from kairos_git.capture import spooling
from kairos_git.cli.recalled import Asked, parse_asked
from kairos_git.memory.observation import observe
from kairos_git.memory.repository import open_memory


@pytest.fixture
def lived(app: Place) -> Place:
    """A project whose tests moved from tox to pytest, with a reason, and one line that waits in the spool."""
    app.say("Tests run with `tox -e py`", session="s-1")
    app.say("tox takes 40 seconds to start on every run", "agent", session="s-1")
    app.dream()
    app.say("Tests run with `pytest -q`", days=1)
    app.dream()
    app.say("The staging server is called Hermes")
    return app


def test_recall_answers_facts_first_then_the_log(lived: Place) -> None:
    """With states, days, sources, ids, places and neighbours, on at most a hundred columns."""
    out = lived.run("recall", "how", "do", "the", "tests", "run").out

    facts, log = out.split("\nlog\n")
    assert facts.startswith("facts\n  Tests run with `pytest -q`\n    confirmed since 2026-11-22 · tests.command · f-")
    assert "    SUPERSEDED: held from 2026-11-21 to 2026-11-22 · tests.command · f-" in facts
    assert "  2026-11-22 12:06 owner · o-" in log
    assert max(map(len, out.splitlines())) <= 100


def test_the_reason_is_found_beside_the_decision(lived: Place) -> None:
    """The line of the same session says why; the log line shows where it stands and what was said before it."""
    out = lived.run("recall", "why did we leave tox?").out

    assert "agent · s-1 · o-" in out
    assert "    tox takes 40 seconds to start on every run\n      before: Tests run with `tox -e py`\n" in out
    assert "log/2026/11/2026-11-21.md:" in out


def test_what_was_said_a_moment_ago_is_found(lived: Place) -> None:
    """Before any drain, and once after it."""
    before = lived.run("recall", "staging", "server", "--json").json["lines"]
    lived.dream()
    after = lived.run("recall", "staging", "server", "--json").json["lines"]

    assert [h["path"] for h in before if "Hermes" in h["text"]] == [""]
    assert [h["path"] for h in after if "Hermes" in h["text"]] == ["log/2026/11/2026-11-22.md"]


def test_recall_for_scripts(lived: Place) -> None:
    """Every field the README names."""
    found = lived.run("recall", "tox", "--json").json

    (fact,) = [f for f in found["facts"] if f["state"] == "superseded"]
    assert set(fact) == {"id", "slot", "text", "state", "from", "until", "evidence", "path", "line", "memory", "score"}
    assert (fact["slot"], fact["from"], fact["until"], fact["path"]) == ("tests.command", "2026-11-21", "2026-11-22", "")
    (line,) = [h for h in found["lines"] if "40 seconds" in h["text"]]
    assert set(line) == {
        "id", "time", "src", "text", "session", "branch", "at", "before", "after", "path", "line", "memory", "score",
    }  # fmt: skip
    assert (line["src"], line["session"], line["before"]) == ("agent", "s-1", ["Tests run with `tox -e py`"])


@pytest.mark.parametrize("query", ["qqqzzz", "", "\n", '"', "🎉", "* AND (", "a" * 100_000])
def test_nothing_found_exits_one(lived: Place, query: str) -> None:
    """And says so on standard error; standard output stays empty, or is an empty answer."""
    answer = lived.run("recall", query, code=1)

    assert answer.out == ""
    assert answer.err.startswith("kairos-git: ")
    assert lived.run("recall", query, "--json", code=1).json["lines"] == []


@pytest.mark.parametrize(
    "words",
    [
        ["tox", "--since", "yesterday"],
        ["tox", "--until=2026-13-01"],
        ["tox", "--src", "gossip"],
        ["tox", "--most", "0"],
        ["tox", "-n", "many"],
        ["tox", "-n", "9" * 5000],
        ["tox", "--now", "noon"],
        ["tox", "--nope"],
        ["tox", "--since"],
        [],
    ],
    ids=lambda words: " ".join(words)[:20],
)
def test_words_that_are_off_exit_two(lived: Place, words: list[str]) -> None:
    """With a sentence, and without a traceback."""
    answer = lived.run("recall", *words, code=2)

    assert answer.err


def test_the_limits_reach_the_search(lived: Place) -> None:
    """Source, days, number."""
    assert {h["src"] for h in lived.run("recall", "tox tests", "--src", "agent", "--json").json["lines"]} == {"agent"}
    assert lived.run("recall", "tox tests", "--src", "agent", "--json").json["facts"] == []
    assert lived.run("recall", "hermes", "--until", "2026-11-20", "--json", code=1).json["lines"] == []
    assert lived.run("recall", "hermes", "--since=2026-11-22", "--json").json["lines"]
    few = lived.run("recall", "tests", "tox", "pytest", "-n", "2", "--json").json
    assert len(few["facts"]) + len(few["lines"]) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["why", "tox", "--most", "3", "--path", "a", "--path=b", "--json"],
        ["--author", "Ada", "--vault", "why tox", "--branch", "main", "-n", "7"],
        ["--", "--json", "-x"],
        ["-", "--since", "2026-11-21", "--until", "2026-11-22", "--src", "owner"],
        ["", "--memory", "m", "--project", "p", "--now", "2026-11-21T12:00:00Z"],
    ],
    ids=" ".join,
)
def test_the_quick_parser_reads_as_the_full_one_does(words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both give the same question."""
    import kairos_git.cli.quick
    import kairos_git.cli.recalled

    asked: list[Asked] = []
    monkeypatch.setattr(kairos_git.cli.recalled, "print_recall", lambda a: (asked.append(a), 0)[1])
    run(tmp_path, "recall", *words)
    monkeypatch.delitem(kairos_git.cli.quick.COMMANDS, "recall")
    run(tmp_path, "recall", *words)

    assert asked[0] == asked[1] == parse_asked(words)


def test_your_own_memory_answers_too(lived: Place) -> None:
    """Beside the project's, marked as yours; alone where there is no project; not where another memory is named."""
    lived.run("init", "--memory", "me")
    lived.run("observe", "--memory", "me", "I like small commits")

    assert "your own memory" in lived.run("recall", "small commits").out
    nowhere = lived.root.parent / "elsewhere"
    nowhere.mkdir()
    assert "I like small commits" in run(nowhere, "recall", "commits").out
    assert run(nowhere, "recall", "commits", "--memory", "me", "--json").json["lines"][0]["memory"] == "me"
    assert "small commits" not in lived.run("recall", "small commits", "--memory", str(lived.memory), code=None).out


def test_the_vault_is_the_owners(lived: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Searched where it is asked for, by a person; an agent is refused."""
    lived.run("init", "--memory", "me")
    lived.run("observe", "--memory", "me", "vault.bank = `DE89 3704`")

    assert "3704" not in lived.run("recall", "bank", code=None).out
    assert "3704" in lived.run("recall", "bank", "--vault").out
    monkeypatch.setenv("CLAUDECODE", "1")
    refused = lived.run("recall", "bank", "--vault", code=1)
    assert "3704" not in refused.out + refused.err
    assert "The vault is the owner's own" in refused.err


def test_no_memory_is_no_answer(place: Place) -> None:
    """Exit 3 and what to do, as everywhere; also with a damaged memory of one's own in the way."""
    assert "kairos-git init" in place.run("recall", "tox", code=3).err


def test_a_memory_in_the_middle_of_a_merge_says_so(lived: Place) -> None:
    """And answers from its last commit."""
    (lived.memory / ".git" / "MERGE_HEAD").write_text("0" * 40)

    answer = lived.run("recall", "tox")

    assert "in the middle of a merge" in answer.err
    assert "tox takes 40 seconds" in answer.out


def test_a_terminal_takes_nothing_of_it_for_a_command(lived: Place) -> None:
    """Control characters of a line are shown as a dot."""
    memory = open_memory(str(lived.memory))
    spooling.acknowledge(memory, [observe(lived.tick(), "The \x1b[31mred\x1b[0m cable \x07goes left", "external")])

    out = lived.run("recall", "red cable").out

    assert "The ·[31mred·[0m cable ·goes left" in out
    assert "\x1b" not in out


def test_what_an_agent_recalled_is_no_news_from_it(lived: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said back, it keeps the root it came from."""
    lived.dream()
    monkeypatch.setenv("CLAUDECODE", "1")
    lived.run("recall", "hermes")
    lived.run("observe", "The staging server is called Hermes")

    lived.run("dream", "--now", lived.tick().isoformat(), code=None)
    (said,) = [o for o in lived.run("log", "--src", "agent", "--json").json if "Hermes" in o["text"]]
    assert said["root"] != said["session"]


def test_recall_starts_light() -> None:
    """A search of an index that is up to date needs neither git's module nor what parses a log."""
    heavy = ("subprocess", "typer", "yaml", "kairos_git.gitrun", "kairos_git.memory.repository", "kairos_git.dream.fold")
    code = f"import sys, kairos_git.cli.recalled; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
