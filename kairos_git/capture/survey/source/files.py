"""Which files of a tree are source, which are tests, and in which folders the source has its roots.

The one rule: only paths are looked at, so it costs the same whatever the files hold; a path that cannot be written
plainly (blanks, controls, words that address a reader) counts for nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from kairos_git.capture.survey.reading import LONGEST_VALUE, vocabulary

FEWEST = 5  # files of a folder worth telling about
MOST_ROOTS = 8
MOST_MEMBERS = 4  # members of a monorepo whose own folders are told
_FEWEST_SOURCES = 3  # source files that make a folder a root
_MOSTLY = 0.6  # of a part's source files below its `src` make that the root
_STRAY = 3  # files beside a folder of at least _LARGE that is the root all the same: `src/pytest/` beside `src/_pytest/`
_LARGE = 30
_GO = vocabulary("internal/ cmd/ pkg/")  # each folder in them counts, however small

MANIFESTS = vocabulary(
    "package.json pyproject.toml setup.py Cargo.toml go.mod composer.json pom.xml build.gradle Gemfile mix.exs"
)
# Folders beside the source, by what they hold; not looked into for roots.
ASIDE = {
    "documentation": vocabulary("docs doc documentation website site"),
    "examples": vocabulary("examples example _examples samples demo demos playground playgrounds cookbook notebooks"),
    "fixtures": vocabulary("fixtures __fixtures__"),
    "data for tests": vocabulary("testdata"),
    "scripts": vocabulary("scripts script hack"),
    "tools for the development": vocabulary("tools tool dev devtools tooling"),
    "benchmarks": vocabulary("benchmarks benchmark bench perf"),
    "fuzz targets": vocabulary("fuzz fuzzing"),
    "": vocabulary(
        "bin ci build target build_tools images assets static public media locale locales patches changelogs changelog newsfragments packaging "
        "contrib templates hooks etc deploy charts helm docker nix out site-packages debian rpm support skills"
    ),
}
_ASIDE = frozenset(name for names in ASIDE.values() for name in names)
_SUFFIXES = vocabulary(
    ".py .pyx .go .rs .js .jsx .ts .tsx .mjs .cjs .mts .cts .vue .svelte .rb .java .kt .scala .c .h .cc .cpp .hpp .cs .fs "
    ".swift .php .ex .exs .erl .hs .ml .lua .zig .dart .clj .jl .nim .cr"
)
_FOREIGN = vocabulary("vendor _vendor third_party thirdparty 3rdparty node_modules dist site-packages __pycache__ venv resources")
_TEST_FOLDERS = vocabulary(
    "test tests __tests__ spec specs e2e t testdata fixtures __fixtures__ __mocks__ mocks __snapshots__ snapshots cassettes"
)
_TEST_FILE = re.compile(
    r"(?:test_.+|.+_tests?|conftest|tests?|spec_helper|.+_spec|.+[.-](?:test|spec|e2e)(?:-d)?|.+(?:Test|Tests|IT|Spec))\.\w+"
)
_BUILD_FILE = re.compile(
    r"(?:setup|conftest|noxfile|fabfile|tasks|dodo|hatch_build|_build|build|gulpfile|Gruntfile|Rakefile|webpack[\w.-]*|rollup[\w.-]*"
    r"|.+\.config|\.?eslintrc|babel|vitest[\w.-]*|jest[\w.-]*|shims|.+\.d|.+[._-]pb2?(?:_grpc)?|.+\.gen|.+[._-]generated|_?version"
    r"|__version__)\.\w+"
)
_PLAIN = re.compile(r"[A-Za-z0-9._@+(][A-Za-z0-9._@/+-]*")
_PLAIN_LINES = re.compile(rf"^(?!.{{{LONGEST_VALUE + 1}}}){_PLAIN.pattern}$", re.MULTILINE)
_CUED = re.compile(r"previous|prior|above|instruct|all", re.IGNORECASE)
_CUES = ("previous", "prior", "above", "instruct", "all")  # what such words need; most paths have none
_ADDRESSES = re.compile(
    r"(?:ignore|disregard|forget|override|obey).{0,20}(?:previous|prior|above|all|instruct)|instructions?.{0,9}(?:above|prev)",
    re.I,
)


class Root(NamedTuple):
    """A folder the source hangs from ('' is the project's), as `src/auth/`, and the source files below it, sorted."""

    path: str
    files: tuple[str, ...]


class Project(NamedTuple):
    """The sources of a tree. `members` gives the parts of each folder of parts (`packages/`), the largest first."""

    plain: tuple[str, ...]
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    roots: tuple[Root, ...]
    members: dict[str, tuple[str, ...]]


def is_plain(path: str) -> bool:
    """Whether a path can be shown, keyed and typed as it stands."""
    if len(path) > LONGEST_VALUE or "--" in path or not _PLAIN.fullmatch(path):
        return False
    words = path.lower()
    return not any(cue in words for cue in _CUES) or not _ADDRESSES.search(words)


@lru_cache(maxsize=4)
def plain_paths(paths: frozenset[str]) -> tuple[str, ...]:
    """The plain ones among the paths of a tree, sorted. One pass of the pattern over all of them: a tree has many."""
    lines = "\n".join(path for path in paths if "\n" not in path)
    found = _PLAIN_LINES.findall(lines)
    return (
        tuple(sorted(path for path in found if is_plain(path))) if "--" in lines or _CUED.search(lines) else tuple(sorted(found))
    )


def is_test(path: str) -> bool:
    """Whether a file tests something, or is data of tests, by its name or the folders it is in."""
    folder, _, name = path.rpartition("/")
    return is_in_tests(folder) or bool(_TEST_FILE.fullmatch(name))


@lru_cache(maxsize=65536)
def is_in_tests(folder: str) -> bool:
    """Whether a folder is one of tests or in one; deeper, `testing/` is what a library offers to its users' tests."""
    names = folder.split("/")
    return names[0] == "testing" or any(f in _TEST_FOLDERS or f.endswith(("_tests", "-tests")) for f in names)


def is_source(path: str) -> bool:
    """Whether a file is written by hand and is part of the program: no test, no vendored copy, no build script."""
    folder, _, name = path.rpartition("/")
    if name[name.rfind(".") :] not in _SUFFIXES or _is_in_foreign(folder) or is_in_tests(folder):
        return False
    return not _BUILD_FILE.fullmatch(name) and not _TEST_FILE.fullmatch(name)


def folder_counts(paths: Iterable[str]) -> Counter[str]:
    """`src/auth/` -> the number of these files in and below it, for every folder."""
    counts: Counter[str] = Counter()
    for folder, number in Counter(path[: path.rfind("/") + 1] for path in paths).items():
        at = folder.find("/")
        while at >= 0:
            counts[folder[: at + 1]] += number
            at = folder.find("/", at + 1)
    return counts


@lru_cache(maxsize=2)
def all_counts(paths: frozenset[str]) -> Counter[str]:
    """folder_counts of a whole tree; do not change it."""
    return folder_counts(paths)


@lru_cache(maxsize=2)
def project(paths: frozenset[str]) -> Project:
    """The sources, tests and roots among the paths of a tree."""
    plain = plain_paths(paths)
    sources = tuple(path for path in plain if is_source(path))
    code = frozenset(_SUFFIXES)
    tests = tuple(path for path in plain if path[path.rfind(".") :] in code and is_test(path) and not _is_foreign(path))
    counts = folder_counts(sources)
    members = _members(plain, counts)
    tops = sorted({path.partition("/")[0] for path in sources if "/" in path} - _ASIDE)
    starts = [f"{top}/" for top in tops if f"{top}/" not in members]
    parts = sorted((part for several in members.values() for part in several), key=lambda part: (-counts[part], part))
    chosen = sorted(starts, key=lambda start: (-counts[start], start))[:MOST_ROOTS] + parts[:MOST_MEMBERS]
    direct = tuple(path for path in sources if "/" not in path)
    large = [start for start in chosen if counts[start] >= _FEWEST_SOURCES] or (
        [] if len(direct) >= _FEWEST_SOURCES else chosen[:1]
    )
    roots = [_root(start, sources, counts, frozenset(plain)) for start in large]
    if direct:
        roots.append(Root("", direct))
    return Project(plain, sources, tests, tuple(sorted(roots, key=lambda root: (-len(root.files), root.path))), members)


def _is_foreign(path: str) -> bool:
    return _is_in_foreign(path.rpartition("/")[0])


@lru_cache(maxsize=65536)
def _is_in_foreign(folder: str) -> bool:
    return any(name in _FOREIGN or name.startswith(".") for name in folder.split("/"))


def _members(plain: Iterable[str], counts: Counter[str]) -> dict[str, tuple[str, ...]]:
    """Top folders with at least two parts that have a manifest of their own: `packages/`, `crates/`, `apps/`."""
    found: dict[str, set[str]] = {}
    for path in plain:
        *folders, name = path.split("/")
        deep = 3 if len(folders) > 1 and folders[1].startswith("@") else 2
        if name in MANIFESTS and len(folders) == deep and folders[0] not in _ASIDE | _TEST_FOLDERS and not _is_foreign(path):
            found.setdefault(f"{folders[0]}/", set()).add("/".join(folders) + "/")
    return {
        top: tuple(sorted(parts, key=lambda part: (-size(counts[part]), part)))
        for top, parts in sorted(found.items())
        if len(parts) >= 2
    }


def size(count: int) -> int:
    """A number of files as a magnitude, so that one file more changes no order."""
    return count.bit_length()


def _root(start: str, sources: tuple[str, ...], counts: Counter[str], paths: frozenset[str]) -> Root:
    """Down from a folder to where its source begins: `fastmcp_slim/` -> `fastmcp_slim/fastmcp/`."""
    files = tuple(path for path in sources if path.startswith(start))
    if any(start + manifest in paths for manifest in MANIFESTS):  # a project of its own, with its own examples and scripts
        files = tuple(path for path in files if path[len(start) :].partition("/")[0] not in _ASIDE)
    while True:
        below = {start + path[len(start) :].partition("/")[0] + "/" for path in files if "/" in path[len(start) :]}
        src, largest = f"{start}src/", max(below, key=lambda folder: (counts[folder], folder), default="")
        if src in below and (counts[src] >= _MOSTLY * len(files) or f"{start}Cargo.toml" in paths):
            start = src
        elif largest and len(files) - counts[largest] <= (_STRAY if counts[largest] >= _LARGE and start not in _GO else 0):
            start = largest
        else:
            return Root(start, files)
        files = tuple(path for path in files if path.startswith(start))
