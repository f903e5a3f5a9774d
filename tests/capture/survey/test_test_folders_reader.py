"""Where tests live."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


def some(folder: str, count: int, name: str = "test_{}.py") -> dict[str, str]:
    """So many test files in a folder."""
    return {folder + name.format(number): "" for number in range(count)}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (some("tests/", 1), {"tests.layout.tests": "tests/"}),
        (
            {**some("tests/", 1), **some("tests/unit/", 2)},
            {"tests.layout.tests": "tests/", "tests.layout.tests-unit": "tests/unit/"},
        ),
        (
            {**some("tests/bdd/", 2), **some("tests/bdd/features/", 2, "{}.feature")},
            {
                "tests.layout.tests": "tests/",
                "tests.layout.tests-bdd": "tests/bdd/",
                "tests.layout.tests-bdd-features": "tests/bdd/features/",
            },
        ),
        (
            {**some("test/e2e/", 5, "{}.test.ts"), **some("test/other/", 5, "{}.test.ts")},
            {"tests.layout.test": "test/", "tests.layout.test-e2e": "test/e2e/", "tests.layout.of.test-other": "test/other/"},
        ),
        ({**some("tests/", 1), **some("tests/few/", 4)}, {"tests.layout.tests": "tests/"}),
        (
            {"tests/test_a.py": "", "tests/conftest.py": ""},
            {"tests.layout.tests": "tests/", "tests.layout.shared.tests-conftest.py": "tests/conftest.py"},
        ),
        ({"tests/notes.md": ""}, {}),
        ({"src/a.py": ""}, {}),
    ],
)
def test_folders_of_tests_are_told(files: dict[str, str], expected: dict[str, str]) -> None:
    """The top folder, known kinds from two files on, others from five; no folder without a test."""
    readings, problems = read_by("test_folders", files)
    assert (values(readings), problems) == (expected, [])


@pytest.mark.parametrize(
    ("files", "pattern"),
    [
        ({f"{n}{end}.go": "" for n in "abcdef" for end in ("", "_test")}, "*_test.go"),
        ({f"src/{n}{end}.ts": "" for n in "abcdef" for end in ("", ".test")}, "*.test.ts"),
        ({f"src/{n}.ts": "" for n in "abcdef"} | {f"src/__tests__/{n}.ts": "" for n in "abcdef"}, "__tests__/"),
        ({f"{n}{end}.go": "" for n in "abcd" for end in ("", "_test")}, None),
        ({f"tests/test_{n}.py": "" for n in "abcdef"} | {"tests/x.py": "", "src/y.py": ""}, None),
    ],
)
def test_tests_beside_their_sources_are_told_as_a_pattern(files: dict[str, str], pattern: str | None) -> None:
    """Five of them in folders of sources; a folder of tests is none."""
    assert values(read_by("test_folders", files)[0]).get("tests.layout.beside") == pattern


def test_tests_that_mirror_the_source_are_told_with_an_example() -> None:
    """Most folders of the tests are named after folders of the root."""
    files = {f"pkg/{name}/m{n}.py": "" for name in ("cli", "core", "io") for n in range(4)} | {"pkg/a.py": ""}
    files |= {f"tests/{name}/test_m.py": "" for name in ("cli", "core", "io")}
    readings, _ = read_by("test_folders", files)
    assert [r.text for r in readings if r.slot == "tests.layout.mirror"] == [
        "Tests mirror the source: `tests/cli/` tests `pkg/cli/`, and so on below tests/"
    ]
    assert "tests.layout.mirror" not in values(
        read_by("test_folders", {k: v for k, v in files.items() if k != "tests/io/test_m.py"})[0]
    )
