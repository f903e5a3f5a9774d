"""doctor: everything that must be so for a memory to be safe, one finding a line, each with what to do.

The one rule: it changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture import githooks
from kairos_git.capture.project import LINK, Project, git_person
from kairos_git.errors import KairosError
from kairos_git.gitrun import MINIMUM, version
from kairos_git.memory.edits import edited_topics
from kairos_git.memory.landing import read_regular
from kairos_git.memory.objects import list_files, read_files
from kairos_git.memory.repository import Memory
from kairos_git.memory.seed import HOOKS, command, wanted_config
from kairos_git.memory.snapshot import SETTINGS
from kairos_git.memory.topic import topic_name
from kairos_git.runner.awake.stages import load_stages, silent
from kairos_git.runner.awake.work import work
from kairos_git.runner.health.check import fsck
from kairos_git.settings import load_settings


class Finding(NamedTuple):
    """One thing looked at: whether it is well, what was found, and what to do where it is not."""

    ok: bool
    what: str
    advice: str = ""


def doctor(memory: Memory, project: Project | None, now: datetime) -> list[Finding]:
    """Look at git, the memory, its settings, its history and the project's hooks."""
    looks = (
        _git(),
        _repository(memory),
        _content(memory),
        _awake(memory, project, now),
        _project(memory, project) if project else (),
    )
    return [finding for look in looks for finding in _as_far_as_it_goes(look)]


def _as_far_as_it_goes(look: Iterable[Finding]) -> Iterator[Finding]:
    """What a look finds; what stops it is a finding, too, and the other looks go on."""
    try:
        yield from look
    except KairosError as error:
        yield Finding(False, "memory: readable", str(error))


def _git() -> Iterator[Finding]:
    have = ".".join(map(str, version()))
    need = ".".join(map(str, MINIMUM))
    yield Finding(
        version() >= MINIMUM, f"git {have}", f"Upgrade git to {need} or newer: older ones cannot fsync what they acknowledge."
    )


def _repository(memory: Memory) -> Iterator[Finding]:
    again = "Run `kairos-git init` in the project: it sets the memory up again and changes nothing else."
    for name, value in wanted_config(memory).items():
        have = memory.git.run("config", "--local", "--get", name, check=False).out.decode().rstrip("\n")
        yield Finding(have == value, f"memory: {name} = {have or '(unset)'}", f"It should be {value}. {again}")
    missing = [n for n in HOOKS if not os.access(os.path.join(memory.own, "hooks", n), os.X_OK)]
    yield Finding(not missing, "memory: its own hooks", f"{', '.join(missing)} missing. {again}")
    result = memory.git.run("fsck", "--strict", "--no-dangling", "--no-progress", check=False)
    words = result.err.decode(errors="replace").strip().splitlines()
    yield Finding(
        result.code == 0, "memory: git fsck", f"{words[0] if words else ''} Restore the damaged objects from a clone or backup."
    )
    writable = os.access(memory.path, os.W_OK) and os.access(memory.own, os.W_OK)
    yield Finding(writable, "memory: writable", "Make the folder and its .git writable for you.")
    unfinished = memory.unfinished()
    yield Finding(
        not unfinished,
        "memory: nothing half done",
        f"A {unfinished} is unfinished: `git -C {memory.path} status` says how to go on.",
    )
    edited = edited_topics(memory)
    yield Finding(not edited, "memory: no uncommitted edit", f"{', '.join(edited)}: commit them, or say `kairos-git adopt`.")
    damaged = [n for n in os.listdir(memory.own) if n.startswith("damaged-")] if os.path.isdir(memory.own) else []
    yield Finding(
        not damaged, "spool: nothing damaged", f"Lines that could not be read are kept in {memory.own}: {', '.join(damaged)}."
    )


def _content(memory: Memory) -> Iterator[Finding]:
    settings = load_settings(read_regular(os.path.join(memory.path, SETTINGS)) or b"")
    yield Finding(not settings.problems, SETTINGS, "; ".join(str(p) for p in settings.problems))
    yield from _front_matter(memory)
    problems = fsck(memory).problems
    first = f"law {problems[0].law}: {problems[0]}" if problems else ""
    yield Finding(not problems, "the laws", f"{len(problems)} problems, the first: {first}. `kairos-git fsck` lists them.")


def _front_matter(memory: Memory) -> Iterator[Finding]:
    """Topics stay loadable by other tools only while their front matter is YAML."""
    import frontmatter
    import yaml

    bad = []
    paths = [p for p in list_files(memory.git, memory.head(), "topics/") if topic_name(p)]
    for path, data in read_files(memory.git, memory.head(), paths).items():
        try:
            frontmatter.loads(data.decode("utf-8", "replace"))
        except (yaml.YAMLError, RecursionError, ValueError):
            bad.append(path)
    yield Finding(
        not bad,
        "topics: front matter",
        f"{', '.join(bad)} cannot be read as YAML by other tools; mend the lines between the dashes.",
    )


def _awake(memory: Memory, project: Project | None, now: datetime) -> Iterator[Finding]:
    """Each stage: whether what waits for it waits too long, and what it said when it last failed."""
    stages = load_stages(memory)
    found = silent(stages, work(memory, project.gitdir if project else "", memory.settings(), stages), now.timestamp())
    for name, stage in stages.items():
        failed = stage.error if stage.tried > stage.worked else ""
        advice = f"It has been silent for too long: {found[name]}." if name in found else f"It last failed: {failed}"
        yield Finding(name not in found and not failed, f"stage: {name}", advice)


def _project(memory: Memory, project: Project) -> Iterator[Finding]:
    linked = project.git.config(LINK)
    yield Finding(
        linked == memory.path, f"project: {LINK} = {linked or '(unset)'}", "Run `kairos-git init` in the project to link it."
    )
    person = git_person(project.git)
    yield Finding(
        person is not None, "project: a git identity", "Without user.email no commit counts as yours: git config user.email you@…"
    )
    for state in githooks.status(project.root, memory.spool, [*command(), "drain", "--quiet"]):
        well = state.state in ("installed", "chained", "moved")
        yield Finding(well, f"hook: {state.event} {state.state}", state.note or "Run `kairos-git hooks install`.")
