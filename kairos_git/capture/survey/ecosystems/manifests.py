"""Where a project's manifests stand: at the root, and in the folders that are parts of it.

The one rule: a manifest in tests, examples, templates or vendored code is no part of the project.
"""

from __future__ import annotations

import re

from kairos_git.capture.survey.reading import Tree, one_line, vocabulary
from kairos_git.capture.survey.source.files import all_counts

MOST_PARTS = 30  # folders of one kind of manifest; the largest are taken
DEEPEST = 3  # folders above a part's manifest
FEWEST_FILES = 5  # in a part's folder

_NO_PARTS = vocabulary(
    "test tests testing testdata test-data test_data fixture fixtures example examples _examples sample samples demo demos template "
    "templates vendor vendored third_party third-party thirdparty node_modules external extern bench benches benchmark benchmarks "
    "docs doc snapshots __snapshots__ resources testcases e2e target dist build fuzz cookiecutter scaffold playground sandbox archive "
    "scripts script hack contrib"
)


def part_folders(tree: Tree, manifest: str) -> list[str]:
    """The folders below the root with a manifest of this name and at least five files, the largest first."""
    found = {
        path[: -len(manifest) - 1]
        for path in tree.paths
        if path.endswith(f"/{manifest}") and path.count("/") <= DEEPEST and is_plain(path) and not in_other_code(path)
    }
    sizes = folder_sizes(tree, found)
    return sorted((f for f in found if sizes[f] >= FEWEST_FILES), key=lambda folder: (-sizes[folder], folder))[:MOST_PARTS]


def in_other_code(path: str) -> bool:
    """Whether a folder of the path holds tests, examples or other people's code."""
    return any(name.lower() in _NO_PARTS or name.startswith((".", "{{")) for name in path.split("/")[:-1])


def is_plain(path: str) -> bool:
    """Whether a path can be typed and shown without quotes."""
    return bool(re.fullmatch(r"[A-Za-z0-9_@.][A-Za-z0-9._@/+-]*", path)) and ".." not in path and one_line(path) == path


def folder_sizes(tree: Tree, folders: set[str]) -> dict[str, int]:
    """How many files each of these folders holds, at any depth."""
    counts = all_counts(tree.paths) if folders else {}
    return {folder: counts.get(f"{folder}/", 0) for folder in folders}


def below(folder: str, path: str) -> str:
    """A path in a folder, from the root; '' is the root."""
    return f"{folder}/{path}" if folder else path
