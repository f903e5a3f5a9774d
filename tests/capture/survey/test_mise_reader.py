"""mise's tasks."""

from __future__ import annotations

from surveyed import read_by, values


def test_tasks_are_what_to_type() -> None:
    """As a text, a list or a table; hidden ones and those that publish left out."""
    toml = """
[tasks]
test = "pytest -q"
lint = ["ruff check", "mypy"]
_x = "true"
[tasks.build]
run = "make"
[tasks.all]
depends = ["lint", "test"]
[tasks.secret]
run = "x"
hide = true
[tasks.deploy]
run = "y"
"""
    readings, problems = read_by("mise", {"mise.toml": toml})
    assert problems == []
    assert values(readings) == {
        "mise.test": "mise run test",
        "mise.lint": "mise run lint",
        "mise.build": "mise run build",
        "mise.all": "mise run all",
        "tests.command": "mise run test",
        "lint.command": "mise run lint",
        "build.command": "mise run build",
    }
    assert next(r.text for r in readings if r.slot == "mise.lint").startswith("`mise run lint` runs `ruff check")
