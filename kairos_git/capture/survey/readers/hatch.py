"""hatch's environments, in pyproject.toml or hatch.toml: each script as what to type."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT
from kairos_git.capture.survey.formats.documents import Document, read_toml, strings, table
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.capture.survey.tasks.commands import offered, purpose_reading, purpose_readings
from kairos_git.errors import Problem

FILE = "hatch.toml"
MOST_ENVIRONMENTS = 20

# What an environment is for by its name, and which of its scripts does that; any other environment's `run` is its own affair.
_PURPOSES = {
    "test": "tests", "tests": "tests", "types": "types", "typing": "types", "mypy": "types", "lint": "lint", "style": "lint", "docs": "docs",
}  # fmt: skip
_SCRIPTS = {
    "tests": ("test", "run", "all", "cov"), "types": ("check", "run", "all"), "lint": ("all", "check", "style", "lint", "run"),
    "docs": ("build", "serve"),
}  # fmt: skip


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    for file, above in ((FILE, "envs"), (PYPROJECT, "tool.hatch.envs")):
        document = read_toml(tree, file)
        if isinstance(document, Problem):
            yield document
            continue
        environments = table(document, *above.split("."))
        for name in sorted(environments)[:MOST_ENVIRONMENTS]:
            if key_name(name) == name:
                yield from _environment(file, f"{above}.{name}", name, table(environments[name], "scripts"))
        if "hatch-test" in environments:  # hatch's own environment for tests, here with settings
            yield from purpose_reading(file, f"{above}.hatch-test+tests.command", "tests", "hatch test")
            one = "hatch test path/to/test_file.py"
            yield from purpose_reading(file, f"{above}.hatch-test+one-test.command", "one-test", one)


def _environment(file: str, above: str, environment: str, scripts: Document) -> Iterator[Reading]:
    bodies = {name: "; ".join(strings(task)) for name, task in scripts.items()}
    start = "hatch run " if environment == "default" else f"hatch run {environment}:"
    kind, slots = slot_names([environment])[environment], slot_names(bodies)
    tasks: dict[str, tuple[str, str]] = {}
    for name in offered(bodies):
        if not name.startswith("_") and bodies[name] and key_name(name) == name:
            tasks[name] = (f"{above}.scripts.{name}", f"{start}{name}")
            slot = f"hatch.{kind}.{slots[name]}"
            yield from reading(file, f"{above}.scripts.{name}", slot, f"{start}{name}", "{} runs {}", bodies[name])
    purpose = _PURPOSES.get(environment, "")
    first = next((name for name in _SCRIPTS.get(purpose, ()) if name in tasks), "")
    if environment == "default":
        yield from purpose_readings(file, tasks, bodies)
    elif first:
        key, command = tasks[first]
        yield from purpose_reading(file, f"{key}+{purpose}.command", purpose, command)


READER = Reader("hatch", _read, TASK_RUNNER, "python")
