"""Where a session is: its project, branch and memory, found by reading a few files, without starting git.

A hook runs at every turn; git's own answer costs more than everything else it does. What these files leave open (an include, a
quoted value, somebody else's repository) is asked of git.

The one rule: the same memory as every command finds, or none. A project without one is left alone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from kairos_git.capture.worktrees import common_folder, first_line, git_folder, gone, memory_place
from kairos_git.errors import NotFound
from kairos_git.memory.files import read_regular

if TYPE_CHECKING:
    from kairos_git.capture.project import Project
    from kairos_git.memory.repository import Memory


class Found(NamedTuple):
    """path: the memory; gitdir: its git directory; root, common: the project's work tree and git directory; branch: "" where detached."""

    path: str
    gitdir: str
    root: str = ""
    common: str = ""
    branch: str = ""

    @property
    def own(self) -> str:
        """The folder for what git does not hold."""
        return os.path.join(self.gitdir, "kairos")

    @property
    def spool(self) -> str:
        """The folder of what waits."""
        return os.path.join(self.own, "spool")

    @property
    def side(self) -> str:
        """The branch, where it is not the one that everything is merged into; else ""."""
        head = (first_line(os.path.join(self.common, "refs/remotes/origin/HEAD")) if self.common else "").rpartition(
            "refs/remotes/origin/"
        )[2]
        return "" if self.branch in (head or "main", "main", "master") else self.branch


def find(cwd: str, named: str | None = None) -> Found | None:
    """The memory of the project a folder lies in, or the one `named`; None where there is no project, or it has no memory.

    Raises NotFound where a project is linked to a memory that is gone, WouldOverwrite where something else is in its place.
    """
    if named:
        from kairos_git.capture.place import find_memory

        memory = find_memory(named, cwd)
        return Found(memory.path, memory.gitdir)
    repository = _repository(cwd)
    if repository is None:
        return None
    root, gitdir, common = repository
    configured = _configured(common, gitdir) if _ours(common) else None
    if configured is None:
        return _asked(cwd, root, gitdir, common)
    main = os.path.dirname(common) if os.path.basename(common) == ".git" else root
    default = os.path.join(os.path.dirname(main), f"{os.path.basename(main).removesuffix('.git') or 'project'}.memory")
    linked = os.path.normpath(os.path.join(main, os.path.expanduser(configured))) if configured else ""
    return _opened(linked, default, root, common, _branch(gitdir))


def found_of(memory: Memory, project: Project | None) -> Found:
    """The same of a memory and a project that are open already, without the branch."""
    root = project.root if project and not project.bare else ""
    return Found(memory.path, memory.gitdir, root, project.gitdir if project else "")


def _opened(linked: str, default: str, root: str, common: str, branch: str) -> Found | None:
    path = memory_place(linked, default)
    gitdir = os.path.join(path, ".git")
    if os.path.isdir(os.path.join(gitdir, "kairos")):
        return Found(path, gitdir, root, common, branch)
    if linked and not os.path.isdir(path):
        raise gone(linked)
    if not os.path.isdir(path):
        return None
    from kairos_git.memory.repository import open_memory

    memory = open_memory(path)
    return Found(memory.path, memory.gitdir, root, common, branch)


def _asked(cwd: str, root: str, gitdir: str, common: str) -> Found | None:
    """The same by git's own answer."""
    from kairos_git.capture.project import LINK, find_project

    try:
        project = find_project(cwd)
    except NotFound:
        return None
    configured = project.git.config(LINK)
    linked = os.path.normpath(os.path.join(project.main_root, os.path.expanduser(configured))) if configured else ""
    return _opened(linked, project.default_memory, root, common, _branch(gitdir))


def _repository(cwd: str) -> tuple[str, str, str] | None:
    """(work tree, its git directory, the git directory all worktrees share) of the repository a folder lies in."""
    here = os.path.realpath(cwd) if cwd else ""
    while here:
        entry = os.path.join(here, ".git")
        if os.path.exists(os.path.join(entry, "HEAD")) or first_line(entry).startswith("gitdir:"):
            gitdir = git_folder(here)
            return here, gitdir, common_folder(gitdir)
        parent = os.path.dirname(here)
        here = parent if parent != here else ""
    return None


def _ours(common: str) -> bool:
    """Whether the repository belongs to who asks; git does not trust another's either."""
    try:
        return os.stat(common).st_uid == os.geteuid()
    except OSError:
        return False


def _configured(common: str, gitdir: str) -> str | None:
    """`kairos.memory` of the repository's own settings, "" where it is not set, None where only git can say."""
    data = read_regular(os.path.join(common, "config"))
    if (
        data is None
        or b"[include" in data.lower()
        or b"kairos" in (read_regular(os.path.join(gitdir, "config.worktree")) or b"").lower()
    ):
        return None
    if b"kairos" not in data.lower():
        return ""
    value, inside = "", False
    for line in data.decode("utf-8", "surrogateescape").splitlines():
        words = line.strip()
        if words.startswith("["):
            inside = words.lower() == "[kairos]"
            if not inside and words.lower().startswith("[kairos"):
                return None
        elif inside:
            name, equals, said = words.partition("=")
            if name.strip().lower() == "memory":
                value = said.strip()
                if not equals or any(mark in value for mark in '"\\#;'):
                    return None
    return value


def _branch(gitdir: str) -> str:
    return first_line(os.path.join(gitdir, "HEAD")).partition("ref: refs/heads/")[2]
