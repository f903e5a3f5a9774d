"""Which memory a command means: named outright, by the environment, or by the project it is called in."""

from __future__ import annotations

import os

from kairos_git.capture.project import Project, find_project, linked_memory
from kairos_git.errors import NotFound
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.settings import environment


def find_memory(memory: str | None, project: str | None) -> Memory:
    """The memory named by --memory or KAIROS_MEMORY, else the project's. Raises NotFound and WouldOverwrite."""
    named = memory or environment().memory
    if named:
        return open_memory(os.path.expanduser(named))
    return open_memory(linked_memory(find_project(project or os.getcwd())))


def project_of(memory: Memory, project: str | None) -> Project | None:
    """The project a command is called in, if the memory is its own; None where a memory is used without one."""
    try:
        found = find_project(project or os.getcwd())
    except NotFound:
        if project:
            raise
        return None
    if os.path.realpath(linked_memory(found)) == os.path.realpath(memory.path) or project:
        return found
    return None
