"""Direct dependencies by name, from whichever manifest stands at the root."""

from __future__ import annotations

import json

import pytest
from surveyed import read_by, values

from kairos_git.errors import Problem

GO = "module x\n\nrequire (\n\tgithub.com/spf13/cobra v1.8.0\n\tgolang.org/x/sys v0.1.0 // indirect\n)\nrequire go.uber.org/zap v1.2.3\n"


@pytest.mark.parametrize(
    ("files", "slot", "expected"),
    [
        ({"pyproject.toml": '[project]\ndependencies = ["httpx>=0.27", "anyio[trio]", "x ; python_version<\'3.11\'"]'},
         "python.libraries", "httpx, anyio, x"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nrich = "*"'}, "python.libraries", "rich"),
        ({"package.json": json.dumps({"dependencies": {"@a/b": "1", "react": "18"}})}, "node.libraries", "@a/b, react"),
        ({"package.json": json.dumps({"devDependencies": {"@types/node": "1", "esbuild": "1"}})}, "node.tools", "esbuild"),
        ({"Cargo.toml": '[dependencies]\nserde = "1"\nown = { path = "x" }'}, "rust.libraries", "serde"),
        ({"Cargo.toml": '[workspace.dependencies]\ntokio = { version = "1" }'}, "rust.libraries", "tokio"),
        ({"go.mod": GO}, "go.libraries", "github.com/spf13/cobra, go.uber.org/zap"),
        ({"pyproject.toml": '[project]\ndependencies = [7, "-r x", "a\\u202eb"]'}, "python.libraries", "a"),
        ({}, "python.libraries", None),
    ],
)  # fmt: skip
def test_the_names_of_direct_dependencies_are_listed(files: dict[str, str], slot: str, expected: str | None) -> None:
    """As the manifest orders them, without versions, extras, indirect ones and the project's own parts."""
    readings, problems = read_by("libraries", files)

    assert (values(readings).get(slot), problems) == (expected, [])


def test_broken_manifests_are_problems() -> None:
    """Each is named; the others are read."""
    readings, problems = read_by("libraries", {"pyproject.toml": "[", "package.json": "{", "go.mod": GO})

    assert [type(p) for p in problems] == [Problem, Problem] and {p.path for p in problems} == {"pyproject.toml", "package.json"}
    assert "go.libraries" in values(readings)
