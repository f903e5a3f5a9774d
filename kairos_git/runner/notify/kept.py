"""What is kept between notices: what was sent, what waits, and which places do not answer. Light, because `status` reads it.

One file in the memory's own folder, `notify`; it may be deleted.

The one rule: what is damaged counts as nothing sent and nothing held.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from kairos_git.memory.files import read_regular
from kairos_git.memory.repository import Memory
from kairos_git.runner.notify.notice import Notice, parse_notice

FILE = "notify"


class State(NamedTuple):
    """What is kept between notices. times: subject -> (epoch of the last one sent, its text); sent: how many on `day`;
    held: what waits; lost: how many were let go since the last message; tries, next: of what waits, where nothing answered;
    down: place -> epoch since when it does not answer.
    """

    times: dict[str, tuple[int, str]]
    day: str
    sent: int
    held: tuple[Notice, ...]
    lost: int
    tries: int
    next: int
    down: dict[str, int]


NEW = State({}, "", 0, (), 0, 0, 0, {})


def format_state(state: State) -> bytes:
    """One line of JSON."""
    return json.dumps(state._asdict(), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def parse_state(data: bytes) -> State:
    """The inverse of `format_state`; what is damaged counts as nothing sent and nothing held."""
    try:
        f: Any = json.loads(data)
        times = {str(k): (_whole(v[0]), str(v[1])) for k, v in f["times"].items()}
        held = tuple(n for row in f["held"] if (n := parse_notice(row)) is not None)
        numbers = [_whole(f[name]) for name in ("sent", "lost", "tries", "next")]
        down = {str(k): _whole(v) for k, v in f["down"].items()}
        return State(times, str(f["day"]), numbers[0], held, numbers[1], numbers[2], numbers[3], down)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return NEW


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 40:
        raise ValueError(value)
    return value


def load_state(memory: Memory) -> State:
    """How it stands now."""
    return parse_state(read_regular(os.path.join(memory.own, FILE)) or b"")


def anything_held(memory: Memory) -> bool:
    """Whether a notice waits; cheap, before `open_post` is worth it."""
    return bool(load_state(memory).held)


def unsent(memory: Memory) -> int | None:
    """Since when a place does not answer that a notice waits for, in seconds since 1970; None where none does."""
    state = load_state(memory)
    return min(state.down.values(), default=None) if state.held else None
