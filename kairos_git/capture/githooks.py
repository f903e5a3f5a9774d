"""Hooks in a project's git: put there, described, and taken away without a trace.

The one rule: what was there before runs as before, and comes back byte for byte.

Where they go depends on the git at hand:

- git >= 2.54: into the project's local config (`hook.kairos-<event>`), whatever its hooks folder holds. Nothing is
  renamed, and a core.hooksPath that is tracked or shared is served as well. The stubs lie in the memory's git
  directory. An older git on the same machine passes them over and only misses the pointers, which are hints.
- older: into the folder git looks in, ours in front and the hook that was there behind it. A folder under version
  control is left alone; one that several projects share gets a stub that acts only where `kairos.memory` is set.

core.hooksPath itself is never set.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from kairos_git.capture import hookfiles, hookfolder
from kairos_git.capture.hookfiles import STAMP
from kairos_git.capture.hookfolder import EVENTS, HookState
from kairos_git.gitrun import Git, version

__all__ = ["EVENTS", "STAMP", "HookState", "install", "status", "uninstall"]

CONFIG_HOOKS = (2, 54)  # the first git that runs hooks named in its config
_SECTION = "hook.kairos-{event}"  # a name equal to the event's would be fatal to git


def install(project: str, spool: str, drain: Sequence[str]) -> list[HookState]:
    """Put the stubs in place or bring them up to date; a second run changes no byte.

    `spool` is `<memory git dir>/kairos/spool`; `drain` the whole command to start beside each event, its program an
    absolute path, or nothing. Raises NotFound where the project is no git repository, NotWritable where a folder
    refuses.
    """
    if drain and not os.path.isabs(drain[0]):
        raise ValueError(f"the drain's program is not an absolute path: {drain[0]}")
    spool = os.path.abspath(spool)
    place = hookfolder.place(project)
    if version() >= CONFIG_HOOKS:
        _clear_folders(project, place, shared=False)  # what an older git needed would be run as well
        _configure(Git(project), spool, drain)
        return _configured(Git(project), spool, drain)
    _forget(Git(project))
    return hookfolder.put(place, spool, drain)


def status(project: str, spool: str, drain: Sequence[str]) -> list[HookState]:
    """What stands where, measured against what `install` with the same arguments would write."""
    spool = os.path.abspath(spool)
    place = hookfolder.place(project)
    if version() >= CONFIG_HOOKS:
        return _configured(Git(project), spool, drain)
    return hookfolder.describe(place, spool, drain)


def uninstall(project: str, *, shared: bool = False) -> list[HookState]:
    """Take away every stub that nobody has edited, and put back what was behind; the answer is what is left.

    A stub in a folder that several projects use does nothing where `kairos.memory` is not set, so it stays for the
    others unless `shared` is true. Raises as `install`.
    """
    place = hookfolder.place(project)
    _forget(Git(project))
    _clear_folders(project, place, shared)
    states = hookfolder.left(place.folder)
    if place.kind == "folder" or shared:
        return states
    note = f"{place.folder} serves other projects too, and a stub there does nothing where kairos.memory is not set."
    return [s._replace(note=s.note or note) if s.state in ("installed", "chained") else s for s in states]


def _clear_folders(project: str, place: hookfolder.Place, shared: bool) -> None:
    # The default folder as well: core.hooksPath may have been set after the stubs were put there.
    folders = {os.path.realpath(os.path.join(hookfolder.common_dir(project), "hooks"))}
    if place.kind == "folder" or shared:
        folders.add(place.folder)
    for folder in sorted(folders):
        hookfolder.clear(folder)


def _entry(event: str, path: str) -> dict[str, str]:
    return {
        "event": event,
        # Not the bare path: should the memory be gone, git would complain at every commit and refuse every push.
        # Sourced: git starts a shell for the line as it stands.
        "command": f"! test -f {shlex.quote(path)} || . {shlex.quote(path)}",
        "parallel": "true",  # a single hook without it keeps all hooks of the event from running side by side
    }


def _entries(git: Git, *scope: str) -> dict[str, str]:
    answer = git.run("config", *scope, "-z", "--get-regexp", r"^hook\.", check=False)
    pairs = (item.partition("\n") for item in os.fsdecode(answer.out).split("\0") if item)
    return {name: value for name, _, value in pairs}


def _configure(git: Git, spool: str, drain: Sequence[str]) -> None:
    folder = os.path.join(os.path.dirname(spool), "hooks")
    hookfiles.make_folder(folder)
    entries = _entries(git, "--local")
    for event in EVENTS:
        path = os.path.join(folder, event)
        hookfiles.write(path, hookfiles.render(event, "config", spool, drain))
        for key, value in _entry(event, path).items():
            name = f"{_SECTION.format(event=event)}.{key}"
            if entries.get(name) != value:
                git.run("config", "--local", "--replace-all", name, value)


def _configured(git: Git, spool: str, drain: Sequence[str]) -> list[HookState]:
    entries = _entries(git)
    states = []
    for event in EVENTS:
        path = os.path.join(os.path.dirname(spool), "hooks", event)
        section = _SECTION.format(event=event)
        now = {key: entries.get(f"{section}.{key}") for key in _entry(event, path)}
        current = hookfiles.content_of(path) == hookfiles.render(event, "config", spool, drain)
        if now["command"] is None:
            states.append(HookState(event, path, "missing"))
        elif off := [n for n in (section, f"hook.{event}") if entries.get(f"{n}.enabled") == "false"]:
            states.append(HookState(event, path, "unsupported", f"Turned off by {off[0]}.enabled in git's config."))
        elif now != _entry(event, path) or not current:
            states.append(HookState(event, path, "stale", "Install again to bring it up to date."))
        else:
            states.append(HookState(event, path, "installed"))
    return states


def _forget(git: Git) -> None:
    """Remove our entries from the project's config, and the stubs they name."""
    entries = _entries(git, "--local")
    for event in EVENTS:
        section = _SECTION.format(event=event)
        path = _stub_of(entries.get(f"{section}.command", ""))
        if (stub := hookfiles.read(path)) is not None and stub.intact:
            hookfiles.remove(path)
            if not os.listdir(os.path.dirname(path)):
                os.rmdir(os.path.dirname(path))
        if any(name.startswith(section + ".") for name in entries):
            git.run("config", "--local", "--remove-section", section)


def _stub_of(command: str) -> str:
    try:
        return shlex.split(command)[-1]
    except (ValueError, IndexError):  # somebody rewrote the line
        return ""
