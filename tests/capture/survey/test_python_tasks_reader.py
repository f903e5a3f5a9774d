"""The task tables of pdm, taskipy and pixi."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        (
            "[tool.pdm.scripts]\ntest = 'pytest'\nlint = {cmd = ['ruff', 'check']}\n_x = 'y'\nrelease = 'z'",
            {"pdm.test": "pdm run test", "pdm.lint": "pdm run lint", "tests.command": "pdm run test", "lint.command": "pdm run lint"},
        ),
        ("[tool.pdm.scripts]\nall = {composite = ['a', 'b']}", {"pdm.all": "pdm run all"}),
        ("[tool.taskipy.tasks]\ntest = 'pytest'", {"taskipy.test": "task test", "tests.command": "task test"}),
        ("[tool.pixi.tasks]\nbuild = 'make'", {"pixi.build": "pixi run build", "build.command": "pixi run build"}),
        ("[tool.pdm.scripts]\nship = 'git push'\n'a b' = 'x'", {}),
    ],
)  # fmt: skip
def test_tasks_are_what_to_type(toml: str, expected: dict[str, str]) -> None:
    """As the tool wants it, without what publishes."""
    readings, problems = read_by("python_tasks", {"pyproject.toml": toml})
    assert (values(readings), problems) == (expected, [])
