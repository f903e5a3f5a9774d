"""CODEOWNERS: whether every change needs somebody's review, and which paths have owners of their own."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
FEWEST_PATHS = 2  # with owners of their own; one owner of everything is no news to whoever changes something
MOST_PATHS = 6


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    text = read_text(tree, file)
    if isinstance(text, Problem):
        yield text
        return
    rules = [line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "["))]
    paths = list(dict.fromkeys(words[0] for words in rules if len(words) > 1 and words[0].strip("*/")))
    if len(paths) >= FEWEST_PATHS:
        some = ", ".join(paths[:MOST_PATHS]) + (", …" if len(paths) > MOST_PATHS else "")
        sentence = "{} names who reviews changes of {}"
        yield from reading(file, "owners", "guides.codeowners", file, sentence, some)


READER = Reader("codeowners", _read, MANIFEST)
