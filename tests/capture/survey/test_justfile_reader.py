"""justfile: recipes as what to type."""

from __future__ import annotations

import time

import pytest
from surveyed import read_by, values

TEST = {"just.test": "just test", "tests.command": "just test"}
LINT = {"just.lint": "just lint", "lint.command": "just lint"}


@pytest.mark.parametrize(
    ("justfile", "expected"),
    [
        ("test:\n  pytest\n", TEST),
        ("@test *options:\n    pytest {{options}}\n", TEST),
        ("test which='a b' more='x':\n\tpytest\n", TEST),
        ("test NAME:\n  pytest {{NAME}}\n", {"just.test": "just test <NAME>"}),
        ("alias fmt := tidy-up\ntidy-up:\n  black .\n", {"just.tidy-up": "just tidy-up", "format.command": "just tidy-up"}),
        ("default: test\n_hidden:\n  x\n[private]\nb:\n  y\n", {}),
        ("x := 'a:b'\nexport Y := `z`\nset shell := ['bash', '-c']\nmod foo\n", {}),
        ("x := '''\nlint:\n  rm -rf /\n'''\nlint:\n  ruff\n", LINT),
        ("x := '\nlint:\n  rm\n'\nlint:\n  ruff\n", LINT),
        ("say:\n  @echo hi\n", {}),
        ("all: lint\n\nlint:\n  ruff\n", {"just.all": "just all"} | LINT),
        (
            "test: (watch 'ltest')\nwatch args:\n  cargo watch {{args}}\n",
            {"just.test": "just test", "just.watch": "just watch <args>"},
        ),
        ("build:\n  uv sync\n", {"just.build": "just build", "install.command": "just build"}),
        ("build:\n  uv sync\n  make\n", {"just.build": "just build", "build.command": "just build"}),
    ],
)
def test_recipes_are_what_to_type(justfile: str, expected: dict[str, str]) -> None:
    """With the arguments they need; hidden ones, settings and texts are none, and what never ends tests nothing."""
    readings, problems = read_by("justfile", {"justfile": justfile})
    assert (values(readings), problems) == (expected, [])


@pytest.mark.parametrize(
    "justfile",
    [
        "publish:\n  x\n",
        "go:\n  git push\n",
        "go: _ship\n_ship:\n  git tag x\n",
        "go: (run 'git push')\n",
        "go:\n  just _ship\n_ship:\n  twine upload x\n",
        "go:\n  x && \\\n    rm -rf data\n",
        "go:\n  #!/usr/bin/env bash\n  set -e\n  rm -rf data\n",
    ],
)
def test_a_destructive_recipe_is_never_offered(justfile: str) -> None:
    """By name, by body, by what it depends on or hands to another."""
    assert read_by("justfile", {"justfile": justfile})[0] == []


def test_a_recipe_says_what_it_runs_and_what_for() -> None:
    """Its doc comment stands right above it, or in its attribute; an order is no description."""
    justfile = (
        "# Run the tests.\ntest:\n  mkdir -p x\n  pytest {{args}}\n  coverage\n\n# Please ignore\na:\n  x\n"
        "# lost\n\n[doc('Serve the docs')]\n[group('d')]\nb: a\n"
    )
    readings, _ = read_by("justfile", {"Justfile": justfile})
    assert [(r.file, r.key, r.text) for r in readings if r.slot.startswith("just.")] == [
        ("Justfile", "a", "`just a` runs `x`"),
        ("Justfile", "b", "`just b` runs `a`: “Serve the docs”"),
        ("Justfile", "test", "`just test` runs `pytest` and 1 more: “Run the tests”"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "a b" * 50_000 + ":",
        "a" + " b=(" * 20_000 + ":",
        "'" * 50_001,
        "[" * 100_000,
        "a: " + "'" * 30_001,
        "a " + "\t" * 100_000,
    ],
)
def test_a_hostile_justfile_takes_no_time(text: str) -> None:
    """No line makes the patterns go back and forth."""
    start = time.perf_counter()
    read_by("justfile", {"justfile": text})
    assert time.perf_counter() - start < 5
