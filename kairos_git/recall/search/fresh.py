"""The index of a memory, brought up to date before it is asked.

The one rule: a search never fails over its index. Who cannot write it, or wait for it, answers from what there is, and says so.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kairos_git.recall.search import store

if TYPE_CHECKING:
    from kairos_git.memory.observation import Observation
    from kairos_git.memory.repository import Memory

STALE = "the index is being brought up to date by another kairos-git; the newest lines may be missing here"


class Placed(Protocol):
    """Where a memory is: one that is opened with git, or only found, since git costs more than a whole search."""

    @property
    def path(self) -> str:
        """Its folder."""

    @property
    def gitdir(self) -> str:
        """Its git directory."""

    @property
    def own(self) -> str:
        """The folder in it for what git does not hold."""


def opened(memory: Placed) -> Memory:
    """The memory with its git."""
    from kairos_git.memory.repository import Memory

    return memory if isinstance(memory, Memory) else Memory(memory.path, memory.gitdir)


class Index(NamedTuple):
    """An open index, and what is to be said of it. The caller closes the connection."""

    db: sqlite3.Connection
    note: str = ""

    def close(self) -> None:
        """Let go of it."""
        self.db.close()


def open_index(memory: Placed, waiting: Sequence[Observation] | None = None) -> Index:
    """The index of a memory at HEAD, with what waits in the spool, if that is given. Raises NotFound and GitFailed."""
    head, names = head_of(memory), _names(waiting)
    path = store.place_in(memory.own)
    with suppress(sqlite3.Error, OSError):
        db = store.open_file(path)
        if db is not None and _is_fresh(db, head, names):
            return Index(db)
        if db is not None:
            db.close()
        with store.writing(path, store.BUILDING if db is None else store.PATIENCE) as alone:
            if alone:
                return Index(_brought_up(memory, path, head, names, waiting))
    with suppress(sqlite3.Error):
        db = store.open_file(path)
        if db is not None and os.access(path, os.W_OK):  # somebody is at it; where nobody can be, what is new is worth the time
            return Index(db, STALE)
    return in_memory(memory, waiting)


def in_memory(memory: Placed, waiting: Sequence[Observation] | None = None) -> Index:
    """An index that nobody else sees, for where none can be on disk."""
    db = store.in_memory()
    _fill(memory, db, head_of(memory), _names(waiting), waiting)
    return Index(db)


def rebuilt(memory: Placed, waiting: Sequence[Observation] | None = None) -> Index:
    """The index after the one on disk turned out to be damaged: made anew."""
    with suppress(OSError), store.writing(store.place_in(memory.own), store.PATIENCE) as alone:
        if alone:
            os.unlink(store.place_in(memory.own))
    return open_index(memory, waiting)


def head_of(memory: Placed) -> str:
    """The commit HEAD names, read without starting git where that is certain. Raises NotFound where there is none."""
    try:
        with open(os.path.join(memory.gitdir, "HEAD"), encoding="ascii") as file:
            name = file.read().strip().removeprefix("ref: ")
        with open(os.path.join(memory.gitdir, *name.split("/")), encoding="ascii") as file:
            found = file.read().strip()
    except (OSError, ValueError):
        found = ""
    is_id = len(found) in (40, 64) and not found.strip("0123456789abcdef")
    return found if is_id and name.startswith("refs/heads/") and ".." not in name else opened(memory).head()


def _names(waiting: Sequence[Observation] | None) -> str | None:
    return None if waiting is None else " ".join(sorted(o.id for o in waiting))


def _is_fresh(db: sqlite3.Connection, head: str, names: str | None) -> bool:
    held = store.meta(db)
    return held.get("head") == head and names in (None, held.get("waiting"))


def _brought_up(
    memory: Placed, path: str, head: str, names: str | None, waiting: Sequence[Observation] | None
) -> sqlite3.Connection:
    """The index with what is new in it, or one made anew; the only writer. Raises sqlite3.Error and OSError."""
    db = store.open_file(path)  # another may have done it while we waited
    try:
        if db is not None and not _is_fresh(db, head, names):
            _fill(memory, db, head, names, waiting)
    except sqlite3.DatabaseError as error:
        if db is not None:
            db.close()
        if store.is_busy(error):
            raise
        db = None  # damaged
    if db is None:
        with store.made_anew(path) as new:
            _fill(memory, new, head, names, waiting)
        db = store.open_file(path)
    if db is None:
        raise sqlite3.DatabaseError(f"{path} was written and cannot be read")
    return db


def _fill(memory: Placed, db: sqlite3.Connection, head: str, names: str | None, waiting: Sequence[Observation] | None) -> None:
    """Read what is new, then write it in one transaction."""
    from kairos_git.memory.objects import list_files
    from kairos_git.recall.search.facts import facts_key, fill_facts, read_facts
    from kairos_git.recall.search.filling import changed_logs, fill_lines

    whole = opened(memory)
    files = list_files(whole.git, head)
    logs = changed_logs(whole, files, dict(db.execute("SELECT path, blob FROM logs")))
    held, key = store.meta(db), facts_key(files)
    facts = read_facts(whole, head) if held.get("facts") != key else None
    with nullcontext() if db.in_transaction else store.changed(db):
        fill_lines(db, logs, waiting)
        if facts is not None:
            fill_facts(db, facts)
        now = held.get("waiting", "") if names is None else names
        newest = str(db.execute("SELECT coalesce(max(epoch), 0) FROM lines").fetchone()[0])
        store.set_meta(db, version=store.VERSION, head=head, waiting=now, facts=key, newest=newest)
