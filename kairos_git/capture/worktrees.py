"""What the files of a repository tell without git: its git directories, what a work tree keeps of its own, where its memory stands.

The one rule: read from files alone, since it is asked at every turn of an agent and for many folders at a time.
"""

from __future__ import annotations

import os
import shlex

from kairos_git.errors import NotFound
from kairos_git.memory.files import read_regular


def here() -> str:
    """The current folder. Raises NotFound where it was removed meanwhile."""
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise NotFound("The current folder was removed. Go to one that exists, or name the project with --project.") from error


def git_folder(root: str) -> str:
    """The git directory of the work tree at `root`: `.git`, or what the `.git` file of a linked one names; the path of a
    missing `.git` where it is no work tree.
    """
    place = os.path.join(root, ".git")
    if not os.path.isfile(place):
        return os.path.realpath(place)
    words = first_line(place)
    return os.path.realpath(os.path.join(root, words[7:].strip())) if words.startswith("gitdir:") else place


def common_folder(gitdir: str) -> str:
    """The git directory that all work trees of a repository share."""
    shared = first_line(os.path.join(gitdir, "commondir"))
    return os.path.realpath(os.path.join(gitdir, shared)) if shared else gitdir


def memory_place(linked: str, default: str) -> str:
    """Where a project's memory is, or should be: where the link says ("" for no link), else the default place."""
    if linked and (os.path.isdir(linked) or not os.path.isdir(os.path.join(default, ".git", "kairos"))):
        return linked
    return default  # project and memory moved together, and the link still says where they were


def gone(linked: str) -> NotFound:
    """The error of a link to a memory that is there no more: said by whatever looks for it, and by `init`, which makes no second one."""
    return NotFound(
        f"This project's memory was at {linked} and is there no more; nothing was made in its place. If it was moved: `kairos-git init "
        f"--memory` with its new place. Else put a backup or a clone of it back there, or begin anew, with an empty one: `kairos-git "
        f"init --memory {shlex.quote(linked)}`."
    )


def reflog(root: str) -> str:
    """The reflog of its HEAD, "" where there is none."""
    return (read_regular(os.path.join(git_folder(root), "logs", "HEAD")) or b"").decode("utf-8", "replace")


def first_line(path: str) -> str:
    """The first line of a small file; "" where there is none."""
    data = read_regular(path)
    return (data or b"")[:4096].decode("utf-8", "surrogateescape").partition("\n")[0].strip()
