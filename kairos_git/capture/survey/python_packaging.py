"""Which tool looks after a Python project's environment, and how a command is started in it.

The one rule: a command is given only where the files say that it will find what it runs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kairos_git.capture.survey.documents import Document, string, strings, table

PYPROJECT = "pyproject.toml"
_LOCKS = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock", "hatch": "hatch.lock"}
_TABLES = {"uv": ("uv",), "poetry": ("poetry",), "pdm": ("pdm",), "hatch": ("hatch", "envs")}


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


def packaging_tool(document: Document, paths: frozenset[str]) -> Tool | None:
    """uv, poetry, pdm or hatch, by its lock file or else its table; with both beats either alone."""
    locked = [name for name, lock in _LOCKS.items() if lock in paths]
    tabled = [name for name, path in _TABLES.items() if table(document, "tool", *path)]
    both = [name for name in locked if name in tabled]
    for name in both + locked:
        return Tool(name, _LOCKS[name], "lockfile")
    for name in tabled:
        return Tool(name, PYPROJECT, ".".join(("tool", *_TABLES[name])))
    return None


def required(document: Document, package: str) -> Requirement | None:
    """The first place, of those that need least naming, that asks for a package."""
    asks = re.compile(re.escape(package) + r"\s*(?:$|[\[<>=!~;@,( ])", re.IGNORECASE)

    def holds(requirements: object) -> bool:
        return any(asks.match(line) for line in strings(requirements))

    groups, extras = table(document, "dependency-groups"), table(document, "project", "optional-dependencies")
    if holds(table(document, "project").get("dependencies")):
        return Requirement("project.dependencies")
    if holds(table(document, "tool", "uv").get("dev-dependencies")):
        return Requirement("tool.uv.dev-dependencies", "dev")
    for name in sorted(groups, key=lambda n: (n != "dev", n)):
        if holds(groups[name]):
            return Requirement(f"dependency-groups.{name}", group=name)
    for name, group in sorted(table(document, "tool", "poetry", "group").items()):
        if package in table(group, "dependencies"):
            return Requirement(f"tool.poetry.group.{name}", group=name)
    if package in table(document, "tool", "poetry", "dev-dependencies"):
        return Requirement("tool.poetry.dev-dependencies", group="dev")
    for name in sorted(extras):
        if holds(extras[name]):
            return Requirement(f"project.optional-dependencies.{name}", extra=name)
    return None


def started(command: str, document: Document, tool: Tool | None, needs: Requirement | None) -> str | None:
    """What to type to run a Python tool of the project; None where that is not sure."""
    if tool is None:
        return command
    if tool.name in ("poetry", "pdm"):
        return f"{tool.name} run {command}"
    if tool.name != "uv" or needs is None:
        return None  # hatch gives each environment scripts of its own
    for option, name in (("--group", needs.group), ("--extra", needs.extra)):
        if name and not (option == "--group" and name in _default_groups(document)):
            return f"uv run {option} {name} {command}" if re.fullmatch(r"[\w.-]+", name) else None
    return f"uv run {command}"


def _default_groups(document: Document) -> list[str]:
    if string(document, "tool", "uv", "default-groups") == "all":
        return list(table(document, "dependency-groups"))
    named = table(document, "tool", "uv").get("default-groups")
    return ["dev"] if named is None else strings(named)  # uv's default
