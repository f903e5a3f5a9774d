"""Makefile targets that are meant to be typed: phony ones, those with a `## ` comment, and the usual names.

A Makefile in a folder near the root says how that part is built: `make html`, typed in docs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kairos_git.capture.survey.ecosystems.manifests import below, in_other_code, is_plain
from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree, key_name
from kairos_git.capture.survey.tasks.commands import PURPOSE_OF, offered, purpose_reading
from kairos_git.capture.survey.tasks.task_files import Task, task_readings
from kairos_git.errors import Problem

_FILES = ("GNUmakefile", "makefile", "Makefile")  # GNU make's order
MOST_TARGETS = 100  # of one rule; each gets a copy of its recipe
MOST_PARTS = 8  # folders with a Makefile of their own: those nearest to the root
DEEPEST = 2  # folders above one

# Typed by everybody, whether or not the Makefile calls them phony.
_USUAL = frozenset(
    {
        "test",
        "tests",
        "check",
        "lint",
        "fmt",
        "format",
        "build",
        "docs",
        "doc",
        "all",
        "html",
        "livehtml",
        "init",
        "setup",
        "bootstrap",
    }
)
_DOCS = re.compile(r"(?:docs?|documentation|website)/", re.IGNORECASE)
_CONDITIONAL = re.compile(r" *(?:ifeq|ifneq|ifdef|ifndef|else|endif)\b")
_SETS = re.compile(r":?:?=|\s*(?:(?:export|override|private)\s+)*[\w.]+\s*[:?+!]*=")  # after a colon: no rule at all


_NONE = Task("", "")


class Target(NamedTuple):
    """One target: what it depends on and runs, and the comment that says what it does, or whether it is phony."""

    needs: list[str]
    recipe: list[str]
    documented: bool
    description: str = ""


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    yield from _makefile(tree, "")
    for folder in _parts(tree):
        yield from _makefile(tree, folder)


def _makefile(tree: Tree, folder: str) -> Iterator[Reading | Problem]:
    file = next((path for name in _FILES if (path := below(folder, name)) in tree.paths), "")
    text = read_text(tree, file)
    if isinstance(text, Problem):
        yield text
        return
    targets = parse_targets(text)
    tasks = {name: _task(name, target, targets, tree, folder) for name, target in targets.items()}
    if folder and "sphinx" in text.lower() and "html" not in tasks and re.search(r"^%\s*:", text, re.MULTILINE):
        # Sphinx's own Makefile hands every target on; `html` is the one that people type.
        tasks["html"] = Task("sphinx-build", "html", "sphinx-build -M html")
    if folder:  # of a part, what it is made for; its other targets are for whoever works there
        tasks = {name: task if name in _USUAL or name in PURPOSE_OF else task._replace(typed="") for name, task in tasks.items()}
    yield from task_readings("make", "make", file, tasks, part=folder)
    if folder and tasks.get("html", _NONE).typed and "docs" not in tasks and offered({"html": tasks["html"].body}):
        yield from purpose_reading(file, "html+docs.command", "docs", "make html", folder)


def _parts(tree: Tree) -> list[str]:
    """The folders below the root with a Makefile that somebody may type in: few, near the root, not other people's."""
    found = {
        path.rpartition("/")[0]
        for path in tree.paths
        if path.endswith(tuple(f"/{name}" for name in _FILES)) and path.count("/") <= DEEPEST and is_plain(path) and _is_own(path)
    }
    return sorted(found, key=lambda folder: (not _DOCS.match(folder), folder.count("/"), folder))[:MOST_PARTS]


def _is_own(path: str) -> bool:
    return not in_other_code(_DOCS.sub("", path, count=1))


def _task(name: str, target: Target, targets: Mapping[str, Target], tree: Tree, folder: str) -> Task:
    """A target as a task; one that only makes a file, and is neither phony nor documented nor named like a purpose, is hidden."""
    body = "\n".join(target.recipe)
    if not target.documented:  # a rule that makes a file may remove that file first, or what it wrote beside it
        body = re.sub(r"\$@\S*|\$\(@\)\S*", "build", body)
    lines = [line for line in target.recipe if re.search(r"\$[({]MAKE[)}]|\bmake\b", line)]
    called = {word for line in lines for word in re.split(r"[\s;&|'\"()]+", line)} | set(target.needs)
    shown, more = _shown(target)
    usual = name in _USUAL and below(folder, name) not in tree.paths
    said = len(target.description) > 1  # "setup: $(VENV)/.done ## make the environment" is typed, whatever its variables hold
    typed = name if (target.documented or usual) and (shown or said) and _is_typed(name) else ""
    return Task(body, typed, shown, target.description, frozenset(called & targets.keys()), False, (), more)


def parse_targets(text: str) -> dict[str, Target]:
    """The explicit rules of a Makefile. Variables are not expanded, conditionals not decided, includes not followed."""
    if ".RECIPEPREFIX" in text:
        return {}  # what a target runs could not be told, so neither could what it destroys
    rules: dict[str, tuple[list[str], list[str]]] = {}
    meant: dict[str, str] = {}
    open_rules: list[str] = []
    in_define = False
    comment_above = ""
    for line in text.replace("\r\n", "\n").replace("\\\n", " ").split("\n"):
        if in_define or re.match(r" *(?:override +)?define\b", line):
            in_define = not re.match(r" *endef\b", line)
        elif line.startswith("\t"):
            for name in open_rules:
                rules[name][1].append(line.strip())
        elif rule := _split_rule(line):
            open_rules, needs, recipe, documented = rule
            if open_rules == [".PHONY"]:
                meant.update({name: meant.get(name, "") for name in needs})
            for name in open_rules:
                known = rules.setdefault(name, ([], []))
                known[0].extend(needs)
                known[1].extend(recipe)
            said = documented or comment_above
            if said:
                meant.update(dict.fromkeys(open_rules, said))
        elif line.strip() and not line.startswith("#") and not _CONDITIONAL.match(line):
            open_rules = []
        comment_above = line[3:].strip() or "-" if line.startswith("## ") else ""
    return {name: Target(needs, recipe, name in meant, meant.get(name, "")) for name, (needs, recipe) in rules.items()}


def _split_rule(line: str) -> tuple[list[str], list[str], list[str], str] | None:
    """A rule's targets, prerequisites, recipe after `;`, and the `## ` comment that says what it does."""
    head, colon, rest = line.partition(":")
    if not colon or not head.strip() or head[0].isspace() or set("=#$%") & set(head) or _SETS.match(rest):
        return None
    rest, marked, said = rest.removeprefix(":").partition("## ")
    needs, _, recipe = rest.partition(";")
    words = [word for word in needs.partition("#")[0].split() if word != "|"]
    return head.split()[:MOST_TARGETS], words, [recipe.strip()] if recipe.strip() else [], (said.strip() or "-") if marked else ""


def _is_typed(name: str) -> bool:
    return key_name(name) == name and not name.startswith(("_", "-", ".")) and name not in ("help", "default")


def _shown(target: Target) -> tuple[str, int]:
    """The telling command of a target and the number of the others; without commands, what it depends on."""
    commands = [line.lstrip("@-+ ") for line in target.recipe]
    commands = [c for c in commands if c and not re.match(r"(?:#|echo\b|printf\b|\$\((?:info|call|warning)\b)", c)]
    if not commands:  # what only makes files says nothing by its variables' names
        return " ".join(target.needs) if any("$" not in name for name in target.needs) else "", 0
    telling = next((command for command in commands if not command.startswith(("mkdir ", "cd ", "set ", "rm "))), commands[0])
    return telling, len(commands) - 1


READER = Reader("makefile", _read, TASK_RUNNER)
