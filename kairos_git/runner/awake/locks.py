"""At most one of each: locks that the kernel drops with the process that held them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kairos_git.errors import NotWritable

TICK, DREAM, RUN = "tick.lock", "dream.lock", "run.lock"


@contextmanager
def alone(own: str, name: str) -> Iterator[bool]:
    """Hold one of the locks, without waiting; whether it was free. Raises NotWritable."""
    with _opened(own, name) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _opened(own: str, name: str) -> Iterator[int]:
    """The lock's file. The folder is made where it is missing, but not what it lies in: a memory that was deleted stays so."""
    try:
        with suppress(FileExistsError):
            os.mkdir(own)
        descriptor = os.open(os.path.join(own, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise NotWritable(f"The memory's folder {own} cannot be written ({error.strerror}). Nothing was changed.") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def one_at_a_time(own: str, name: str) -> Iterator[None]:
    """Hold a lock for a moment, waiting for whoever holds it: for a look and a write that belong together. Raises NotWritable."""
    with _opened(own, name) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def taken(own: str, name: str) -> bool:
    """Whether somebody holds a lock now."""
    if not os.path.exists(os.path.join(own, name)):
        return False
    with alone(own, name) as free:
        return not free
