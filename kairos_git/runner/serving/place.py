"""Where a session stands, by files alone: the project, its git directories, its memory, the owner's own memory.

The one rule: no process is started, and what only git could tell is a `Doubt`, never a guess.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from kairos_git.capture.worktrees import common_folder, git_folder
from kairos_git.environ import environment

_LARGEST = 4 * 1024 * 1024  # bytes of a file that is read here


class Doubt(Exception):
    """Something here cannot be known from files alone: the slow way has to be gone, and nothing is wrong."""


class Where(NamedTuple):
    """Where a session stands. project, tree_git, project_git: the work tree, its own git directory and the common one, ""
    without a project; memory, memory_git: the memory; own: the owner's own memory, or "".
    """

    project: str
    tree_git: str
    project_git: str
    memory: str
    memory_git: str
    own: str = ""

    @property
    def folder(self) -> str:
        """The memory's own folder."""
        return os.path.join(self.memory_git, "kairos")


def located(root: str, memory: str) -> Where:
    """The place of a session in a project's work tree ("" for none), with this memory. Raises Doubt and OSError."""
    own = os.path.join(environment().data_home, "kairos-git", "me")
    if not root:
        return placed("", "", "", memory, own)
    tree_git = git_folder(root)
    if not os.path.isdir(tree_git):
        raise Doubt("no plain work tree")
    return placed(root, tree_git, common_folder(tree_git), memory, own)


def placed(root: str, tree_git: str, common: str, memory: str, own: str) -> Where:
    """The place of a session; the owner's own memory only where it is one. Raises Doubt where the memory is no plain repository."""
    root, memory, own = (os.path.realpath(path) if path else "" for path in (root, memory, own))
    memory_git = os.path.join(memory, ".git")
    if not os.path.isdir(os.path.join(memory_git, "kairos")):
        raise Doubt("no plain memory")
    its_own = own != memory and os.path.isdir(os.path.join(own, ".git", "kairos")) if own else False
    return Where(root, tree_git, common, memory, memory_git, own if its_own else "")


def head(gitdir: str, common: str) -> list[str]:
    """[what HEAD says, its commit or ""]. Raises Doubt for a store of refs that is not made of files."""
    words = read_text(os.path.join(gitdir, "HEAD")).rstrip("\n")
    if not words.startswith("ref: "):
        return ["", words]
    ref = words.removeprefix("ref: ")
    if ref.endswith("/.invalid") or not ref.startswith("refs/heads/") or ".." in ref:
        raise Doubt("refs elsewhere")
    loose = os.path.join(common, ref)
    if os.path.isfile(loose):
        return [ref, read_text(loose).strip()]
    packed = os.path.join(common, "packed-refs")
    lines = read_text(packed).split("\n") if os.path.exists(packed) else []
    return [ref, next((line[: -len(ref)].strip() for line in lines if line.endswith(f" {ref}")), "")]


def read_text(path: str) -> str:
    """A small file as text; what is no UTF-8 survives as surrogates. Raises OSError."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read(_LARGEST)
