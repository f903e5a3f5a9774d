"""kill -9 at any point: a few points of every command; `make scorecard` takes them all."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import defects
from bench.kills import COMMANDS, Stage, changing, missing, spread

needs_strace = pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")
POINTS = {"observe": 2, "observe first": 2, "drain": 4, "dream": 5, "revert": 5, "reproject": 2}


def test_every_command_of_the_sweep_has_its_points_here() -> None:
    """The slice takes a few points of each."""
    assert list(POINTS) == list(COMMANDS)


@needs_strace
@pytest.mark.parametrize(
    "commands", [("observe", "observe first", "drain"), ("dream",), ("revert",), ("reproject",)], ids=" ".join
)
def test_a_kill_loses_nothing_and_the_next_command_goes_on_unaided(commands: tuple[str, ...], tmp_path: Path) -> None:
    """Killed before a call that changes something: acknowledged lines stand once, a dream whole or not, and no hand is needed."""
    stage = Stage(tmp_path)
    for command in commands:
        struck = [stage.strike(point) for point in spread(stage.points(command), POINTS[command])]
        assert [s for s in struck if s.broken] == []
        assert sum(s.fired for s in struck) >= len(struck) - 1  # the number of calls may differ by one


@needs_strace
def test_a_git_that_was_killed_is_no_git_that_found_nothing(tmp_path: Path) -> None:
    """Where git dies while the project's tree is read, the dream fails whole, rather than find the project empty."""
    stage = Stage(tmp_path)
    starts = stage.starts("dream")
    reads = (
        "rev-parse --is-bare",
        "rev-parse --verify --quiet --end-of-options refs/heads",
        "cat-file --batch-command",
        "log -n500",
        "for-each-ref --format=%(committerdate",
    )
    chosen = [p for p, words in zip(starts, stage.gits(), strict=True) if words.startswith(reads)]
    assert len(chosen) >= 5
    assert [s for s in map(stage.strike, chosen) if s.broken] == []


@needs_strace
def test_a_build_that_empties_the_spool_too_early_is_caught(tmp_path: Path) -> None:
    """The sweep can fail: with the spool emptied before the commit, a kill between the two loses lines."""
    assert defects.caught("the spool is emptied before the commit", tmp_path, "kills.broken", "drain", 4, str(tmp_path / "kills"))


def test_calls_that_change_something_are_told_from_those_that_read() -> None:
    """A point is a call that writes below the stage; the count goes on over those that do not."""
    trace = (
        '7 openat(AT_FDCWD</w>, "/s/a", O_RDONLY|O_CLOEXEC) = 3</s/a>\n'
        '7 openat(AT_FDCWD</w>, "/s/b", O_WRONLY|O_CREAT, 0600) = 3</s/b>\n'
        '8 openat(AT_FDCWD</w>, "/dev/null", O_RDWR) = 3</dev/null>\n'
        '7 write(3</s/b>, "x", 1) = 1\n'
        '7 write(1<pipe:[1]>, "/s/b", 4) = 4\n'
        '7 rename("/s/b", "/s/c") = 0\n'
    )
    assert changing(trace, "/s/") == [("openat", 2), ("write", 1), ("rename", 1)]
    assert changing(trace, "/s/", answers=True) == [("openat", 2), ("write", 1), ("write", 2), ("rename", 1)]
