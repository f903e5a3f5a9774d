"""A project's tree at a commit, read from git: the survey's one edge.

The one rule: a survey costs one `ls-tree` and the few blobs its readers ask for, whatever the size of the tree; history is
read when a reader asks for it, and nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from kairos_git.capture.survey.past import read_past
from kairos_git.capture.survey.reading import Past, Tree
from kairos_git.gitrun import Git

LARGEST = 1024 * 1024  # bytes of a file that a reader may see
VERSIONS = 10  # of a file that cannot be read, in which one is looked for that can

_USUAL = ("main", "master", "trunk", "develop")
_HEADS, _REMOTE = "refs/heads/", "refs/remotes/origin/"


def read_tree(git: Git, commit: str, default_branch: str | None) -> Tree:
    """The regular files of a commit; symbolic links and submodules are not among them. Raises GitFailed."""
    blobs: dict[str, str] = {}
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit).out.decode(errors="surrogateescape")
    for entry in listed.split("\0"):
        facts, _, path = entry.partition("\t")
        if facts.startswith("100"):  # 120000 is a symbolic link, 160000 a submodule
            blobs[path] = facts[12:]  # "100644 blob " and the object's name

    @cache
    def read(path: str) -> bytes | None:
        return git.blob(blobs[path], LARGEST) if path in blobs else None

    @cache
    def past() -> Past:
        return read_past(git, commit)

    def earlier(path: str) -> Iterator[tuple[str, bytes]]:
        if "\n" in path:
            return
        span = (f"--max-count={VERSIONS + 1}", "--end-of-options", commit, "--", f":(top,literal){path}")
        for older in git.lines("log", "--format=%H", *span, check=False):
            content = git.blob(f"{older}:{path}", LARGEST)
            if content is not None and content != read(path):
                yield older, content

    return Tree(frozenset(blobs), read, default_branch, past, earlier)


def default_branch(git: Git) -> str | None:
    """The default branch's name: origin's, else the configured, a usual, the only, or HEAD's; None if there is none."""
    branches = _branches(git)
    pointed = git.text("symbolic-ref", "--quiet", _REMOTE + "HEAD", check=False).removeprefix(_REMOTE)
    configured = git.config("init.defaultBranch") or ""
    for name in (pointed, configured, *_USUAL):
        if name in branches:
            return name
    if len(branches) == 1:
        return next(iter(branches))
    current = git.text("symbolic-ref", "--quiet", "HEAD", check=False).removeprefix(_HEADS)
    return current if current in branches else None


def survey_commit(git: Git) -> tuple[str | None, str | None]:
    """The commit to survey and the default branch: that branch's tip, here or else at origin, whatever is checked out.

    Without any branch (a detached checkout) it is HEAD; (None, None) where there is no commit yet.
    """
    branch = default_branch(git)
    if branch is None:
        return git.resolve("HEAD"), None
    return git.resolve(_HEADS + branch) or git.resolve(_REMOTE + branch), branch


def _branches(git: Git) -> set[str]:
    names = git.lines("for-each-ref", "--format=%(refname)", _HEADS, _REMOTE)
    short = {name.removeprefix(_HEADS).removeprefix(_REMOTE) for name in names}
    return short - {"HEAD"}
