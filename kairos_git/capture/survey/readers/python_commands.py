"""What a Python project's checks are started by where neither a task nor CI says so: the ecosystem's own commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.capture.survey.ecosystems.manifests import below, part_folders
from kairos_git.capture.survey.ecosystems.python_packaging import (
    LOCKS,
    PYPROJECT,
    Requirement,
    Tool,
    is_at_hand,
    packaging_tool,
    required,
    required_by_line,
    started,
)  # fmt: skip
from kairos_git.capture.survey.formats.documents import Document, read_text, read_toml, table
from kairos_git.capture.survey.formats.ini import read_ini
from kairos_git.capture.survey.reading import DEFAULT, Reader, Reading, Tree, key_name, vocabulary
from kairos_git.capture.survey.tasks.commands import purpose_reading
from kairos_git.errors import Problem

# A script that runs all tests, where a project has one.
_TEST_SCRIPTS = (
    "scripts/test", "scripts/test.sh", "scripts/run-tests.sh", "scripts/run_tests.sh", "script/test", "bin/test", "run_tests.sh",
    "run-tests.sh", "runtests.sh", "test.sh", "tests/runtests.py", "runtests.py", "run_tests.py", "tests/run_tests.py",
)  # fmt: skip
_TEST_FOLDERS = ("tests", "test", "testing")
_MOST_TESTS_READ = 3
# Where a project keeps what its own checks need; a group for something else says nothing of them.
_GROUPS = vocabulary(
    "dev develop development test tests testing lint linting linters style format formatting typing types type typecheck mypy pyright "
    "check checks quality qa ci all tools tooling"
)
_FILE = "path/to/test_file.py"  # stands for any; a real file's name would make the fact change with it


class Project(NamedTuple):
    """A Python project or a part of one: its folder, pyproject.toml and packaging tool."""

    tree: Tree
    folder: str
    document: Document
    tool: Tool | None

    def has(self, *names: str) -> str:
        """The first of these files that is there, from the root; ''."""
        return next((path for path in (below(self.folder, name) for name in names) if path in self.tree.paths), "")

    def section(self, file: str, *names: str) -> str:
        """The file, from the root, where it has one of these INI sections; ''."""
        path = below(self.folder, file)
        sections = read_ini(self.tree, path)
        return path if not isinstance(sections, Problem) and any(name in sections for name in names) else ""


class Place(NamedTuple):
    """Where a project says that it uses a tool."""

    file: str
    key: str
    needs: Requirement | None


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    root: Project | None = None
    for folder in ("", *part_folders(tree, PYPROJECT)):
        # A part of the root's environment is checked by the root's commands, where the root has tests.
        shares = PYPROJECT in tree.paths and not any(below(folder, lock) in tree.paths for lock in LOCKS.values())
        if folder and shares and (root is None or _pytest(root)):
            continue
        document = read_toml(tree, below(folder, PYPROJECT))
        if isinstance(document, Problem):
            yield document
            continue
        tool = packaging_tool(document, tree.paths, folder) or (root.tool if root and shares else None)
        project = Project(tree, folder, document, tool)
        root = root if folder else project
        yield from _tests(project)
        yield from _lint(project)
        yield from _types(project)
        yield from _django(project)


def _tests(project: Project) -> Iterator[Reading]:
    if script := project.has(*_TEST_SCRIPTS):
        typed = script.removeprefix(f"{project.folder}/") if project.folder else script
        typed = f"python {typed}" if typed.endswith(".py") else f"./{typed}"
        yield from _command(project, Place(script, "tests", None), "tests", typed)
    if place := _pytest(project) or _conftest(project):
        command = _started(project, "pytest", place)
        if not script:
            yield from _command(project, place, "tests", command)
        yield from _command(project, place, "one-test", f"{command} {_FILE}")
    elif not script and not project.has("manage.py"):
        yield from _unittest(project)


def _pytest(project: Project) -> Place | None:
    sections = (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
    return _place(project, "pytest", ("pytest.ini", ".pytest.ini", "pytest.toml"), sections)


def _unittest(project: Project) -> Iterator[Reading]:
    """The standard library's runner, where the first few test files import it and not pytest."""
    for folder in _TEST_FOLDERS:
        start = f"{below(project.folder, folder)}/"
        files = sorted(p for p in project.tree.paths if p.startswith(start) and re.search(r"(?:^|/)test_?[^/]*\.py$", p))
        texts = [read_text(project.tree, path) for path in files[:_MOST_TESTS_READ]]
        if any(isinstance(text, str) and re.search(r"^[ \t]*(?:import|from) pytest\b", text, re.M) for text in texts):
            yield from _command(project, Place(files[0], "pytest", None), "tests", "pytest")
            return
        if any(isinstance(text, str) and re.search(r"^(?:import|from) unittest\b", text, re.M) for text in texts):
            command = f"python -m unittest discover {folder}"
            if f"{start}__init__.py" in project.tree.paths:
                command = "python -m unittest"
            yield from _command(project, Place(files[0], "unittest", None), "tests", command)
            return


def _lint(project: Project) -> Iterator[Reading]:
    ruff = _place(project, "ruff", ("ruff.toml", ".ruff.toml"), ())
    if ruff:
        command = _started(project, "ruff", ruff)
        yield from _command(project, ruff, "lint", f"{command} check")
        if not project.folder:
            yield from _command(project, ruff, "fix", f"{command} check --fix")
        # A project may lint with ruff and not format at all; only settings for its formatter say that it does.
        if table(project.document, "tool", "ruff", "format"):
            yield from _command(project, ruff, "format", f"{command} format")
    elif flake8 := _place(project, "flake8", (".flake8",), (("setup.cfg", "flake8"), ("tox.ini", "flake8"))):
        yield from _command(project, flake8, "lint", _started(project, "flake8", flake8))
    if black := _place(project, "black", (), ()):
        yield from _command(project, black, "format", f"{_started(project, 'black', black)} .")


def _types(project: Project) -> Iterator[Reading]:
    mypy = _place(project, "mypy", ("mypy.ini", ".mypy.ini"), (("setup.cfg", "mypy"),))
    if mypy:
        command = _started(project, "mypy", mypy)
        settings = table(project.document, "tool", "mypy")
        if {"files", "packages", "modules"} & settings.keys():  # else what is checked stands in nobody's file
            yield from _command(project, mypy, "types", command)
        return
    for name, file, tail in (("basedpyright", "", ""), ("pyright", "pyrightconfig.json", ""), ("ty", "ty.toml", " check")):
        if place := _place(project, name, (file,) if file else (), ()):
            yield from _command(project, place, "types", _started(project, name, place) + tail)
            return


def _django(project: Project) -> Iterator[Reading]:
    manage = project.has("manage.py")
    if not manage:
        return
    place = Place(manage, "manage.py", required(project.document, "django"))
    python = _started(project, "python", place)
    yield from _command(project, place, "dev", f"{python} manage.py runserver")
    if not _pytest(project):
        yield from _command(project, place, "tests", f"{python} manage.py test")


def _place(project: Project, name: str, files: tuple[str, ...], sections: tuple[tuple[str, str], ...]) -> Place | None:
    """Where the project configures or asks for a tool; settings first."""
    pyproject, needs = below(project.folder, PYPROJECT), required(project.document, name)
    if needs and not {needs.group, needs.extra} - {""} <= _GROUPS and not is_at_hand(project.document, needs):
        needs = None
    if table(project.document, "tool", name):
        return Place(pyproject, f"tool.{name}", needs)
    if path := project.has(*files):
        return Place(path, name, needs)
    for file, section in sections:
        if path := project.section(file, section):
            return Place(path, section, needs)
    if needs and key_name(needs.key) == needs.key:
        return Place(pyproject, f"{needs.key}.{name}", needs)
    listed = required_by_line(project.tree, name, project.folder)
    return Place(listed, name, None) if listed else None


def _conftest(project: Project) -> Place | None:
    path = project.has("conftest.py", *(f"{folder}/conftest.py" for folder in _TEST_FOLDERS))
    return Place(path, "conftest", None) if path else None


def _started(project: Project, command: str, place: Place) -> str:
    needs = place.needs
    if needs is None and project.tool and project.tool.name == "uv" and command == "pytest":
        needs = Requirement("")  # it comes from somewhere in the environment that uv looks after
    return started(command, project.document, project.tool, needs) or command


def _command(project: Project, place: Place, purpose: str, command: str) -> Iterator[Reading]:
    yield from purpose_reading(place.file, f"{place.key}+{purpose}.command", purpose, command, project.folder)


READER = Reader("python_commands", _read, DEFAULT, "python")
