"""The task tables of pdm, taskipy and pixi in pyproject.toml: each task as what to type."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT, launched, packaging_tool
from kairos_git.capture.survey.formats.documents import Document, read_toml, string, strings, table
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.capture.survey.tasks.commands import offered, purpose_readings
from kairos_git.errors import Problem


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, PYPROJECT)
    if isinstance(document, Problem):
        yield document
        return
    tool = packaging_tool(document, tree.paths)
    yield from _table("pdm", "pdm run", "tool.pdm.scripts", table(document, "tool", "pdm", "scripts"))
    task = launched("taskipy", document, tool).removesuffix("taskipy") + "task"
    yield from _table("taskipy", task, "tool.taskipy.tasks", table(document, "tool", "taskipy", "tasks"))
    yield from _table("pixi", "pixi run", "tool.pixi.tasks", table(document, "tool", "pixi", "tasks"))


def _table(kind: str, start: str, above: str, listed: Document) -> Iterator[Reading]:
    bodies = {name: "; ".join(_lines(task)) for name, task in listed.items()}
    slots = slot_names(bodies)
    tasks: dict[str, tuple[str, str]] = {}
    for name in offered(bodies):
        if name.startswith("_") or not bodies[name] or key_name(name) != name:
            continue
        typed = f"{start} {name}"
        tasks[name] = (f"{above}.{name}", typed)
        yield from reading(PYPROJECT, f"{above}.{name}", f"{kind}.{slots[name]}", typed, "{} runs {}", bodies[name])
    yield from purpose_readings(PYPROJECT, tasks, bodies)


def _lines(task: object) -> list[str]:
    """What a task runs: a text, a list of them, or a table with one under the tool's names."""
    if isinstance(task, str | list):
        return strings(task)
    for form in ("cmd", "shell", "composite", "call"):
        if found := strings(table(task).get(form)):
            return [" ".join(found)] if form == "cmd" else found
    depends = strings(table(task).get("depends-on"))
    return depends if depends else [text] if (text := string(task, "cmd")) else []


READER = Reader("python_tasks", _read, TASK_RUNNER, "python")
