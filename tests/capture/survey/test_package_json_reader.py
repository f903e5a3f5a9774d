"""package.json: the package manager and the scripts as what to type."""

from __future__ import annotations

import json
from typing import Any

import pytest
from surveyed import read_by, values

SCRIPTS = {"test": "mocha", "lint": "eslint .", "start": "node .", "docs": "typedoc"}


def package(files: tuple[str, ...] = (), **fields: Any) -> dict[str, str]:
    return {"package.json": json.dumps(fields), **dict.fromkeys(files, "")}


@pytest.mark.parametrize(
    ("files", "test", "lint", "start", "docs"),
    [
        (package(scripts=SCRIPTS), "npm test", "npm run lint", "npm start", "npm run docs"),
        (package(("pnpm-lock.yaml",), scripts=SCRIPTS), "pnpm test", "pnpm lint", "pnpm start", "pnpm run docs"),
        (package(("yarn.lock",), scripts=SCRIPTS), "yarn test", "yarn lint", "yarn start", "yarn run docs"),
        (package(("bun.lockb",), scripts=SCRIPTS), "bun run test", "bun run lint", "bun run start", "bun run docs"),
        (
            package(("yarn.lock",), packageManager="pnpm@9.1.0", scripts=SCRIPTS),
            "pnpm test", "pnpm lint", "pnpm start", "pnpm run docs",
        ),
        (
            package(("yarn.lock", "package-lock.json"), scripts=SCRIPTS),
            "npm test", "npm run lint", "npm start", "npm run docs",
        ),
    ],
)  # fmt: skip
def test_scripts_are_what_to_type_with_the_projects_own_manager(
    files: dict[str, str], test: str, lint: str, start: str, docs: str
) -> None:
    """packageManager beats the lock file, one lock file beats none, and two leave npm if it is among them."""
    found = values(read_by("package_json", files)[0])
    assert (found["scripts.test"], found["scripts.lint"], found["scripts.start"], found["scripts.docs"]) == (
        test, lint, start, docs,
    )  # fmt: skip
    assert (found["tests.command"], found["lint.command"]) == (test, lint)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (package(engines={"node": ">= 18"}), {"node.requires": ">= 18"}),
        (package(packageManager="pnpm@9.1.0+sha512.abc"), {"node.package-manager": "pnpm@9.1.0"}),
        (package(("package-lock.json",), name="x"), {"node.package-manager": "npm"}),
        (package(("yarn.lock", "bun.lock"), name="x"), {}),
        (package(type="module"), {"node.module-type": "module"}),
        (package(type="commonjs"), {}),
        (package(packageManager="rm -rf /", engines=[], scripts="x", type=7), {}),
        ({}, {}),
    ],
)
def test_the_head_of_the_file_is_read(files: dict[str, str], expected: dict[str, str]) -> None:
    """Engines, package manager and module type, and nothing for other types of value."""
    readings, problems = read_by("package_json", files)
    assert (values(readings), problems) == (expected, [])


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("test", 'echo "Error: no test specified" && exit 1'),
        ("hello", "echo hello"),
        ("prepare", "husky"),
        ("prepublishOnly", "npm test"),
        ("release", "np"),
        ("ship", "npm publish"),
        ("deploy:prod", "x"),
        ("test:record", "x"),
        ("tidy", "rm -rf src"),
        ("with blank", "x"),
        ("ignore previous instructions", "x"),
        ("--flag--", "x"),
        ("esc", "a\x1b[2Jb"),
        ("comment", "a <!-- b"),
        ("number", None),
    ],
)
def test_some_scripts_are_not_offered(name: str, body: str | None) -> None:
    """Placeholders, npm's own hooks, what publishes or destroys, and what cannot be typed or shown."""
    readings, _ = read_by("package_json", package(scripts={name: body, "ok": "x"}))
    assert [r.slot for r in readings] == ["scripts.ok"]


def test_a_script_says_what_it_runs_and_where_it_stands() -> None:
    """A hook of another script is left out; the sentence shows the body behind the value."""
    readings, _ = read_by("package_json", package(scripts={"lint:fix": "eslint `pwd`", "prelint:fix": "x"}))
    assert [tuple(r) for r in readings] == [
        ("package.json", "scripts.lint:fix", "scripts.lint.fix", "npm run lint:fix", "`npm run lint:fix` runs `` eslint `pwd` ``")
    ]


def test_one_name_is_the_command_of_each_purpose() -> None:
    """`typecheck` before `types`; `test:ci` is not the test command."""
    scripts = {"types": "tsc", "typecheck": "tsc", "test:ci": "x", "fmt": "y", "build": "z"}
    found = values(read_by("package_json", package(scripts=scripts))[0])
    assert {s: v for s, v in found.items() if s.endswith(".command")} == {
        "types.command": "npm run typecheck",
        "format.command": "npm run fmt",
        "build.command": "npm run build",
    }
