"""From raw lines to the log: told once, redacted, private things left out, and the raw lines gone."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.capture.keptstate import load_state, state_path
from kairos_git.capture.project import find_project
from kairos_git.capture.terminal import taking
from kairos_git.capture.terminal.lines import Activity, format_activity
from kairos_git.errors import Refused
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory, open_memory


@pytest.fixture
def memory(app: Place) -> Memory:
    """The memory of a project whose tests run with `pytest -q`."""
    app.say("Tests run with `pytest -q`")
    app.dream()
    return open_memory(str(app.memory))


def type_in(place: Place, *rows: tuple[int, int, str], folder: str = "") -> None:
    """(minute after `place.now`, exit code, command) as a shell would note them."""
    start = int(place.now.timestamp())
    path = place.memory / ".git" / "kairos" / "spool" / "terminal"
    with path.open("a") as file:
        for minute, code, command in rows:
            file.write(format_activity(Activity(start + 60 * minute, 2.0, code, str(place.root / folder), command)) + "\n")


def take(place: Place, memory: Memory, minutes: int) -> list[Observation]:
    """What is told so many minutes after `place.now`."""
    return list(taking.take_in(memory, find_project(str(place.root)), place.now + timedelta(minutes=minutes)).observations)


def texts(found: list[Observation]) -> list[str]:
    return [o.text for o in found]


def raw(place: Place) -> list[str]:
    """The names of raw files that are left."""
    return [n for n in os.listdir(place.memory / ".git" / "kairos" / "spool") if n.startswith("terminal")]


def test_a_burst_is_told_when_it_is_over_and_a_test_run_at_once(app: Place, memory: Memory) -> None:
    """Half an hour of silence ends a burst; the raw lines go; nothing is told twice; the line reaches the log."""
    (app.root / "src").mkdir()
    type_in(app, (0, 1, "pytest -q"), (5, 0, "pytest -q"), (20, 0, "make"))
    head = app.git("rev-parse", "HEAD")

    first = take(app, memory, 21)
    assert texts(first) == ["Tests failed: `pytest -q`", "Tests passed: `pytest -q`"]
    assert {o.at for o in first} == {head[:12]}
    assert raw(app) == []
    type_in(app, (40, 0, "make"), (41, 0, "pytest -q"), folder="src")
    assert texts(take(app, memory, 45)) == []
    told = take(app, memory, 90)
    assert [o.text.partition(":")[0] for o in told] == ["Worked 41 min in the root, `src/`"]
    assert "5 commands" in told[0].text and "`pytest` failed once, then passed" in told[0].text
    assert take(app, memory, 200) == []
    app.run("drain")
    assert sum("Worked 41 min" in row["text"] for row in app.run("log", "--json", "-n", "50").json) == 1


def test_ten_thousand_commands_are_a_few_lines(app: Place, memory: Memory, laws: None) -> None:
    """However much is typed, the log grows by a handful of lines, and every law holds."""
    type_in(app, *[(n // 100, n % 2, f"make target{n}") for n in range(10_000)])

    found = take(app, memory, 200)

    assert 1 <= len(found) <= 3
    assert sum(int(o.text.split(" commands")[0].split()[-1]) for o in found) == 10_000
    app.dream()


def test_a_secret_reaches_neither_the_log_nor_the_state(app: Place, memory: Memory) -> None:
    """What the shell let through is redacted before it is kept anywhere else."""
    secret = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3hJ5"
    type_in(app, (0, 1, f"deploy{secret} now"), (1, 0, f"deploy{secret} now"), (2, 0, f"curl -H 'x: {secret}' y"))
    take(app, memory, 3)

    assert secret not in Path(state_path(memory, "terminal")).read_text()
    take(app, memory, 100)
    app.run("drain")
    assert secret not in app.mem("log", "-p", "--all")


def test_what_is_private_is_not_looked_at(app: Place, memory: Memory) -> None:
    """A private folder, a command that names one, and a folder of another work tree all count."""
    (app.memory / "kairos.yaml").write_text("private: [secret/**]\n")
    (app.root / "secret").mkdir()
    type_in(app, (0, 0, "make one"), folder="secret")
    type_in(app, (1, 0, "cargo build secret/plan.md"), (2, 0, "make two"))

    (told,) = take(app, memory, 60)
    assert told.text == "Worked under a minute in the root: 1 command, mostly `make two`"


def test_where_privacy_cannot_be_read_nothing_is_taken(app: Place, memory: Memory) -> None:
    """The raw lines wait until the settings can be read."""
    (app.memory / "kairos.yaml").write_text("private: [\n")
    type_in(app, (0, 0, "make"))

    with pytest.raises(Refused):
        take(app, memory, 60)
    assert raw(app) == ["terminal"]
    (app.memory / "kairos.yaml").write_text("")
    assert len(take(app, memory, 60)) == 1


@pytest.mark.parametrize("step", ["acknowledge", "save_state", "_forget"])
def test_stopped_in_the_middle_it_tells_nothing_twice_and_forgets_nothing(
    app: Place, memory: Memory, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step was the last, the next look leaves the log as if nothing had happened."""

    class Killed(BaseException):
        """Stands for a kill."""

    def kill(*arguments: object) -> None:
        raise Killed

    type_in(app, (0, 1, "pytest -q"), (1, 0, "make"))
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(taking, step, kill)
        take(app, memory, 60)
    again = take(app, memory, 61)
    assert again == [] if step == "_forget" else len(again) == 2
    take(app, memory, 62)
    app.run("drain")

    said = [row["text"] for row in app.run("log", "--json", "-n", "50").json]
    assert sorted(t for t in said if t.startswith(("Worked", "Tests failed"))) == [
        "Tests failed: `pytest -q`", "Worked 1 min in the root: 2 commands, mostly `pytest`, `make`; `pytest` failed once",
    ]  # fmt: skip
    assert raw(app) == []


def test_a_linked_work_tree_belongs_to_the_project(app: Place, memory: Memory) -> None:
    """Its root is a root, and its own HEAD is what was tested there."""
    tree = app.root.parent / "tree"
    app.git("worktree", "add", "-q", "-b", "other", str(tree), when=app.now)
    (tree / "x").write_text("x")
    app.git("-C", str(tree), "add", "-A")
    app.git("-C", str(tree), "commit", "-q", "-m", "x", when=app.now)
    type_in(app, (3, 0, "pytest -q"), folder=str(tree))

    (told,) = take(app, memory, 4)
    assert (told.text, told.at) == ("Tests passed: `pytest -q`", app.git("rev-parse", "other")[:12])


@pytest.mark.parametrize("content", [b"\0\xff\n\n", b"v1\t9\n" * 50, b"x" * 100_000])
def test_noise_costs_a_problem_and_nothing_else(app: Place, memory: Memory, content: bytes) -> None:
    """Bytes that no shell wrote, next to a line that one did."""
    type_in(app, (0, 0, "make"))
    with (app.memory / ".git" / "kairos" / "spool" / "terminal").open("ab") as file:
        file.write(content)
    taken = taking.take_in(memory, find_project(str(app.root)), app.now + timedelta(hours=1))

    assert len(taken.observations) == len(taken.problems) == 1


def test_a_damaged_or_missing_state_loses_a_burst_at_most(app: Place, memory: Memory) -> None:
    """It may be deleted at any time, and whatever stands in it is read as far as it makes sense."""
    type_in(app, (0, 0, "make"))
    take(app, memory, 1)
    for content in ("", "[]", '{"lines": [1], "through": "x", "outcomes": 3, "last": null}', "{"):
        Path(state_path(memory, "terminal")).write_text(content)
        type_in(app, (2, 0, "make"))
        assert len(take(app, memory, 100)) == 1
    os.unlink(state_path(memory, "terminal"))
    assert take(app, memory, 101) == []


def test_a_line_from_the_far_future_is_left_out(app: Place, memory: Memory) -> None:
    """A clock that jumped must not keep the owner at work for years."""
    type_in(app, (10**7, 0, "make"))

    assert take(app, memory, 100) == []
    assert load_state(memory, "terminal")["last"] < datetime(2030, 1, 1).timestamp()
