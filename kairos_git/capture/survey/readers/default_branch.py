"""The project's default branch."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    branch = tree.default_branch or ""
    yield from reading("git", "HEAD", "git.default-branch", branch, "The default branch is {}")


READER = Reader("default_branch", _read, MANIFEST)
