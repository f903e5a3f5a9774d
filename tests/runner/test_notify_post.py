"""When a notice goes out, when it waits, and when it is let go: by the clock, the day's number, and what answers."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from capture.github.deliveries import bare_memory
from hypothesis import given
from hypothesis import strategies as st

from conftest import NOON
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.outside import Notify
from kairos_git.runner.notify.kept import NEW, State, anything_held, format_state, parse_state
from kairos_git.runner.notify.notice import LONGEST, URGENCIES, Notice, format_notice, joined, parse_notice, worded
from kairos_git.runner.notify.places import Place
from kairos_git.runner.notify.post import MOST_HELD, TRIES, Held, Post, Sent, notify, send_held

HERE = Place("phone (1)", lambda notice, seconds: "")
THERE = Place("chat (2)", lambda notice, seconds: "")


class Out:
    """Stands for all services: what went out, and why they do not take it now."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.fails: dict[str, str] = {}

    def __call__(self, to: Sequence[Place], notice: Notice, seconds: float) -> dict[str, str]:
        self.notices.append(notice)
        return dict(self.fails)


def _post(tmp_path: Path, daily: int = 20, places: Sequence[Place] = (HERE,)) -> Post:
    return Post(bare_memory(tmp_path), places, daily)


def test_a_notice_goes_out_by_day(tmp_path: Path) -> None:
    """To every place, and says which took it."""
    out = Out()
    done = notify(Notice("CI", "main is red"), Notify(), _post(tmp_path, places=(HERE, THERE)), NOON, out)

    assert isinstance(done, Sent) and done.to == ("phone (1)", "chat (2)") and out.notices == [Notice("CI", "main is red")]


@pytest.mark.parametrize(
    ("quiet", "clock", "held"),
    [("night", "21:59", False), ("night", "22:00", True), ("night", "23:59", True), ("night", "00:00", True), ("night", "06:59", True),
     ("night", "07:00", False), ("day", "08:59", False), ("day", "09:00", True), ("day", "16:59", True), ("day", "17:00", False), ("none", "03:00", False)],
)  # fmt: skip
def test_nothing_goes_out_in_quiet_hours(tmp_path: Path, quiet: str, clock: str, held: bool) -> None:
    """By the owner's own clock, whatever the zone, over midnight too."""
    hours = {"night": Notify(), "day": Notify((540, 1020)), "none": Notify(None)}[quiet]
    now = datetime.fromisoformat(f"2026-11-21T{clock}:00").replace(tzinfo=timezone(timedelta(hours=5, minutes=30)))
    out = Out()
    done = notify(Notice("CI", "main is red", "high"), hours, _post(tmp_path), now, out)

    assert isinstance(done, Held) == held == (not out.notices)


def test_what_waited_in_the_night_is_one_message_in_the_morning(tmp_path: Path) -> None:
    """Also after a restart; then nothing waits."""
    out, night = Out(), NOON.replace(hour=23)
    for n in range(3):
        assert notify(Notice(f"s{n}", f"t{n}"), Notify(), _post_again(tmp_path), night, out) == Held("quiet until 07:00")
    assert isinstance(send_held(Notify(), _post_again(tmp_path), night + timedelta(hours=1), out), Held) and out.notices == []
    assert anything_held(open_memory(str(tmp_path / "app.memory")))
    done = send_held(Notify(), _post_again(tmp_path), night + timedelta(hours=8), out)

    assert isinstance(done, Sent) and out.notices == [Notice("3 notices waited", "s0: t0 · s1: t1 · s2: t2")]
    assert send_held(Notify(), _post_again(tmp_path), night + timedelta(hours=9), out) is None
    assert not anything_held(open_memory(str(tmp_path / "app.memory")))


def _post_again(tmp_path: Path) -> Post:
    return _post(tmp_path) if not (tmp_path / "app.memory").exists() else Post(open_memory(str(tmp_path / "app.memory")), (HERE,))


def test_one_on_a_subject_and_hour(tmp_path: Path) -> None:
    """The same words are let go; other ones wait, the newest of them, until the hour is over."""
    post, out = _post(tmp_path), Out()
    notify(Notice("CI", "red"), Notify(), post, NOON, out)
    assert notify(Notice("CI", "red"), Notify(), post, NOON + timedelta(minutes=5), out) == Held(
        "the same was sent at 12:00", kept=False
    )
    for text in ("green", "red again"):
        assert isinstance(notify(Notice("CI", text), Notify(), post, NOON + timedelta(minutes=10), out), Held)
    assert isinstance(notify(Notice("other", "x"), Notify(), post, NOON + timedelta(minutes=11), out), Sent)
    assert isinstance(send_held(Notify(), post, NOON + timedelta(minutes=59), out), Held)
    send_held(Notify(), post, NOON + timedelta(minutes=60), out)

    assert out.notices == [Notice("CI", "red"), Notice("other", "x"), Notice("CI", "red again")]


def test_the_day_s_number_is_kept_exactly(tmp_path: Path) -> None:
    """What is over it waits for the next day, when it is one message."""
    post, out = _post(tmp_path, daily=3), Out()
    for n in range(8):
        notify(Notice(f"s{n}", "t"), Notify(), post, NOON + timedelta(minutes=n), out)
    assert len(out.notices) == 3
    assert isinstance(send_held(Notify(), post, NOON + timedelta(hours=9), out), Held) and len(out.notices) == 3
    send_held(Notify(), post, NOON + timedelta(hours=20), out)

    assert len(out.notices) == 4 and out.notices[3].subject == "5 notices waited"


def test_too_many_that_wait_are_counted(tmp_path: Path) -> None:
    """The oldest are let go, and the message says how many."""
    post, out = _post(tmp_path), Out()
    for n in range(MOST_HELD + 7):
        notify(Notice(f"s{n}", "t"), Notify(), post, NOON.replace(hour=23), out)
    send_held(Notify(), post, NOON + timedelta(days=1), out)
    (message,) = out.notices

    assert message.subject == f"{MOST_HELD + 7} notices waited" and "s7: t" in message.text and "more" in message.text


def test_a_service_that_is_down_is_tried_again_later_and_said_once(tmp_path: Path) -> None:
    """Each wait is longer; when it answers, everything goes out as one, and that is said once, too."""
    post, out = _post(tmp_path), Out()
    out.fails = {"phone (1)": "no answer in 5 s"}
    done = notify(Notice("CI", "red"), Notify(None), post, NOON, out)
    assert done == Held(f"nothing took it (1 of {TRIES} tries)", True, ("phone (1) does not take notices: no answer in 5 s",))
    assert (
        isinstance(notify(Notice("b", "x"), Notify(None), post, NOON + timedelta(minutes=1), out), Held) and len(out.notices) == 1
    )
    again = send_held(Notify(None), post, NOON + timedelta(minutes=5), out)
    assert isinstance(again, Held) and again.news == () and len(out.notices) == 2
    assert isinstance(send_held(Notify(None), post, NOON + timedelta(minutes=14), out), Held) and len(out.notices) == 2
    out.fails = {}
    done = send_held(Notify(None), post, NOON + timedelta(minutes=16), out)

    assert isinstance(done, Sent) and done.news == ("phone (1) takes notices again",) and post.state().sent == 1
    assert out.notices[-1] == Notice("2 notices waited", "CI: red · b: x")


def test_what_nothing_takes_is_let_go_in_the_end(tmp_path: Path) -> None:
    """After so many tries, over hours; the next message that arrives says how many were lost."""
    post, out, now = _post(tmp_path), Out(), NOON
    out.fails = {"phone (1)": "it answered 500"}
    done = notify(Notice("CI", "red"), Notify(None), post, now, out)
    while isinstance(done, Held) and done.kept:
        now += timedelta(minutes=1)
        found = send_held(Notify(None), post, now, out)
        assert found is not None
        done = found
    assert len(out.notices) == TRIES and timedelta(hours=8) < now - NOON < timedelta(hours=12) and not post.state().held
    out.fails = {}
    notify(Notice("b", "x"), Notify(None), post, now + timedelta(minutes=1), out)

    assert out.notices[-1] == Notice("2 notices waited", "b: x · and 1 more")


def test_one_place_that_is_down_does_not_hold_the_others(tmp_path: Path) -> None:
    """It is named, once, and the notice counts as sent."""
    post, out = _post(tmp_path, places=(HERE, THERE)), Out()
    out.fails = {"chat (2)": "it answered 401"}
    done = notify(Notice("a", "x"), Notify(), post, NOON, out)
    after = notify(Notice("b", "x"), Notify(), post, NOON, out)

    assert done == Sent(("phone (1)",), ("chat (2)",), ("chat (2) does not take notices: it answered 401",), Notice("a", "x"))
    assert isinstance(after, Sent) and after.news == () and post.state().held == ()


def test_without_a_place_it_says_where_to_name_one(tmp_path: Path) -> None:
    """Nothing is kept: there is nobody to send it to later."""
    done = notify(Notice("a", "x"), Notify(), _post(tmp_path, places=()), NOON)

    assert isinstance(done, Held) and "KAIROS_NOTIFY" in done.why and not done.kept


def test_a_clock_that_stepped_back_holds_nothing_up(tmp_path: Path) -> None:
    """A time ahead of the clock is no measure."""
    post, out = _post(tmp_path), Out()
    notify(Notice("CI", "red"), Notify(), post, NOON + timedelta(days=400), out)

    assert isinstance(notify(Notice("CI", "green"), Notify(), post, NOON, out), Sent)


def _shout(path: str, number: int, together: Any, queue: Any) -> None:
    def slow(to: Sequence[Place], notice: Notice, seconds: float) -> dict[str, str]:
        time.sleep(0.02)
        return {}

    post = Post(open_memory(path), (HERE,), daily=10)
    together.wait(60)
    queue.put(sum(isinstance(notify(Notice(f"{number}-{n}", "x"), Notify(), post, NOON, slow), Sent) for n in range(20)))


def test_several_processes_keep_one_number(tmp_path: Path) -> None:
    """Tick, dream and receiver share what a day allows."""
    memory = bare_memory(tmp_path)
    context = get_context("spawn")
    queue, together = context.Queue(), context.Barrier(3)
    running = [context.Process(target=_shout, args=(memory.path, n, together, queue)) for n in range(3)]
    for process in running:
        process.start()
    total = sum(queue.get(timeout=60) for _ in running)
    for process in running:
        process.join()

    assert total == Post(memory, ()).state().sent == 10


def test_a_kill_while_sending_costs_an_hour_not_the_notice(tmp_path: Path) -> None:
    """It was written down that it is tried; it goes out once more, later, and counts twice at most."""
    post, out = _post(tmp_path), Out()

    def killed(to: Sequence[Place], notice: Notice, seconds: float) -> dict[str, str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notify(Notice("CI", "red"), Notify(), post, NOON, killed)
    assert isinstance(send_held(Notify(), post, NOON + timedelta(minutes=30), out), Held) and out.notices == []
    send_held(Notify(), post, NOON + timedelta(minutes=61), out)

    assert out.notices == [Notice("CI", "red")] and post.state().sent == 2


NOTICES = st.builds(Notice, st.text(), st.text(), st.sampled_from(URGENCIES))


@given(NOTICES)
def test_a_notice_comes_back_as_it_was(notice: Notice) -> None:
    """format and parse are inverse."""
    assert parse_notice(format_notice(notice)) == notice


@given(st.builds(State, st.dictionaries(st.text(), st.tuples(st.integers(0, 1 << 39), st.text())), st.text(), st.integers(0, 99), st.lists(NOTICES).map(tuple),
                 st.integers(0, 99), st.integers(0, 9), st.integers(0, 1 << 39), st.dictionaries(st.text(), st.integers(0, 1 << 39))))  # fmt: skip
def test_the_state_comes_back_as_it_was(state: State) -> None:
    """format and parse are inverse."""
    assert parse_state(format_state(state)) == state


@given(st.binary() | st.sampled_from([b"[]", b"{}", b"null", b'{"held": 5}', json.dumps({**NEW._asdict(), "sent": -1}).encode()]))
def test_a_damaged_state_begins_anew(data: bytes) -> None:
    """Never an exception."""
    assert parse_state(data) == NEW


@given(st.lists(NOTICES, min_size=1, max_size=30), st.integers(0, 50))
def test_no_message_is_longer_than_a_phone_shows(notices: list[Notice], lost: int) -> None:
    """Alone or joined, in all; on one line; worded twice is worded once."""
    for made in (worded(notices[0]), worded(joined([worded(n) for n in notices], lost))):
        assert len(made.subject) + len(made.text) <= LONGEST < 200
        assert "\n" not in made.subject + made.text and worded(made) == made


def test_a_secret_does_not_leave(tmp_path: Path) -> None:
    """In subject or text; also across the cut."""
    token = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    out = Out()
    notify(Notice(f"key {token}", "y" * 120 + f" {token} " + "z" * 300), Notify(), _post(tmp_path), NOON, out)

    assert token[:12] not in str(out.notices) and "[redacted" in out.notices[0].subject


def test_a_memory_that_is_full_sends_nothing(tmp_path: Path) -> None:
    """What cannot be counted is not sent: else a full disk would be a flood."""
    from kairos_git.errors import NotWritable

    memory: Memory = bare_memory(tmp_path)
    Path(memory.own, "notify.lock").mkdir()
    out = Out()
    with pytest.raises(NotWritable):
        notify(Notice("a", "x"), Notify(), Post(memory, (HERE,)), NOON, out)

    assert out.notices == []
