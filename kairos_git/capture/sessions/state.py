"""What is known of a session while it is open: when it was last heard, what it said last, and what memory it was shown.

One JSON file each in `sessions/` of the memory's own folder; those that ended stay below `sessions/ended/` for 30 days, because
what a session was shown is no news from it. The folder may be deleted: then nobody knows what was shown before.

The one rule: it is replaced whole, under one lock, and what it says passed the redaction before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from kairos_git.errors import KairosError, NotWritable
from kairos_git.memory.alone import held
from kairos_git.memory.files import read_regular, write_whole

if TYPE_CHECKING:
    from kairos_git.memory.observation import Observation

FOLDER = "sessions"
ENDED = "ended"
LOCK = f"{FOLDER}/.lock"
SILENT = timedelta(hours=6)  # an open session that says nothing for so long has ended
REMEMBERED = timedelta(days=30)  # for so long it is known what a session was shown
MOST_SHOWN = 2_000  # ids that are remembered of one session


class State(NamedTuple):
    """One session. started, last: ISO times of its first and its last event; said: of its message.

    session   the client's own name for it
    cwd       where it works; "" where that is private
    branch    the project's branch, "" for the one everything is merged into
    message   what it said last, redacted; "" for nothing
    shown     ids of facts and observations it was given
    commits   the memory's commits they were read at
    """

    agent: str = ""
    session: str = ""
    started: str = ""
    last: str = ""
    cwd: str = ""
    branch: str = ""
    message: str = ""
    said: str = ""
    shown: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()


def parse_state(data: bytes) -> State | None:
    """A session's file; None where it is damaged. Unknown fields of newer versions are left alone."""
    try:
        fields = json.loads(data)
        found: dict[str, Any] = {name: str(fields.get(name, "")) for name in State._fields}
        found |= {name: tuple(str(v) for v in fields.get(name, ())) for name in ("shown", "commits")}
        return State(**found) if found["last"] else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def format_state(state: State) -> bytes:
    """The inverse of `parse_state`."""
    return json.dumps(state._asdict(), ensure_ascii=True).encode()


def path_of(own: str, sess: str, *, ended: bool = False) -> str:
    """The file of a session, `claude-7f3a09c2b1de`."""
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in sess).lstrip(".")[:80]
    return os.path.join(own, FOLDER, *([ENDED] if ended else []), f"{name}.json")


def load(own: str, sess: str) -> State | None:
    """What is known of a session, open or ended; None where nothing is."""
    for ended in (False, True):
        state = parse_state(read_regular(path_of(own, sess, ended=ended)) or b"")
        if state is not None:
            return state
    return None


def note(
    own: str, sess: str, now: datetime, *, shown: tuple[str, ...] = (), commit: str = "", opens: bool = True, changes: Mapping[str, Any] | None = None
) -> State:  # fmt: skip
    """Note an event of a session; what it was shown is added to what it had seen. Raises NotWritable.

    opens    the session is open from now on; else it stays as it is, and one that nobody knew is not opened
    changes  further fields of its state, as they are now
    """
    stamp = now.isoformat(timespec="seconds")
    with _alone(own):
        old = load(own, sess) or State(started=stamp)
        new = old._replace(
            last=stamp,
            **(changes or {}),
            shown=tuple(dict.fromkeys((*old.shown, *shown)))[-MOST_SHOWN:],
            commits=tuple(dict.fromkeys((*old.commits, *([commit] if commit else []))))[-20:],
        )
        ended = not opens and not os.path.exists(path_of(own, sess))
        write_whole(path_of(own, sess, ended=ended), format_state(new))
        if not ended:
            with suppress(FileNotFoundError):
                os.unlink(path_of(own, sess, ended=True))
    return new


def close(own: str, sess: str) -> None:
    """Set a session's file aside: it ended. Raises NotWritable."""
    with _alone(own), suppress(FileNotFoundError):
        os.makedirs(os.path.join(own, FOLDER, ENDED), exist_ok=True)
        os.replace(path_of(own, sess), path_of(own, sess, ended=True))


def last_words(sess: str, state: State) -> Observation | None:
    """What a session said last as the observation that ends it; the same however often it is made. None where it said nothing."""
    if not state.message or not state.said:
        return None
    from kairos_git.memory.observation import observe, parse_time

    words = (("event", "end"), ("started", str(int(parse_time(state.started or state.said).timestamp()))))
    return observe(parse_time(state.said), state.message, "agent", sess=sess, branch=state.branch, extra=words)


def states(own: str, *, ended: bool = False) -> Iterator[tuple[str, State]]:
    """(session, state) of every open session, or of every one that ended; damaged ones are left out."""
    folder = os.path.join(own, FOLDER, *([ENDED] if ended else []))
    with suppress(FileNotFoundError, NotADirectoryError):
        for name in sorted(os.listdir(folder)):
            if name.endswith(".json"):
                state = parse_state(read_regular(os.path.join(folder, name)) or b"")
                if state is not None:
                    yield name.removesuffix(".json"), state


def silent(own: str, now: datetime) -> tuple[list[Observation], list[str]]:
    """What the open sessions said last that have been silent for six hours, and the names of these sessions."""
    told, names = [], []
    for sess, state in states(own):
        if _age(state, now) > SILENT:
            names.append(sess)
            with suppress(KairosError):  # a file that was damaged by hand says nothing
                o = last_words(sess, state)
                told += [o] if o is not None else []
    return told, names


def set_aside(own: str, names: Iterable[str], now: datetime) -> None:
    """These sessions ended, and their last words are written down; let go of those that ended more than 30 days ago."""
    for sess in names:
        close(own, sess)
    for sess, state in states(own, ended=True):
        if outdated(state, now):
            with suppress(OSError):
                os.unlink(path_of(own, sess, ended=True))


def may_have_seen(state: State, when: datetime) -> bool:
    """Whether what was said at this time can come from what the session was shown: not before it began, nor long after it ended."""
    try:
        return datetime.fromisoformat(state.started) <= when and not outdated(state, when)
    except (ValueError, TypeError):
        return True


def outdated(state: State, now: datetime) -> bool:
    """Whether it is so long ago that nobody has to know what the session was shown."""
    return _age(state, now) > REMEMBERED


def _age(state: State, now: datetime) -> timedelta:
    try:
        return now - datetime.fromisoformat(state.last)
    except (ValueError, TypeError):  # damaged by hand: nobody knows when, so it is over
        return REMEMBERED * 2


@contextmanager
def _alone(own: str) -> Iterator[None]:
    """Hold the sessions alone for one change. Raises NotWritable."""
    try:
        with held(own, LOCK, wait=True, failing="The session is not noted."):
            yield
    except OSError as error:
        folder = os.path.join(own, FOLDER)
        raise NotWritable(f"{folder} cannot be written ({error.strerror}). The session is not noted.") from error
