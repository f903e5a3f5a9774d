"""The project a memory belongs to: where it is, what it is called, who owns it.

The one rule: nothing here writes into the project but `link` and `unlink`, and those only its local git config.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from kairos_git.capture.worktrees import memory_place
from kairos_git.errors import NotFound
from kairos_git.gitrun import Git
from kairos_git.memory.landing import Person

LINK = "kairos.memory"


class Project(NamedTuple):
    """root: the work tree (or the bare repository); gitdir: the common git directory all worktrees share."""

    root: str
    gitdir: str
    bare: bool

    @property
    def git(self) -> Git:
        return Git(self.root)

    @property
    def main_root(self) -> str:
        """The main work tree, whichever linked worktree we stand in: the parent of a `.git` folder, else the root."""
        return os.path.dirname(self.gitdir) if os.path.basename(self.gitdir) == ".git" else self.root

    @property
    def name(self) -> str:
        return os.path.basename(self.main_root).removesuffix(".git") or "project"

    @property
    def default_memory(self) -> str:
        """`src/app` -> `src/app.memory`."""
        return os.path.join(os.path.dirname(self.main_root), f"{self.name}.memory")


def find_project(path: str) -> Project:
    """The git repository a path lies in. Raises NotFound where there is none."""
    if not os.path.isdir(path):
        raise NotFound(f"{path} is not a folder. Name the project's folder with --project.")
    result = Git(path).run("rev-parse", "--is-bare-repository", "--git-common-dir", "--show-toplevel", check=False)
    words = result.out.decode("utf-8", "surrogateescape").rstrip("\n").split("\n")
    if result.code and words[0] != "true":
        said = result.err.decode(errors="replace").strip()
        if "dubious ownership" in said:
            raise NotFound(f"git does not trust {path}, which belongs to somebody else: {said.splitlines()[0]}")
        raise NotFound(f"{path} is not in a git repository. Run `git init` there, or name the project with --project.")
    gitdir = os.path.realpath(os.path.join(path, words[1]))
    bare = words[0] == "true"
    return Project(gitdir if bare else words[2], gitdir, bare)


def linked_memory(project: Project) -> str:
    """Where the project's memory is: its local git config `kairos.memory`, else the default place."""
    configured = project.git.config(LINK)
    linked = os.path.normpath(os.path.join(project.main_root, os.path.expanduser(configured))) if configured else ""
    return memory_place(linked, project.default_memory)


def link(project: Project, memory: str) -> None:
    """Note in the project's local git config where its memory is."""
    if project.git.config(LINK) != memory:
        project.git.run("config", "--local", LINK, memory)


def unlink(project: Project) -> None:
    """Take the note back; the section goes with its last name, so that no byte of it stays."""
    project.git.run("config", "--local", "--unset-all", LINK, check=False)


def git_person(git: Git) -> Person | None:
    """Who git says is at work here, or None where it knows nobody."""
    name, email = git.config("user.name"), git.config("user.email")
    return Person(name or email or "", email or "") if name or email else None


def owner_addresses(project: Project) -> list[str]:
    """The addresses whose commits are the owner's by the project's own git: `user.email`."""
    person = git_person(project.git)
    return [person.email] if person and person.email else []
