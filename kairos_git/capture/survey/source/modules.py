"""The modules of each root that the others are built on: entry points, what is imported and tested most, known names.

The one rule: a module's weight is made of magnitudes, so that the choice stays the same while the project grows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import normpath

from kairos_git.capture.survey.formats.documents import read_json, read_toml, string, table
from kairos_git.capture.survey.reading import Tree, vocabulary
from kairos_git.capture.survey.source.files import Project, Root, size
from kairos_git.capture.survey.source.imports import imported, sampled
from kairos_git.errors import Problem

MOST_SAMPLED = 45  # files read to count imports
MOST_MODULES = 24  # of one root
_FLAT = 30  # modules directly in a root, without much below: all of them are told
_DEEPEST = 2  # folders below a root
_LIGHTEST = 5  # weight that makes a module of a large root a main one

_MAIN = vocabulary("main app cli server index manage application program lib")
_CENTRAL = vocabulary(
    "config settings schema models model core commands registry client router routes loop session store db database types base api "
    "runner parser context constants errors exceptions options state pipeline args plugin plugins"
)
_HEAD = re.compile(r"__init__\.\w+|__main__\.py|mod\.rs|doc\.go|package-info\.java")
_HEAD_BELOW = re.compile(r"(?:index|lib|main)\.(?!go)\w+")  # stand for their folder, which is told anyway
_TEST_MARK = re.compile(r"^tests?_|_tests?$|[.-](?:test|spec)$|_spec$|(?:Test|Tests|Spec)$")


def main_modules(tree: Tree, found: Project) -> dict[str, list[str]]:
    """Root -> its main modules, the weightiest first."""
    candidates = {root.path: _candidates(root) for root in found.roots}
    known = frozenset(path for several in candidates.values() for path in several)
    sources = sampled([path for root in found.roots for path in root.files], MOST_SAMPLED * 2 // 3)
    sample = sources + sampled(found.tests, MOST_SAMPLED - MOST_SAMPLED * 2 // 3)
    counts = imported(tree, sample, known)
    tested = _tested(found.tests)
    entries = set(entry_modules(tree, found))
    chosen: dict[str, list[str]] = {}
    for root in found.roots:
        near = 3 * _is_flat(root)
        weights = {
            path: near * (path.count("/") == root.path.count("/"))
            + 3 * size(counts[path])
            + 2 * size(_tests_of(path, root, tested))
            + 8 * (path in entries)
            + _weight(path, root)
            for path in candidates[root.path]
        }
        ranked = sorted(weights, key=lambda path: (-weights[path], path))
        flat = len(ranked) <= _FLAT and _is_flat(root)
        chosen[root.path] = ranked if flat else [path for path in ranked if weights[path] >= _LIGHTEST][:MOST_MODULES]
    return chosen


def entry_modules(tree: Tree, found: Project) -> Iterator[str]:
    """The sources that the manifests at the root start: console scripts and `bin`."""
    sources = frozenset(found.sources)
    document = read_toml(tree, "pyproject.toml")
    if not isinstance(document, Problem):
        for named in (table(document, "project", "scripts"), table(document, "tool", "poetry", "scripts")):
            for name in named:
                module = string(named, name).partition(":")[0].strip().replace(".", "/")
                places = ["", "src/", *(f"{root.path.rstrip('/').rpartition('/')[0]}/" for root in found.roots)]
                yield from (path for place in places if (path := f"{place}{module}.py") in sources)
    package = read_json(tree, "package.json")
    if not isinstance(package, Problem):
        named = table(package, "bin") or {"bin": string(package, "bin"), "main": string(package, "main")}
        yield from (path for name in named if (path := normpath(string(named, name) or ".")) in sources)


def _candidates(root: Root) -> list[str]:
    found: list[str] = []
    files = frozenset(root.files)
    for path in root.files:
        *folders, name = path[len(root.path) :].split("/")
        declared = path.endswith(".h") and path[:-1] + "c" in files
        if (
            len(folders) <= _DEEPEST
            and not declared
            and not _HEAD.fullmatch(name)
            and not (folders and _HEAD_BELOW.fullmatch(name))
        ):
            found.append(path)
    return found


def _is_flat(root: Root) -> bool:
    """Whether most of a root's files are modules directly in it; the project's own folder needs several."""
    direct = sum("/" not in path[len(root.path) :] for path in root.files)
    return direct * 2 >= len(root.files) and (bool(root.path) or direct >= 3)


def _weight(path: str, root: Root) -> int:
    """The weight of a name and its depth."""
    *folders, name = path[len(root.path) :].split("/")
    stem = name.partition(".")[0].lower()
    heads = bool(folders) and stem == folders[-1].lower()
    central = 3 * (stem in _CENTRAL) + 6 * (stem in _MAIN and len(folders) < 2)
    return central + 4 * heads + 2 * (not folders) - 2 * max(0, len(folders) - 1)


def _tested(tests: tuple[str, ...]) -> dict[str, list[str]]:
    """The first word or more of what a test file is named after -> such files: `test_loop_save.py` is of `loop`, `loop_save`."""
    found: dict[str, list[str]] = {}
    for path in tests:
        name = path.rpartition("/")[2].rpartition(".")[0]
        words = _TEST_MARK.sub("", _TEST_MARK.sub("", name)).split("_")[:4]
        for length in range(1, len(words) + 1):
            found.setdefault("_".join(words[:length]).lower(), []).append(path)
    return found


def _tests_of(path: str, root: Root, tested: dict[str, list[str]]) -> int:
    """The number of test files named after a module, in folders named after its own."""
    *folders, name = path[len(root.path) :].split("/")
    several = tested.get(name.partition(".")[0].lower(), ())
    return sum(folders[-1] in test.split("/")[:-1] for test in several) if folders else len(several)
