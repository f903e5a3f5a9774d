"""Plain files: read only what is one, replace a whole one in one step. Light, because hooks of agents start with it.

The one rule: a reader sees the old bytes or the new ones, never half of either.
"""

from __future__ import annotations

import os
import stat

from kairos_git.errors import NotWritable


def read_regular(path: str) -> bytes | None:
    """The content of a regular file; None where there is none, or it is a link, a folder or a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # opening a folder succeeds, and making a file of it does not
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def write_whole(path: str, content: bytes) -> None:
    """Replace a file in one step: written aside, synced, renamed. Raises NotWritable."""
    aside = f"{path}.kairos-{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(aside, path)
    except OSError as error:
        if os.path.exists(aside):
            os.unlink(aside)
        raise NotWritable(
            f"{path} cannot be written ({error.strerror}). Free some space or make it writable and try again."
        ) from error
