"""The index is a cache: extended, rebuilt, shared, thrown away, and never a reason to fail."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import NOON, Place, git
from kairos_git.capture import spool
from kairos_git.memory import seed
from kairos_git.memory.landing import Desk
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.recall.search import facts, store
from kairos_git.recall.search.finding import Query, search
from kairos_git.recall.search.fresh import STALE, head_of, open_index

WORDS = ("cache", "disk", "login", "tox", "port", "server", "redis", "lint")


def lines(count: int, start: int = 0, sess: str = "claude-1") -> list[Observation]:
    return [
        observe(NOON + timedelta(minutes=n), f"The {WORDS[n % 8]} of {WORDS[n * 3 % 7]} is number {n}", "owner", sess=sess)
        for n in range(start, start + count)
    ]


def told(memory: Memory, observations: list[Observation]) -> None:
    with memory.lock():
        spool.drain(Desk(memory), NOON, observations)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """A memory with twenty lines of a session."""
    made = seed.create(str(tmp_path / "app.memory"), NOON)
    told(made, lines(20))
    return made


def contents(db: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    """What an index holds, but for the numbers of its rows; it must be whole."""
    db.execute("INSERT INTO words(words, rank) VALUES('integrity-check', 1)")
    db.execute("INSERT INTO fact_words(fact_words, rank) VALUES('integrity-check', 1)")
    rows = (
        "SELECT l.id, l.path, l.line, l.text, l.hidden, s.near, l.about FROM lines l JOIN shown s USING(n) ORDER BY l.id",
        "SELECT id, key, state, since, until, path, line, text, near, about FROM facts ORDER BY id",
        "SELECT * FROM meta ORDER BY key",
        "SELECT * FROM logs ORDER BY path",
        "SELECT * FROM stones ORDER BY id",
    )
    return [db.execute(sql).fetchall() for sql in rows]


def anew(memory: Memory) -> list[list[tuple[object, ...]]]:
    """What an index made from nothing holds."""
    os.unlink(store.place_in(memory.own))
    return contents(open_index(memory).db)


def test_an_extended_index_is_what_a_new_one_would_be(memory: Memory) -> None:
    """After lines at the end, in the middle, of another session, of another day, after a redaction and a log that went."""
    search(memory, Query("cache"))
    told(memory, lines(5, 40))
    search(memory, Query("cache"))
    told(memory, [*lines(6, 25), *lines(3, 26, "codex-2"), *lines(2, 60 * 24)])
    search(memory, Query("cache"))
    first = lines(1)[0]
    log = Path(memory.path, "log/2026/11/2026-11-21.md")
    log.write_text(
        "\n".join(
            f"- 12:00:00+00:00 [redacted] <!--x {first.id} -->" if first.id in line else line
            for line in log.read_text().split("\n")
        )
    )
    git(Path(memory.path), "rm", "-q", "log/2026/11/2026-11-22.md")
    git(Path(memory.path), "-c", "core.hooksPath=/dev/null", "commit", "-qam", "by hand")

    extended = contents(open_index(memory).db)

    assert extended == anew(memory)
    assert len(extended[0]) == 20 + 5 + 6 + 3 - 1


def test_an_index_follows_the_dreams(app: Place) -> None:
    """Facts that came and went are those that a new index has."""
    memory = open_memory(str(app.memory))
    for text in ("Tests run with `tox`", "Tests run with `pytest -q`", "The port of the server is `8000`"):
        app.say(text)
        app.dream()
        search(memory, Query("tests"))

    assert contents(open_index(memory).db) == anew(memory)


def test_only_what_changed_is_read_again(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day log that git names by the same blob is not parsed, and without a dream nothing is folded."""
    told(memory, lines(3, 60 * 24))
    search(memory, Query("cache"))
    told(memory, lines(3, 60 * 24 * 2))
    read: list[str] = []
    parse = memory.parse
    monkeypatch.setattr(memory, "parse", lambda files: (read.extend(files), parse(files))[1])
    monkeypatch.setattr(facts, "read_facts", lambda *_: pytest.fail("folded"))

    search(memory, Query("cache"))
    search(memory, Query("cache"))

    assert read == ["log/2026/11/2026-11-23.md"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no database" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(path.read_bytes()[:8192] + os.urandom(path.stat().st_size - 8192)),
        lambda path: sqlite3.connect(path).executescript("UPDATE meta SET value = '0' WHERE key = 'version'"),
        lambda path: sqlite3.connect(path).executescript("DROP TABLE lines"),
        lambda path: sqlite3.connect(path).executescript("DELETE FROM words_data WHERE id > 10"),
        lambda path: path.with_name("search.db-journal").write_bytes(b"left by a writer that was killed"),
        lambda path: (path.unlink(), path.symlink_to("/nowhere/at/all")),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["missing", "empty", "rubbish", "cut", "scrambled", "version", "dropped", "emptied", "journal", "link", "folder"],
)
def test_whatever_happens_to_the_index_the_answer_is_the_same(memory: Memory, harm: object) -> None:
    """It is made anew, on disk or where that cannot be in memory; after new lines, too."""
    wanted = [h.id for h in search(memory, Query("redis number")).lines]

    harm(Path(store.place_in(memory.own)))  # type: ignore[operator]

    assert [h.id for h in search(memory, Query("redis number")).lines] == wanted
    told(memory, lines(1, 100))
    harm(Path(store.place_in(memory.own))) if Path(store.place_in(memory.own)).is_file() else None  # type: ignore[operator]
    assert "number 100" in search(memory, Query("100")).lines[0].text


def test_a_memory_that_cannot_be_written_answers_all_the_same(memory: Memory) -> None:
    """From an index in memory, where the own folder takes none."""
    search(memory, Query("cache"))
    told(memory, lines(1, 100))
    own = Path(memory.own)
    own.rename(own.with_name("aside"))
    own.write_text("no folder")

    found = search(memory, Query("100"))

    assert "number 100" in found.lines[0].text
    assert own.read_text() == "no folder"


def test_who_cannot_wait_for_the_writer_answers_from_what_there_is(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says that the newest lines may be missing."""
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    search(memory, Query("cache"))
    told(memory, lines(1, 100))

    with store.writing(store.place_in(memory.own), 1) as alone:
        found = search(memory, Query("redis"))

    assert alone
    assert found.lines
    assert found.notes == (STALE,)
    assert search(memory, Query("redis")).notes == ()


def test_many_search_while_one_writes(memory: Memory, tmp_path: Path) -> None:
    """Readers and writers of several processes, from no index on: every search answers, and the index ends up whole."""
    code = (
        "import sys\n"
        "from kairos_git.memory.repository import open_memory\n"
        "from kairos_git.recall.search.finding import Query, search\n"
        "for _ in range(25):\n"
        "    assert search(open_memory(sys.argv[1]), Query('cache number')).lines\n"
    )
    crowd = [subprocess.Popen([sys.executable, "-c", code, memory.path], stderr=subprocess.PIPE) for _ in range(4)]
    for n in range(12):
        told(memory, lines(2, 100 + 2 * n))
        search(memory, Query("cache"))

    assert [(p.communicate()[1], p.returncode) for p in crowd] == [(b"", 0)] * 4
    assert contents(open_index(memory).db) == anew(memory)


def test_the_index_is_never_committed(memory: Memory) -> None:
    """It lies in the memory's git directory."""
    search(memory, Query("cache"))

    assert os.path.isfile(store.place_in(memory.own))
    assert git(Path(memory.path), "status", "--porcelain", "--ignored") == ""
    assert os.listdir(memory.own).count("search.db") == 1
    assert not [name for name in os.listdir(memory.own) if name.startswith("search.db.") and name != "search.db.lock"]


def test_head_is_read_as_git_reads_it(memory: Memory) -> None:
    """Loose, packed, detached, by another name: always the commit that git names."""
    here = Path(memory.path)
    changes = (
        [],
        ["pack-refs", "--all"],
        ["checkout", "-q", "--detach"],
        ["checkout", "-q", "-b", "side/one"],
        ["symbolic-ref", "refs/heads/alias", "refs/heads/side/one"],
        ["symbolic-ref", "HEAD", "refs/heads/alias"],
    )
    for change in changes:
        if change:
            git(here, *change)
        assert head_of(memory) == git(here, "rev-parse", "HEAD")
