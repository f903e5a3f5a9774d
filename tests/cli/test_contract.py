"""What others script against: options, rows, JSON and exit codes, in the form they were promised."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Place

pytestmark = pytest.mark.usefixtures("isolated")

T = "2026-11-20T10:00:00+00:00"
NOW = "2026-11-21T12:00:00+00:00"


def batch(app: Place, content: str | bytes, *options: str, code: int = 0) -> Any:
    """Write a batch file and observe it."""
    path = app.root.parent / "rows.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return app.run("observe", "--batch", str(path), "--json", *options, code=code)


def rows(*given: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in given)


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\n \n" + text.replace("\n", "\n\n"),
        lambda text: text.rstrip("\n"),
    ],
    ids=["byte-order-mark", "crlf", "blank-lines", "no-final-newline"],
)
def test_a_batch_is_read_whatever_wrote_it(app: Place, dress: Callable[[str], str]) -> None:
    """What editors and shells of other systems put around rows changes neither rows nor ids."""
    text = rows({"text": "Tests run with `tox`", "time": T}, {"text": "Builds run with `make`", "time": T})
    plain = batch(app, text).json

    assert batch(app, dress(text)).json == plain
    assert plain["count"] == 2 and len(set(plain["ids"])) == 2


def test_options_hold_where_a_row_is_silent(app: Place) -> None:
    """`--src external` before rows that name no source must not make them the owner's words."""
    batch(
        app,
        rows(
            {"text": "Tests run with `tox`"}, {"text": "Lint with `ruff check`", "src": "owner", "session": "mine", "time": NOW}
        ),
        *("--src", "external", "--session", "s", "--root", "r", "--time", T),
    )
    app.dream()
    told = {o["text"]: (o["src"], o["session"], o["root"], o["time"]) for o in app.run("log", "--json").json}

    assert told["Tests run with `tox`"] == ("external", "s", "r", T)
    assert told["Lint with `ruff check`"] == ("owner", "mine", "r", NOW)
    assert "tests.command = tox" not in app.facts("--all")


def test_a_field_that_no_row_has_is_named(app: Place) -> None:
    """A misspelt `session` would make one voice into many: it is said, on standard error, and the rest is taken."""
    answer = batch(app, rows({"text": "Tests run with `tox`", "sesion": "s", "time": T}))

    assert "'sesion' left aside" in answer.err
    assert answer.json["count"] == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "no JSON (Expecting property name"),
        ('{"text": "a"} {"text": "b"}', "no JSON (Extra data at column 15)"),
        ("[1]", "no JSON object"),
        ("null", "no JSON object"),
        ("{}", "the text is empty"),
        ('{"text": 5}', "text is not a text"),
        ('{"text": "x", "time": 5}', "time is not a text"),
        ('{"text": "x", "session": []}', "session is not a text"),
        ("[" * 100_000, "no JSON that can be read"),
        (json.dumps({"text": "x" * (1 << 20)}), "is longer than"),
    ],
    ids=["torn", "two", "list", "null", "empty", "number", "time", "session", "deep", "huge"],
)
def test_a_bad_row_is_told_by_its_line_and_what_is_wrong(app: Place, line: str, words: str) -> None:
    """Exit 2, nothing on standard output, nothing written."""
    answer = batch(app, rows({"text": "Tests run with `tox`", "time": T}) + line + "\n", code=2)

    assert f"rows.jsonl:2: {words}" in answer.err.replace("is no JSON", "no JSON").replace("There is nothing to observe: ", "")
    assert answer.out == "" and app.run("status", "--json").json["waiting"] == 0


def test_what_is_said_of_a_batch_counts_right(app: Place) -> None:
    """One observation is one."""
    path = app.root.parent / "rows.jsonl"
    path.write_text(rows({"text": "Tests run with `tox`", "time": T}))

    assert app.run("observe", "--batch", str(path)).out == "1 observation is safe\n"


def stopped(place: Place) -> None:
    """A project whose next dream would take away nearly everything."""
    scripts = {f"check-{n}": f"eslint src/{n}" for n in range(20)}
    place.commit("Initial commit", {"package.json": json.dumps({"name": "x", "scripts": scripts})})
    place.run("init", "--no-hooks", "--now", place.tick().isoformat())
    place.commit("Away with it", {"package.json": "{}"})


def test_a_dream_that_is_stopped_tells_scripts_its_commit(place: Place) -> None:
    """Exit 6; standard output holds the same object as ever: the commit, what it would change, which law; and HEAD stays."""
    stopped(place)
    before = place.run("facts", "--json").json
    answer = place.run("dream", "--json", "--now", place.tick().isoformat(), code=6)
    told = answer.json

    assert told["dream"] == told["commit"] == place.mem("rev-parse", told["proposal"])
    assert {o["op"] for o in told["ops"]} >= {"retire"} and all(o["evidence"] for o in told["ops"])
    assert [p["law"] for p in told["problems"]] == [8] and told["observations"] > 0
    assert "law 8" in answer.err and place.run("facts", "--json").json == before
    assert told["commit"] in place.run("dream", code=6).out


def test_what_to_type_next_can_be_typed(app: Place) -> None:
    """A dry run names the memory's folder, not a placeholder for it."""
    app.say("Tests run with `tox`")
    built = app.run("dream", "--dry-run").out

    assert f"git -C {app.memory} show " in built and "<memory>" not in built


EVERY = (
    "facts", "why f-1", "dreams", "show", "log", "status", "doctor", "fsck", "dream", "observe x", "review", "questions", "context",
    "handoff", "recall tests", "hooks status", "hooks install", "hooks uninstall", "reject f-1", "allow f-1", "confirm f-1", "adopt",
    "revert abc", "land abc", "init", "uninstall",
)  # fmt: skip


@pytest.mark.parametrize("command", EVERY, ids=lambda c: c.replace(" ", "-"))
def test_every_command_takes_the_same_options(command: str, app: Place, tmp_path: Path) -> None:
    """`--memory`, `--project` and `--now` stand behind any command; a time that is none is a usage error, before anything else."""
    options = ["--project", str(app.root), "--now", NOW]
    usual = app.run(*command.split(), *options, "--memory", str(app.memory), code=None)
    wrong = app.run(*command.split(), "--now", "noon", code=2)

    assert "No such option" not in usual.err and usual.code in (0, 1, 2), usual
    assert "'noon' is not a time" in wrong.err and wrong.out == ""


SLOTS = ("tests", "lint", "format", "types", "build", "docs", "bench", "deploy")


def test_who_is_believed_by_the_table(app: Place) -> None:
    """Each source alone, with a second root, and hedged, one slot each: the states the table of sources promises."""

    def said(slot: str, *voices: tuple[str, int], words: str = "", root: str = "") -> list[dict[str, str]]:
        names = {"tests": "Tests run with", "lint": "Lint with", "format": "Format with", "types": "Type check with"}
        names |= {"build": "Build with", "docs": "Build the docs with", "bench": "Benchmarks run with", "deploy": "Deploy with"}
        return [
            {
                "text": f"{words}{names[slot]} `make it-{slot}`", "src": src, "session": root or f"s{n}",
                "time": f"2026-11-{day:02}T10:00:00+00:00",
            }
            for n, (src, day) in enumerate(voices)
        ]  # fmt: skip

    tables = {
        "confirmed": (
            said("tests", ("probe", 2)), said("lint", ("owner", 2)), said("format", ("test", 2), ("agent", 3)),
            said("types", ("commit", 2), ("agent", 3)), said("build", ("agent", 2), ("agent", 2), ("agent", 3)),
        ),
        "tentative": (
            said("tests", ("test", 2)), said("lint", ("owner", 2), words="I think we "), said("format", ("import", 2), ("import", 3)),
            said("types", ("agent", 2), ("agent", 3)), said("build", ("agent", 2), ("agent", 2), ("agent", 2)),
            said("docs", ("agent", 2), ("agent", 3), ("agent", 4), root="one"),
        ),
    }  # fmt: skip
    for state, cases in tables.items():
        found = Place(app.root.parent / state)
        found.root.mkdir()
        found.git("init", "-q")
        found.run("init", "--no-hooks", "--now", "2026-11-01T00:00:00+00:00")
        outsiders = said("deploy", ("external", 2), ("external", 3), ("external", 4))
        batch(found, rows(*(row for case in cases for row in case), *outsiders))
        found.run("dream", "--now", NOW)
        states = found.facts("--all")
        assert set(states.values()) == {state} and len(states) == len(cases), states


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["facts", "--state", "confirmd"], "confirmed"),
        (["log", "--src", "onwer"], "owner"),
        (["log", "--day", "yesterday"], "2026-11-21"),
        (["log", "--day", ""], "2026-11-21"),
    ],
    ids=["state", "src", "day", "no-day"],
)
def test_a_misspelt_name_is_no_empty_answer(app: Place, words: list[str], told: str) -> None:
    """Exit 2, and what could have been meant."""
    answer = app.run(*words, "--json", code=2)

    assert told in answer.err and answer.out == ""


def test_a_state_that_has_ended_is_found_by_its_name(app: Place) -> None:
    """`--state superseded` asks for what has left the files; nobody has to say `--all` as well."""
    app.say("Tests run with `tox`")
    app.say("Tests run with `nox`")
    app.dream()

    assert app.facts("--state", "superseded") == {"tests.command = tox": "superseded"}


STREAMS = {"stdout": ">&-", "stderr": "2>&-", "stdin": "<&-", "all": "<&- >&- 2>&-", "full": ">/dev/full"}


@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("command", ["facts --json", "status", "observe -", "dream", "on claude Stop"])
def test_streams_that_are_closed_or_full_break_nothing(app: Place, command: str, streams: str) -> None:
    """Whoever starts a command without standard streams gets its exit code; an answer that no disk takes is exit 4 and a sentence."""
    if "full" in streams and not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    words = "" if "<" in streams else " <<< 'Tests run with `tox`'"
    done = subprocess.run(
        ["bash", "-c", f"exec {sys.executable} -m kairos_git {command}{words} {streams}"],
        cwd=app.root, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    if command.startswith("on "):
        assert done.returncode == 0
    elif "full" in streams:
        assert done.returncode == 4 and "could not be written" in done.stderr
    else:
        assert done.returncode == (2 if command == "observe -" and "<" in streams else 0), done


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_is_piped_is_utf_8_in_any_locale(app: Place, encoding: str) -> None:
    """JSON is UTF-8 by definition, and no locale may make a crash of somebody's words."""
    app.say("Die Tests laufen mit `größe` → 日本")
    app.dream()
    for command in ("log --json", "facts", "dreams"):
        done = subprocess.run(
            [sys.executable, "-m", "kairos_git", *command.split()], cwd=app.root, capture_output=True, check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert command == "dreams" or "`größe` → 日本" in done.stdout.decode()


def test_the_owner_hears_at_once_that_a_line_becomes_no_fact(app: Place) -> None:
    """An event is kept and silent otherwise: who meant a fact would wait for it in vain."""
    event, fact = app.run("observe", "Fixed the login page"), app.run("observe", "Deploys run with `make ship`")
    strangers = app.run("observe", "Fixed the login page", "--src", "external")

    assert "kept as an event" in event.err and event.out.startswith("o-")
    assert fact.err == strangers.err == ""
