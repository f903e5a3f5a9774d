"""cadence: when a dream is due, from values alone."""

from __future__ import annotations

import pytest

from kairos_git.bounds import Dreaming
from kairos_git.runner.awake.cadence import Signals, due, gates, span, why_not

HOUR = 3600.0
NOW = 1_800_000_000.0
WELL = Signals(now=NOW, dreamed=NOW - 13 * HOUR, failed=None, fresh=12, sessions=0, idle=1300)


def test_everything_open_is_due() -> None:
    """Twelve hours, ten observations, twenty minutes of rest."""
    assert due(gates(WELL, Dreaming()))


@pytest.mark.parametrize(
    ("change", "closed"),
    [
        ({"dreamed": NOW - 11 * HOUR}, "hours"),
        ({"fresh": 9}, "new"),
        ({"fresh": 0, "sessions": 5}, "new"),
        ({"idle": 600}, "idle"),
        ({"open": ("claude-1",)}, "sessions"),
        ({"busy": True}, "alone"),
        ({"failed": NOW - 600}, "rested"),
    ],
    ids=lambda c: str(c),
)
def test_each_gate_can_hold_it_back_alone(change: dict[str, object], closed: str) -> None:
    """And says with which value, and what it needs."""
    found = gates(WELL._replace(**change), Dreaming())  # type: ignore[arg-type]

    assert not due(found)
    assert [g.name for g in found if not g.open] == [closed]
    assert why_not(found).startswith(f"{closed}: ")


def test_two_sessions_are_enough_where_few_lines_are() -> None:
    """Observations or sessions."""
    assert due(gates(WELL._replace(fresh=3, sessions=2), Dreaming()))


def test_a_first_dream_waits_for_nobody() -> None:
    """Never dreamed means long enough ago."""
    assert due(gates(WELL._replace(dreamed=None), Dreaming()))


def test_a_missed_night_is_caught_up_at_a_short_rest() -> None:
    """Three times the hours without a dream: two minutes away from the keyboard are enough, but some rest it must be."""
    late = WELL._replace(dreamed=NOW - 37 * HOUR, idle=130)

    assert due(gates(late, Dreaming()))
    assert not due(gates(late._replace(idle=60), Dreaming()))
    assert not due(gates(late._replace(dreamed=NOW - 35 * HOUR), Dreaming()))


def test_a_clock_that_jumped_back_makes_nothing_due_and_stops_nothing_for_ever() -> None:
    """A last dream a little in the future counts as just now; one far ahead was noted by a clock that was wrong."""
    found = gates(WELL._replace(dreamed=NOW + 2 * HOUR), Dreaming())

    assert [g.name for g in found if not g.open] == ["hours"]
    assert due(gates(WELL._replace(dreamed=NOW + 5000 * HOUR), Dreaming()))


def test_a_failure_holds_it_back_for_an_hour_and_a_success_since_lifts_it() -> None:
    """It is tried again, later."""
    assert due(gates(WELL._replace(failed=NOW - 3700), Dreaming()))
    assert due(gates(WELL._replace(dreamed=NOW - 12.5 * HOUR, failed=NOW - 12.6 * HOUR), Dreaming()))


def test_pause_and_mode_are_gates_too() -> None:
    """`dream --why` tells of them as of the others."""
    assert [g.name for g in gates(WELL, Dreaming(), allowed=False, paused=True) if not g.open] == ["allowed", "awake"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "never"), (0, "0 s"), (59, "59 s"), (3700, "1 h 1 m"), (90000, "1 d 1 h"), (-5, "0 s")], ids=str
)
def test_a_span_is_told_in_its_two_largest_units(seconds: float | None, words: str) -> None:
    """Not in thousands of seconds."""
    assert span(seconds) == words
