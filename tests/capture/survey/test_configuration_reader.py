"""The files at the root that configure tools: by name, those with readers of their own left out."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["mkdocs.yml", ".golangci.yml", "build.rs"], ".golangci.yml, build.rs, mkdocs.yml"),
        (["vite.config.ts", "eslint.config.mjs", "tsconfig.json"], "eslint.config.mjs, tsconfig.json, vite.config.ts"),
        (["pyproject.toml", "Cargo.toml", "pnpm-lock.yaml", "mise.toml", "codecov.yml", ".readthedocs.yaml"], None),
        (["docs/mkdocs.yml", "main.go", "README.md", "LICENSE", "notes.txt"], None),
        (["a b.yml", "evil\x1b.yml", "x<!--y.toml"], None),
    ],
)
def test_what_configures_tools_at_the_root_is_listed(files: list[str], expected: str | None) -> None:
    """In the order of their names; nothing below the root, no lock file, no name that cannot be shown."""
    readings, problems = read_by("configuration", dict.fromkeys(files, ""))

    assert (values(readings).get("layout.configuration"), problems) == (expected, [])


def test_many_files_are_several_short_lists() -> None:
    """500 files give at most three readings of at most 200 characters each."""
    readings, _ = read_by("configuration", {f"tool-with-a-long-name-{n}.yml": "" for n in range(500)})

    assert [r.slot for r in readings] == ["layout.configuration", "layout.configuration.2", "layout.configuration.3"]
    assert all(len(r.value) <= 200 for r in readings)


def test_one_file_configures_and_what_is_offered_to_others_does_not() -> None:
    """The sentence is one, and hooks for other projects' use configure nothing here."""
    readings, _ = read_by("configuration", dict.fromkeys(["mkdocs.yml", ".pre-commit-hooks.yaml"], ""))

    assert [r.text for r in readings] == ["`mkdocs.yml` at the root configures or runs the project's tools"]
