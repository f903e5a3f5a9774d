"""What was served last, kept beside the memory, so that a session in which nothing changed starts at once.

Kept in `context/` of the memory's own folder, one file for each project and way of asking, with everything it depends on:
the commits of both memories and of the project, what stands in their topics, the spool, the open sessions, the files of the
work tree, this program. All of that is read with `stat` and a few small files; no process is started.

The one rule: it is used only where every part is known and the same; any doubt is a miss. The folder may be deleted at any time.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kairos_git import __version__
from kairos_git.runner.serving.place import Doubt, Where, head, located, read_text

FOLDER = "context"
SESSIONS = "sessions"  # open sessions, one JSON file each, in the memory's own folder
MOST_WATCHED = 2_500  # files and folders of the work tree that are looked at one by one; a larger one is asked of git
MOST_KEPT = 24  # files in the folder
RACY = 2.0  # seconds: what was written so shortly before might be written again within the same tick of the file system's clock
_MARKS = ("MERGE_HEAD", "REVERT_HEAD", "CHERRY_PICK_HEAD", "rebase-merge", "rebase-apply", "sequencer", "BISECT_LOG")


class Asked(NamedTuple):
    """What is asked for. day: the local date, which stands in the block."""

    budget: int
    day: str
    session: str = ""
    branch: str = ""
    paths: tuple[str, ...] = ()


class Stamp(NamedTuple):
    """The key of what is about to be made, and when it was taken, in seconds since 1970."""

    key: list[Any]
    moment: float


class Kept(NamedTuple):
    """What was kept: the block, its items as (text, ids, tier, why, topic), what did not fit as (tier, topic, count), notes."""

    text: str
    items: list[list[Any]]
    left: list[list[Any]]
    notes: list[str]
    touched: list[str]


def look(root: str, memory: str, day: str, *, budget: int, session: str = "") -> Kept | None:
    """What a session that starts in a work tree is given of a memory, where that was served before and nothing changed since.

    root  the top of the project's work tree, or "" without a project
    day   the local date, `2026-11-21`
    """
    try:
        where = located(root, memory)
        asked = Asked(budget, day, session)
        fields = _load(where, asked)
        if fields is None or fields["tree"] is None or fields["key"] != key(where, asked):
            return None
        return _kept(fields) if watched(where, fields["names"]) == fields["tree"] else None
    except (Doubt, OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def recall(where: Where, asked: Asked, stamp: Stamp | None, touched: Sequence[str]) -> Kept | None:
    """What was kept under this key for these touched paths, as git told them; else None."""
    try:
        fields = _load(where, asked)
        return _kept(fields) if fields and stamp and fields["key"] == stamp.key and fields["touched"] == list(touched) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def keep(where: Where, asked: Asked, stamp: Stamp | None, kept: Kept, names: Sequence[str] | None) -> None:
    """Keep what was served under the key taken before it was made. names: every file of the work tree that git tracks, or
    None where they are not known. Where it cannot be kept, it is made again the next time.
    """
    if stamp is None:
        return
    try:
        tree = None if names is None or len(names) > MOST_WATCHED else watched(where, names)
        if _newest(stamp.key, tree) > (stamp.moment - RACY) * 1e9:
            return
        body = {"key": stamp.key, "names": list(names or ()) if tree is not None else [], "tree": tree, **kept._asdict()}
        data = json.dumps(body).encode()  # ASCII, so that any name survives
        path = _path(where, asked)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        aside = f"{path}.{os.getpid()}"
        with open(aside, "wb") as file:
            file.write(data)
        os.replace(aside, path)
        _prune(os.path.dirname(path))
    except (Doubt, OSError, ValueError):
        return


def stamped(where: Where, asked: Asked) -> Stamp | None:
    """The key of what is about to be served; None where it cannot be known."""
    try:
        moment = time.time()
        return Stamp(key(where, asked), moment)
    except (Doubt, OSError, ValueError):
        return None


def key(where: Where, asked: Asked) -> list[Any]:
    """Everything that what is served depends on, but the files of the work tree. Raises Doubt and OSError."""
    own = [_memory(where.own, os.path.join(where.own, ".git"))] if where.own else []
    spool = os.path.join(where.folder, "spool")
    return [
        __version__, _program(), list(where), [asked.budget, asked.day, asked.branch, list(asked.paths)],
        _memory(where.memory, where.memory_git), own, _project(where),
        [[n, _stat(os.path.join(spool, n))] for n in _names(spool) if not n.startswith("pointers")],
_sessions(os.path.join(where.folder, SESSIONS), f"{asked.session}.json"),
        _stat(os.path.join(where.folder, "questions")),
    ]  # fmt: skip


def watched(where: Where, names: Sequence[str]) -> list[Any]:
    """The state of the tracked files and of the folders they are in: what `git status` would look at."""
    if not where.project:
        return []
    folders = {""} | {name[:n] for name in names for n, c in enumerate(name) if c == "/"}
    return [_stat(os.path.join(where.project, name)) for name in (*sorted(folders), *names)]


def _sessions(folder: str, mine: str) -> list[Any]:
    """What the open sessions said last, but the one that asks: that they are open, or were heard again, changes nothing."""
    told = []
    for name in _names(folder):
        if name != mine and name.endswith(".json"):
            try:
                fields = json.loads(read_text(os.path.join(folder, name)))
                told.append([name, *(str(fields.get(word) or "") for word in ("started", "said", "branch", "message"))])
            except FileNotFoundError:
                continue
            except (ValueError, AttributeError):
                told.append([name])
    return [one for one in told if one[-1]]


def _memory(path: str, gitdir: str) -> list[Any]:
    """A memory's commit, the topics as they stand in its work tree, and what a person left half done."""
    topics = os.path.join(path, "topics")
    marks = [mark for mark in _MARKS if os.path.lexists(os.path.join(gitdir, mark))]
    return [head(gitdir, gitdir), [[n, _stat(os.path.join(topics, n))] for n in _names(topics)], marks]


def _project(where: Where) -> list[Any]:
    """The project's commit and branch, whatever the default branch is found by, and what git ignores."""
    if not where.project:
        return []
    common = where.project_git
    at = [os.path.join(where.tree_git, "index"), *(os.path.join(common, n) for n in ("config", "packed-refs", "info/exclude"))]
    refs = [os.path.join(common, "refs", n) for n in ("heads", "remotes", "remotes/origin")]
    return [head(where.tree_git, common), [_stat(p) for p in (*at, *refs, os.path.expanduser("~/.gitconfig"))]]


def _program() -> list[Any]:
    """This program's own files, as far as they make what is served."""
    serving = os.path.dirname(os.path.abspath(__file__))
    here = os.path.dirname(os.path.dirname(serving))
    folders = (serving, "recall", "recall/context", "memory")
    return [
        [name, _stat(os.path.join(here, folder, name))]
        for folder in folders
        for name in _names(os.path.join(here, folder))
        if name.endswith(".py")
    ]


def _stat(path: str) -> list[int] | None:
    try:
        s = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [s.st_mtime_ns, s.st_ctime_ns, s.st_size, s.st_ino]


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _path(where: Where, asked: Asked) -> str:
    from zlib import crc32  # no secret and no proof: what is kept names all it depends on

    words = repr((where.project, where.own, asked.budget, asked.branch, asked.paths))
    return os.path.join(where.folder, FOLDER, f"{crc32(words.encode('utf-8', 'surrogateescape')):08x}.json")


def _load(where: Where, asked: Asked) -> dict[str, Any] | None:
    try:
        with open(_path(where, asked), "rb") as file:
            fields = json.loads(file.read())
    except FileNotFoundError:
        return None
    return fields if isinstance(fields, dict) else None


def _kept(fields: dict[str, Any]) -> Kept:
    return Kept(*(fields[name] for name in Kept._fields))


def _newest(*parts: object) -> int:
    """The newest time of change, in nanoseconds, that a key holds: the first number of every `_stat`."""
    return max((stat[0] for part in parts for stat in _stats(part)), default=0)


def _stats(part: object) -> Iterator[list[int]]:
    if isinstance(part, list):
        if len(part) == 4 and all(isinstance(n, int) for n in part):
            yield part
        else:
            for inner in part:
                yield from _stats(inner)


def _prune(folder: str) -> None:
    names = [os.path.join(folder, n) for n in os.listdir(folder) if len(n) == 13]
    for path in sorted(names, key=lambda p: os.lstat(p).st_mtime_ns)[:-MOST_KEPT]:
        os.unlink(path)
