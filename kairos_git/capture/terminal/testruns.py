"""Runs of the project's declared test command: what its exit code says, once for each time that it changes.

The one rule: only the very command that is declared, in the project's root, and only an exit code that it gave itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, tzinfo

from kairos_git.capture.reflog import moves
from kairos_git.capture.terminal.lines import Activity
from kairos_git.capture.terminal.summary import KILLED
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import redact
from kairos_git.memory.text import code, normal_value

EVENT = ("event", "test")


def told_runs(
    activities: Iterable[Activity], declared: Collection[str], before: Mapping[str, bool], folder_of: Callable[[str], str],
    commit_at: Callable[[str, int], str], zone: tzinfo | None,
) -> tuple[list[Observation], dict[str, bool]]:  # fmt: skip
    """The observations of changed outcomes, in order, and how each declared command stands now.

    before     command -> whether it passed when it was last told
    commit_at  (folder, seconds since 1970) -> the commit that was checked out there then, or ""
    """
    told: list[Observation] = []
    standing = dict(before)
    wanted = {normal_value(d) for d in declared}
    for a in activities:
        command = normal_value(a.command)
        if a.cut or command not in wanted or folder_of(a.folder) or a.code >= KILLED:
            continue
        passed = a.code == 0
        if standing.get(command) is not passed:
            text = redact(f"Tests {'passed' if passed else 'failed'}: {code(command)}").text
            when = datetime.fromtimestamp(a.ended, zone)
            told.append(observe(when, text, "test", root="terminal", at=commit_at(a.folder, a.ended)[:12], extra=(EVENT,)))
        standing[command] = passed
    return told, standing


def checked_out(reflog: str, epoch: int) -> str:
    """The commit that HEAD was at, by its reflog; "" where it does not say."""
    found = ""
    for move in moves(reflog):
        if move.at > epoch:
            return found or (move.before if move.before.strip("0") else "")
        found = move.after
    return found
