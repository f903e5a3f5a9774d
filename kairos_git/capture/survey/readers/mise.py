"""mise's tasks: those of mise.toml, of the files it includes, and of the folders of scripts it runs; each as what to type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.formats.documents import Document, read_text, read_toml, string, strings, table
from kairos_git.capture.survey.reading import TASK_RUNNER, Reader, Reading, Tree
from kairos_git.capture.survey.tasks.task_files import Task, task_readings
from kairos_git.errors import Problem

_FILES = ("mise.toml", ".mise.toml", ".config/mise.toml", "mise/config.toml")
_FOLDERS = ("mise-tasks", ".mise-tasks", "mise/tasks", ".mise/tasks", ".config/mise/tasks")  # where mise looks unasked
MOST_SCRIPTS = 30
_DESCRIPTION = re.compile(r"^(?:#|//)\s*(?:MISE|mise|\[MISE\])\s+description\s*=\s*[\"']([^\"'\n]+)", re.MULTILINE)
_NO_TASK = re.compile(r"README|.*\.(?:md|bat|ps1|txt|json|toml|lock)", re.IGNORECASE)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    document = read_toml(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    if not file and not any(path.startswith(_FOLDERS) for path in tree.paths):
        return
    included = strings(table(document, "task_config").get("includes")) or list(_FOLDERS)
    found: dict[str, dict[str, Task]] = {file: _tasks(table(document, "tasks"))} if file else {}
    for path in included[:5]:
        if path in tree.paths and path.endswith(".toml"):
            other = read_toml(tree, path)
            if isinstance(other, Problem):
                yield other
            else:
                found[path] = _tasks(other)
        else:
            for script, name in _scripts(tree, path.strip("/")):
                found[script] = {name: _script(tree, script, name)}
    # Judged together: a task of one file may call a harmful one of another.
    everything = {name: (path, task) for path, tasks in reversed(found.items()) for name, task in tasks.items()}
    readings = task_readings(
        "mise", "mise run", file or _FILES[0], {name: task for name, (_, task) in everything.items()}, "tasks."
    )
    for one in readings:
        name = one.key.removeprefix("tasks.").partition("+")[0]
        yield one._replace(file=everything[name][0] if name in everything else one.file)


def _tasks(document: Document) -> dict[str, Task]:
    found: dict[str, Task] = {}
    for name, task in document.items():
        lines = strings(task) or strings(table(task).get("run"))
        needs = [one.split()[0] for one in strings(table(task).get("depends")) if one.strip()]
        body = "\n".join(lines)
        called = frozenset({*needs, *re.findall(r"(?:^|[\s;&|])mise (?:run|r|tasks run) ([\w.:-]+)", body)})
        hidden = string(task, "hide") == "true" or not (lines or needs) or name.startswith(("_", "-"))
        told = lines[0].strip().splitlines()[0] if lines and lines[0].strip() and not lines[0].lstrip().startswith("#!") else ""
        found[name] = Task(
            body, "" if hidden else name, told or " ".join(needs[:3]), string(task, "description"), called,
            aliases=tuple(strings(table(task).get("alias"))),
        )  # fmt: skip
    return found


def _scripts(tree: Tree, folder: str) -> Iterator[tuple[str, str]]:
    """(path, task name) of the scripts in a folder: `xtasks/lint/hk` is `lint:hk`, and an extension is no part of it."""
    inside = sorted(
        path
        for path in tree.paths
        if folder and path.startswith(f"{folder}/") and not _NO_TASK.fullmatch(path.rpartition("/")[2])
    )
    for path in inside[:MOST_SCRIPTS]:
        name = re.sub(r"\.\w+$", "", path[len(folder) + 1 :]).replace("/", ":").removesuffix(":_default")
        yield path, name


def _script(tree: Tree, path: str, name: str) -> Task:
    text = read_text(tree, path)
    body = "rm -rf /" if isinstance(text, Problem) else text  # what cannot be read cannot be judged, and is not offered
    described = _DESCRIPTION.search(body)
    return Task(body, name, path, described[1] if described else "", None)


READER = Reader("mise", _read, TASK_RUNNER)
