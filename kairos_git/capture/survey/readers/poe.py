"""poethepoet's tasks in pyproject.toml: each as what to type."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT, packaging_tool
from kairos_git.capture.survey.formats.documents import read_toml, table
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree
from kairos_git.capture.survey.tasks.task_files import table_readings
from kairos_git.errors import Problem

_FORMS = ("cmd", "shell", "script", "expr", "ref", "sequence", "parallel")
_DEEPEST = 4  # sequences in sequences


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, PYPROJECT)
    if isinstance(document, Problem):
        yield document
        return
    tool = packaging_tool(document, tree.paths)
    start = f"{tool.name} run poe" if tool and tool.name in ("uv", "poetry", "pdm") else "poe"
    bodies = {name: _body(task) for name, task in table(document, "tool", "poe", "tasks").items()}
    yield from table_readings("poe", start, PYPROJECT, "tool.poe.tasks", bodies)


def _body(task: object, depth: int = 0) -> str:
    """What a task runs, as one text: its command, or those of its sequence."""
    if isinstance(task, str):
        return task
    if isinstance(task, dict):
        return next((_body(task[form], depth) for form in _FORMS if form in task), "")
    if isinstance(task, list) and depth < _DEEPEST:
        return "; ".join(filter(None, (_body(part, depth + 1) for part in task)))
    return ""


READER = Reader("poe", _read, TASK_RUNNER, "python")
