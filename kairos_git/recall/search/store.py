"""The index as a file: `search.db` in the memory's own folder, an SQLite database with FTS5, never committed.

The text stands in the index once: what FTS5 sees of a line (its neighbours, its parts) is a view over the lines.

The one rule: it is a cache. Whatever is wrong with it (missing, damaged, of another version, not writable), it is made anew,
in memory if need be, and nothing is lost but the time that takes.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kairos_git import __version__

NAME = "search.db"
FORMAT = 1  # of the tables, and of what stands in them; another number means another index
VERSION = f"{FORMAT} of {__version__}"
PATIENCE = 5.0  # seconds a reader waits for somebody who is writing
BUILDING = 60.0  # seconds to wait for somebody who makes the index anew

# A word in the text counts 1, one beside it less: a neighbour makes a line likely, not right. Found by a sweep over five of
# LoCoMo's conversations, checked on the other five (`make bench-recall`).
LINE_WEIGHTS = (1.0, 0.7, 0.3, 0.5, 0.6)
FACT_WEIGHTS = (1.0, 0.7, 0.3, 0.8)

_TOKENIZER = "tokenize='porter unicode61 remove_diacritics 2'"
SCHEMA = f"""
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE logs(path TEXT PRIMARY KEY, blob TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE stones(id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE lines(
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, time TEXT NOT NULL, epoch INTEGER NOT NULL, src TEXT NOT NULL,
    sess TEXT NOT NULL, root TEXT NOT NULL, branch TEXT NOT NULL, at TEXT NOT NULL, path TEXT NOT NULL, line INTEGER NOT NULL, hidden INTEGER NOT NULL,
    thread TEXT NOT NULL, p2 INTEGER, p1 INTEGER, n1 INTEGER, n2 INTEGER,
    text TEXT NOT NULL, parts TEXT NOT NULL, day TEXT NOT NULL, about TEXT NOT NULL);
CREATE INDEX lines_thread ON lines(thread);
CREATE INDEX lines_path ON lines(path);
CREATE VIEW shown AS SELECT n, text, parts,
    coalesce((SELECT text FROM lines WHERE n = l.p1), '') || ' ' || coalesce((SELECT text FROM lines WHERE n = l.n1), '') || ' ' ||
    coalesce((SELECT text FROM lines WHERE n = l.p2), '') || ' ' || coalesce((SELECT text FROM lines WHERE n = l.n2), '') AS near,
    day, about FROM lines l;
CREATE VIRTUAL TABLE words USING fts5(text, parts, near, day, about, content='shown', content_rowid='n', {_TOKENIZER});
INSERT INTO words(words, rank) VALUES('rank', 'bm25({", ".join(map(str, LINE_WEIGHTS))})');
CREATE TABLE facts(
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, state TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
    path TEXT NOT NULL, line INTEGER NOT NULL, hidden INTEGER NOT NULL, evidence TEXT NOT NULL,
    text TEXT NOT NULL, parts TEXT NOT NULL, near TEXT NOT NULL, about TEXT NOT NULL);
CREATE TABLE evidence(id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE VIRTUAL TABLE fact_words USING fts5(text, parts, near, about, content='facts', content_rowid='n', {_TOKENIZER});
INSERT INTO fact_words(fact_words, rank) VALUES('rank', 'bm25({", ".join(map(str, FACT_WEIGHTS))})');
"""


def place_in(own: str) -> str:
    """Where the index of a memory is, or would be. own: the memory's own folder."""
    return os.path.join(own, NAME)


def open_file(path: str) -> sqlite3.Connection | None:
    """The index at a path; None where there is none, it is damaged or of another version. Raises OperationalError (locked)."""
    if not os.path.exists(path):
        return None
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        connection.execute("PRAGMA mmap_size = 1073741824")  # what is read is mapped, not copied
        if meta(connection).get("version") == VERSION:
            return connection
    except sqlite3.OperationalError as error:
        if connection is not None:
            connection.close()
        if is_busy(error):
            raise
        return None
    except sqlite3.DatabaseError:
        pass
    if connection is not None:
        connection.close()
    return None


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the database: it is whole, and the next moment it can be had."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def meta(connection: sqlite3.Connection) -> dict[str, str]:
    """What the index says of itself: version, head, waiting, facts."""
    return dict(connection.execute("SELECT key, value FROM meta"))


def set_meta(connection: sqlite3.Connection, **values: str) -> None:
    """Note what the index now holds."""
    connection.executemany("INSERT OR REPLACE INTO meta VALUES(?, ?)", values.items())


def in_memory() -> sqlite3.Connection:
    """An empty index that nobody else sees."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    return connection


@contextmanager
def made_anew(path: str) -> Iterator[sqlite3.Connection]:
    """An empty index to fill; when it is full it takes the place of what stood at the path, in one step.

    Under the writers' lock. A journal that a killed writer left belongs to the old file and goes with it, first.
    """
    aside = f"{path}.{os.getpid()}"
    _remove(aside)
    connection = sqlite3.connect(aside, isolation_level=None)
    try:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
        connection.close()
        with open(aside, "rb+") as file:
            os.fsync(file.fileno())
        for old in (path, f"{path}-journal"):
            with suppress(FileNotFoundError):
                os.unlink(old)
        os.rename(aside, path)
    finally:
        connection.close()
        _remove(aside)


@contextmanager
def changed(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction: all of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def writing(path: str, seconds: float) -> Iterator[bool]:
    """Be the only one who changes the index; False where somebody else still is after `seconds`. Raises OSError (not writable)."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield _locked(descriptor, time.monotonic() + seconds)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            if time.monotonic() >= deadline:
                return False
        time.sleep(0.01)


def _remove(path: str) -> None:
    for name in (path, f"{path}-journal"):
        with suppress(OSError):
            os.unlink(name)
