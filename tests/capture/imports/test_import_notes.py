"""Files of other tools: what their front matter says of them, and what is broken in it, costs no line."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos_git.capture.imports.folders import LARGEST, Place, read_place
from kairos_git.capture.imports.notes import read_note
from kairos_git.capture.imports.tools import slug
from kairos_git.errors import UsageError

THEN = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def test_a_memory_of_claude_code_keeps_its_date_and_its_reason() -> None:
    """`modified` is its time; the reason below a rule goes into its line."""
    text = (
        "---\nname: no-mocks\ndescription: Tests hit a real database\nmetadata:\n  type: project\nmodified: 2026-03-04T05:06:07Z\n---\n\n"
        "Integration tests must hit a real database.\n\n**Why:** a mock hid a broken migration.\n"
    )

    note = read_note("no-mocks.md", text, THEN)

    assert note.tool == "claude" and not note.own
    assert [line.text for line in note.lines] == [
        "Integration tests must hit a real database. Why: a mock hid a broken migration."
    ]
    assert note.lines[0].time.isoformat() == "2026-03-04T05:06:07+00:00"
    assert note.lines[0].src == "import"


@pytest.mark.parametrize(
    ("kind", "body", "own"),
    [
        ("user", "The user is a data scientist.", True),
        ("feedback", "The user wants terse answers without summaries.", True),
        ("feedback", "Mocks are forbidden in tests/integration of this repo.", False),
        ("feedback", "Migrations need a review by two people.", False),
        ("project", "The user wants terse answers.", False),
    ],
)
def test_what_is_about_the_person_is_the_owners_own(kind: str, body: str, own: bool) -> None:
    """`user` always; `feedback` where it speaks of the person and of no project."""
    assert read_note("x.md", f"---\nname: x\ntype: {kind}\n---\n{body}\n", THEN).own is own


def test_basic_memory_gives_observations_and_relations() -> None:
    """Category and tags are no words of the statement; a checkbox is no category."""
    text = (
        "---\ntitle: Coffee\npermalink: notes/coffee\n---\n\n- [method] Pour over brings out more flavour #brew (by hand)\n"
        "- [x] buy beans for the office kitchen\n- relates_to [[Tea]]\n"
    )

    note = read_note("coffee.md", text, THEN)

    assert note.tool == "basic-memory"
    assert [line.text for line in note.lines][:1] == ["Coffee: Pour over brings out more flavour (by hand)"]
    assert "Coffee relates to Tea" in [line.text for line in note.lines]


def test_a_diary_is_dated_by_its_name_and_tells_events() -> None:
    """What happened on a day is no statement about how things are."""
    note = read_note("memory/2026-04-02.md", "- Fixed the login of the admin page\n", THEN)

    assert note.tool == "openclaw"
    assert note.lines[0].time.isoformat() == "2026-04-02T12:00:00+00:00"
    assert not note.lines[0].stated


def test_an_index_that_only_points_at_other_files_is_not_read_twice() -> None:
    """`- [Title](file.md) — hook` is a link; what it points at is read itself."""
    assert read_note("MEMORY.md", "- [No mocks](no-mocks.md) — tests hit a real database always\n", THEN, "claude").lines == ()


@pytest.mark.parametrize(
    "front", ["a: [b", "a: &x [1]\nb: *x", "? {a: b}: c", "!!python/object:os.system x", "name: 'x\n\u0000"], ids=range(5)
)
def test_broken_front_matter_costs_no_line(front: str) -> None:
    """It is named, and the text below it is kept; no alias is ever expanded and no object made."""
    note = read_note("x.md", f"---\n{front}\n---\nNever deploy on a Friday evening.\n", THEN)

    assert [line.text for line in note.lines] == ["Never deploy on a Friday evening."]
    assert note.lines[0].time == THEN
    assert note.problem and note.problem.path == "x.md"


def test_a_byte_order_mark_hides_no_front_matter() -> None:
    """Windows editors write one."""
    note = read_note("x.md", "\ufeff---\r\nname: x\r\ntype: user\r\n---\r\nThe user lives in Lisbon, Portugal.\r\n", THEN)

    assert note.own and note.lines[0].text == "The user lives in Lisbon, Portugal."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good file."""
    made = tmp_path / "notes"
    made.mkdir()
    (made / "good.md").write_text("Never deploy on a Friday evening.\n")
    return made


def test_odd_files_are_named_and_the_rest_is_read(folder: Path, tmp_path: Path) -> None:
    """A link that leads out, a huge file, a binary one, a pipe, a hostile name: none is followed, none hurts."""
    (tmp_path / "outside.md").write_text("Never tell what stands outside of it.\n")
    (folder / "out.md").symlink_to(tmp_path / "outside.md")
    (folder / "gone.md").symlink_to(folder / "nothing.md")
    (folder / "huge.md").write_bytes(b"x" * (LARGEST + 1))
    (folder / "binary.md").write_bytes(b"\x00\xff\xfe\x01")
    (folder / "latin.md").write_bytes(b"caf\xe9 is never closed on Mondays")
    os.mkfifo(folder / "pipe.md")
    (folder / "a\n--> b.md").write_text("Always name files as people can type them.\n")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.md").write_text("Never read what is hidden from view.\n")

    sources, problems = read_place(Place(str(folder)))

    told = [line.text for s in sources for line in s.lines]
    assert sorted(told) == ["Always name files as people can type them.", "Never deploy on a Friday evening."]
    assert all("\n" not in s.file and "\n" not in s.root and "-->" not in s.root for s in sources)
    assert {os.path.basename(p.path) for p in problems} >= {"out.md", "gone.md", "huge.md", "binary.md", "latin.md"}


def test_a_memory_of_ours_is_not_imported(folder: Path) -> None:
    """What memory wrote is no evidence; two memories are merged with git."""
    (folder / "kairos.yaml").write_text("")
    (folder / "log").mkdir()

    with pytest.raises(UsageError, match="memory of kairos-git already"):
        read_place(Place(str(folder)))


def test_a_folder_is_named_as_claude_code_names_it() -> None:
    """Everything but letters and digits becomes a dash."""
    assert slug("/home/ada/a_b.c d") == "-home-ada-a-b-c-d"
