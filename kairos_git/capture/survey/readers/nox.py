"""nox's sessions. A noxfile is code: its sessions are found by the shape of its lines, and nothing in it is run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT, is_at_hand, launched, packaging_tool, required
from kairos_git.capture.survey.formats.documents import read_text, read_toml
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.capture.survey.tasks.commands import offered, purpose_reading, purpose_readings
from kairos_git.errors import Problem

FILE = "noxfile.py"
MOST_LINES = 5000
_DECORATOR_LINES = 40  # between `@nox.session(` and its `def`

_SESSION = re.compile(r"@(?:nox\.)?session\b")
_DEF = re.compile(r"def\s+(\w+)\s*\(")
_NAME = re.compile(r"\bname\s*=\s*[\"']([\w.-]{1,60})[\"']")
_RUNS = re.compile(r"\bsession\.run\w*\(([^)]{0,2000})")
_TEXT = re.compile(r"[\"']([^\"'\n]{1,200})[\"']")
_ALIASES = {
    "test": ("test", "tests", "pytest", "unit", "unit_tests", "unittests"),
    "lint": ("lint", "linting", "linters", "pre-commit", "pre_commit", "style", "ruff", "flake8"),
    "types": ("types", "typing", "type-check", "typecheck", "type_check", "mypy", "pyright"),
    "format": ("format", "fmt", "black", "blacken"),
}


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    text, document = read_text(tree, FILE), read_toml(tree, PYPROJECT)
    if isinstance(text, Problem):
        yield text
        return
    document = {} if isinstance(document, Problem) else document
    start = launched("nox", document, packaging_tool(document, tree.paths))
    bodies = {name: body for name, body in sessions(text).items() if key_name(name) == name and not name.startswith("_")}
    slots = slot_names(bodies)
    tasks: dict[str, tuple[str, str]] = {}
    for name in offered(bodies):
        command, key = f"{start} -s {name}", f"session.{name}"
        tasks[name] = (key, command)
        lines = bodies[name].split("\n")
        shown = next(
            (line for line in lines if re.match(r"pytest|coverage|mypy|ruff|sphinx|pre-commit|black|python -m", line)), lines[0]
        )
        sentence = "{} runs {}" if shown else "{} is a nox session"
        yield from reading(FILE, key, f"nox.{slots[name]}", command, sentence, *filter(None, (shown,)))
    purposes = {alias: first for alias, names in _ALIASES.items() if (first := next((n for n in names if n in tasks), ""))}
    purposes |= {name: name for name in ("build", "docs") if name in tasks}
    chosen = {alias: tasks[name] for alias, name in purposes.items()}
    yield from purpose_readings(FILE, chosen, {alias: bodies[name] for alias, name in purposes.items()})
    needs = required(document, "pytest")
    if (
        "test" in purposes
        and not (needs and is_at_hand(document, needs))
        and "posargs" in _sources(text).get(purposes["test"], "")
    ):
        key, command = chosen["test"]
        one = f"{command} -- path/to/test_file.py"
        yield from purpose_reading(FILE, f"{key}+one-test.command", "one-test", one)


def sessions(text: str) -> dict[str, str]:
    """A noxfile's sessions: name -> what they run, a line each, as far as it stands there as texts."""
    found = {}
    for name, source in _sources(text).items():
        runs = [" ".join(_TEXT.findall(arguments)) for arguments in _RUNS.findall(source)]
        found[name] = "\n".join(filter(None, runs))
    return found


def _sources(text: str) -> dict[str, str]:
    """Each session's name and the lines of its function."""
    found: dict[str, str] = {}
    lines = text.splitlines()[:MOST_LINES]
    for number, line in enumerate(lines):
        if not _SESSION.match(line):
            continue
        for place in range(number, min(number + _DECORATOR_LINES, len(lines))):
            if function := _DEF.match(lines[place]):
                named = _NAME.search("\n".join(lines[number:place]))
                end = next(
                    (i for i in range(place + 1, len(lines)) if lines[i][:1] not in ("", " ", "\t", "#", ")", "]")), len(lines)
                )
                found.setdefault(named[1] if named else function[1], "\n".join(lines[place:end]))
                break
    return found


READER = Reader("nox", _read, TASK_RUNNER, "python")
