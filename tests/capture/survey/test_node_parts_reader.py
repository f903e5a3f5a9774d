"""package.json below the root: each part with its own manager and its own commands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from surveyed import read_by, values

from kairos_git.capture.survey.ecosystems.node_workspace import MOST_READ


def part(folder: str, *files: str, **fields: Any) -> dict[str, str]:
    padding = [f"{folder}/src/{n}.ts" for n in range(5)]
    return {
        f"{folder}/package.json": json.dumps(fields),
        **dict.fromkeys([*padding, *(f"{folder}/{file}" for file in files)], ""),
    }


def commands(files: dict[str, str]) -> dict[str, str]:
    found = values(read_by("node_parts", files)[0])
    return {slot: value for slot, value in found.items() if ".command{" in slot}


def test_a_part_is_typed_with_its_own_manager() -> None:
    """Its lock file decides, also where the root has another or no package.json at all."""
    web = part("web", "bun.lock", scripts={"dev": "vite", "test": "vitest run"})
    expected = {
        "install.command{part=web}": "bun install",
        "dev.command{part=web}": "bun run dev",
        "tests.command{part=web}": "bun run test",
        "one-test.command{part=web}": "bun run test path/to/file",
    }
    assert commands(web) == expected
    assert commands(web | {"package.json": '{"packageManager": "pnpm@9.0.0"}'}) == expected


def test_a_member_of_a_workspace_is_typed_with_the_roots_manager() -> None:
    """It is installed with the root, and only what the root does not do for all is said of it."""
    files = part("packages/a", name="a", scripts={"test": "jest", "lint": "eslint .", "codegen": "x"})
    files["package.json"] = json.dumps({"workspaces": ["packages/*"], "scripts": {"lint": "eslint ."}})
    files["yarn.lock"] = ""
    assert commands(files) == {
        "tests.command{part=packages/a}": "yarn test",
        "one-test.command{part=packages/a}": "yarn test path/to/file",
        "generate.command{part=packages/a}": "yarn codegen",
    }


def test_the_main_member_says_everything() -> None:
    """The package the project is named after repeats what the root does."""
    files = part("packages/tool", name="tool", scripts={"lint": "eslint ."})
    files["package.json"] = json.dumps(
        {"name": "@x/tool-monorepo", "workspaces": ["packages/*"], "scripts": {"lint": "eslint ."}}
    )
    assert commands(files) == {"lint.command{part=packages/tool}": "npm run lint"}


@pytest.mark.parametrize(
    "folder",
    [
        "examples/a",
        "test/fixtures/a",
        "templates/react",
        "create-x/template-vue",
        "node_modules/a",
        "vendor/a",
        "integration-tests/node",
        "playground",
        "a b",
        "x/..y",
    ],
)
def test_examples_fixtures_and_templates_are_no_parts(folder: str) -> None:
    """Nor are vendored packages, or folders that cannot be typed."""
    assert read_by("node_parts", part(folder, scripts={"test": "jest"})) == ([], [])


def test_a_folder_with_few_files_is_no_part() -> None:
    """A package.json that only pins a tool says nothing about the project."""
    assert read_by("node_parts", {"ci/package.json": '{"scripts": {"test": "jest"}}'}) == ([], [])


def test_publishing_scripts_of_a_part_are_not_told() -> None:
    """The rules for scripts hold for every package.json."""
    readings, _ = read_by("node_parts", part("web", scripts={"release": "npm publish", "docs": "vercel deploy", "dev": "vite"}))
    assert {r.value for r in readings} == {"npm run dev"}


def test_a_monorepo_of_500_packages_stays_cheap() -> None:
    """At most 60 manifests are read, the largest first; a broken one stops nothing."""
    files: dict[str, str] = {"package.json": '{"workspaces": ["packages/*"]}'}
    for n in range(500):
        files |= part(f"packages/p{n}", name=f"p{n}", scripts={"test": "jest"})
    files |= {f"packages/p7/more/{n}.ts": "" for n in range(9)} | {"packages/p8/package.json": "{"}
    from surveyed import tree

    from kairos_git.capture.survey import all_readers, survey

    whole = tree(files)
    asked: list[str] = []
    counted = whole._replace(read=lambda path: asked.append(path) or whole.read(path))  # type: ignore[func-returns-value]
    readings, _ = survey(counted, [reader for reader in all_readers() if reader.name == "node_parts"])
    assert len(set(asked)) <= MOST_READ + 5
    assert "tests.command{part=packages/p7}" in {r.slot for r in readings}
    assert len(readings) < 60
