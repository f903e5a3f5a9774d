"""How long somebody waits for us: a block of work that ends when its time is over.

The one rule: what is broken off leaves nothing half done, because everything here is written aside and renamed.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kairos_git.errors import Busy


@contextmanager
def at_most(seconds: float, words: str) -> Iterator[None]:
    """Let the block run for so long; then it raises Busy with these words. Without a limit outside the main thread."""

    def over(number: int, frame: FrameType | None) -> None:
        raise Busy(words)

    try:
        before = signal.signal(signal.SIGALRM, over)
    except ValueError:  # only the main thread may
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
