"""tsconfig.json: aliases, and settings that fail a compile."""

from __future__ import annotations

import json

import pytest
from surveyed import read_by, values

PADDING = {f"{folder}/{n}.ts": "" for folder in ("src", "web/src") for n in range(5)}


def read(files: dict[str, str]) -> dict[str, str]:
    readings, problems = read_by("tsconfig", files | PADDING)
    assert problems == []
    return {slot.removeprefix("types.tsconfig."): value for slot, value in values(readings).items()}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"tsconfig.json": '{ // ours\n "compilerOptions": {"noUnusedLocals": true, /* x */ "strict": false,}, }'},
            {"no-unused-locals": "noUnusedLocals"},
        ),
        ({"tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}'}, {"paths": "@/* → src/*"}),
        ({"tsconfig.json": '{"compilerOptions": {"baseUrl": "src", "paths": {"~/*": ["*"]}}}'}, {"paths": "~/* → src/*"}),
        ({"tsconfig.json": '{"compilerOptions": {"paths": {"a/*": ["../other/*"], "b": ["node_modules/b"]}}}'}, {}),
        ({"tsconfig.json": '{"compilerOptions": {"paths": {"a/*": ["gone/*"]}}}'}, {}),
        (
            {"tsconfig.json": '{"extends": "./base", "compilerOptions": {"strict": false}}', "base.json": json.dumps(
                {"compilerOptions": {"strict": True, "noImplicitReturns": True, "paths": {"@/*": ["src/*"]}}}
            )},
            {"no-implicit-returns": "noImplicitReturns", "paths": "@/* → src/*"},
        ),
        ({"tsconfig.json": '{"extends": "@tsconfig/strictest"}'}, {}),
        ({"tsconfig.json": '{"extends": "./tsconfig.json", "compilerOptions": {"strict": true}}'}, {"strict": "strict"}),
        (
            {"tsconfig.json": '{"files": [], "references": []}', "tsconfig.app.json": '{"compilerOptions": {"strict": true}}'},
            {"strict": "strict"},
        ),
        (
            {"web/package.json": '{"name": "w"}', "web/tsconfig.json": json.dumps(
                {"compilerOptions": {"strict": True, "paths": {"@/*": ["./src/*"]}}}
            )},
            {"paths{part=web}": "@/* → web/src/*"},
        ),
    ],
)  # fmt: skip
def test_what_holds_in_a_tsconfig_is_told(files: dict[str, str], expected: dict[str, str]) -> None:
    """Own settings before inherited ones; aliases by their folder from the root, and only where that exists."""
    assert read(files) == expected


def test_an_inherited_setting_stands_where_it_is_inherited_from() -> None:
    """Its place is the file of the tree that states it."""
    files = {"tsconfig.json": '{"extends": ["./configs/a.json"]}', "configs/a.json": '{"compilerOptions": {"strict": true}}'}
    assert [(r.file, r.key) for r in read_by("tsconfig", files)[0]] == [("configs/a.json", "compilerOptions.strict")]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "/*" * 50_000, '{"a": "' + "\\" * 50_000, "[" * 100_000, "{" + ", " * 50_000 + "}", '{"compilerOptions": []}'],
)
def test_a_broken_tsconfig_is_a_problem_or_nothing(text: str) -> None:
    """Unclosed comments and strings, and nesting, neither raise nor hang."""
    assert read_by("tsconfig", {"tsconfig.json": text})[0] == []
