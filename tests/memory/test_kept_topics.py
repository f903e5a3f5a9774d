"""Topics parsed before: the same facts, sooner, and never those of another blob."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Place
from kairos_git.memory import kept_topics
from kairos_git.memory.kept_topics import told
from kairos_git.memory.objects import facts_at
from kairos_git.memory.repository import Memory, open_memory


@pytest.fixture
def memory(app: Place, monkeypatch: pytest.MonkeyPatch) -> Memory:
    """One whose topics are kept however small they are."""
    monkeypatch.setattr(kept_topics, "SMALL", 1)
    return open_memory(str(app.memory))


def places(memory: Memory) -> list[Path]:
    return sorted((Path(memory.own) / "parsed").glob("topic-*"))


def test_what_was_kept_is_what_stands(app: Place, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reading parses nothing and gives the very same."""
    first = told(memory, memory.head())
    monkeypatch.setattr(kept_topics, "parse_topic", lambda path, data: pytest.fail(f"{path} was parsed"))

    assert first.facts == facts_at(memory.git, memory.head()) != {}
    assert told(memory, memory.head()) == first
    assert places(memory)


def test_another_blob_is_parsed_anew(app: Place, memory: Memory) -> None:
    """After a dream, and at an older commit."""
    before, old = told(memory, memory.head()), memory.head()
    app.say("Python requires `>=3.14`")
    app.dream()

    assert told(memory, memory.head()).facts == facts_at(memory.git, memory.head()) != before.facts
    assert told(memory, old) == before


@pytest.mark.parametrize("damage", [b"", b"x" * 200], ids=["empty", "garbage"])
def test_a_damaged_file_is_ignored(app: Place, memory: Memory, damage: bytes) -> None:
    """And written anew."""
    first = told(memory, memory.head())
    for path in places(memory):
        path.write_bytes(damage)

    assert told(memory, memory.head()) == first
    assert all(path.read_bytes() != damage for path in places(memory))


def test_a_damaged_line_is_told_each_time(app: Place, memory: Memory) -> None:
    """A topic that was kept still says what is wrong with it."""
    path = app.memory / "topics" / "python.md"
    path.write_text(path.read_text() + path.read_text().replace("confirmed", "konfirmed"))
    app.mem("commit", "-qam", "damage", "--no-verify")
    first = told(memory, app.mem("rev-parse", "HEAD"))

    assert [p.path for p in first.problems] and first == told(memory, app.mem("rev-parse", "HEAD"))


def test_a_program_that_cannot_be_read_keeps_nothing(app: Place, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its hash nobody could tell later whose parsing it was."""
    for path in places(memory):
        path.unlink()
    monkeypatch.setattr(kept_topics, "program", lambda: b"")

    assert told(memory, memory.head()).facts and not places(memory)
