"""Taskfile.yml: its tasks as what to type, and the environment all of them run in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import join, normpath

from kairos_git.capture.survey.formats.documents import Document, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import LONGEST_VALUE, TASK_RUNNER, Reader, Reading, Tree, reading
from kairos_git.capture.survey.tasks.task_files import Task, task_readings
from kairos_git.errors import Problem

# Task's own order.
_FILES = tuple(f"{name}{dist}.{end}" for dist in ("", ".dist") for end in ("yml", "yaml") for name in ("Taskfile", "taskfile"))
MOST_INCLUDED = 8
_SECRET = re.compile(r"token|secret|password|passwd|api_?key|credential", re.IGNORECASE)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    document = read_yaml(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    if not file:
        return
    yield from _environment(document, file)
    yield from task_readings("task", "task", file, _tasks(document), "tasks.")
    included = sorted(table(document, "includes").items())[:MOST_INCLUDED]
    for namespace, include in included:
        yield from _included(tree, namespace, include)


def _included(tree: Tree, namespace: str, include: object) -> Iterator[Reading | Problem]:
    """The tasks of another Taskfile, typed at the root with its namespace; they are a part's, not the project's."""
    named = include if isinstance(include, str) else string(include, "taskfile")
    hidden = string(include, "internal") == "true" or string(include, "flatten") == "true"
    path = normpath(join("", named)) if named and not hidden and "{{" not in named else ""
    file = next((p for p in (path, *(join(path, name) for name in _FILES)) if p in tree.paths and p.count("/") <= 3), "")
    if not file:
        return
    document = read_yaml(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    for reading_ in task_readings(f"task.{_plain(namespace)}", f"task {namespace}:", file, _tasks(document), "tasks."):
        if not reading_.slot.endswith(".command"):
            typed = reading_.value.replace(f"{namespace}: ", f"{namespace}:", 1)
            text = reading_.text.replace(f"{namespace}: ", f"{namespace}:", 1)
            yield reading_._replace(value=typed, text=text)


def _plain(namespace: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", namespace.lower()).strip("-") or "included"


def _environment(document: Document, file: str) -> Iterator[Reading]:
    """What every task finds in its environment; what a shell would compute is left out."""
    pairs = []
    for name, value in table(document, "env").items():
        text = value if isinstance(value, str) else ""
        if re.fullmatch(r"[A-Z_][A-Z0-9_]*", name) and re.fullmatch(r"[\w.,:/=+-]{1,60}", text) and not _SECRET.search(name):
            pairs.append(f"{name}={text}")
    value = ", ".join(pairs)
    if len(value) <= LONGEST_VALUE:
        yield from reading(file, "env", "build.task.env", value, "Every task runs with {} in its environment")


def _tasks(document: Document) -> dict[str, Task]:
    found: dict[str, Task] = {}
    for name, stated in table(document, "tasks").items():
        task = table(stated)
        # The short forms: one command, or a list of them.
        commands = stated if isinstance(stated, str | list) else task.get("cmds", task.get("cmd"))
        listed = commands if isinstance(commands, list) else [commands]
        lines = [line for line in (_line(command) for command in listed) if line]
        depends = task.get("deps")
        needed = [_called(one) for one in (depends if isinstance(depends, list) else [])]
        called = {_called(one) for one in listed if isinstance(one, dict)} | set(needed)
        body = "\n".join(lines)
        called |= set(re.findall(r"(?:^|[\s;&|])task\s+([\w.:-]+)", body))
        hidden = string(task, "internal") == "true" or name == "default" or not (lines or called - {""})
        telling = [line for line in lines if not re.match(r"(?:echo|printf|mkdir|cd|set|rm)\b", line)]
        found[name] = Task(
            body,
            typed="" if hidden else name,
            shown=re.sub(r"\s?\{\{ ?\.CLI_ARGS ?\}\}", "", telling[0]).strip()
            if telling
            else " ".join(sorted(called - {""})[:3]),
            description=string(task, "desc"),
            called=frozenset(called),
            aliases=tuple(strings(task.get("aliases"))),
            more=max(len(telling) - 1, 0),
        )
    return found


def _line(command: object) -> str:
    return command if isinstance(command, str) else string(command, "cmd") or string(command, "defer")


def _called(command: object) -> str:
    return command if isinstance(command, str) else string(command, "task")


READER = Reader("taskfile", _read, TASK_RUNNER)
