"""ticking: one look at the world, and days of them, on a real memory with a simulated clock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.bounds import Bounds, parse_bounds
from kairos_git.capture import spool
from kairos_git.capture.fresh import load_fresh
from kairos_git.capture.project import find_project
from kairos_git.errors import KairosError
from kairos_git.memory.alone import held
from kairos_git.memory.observation import observe
from kairos_git.memory.repository import open_memory
from kairos_git.runner.awake import children, stages, switch, ticking, upkeep
from kairos_git.runner.awake.acting import Body, Hands
from kairos_git.runner.awake.children import dream_apart
from kairos_git.runner.awake.ticking import World, tick
from kairos_git.runner.awake.work import work
from kairos_git.runner.cycle import dream
from kairos_git.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[2]))
from bench.days import committed_dreams, live
from bench.hostile import suffer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AWAY = World(lambda now: (9999.0, ()), lambda now: ())


def body(app: Place, fields: dict[str, object] | None = None) -> Body:
    memory = open_memory(str(app.memory))
    project = find_project(str(app.root))
    return Body(memory, project, parse_bounds(fields or {})[0], _hands(memory, project))


def _hands(memory, project) -> Hands:  # type: ignore[no-untyped-def]
    return Hands(
        lambda text, now: f"sent {text}",
        lambda now: f"dreamed: {dream(memory, project, now).reason}",
        lambda now: "",
        lambda now: "",
    )


def fill(app: Place, count: int = 12, when: datetime = NOW) -> None:
    memory = open_memory(str(app.memory))
    told = [
        observe(when - timedelta(minutes=count - n), f"Part {n} talks to part {n + 1}", "owner", sess="s") for n in range(count)
    ]
    spool.acknowledge(memory, told)


def test_a_tick_drains_dreams_when_due_and_says_why(app: Place) -> None:
    """Twelve new lines, the owner away, the last dream long ago."""
    fill(app)
    first = tick(body(app), AWAY, Settings(), NOW)

    assert [a.what.split(":")[0] for a in first.done] == ["dreamed"]
    assert "12 observations" in first.done[0].why
    assert load_fresh(open_memory(str(app.memory))).observations == 0
    again = tick(body(app), AWAY, Settings(), NOW + timedelta(minutes=15))
    assert again.done == () and again.quiet is not None and "hours" in again.quiet.why


@pytest.mark.parametrize(
    ("world", "fields", "settings", "word"),
    [
        (World(lambda now: (30.0, ()), lambda now: ()), {}, Settings(), "idle"),
        (World(lambda now: (9999.0, ("claude-1",)), lambda now: ()), {}, Settings(), "sessions"),
        (AWAY, {"actions": {"dream": "never"}}, Settings(), "allowed"),
        (AWAY, {}, Settings(mode="recall"), "allowed"),
        (AWAY, {}, Settings(mode="off"), "allowed"),
        (AWAY, {"dream": {"observations": 500}}, Settings(), "new"),
    ],
    ids=["owner", "agent", "never", "recall", "off", "few"],
)
def test_a_tick_drains_but_does_not_dream_where_a_gate_is_closed(
    app: Place, world: World, fields: dict[str, object], settings: Settings, word: str
) -> None:
    """Capture always works; the closed gate is named."""
    fill(app)
    told = tick(body(app, fields), world, settings, NOW)

    assert told.done == () and told.quiet is not None and f"no dream: {word}" in told.quiet.why
    assert spool.waiting(open_memory(str(app.memory))) == 0


def test_a_dry_tick_says_what_it_would_do_and_changes_nothing(app: Place) -> None:
    """Not a line, not a count."""
    fill(app)
    before = app.mem("rev-parse", "HEAD")
    told = tick(body(app), AWAY, Settings(), NOW, dry=True)

    assert [a.what for a in told.done] == ["would do: dream"]
    assert app.mem("rev-parse", "HEAD") == before
    assert not os.path.exists(os.path.join(open_memory(str(app.memory)).own, "acts"))


def test_two_ticks_at_once_are_one(app: Place) -> None:
    """The other stays quiet."""
    memory = open_memory(str(app.memory))
    with held(memory.own, ticking.LOCK, wait=False) as free:
        assert free
        told = tick(body(app), AWAY, Settings(), NOW)
    assert told.quiet is not None and told.quiet.why == "another tick is at work"


def test_the_switch_thrown_in_a_tick_stops_the_rest_of_it(app: Place) -> None:
    """Stages look at it one by one."""
    fill(app)
    here = body(app)
    world = World(AWAY.idle, lambda now: switch.stop(here.memory.own) or ())
    told = tick(here, world, Settings(), NOW)

    assert told.done == ()
    assert tick(here, AWAY, Settings(), NOW).quiet is not None


def test_a_stage_that_breaks_is_told_and_the_next_has_its_turn(app: Place) -> None:
    """Also a bug: the tick goes on, and says what it was."""
    fill(app)

    def broken(now: datetime) -> tuple[str, ...]:
        raise ZeroDivisionError("oops")

    at_work = tick(body(app), World(lambda now: (5.0, ()), broken), Settings(), NOW)
    assert at_work.problems == ("drain: ZeroDivisionError: oops (a bug of kairos-git; please report it)",)
    assert stages.load_stages(open_memory(str(app.memory)))["drain"].error.startswith("ZeroDivisionError")
    away = tick(body(app), World(AWAY.idle, broken), Settings(), NOW)
    assert [a.what.split(":")[0] for a in away.done] == ["dreamed"]


def test_a_dream_that_fails_is_tried_again_an_hour_later(app: Place) -> None:
    """Not at every tick."""
    fill(app)
    here = body(app)

    def failing(now: datetime) -> str:
        raise KairosError("no space left")

    sick = here._replace(hands=here.hands._replace(dream=failing))
    assert tick(sick, AWAY, Settings(), NOW).problems == ("dream: dream failed: no space left",)
    held = tick(sick, AWAY, Settings(), NOW + timedelta(minutes=30))
    assert held.problems == () and held.quiet is not None and "rested" in held.quiet.why
    assert len(tick(here, AWAY, Settings(), NOW + timedelta(minutes=61)).done) == 1


def test_a_proposal_that_waits_is_told_of_once(app: Place) -> None:
    """In the inbox by default, since a notice may not be sent unasked."""
    fill(app)
    app.run("dream", "--propose", "--now", NOW.isoformat())
    first = tick(body(app), AWAY, Settings(), NOW + timedelta(minutes=1))
    second = tick(body(app), AWAY, Settings(), NOW + timedelta(minutes=16))

    assert [a.what.split(":")[0] for a in first.done] == ["asks you"]
    assert second.done == ()


class TestTheChild:
    """A dream in a process of its own."""

    def test_it_lands_and_says_so(self, app: Place) -> None:
        """With the lower priority, and one line of what came of it."""
        fill(app)
        told = dream_apart(open_memory(str(app.memory)), find_project(str(app.root)), NOW)

        assert told.startswith("dreamed: ") and committed_dreams(open_memory(str(app.memory))) == 2

    def test_at_most_one(self, app: Place) -> None:
        """A second one is not started."""
        memory = open_memory(str(app.memory))
        with held(memory.own, children.LOCK, wait=False), pytest.raises(KairosError, match="at work"):
            dream_apart(memory, None, NOW)

    def test_one_that_fails_is_an_error_with_its_last_words(self, app: Place) -> None:
        """Not a dream that found nothing."""
        memory = open_memory(str(app.memory))
        app.mem("checkout", "-q", "--detach")
        with pytest.raises(KairosError, match="detached HEAD"):
            dream_apart(memory, None, NOW)


class TestSilence:
    """A stage that had work and did none is named; a quiet one is not."""

    @pytest.mark.parametrize("hours", [1, 35, 37, 48])
    def test_a_spool_that_nobody_drains(self, app: Place, hours: int) -> None:
        """After a day and a half."""
        fill(app, 1)
        memory = open_memory(str(app.memory))
        known = stages.load_stages(memory)
        known["drain"] = stages.Stage("drain", (NOW - timedelta(days=9)).timestamp(), 0.0)
        found = stages.silent(known, work(memory, "", Settings(), known), (NOW + timedelta(hours=hours)).timestamp())

        assert ("drain" in found) == (hours >= 37)

    def test_a_hook_that_does_not_speak_while_commits_are_made(self, app: Place) -> None:
        """The reflog shows the commits; a week without any is no alarm."""
        memory = open_memory(str(app.memory))
        pointers = Path(memory.spool, "pointers.read")
        pointers.write_text("")
        made = app.tick(days=2)
        app.commit("Add c", {"c.py": ""})
        os.utime(pointers, (made.timestamp() - 86400, made.timestamp() - 86400))
        known = stages.load_stages(memory)
        later = made + timedelta(hours=48)

        assert "hook" in stages.silent(known, work(memory, str(app.root / ".git"), Settings(), known), later.timestamp())
        os.utime(pointers, (made.timestamp() + 60, made.timestamp() + 60))
        assert stages.silent(known, work(memory, str(app.root / ".git"), Settings(), known), later.timestamp()) == {}

    def test_a_dream_that_was_due_and_did_not_come(self, app: Place) -> None:
        """Where ticks are at work at all."""
        fill(app)
        app.run("drain", "--now", NOW.isoformat())
        memory = open_memory(str(app.memory))
        known = stages.load_stages(memory) | {"tick": stages.Stage("tick", NOW.timestamp(), NOW.timestamp())}
        late = (NOW + timedelta(hours=48)).timestamp()

        assert "dream" in stages.silent(known, work(memory, "", Settings(), known), late)
        assert "dream" not in stages.silent(known, work(memory, "", Settings(mode="recall"), known), late)


def test_simulated_days_miss_no_dream_and_double_none(app: Place) -> None:
    """Some days of work, nights of sleep and a burst: every day's work is folded, never twice in twelve hours, one child at most."""
    lived = live(open_memory(str(app.memory)), None, 4, seed=7)

    assert lived.missed == () and lived.doubled == 0 and lived.problems == () and lived.most_at_once == 1
    assert 3 <= len(lived.dreamed) <= 8 and lived.alarms == ()
    assert Bounds().dreaming.hours == 12


def test_hostile_ticks_do_nothing_outside_the_bounds(app: Place) -> None:
    """Poisoned events, a lying model, jumping clocks, a folder that leads out, the switch thrown: a seeded slice of the long sweep."""
    (app.root / "link").symlink_to("/")
    suffered = suffer(open_memory(str(app.memory)), find_project(str(app.root)), 150, seed=3)

    assert suffered.done > 5
    assert (suffered.outside, suffered.over, suffered.astray, suffered.after_stop, suffered.broken) == (0, 0, 0, 0, 0)


def test_what_it_did_itself_is_no_news_to_the_next_tick(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a model that notes something would be asked about its note, and about the note on that, until the budget is gone."""
    from kairos_git.runner.awake import ticking
    from kairos_git.runner.awake.decision import Happened, Wish
    from kairos_git.runner.awake.thinking import Thought
    from kairos_git.settings import Model

    asked: list[Happened] = []

    def think(*arguments: object) -> Thought:
        asked.append(Happened())
        return Thought(Wish("note", f"Somebody said something for the {len(asked)}th time", "it happened", "a model"))

    monkeypatch.setattr(ticking, "think", think)
    told = Settings(model=Model("claude-haiku-5-5"))
    fill(app, 1)
    for n in range(5):
        tick(body(app), AWAY, told, NOW + timedelta(minutes=n))
    assert len(asked) == 1
    assert [o["text"] for o in app.run("log", "--src", "memory", "--json").json if "1th" in o["text"]]


def test_a_stage_that_found_somebody_at_work_has_another_turn_soon(app: Place) -> None:
    """Though nothing changes: the line it could not drain waits."""
    fill(app, 1)
    memory = open_memory(str(app.memory))
    with memory.lock():
        told = tick(body(app), AWAY, Settings(), NOW)
    assert told.looked and told.wake <= (NOW + timedelta(minutes=5)).timestamp()
    assert spool.waiting(memory) == 1


def test_a_dream_that_was_only_asked_for_is_not_told_as_one_that_worked(app: Place) -> None:
    """With `actions: {dream: ask}` it waits in the inbox."""
    fill(app)
    told = tick(body(app, {"actions": {"dream": "ask"}}), AWAY, Settings(), NOW)
    assert [a.how for a in told.done] == ["asked"]
    assert stages.load_stages(open_memory(str(app.memory)))["dream"].worked != NOW.timestamp()


class TestUpkeep:
    """The memory's repository, while the owner is away."""

    def test_many_loose_objects_become_a_pack_and_nothing_is_lost(self, app: Place, laws: None) -> None:
        """Also what only a ref of ours or nobody names; a second time there is nothing to do."""
        memory = open_memory(str(app.memory))
        alone_there = subprocess.run(
            ["git", "hash-object", "-w", "--stdin"], cwd=app.memory, input=b"nobody names me", capture_output=True, check=True
        ).stdout.decode().strip()  # fmt: skip
        for n in range(upkeep.MOST_OBJECTS):
            subprocess.run(["git", "hash-object", "-w", "--stdin"], cwd=app.memory, input=f"{n}".encode(), stdout=-3, check=True)
        left = Path(memory.gitdir, "objects", "pack", "tmp_pack_x")
        left.write_bytes(b"half")
        os.utime(left, (1, 1))
        names = app.mem("rev-list", "--all", "--objects")

        assert upkeep.tidy(memory) and not upkeep.tidy(memory)
        assert app.mem("rev-list", "--all", "--objects") == names
        assert app.mem("cat-file", "-p", alone_there) == "nobody names me"
        assert "packs: 1" in app.mem("count-objects", "-v") and not left.exists()

    def test_beside_somebody_at_work_it_waits_for_the_next_time(self, app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is packed, nothing raised."""
        monkeypatch.setattr(upkeep, "MOST_OBJECTS", 1)
        with open_memory(str(app.memory)).lock():
            assert not upkeep.tidy(open_memory(str(app.memory)))
        assert "packs: 0" in app.mem("count-objects", "-v")


class TestTheChildAndItsParent:
    """Killed with -9, a tick takes its dream along."""

    def test_the_child_ends_when_its_parent_is_killed(self, app: Place) -> None:
        """However that came: its standard input ends."""
        code = (
            "import os, subprocess, sys, time\n"
            "p = subprocess.Popen([sys.executable, '-c', 'from kairos_git.runner.awake.children import die_with_parent; import time;"
            "die_with_parent(); time.sleep(3600)'], stdin=subprocess.PIPE)\n"
            "print(p.pid, flush=True); time.sleep(3600)"
        )
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment)
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.kill()
        parent.wait()
        parent.stdout.close()
        end = time.monotonic() + 30
        while Path(f"/proc/{child}/stat").exists() and " Z " not in Path(f"/proc/{child}/stat").read_text():
            assert time.monotonic() < end, "it lives on"
            time.sleep(0.05)
