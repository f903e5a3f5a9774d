"""The tasks of a task file as readings: each as what to type, and the one for each purpose.

The one rule: a task that destroys or publishes something, or calls one that does, is never told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from kairos_git.capture.survey.reading import Reading, conditioned, gloss, key_name, reading, slot_names
from kairos_git.capture.survey.tasks.commands import (
    PARTS_OF_TESTS,
    calls,
    offered,
    purpose_reading,
    purpose_readings,
    purpose_tasks,
)

LONGEST_TYPED = 80  # characters
SHORT_BODY = 70  # characters of what a task runs, where a description stands beside it


class Task(NamedTuple):
    """One task: what it runs and what it calls, its description, and whether a person may type it.

    typed    what to type, without what starts every task; '' hides the task, though others may call it
    shown    the telling one of the commands it runs, and `more` the number of the others; '' where it runs nothing
    called   the tasks it names as its own, or None where every word of its body may be one
    needs    whether it asks for arguments
    """

    body: str
    typed: str
    shown: str = ""
    description: str = ""
    called: frozenset[str] | None = None
    needs: bool = False
    aliases: tuple[str, ...] = ()
    more: int = 0


def task_readings(
    kind: str, start: str, file: str, tasks: Mapping[str, Task], before: str = "", part: str = "", purposes_only: bool = False
) -> Iterator[Reading]:
    """`<kind>.<name>` and `<purpose>.command` readings. `start` is what every command begins with, `before` what every key does."""
    bodies = {name: task.body for name, task in tasks.items()}
    called: dict[str, Collection[str]] = dict(calls(bodies))
    called |= {name: called[name] if task.called is None else task.called & tasks.keys() for name, task in tasks.items()}
    shown = [n for n in offered(bodies, called) if tasks[n].typed and key_name(n) == n and len(tasks[n].typed) <= LONGEST_TYPED]
    slots = slot_names(shown)
    for name in shown if not purposes_only else ():
        if not tasks[name].shown and not gloss(tasks[name].description):
            continue
        slot = conditioned(f"{kind}.{slots[name]}", part)
        if slot:
            yield from reading(file, f"{before}{name}", slot, f"{start} {tasks[name].typed}", *_sentence(tasks[name], part))
    # An alias serves a purpose as well as the name does: `fmt` says what `tidy-up` is for.
    typed = [name for name in shown if not tasks[name].needs]
    owners = {alias: name for name in reversed(typed) for alias in tasks[name].aliases if alias not in tasks}
    owners |= {name: name for name in typed}
    if "test" in tasks and "test" not in owners:
        owners = {alias: name for alias, name in owners.items() if alias not in PARTS_OF_TESTS}
    everything = bodies | {alias: bodies[name] for alias, name in owners.items()}
    calling = called | {alias: called[name] for alias, name in owners.items()}
    for purpose, alias in purpose_tasks(everything, calling, owners).items():
        name = owners[alias]
        yield from purpose_reading(file, f"{before}{name}+{purpose}.command", purpose, f"{start} {tasks[name].typed}", part)


def table_readings(kind: str, start: str, file: str, above: str, bodies: Mapping[str, str]) -> Iterator[Reading]:
    """The same for a table of names and what they run, as pyproject.toml's runners have; `above` is the table's own key.

    A name that starts with an underscore is hidden by its runner; one with a blank would need quoting.
    """
    slots = slot_names(bodies)
    tasks: dict[str, tuple[str, str]] = {}
    for name in offered(bodies):
        if name.startswith("_") or not bodies[name] or key_name(name) != name:
            continue
        tasks[name] = key, typed = f"{above}.{name}", f"{start} {name}"
        yield from reading(file, key, f"{kind}.{slots[name]}", typed, "{} runs {}", bodies[name])
    yield from purpose_readings(file, tasks, bodies)


def _sentence(task: Task, part: str) -> tuple[str, ...]:
    """The text and its bodies."""
    said = gloss(task.description)
    text, bodies = "{}", []
    if task.shown:
        body = task.shown if not said or len(task.shown) <= SHORT_BODY else task.shown[: SHORT_BODY - 1].rstrip() + "…"
        text, bodies = f"{{}} runs {{}}{f' and {task.more} more' if task.more else ''}", [body]
    if part:
        text, bodies = f"{text} in {{}}", [*bodies, part]
    return (f"{text}: {said}" if said else text, *bodies)
