"""What is known of an open session, and how it ends by itself."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import NOON
from kairos_git.capture.sessions import state
from kairos_git.capture.sessions.state import State, format_state, parse_state

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts=st.lists(TEXT, min_size=8, max_size=8), last=TEXT.filter(bool), shown=st.lists(TEXT), commits=st.lists(TEXT))
def test_a_state_comes_back_as_it_was(texts: list[str], last: str, shown: list[str], commits: list[str]) -> None:
    """Codec: any text, non-ASCII and line ends included."""
    agent, session, started, cwd, branch, message, said, _ = texts
    known = State(agent, session, started, last, cwd, branch, message, said, tuple(shown), tuple(commits))

    assert parse_state(format_state(known)) == known


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"last": ""}', b'{"last": "x", "shown": 5}', b"\xff" * 9], ids=str)
def test_a_damaged_file_is_no_state(data: bytes) -> None:
    """Half a file, another type, no time."""
    assert parse_state(data) is None


def test_fields_of_a_newer_version_do_no_harm() -> None:
    """An older program reads what it knows."""
    known = parse_state(json.dumps({"last": "2026-11-21T12:00:00+00:00", "mood": "good"}).encode())
    assert known == State(last="2026-11-21T12:00:00+00:00")


def test_what_a_session_was_shown_adds_up_and_outlives_its_end(tmp_path: Path) -> None:
    """A session that is resumed has not forgotten what it read."""
    own = str(tmp_path)
    state.note(own, "claude-a", NOON, shown=("f-1",), commit="c1")
    state.close(own, "claude-a")
    assert list(state.states(own)) == []

    again = state.note(own, "claude-a", NOON + timedelta(hours=1), shown=("f-2",), changes={"message": "x"})

    assert (again.shown, again.commits, again.started, again.message) == (("f-1", "f-2"), ("c1",), NOON.isoformat(), "x")
    assert [name for name, _ in state.states(own)] == ["claude-a"]
    assert list(state.states(own, ended=True)) == []


def test_a_session_nobody_opened_is_not_opened_by_being_shown_something(tmp_path: Path) -> None:
    """Else a lookup by hand would look like an agent at work."""
    state.note(str(tmp_path), "agent-2026-11-21", NOON, shown=("f-1",), opens=False)

    assert list(state.states(str(tmp_path))) == []
    assert state.load(str(tmp_path), "agent-2026-11-21") is not None


def test_six_silent_hours_end_a_session_and_thirty_days_forget_it(tmp_path: Path) -> None:
    """Its last words are said once, under one id, however often it is asked."""
    own = str(tmp_path)
    state.note(own, "claude-a", NOON, changes={"message": "Done.", "said": NOON.isoformat()})
    state.note(own, "claude-b", NOON + timedelta(hours=5), changes={"message": "Later.", "said": NOON.isoformat()})

    later = NOON + timedelta(hours=6, minutes=1)
    told, names = state.silent(own, later)
    assert (names, [o.text for o in told], told[0].word("event")) == (["claude-a"], ["Done."], "end")
    assert state.silent(own, later)[0] == told
    state.set_aside(own, names, later)
    assert state.silent(own, later) == ([], [])
    assert state.load(own, "claude-a") is not None

    state.set_aside(own, [], NOON + timedelta(days=31))
    assert state.load(own, "claude-a") is None


def test_a_state_damaged_by_hand_ends_without_words(tmp_path: Path) -> None:
    """It holds up no drain."""
    path = Path(state.path_of(str(tmp_path), "claude-a"))
    path.parent.mkdir(parents=True)
    path.write_text('{"last": "yesterday", "message": "x", "said": "noon"}')

    assert state.silent(str(tmp_path), NOON) == ([], ["claude-a"])


def test_a_sessions_name_is_no_path(tmp_path: Path) -> None:
    """Whoever names a session cannot write elsewhere."""
    path = Path(state.path_of(str(tmp_path), "../../../etc/x"))
    assert path.parent == tmp_path / "sessions"
