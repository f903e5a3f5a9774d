"""Holding something of a memory alone: locks by files in its own folder, which the kernel drops with whoever held them.

The one rule: a lock is made where a memory is, and never makes one: a memory that was deleted stays so.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kairos_git.errors import NotWritable


@contextmanager
def held(own: str, name: str, *, wait: bool, failing: str = "Nothing was changed.") -> Iterator[bool]:
    """Hold a lock until the end of the block; whether it was free, which it always is for who waits for it.

    own      the memory's folder for what git does not hold; made where it is missing, but not what it lies in
    name     of the lock's file there, `tick.lock` or `github/poll.lock`
    failing  what it means that it cannot be had, as the sentence that ends the error

    Raises NotWritable.
    """
    path = os.path.join(own, name)
    try:
        descriptor = _opened(own, path)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written ({error.strerror}). {failing}") from error
    try:
        yield _locked(descriptor, path, failing, wait=wait)
    finally:
        os.close(descriptor)


def taken(own: str, name: str) -> bool:
    """Whether somebody holds a lock now. Raises NotWritable."""
    if not os.path.exists(os.path.join(own, name)):
        return False
    with held(own, name, wait=False) as free:
        return not free


def _opened(own: str, path: str) -> int:
    for folder in (own, os.path.dirname(path)):  # one level each, so that it fails where the git directory is gone
        with suppress(FileExistsError):
            os.mkdir(folder)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _locked(descriptor: int, path: str, failing: str, *, wait: bool) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks
        raise NotWritable(f"{path} cannot be locked ({error.strerror}). {failing}") from error
    return True
