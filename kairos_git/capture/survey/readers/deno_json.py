"""deno.json: its tasks as what to type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.formats.documents import string, strings, table
from kairos_git.capture.survey.formats.jsonc import read_jsonc
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree
from kairos_git.capture.survey.tasks.task_files import Task, task_readings
from kairos_git.errors import Problem

_FILES = ("deno.json", "deno.jsonc")


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    document = read_jsonc(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    tasks: dict[str, Task] = {}
    for name, stated in table(document, "tasks").items():
        body = stated if isinstance(stated, str) else string(stated, "command")
        needed = strings(table(stated).get("dependencies"))
        called = frozenset({*needed, *re.findall(r"\bdeno task ([\w.:-]+)", body)})
        tasks[name] = Task(body, name if body or needed else "", body, string(stated, "description"), called)
    yield from task_readings("deno", "deno task", file, tasks, "tasks.")


READER = Reader("deno_json", _read, TASK_RUNNER)
