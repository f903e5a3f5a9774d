"""The crates of a Cargo workspace.

The one rule: a workspace of hundreds of crates costs the manifests of the sixty largest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from kairos_git.capture.survey.ecosystems.manifests import folder_sizes, is_plain
from kairos_git.capture.survey.formats.documents import Document, read_toml, string, strings, table
from kairos_git.capture.survey.reading import Tree
from kairos_git.errors import Problem

FILE = "Cargo.toml"
MOST_READ = 60
MOST_MEMBERS = 2000
FEWEST = 3  # crates with one prefix; fewer are no family


class Crate(NamedTuple):
    """A member of a workspace: its folder, name and manifest, its size in files, and whether it is built by default."""

    folder: str
    name: str
    description: str
    size: int
    is_default: bool
    document: Document


def crates(tree: Tree, document: Document) -> Iterator[Crate]:
    """A workspace's members, the largest with what their manifests say, the others by their folder's name."""
    workspace = table(document, "workspace")
    wanted, excluded = strings(workspace.get("members")), strings(workspace.get("exclude"))
    defaults = strings(workspace.get("default-members"))
    found = [path[: -len(FILE) - 1] for path in tree.paths if path.endswith(f"/{FILE}") and is_plain(path)]
    folders = [f for f in sorted(found)[:MOST_MEMBERS] if _matches(f, wanted) and not _matches(f, excluded)]
    sizes = folder_sizes(tree, set(folders))
    for number, folder in enumerate(sorted(folders, key=lambda f: (-sizes[f], f))):
        manifest = read_toml(tree, f"{folder}/{FILE}") if number < MOST_READ else {}
        manifest = {} if isinstance(manifest, Problem) else manifest
        name = string(manifest, "package", "name") or folder.rpartition("/")[2]
        is_default = not defaults or _matches(folder, defaults)
        yield Crate(folder, name, string(manifest, "package", "description"), sizes[folder], is_default, manifest)


def prefixes(names: Iterable[str]) -> str:
    """The families that names fall into: `ruff_*, ty_*`; '' where there are none."""
    counts = Counter(found[1] for name in names if (found := re.match(r"([A-Za-z0-9]+[-_])[A-Za-z0-9]", name)))
    return ", ".join(f"{prefix}*" for prefix, count in counts.most_common(4) if count >= FEWEST)


def _matches(folder: str, patterns: list[str]) -> bool:
    """Cargo's globs: `*` stays within one folder."""
    for pattern in patterns[:200]:
        plain = pattern.removeprefix("./").rstrip("/")
        if folder == plain or (
            plain.count("/") == folder.count("/") and len(plain) < 200 and plain.count("*") < 5 and fnmatchcase(folder, plain)
        ):
            return True
    return False
