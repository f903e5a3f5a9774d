"""Sending notices: now, later, or not at all, and why.

A notice is held in quiet hours, within an hour of another one on its subject, over the day's number, and while nothing
answers. What is held goes out joined in one message, when it may. What no service took in TRIES tries is let go and counted.

The one rule: sending takes no longer than `SECONDS` of anybody's waiting, whatever the services do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from kairos_git.memory.alone import held
from kairos_git.memory.files import write_whole
from kairos_git.memory.repository import Memory
from kairos_git.outside import Notify
from kairos_git.runner.model.left import note_left
from kairos_git.runner.notify.kept import FILE, State, format_state, load_state
from kairos_git.runner.notify.notice import Notice, joined, worded
from kairos_git.runner.notify.places import Place, places, send_all
from kairos_git.settings import keys

LOCK = f"{FILE}.lock"
SECONDS = 5.0
HOUR = 3600
TRIES = 12  # over some nine hours: a laptop may be offline for an evening
MOST_HELD = 20
MOST_SUBJECTS = 200
FIRST_WAIT = 300  # seconds before a failed notice is tried again; twice as long each time, an hour at most


class Sent(NamedTuple):
    """It went out. to: the places that took it; failed: those that did not; news: what the owner should find in the log, once."""

    to: tuple[str, ...]
    failed: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    notice: Notice | None = None


class Held(NamedTuple):
    """It did not go out. kept: whether it will later; news: what the owner should find in the log, once."""

    why: str
    kept: bool = True
    news: tuple[str, ...] = ()


class Post:
    """The way out of one memory. Owns the file of what was sent and what waits, shared by everything that notifies."""

    def __init__(self, memory: Memory, places: Sequence[Place], daily: int = 20) -> None:
        self.memory = memory
        self.path = os.path.join(memory.own, FILE)
        self.places = places
        self.daily = daily

    def state(self) -> State:
        """How it stands, for `status`."""
        return load_state(self.memory)

    @contextmanager
    def _alone(self) -> Iterator[State]:
        with held(self.memory.own, LOCK, wait=True, failing="Nothing was sent."):
            yield self.state()

    def _keep(self, state: State) -> None:
        write_whole(self.path, format_state(state))


def open_post(memory: Memory, settings: Notify, daily: int = 20) -> tuple[Post, tuple[str, ...]]:
    """The way out of a memory, to where the environment or the keyring says, and what is wrong with any of these addresses."""
    found, bad = places(settings, keys().notify)
    return Post(memory, found, daily), bad


Send = Callable[[Sequence[Place], Notice, float], dict[str, str]]


def notify(notice: Notice, settings: Notify, post: Post, now: datetime, send: Send = send_all) -> Sent | Held:
    """Send a notice, or hold it and say why. Raises NotWritable where that cannot be remembered: then nothing was sent."""
    notice = worded(notice)
    if not post.places:
        return Held("there is nowhere to send it: set KAIROS_NOTIFY, or `notify: {desktop: true}`", kept=False)
    with post._alone() as state:
        state = _of_the_day(state, now)
        since, said = state.times.get(notice.subject, (0, ""))
        if 0 <= int(now.timestamp()) - since < HOUR and said == notice.text:
            return Held(f"the same was sent at {_clock(since, now)}", kept=False)
        why = _closed(settings, post, state, now) or _too_soon(notice, state, now)
        if why:
            post._keep(_hold(state, notice))
            return Held(why)
        waiting = tuple(n for n in state.held if n.subject != notice.subject and not _too_soon(n, state, now))
        return _send(post, state, (*waiting, notice), now, send)


def send_held(settings: Notify, post: Post, now: datetime, send: Send = send_all) -> Sent | Held | None:
    """Send what waits and now may, as one message; None where nothing waits. A tick calls this."""
    if not post.places or not post.state().held:
        return None
    with post._alone() as state:
        state = _of_the_day(state, now)
        why = _closed(settings, post, state, now)
        ready = tuple(n for n in state.held if not _too_soon(n, state, now))
        if why or not ready:
            return Held(why or "one on the same subject was sent within the hour") if state.held else None
        return _send(post, state, ready, now, send)


def _send(post: Post, state: State, notices: tuple[Notice, ...], now: datetime, send: Send) -> Sent | Held:
    """Send notices as one message and write down what became of it. First that it is tried: a kill in between costs the
    notices an hour, never the owner a flood.
    """
    epoch = int(now.timestamp())
    message = worded(joined(notices, state.lost)) if len(notices) > 1 or state.lost else notices[0]
    subjects = {n.subject for n in notices}
    held = tuple(n for n in state.held if n.subject not in subjects)
    times = state.times | {n.subject: (epoch, n.text) for n in notices}
    times = dict(sorted(times.items(), key=lambda item: item[1][0])[-MOST_SUBJECTS:])
    after = state._replace(times=times, sent=state.sent + 1, held=held, lost=0, tries=0, next=0)
    post._keep(after._replace(held=(*notices, *held)))
    away = [place.name for place in post.places if not place.name.startswith("desktop ")]
    if away:
        note_left(post.memory, "notice", ", ".join(away), f"{message.subject}\n{message.text}".encode(), now)
    failures = send(post.places, message, SECONDS)
    names = [place.name for place in post.places]
    news = tuple(f"{name} does not take notices: {why}" for name, why in failures.items() if name not in state.down)
    news += tuple(f"{name} takes notices again" for name in state.down if name in names and name not in failures)
    down = {name: state.down.get(name, epoch) for name in failures}
    took = tuple(name for name in names if name not in failures)
    if took:
        post._keep(after._replace(down=down))
        return Sent(took, tuple(failures), news, message)
    tries = state.tries + 1
    if tries >= TRIES:
        post._keep(after._replace(times=state.times, sent=state.sent, lost=state.lost + len(notices), down=down))
        lost = f"{len(notices)} notices were let go: nothing took them in {tries} tries"
        return Held(f"nothing took it in {tries} tries; it is let go", False, (*news, lost))
    wait = min(HOUR, FIRST_WAIT * 2 ** (tries - 1))
    post._keep(state._replace(held=(*notices, *held)[-MOST_HELD:], tries=tries, next=epoch + wait, down=down))
    return Held(f"nothing took it ({tries} of {TRIES} tries)", True, news)


def _hold(state: State, notice: Notice) -> State:
    """The notice among what waits: the newest of each subject, the oldest let go and counted where there are too many."""
    held = (*(n for n in state.held if n.subject != notice.subject), notice)
    lost = max(0, len(held) - MOST_HELD)
    return state._replace(held=held[lost:], lost=state.lost + lost)


def _of_the_day(state: State, now: datetime) -> State:
    today = now.date().isoformat()
    return state if state.day == today else state._replace(day=today, sent=0)


def _closed(settings: Notify, post: Post, state: State, now: datetime) -> str:
    """Why nothing may be sent now, or ""."""
    if settings.quiet:
        begin, end = settings.quiet
        minute = now.hour * 60 + now.minute
        if begin <= minute < end if begin < end else minute >= begin or minute < end:
            return f"quiet until {end // 60:02d}:{end % 60:02d}"
    if state.sent >= post.daily:
        return f"the {post.daily} notices of today were sent"
    if 0 < state.next - int(now.timestamp()) <= HOUR:
        return "nothing answered a short while ago"
    return ""


def _too_soon(notice: Notice, state: State, now: datetime) -> str:
    since = state.times.get(notice.subject, (0, ""))[0]
    # A time ahead of the clock is one of a clock that stepped back: no measure.
    return f"one on the same subject was sent at {_clock(since, now)}" if 0 <= int(now.timestamp()) - since < HOUR else ""


def _clock(epoch: int, now: datetime) -> str:
    return datetime.fromtimestamp(epoch, now.tzinfo).strftime("%H:%M")
