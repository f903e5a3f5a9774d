"""tox's environments: which one runs the tests, what the named ones run, and the variables people set for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT, is_at_hand, launched, packaging_tool, required
from kairos_git.capture.survey.formats.documents import Document, read_text, read_toml, string, strings, table
from kairos_git.capture.survey.formats.ini import Sections, parse_ini, read_ini
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.capture.survey.tasks.commands import offered, purpose_reading, purpose_readings
from kairos_git.errors import Problem

MOST_ENVIRONMENTS = 5000  # of one list, with braces expanded
MOST_OF_ONE = 500  # of one item of a list
MOST_SECTIONS = 100
MOST_TASKS = 15  # environments listed with what they run
MOST_WORKFLOWS = 40
_LONGEST_ITEM = 500

# Names of environments for a purpose besides the purpose's own.
_ALIASES = {
    "lint": (
        "lint",
        "linters",
        "linting",
        "style",
        "pep8",
        "flake8",
        "ruff",
        "codestyle",
        "pre-commit",
        "pre_commit",
        "precommit",
    ),
    "types": ("types", "type", "typing", "typecheck", "mypy", "pyright"),
    "format": ("format", "fmt", "black"),
}
_PREPARES = re.compile(r"(?:python -m |uv )?(?:pip install|coverage erase|echo|rm|mkdir)\b")
_VERSION_FILES = (".python-version", ".python-version-default")
_PYTHON = re.compile(r"(?:py|python)?-?(\d)\.?(\d{1,2})")


class Environments(NamedTuple):
    """The file and the listed environments, the base's commands, and those of the environments with a section of their own."""

    file: str
    key: str
    listed: list[str]
    commands: str
    named: Mapping[str, str]


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found = _environments(tree)
    if isinstance(found, Problem):
        yield found
    if not isinstance(found, Environments):
        return
    document = read_toml(tree, PYPROJECT)
    document = {} if isinstance(document, Problem) else document
    start = launched("tox", document, packaging_tool(document, tree.paths))
    yield from _tests(found, start, tree, document)
    yield from _variables(found)
    yield from _tasks(found, start)


def _environments(tree: Tree) -> Environments | Problem | None:
    """tox's own order of files: tox.ini, setup.cfg, pyproject.toml, tox.toml."""
    for file, prefix in (("tox.ini", "tox"), ("setup.cfg", "tox:tox")):
        sections = read_ini(tree, file)
        if isinstance(sections, Problem):
            return sections
        if prefix in sections or "testenv" in sections:
            return _from_ini(sections, file, prefix)
    document = read_toml(tree, PYPROJECT)
    native = {} if isinstance(document, Problem) else table(document, "tool", "tox")
    if legacy := string(native, "legacy_tox_ini"):
        return _from_ini(parse_ini(legacy), PYPROJECT, "tox")._replace(key="tool.tox.legacy_tox_ini")
    if native:
        return _from_toml(native, PYPROJECT, "tool.tox.")
    document = read_toml(tree, "tox.toml")
    if isinstance(document, Problem):
        return document
    return _from_toml(document, "tox.toml", "") if document else None


def _from_ini(sections: Sections, file: str, prefix: str) -> Environments:
    options = sections.get(prefix, {})
    listed = _expanded(options.get("envlist") or options.get("env_list", ""))
    own = [section for section in sections if section.startswith("testenv:")]
    named = {
        name: sections[section].get("commands", "")
        for section in own[:MOST_SECTIONS]
        for name in _expanded(section.removeprefix("testenv:"))
    }
    return Environments(file, "envlist", listed, sections.get("testenv", {}).get("commands", ""), named)


def _from_toml(document: Document, file: str, above: str) -> Environments:
    listed = strings(document.get("env_list"))
    named = {name: _flat(table(env).get("commands")) for name, env in table(document, "env").items()}
    return Environments(file, f"{above}env_list", listed, _flat(table(document, "env_run_base").get("commands")), named)


def _flat(commands: object) -> str:
    """TOML commands, lists of words and replacements, as lines; a replacement of the arguments is `{posargs}`."""
    lines = []
    for command in commands if isinstance(commands, list) else []:
        words = [
            word if isinstance(word, str) else "{posargs}" if string(word, "replace") == "posargs" else ""
            for word in (command if isinstance(command, list) else [command])
        ]
        lines.append(" ".join(filter(None, words)))
    return "\n".join(lines)


def _expanded(text: str) -> list[str]:
    """The environments of a list: `py{310,311}-x` is two. A list that grows too large is cut."""
    text = re.sub(r"\{([^{}]*)\}", lambda m: "{" + re.sub(r"[\s,]+", ";", m[1]) + "}", text)
    found: list[str] = []
    for item in re.split(r"[,\s]+", text):
        names = [""]
        for plain, choices in re.findall(r"([^{}]+)|\{([^{}]*)\}", item[:_LONGEST_ITEM]):
            several = [one for choice in choices.split(";") for one in _ranged(choice)] if choices else [plain]
            names = [name + choice for name in names for choice in several][:MOST_OF_ONE]
        found += filter(None, names)
        if len(found) > MOST_ENVIRONMENTS:
            break
    return found[:MOST_ENVIRONMENTS]


def _ranged(choice: str) -> list[str]:
    """A choice of a list; `10-13` is four."""
    bounds = re.fullmatch(r"(\d{1,3})-(\d{1,3})", choice)
    return [str(number) for number in range(int(bounds[1]), int(bounds[2]) + 1)] if bounds else [choice]


def _tests(found: Environments, start: str, tree: Tree, document: Document) -> Iterator[Reading]:
    environment = _representative(found, tree)
    if environment is None:
        return
    several = len(found.listed) > 1 and environment
    command = f"{start} -e {environment}" if several else start
    text = "Tests run with {}, and in all environments with {}" if several else "Tests run with {}"
    if _is_used(tree):
        yield from reading(
            found.file, f"{found.key}+tests.command", "tests.command", command, text, *((start,) if several else ())
        )
    body = found.named.get(environment) or found.commands
    # Where pytest is in the environment people work in, it is started there; tox would make one of its own.
    needs = required(document, "pytest")
    if (
        not (needs and is_at_hand(document, needs))
        and "posargs" in body
        and re.search(r"pytest|py\.test|unittest|stestr|runtests", body)
    ):
        one = f"{start} -e {environment or 'py'} -- path/to/test_file.py"
        yield from purpose_reading(found.file, f"{found.key}+one-test.command", "one-test", one)


def _representative(found: Environments, tree: Tree) -> str | None:
    """The environment that tests for the newest known Python, '' for tox's own choice; None where none tests."""
    plain = [name for name in found.listed if re.fullmatch(r"[\w.+-]+", name)]
    if "py" in plain or (not plain and found.commands):
        return "py" if "py" in plain else ""
    for name in ("test", "tests"):
        if name in plain or name in found.named:
            return name
    pythons = [
        (name, version) for name in plain if (version := _version(name)) and (name not in found.named or found.named[name])
    ]
    if not pythons:
        return "py" if found.commands and re.search(r"pytest|unittest", found.commands) else None
    about = "".join(text for file in (PYPROJECT, "setup.cfg", "setup.py") if isinstance(text := read_text(tree, file), str))
    known = [one for one in pythons if f"Python :: {one[1][0]}.{one[1][1]}" in about] or pythons
    # The Python to work with, where the project names one: the newest may not be released.
    named = "".join(text for file in _VERSION_FILES if isinstance(text := read_text(tree, file), str)).split()
    known = [one for one in known if f"{one[1][0]}.{one[1][1]}" in named] or known
    # The first kind of environment in the list is the common one: `py314-common` before `py314-django`.
    kind = _kind(next((name for name, _ in known if _kind(name)), known[0][0])) if not any(not _kind(n) for n, _ in known) else ""
    if not kind and found.commands and any(re.match(r"py\d", name) for name, _ in known):
        return "py"  # the base environment with the Python at hand, which is there where the newest may not be
    return max((one for one in known if _kind(one[0]) == kind), key=lambda one: (one[1], one[0]))[0]


def _version(name: str) -> tuple[int, int] | None:
    """The Python of an environment; none for the free-threaded builds, which are special."""
    for factor in name.split("-"):
        if found := _PYTHON.fullmatch(factor):
            return int(found[1]), int(found[2])
    return None


def _kind(name: str) -> str:
    return "-".join(factor for factor in name.split("-") if not _PYTHON.fullmatch(factor))


def _is_used(tree: Tree) -> bool:
    """Whether CI, where there is any that tests, starts tox; a tox.ini may be left from years ago."""
    folder = ".github/workflows/"
    files = sorted(path for path in tree.paths if path.startswith(folder) and path.endswith((".yml", ".yaml")))
    texts = [text for path in files[:MOST_WORKFLOWS] if isinstance(text := read_text(tree, path), str)]
    tests = [text for text in texts if re.search(r"\b(?:pytest|tox|nox|unittest|runtests|make \w*test\w*)\b", text)]
    return not tests or any(re.search(r"\btox\b", text) for text in tests)


def _variables(found: Environments) -> Iterator[Reading]:
    """The variables that people set to choose what an environment runs: `{env:TESTPATH:tests}`."""
    for line in found.commands.split("\n"):
        for name in re.findall(r"\{env:([A-Z][A-Z0-9_]{1,40})[:}]", line)[:3]:
            slot = f"tests.tox.env.{name.lower().replace('_', '-').strip('-')}"
            text = "What tox tests is chosen by the variable {}, as in {}"
            if re.search(r"pytest|unittest", line) and not name.endswith(("COVERAGE_FILE", "DIR")):
                yield from reading(found.file, f"testenv.commands.{name}", slot, name, text, line)


def _tasks(found: Environments, start: str) -> Iterator[Reading]:
    bodies = {name: body for name, body in found.named.items() if body and re.fullmatch(r"[A-Za-z][\w.-]*", name, re.ASCII)}
    slots = slot_names(bodies)
    tasks: dict[str, tuple[str, str]] = {}
    for name in offered(bodies)[:MOST_TASKS]:
        if key_name(name) != name or _version(name):
            continue
        lines = [line.lstrip("-! ") for line in bodies[name].split("\n") if line]
        shown = next((line for line in lines if not _PREPARES.match(line)), lines[0])
        tasks[name] = (f"testenv.{name}", f"{start} -e {name}")
        yield from reading(found.file, f"testenv.{name}", f"tox.{slots[name]}", f"{start} -e {name}", "{} runs {}", shown)
    purposes = {alias: first for alias, names in _ALIASES.items() if (first := next((n for n in names if n in tasks), ""))}
    purposes |= {name: name for name in ("build", "docs") if name in tasks}
    chosen = {alias: tasks[name] for alias, name in purposes.items()}
    yield from purpose_readings(found.file, chosen, {alias: bodies[name] for alias, name in purposes.items()})


READER = Reader("tox", _read, TASK_RUNNER, "python")
