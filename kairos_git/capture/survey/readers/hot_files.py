"""The source files that change most: where the project's work happens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kairos_git.capture.survey.reading import LONGEST_VALUE, MANIFEST, Reader, Reading, Tree, reading
from kairos_git.capture.survey.source.files import is_plain, is_source
from kairos_git.errors import Problem

MOST = 8
FEWEST_COMMITS = 30  # that touch a source file
SWEEPING = 25  # files of one commit that make it a rename or a reformatting
_FEWEST_CHANGES = 4
_SHARE = 0.02  # of the commits that a file must be in
_MOST_READ = 20  # candidates that are looked into

_GENERATED = re.compile(
    rb"do not edit|@generated|auto-?generated|code generated|generated (?:by|from|file)|this file (?:is|was) generated",
    re.IGNORECASE,
)
_VERSIONS = re.compile(
    r"(?:^|/)(?:\w*version_?_?|about|__about__|_meta|build_info|changelog\w*|generated\w*|schema\.gen|types\.gen)\.\w+$",
    re.IGNORECASE,
)
_FOLDERS = re.compile(
    r"(?:^|/)(?:docs?|generated|gen|_generated|__generated__|snapshots|locales?|i18n|migrations|templates|examples?)/"
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    counts: Counter[str] = Counter()
    commits = 0
    for change in tree.past().changes:
        if change.merge or len(change.paths) > SWEEPING:
            continue
        touched = [path for path in set(change.paths) if path in tree.paths and _counts(path)]
        commits += bool(touched)
        counts.update(touched)
    if commits < FEWEST_COMMITS:
        return
    needed = max(_FEWEST_CHANGES, _SHARE * commits)
    ranked = sorted((path for path in counts if counts[path] >= needed), key=lambda path: (-counts[path], path))
    hot = [path for path in ranked[:_MOST_READ] if not _GENERATED.search((tree.read(path) or b"")[:600])][:MOST]
    while len(", ".join(hot)) > LONGEST_VALUE:
        hot.pop()
    if len(hot) > 1:
        yield from reading(
            "git", "log.hot-files", "history.hot-files", ", ".join(hot), "The source files that change most are {}"
        )


def _counts(path: str) -> bool:
    return is_plain(path) and is_source(path) and not _VERSIONS.search(path) and not _FOLDERS.search(path)


READER = Reader("hot_files", _read, MANIFEST)
