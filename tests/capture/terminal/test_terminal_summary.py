"""A burst of commands becomes one line that claims nothing; a test command's outcome one line for each time that it changes."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.capture.bursts import LONGEST, PAUSE, bursts, span
from kairos_git.capture.terminal.lines import Activity
from kairos_git.capture.terminal.summary import name_of, summarise
from kairos_git.capture.terminal.testruns import checked_out, told_runs
from kairos_git.dream.slots import claims
from kairos_git.memory.observation import Observation

START = 1_795_000_000


def typed(*commands: tuple[str, int], folder: str = "/app/src", every: int = 60) -> list[Activity]:
    """(command, exit code) one after the other."""
    return [Activity(START + n * every, 1.0, code, folder, text) for n, (text, code) in enumerate(commands)]


def inside(folder: str) -> str:
    """The folder's name in the project at /app."""
    return folder.removeprefix("/app").strip("/")


def told(*commands: tuple[str, int], every: int = 60) -> str:
    """What a burst of them comes to."""
    o = summarise(typed(*commands, every=every), inside, UTC)
    return o.text if o else ""


def test_a_burst_says_where_how_long_and_what_went_wrong() -> None:
    """Red three times and then green is what one remembers of an hour."""
    commands = [
        ("pytest -q", 1),
        ("git diff", 0),
        ("pytest -q tests/test_a.py", 1),
        ("pytest", 2),
        ("pytest -q", 0),
        ("make lint", 1),
    ]

    assert told(*commands, every=600) == (
        "Worked 50 min in `src/`: 6 commands, mostly `pytest`, `git diff`, `make lint`; `pytest` failed 3 times, then passed, `make lint` failed once"
    )


@pytest.mark.parametrize(
    ("command", "name"),
    [("FOO=1 sudo nice pytest -x", "pytest"), ("cd src && make lint", "make lint"), ("uv run pytest -q", "uv run pytest"),
     ("python3.12 -m pytest", "pytest"), ("npx jest", "jest"), ("./scripts/build.sh --all", "build.sh"), ("git commit -m 'x y'", "git commit"),
     ("git -C /x log", "git"), ("ls -la", ""), ("cat a | grep b", "grep"), ("vim a.py", ""), ("", ""), ("$(rm -rf x)", ""), ("npm run dev", "npm run dev"),
     ("kairos-git status", "")],
)  # fmt: skip
def test_a_command_is_called_by_its_program(command: str, name: str) -> None:
    """Without its arguments: what is remembered is which tool, not which file or message."""
    assert name_of(command) == name


def test_looking_around_is_worth_no_line() -> None:
    """`cd`, `ls` and an editor say nothing that files and commits do not."""
    assert told(("ls", 0), ("cd x", 0), ("vim a", 1)) == ""


def test_an_answer_of_no_and_a_signal_are_no_failure() -> None:
    """grep that finds nothing, Ctrl-C, a program that is not there."""
    assert "failed" not in told(("grep x y", 1), ("pytest", 130), ("mak", 127))


@given(st.lists(st.tuples(st.text(max_size=60), st.integers(0, 255)), min_size=1, max_size=30))
def test_no_command_makes_a_claim_or_breaks_the_line(commands: list[tuple[str, int]]) -> None:
    """Whatever is typed stays an event of an outsider, short, and quoted."""
    o = summarise(typed(*commands), inside, UTC)

    assert o is None or (o.src == "external" and o.word("event") == "terminal" and len(o.text) < 800 and claims(o) == ())


def test_a_test_run_is_told_when_its_outcome_changes() -> None:
    """Of ten runs red, red, green, green, … three lines; each names the commit that was checked out."""
    runs = [("pytest -q", code) for code in (1, 1, 0, 0, 130, 0, 2, 1)]
    found, standing = told_runs(
        typed(*runs, folder="/app"), ["pytest  -q"], {}, inside, lambda folder, at: "8f2c1d0aaaaaaaaaaa", UTC
    )

    assert [o.text for o in found] == ["Tests failed: `pytest -q`", "Tests passed: `pytest -q`", "Tests failed: `pytest -q`"]
    assert {(o.src, o.at, claims(o)) for o in found} == {("test", "8f2c1d0aaaaa", ())}
    assert standing == {"pytest -q": False}
    again, _ = told_runs(typed(("pytest -q", 1), folder="/app"), ["pytest -q"], standing, inside, lambda folder, at: "", UTC)
    assert again == []


@pytest.mark.parametrize("command", ["pytest -q tests/test_a.py", "pytest", "pytest -q || true", "cd src && pytest -q"])
def test_only_the_very_command_in_the_root_counts(command: str) -> None:
    """A part of the tests, or another exit code than theirs, says nothing of all of them."""
    elsewhere = typed(("pytest -q", 0), folder="/app/src")

    assert told_runs([*typed((command, 0), folder="/app"), *elsewhere], ["pytest -q"], {}, inside, lambda f, t: "", UTC)[0] == []


def test_the_commit_of_a_run_comes_from_the_reflog() -> None:
    """What HEAD was then, not what it is now."""
    a, b, zero = "a" * 40, "b" * 40, "0" * 40
    log = f"{zero} {a} Ada <a@x> 100 +0100\tcommit (initial): x\n{a} {b} Ada B <a@x> 200 +0100\tcommit: y\n"

    assert [checked_out(log, t) for t in (50, 100, 199, 200, 999)] == ["", a, a, b, b]
    assert checked_out("nonsense\n", 5) == ""


@given(st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 3000)), max_size=60), st.integers(0, 90_000))
def test_bursts_part_at_a_pause_and_lose_nothing(rows: list[tuple[int, int]], now: int) -> None:
    """Every item is in exactly one burst, no burst has a pause in it or lasts too long, and only the last one can go on."""
    items = sorted((start, start + took) for start, took in rows)
    items.sort(key=lambda i: (i[1], i[0]))
    done, goes_on = bursts(items, lambda i: i[0], lambda i: i[1], now)

    assert [i for burst in [*done, goes_on] for i in burst] == items
    for burst in [*done, goes_on]:
        assert all(b[0] - max(i[1] for i in burst[: n + 1]) < PAUSE for n, b in enumerate(burst[1:]))
        assert not burst[1:] or burst[-1][1] - burst[0][0] < LONGEST
    assert not goes_on or now - max(i[1] for i in goes_on) < PAUSE


def test_spans_read_as_people_say_them() -> None:
    """Minutes, hours, and nothing finer."""
    assert [span(s) for s in (5, 60, 2880, 3600, 7500)] == ["under a minute", "1 min", "48 min", "1 h", "2 h 5 min"]


def test_a_line_is_an_observation_of_its_end() -> None:
    """It belongs to the day and the zone in which the burst ended."""
    o = summarise(typed(("make", 0), ("make", 0)), inside, UTC)

    assert isinstance(o, Observation)
    assert o.epoch == START + 61
