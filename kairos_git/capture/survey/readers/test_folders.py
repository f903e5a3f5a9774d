"""Where tests live: their folders, whether they mirror the source or stand beside it, and what they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading, slot_names, vocabulary
from kairos_git.capture.survey.source.files import FEWEST, Project, folder_counts, is_plain, project, size
from kairos_git.errors import Problem

MOST_FOLDERS = 24
_MIRRORED = 0.5  # of the folders in a folder of tests, named after folders of a root
_FEWEST_MIRRORED = 3
_CROWD = 12  # folders in a folder of tests of which only the known kinds are told

_TOPS = vocabulary(
    "tests test spec specs t testing e2e integration integration-tests integration_tests e2e-tests __tests__ features acceptance"
)
_KINDS = {
    "unit": "unit tests", "units": "unit tests", "integration": "integration tests", "integrations": "tests of integrations",
    "integration_tests": "integration tests", "e2e": "end-to-end tests", "end-to-end": "end-to-end tests",
    "functional": "functional tests", "acceptance": "acceptance tests", "smoke": "smoke tests", "bdd": "behaviour tests",
    "features": "feature files", "regression": "regression tests", "performance": "performance tests", "benchmarks": "benchmarks",
    "data": "data for tests", "fixtures": "fixtures", "testdata": "data for tests", "cassettes": "recorded HTTP traffic",
    "snapshots": "snapshots", "__snapshots__": "snapshots", "lib": "code that tests share", "utils": "code that tests share",
    "helpers": "code that tests share", "support": "code that tests share", "test-utils": "code that tests share",
    "test_utils": "code that tests share", "common": "code that tests share", "mocks": "stand-ins for tests",
    "browser": "tests in a browser", "typescript": "tests of types", "types": "tests of types", "contract": "contract tests",
}  # fmt: skip
_SHARED = re.compile(
    r"(?:[\w.-]+/)?(?:tests?|testing)/(?:conftest\.py|setup\.[jt]s|spec_helper\.rb|test_helper\.(?:rb|exs))|conftest\.py"
)
_ALIKE = (
    frozenset({".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".vue", ".svelte"}),
    frozenset({".c", ".h", ".cc", ".cpp", ".hpp", ".sh"}),
)
_BESIDE = (
    (re.compile(r"(?:.+/)?[^/]+_test\.go"), "*_test.go"),
    (re.compile(r".+\.test\.tsx?"), "*.test.ts"),
    (re.compile(r".+\.test\.[mc]?jsx?"), "*.test.js"),
    (re.compile(r".+\.spec\.tsx?"), "*.spec.ts"),
    (re.compile(r".+/__tests__/[^/]+\.[jt]sx?"), "__tests__/"),
    (re.compile(r"(?:.+/)?test_[^/]+\.py"), "test_*.py"),
    (re.compile(r"(?:.+/)?[^/]+_test\.py"), "*_test.py"),
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found = project(tree.paths)
    counts = folder_counts(found.plain)
    told = _told(found, counts)
    names = slot_names(told)
    for folder, what in told.items():
        kind = "of." if what.startswith("tests of ") and folder.count("/") > 1 else ""
        yield from reading(folder.rstrip("/"), "tests", f"tests.layout.{kind}{names[folder]}", folder, f"{{}} holds {what}")
    yield from _mirrors(found, [folder for folder in told if told[folder] in ("the tests", "unit tests")])
    yield from _beside(found)
    shared = sorted(path for path in tree.paths if _SHARED.fullmatch(path) and is_plain(path))[:3]
    for path in shared:
        yield from reading(path, "shared", f"tests.layout.shared.{slot_names(shared)[path]}", path, "{} holds what tests share")


def _told(found: Project, counts: Counter[str]) -> dict[str, str]:
    """Folders of tests -> what they hold, the most important first."""
    holding = folder_counts(found.tests)
    written = folder_counts(_in_main_language(found))  # `test/` may hold nothing but inputs
    tops = [f"{name}/" for name in sorted(_TOPS) if holding[f"{name}/"] and written[f"{name}/"]]
    told = {top: _KINDS.get(top.rstrip("/"), "the tests") for top in tops}
    if "testing/" in told and len(tops) > 1:
        told["testing/"] = "code that tests share"
    for top in tops:
        told.update(_within(top, counts, 1))
    for folder in list(told):
        if folder not in tops and told[folder].endswith("tests"):
            told.update({below: what for below, what in _within(folder, counts, 2).items() if what in _KINDS.values()})
    for root in found.roots:  # `webui/src/tests/`
        if root.path:
            for name in ("tests", "test", "__tests__"):
                beside = {f"{root.path}{name}/", f"{root.path.removesuffix('src/')}{name}/"} - told.keys()
                where = root.path.removesuffix("src/").rstrip("/") or "src"
                told.update({folder: f"tests of {where}" for folder in sorted(beside) if holding[folder] >= FEWEST})
    return dict(list(told.items())[:MOST_FOLDERS])


def _in_main_language(found: Project) -> list[str]:
    """The tests that are written in the language of most sources, or in the shell; all where there are no sources."""
    suffixes = Counter(path[path.rfind(".") :] for path in found.sources)
    main = max(suffixes, key=lambda suffix: (suffixes[suffix], suffix), default="")
    alike = next((several for several in _ALIKE if main in several), {main, ".sh", ".bats"})
    return [path for path in found.tests if not main or path[path.rfind(".") :] in alike]


def _within(top: str, counts: Counter[str], depth: int) -> dict[str, str]:
    """The folders in a folder of tests: known kinds from two files, others where they are large and few.

    Slots: `tests.layout.of.<name>` for the tests of one folder of the source, `tests.layout.<name>` for all others.
    """
    below = [folder for folder in counts if folder.startswith(top) and folder.count("/") == top.count("/") + 1]
    ranked = sorted(below, key=lambda folder: (-size(counts[folder]), folder))
    told: dict[str, str] = {}
    large = [folder for folder in ranked if counts[folder] >= FEWEST]
    for folder in ranked:
        name = folder.rstrip("/").rpartition("/")[2]
        if name in _KINDS and counts[folder] >= 2:
            told[folder] = _KINDS[name]
        elif (
            folder in large and not name.startswith((".", "__")) and (len(large) <= _CROWD or folder in large[:4]) and depth == 1
        ):
            told[folder] = f"tests of {name}" if any(mark in name for mark in "abcdefghijklmnopqrstuvwxyz") else "tests"
    return told


def _mirrors(found: Project, tops: list[str]) -> Iterator[Reading]:
    """Tests whose folders are named after those of a root: `tests/cli/` for `nanobot/cli/`."""
    for top in tops:
        own = {path[len(top) :].partition("/")[0] for path in found.tests if path.startswith(top) and "/" in path[len(top) :]}
        own -= _KINDS.keys()
        for root in found.roots:
            theirs = {path[len(root.path) :].partition("/")[0] for path in root.files if "/" in path[len(root.path) :]}
            both = own & theirs
            if root.path and len(both) >= _FEWEST_MIRRORED and len(both) >= _MIRRORED * len(own):
                example = min(both)
                yield from reading(
                    top.rstrip("/"), "mirror", "tests.layout.mirror", f"{top}{example}/",
                    f"Tests mirror the source: {{}} tests {{}}, and so on below {top}", f"{root.path}{example}/",
                )  # fmt: skip
                return


def _beside(found: Project) -> Iterator[Reading]:
    """The pattern of test files in the folders of the sources they test."""
    folders = {path.rpartition("/")[0] for path in found.sources}
    best, most = "", FEWEST - 1
    for pattern, shown in _BESIDE:
        count = 0
        for path in found.tests:
            folder = path.rpartition("/")[0].removesuffix("/__tests__")
            count += bool(pattern.fullmatch(path)) and folder in folders and path.partition("/")[0] not in _TOPS
        if count > most:
            best, most = shown, count
    if best:
        yield from reading(".", "beside", "tests.layout.beside", best, "Tests stand beside the sources they test, as {}")


READER = Reader("test_folders", _read, MANIFEST)
