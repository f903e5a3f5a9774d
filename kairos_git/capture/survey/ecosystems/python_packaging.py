"""Which tool looks after a Python project's environment, and how a command is started in it.

The one rule: a command is given only where the files say that it will find what it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.capture.survey.ecosystems.manifests import below
from kairos_git.capture.survey.formats.documents import Document, read_text, string, strings, table
from kairos_git.capture.survey.reading import Tree
from kairos_git.errors import Problem

PYPROJECT = "pyproject.toml"
LOCKS = {
    "uv": "uv.lock",
    "poetry": "poetry.lock",
    "pdm": "pdm.lock",
    "hatch": "hatch.lock",
    "pipenv": "Pipfile",
    "pixi": "pixi.lock",
}
_TABLES = {"uv": ("uv",), "poetry": ("poetry",), "pdm": ("pdm",), "hatch": ("hatch", "envs"), "pixi": ("pixi",)}
_RUN = {"poetry": "poetry run", "pdm": "pdm run", "pipenv": "pipenv run", "pixi": "pixi run"}
# Files with one requirement a line, those for development first.
REQUIREMENTS = (
    "requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "dev_requirements.txt", "requirements-test.txt",
    "requirements_test.txt", "test-requirements.txt", "test_requirements.txt", "requirements-tests.txt", "requirements/dev.txt",
    "requirements/development.txt", "requirements/test.txt", "requirements/tests.txt", "requirements.txt",
)  # fmt: skip
MOST_SCRIPTS = 8  # commands of one project; a suite of fifty is not meant to be read as a list
MOST_GROUPS = 50  # dependency groups
MOST_REQUIREMENTS = 500  # of one group


class Tool(NamedTuple):
    """A packaging tool, and where the project says that it is used."""

    name: str
    file: str
    key: str


class Requirement(NamedTuple):
    """Where a package is asked for: the key, and the `group` or `extra` to name (both empty: always there)."""

    key: str
    group: str = ""
    extra: str = ""


def packaging_tool(document: Document, paths: frozenset[str], folder: str = "") -> Tool | None:
    """uv, poetry, pdm, hatch, pipenv or pixi, by its lock file or else its table; with both beats either alone."""
    locked = [name for name, lock in LOCKS.items() if below(folder, lock) in paths]
    tabled = [name for name, path in _TABLES.items() if table(document, "tool", *path)]
    both = [name for name in locked if name in tabled]
    for name in both + locked:
        return Tool(name, below(folder, LOCKS[name]), "lockfile")
    for name in tabled:
        return Tool(name, below(folder, PYPROJECT), ".".join(("tool", *_TABLES[name])))
    return None


def groups(document: Document) -> dict[str, list[str]]:
    """The dependency groups of PEP 735 with what they include, as requirements."""
    found = table(document, "dependency-groups")
    return {name: list(_group(found, name)) for name in list(found)[:MOST_GROUPS]}


def required(document: Document, package: str) -> Requirement | None:
    """The first place, of those that need least naming, that asks for a package."""
    asks = re.compile(re.escape(package).replace("\\-", "[-_.]") + r"\s*(?:$|[\[<>=!~;@,( ])", re.IGNORECASE)

    def holds(requirements: object) -> bool:
        return any(asks.match(line) for line in strings(requirements))

    grouped, extras = groups(document), table(document, "project", "optional-dependencies")
    if holds(table(document, "project").get("dependencies")):
        return Requirement("project.dependencies")
    if holds(table(document, "tool", "uv").get("dev-dependencies")):
        return Requirement("tool.uv.dev-dependencies", "dev")
    for name in sorted(grouped, key=lambda n: (n not in _default_groups(document), n != "dev", n == "all", n)):
        if holds(grouped[name]):
            return Requirement(f"dependency-groups.{name}", group=name)
    for name, group in sorted(table(document, "tool", "poetry", "group").items()):
        if package in table(group, "dependencies"):
            return Requirement(f"tool.poetry.group.{name}", group=name)
    for key in ("dependencies", "dev-dependencies"):
        if package in table(document, "tool", "poetry", key):
            return Requirement(f"tool.poetry.{key}", group="dev" if key != "dependencies" else "")
    for name, listed in table(document, "tool", "pdm", "dev-dependencies").items():
        if holds(listed):
            return Requirement(f"tool.pdm.dev-dependencies.{name}", group=name)
    for name in sorted(extras, key=lambda n: (n not in ("dev", "test", "tests"), n)):
        if holds(extras[name]):
            return Requirement(f"project.optional-dependencies.{name}", extra=name)
    return None


def required_by_line(tree: Tree, package: str, folder: str = "") -> str | None:
    """The requirements file that asks for a package."""
    asks = re.compile(rf"^[ \t]*{re.escape(package)}[ \t]*(?:$|[\[<>=!~;@,#( ])", re.IGNORECASE | re.MULTILINE)
    for name in REQUIREMENTS:
        path = below(folder, name)
        text = read_text(tree, path) if path in tree.paths else ""
        if not isinstance(text, Problem) and asks.search(text):
            return path
    return None


def started(command: str, document: Document, tool: Tool | None, needs: Requirement | None) -> str | None:
    """What to type to run a Python tool of the project; None where that is not sure."""
    if tool is None:
        return command
    if tool.name in _RUN:
        return f"{_RUN[tool.name]} {command}"
    if tool.name != "uv" or needs is None:
        return None  # hatch gives each environment scripts of its own
    for option, name in (("--group", needs.group), ("--extra", needs.extra)):
        if name and not (option == "--group" and name in _default_groups(document)):
            return f"uv run {option} {name} {command}" if re.fullmatch(r"[\w.-]+", name) else None
    return f"uv run {command}"


def launched(command: str, document: Document, tool: Tool | None) -> str:
    """What to type to run a tool that the project may or may not ask for: `uv run tox` where it does, else `tox`."""
    needs = required(document, command.split()[0])
    return (needs and is_at_hand(document, needs) and started(command, document, tool, needs)) or command


def is_at_hand(document: Document, needs: Requirement) -> bool:
    """Whether what is asked for there is installed for everybody who works on the project."""
    return not needs.extra and (not needs.group or needs.group == "dev" or needs.group in _default_groups(document))


def module_file(tree: Tree, target: str, folder: str = "") -> str:
    """The file of an entry point such as `app.cli:main`, from the root; '' where there is none."""
    module = target.partition(":")[0].strip().replace(".", "/")
    for start in ("", "src/"):
        for end in (".py", "/__init__.py"):
            path = below(folder, f"{start}{module}{end}")
            if path in tree.paths:
                return path
    return ""


def _default_groups(document: Document) -> list[str]:
    if string(document, "tool", "uv", "default-groups") == "all":
        return list(table(document, "dependency-groups"))
    named = table(document, "tool", "uv").get("default-groups")
    return ["dev"] if named is None else strings(named)  # uv's default


def _group(found: Document, name: str) -> Iterator[str]:
    waiting = [name]
    seen: set[str] = set()
    while waiting and len(seen) < MOST_GROUPS:
        name = waiting.pop()
        listed = found.get(name)
        if name in seen or not isinstance(listed, list):
            continue
        seen.add(name)
        for entry in listed[:MOST_REQUIREMENTS]:
            if isinstance(entry, str):
                yield entry
            elif included := string(entry, "include-group"):
                waiting.append(included)
