"""The task tables of pdm, taskipy and pixi in pyproject.toml: each task as what to type."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT, launched, packaging_tool
from kairos_git.capture.survey.formats.documents import Document, read_toml, string, strings, table
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree
from kairos_git.capture.survey.tasks.task_files import table_readings
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
    yield from table_readings(kind, start, PYPROJECT, above, bodies)


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
