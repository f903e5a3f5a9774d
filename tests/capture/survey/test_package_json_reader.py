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
        (
            package(packageManager="pnpm@9.1.0+sha512.abc"),
            {"node.package-manager": "pnpm@9.1.0", "install.command": "pnpm install"},
        ),
        (package(("package-lock.json",), name="x"), {"node.package-manager": "npm", "install.command": "npm install"}),
        (
            package(engines={"pnpm": ">=9"}, dependencies={"a": "1"}),
            {"node.requires.pnpm": ">=9", "install.command": "pnpm install"},
        ),
        (package(engines={"npm": "please use pnpm"}), {}),
        (package(volta={"node": "22.1.0"}), {"node.volta": "22.1.0"}),
        (package(devDependencies={"a": "1"}), {"install.command": "npm install"}),
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
    readings, _ = read_by("package_json", package(scripts={"lint:now": "eslint `pwd`", "prelint:now": "x"}))
    assert [tuple(r) for r in readings] == [
        ("package.json", "scripts.lint:now", "scripts.lint.now", "npm run lint:now", "`npm run lint:now` runs `` eslint `pwd` ``")
    ]


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        (
            {"types": "tsc", "typecheck": "tsc", "fmt": "y", "build": "z"},
            {"types": "npm run typecheck", "format": "npm run fmt", "build": "npm run build"},
        ),
        ({"test:ci": "x", "test:unit": "y"}, {"tests": "npm run test:ci"}),
        ({"test": "jest", "test:ci": "jest --ci"}, {"tests": "npm test", "one-test": "npm test -- path/to/file"}),
        ({"test": "jest --watch", "test:ci": "jest"}, {"tests": "npm run test:ci"}),
        ({"test": "npm run test:watch", "test:watch": "jest --watchAll", "test:run": "jest"}, {"tests": "npm run test:run"}),
        ({"test": "jest --watch"}, {}),
        ({"test": "cross-env X=1 vitest"}, {"tests": "npm test -- --run", "one-test": "npm test -- --run path/to/file"}),
        ({"test": "vitest", "test:run": "vitest run"}, {"tests": "npm run test:run", "one-test": "npm test -- --run path/to/file"}),
        ({"test": "CI=true vitest"}, {"tests": "npm test", "one-test": "npm test -- --run path/to/file"}),
        ({"test": "pnpm --filter unit test", "test:ci": "pnpm -r test"}, {"tests": "npm run test:ci"}),
        ({"test": "tsc && vitest --run"}, {"tests": "npm test"}),
        ({"test": "mocha test/"}, {"tests": "npm test"}),
        ({"check": "tsc --noEmit"}, {"types": "npm run check"}),
        ({"check": "run-s lint test", "lint": "eslint .", "test": "jest x"}, {
            "check": "npm run check", "lint": "npm run lint", "tests": "npm test",
        }),
        ({"format": "prettier --check .", "prettier": "prettier -w ."}, {"format": "npm run prettier"}),
        ({"lint:fix": "eslint --fix", "docs:build": "x", "codegen": "y", "test:e2e": "z", "dev": "vite --watch"}, {
            "fix": "npm run lint:fix", "docs": "npm run docs:build", "generate": "npm run codegen", "e2e": "npm run test:e2e",
            "dev": "npm run dev",
        }),
        ({"setup": "npm install && husky"}, {"install": "npm run setup"}),
    ],
)  # fmt: skip
def test_one_script_is_the_command_of_each_purpose(scripts: dict[str, str], expected: dict[str, str]) -> None:
    """The best name, unless its body waits for changes, covers a part, or only looks."""
    found = values(read_by("package_json", package(scripts=scripts))[0])
    assert {s.removesuffix(".command"): v for s, v in found.items() if s.endswith(".command")} == expected


@pytest.mark.parametrize(("members", "tests"), [("vitest", "pnpm test:ci"), ("vitest run", "pnpm test")])
def test_a_root_that_starts_waiting_tests_is_not_the_test_command(members: str, tests: str) -> None:
    """What `turbo test` ends in is looked up in the packages."""
    files = package(
        ("turbo.json", *(f"packages/a/{n}" for n in range(5))),
        packageManager="pnpm@9.0.0",
        workspaces=["packages/*"],
        scripts={"test": "turbo test", "test:ci": "turbo test:ci"},
        devDependencies={"turbo": "2"},
    )
    files["packages/a/package.json"] = json.dumps({"name": "a", "scripts": {"test": members}})
    found = values(read_by("package_json", files)[0])
    assert (found["tests.command"], found["build.orchestrator"]) == (tests, "turbo")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"scripts": {"test": "c8 mocha"}, "devDependencies": {"mocha": "1", "jest": "1"}}, "mocha"),
        ({"scripts": {"test": "node --test"}}, "node:test"),
        ({"devDependencies": {"vitest": "1"}}, "vitest"),
        ({"devDependencies": {"vitest": "1", "jest": "1"}}, None),
        ({"scripts": {"test": "tsx run.ts"}}, None),
    ],
)
def test_the_test_framework_is_named_where_it_is_sure(fields: dict[str, Any], expected: str | None) -> None:
    """What the test scripts start; without one, the only framework among the dependencies."""
    assert values(read_by("package_json", package(**fields))[0]).get("tests.runner") == expected


@pytest.mark.parametrize(
    ("readme", "manager"), [("bun install\nbun run dev\nnpm install works, too", "bun"), ("npm ci", "npm"), ("", "npm")]
)
def test_of_two_lock_files_the_readme_decides(readme: str, manager: str) -> None:
    """Whichever manager it types more often; npm where it says nothing."""
    files = package(("bun.lock", "package-lock.json"), scripts={"dev": "vite"}) | {"README.md": readme}
    assert values(read_by("package_json", files)[0])["dev.command"] == f"{manager} run dev"


def test_bun_finds_tests_without_a_script() -> None:
    """A Bun project with test files and no script for them is tested by Bun itself."""
    files = package(("bun.lock", "src/a.test.ts"), name="x")
    assert values(read_by("package_json", files)[0])["tests.command"] == "bun test"


def test_commands_and_the_entry_are_told() -> None:
    """The entry only where it is a file of the tree."""
    found = values(read_by("package_json", package(("lib/a.js",), name="@x/tool", bin="./cli.js", main="./lib/a.js"))[0])
    assert found == {"entry-points.tool": "tool", "entry-points.main": "lib/a.js"}
