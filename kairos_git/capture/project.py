"""The project a memory belongs to: where it is, what it is called, who owns it.

The one rule: nothing here writes into the project but `link` and `unlink`, and those only its local git config.
"""

from __future__ import annotations

import os
import shlex
from typing import NamedTuple

from kairos_git.capture.worktrees import gone, memory_place
from kairos_git.capture.worktrees import here as here
from kairos_git.errors import GitFailed, NotFound, UsageError
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
    """The git repository a path lies in. Raises NotFound where there is none, GitFailed where git cannot say."""
    if not os.path.isdir(path):
        raise NotFound(f"{path} is not a folder. Name the project's folder with --project.")
    result = Git(path).run("rev-parse", "--is-bare-repository", "--git-common-dir", "--show-toplevel", check=False)
    words = os.fsdecode(result.out.removesuffix(b"\n")).split("\n")
    if result.code and words[0] != "true":
        said = result.err.decode(errors="replace").strip()
        if "dubious ownership" in said:
            raise NotFound(
                f"git does not trust {path}, which belongs to somebody else. If you do: `git config --global --add safe.directory {path}`."
            )
        if said and "not a git repository" not in said and "work tree" not in said:
            raise GitFailed(f"git cannot read the repository at {path}: {said.splitlines()[-1]}", result.code, said)
        raise NotFound(f"{path} is not in a git repository. Run `git init` there, or name the project with --project.")
    bare = words[0] == "true"
    if len(words) > 2 + (not bare):  # a path with a line break in it: each for itself
        answers = [Git(path).run("rev-parse", name).out for name in ("--git-common-dir", "--show-toplevel")[: 2 - bare]]
        words[1:] = [os.fsdecode(answer.removesuffix(b"\n")) for answer in answers]
    if len(words) < 2:
        raise GitFailed(f"git answered nothing in {path}: the git on PATH is none. Install git 2.36 or newer.")
    gitdir = os.path.realpath(os.path.join(path, words[1]))
    return Project(gitdir if bare else words[2], gitdir, bare)


def linked_memory(project: Project) -> str:
    """Where the project's memory is: its local git config `kairos.memory`, else the default place."""
    return memory_place(_link(project), project.default_memory)


def expected_memory(project: Project) -> str:
    """The same, where it is there or was never made. Raises NotFound where the link leads to one that is gone."""
    linked = _link(project)
    path = memory_place(linked, project.default_memory)
    if linked and path == linked and not (os.path.lexists(path) and (not os.path.isdir(path) or os.listdir(path))):
        raise gone(linked)
    return path


def _link(project: Project) -> str:
    configured = project.git.config(LINK)
    return os.path.normpath(os.path.join(project.main_root, os.path.expanduser(configured))) if configured else ""


def check_place(project: Project, memory: str) -> str:
    """What to say of the place a memory would be made in: "", or that another repository around it would show it.

    Raises UsageError where it lies in a work tree of the project, and its git does not ignore that place.
    """
    around = memory
    while not os.path.isdir(around):
        around = os.path.dirname(around)
    try:
        there = find_project(around)
    except NotFound:
        return ""
    place = os.path.relpath(os.path.realpath(memory), os.path.realpath(there.root))
    if there.bare or place.startswith(".."):
        return ""
    if place != "." and there.git.ok("check-ignore", "--quiet", "--", f"{place}/"):
        return ""
    ignoring = f"`echo {shlex.quote(f'/{place}/')} >> {shlex.quote(os.path.join(there.gitdir, 'info', 'exclude'))}`"
    if there.gitdir != project.gitdir:
        return f"{memory} lies in the work tree of {there.root}, whose git shows it; {ignoring} makes it look away." * (
            place != "."
        )
    raise UsageError(
        f"{memory} lies in the project's own work tree, whose git would show the memory and commit it. Nothing was made; name a "
        f"place outside with --memory{'' if place == '.' else f', or let this git ignore that one first: {ignoring}'}."
    )


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
