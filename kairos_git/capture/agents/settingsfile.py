"""Other programs' settings files: read as they are, replaced whole, kept beside as they were.

The one rule: a file changes in one step or not at all, keeps its mode, its owner and the place a link leads to, and what it
held before our first change stays beside it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from typing import NamedTuple

from kairos_git.errors import Diverged, KairosError, NotWritable

BACKUP = ".kairos-backup"
LARGEST = 16 << 20  # bytes; most have a few kilobytes, one that also keeps a history may have megabytes
_BOM = "\ufeff"


class File(NamedTuple):
    """A settings file. target: where it really is, behind links; text: None where there is none; a byte order mark is kept
    apart from the text.
    """

    path: str
    target: str
    text: str | None
    bom: bool = False

    @property
    def linked(self) -> bool:
        """Whether the path is a link, as in folders of dotfiles kept in git."""
        return os.path.islink(self.path)


def read(path: str) -> File:
    """A file as text, exactly. Raises KairosError for what is no UTF-8, no regular file, too large or a dangling link."""
    target = os.path.realpath(path)
    if not os.path.lexists(path):
        return File(path, target, None)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise KairosError(f"{path} is no regular file. Nothing was changed.")
        with open(target, "rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise KairosError(f"{path} is a link to {target}, which does not exist. Nothing was changed; mend the link.") from error
    except OSError as error:
        raise KairosError(f"{path} cannot be read ({error.strerror}). Nothing was changed.") from error
    if len(data) > LARGEST:
        raise KairosError(f"{path} is larger than {LARGEST >> 20} MB, which no settings file is. Nothing was changed.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise KairosError(f"{path}:{line}: is not UTF-8. Nothing was changed; save it as UTF-8 and run this again.") from error
    return File(path, target, text.removeprefix(_BOM), text.startswith(_BOM))


def _bytes(file: File, text: str) -> bytes:
    return ((_BOM if file.bom else "") + text).encode("utf-8")


def check_writable(file: File) -> None:
    """Raises NotWritable where the file, or the folder it would stand in, is not ours to change."""
    folder = os.path.dirname(file.target)
    if not os.path.isdir(folder):
        raise NotWritable(f"{folder} does not exist: has the program ever run here? Start it once, or make the folder.")
    if file.text is not None and not os.stat(file.target).st_mode & 0o200:
        behind = f" (a link to {file.target})" if file.linked else ""
        raise NotWritable(f"{file.path}{behind} is read-only, which somebody meant. Nothing was changed; make it writable.")
    if not os.access(folder, os.W_OK) or (file.text is not None and not os.access(file.target, os.W_OK)):
        raise NotWritable(f"{file.path} is not yours to write. Nothing was changed.")


def write(file: File, text: str) -> None:
    """Replace the file's text in one step. Raises Diverged where it changed since it was read, NotWritable."""
    check_writable(file)
    _check_same(file)
    _replace(file.target, _bytes(file, text), like=file.target if file.text is not None else None)


def _replace(path: str, data: bytes, like: str | None) -> None:
    """Write a file aside, sync it, give it the mode and owner of another, and rename it into place."""
    aside = ""
    try:
        descriptor, aside = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.", suffix=".kairos")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            state = os.stat(like) if like else None
            os.fchmod(file.fileno(), stat.S_IMODE(state.st_mode) if state else 0o666 & ~_umask())
            if state and (state.st_uid, state.st_gid) != (os.getuid(), os.getgid()):
                with contextlib.suppress(PermissionError):
                    os.fchown(file.fileno(), state.st_uid, state.st_gid)
            os.fsync(file.fileno())
        os.rename(aside, path)
    except OSError as error:
        if aside and os.path.exists(aside):
            os.unlink(aside)
        raise NotWritable(f"{path} cannot be written ({error.strerror}). Nothing was changed there.") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _backups(file: File) -> list[str]:
    """The backups beside a file, oldest first: `settings.json.kairos-backup`, then `…-backup.2` and so on."""
    first = file.target + BACKUP
    found = [first] if os.path.exists(first) else []
    number = 2
    while os.path.exists(f"{first}.{number}"):
        found.append(f"{first}.{number}")
        number += 1
    return found


def keep(file: File) -> str | None:
    """Keep what a file holds beside it, unless the newest backup is the same; the backup's path, None for a missing file."""
    if file.text is None:
        return None
    there = _backups(file)
    data = _bytes(file, file.text)
    if there and _content(there[-1]) == data:
        return there[-1]
    path = file.target + BACKUP + (f".{len(there) + 1}" if there else "")
    _replace(path, data, like=file.target)
    return path


def kept(file: File) -> File | None:
    """The newest backup of a file as it was, or None."""
    there = _backups(file)
    if not there:
        return None
    text = (_content(there[-1]) or b"").decode("utf-8", "replace")
    return File(there[-1], there[-1], text.removeprefix(_BOM), text.startswith(_BOM))


def restore(file: File, backup: File) -> None:
    """Give a file back what it held before, and let go of that backup. Raises as `write` does."""
    check_writable(file)
    _check_same(file)
    _replace(file.target, _bytes(backup, backup.text or ""), like=file.target)
    os.unlink(backup.path)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def delete(file: File) -> None:
    """Remove a file that held nothing but ours. Raises Diverged where it changed since it was read."""
    _check_same(file)
    os.unlink(file.target)


def _check_same(file: File) -> None:
    if read(file.path) != file:
        raise Diverged(f"{file.path} changed while it was looked at. Nothing was changed; run this again.")
