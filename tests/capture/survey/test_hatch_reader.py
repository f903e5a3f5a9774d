"""hatch's environments."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        (
            "[tool.hatch.envs.default.scripts]\ntest = 'pytest {args}'\nlint = ['ruff check', 'mypy']",
            {"hatch.default.test": "hatch run test", "tests.command": "hatch run test",
             "hatch.default.lint": "hatch run lint", "lint.command": "hatch run lint"},
        ),
        ("[tool.hatch.envs.test.scripts]\nrun = 'pytest'", {"hatch.test.run": "hatch run test:run", "tests.command": "hatch run test:run"}),
        ("[tool.hatch.envs.types.scripts]\ncheck = 'mypy'", {"hatch.types.check": "hatch run types:check", "types.command": "hatch run types:check"}),
        ("[tool.hatch.envs.release-notes.scripts]\nrun = 'x'\ntest = 'y'",
         {"hatch.release-notes.run": "hatch run release-notes:run", "hatch.release-notes.test": "hatch run release-notes:test"}),
        ("[tool.hatch.envs.hatch-test]\nx = 1", {"tests.command": "hatch test", "one-test.command": "hatch test path/to/test_file.py"}),
        ("[tool.hatch.envs.docs.scripts]\ndeploy = 'mkdocs gh-deploy'\nx = 'git push'", {}),
        ("[tool.hatch.envs.'a b'.scripts]\nrun = 'x'\n[tool.hatch.envs.c]\nscripts = 3", {}),
    ],
)  # fmt: skip
def test_scripts_are_what_to_type(toml: str, expected: dict[str, str]) -> None:
    """An environment's script serves a purpose only where the environment's name says so; what publishes is left out."""
    readings, problems = read_by("hatch", {"pyproject.toml": toml})
    assert (values(readings), problems) == (expected, [])


def test_hatch_toml_is_read_as_well() -> None:
    """The same tables, without what stands above them."""
    readings, _ = read_by("hatch", {"hatch.toml": "[envs.lint.scripts]\nall = 'ruff check'"})
    assert [(r.file, r.key, r.value) for r in readings] == [
        ("hatch.toml", "envs.lint.scripts.all", "hatch run lint:all"),
        ("hatch.toml", "envs.lint.scripts.all+lint.command", "hatch run lint:all"),
    ]
