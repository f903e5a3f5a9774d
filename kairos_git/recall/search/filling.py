"""What a memory says -> the lines of its index: all of it once, then only what is new.

A day log is read again only where git names other bytes for it; a line's neighbours are those of its session, or of its day
where it has none.

The one rule: after it, the index holds exactly what a new one would.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from kairos_git.memory.daylog import log_path
from kairos_git.memory.objects import lost
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory
from kairos_git.memory.vault import vaulted
from kairos_git.recall.search.wording import clean, parts

_LINE = re.compile(rb"<!--o (o-[0-9a-z]{13})")
_COMMIT = re.compile(r"c-[0-9a-z]{13}")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_COLUMNS = "n, text, parts, near, day, about"


class Logs(NamedTuple):
    """What is new in the logs: observations and tombstones of the changed ones, their line numbers, and the logs that are gone."""

    blobs: dict[str, str]
    observations: tuple[Observation, ...]
    stones: frozenset[str]
    lines: dict[str, int]
    gone: frozenset[str]


class _Row(NamedTuple):
    """How a line stands in its thread. near: the rows before and after it, by nearness: p2, p1, n1, n2."""

    epoch: int
    id: str
    n: int
    near: tuple[int | None, ...]


def changed_logs(memory: Memory, files: dict[str, str], known: dict[str, str]) -> Logs:
    """What of a commit's `files` (path -> blob id) the index does not know yet. known: path -> blob id of the index."""
    blobs = {path: blob for path, blob in files.items() if path.startswith("log/") and known.get(path) != blob}
    data = {}
    for path, found in zip(blobs, memory.git.objects(blobs.values()), strict=True):
        if found is None:  # taken for empty, it would be known as read
            raise lost(memory.git, "HEAD", path)
        data[path] = found[2]
    here = memory.parse(data)
    numbers = {
        m.group(1).decode(): number
        for content in data.values()
        for number, line in enumerate(content.split(b"\n"), 1)
        if (m := _LINE.search(line))
    }
    gone = frozenset(path for path in known if path not in files)
    return Logs(blobs, here.observations, frozenset(t.id for t in here.tombstones), numbers, gone)


def fill_lines(db: sqlite3.Connection, logs: Logs, waiting: Sequence[Observation] | None) -> None:
    """Bring the lines up to date, inside the caller's transaction. waiting: what is not in a log yet; None leaves it as it is."""
    db.executemany("INSERT OR IGNORE INTO stones VALUES(?)", ((name,) for name in logs.stones))
    stones = {name for (name,) in db.execute("SELECT id FROM stones")}
    wanted = {o.id: o for o in logs.observations if o.id not in stones}
    held = _held(db, logs, waiting is not None)
    extra = {o.id: o for o in waiting or () if o.id not in stones and o.id not in wanted}
    dead = {name for name in held if name not in wanted and name not in extra} | (stones & _known(db, logs.stones))
    standing = _known(db, (*wanted, *extra)) - dead
    new = [o for o in (*wanted.values(), *extra.values()) if o.id not in standing]
    places = {name: (log_path(o.day), logs.lines.get(name, 0)) for name, o in wanted.items()}
    _replace(db, dead, new, places)
    db.executemany(
        "UPDATE lines SET path = ?, line = ? WHERE id = ?", ((*places[name], name) for name in standing & places.keys())
    )
    db.executemany("DELETE FROM logs WHERE path = ?", ((path,) for path in logs.gone))
    db.executemany("INSERT OR REPLACE INTO logs VALUES(?, ?)", logs.blobs.items())


def _held(db: sqlite3.Connection, logs: Logs, waiting: bool) -> set[str]:
    """The ids that stand in the index for what is read anew: the changed logs, those that are gone, and what waited."""
    paths = [*logs.blobs, *logs.gone, *([""] if waiting else [])]
    return {name for path in paths for (name,) in db.execute("SELECT id FROM lines WHERE path = ?", (path,))}


def _known(db: sqlite3.Connection, names: Iterable[str]) -> set[str]:
    """Those of some ids that stand in the index."""
    if not db.execute("SELECT 1 FROM lines LIMIT 1").fetchone():
        return set()
    return {name for name in names if db.execute("SELECT 1 FROM lines WHERE id = ?", (name,)).fetchone()}


def _replace(db: sqlite3.Connection, dead: set[str], new: Sequence[Observation], places: Mapping[str, tuple[str, int]]) -> None:
    """Take lines out and put lines in; whoever gets another neighbour by it is indexed again, with the old words taken out first."""
    empty = not db.execute("SELECT 1 FROM lines LIMIT 1").fetchone()
    first = db.execute("SELECT coalesce(max(n), 0) + 1 FROM lines").fetchone()[0]
    added: dict[str, list[_Row]] = {}
    for n, o in enumerate(new, first):
        added.setdefault(thread_of(o), []).append(_Row(o.epoch, o.id, n, ()))
    gone: dict[int, str] = {}
    for name in dead:
        n, thread = db.execute("SELECT n, thread FROM lines WHERE id = ?", (name,)).fetchone()
        gone[n] = thread
    relinked: dict[int, tuple[int | None, ...]] = {}
    before: dict[int, tuple[int | None, ...]] = {}
    for thread in {*added, *gone.values()} - {""}:
        old = [] if empty else _thread(db, thread)
        before |= {row.n: row.near for row in old}
        relinked |= _linked(sorted([*(r for r in old if r.n not in gone), *added.get(thread, ())]))
    moved = [n for n, near in relinked.items() if n in before and before[n] != near]
    if not empty:
        _unindex(db, [*gone, *moved])
    db.executemany("DELETE FROM lines WHERE n = ?", ((n,) for n in gone))
    db.executemany("UPDATE lines SET p2 = ?, p1 = ?, n1 = ?, n2 = ? WHERE n = ?", ((*relinked[n], n) for n in moved))
    rows = (_row(n, o, places.get(o.id, ("", 0)), relinked.get(n, (None,) * 4)) for n, o in enumerate(new, first))
    db.executemany(f"INSERT INTO lines VALUES({', '.join('?' * 21)})", rows)
    if empty:
        db.execute("INSERT INTO words(words) VALUES('rebuild')")
    else:
        _index(db, [*moved, *range(first, first + len(new))])


def _thread(db: sqlite3.Connection, thread: str) -> list[_Row]:
    found = db.execute("SELECT epoch, id, n, p2, p1, n1, n2 FROM lines WHERE thread = ?", (thread,))
    return [_Row(epoch, name, n, tuple(near)) for epoch, name, n, *near in found]


def _linked(rows: Sequence[_Row]) -> dict[int, tuple[int | None, ...]]:
    """n -> its neighbours, for rows in order."""
    ns = [None, None, *(row.n for row in rows), None, None]
    return {row.n: (ns[k], ns[k + 1], ns[k + 3], ns[k + 4]) for k, row in enumerate(rows)}


def _unindex(db: sqlite3.Connection, ns: Sequence[int]) -> None:
    db.executemany(
        f"INSERT INTO words(words, rowid, {_COLUMNS[3:]}) SELECT 'delete', {_COLUMNS} FROM shown WHERE n = ?", ((n,) for n in ns)
    )


def _index(db: sqlite3.Connection, ns: Sequence[int]) -> None:
    db.executemany(f"INSERT INTO words(rowid, {_COLUMNS[3:]}) SELECT {_COLUMNS} FROM shown WHERE n = ?", ((n,) for n in ns))


def _row(n: int, o: Observation, place: tuple[str, int], near: tuple[int | None, ...]) -> tuple[object, ...]:
    text = clean(o.text)
    return (
        n, o.id, o.time, o.epoch, o.src, clean(o.sess), clean(o.root), clean(o.branch), clean(o.at), *place, vaulted(o), thread_of(o), *near,
        text, parts(text), day_words(o.day), about(o),
    )  # fmt: skip


def thread_of(o: Observation) -> str:
    """Where a line has its neighbours: its session, which of a commit is the commit alone; its day for what was said outside of
    any. A reading of the tree has none, since the tree has no order; and nobody stands beside the vault.
    """
    return "" if o.src == "probe" or vaulted(o) else clean(o.sess) or o.day


def day_words(day: str) -> str:
    """`2026-11-21` -> `Saturday 21 November 2026, 2026-11-21`."""
    when = date.fromisoformat(day)
    return f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]} {when.year}, {day}"


def about(o: Observation) -> str:
    """The words that say who spoke and of what: source, author, session, branch, place in the tree, slot."""
    sess = "" if _COMMIT.fullmatch(o.sess) else o.sess
    root = "" if _COMMIT.fullmatch(o.root) else o.root.partition("#")[0]
    return clean(" ".join(w for w in (o.src, sess, root, o.branch, *(value for _, value in o.extra)) if w))
