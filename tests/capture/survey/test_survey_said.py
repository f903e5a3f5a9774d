"""What hand-written files already say is marked, not repeated; they are never a source."""

from __future__ import annotations

import pytest
from surveyed import tree

from kairos_git.capture.survey import survey
from kairos_git.capture.survey.said import marked

MAKEFILE = ".PHONY: test lint\ntest: lint\n\tpytest\nlint:\n\truff check .\n"


def said(**guides: str) -> dict[str, str]:
    """slot -> what the marked text says beyond the reading, for a Makefile beside these files."""
    here = tree({"Makefile": MAKEFILE, **{f"{name}.md": text for name, text in guides.items()}})
    readings = survey(here)[0]
    texts = {r.slot: r.text for r in readings}
    return {r.slot: r.text.removeprefix(texts[r.slot]).strip() for r in marked(here, readings) if r.slot.endswith("command")}


@pytest.mark.parametrize(
    ("guides", "tests", "lint"),
    [
        ({}, "", ""),
        ({"AGENTS": "Run `make test` before a commit."}, "(also in `AGENTS.md`)", ""),
        ({"CLAUDE": "Run make test\nand make lint."}, "(also in `CLAUDE.md`)", "(also in `CLAUDE.md`)"),
        ({"AGENTS": "make test, make lint", "CLAUDE": "make lint"}, "", "(also in `AGENTS.md`)"),
        ({"AGENTS": "make test", "CLAUDE": "# Claude\n@AGENTS.md\n"}, "(also in `AGENTS.md`)", ""),
        ({"AGENTS": "make tests; cmake test; make test-all; ./make/test"}, "", ""),
        ({"AGENTS": "\x00\xff make test"}, "(also in `AGENTS.md`)", ""),
    ],
)
def test_a_reading_is_marked_where_every_loaded_file_says_it(guides: dict[str, str], tests: str, lint: str) -> None:
    """As whole words, in each of the files that exist, imports followed; a longer word is another one."""
    found = said(**guides)

    assert (found["tests.command"], found["lint.command"]) == (tests, lint)


def test_hand_written_files_are_no_source() -> None:
    """What only AGENTS.md says is not observed."""
    readings = survey(tree({"AGENTS.md": "Run `pytest -q`.\n", "CLAUDE.md": "```sh\nmake all\n```\n"}))[0]

    assert not [r for r in readings if "pytest" in r.text or "make all" in r.text]
