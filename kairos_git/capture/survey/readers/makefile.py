"""Makefile targets that are meant to be typed: those with a `## ` comment, and phony ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.capture.survey.commands import offered, purpose_readings
from kairos_git.capture.survey.documents import read_text
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.errors import Problem

_FILES = ("GNUmakefile", "makefile", "Makefile")  # GNU make's order
MOST_TARGETS = 100  # of one rule; each gets a copy of its recipe

_CONDITIONAL = re.compile(r" *(?:ifeq|ifneq|ifdef|ifndef|else|endif)\b")
_SETS = re.compile(r":?:?=|\s*(?:(?:export|override|private)\s+)*[\w.]+\s*[:?+!]*=")  # after a colon: no rule at all


class Target(NamedTuple):
    """One target: what it depends on and runs, and whether somebody meant it to be typed."""

    needs: list[str]
    recipe: list[str]
    documented: bool


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    text = read_text(tree, file)
    if isinstance(text, Problem):
        yield text
        return
    targets = parse_targets(text)
    bodies = {name: "\n".join([*target.recipe, " ".join(target.needs)]) for name, target in targets.items()}
    typed = {name for name, target in targets.items() if target.documented and _is_typed(name)}
    slots = slot_names(typed)
    tasks: dict[str, tuple[str, str]] = {}
    for name in offered(bodies):
        shown = _shown(targets[name])
        if name not in typed or not shown:
            continue
        tasks[name] = (name, f"make {name}")
        yield from reading(file, name, f"make.{slots[name]}", f"make {name}", *shown)
    yield from purpose_readings(file, tasks)


def parse_targets(text: str) -> dict[str, Target]:
    """The explicit rules of a Makefile. Variables are not expanded, conditionals not decided, includes not followed."""
    if ".RECIPEPREFIX" in text:
        return {}  # what a target runs could not be told, so neither could what it destroys
    rules: dict[str, tuple[list[str], list[str]]] = {}
    meant: set[str] = set()
    open_rules: list[str] = []
    comment_above = in_define = False
    for line in text.replace("\r\n", "\n").replace("\\\n", " ").split("\n"):
        if in_define or re.match(r" *(?:override +)?define\b", line):
            in_define = not re.match(r" *endef\b", line)
        elif line.startswith("\t"):
            for name in open_rules:
                rules[name][1].append(line.strip())
        elif rule := _split_rule(line):
            open_rules, needs, recipe, documented = rule
            if open_rules == [".PHONY"]:
                meant.update(needs)
            for name in open_rules:
                known = rules.setdefault(name, ([], []))
                known[0].extend(needs)
                known[1].extend(recipe)
            if documented or comment_above:
                meant.update(open_rules)
        elif line.strip() and not line.startswith("#") and not _CONDITIONAL.match(line):
            open_rules = []
        comment_above = line.startswith("## ")
    return {name: Target(needs, recipe, name in meant) for name, (needs, recipe) in rules.items()}


def _split_rule(line: str) -> tuple[list[str], list[str], list[str], bool] | None:
    """A rule's targets, prerequisites, recipe after `;`, and whether a `## ` comment says what it does."""
    head, colon, rest = line.partition(":")
    if not colon or not head.strip() or head[0].isspace() or set("=#$%") & set(head) or _SETS.match(rest):
        return None
    rest, documented, _ = rest.removeprefix(":").partition("## ")
    needs, _, recipe = rest.partition(";")
    words = [word for word in needs.partition("#")[0].split() if word != "|"]
    return head.split()[:MOST_TARGETS], words, [recipe.strip()] if recipe.strip() else [], bool(documented)


def _is_typed(name: str) -> bool:
    return key_name(name) == name and not name.startswith(("_", "-", ".")) and name not in ("help", "default")


def _shown(target: Target) -> tuple[str, ...]:
    """The sentence and its bodies; empty where the target does nothing."""
    commands = [line.lstrip("@-+ ") for line in target.recipe]
    commands = [c for c in commands if c and not re.match(r"(?:#|echo\b|printf\b|\$\((?:info|call|warning)\b)", c)]
    if not commands:
        return ("{} runs the targets {}", " ".join(target.needs)) if target.needs else ()
    telling = next((command for command in commands if not command.startswith(("mkdir ", "cd ", "set "))), commands[0])
    more = len(commands) - 1
    return (f"{{}} runs {{}}{f' and {more} more' if more else ''}", telling)


READER = Reader("makefile", _read, TASK_RUNNER)
