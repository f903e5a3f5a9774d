"""Where a project's parts are."""

from __future__ import annotations

import pytest
from surveyed import tree, values

from kairos_git.capture.survey import survey
from kairos_git.capture.survey.ecosystems.manifests import MOST_PARTS, in_other_code, part_folders


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("backend/go.mod", ["backend"]),
        ("packages/a/go.mod", ["packages/a"]),
        ("go.mod", []),
        ("vendor/x/go.mod", []),
        ("a/testdata/go.mod", []),
        (".hidden/go.mod", []),
        ("a/b/c/d/go.mod", []),
        ("a b/go.mod", []),
        ("x/not-go.mod", []),
    ],
)
def test_a_part_is_a_folder_of_the_project(path: str, expected: list[str]) -> None:
    """Not other people's code, not what nobody could type."""
    folder = path.rpartition("/")[0]
    files = {path: "", **{f"{folder}/{n}.go" if folder else f"{n}.go": "" for n in range(5)}}
    assert part_folders(tree(files), "go.mod") == expected


def test_the_largest_parts_are_taken_and_the_smallest_are_none() -> None:
    """A monorepo of five hundred packages is not read whole."""
    files = {f"p{n}/{name}": "" for n in range(500) for name in ("go.mod", "a", "b", "c", "d", *(["e"] if n == 77 else []))}
    files |= {"tiny/go.mod": ""}
    found = part_folders(tree(files), "go.mod")
    assert (found[0], len(found), "tiny" in found) == ("p77", MOST_PARTS, False)


@pytest.mark.parametrize(
    ("path", "other"), [("tests/a.py", True), ("src/vendor/a.py", True), ("src/a.py", False), ("tests.py", False)]
)
def test_fixtures_are_other_code(path: str, other: bool) -> None:
    """By the names of the folders, not of the file."""
    assert in_other_code(path) is other


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"src/lib.rs": ""}, "cargo test"),
        ({"src/lib.rs": "", **{f"{n}.c": "" for n in range(10)}}, "cargo test"),
        ({"src/lib.rs": "", **{f"{n}.c": "" for n in range(11)}}, None),
        ({"src/lib.rs": "", "pyproject.toml": "", **{f"tests/fixtures/{n}.py": "" for n in range(30)}}, "cargo test"),
        ({"src/lib.rs": "", "pyproject.toml": "", **{f"app/{n}.py": "" for n in range(30)}}, None),
    ],
)
def test_the_language_of_the_files_decides_whose_commands_are_the_projects(files: dict[str, str], command: str | None) -> None:
    """A little Rust in a C project does not say how it is tested; a linter's fixtures do not make it a Python project."""
    readings, _ = survey(tree({"Cargo.toml": "[package]\nname = 'x'\n", **files}))
    assert values(readings).get("tests.command") == command
