"""Trees made of a table of files, and what a survey says of them."""

from __future__ import annotations

from collections.abc import Mapping

from kairos_git.capture.survey import all_readers, survey
from kairos_git.capture.survey.reading import Reading, Tree
from kairos_git.errors import Problem

WORKFLOW = ".github/workflows/ci.yml"
WHOLE = {
    "pyproject.toml": "[project]\nrequires-python = '>=3.11'\n[project.scripts]\na = 'a:b'\n[tool.pytest.ini_options]\naddopts = '-q'\n"
    "[tool.poe.tasks]\ndev = ['a', {cmd = 'b'}]\n[tool.ruff]\nline-length = 100\n",
    "package.json": '{"scripts": {"test": "mocha", "lint": "eslint ."}, "engines": {"node": ">=18"}, "type": "module"}',
    "Makefile": ".PHONY: test lint\ntest: lint ## all\n\tpytest\nlint:\n\truff check .\n",
    WORKFLOW: "on: [push]\njobs:\n  t:\n    strategy:\n      matrix:\n        python-version: ['3.11']\n    steps:\n      - run: pytest -q\n",
}


def tree(files: Mapping[str, str | bytes], branch: str | None = None) -> Tree:
    """A tree of these files, without git."""
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return Tree(frozenset(contents), contents.get, branch)


def read_by(name: str, files: Mapping[str, str | bytes], branch: str | None = None) -> tuple[list[Reading], list[Problem]]:
    """What one reader alone says of these files."""
    reader = next(reader for reader in all_readers() if reader.name == name)
    return survey(tree(files, branch), [reader])


def values(readings: list[Reading]) -> dict[str, str]:
    """`slot` -> value; several values of one slot are joined by ' | '."""
    found: dict[str, list[str]] = {}
    for reading in readings:
        found.setdefault(reading.slot, []).append(reading.value)
    return {slot: " | ".join(several) for slot, several in found.items()}
