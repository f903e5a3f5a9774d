"""All readers together: whom to believe, in which order, and at which cost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from surveyed import WHOLE, WORKFLOW, read_by, tree, values

from kairos_git.capture.survey import MOST, all_readers, survey
from kairos_git.capture.survey.reading import CI, DEFAULT, DOCUMENT, MANIFEST, TASK_RUNNER, Reader, Reading, Tree
from kairos_git.errors import Problem


@pytest.mark.parametrize(
    ("without", "command"),
    [
        ((), "make test"),
        (("Makefile",), "npm test"),
        (("Makefile", "package.json"), "pytest -q"),
        (("Makefile", "package.json", "pyproject.toml"), "pytest -q"),
        (("Makefile", "package.json", WORKFLOW), "pytest"),
        (("Makefile", "package.json", "pyproject.toml", WORKFLOW), None),
    ],
)
def test_the_better_source_fills_a_slot(without: tuple[str, ...], command: str | None) -> None:
    """A task runner before a script before CI before what is usual for the language, and never two."""
    files = {path: text for path, text in WHOLE.items() if path not in without}
    files["pyproject.toml"] = files.get("pyproject.toml", "").partition("[tool.poe")[0]
    readings, problems = survey(tree(files, "main"))
    assert problems == []
    assert values(readings).get("tests.command") == command


def test_the_manifest_of_another_language_says_nothing_of_the_project() -> None:
    """A Python project whose package.json lints its docs is not tested with npm."""
    files = {"pyproject.toml": "[project]\nname = 'x'", "package.json": WHOLE["package.json"], "a.py": "", "b.py": "", "c.js": ""}
    found = values(survey(tree(files))[0])
    assert "tests.command" not in found and found["scripts.test"] == "npm test"
    assert "tests.command" in values(survey(tree({**files, "d.js": "", "e.js": ""}))[0])


def test_one_place_has_one_reading_and_one_slot_one_value() -> None:
    """By rank, then by the reader's name; several values only where a slot holds many."""

    def says(*readings: Reading) -> object:
        def read(tree: Tree) -> Iterator[Reading | Problem]:
            yield from readings

        return read

    a = Reading("f", "k", "x.one", "a", "`a`")
    b = Reading("g", "k", "x.one", "b", "`b`")
    c = Reading("g", "run.c", "ci.run", "c", "`c`")
    d = Reading("g", "run.d", "ci.run", "d", "`d`")
    c_again = Reading("h", "run.c", "ci.run", "c", "`c`")
    readers = [
        Reader("late", says(a, c, c_again), CI),  # type: ignore[arg-type]
        Reader("early", says(b, d), TASK_RUNNER),  # type: ignore[arg-type]
    ]
    expected = [c, d, b]
    assert survey(tree({}), readers)[0] == expected
    assert survey(tree({}), readers[::-1])[0] == expected


def test_a_reader_that_finds_too_much_is_cut_and_says_so() -> None:
    """40,000 scripts do not become 40,000 facts."""
    scripts = json.dumps({"scripts": {f"s{i}": "x" for i in range(500)}})
    readings, problems = read_by("package_json", {"package.json": scripts})
    assert len(readings) == MOST
    assert [str(p) for p in problems] == [f"package_json: has 500 readings; the first {MOST} were taken"]


def test_the_default_branch_is_a_reading() -> None:
    """It stands at git's HEAD, since no file says it."""
    assert survey(tree({}, "trunk"))[0] == [
        Reading("git", "HEAD", "git.default-branch", "trunk", "The default branch is `trunk`")
    ]
    assert survey(tree({}, None))[0] == []
    assert survey(tree({}, "a\u202eb"))[0] == []


def test_every_reader_is_found_and_reads_nothing_it_does_not_need() -> None:
    """Adding a reader is adding a module with a READER; of 5,000 sources a bounded sample is opened."""
    folder = Path(sys.modules["kairos_git.capture.survey"].__file__ or "").parent / "readers"
    modules = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert [reader.name for reader in all_readers()] == modules
    assert {reader.rank for reader in all_readers()} <= {TASK_RUNNER, MANIFEST, CI, DOCUMENT, DEFAULT}
    opened: list[str] = []
    contents = {path: text.encode() for path, text in WHOLE.items()}
    paths = frozenset([*contents, *(f"src/{i}.py" for i in range(5000))])
    survey(Tree(paths, lambda path: opened.append(path) or contents.get(path), "main"))  # type: ignore[func-returns-value]
    assert set(WHOLE) <= set(opened)
    assert len(set(opened) - set(WHOLE)) <= 120


def test_importing_the_survey_loads_no_parser() -> None:
    """`status` starts without YAML, TOML and JSON."""
    code = "import sys, kairos_git.capture.survey as s; s.all_readers(); print({'yaml', 'tomllib', 'json'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
