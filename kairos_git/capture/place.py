"""Which memory a command means: named outright, by the environment, or by the project it is called in; or the owner's own.

The one rule: a line belongs to one memory, decided before its first write; nothing ever reads two together.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.project import Project, expected_memory, find_project, here, linked_memory
from kairos_git.environ import environment
from kairos_git.errors import GitFailed, NotFound, NotWritable, UsageError
from kairos_git.memory.repository import Memory, open_memory

ME = "me"  # the name of the owner's own memory; a folder called me is ./me


class Routed(NamedTuple):
    """Where a line goes. own: to the owner's own memory; made: which had to be made for it."""

    memory: Memory
    own: bool = False
    made: bool = False


def find_memory(memory: str | None, project: str | None) -> Memory:
    """The memory named by --memory or KAIROS_MEMORY, else the project's. Raises NotFound and WouldOverwrite."""
    named = memory or environment().memory
    if named == ME:
        own = own_memory()
        if own is None:
            raise NotFound(f"You have no memory of your own yet at {own_path()}. Make it with `kairos-git init --memory me`.")
        return own
    if named:
        return open_memory(os.path.expanduser(named))
    return open_memory(expected_memory(find_project(project or here())))


def project_of(memory: Memory, project: str | None) -> Project | None:
    """The project a command is called in, if the memory is its own; None where a memory is used without one, as the
    owner's own always is: it reads no project's git.
    """
    if is_own(memory.path):
        return None
    try:
        found = find_project(project or here())
    except NotFound:
        if project:
            raise
        return None
    except GitFailed as error:
        if project or not error.stderr:  # a git that was killed, or could not start, did not say that no project is here
            raise
        return None
    if os.path.realpath(linked_memory(found)) == os.path.realpath(memory.path) or project:
        return found
    return None


def own_path() -> str:
    """Where the owner's own memory is, or would be: `$XDG_DATA_HOME/kairos-git/me`."""
    return os.path.join(environment().data_home, "kairos-git", ME)


def is_own(named: str | None) -> bool:
    """Whether a name or path means the owner's own memory."""
    return named == ME or (bool(named) and os.path.realpath(os.path.expanduser(str(named))) == os.path.realpath(own_path()))


def own_memory() -> Memory | None:
    """The owner's own memory, None where it was not made yet. Raises WouldOverwrite where something else is in its place."""
    from kairos_git.memory.seed import half_made

    path = own_path()
    if not os.path.isdir(path) or not os.listdir(path) or half_made(path):
        return None
    return open_memory(path)


def make_own(now: datetime) -> Memory:
    """The owner's own memory, made where it is missing, for their eyes only. Raises NotWritable and WouldOverwrite."""
    from kairos_git.memory.seed import create

    own = own_memory()
    if own is not None:
        return own
    path = own_path()
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        os.chmod(path, 0o700)  # the vault is in there
    except OSError as error:
        raise NotWritable(f"{path} cannot be made ({error.strerror}). Point XDG_DATA_HOME at a folder you can write.") from error
    return create(path, now)


def refuse_own(named: str | None) -> None:
    """Raise UsageError where a project is about to be tied to the owner's own memory."""
    if is_own(named or environment().memory):
        raise UsageError("The memory `me` is your own and belongs to no project: it has no hooks and no link.")


def route(text: str, src: str, memory: str | None, project: str | None, now: datetime, *, here: bool = False) -> Routed:
    """Where a line goes that `src` says: the owner's own memory (it is made where it is missing) where it is named, and where they
    speak of themselves or of their vault, unless another memory was named or `here` keeps it with the project.

    src  who speaks, once the environment was asked: what an agent says is never about the owner
    """
    from kairos_git.capture.me import speaks_of_self  # its patterns cost more than `status` does
    from kairos_git.memory.vault import speaks_of_vault

    named = memory or environment().memory
    mine = named is None and not here and src == "owner" and (speaks_of_self(text) or speaks_of_vault(text))
    if named != ME and not mine:
        return Routed(find_memory(memory, project))
    own = own_memory()
    return Routed(own or make_own(now), own=True, made=own is None)
