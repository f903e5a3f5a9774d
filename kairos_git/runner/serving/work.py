"""Where the agent works: the project's branch, the paths that are being changed, and the files that git tracks.

The one rule: git is asked, a few times at most, and what it cannot say is nothing: no session waits for it.
"""

from __future__ import annotations

from typing import NamedTuple

from kairos_git.capture.project import Project
from kairos_git.capture.survey.tree import default_branch
from kairos_git.errors import GitFailed
from kairos_git.gitrun import Git

SECONDS = 3.0  # that git may take to look through the work tree
MOST_TOUCHED = 200  # paths that count as being changed; a checkout in which everything changed has no middle


class Work(NamedTuple):
    """branch: its name, "" where HEAD is detached or there is no project; trunk: whether that is the default branch;
    commit: HEAD's, or None; touched: paths from the root, sorted; names: every tracked file, None where it is not known.
    """

    branch: str = ""
    trunk: bool = True
    commit: str | None = None
    touched: tuple[str, ...] = ()
    names: tuple[str, ...] | None = None


def work_of(project: Project | None, branch: str = "", paths: tuple[str, ...] = ()) -> Work:
    """The work at hand in a project: uncommitted changes, what the branch changed since the default one, and `paths`.

    branch  look from this branch instead of the one that is checked out; uncommitted changes are then not its own
    """
    if project is None:
        return Work(branch, touched=tuple(sorted(set(paths))))
    git = project.git
    here = git.text("symbolic-ref", "--quiet", "--short", "HEAD", check=False)
    name = branch or here
    trunk = default_branch(git)
    commit = git.resolve(f"refs/heads/{branch}") if branch else git.resolve("HEAD")
    touched = list(_committed(git, trunk, commit)) if commit and trunk and name != trunk else []
    if not project.bare and name == here:
        touched += _uncommitted(git)
    names = None if project.bare else _names(git)
    return Work(name, trunk in (None, name), commit, tuple(sorted({*paths, *sorted(set(touched))[:MOST_TOUCHED]})), names)


def _committed(git: Git, trunk: str, commit: str) -> list[str]:
    base = next((c for ref in ("refs/heads/", "refs/remotes/origin/") if (c := git.resolve(ref + trunk))), None)
    if base is None or base == commit:
        return []
    return _split(
        git.run("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", f"{base}...{commit}", "--", check=False).out
    )


def _uncommitted(git: Git) -> list[str]:
    """Paths from the root that differ from HEAD, and untracked ones."""
    words = ("--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=dirty")
    try:
        out = _split(git.run("status", *words, check=False, timeout=SECONDS).out)
    except GitFailed:
        return []
    return [entry[3:].rstrip("/") for entry in out if len(entry) > 3]


def _names(git: Git) -> tuple[str, ...] | None:
    result = git.run("ls-files", "-z", check=False)
    return None if result.code else tuple(_split(result.out))


def _split(out: bytes) -> list[str]:
    return [path for path in out.decode("utf-8", "surrogateescape").split("\0") if path]
