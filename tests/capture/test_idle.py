"""How long the owner has been away, by what is written down anyway; an open agent session is somebody at work."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Place
from kairos_git.capture import desktop
from kairos_git.capture.idle import SILENT, Sign, idle, signs
from kairos_git.capture.keptstate import save_state
from kairos_git.capture.project import find_project
from kairos_git.memory.repository import Memory, open_memory

SIGNS = st.lists(
    st.builds(Sign, st.sampled_from(["git", "a command", "session x"]), st.floats(0, 2e9), st.booleans()), max_size=8
)


@given(SIGNS, st.floats(1, 2e9))
def test_idle_is_the_time_since_the_newest_sign(found: list[Sign], now: float) -> None:
    """Never negative, in any order, and 0 while a session that spoke within six hours is open."""
    seconds = idle(found, now).seconds

    assert seconds == idle(list(reversed(found)), now).seconds >= 0
    open_ones = [s for s in found if s.open and now - s.at < SILENT]
    assert (seconds == 0) == bool(open_ones or any(s.at >= now for s in found))
    if not open_ones:
        assert seconds == now - min(now, max([s.at for s in found], default=0.0))


def test_an_open_session_blocks_until_it_was_silent_for_six_hours() -> None:
    """Somebody closed the laptop on it: it must not keep memory awake for ever."""
    assert idle([Sign("session a", 1000.0, open=True)], 1000 + SILENT - 1) == (0.0, "session a", ("session a",))
    assert idle([Sign("session a", 1000.0, open=True)], 1000 + SILENT) == (SILENT, "session a", ())


def age(memory: Memory, seconds: float) -> None:
    """Make everything that is there already old."""
    for root, _, files in os.walk(memory.own):
        for name in files:
            os.utime(os.path.join(root, name), (seconds, seconds))


def seconds(place: Place, memory: Memory, minutes: float) -> float:
    """Idle so many minutes after `place.now`."""
    now = (place.now + timedelta(minutes=minutes)).timestamp()
    return idle(signs(memory, find_project(str(place.root))), now).seconds


@pytest.fixture
def memory(app: Place) -> Memory:
    """A memory in which the only sign is a commit made at `app.now`."""
    app.commit("Work", {"c.py": "c = 1\n"})
    found = open_memory(str(app.memory))
    age(found, 1.0)
    return found


def test_each_sign_counts(app: Place, memory: Memory) -> None:
    """A commit, a command that waits or was taken in, a save, a hook, a session, the desktop."""
    assert seconds(app, memory, 60) == 3600
    later = app.now.timestamp() + 600
    for name in ("terminal", "pointers", "pointers.read"):
        path = Path(memory.spool) / name
        path.write_text("x\n")
        os.utime(path, (later, later))
        assert seconds(app, memory, 60) == 3000, name
        path.unlink()
    for name in ("terminal", "files"):
        save_state(memory, name, {"last": int(later)})
        assert seconds(app, memory, 60) == 3000, name
        save_state(memory, name, {"last": "x"})
    assert seconds(app, memory, 60) == 3600
    assert idle(signs(memory, None, later), later + 5).seconds == 5


def test_a_commit_in_any_work_tree_counts(app: Place, memory: Memory) -> None:
    """The owner may sit in a linked one."""
    app.git("worktree", "add", "-q", "-b", "other", str(app.root.parent / "tree"), when=app.tick(minutes=30))

    assert seconds(app, memory, 0) == 0


def test_what_this_program_does_is_no_sign(app: Place, memory: Memory) -> None:
    """Its dreams, drains and its looks at the work tree leave the owner as idle as they were."""
    before = seconds(app, memory, 60)
    app.run("survey")
    app.dream()
    app.run("drain")
    app.run("facts")

    app.now -= timedelta(minutes=1)
    assert seconds(app, memory, 60) == before


def test_a_session_is_open_by_its_own_word(app: Place, memory: Memory) -> None:
    """By the time it was last heard, whatever the file's own time is; a damaged file counts by that."""
    folder = Path(memory.own) / "sessions"
    folder.mkdir()
    file = folder / "claude-1.json"
    file.write_text(json.dumps({"agent": "claude", "session": "1", "last": (app.now + timedelta(minutes=5)).isoformat()}))
    os.utime(file, (1.0, 1.0))

    found = idle(signs(memory, None), (app.now + timedelta(hours=1)).timestamp())
    assert (found.seconds, found.sessions) == (0.0, ("session claude-1",))
    assert idle(signs(memory, None), (app.now + timedelta(hours=7)).timestamp()).seconds == (6 * 60 + 55) * 60
    file.write_text("{")
    os.utime(file, (app.now.timestamp(), app.now.timestamp()))
    assert idle(signs(memory, None), app.now.timestamp() + 60).seconds == 0


def test_nothing_known_is_idle_since_ever(tmp_path: Path) -> None:
    """A finite number all the same: it is printed and compared."""
    assert idle(signs(Memory(str(tmp_path), str(tmp_path / ".git")), None), 5e8).seconds == 5e8


@pytest.mark.parametrize(
    ("program", "says", "touched"),
    [("loginctl", "IdleHint=yes\nIdleSinceHint=900000000", 900.0), ("loginctl", "IdleHint=no\nIdleSinceHint=900000000", None),
     ("loginctl", "IdleHint=yes\nIdleSinceHint=0", None), ("xprintidle", "2500", 997.5), ("xprintidle", "couldn't open display", None),
     ("ioreg", '  | "HIDIdleTime" = 4000000000', 996.0), ("ioreg", "", None)],
)  # fmt: skip
def test_the_desktop_is_asked_where_it_answers(
    program: str, says: str, touched: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What logind, X11 and macOS print; where they print nothing of use, nobody knows."""
    answer = tmp_path / "answer"
    answer.write_text(says + "\n")
    file = tmp_path / program
    file.write_text(f"#!/bin/sh\nwhile IFS= read -r line; do printf '%s\\n' \"$line\"; done <'{answer}'\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert desktop.last_touched(1000.0) == touched


def test_a_desktop_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second, and then it knows nothing."""
    file = tmp_path / "xprintidle"
    file.write_text("#!/bin/sh\nexec /bin/sleep 600\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(desktop, "SECONDS", 0.2)

    assert desktop.last_touched(1000.0) is None
