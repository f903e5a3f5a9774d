"""Where a tree's package.json files stand, and which of them are members of the root's workspace.

The one rule: a package of tests, examples, templates or vendored code is no part of the project, and of 500 packages
only the largest are ever read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kairos_git.capture.survey.ecosystems.manifests import folder_sizes, in_other_code, is_plain
from kairos_git.capture.survey.ecosystems.node_packages import PACKAGE
from kairos_git.capture.survey.formats.documents import Document, read_json, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import Tree

PNPM = "pnpm-workspace.yaml"
MOST_READ = 60  # package.json files below the root
MOST_FOLDERS = 2000  # that are considered at all
FEWEST_FILES = 5  # in a part's folder
DEEPEST = 4  # folders above a package.json
MOST_PATTERNS, LONGEST_PATTERN, MOST_STARS = 50, 100, 4

# Beyond the folders no manifest is a part in: names that only contain one of these words.
_NO_PART = re.compile(
    r"bench|fixture|example|template|playground|sandbox|starter|demo|[-_]tests?(?:/|$)|(?:^|/)e2e[-_]", re.IGNORECASE
)
_DOCS = re.compile(r"(?:docs?|documentation|website|www|site)/")


class Pattern(NamedTuple):
    """One glob of a workspace, and the file and key it stands in."""

    glob: str
    file: str
    key: str


class Package(NamedTuple):
    """A package.json below the root: its folder, how many files that holds, and what the file says."""

    folder: str
    files: int
    document: Document
    member: bool


def patterns(tree: Tree, root: Document) -> list[Pattern]:
    """The globs of the root's workspace; a `!` before one takes folders away."""
    own = root.get("workspaces")
    pnpm = read_yaml(tree, PNPM)
    lerna = read_json(tree, "lerna.json")
    found = [Pattern(glob, PNPM, "packages") for glob in strings(pnpm.get("packages") if isinstance(pnpm, dict) else None)]
    named = strings(own if isinstance(own, list) else table(own).get("packages"))
    found += [Pattern(glob, PACKAGE, "workspaces") for glob in named]
    if not found and isinstance(lerna, dict):
        found = [Pattern(glob, "lerna.json", "packages") for glob in strings(lerna.get("packages"))]
    plain = [one._replace(glob=one.glob.removeprefix("./").rstrip("/")) for one in found]
    return [one for one in plain if 0 < len(one.glob) <= LONGEST_PATTERN and one.glob.count("*") <= MOST_STARS][:MOST_PATTERNS]


def packages(tree: Tree, root: Document) -> Iterator[Package]:
    """The parts of the project that have a package.json, the largest first; at most 60 are read, broken ones left out."""
    globs = [one.glob for one in patterns(tree, root)]
    wanted = [_matcher(glob) for glob in globs if not glob.startswith("!")]
    unwanted = [_matcher(glob[1:].removeprefix("./")) for glob in globs if glob.startswith("!")]
    for folder, files in _folders(tree.paths)[:MOST_READ]:
        document = read_json(tree, f"{folder}/{PACKAGE}")
        if isinstance(document, dict) and document:
            member = any(p.fullmatch(folder) for p in wanted) and not any(p.fullmatch(folder) for p in unwanted)
            yield Package(folder, files, document, member)


def base_name(name: str) -> str:
    """A package's name without its scope."""
    return name.rpartition("/")[2]


def main_name(root: Document) -> set[str]:
    """The names the main package of a workspace may have, from the root's: `@vitest/monorepo` -> vitest, monorepo."""
    name = string(root, "name").lower()
    scope, _, base = name.removeprefix("@").rpartition("/")
    bare = re.sub(r"[-_.]?(?:mono-?repo|root|workspaces?|repo|project)$", "", base)
    return {part for part in (base, bare, scope) if part}


@lru_cache(maxsize=2)
def _folders(paths: frozenset[str]) -> tuple[tuple[str, int], ...]:
    found = {
        path[: -len(PACKAGE) - 1]
        for path in paths
        if path.endswith("/" + PACKAGE) and path.count("/") <= DEEPEST and is_plain(path) and _is_part(path)
    }
    few = set(sorted(found, key=lambda folder: (folder.count("/"), folder))[:MOST_FOLDERS])
    sizes = folder_sizes(Tree(paths, lambda _path: None, None), few)
    return tuple(sorted(((f, n) for f, n in sizes.items() if n >= FEWEST_FILES), key=lambda one: (-one[1], one[0])))


def _is_part(path: str) -> bool:
    return not _NO_PART.search(path) and not in_other_code(_DOCS.sub("", path, count=1) if _DOCS.match(path) else path)


def _matcher(glob: str) -> re.Pattern[str]:
    """A glob of folders as a pattern; what stands in braces is one of several."""
    pattern, depth = "", 0
    for token in re.findall(r"\*\*/?|\*|[{},?]|[^*{},?]+", glob):
        if token.startswith("**"):
            pattern += ".*"
        elif token == "{":
            pattern, depth = pattern + "(?:", depth + 1
        elif token == "}" and depth:
            pattern, depth = pattern + ")", depth - 1
        elif token == "," and depth:
            pattern += "|"
        else:
            pattern += {"*": "[^/]*", "?": "[^/]"}.get(token) or re.escape(token)
    return re.compile(pattern + ")" * depth)
