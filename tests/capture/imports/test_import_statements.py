"""Markdown -> statements: each says one thing by itself, in the words of whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.capture.imports.statements import statements
from kairos_git.capture.imports.wording import LONGEST, sentences


def said(text: str) -> list[str]:
    """The statements of a text."""
    return [s.text for s in statements(text)]


CASES = {
    "a sentence stands alone": ("# App\n\n- Never commit to `main`.\n", ["Never commit to `main`."]),
    "a fragment takes its heading": ("# A\n\n## Code Style\n\n- 4 spaces\n", ["Code Style: 4 spaces"]),
    "names are listed behind what introduces them": (
        "You should write:\n\n- modern Python\n- good docs\n", ["You should write: modern Python; good docs"]
    ),
    "an unfinished introduction goes before each": (
        "Before merging you must:\n\n- the changelog entry is added by the script in `tools/`, not by hand, whatever it says\n- the tests pass on every platform we support in CI\n",
        [
            "Before merging you must: the changelog entry is added by the script in `tools/`, not by hand, whatever it says",
            "Before merging you must: the tests pass on every platform we support in CI",
        ],
    ),
    "what a bold lead is about stays": ("- **Lock page**: SQLite reserves it. Always skip it.\n", ["Lock page: SQLite reserves it. Always skip it."]),
    "a raised voice is a word": ("- **NEVER** push by force to shared branches\n", ["NEVER push by force to shared branches"]),
    "commands with what their comments say": (
        "# A\n\n## Development\n\n```bash\nmake check  # Typecheck and lint\n# Run one test\npytest tests/x.py\n```\n",
        ["Typecheck and lint: `make check`", "Run one test: `pytest tests/x.py`"],
    ),
    "commands behind the words above them": (
        "# A\n\n## B\n\nAlways run this before a commit:\n\n```\nmake lint\nmake test  # takes long\n```\n",
        ["Always run this before a commit: `make lint`, `make test` (takes long)"],
    ),
    "a table by rows": ("# A\n\n## Layers\n\n| Layer | Purpose |\n|---|---|\n| `db.go` | State of the database |\n", ["Layers, `db.go`: State of the database"]),
    "a link keeps the path it leads to": ("Read the [guide](docs/guide.md) before you open a pull request.\n", ["Read the guide (docs/guide.md) before you open a pull request."]),
    "a wrapped line is one": ("- Keep the parser free\n  of any import of `os`.\n", ["Keep the parser free of any import of `os`."]),
    "nested items stand under theirs": (
        "# A\n\n## T\n\n- **Snapshots**:\n  - one folder per suite\n- Use real files in tests, never mocks\n",
        ["Snapshots: one folder per suite", "Use real files in tests, never mocks"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_statement_is_whole(case: str) -> None:
    """Headings, introductions and comments go before what needs them, and before nothing else."""
    text, expected = CASES[case]

    assert said(text) == expected


NOTHING = {
    "a title": "# Guidelines\n",
    "a table of contents": "# A\n\n## Contents\n\n- [How we test](#how-we-test)\n",
    "links alone": "- [docs](docs/x.md)\n- https://example.org/a\n",
    "what the file says of itself": "This file provides guidance to Claude Code when working here.\n",
    "an inclusion": "@AGENTS.md\n",
    "an example of code": "```python\nimport os\nprint(os.getcwd())\n```\n",
    "a drawing of folders": "```\nsrc/\n├── a.py\n└── b.py\n```\n",
    "markup": "<Card>Always visible help text stands in it</Card>\n",
    "a persona": "You are an expert Python engineer.\n",
    "our own block": "<!-- kairos-git: begin v=1 -->\n- Always answer with what memory says about tests.\n<!-- kairos-git: end -->\n",
    "another program's block": "<!-- nx configuration start-->\n- Always run tasks through `nx` and never directly.\n<!-- nx configuration end-->\n",
    "what memory wrote": "- Tests run with `tox` <!--f-3vq8m2xa1abcd-->\n- [f-3vq8m2xa1abcd] Tests run with the command `tox`\n",
    "what is private": "<private>\n- Never tell anybody about the merger of the two firms.\n</private>\n",
    "a comment": "<!-- Never use the old parser for new code. -->\n",
    "front matter": "---\ndescription: Always apply this rule to every file\n---\n",
}


@pytest.mark.parametrize("case", NOTHING)
def test_what_nobody_stated_is_no_statement(case: str) -> None:
    """Contents, links, drawings, what programs wrote between marks, and above all what memory wrote itself."""
    kept = [t for t in said(NOTHING[case] + "\n# B\n\nNever force-push to shared branches.\n") if "force-push" not in t]

    assert [t for t in kept if "f-3vq" in t or "memory says" in t] == []
    assert [t for t in kept if t != "Tests run with `tox`"] == []


def test_a_long_paragraph_is_parted_at_sentences() -> None:
    """Each part is short enough to become a fact, keeps whole sentences, and says what it is about."""
    text = "**Review bots**: " + " ".join(f"Sentence number {n} says that the bot reads the whole diff again." for n in range(9))

    found = said(text)

    assert len(found) > 1 and all(len(t) <= LONGEST for t in found)
    assert all(t.startswith("Review bots: ") for t in found)
    assert all(t.endswith(".") for t in found)


def test_no_sentence_ends_in_a_code_span_or_behind_an_abbreviation() -> None:
    """`a. B` is one value, and e.g. is no end."""
    assert sentences("Use `a. B` here, e.g. The one. Then stop.") == ["Use `a. B` here, e.g. The one.", "Then stop."]


def test_lines_are_those_of_the_file() -> None:
    """Also behind front matter, comments and blocks that were left out: who wrote a line is asked by its number."""
    text = "---\na: b\n---\n\n<!--\nx\n-->\n\n- Never do the first thing\n- Never do the\n  second thing\n"

    assert [(s.first, s.last) for s in statements(text)] == [(9, 9), (10, 11)]


@given(st.text(alphabet="ab `*_[]()<>#-|\n!.:~=@0é\t", max_size=300))
def test_any_text_has_statements(text: str) -> None:
    """Nothing raises, nothing is said twice, and every statement is one line within the file."""
    found = statements(text)

    assert len({s.text for s in found}) == len(found)
    assert all(s.text and "\n" not in s.text and 1 <= s.first <= s.last <= text.count("\n") + 1 for s in found)
