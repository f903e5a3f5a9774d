"""pyproject.toml's tool tables: the settings of ruff, black, mypy and pytest that bite whoever does not know them."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.documents import Document, read_toml, string, strings, table
from kairos_git.capture.survey.python_packaging import PYPROJECT
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

# key below [tool] -> slot and sentence
_SETTINGS = {
    "ruff.line-length": ("lint.ruff.line-length", "ruff's line length is {}"),
    "ruff.target-version": ("lint.ruff.target-version", "ruff's target is Python {}"),
    "black.line-length": ("format.black.line-length", "black's line length is {}"),
    "black.target-version": ("format.black.target-version", "black's target is Python {}"),
    "pytest.ini_options.addopts": ("tests.pytest.addopts", "pytest is always given {}"),
    "pytest.ini_options.testpaths": ("tests.pytest.testpaths", "pytest looks for tests in {}"),
    "pytest.ini_options.asyncio_mode": ("tests.pytest.asyncio-mode", "pytest's asyncio mode is {}"),
}


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, PYPROJECT)
    if isinstance(document, Problem):
        yield document
        return
    for key, (slot, text) in _SETTINGS.items():
        yield from reading(PYPROJECT, f"tool.{key}", slot, _setting(document, key), text)
    if string(document, "tool", "mypy", "strict") == "true":
        yield from reading(PYPROJECT, "tool.mypy.strict", "types.mypy.strict", "true", "mypy's strict mode is {}")


def _setting(document: Document, key: str) -> str:
    *folders, name = key.split(".")
    value = table(document, "tool", *folders).get(name)
    separator = ", " if name == "target-version" else " "
    return separator.join(strings(value)) if isinstance(value, list) else string(document, "tool", *folders, name)


READER = Reader("python_tools", _read, MANIFEST, "python")
