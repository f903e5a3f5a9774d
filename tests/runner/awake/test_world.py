"""world: the parts as they are wired for a real tick, each asked only where the owner let it, none the end of the others."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.capture.github.poll import Polled
from kairos_git.capture.project import find_project
from kairos_git.errors import KairosError, Refused
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.runner.awake import world
from kairos_git.runner.awake.ticking import World
from kairos_git.settings import Settings, load_settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def whole(app: Place, said: str = "") -> tuple[Memory, World, Settings]:
    memory = open_memory(str(app.memory))
    settings = load_settings(said.encode())
    assert settings.problems == ()
    return memory, world.world_of(memory, find_project(str(app.root)), settings), settings


def test_an_edit_is_noticed_and_told_when_the_burst_is_over(app: Place) -> None:
    """By the tick that comes half an hour after it; until then that is when a tick wants to be woken."""
    memory, here, _ = whole(app)
    assert list(here.activity(NOW)) == []
    app.write("a.py", "a = 2\n")
    os.utime(app.root / "a.py", ((NOW + timedelta(minutes=1)).timestamp(),) * 2)
    assert list(here.activity(NOW + timedelta(minutes=2))) == []
    later = NOW + timedelta(minutes=2)
    assert later.timestamp() < here.wake(later) <= (later + timedelta(minutes=30)).timestamp()
    list(here.activity(NOW + timedelta(minutes=40)))
    assert "a.py" in "".join(p.read_text() for p in Path(memory.spool).iterdir() if p.is_file())


def test_what_is_not_to_be_observed_is_not_looked_at(app: Place) -> None:
    """`observe: {files: false}`: not even a note of it is kept."""
    memory, here, _ = whole(app, "observe: {files: false, terminal: false}\n")
    app.write("a.py", "a = 2\n")
    list(here.activity(NOW))
    assert not Path(memory.own, "activity", "files.json").exists()


def test_a_part_that_fails_is_told_and_the_others_have_their_turn(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is the first or the last; a full disk included."""
    _, here, _ = whole(app, "github: {poll: true}\n")

    def broken(*arguments: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(world.terminal, "take_in", broken)
    monkeypatch.setattr(world.files, "take_in", lambda *arguments: (_ for _ in ()).throw(KairosError("files are sick")))
    told = list(here.activity(NOW))
    assert [line.partition(":")[0] for line in told] == ["terminal", "files", "GitHub"]


def test_github_is_asked_only_where_that_is_set(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not where GitHub is not to be observed."""
    asked: list[int] = []
    monkeypatch.setattr(world, "poll_if_wanted", lambda *a: asked.append(1) or Polled())
    for said, times in (("", 0), ("github: {poll: true}\nobserve: {github: false}\n", 0), ("github: {poll: true}\n", 1)):
        asked.clear()
        list(whole(app, said)[1].activity(NOW))
        assert len(asked) == times, said


def test_a_notice_without_a_place_is_refused_with_the_reason(app: Place) -> None:
    """It is a failure that the log tells, not a notice that was sent."""
    memory, _, settings = whole(app)
    with pytest.raises(Refused, match="KAIROS_NOTIFY"):
        world.hands_of(memory, None, settings).notify("A check is red: ci", NOW)


def test_a_notice_that_waits_wakes_a_tick(app: Place) -> None:
    """Nothing else shows that its time has come."""
    memory, here, _ = whole(app)
    assert here.wake(NOW) == float("inf")
    state = {"times": {}, "day": "", "sent": 0, "held": [["a", "b", "normal"]], "lost": 0, "tries": 0, "next": 0, "down": {}}
    Path(memory.own, "notify").write_text(json.dumps(state))
    assert NOW.timestamp() < here.wake(NOW) <= (NOW + timedelta(hours=1)).timestamp()


def test_the_owners_own_memory_is_folded_by_the_dream_and_not_by_each_tick(app: Place) -> None:
    """What they just said of themselves waits for their rest as everything does."""
    app.run("observe", "I prefer short answers")
    app.run("tick")
    assert app.run("dreams", "--memory", "me", "--json").json == []


def test_why_says_what_the_tick_would_do(app: Place) -> None:
    """`dream --why` and a tick read the same gates."""
    gates = app.run("dream", "--why", "--json", "--now", NOW.isoformat()).json
    ticked = app.run("tick", "--json", "--now", NOW.isoformat()).json["gates"]
    assert [(g["name"], g["open"]) for g in gates] == [(g["name"], g["open"]) for g in ticked]
