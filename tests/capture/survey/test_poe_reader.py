"""poethepoet's tasks."""

from __future__ import annotations

from surveyed import read_by, values


def test_poe_tasks_are_what_to_type() -> None:
    """Commands, sequences and references, hidden ones left out, each purpose once."""
    toml = """
[tool.poe.tasks]
lint = "ruff check ."
test-run = [{ cmd = "pytest -q" }]
test = [{ ref = "lint" }, "test-run"]
format.sequence = ["ruff format ."]
_hidden = "true"
release = "true"
tidy = { shell = "rm -rf src" }
empty = {}
"bad name" = "x"
"""
    readings, _ = read_by("poe", {"pyproject.toml": toml, "uv.lock": ""})
    assert values(readings) == {
        "poe.lint": "uv run poe lint",
        "poe.test-run": "uv run poe test-run",
        "poe.test": "uv run poe test",
        "poe.format": "uv run poe format",
        "tests.command": "uv run poe test",
        "lint.command": "uv run poe lint",
        "format.command": "uv run poe format",
    }
    texts = {r.slot: r.text for r in readings}
    assert texts["poe.test"] == "`uv run poe test` runs `lint; test-run`"
    assert {r.key for r in readings if r.slot == "tests.command"} == {"tool.poe.tasks.test+tests.command"}
