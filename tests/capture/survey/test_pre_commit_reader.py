"""The hooks of pre-commit."""

from __future__ import annotations

import pytest
from surveyed import read_by, values

FILE = ".pre-commit-config.yaml"
RUFF = """
repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v1
    hooks:
      - id: ruff-check
        args: [--fix]
      - id: ruff-format
  - repo: x
    hooks:
      - id: trailing-whitespace
      - id: check-yaml
"""
LOCAL = """
repos:
  - repo: local
    hooks:
      - {id: anything, entry: uv run ruff check --force-exclude, language: system}
      - {id: types, entry: uv run mypy app/core, language: system, pass_filenames: false}
      - {id: by-hand, entry: black, stages: [manual]}
      - {id: send, entry: git push}
      - {id: "`x` <!--"}
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {FILE: RUFF},
            {
                "checks.pre-commit": "pre-commit run --all-files",
                "checks.pre-commit.ruff-check": "ruff check --fix",
                "checks.pre-commit.ruff-format": "ruff format",
                "fix.command": "ruff check --fix",
                "format.command": "ruff format",
                "version.github-com-astral-sh-ruff-pre-commit": "v1",
            },
        ),
        (
            {FILE: LOCAL},
            {
                "checks.pre-commit": "pre-commit run --all-files",
                "checks.pre-commit.ruff-check": "ruff check",
                "checks.pre-commit.mypy": "uv run mypy app/core",
                "lint.command": "ruff check",
                "types.command": "uv run mypy app/core",
            },
        ),
        ({FILE: "repos: []"}, {"checks.pre-commit": "pre-commit run --all-files"}),
        ({FILE: "repos: 3"}, {"checks.pre-commit": "pre-commit run --all-files"}),
        ({"prek.toml": "repos = []"}, {"checks.pre-commit": "prek run --all-files"}),
        ({"README.md": "pre-commit"}, {}),
    ],
)
def test_hooks_are_read_as_what_to_type(files: dict[str, str], expected: dict[str, str]) -> None:
    """All of them at once, and the well-known ones by themselves; never by hand only, and never a push."""
    readings, problems = read_by("pre_commit", files)
    assert (values(readings), problems) == (expected, [])


def test_a_hook_that_pushes_is_not_named() -> None:
    """Nor one that only runs by hand, nor one whose name cannot be shown."""
    readings, _ = read_by("pre_commit", {FILE: LOCAL})
    text = next(r.text for r in readings if r.slot == "checks.pre-commit")
    assert text == "`pre-commit run --all-files` runs the hooks on all files: `ruff-check, mypy`"


def test_hooks_are_named_without_the_ones_everybody_has() -> None:
    """Trailing whitespace teaches nothing."""
    readings, _ = read_by("pre_commit", {FILE: RUFF})
    text = next(r.text for r in readings if r.slot == "checks.pre-commit")
    assert text == "`pre-commit run --all-files` runs the hooks on all files: `ruff-check, ruff-format`"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"CONTRIBUTING.md": "Run `prek run -a`."}, "prek run --all-files"),
        ({".github/workflows/x.yml": "- uses: j178/prek-action@v1"}, "prek run --all-files"),
        ({"README.md": "shprek"}, "pre-commit run --all-files"),
        ({"README.md": "https://example.org/prek/x"}, "pre-commit run --all-files"),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['prek']", "uv.lock": ""}, "uv run prek run --all-files"),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['pre-commit']", "uv.lock": ""}, "uv run pre-commit run --all-files"),
        ({"pyproject.toml": "[tool.poetry.group.dev.dependencies]\npre-commit = '*'"}, "poetry run pre-commit run --all-files"),
    ],
)
def test_hooks_run_with_the_tool_the_project_names(files: dict[str, str], command: str) -> None:
    """prek where the project says prek, started where it is installed."""
    found = values(read_by("pre_commit", {FILE: "repos: []", **files})[0])
    assert found["checks.pre-commit"] == command


def test_a_broken_file_still_says_that_there_are_hooks() -> None:
    """The person hears of it, and the command is right all the same."""
    readings, problems = read_by("pre_commit", {FILE: "repos: ["})
    assert values(readings) == {"checks.pre-commit": "pre-commit run --all-files"}
    assert [p.path for p in problems] == [FILE]


def _pins(*pairs: tuple[str, str]) -> dict[str, str]:
    text = "repos:\n" + "".join(f"- repo: {url}\n  rev: {rev}\n  hooks: []\n" for url, rev in pairs)
    found = values(read_by("pre_commit", {FILE: text})[0])
    return {slot: value for slot, value in found.items() if slot.startswith("version.")}


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (
            [("https://github.com/a/b", "v1.2"), ("git@example.org:c/d.git", "1.0")],
            {"github-com-a-b": "v1.2", "example-org-c-d": "1.0"},
        ),
        ([("https://github.com/a/b", "v1"), ("https://github.com/A/b/", "v1")], {"github-com-a-b": "v1"}),
        ([("https://github.com/a/b", "v1"), ("https://github.com/a/b", "v2")], {}),
        (
            [
                ("local", "v1"),
                ("meta", "v1"),
                ("../x", "v1"),
                ("https://github.com/a/`b`", "v1"),
                ("https://github.com/a/b", "''"),
            ],
            {},
        ),
        ([("https://github.com/a/b", '"v1 <!-- x -->"')], {}),
    ],
)
def test_the_version_of_every_repository_of_hooks_is_read(pairs: list[tuple[str, str]], expected: dict[str, str]) -> None:
    """In one slot for one address, however it is written; where two versions stand side by side, neither is the one."""
    assert _pins(*pairs) == {f"version.{name}": value for name, value in expected.items()}


def test_what_a_long_file_pins_is_bounded() -> None:
    """Sixty repositories are more than a project has."""
    assert len(_pins(*[(f"https://example.org/a/{n}", "v1") for n in range(90)])) == 60


def test_a_pin_is_read_at_its_address_wherever_it_stands() -> None:
    """The key is the address, not a place in the list, so that a new neighbour changes nothing."""
    readings, _ = read_by("pre_commit", {FILE: RUFF})
    pin = next(r for r in readings if r.slot.startswith("version."))
    assert (pin.key, pin.text) == (
        "repos.github.com/astral-sh/ruff-pre-commit.rev",
        "`v1` is pinned of `github.com/astral-sh/ruff-pre-commit`",
    )
