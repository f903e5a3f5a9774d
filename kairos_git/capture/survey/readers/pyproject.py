"""pyproject.toml: what the project needs, what it is called and started by, and how its tests run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.documents import Document, read_text, read_toml, string, table
from kairos_git.capture.survey.python_packaging import PYPROJECT, packaging_tool, required, started
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.errors import Problem

# Whatever else may start the tests: where one of these stands, `pytest` alone is a guess.
_TEST_SCRIPT = re.compile(r"(?:(?:scripts?|bin|ci|tools|dev)/)?(?:run[-_]?)?tests?(?:\.(?:sh|py|bash))?")
_RUNNERS = frozenset({"noxfile.py", "tasks.py", "dodo.py"})
_TASK_FILES = (
    "Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", ".justfile", "Taskfile.yml", "Taskfile.yaml"
)  # fmt: skip
# Where a project keeps what its own tests need; a group for something else says nothing of them.
_GROUPS = frozenset({"", "dev", "test", "tests", "testing"})
_TEST_TASK = re.compile(r"^[ \t]*@?(?:check|tests?)\b[^=\n]*:", re.MULTILINE)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, PYPROJECT)
    if isinstance(document, Problem):
        yield document
        return
    yield from _metadata(document)
    yield from _entry_points(document)
    tool = packaging_tool(document, tree.paths)
    if tool:
        text = "Python packages are managed with {}"
        yield from reading(tool.file, tool.key, "python.package-manager", tool.name, text)
    yield from _tests(document, tree)


def _metadata(document: Document) -> Iterator[Reading]:
    for key in ("project.requires-python", "tool.poetry.dependencies.python"):
        if needs := string(document, *key.split(".")):
            yield from reading(PYPROJECT, key, "python.requires", needs, "Requires Python {}")
            break
    for key in ("project.name", "tool.poetry.name"):
        if name := string(document, *key.split(".")):
            yield from reading(PYPROJECT, key, "python.name", name, "The Python package is named {}")
            break
    key, backend = "build-system.build-backend", string(document, "build-system", "build-backend")
    yield from reading(PYPROJECT, key, "python.build-backend", backend, "Python builds use {}")


def _entry_points(document: Document) -> Iterator[Reading]:
    for key in ("project.scripts", "project.gui-scripts", "tool.poetry.scripts"):
        scripts = table(document, *key.split("."))
        slots = slot_names(scripts)
        for name in scripts:
            slot, where = f"entry-points.{slots[name]}", f"{key}.{key_name(name)}"
            text = "{} is what the command {} starts"
            yield from reading(PYPROJECT, where, slot, string(scripts, name), text, name)


def _tests(document: Document, tree: Tree) -> Iterator[Reading]:
    configured = table(document, "tool", "pytest")
    needs = required(document, "pytest")
    if needs and not {needs.group, needs.extra} <= _GROUPS:
        needs = None
    if configured:
        key = "tool.pytest"
    elif needs:
        key = f"{needs.key}.pytest"
    else:
        return
    yield from reading(PYPROJECT, key, "tests.runner", "pytest", "Tests are written for {}")
    if _started_otherwise(document, tree):
        return
    command = started("pytest", document, packaging_tool(document, tree.paths), needs)
    if command and (configured or command != "pytest"):
        yield from reading(PYPROJECT, f"{key}+tests.command", "tests.command", command, "Tests run with {}")


def _started_otherwise(document: Document, tree: Tree) -> bool:
    if _RUNNERS & tree.paths or any(_TEST_SCRIPT.fullmatch(path) for path in tree.paths):
        return True
    if any(table(document, "tool", *name) for name in (("poe",), ("tox",), ("nox",), ("hatch", "envs"))):
        return True
    if "[testenv" in _text(tree, "tox.ini"):
        return True
    return any(_TEST_TASK.search(_text(tree, path)) for path in _TASK_FILES)


def _text(tree: Tree, path: str) -> str:
    text = read_text(tree, path)
    return "[testenv test:" if isinstance(text, Problem) else text  # unreadable is not sure either


READER = Reader("pyproject", _read, MANIFEST, "python")
