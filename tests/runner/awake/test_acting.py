"""acting: what is granted, asked or refused; with real files, real commands, and the switch."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.bounds import Bounds, Budget, Command, parse_bounds
from kairos_git.capture.project import find_project
from kairos_git.errors import KairosError, Refused, UsageError
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.runner.awake import inbox, running, switch, usage
from kairos_git.runner.awake.acting import Body, Hands, act, approve
from kairos_git.runner.awake.decision import Acted, Quiet, Wish, chosen
from kairos_git.runner.awake.usage import LARGEST, acts, granted, refusal, spend

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MARK = ["sh", "-c", "echo one >> ran; echo secret=hunter2; echo last words"]


def hands(sent: list[str]) -> Hands:
    """What is done is noted in a list: no notice, dream or machine is at stake here."""

    def nothing(now: datetime) -> str:
        raise KairosError("there is nothing to sync with")

    return Hands(
        lambda text, now: (sent.append(text), "sent")[1], lambda now: (sent.append("dream"), "dreamed")[1],
        lambda now: (sent.append("handoff"), "handed over")[1], nothing,
    )  # fmt: skip


def body(app: Place, sent: list[str], fields: dict[str, object] | None = None) -> Body:
    bounds, bad = parse_bounds(fields or {})
    assert bad == []
    return Body(open_memory(str(app.memory)), find_project(str(app.root)), bounds, hands(sent))


def nightly(mode: str = "auto", **more: object) -> dict[str, object]:
    return {"actions": {"run": "auto"}, "run": {"nightly": {"command": MARK, "mode": mode, **more}}}


def said(app: Place) -> list[str]:
    app.run("drain", "--now", NOW.isoformat())
    return [o["text"] for o in app.run("log", "--src", "memory", "--json").json]


def test_auto_is_done_and_told_in_the_log_with_its_reason(app: Place) -> None:
    """As memory's own words, which are evidence for nothing."""
    sent: list[str] = []
    done = act(body(app, sent, {"actions": {"notify": "auto"}}), Wish("notify", "A check is red", "it flipped"), NOW)

    assert done == Acted("sent", "it flipped")
    assert sent == ["A check is red"]
    assert said(app) == ["sent (it flipped; wished for by rules)"]


def test_ask_goes_to_the_inbox_once_and_approve_does_it_once(app: Place) -> None:
    """The same wish again is no second item; an approved one cannot be approved again."""
    sent: list[str] = []
    here = body(app, sent)
    wish = Wish("notify", "A check is red", "it flipped")
    first, again = act(here, wish, NOW), act(here, wish, NOW + timedelta(minutes=5))

    assert isinstance(first, Acted) and "approve 1" in first.what
    assert isinstance(again, Quiet)
    assert sent == []
    approve(here, 1, NOW)
    assert sent == ["A check is red"]
    with pytest.raises(Refused):
        approve(here, 1, NOW)
    with pytest.raises(UsageError):
        approve(here, 7, NOW)


def test_never_is_never(app: Place) -> None:
    """Not even the inbox hears of it."""
    sent: list[str] = []
    here = body(app, sent, {"actions": {"notify": "never"}})

    assert isinstance(act(here, Wish("notify", "x y", "z"), NOW), Quiet)
    assert isinstance(act(here, Wish("fly", "x y", "z"), NOW), Quiet)
    assert inbox.items(here.memory) == []
    assert sent == []


def test_a_command_runs_only_after_the_owner_saw_it_as_it_is(app: Place) -> None:
    """kairos.yaml is a file that others can change: a new or changed command is asked about, whatever its mode."""
    here = body(app, [], nightly())
    wish = Wish("run", "nightly", "it is night")
    asked = act(here, wish, NOW)

    assert isinstance(asked, Acted) and asked.what.startswith("asks you: run: nightly")
    assert not (app.root / "ran").exists()
    told = approve(here, 1, NOW)
    assert told.startswith("ran nightly: exit 0") and 'said last: "last words"' in told
    assert isinstance(act(here, wish, NOW), Acted)
    assert (app.root / "ran").read_text() == "one\none\n"
    changed = body(app, [], {"actions": {"run": "auto"}, "run": {"nightly": {"command": ["touch", "evil"], "mode": "auto"}}})
    act(changed, wish, NOW)
    assert not (app.root / "evil").exists()


def test_a_command_that_changed_between_showing_and_approving_is_not_run(app: Place) -> None:
    """What is approved is what was shown."""
    act(body(app, [], nightly()), Wish("run", "nightly", "it is night"), NOW)
    changed = body(app, [], {"run": {"nightly": {"command": ["touch", "evil"]}}})

    with pytest.raises(Refused, match="not the command that was shown"):
        approve(changed, 1, NOW)
    assert not (app.root / "evil").exists()


def test_caps_hold_by_command_hour_and_clock(app: Place) -> None:
    """The command's own daily number, and the budget; a clock that jumps back opens neither."""
    here = body(app, [], nightly(daily=2))
    running.trust(here.memory, here.bounds.commands[0])
    wish = Wish("run", "nightly", "again")
    assert [type(act(here, wish, NOW + timedelta(minutes=n))) for n in range(3)] == [Acted, Acted, Quiet]
    assert isinstance(act(here, wish, NOW - timedelta(days=3)), Quiet)
    assert isinstance(act(here, wish, NOW + timedelta(days=1)), Acted)
    tight = Body(here.memory, here.project, here.bounds._replace(budget=Budget(actions=(0, 9, 9))), here.hands)
    assert act(tight, wish, NOW + timedelta(days=2)) == Quiet("run: nightly was not done: the hour's 0 actions are used up")


def test_the_switch_stops_everything_at_once(app: Place) -> None:
    """Stopped, or paused until a time; a file that cannot be read counts as paused."""
    sent: list[str] = []
    here = body(app, sent, {"actions": {"notify": "auto"}})
    wish = Wish("notify", "x y", "z")
    switch.stop(here.memory.own)
    assert isinstance(act(here, wish, NOW), Quiet)
    switch.resume(here.memory.own)
    switch.pause(here.memory.own, NOW + timedelta(hours=2))
    assert isinstance(act(here, wish, NOW + timedelta(minutes=119)), Quiet)
    Path(here.memory.own, switch.PAUSE).write_bytes(b"\xff\xfe?")
    assert isinstance(act(here, wish, NOW + timedelta(days=9)), Quiet)
    assert sent == []
    switch.resume(here.memory.own)
    assert isinstance(act(here, wish, NOW), Acted)


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(app: Place) -> None:
    """No inbox item, no count, no line."""
    here = body(app, [], {"actions": {"notify": "auto"}})
    assert act(here, Wish("notify", "x y", "z"), NOW, dry=True) == Acted("would do: notify: x y", "z", "dry")
    assert act(here, Wish("sync", "", "z"), NOW, dry=True) == Acted("would ask you: sync", "z", "dry")
    assert acts(here.memory) == inbox.items(here.memory) == []


def test_what_fails_is_told_and_counted(app: Place) -> None:
    """A failure is no exception to whoever ticks."""
    here = body(app, [], {"actions": {"sync": "auto"}})
    done = act(here, Wish("sync", "", "hourly"), NOW)

    assert done == Acted("sync failed: there is nothing to sync with", "hourly", "failed")
    assert [a.name for a in acts(here.memory)] == ["sync"]


class TestRunning:
    """Declared commands in their own process group."""

    def test_a_command_that_hangs_and_forks_is_stopped_with_its_children(self, app: Place) -> None:
        """At its limit, and nothing of its group is left behind."""
        command = Command("hang", ("sh", "-c", "sleep 300 & echo $! > child; sleep 300"), seconds=0.6)
        ran = running.run(find_project(str(app.root)), command)

        assert ran.code is None and "stopped after 0.6 s" in ran.told
        child = int((app.root / "child").read_text())
        for _ in range(100):
            if not _alive(child):
                break
            time.sleep(0.05)
        assert not _alive(child)

    def test_a_flood_of_output_is_read_and_let_go(self, app: Place) -> None:
        """Of 50 MB only the last line is kept."""
        words = ("python3", "-c", "import sys\nfor _ in range(50): sys.stdout.write('x' * 1_000_000)\nprint('\\nthe end')")
        ran = running.run(find_project(str(app.root)), Command("flood", words))

        assert ran.code == 0 and 'said last: "the end"' in ran.told

    def test_its_environment_names_no_other_repository(self, app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """And our own hooks know that it is not the owner who is at work."""
        monkeypatch.setenv("GIT_DIR", "/elsewhere")
        ran = running.run(find_project(str(app.root)), Command("env", ("sh", "-c", 'echo "${GIT_DIR-unset} $KAIROS_GIT_INSIDE"')))

        assert 'said last: "unset 1"' in ran.told

    @pytest.mark.parametrize("folder", ["out", "missing"])
    def test_a_folder_that_leads_out_is_refused(self, app: Place, folder: str) -> None:
        """Links followed; so is one that is not there."""
        (app.root / "out").symlink_to("/")
        with pytest.raises(Refused):
            running.run(find_project(str(app.root)), Command("out", ("true",), folder=folder))

    def test_a_program_that_is_not_there_is_refused(self, app: Place) -> None:
        """With its name."""
        with pytest.raises(Refused, match="no-such-program"):
            running.run(find_project(str(app.root)), Command("x", ("no-such-program",)))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").exists() and " Z " not in Path(f"/proc/{process}/stat").read_text()


@pytest.mark.parametrize(
    "answer",
    [
        None, [], "quiet", {"action": "quiet", "what": "", "why": ""}, {"action": "rm", "what": "-rf /", "why": ""},
        {"action": "run", "what": "rm -rf /", "why": ""}, {"action": "run", "what": "nightly; rm x", "why": ""},
        {"action": "note", "what": "  ", "why": ""}, {"action": ["run"], "what": "nightly", "why": ""}, {"action": "notify", "what": 3, "why": ""},
    ],
    ids=str,
)  # fmt: skip
def test_a_model_cannot_wish_for_what_is_not_in_the_list(answer: object) -> None:
    """Nor for a command that is not declared, nor write one."""
    assert chosen(answer, Bounds(commands=(Command("nightly", ("make",)),)), "m") is None


def test_what_a_model_says_is_one_short_line(app: Place) -> None:
    """Folded and cut; of `run` only the name counts."""
    bounds = Bounds(commands=(Command("nightly", ("make",)),))
    told = chosen({"action": "notify", "what": "a\nb" + "x" * 900, "why": "w"}, bounds, "m")

    assert told is not None and "\n" not in told.what and len(told.what) <= 200
    assert chosen({"action": "run", "what": "nightly", "why": "w"}, bounds, "m") == Wish("run", "nightly", "w", "m")


def test_the_count_survives_damage_and_does_not_grow_for_ever(app: Place) -> None:
    """A torn line is passed over; what is older than a month is let go when the file is large."""
    memory = open_memory(str(app.memory))
    path = Path(memory.own, "acts")
    old = "2026-01-01T00:00:00+00:00 actions dream\n"
    path.write_text(old * (LARGEST // len(old) + 10) + "torn 2026\n")
    spend(memory, "actions", "dream", NOW)

    assert [a.name for a in acts(memory)] == ["dream"]
    assert path.stat().st_size < 200
    assert refusal(acts(memory), "actions", Budget(actions=(1, 9, 9)), NOW) == "the hour's 1 actions are used up"


def test_an_inbox_line_that_is_damaged_costs_only_itself(app: Place) -> None:
    """The others stand."""
    memory: Memory = open_memory(str(app.memory))
    inbox.put(memory, "notify", "one", "w", NOW)
    with open(os.path.join(memory.own, inbox.FILE), "a") as file:
        file.write('{"number": "x"}\n\x00\n[]\n')
    inbox.put(memory, "notify", "two", "w", NOW)

    assert [(i.number, i.what) for i in inbox.waiting(memory)] == [(1, "one"), (2, "two")]


def test_of_many_who_act_at_once_no_more_than_the_cap_are_granted(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look at the count and the line in it are one step."""
    monkeypatch.setattr(usage, "spend", lambda *a: (time.sleep(0.01), spend(*a)))
    memory = open_memory(str(app.memory))
    bounds = Bounds(budget=Budget(actions=(5, 50, 500)))
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda n: granted(memory, "actions", "sync", bounds, NOW), range(40)))
    assert told.count("") == 5 == len(acts(memory))
