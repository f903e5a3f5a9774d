"""justfile: its recipes as what to type, with their parameters, aliases and doc comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree
from kairos_git.capture.survey.tasks.task_files import Task, task_readings
from kairos_git.errors import Problem

_FILES = ("justfile", "Justfile", "JUSTFILE", ".justfile", ".Justfile")
MOST_RECIPES = 300
LONGEST_HEAD = 1000  # characters of a recipe's first line

_HEADER = re.compile(r"@?([A-Za-z_][\w-]{0,80})((?:[ \t](?:'[^']*'|\"[^\"]*\"|[^:'\"])*)?):(?!=)(.*)")
_ALIAS = re.compile(r"alias\s+([\w-]+)\s*:=\s*([\w-]+)")
_PARAMETER = re.compile(r"([+*]?)\$?([A-Za-z_][\w-]*)(\s*=\s*(?:'[^']*'|\"[^\"]*\"|`[^`]*`|\([^)]*\)|\S+))?")
_TELLS_NOTHING = re.compile(r"#|echo\b|printf\b|set\s|rm\s|mkdir\b|cd\s+\S+\s*$")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_OPENS = re.compile(r"'''|\"\"\"|```")


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    text = read_text(tree, file)
    if isinstance(text, Problem):
        yield text
    elif file:
        yield from task_readings("just", "just", file, parse_recipes(text))


class Recipe(NamedTuple):
    """One recipe as it stands: its head's parts, its doc comment and attributes, and its lines, filled while reading."""

    parameters: str
    dependencies: str
    comment: str
    attributes: str
    lines: list[str]


def parse_recipes(text: str) -> dict[str, Task]:
    """The recipes of a justfile. Imports and modules are not followed, expressions not computed."""
    recipes: dict[str, Recipe] = {}
    aliases: dict[str, list[str]] = {}
    comment, attributes, closing = "", "", ""
    current: list[str] | None = None
    for line in text.replace("\r\n", "\n").replace("\\\n", " ").split("\n"):
        if closing:  # in a text over several lines
            closing = "" if closing in line else closing
        elif line[:1] in (" ", "\t"):
            if current is not None and line.strip():
                current.append(line.strip().lstrip("@-").strip())
        elif line.startswith("#"):
            comment = line.lstrip("# ").strip() if not line.startswith("#!") else ""
        elif line.startswith("["):
            attributes += line
        elif found := _ALIAS.match(line):
            aliases.setdefault(found[2], []).append(found[1])
        elif len(line) <= LONGEST_HEAD and (header := _HEADER.fullmatch(line)) and len(recipes) < MOST_RECIPES:
            current = []
            recipes[header[1]] = Recipe(header[2], header[3], comment, attributes, current)
            comment, attributes = "", ""
        elif line.strip():
            current, comment, attributes = None, "", ""
            closing = _unclosed(line)
        else:
            comment = ""
    return {name: _task(name, recipe, tuple(aliases.get(name, ()))) for name, recipe in recipes.items()}


def _unclosed(line: str) -> str:
    """The quotes that an assignment leaves open."""
    opened = _OPENS.findall(line)
    if opened:
        return opened[-1] if len(opened) % 2 else ""
    return "'" if line.count("'") % 2 and "#" not in line else ""


def _task(name: str, recipe: Recipe, aliases: tuple[str, ...]) -> Task:
    parameters = _PARAMETER.findall(recipe.parameters)
    needed = [f"<{parameter}>" for star, parameter, default in parameters if not default and star != "*"]
    hidden = name.startswith("_") or name == "default" or re.search(r"\bprivate\b", recipe.attributes)
    depends = re.sub(r"(?:^|\s)#.*", "", recipe.dependencies).strip()
    body = "\n".join(recipe.lines)
    called = set(re.findall(r"[A-Za-z_][\w-]*", _QUOTED.sub("", depends))) | set(
        re.findall(r"(?:^|[\s;&|])just\s+([\w-]+)", body)
    )
    telling = [line for line in recipe.lines if not _TELLS_NOTHING.match(line)]
    documented = re.search(r"\bdoc\(['\"]([^'\"]*)['\"]\)", recipe.attributes)
    return Task(
        # What is handed to a dependency is run there.
        body=f"{body}\n{' '.join(_QUOTED.findall(depends))}".strip(),
        typed="" if hidden else " ".join([name, *needed]),
        shown=re.sub(r"\s?\{\{ ?[\w*]+ ?\}\}$", "", telling[0]) if telling else depends,
        description=documented[1] if documented else recipe.comment,
        called=frozenset(called),
        needs=bool(needed),
        aliases=aliases,
        more=max(len(telling) - 1, 0),
    )


READER = Reader("justfile", _read, TASK_RUNNER)
