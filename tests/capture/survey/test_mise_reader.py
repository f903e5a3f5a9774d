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


def test_included_files_and_folders_of_scripts_are_tasks_too() -> None:
    """A file task is typed with colons for slashes and without its extension; a script that pushes is left out."""
    files = {
        "mise.toml": '[task_config]\nincludes = ["tasks.toml", "xtasks"]\n',
        "tasks.toml": '[test]\nrun = "cargo test"\n["render:help"]\ndepends = ["test"]\n',
        "xtasks/lint/fix.sh": '#!/bin/sh\n#MISE description="Fix what can be fixed"\ncargo clippy --fix\n',
        "xtasks/send": "git push --tags\n",
        "xtasks/README.md": "",
    }

    readings, problems = read_by("mise", files)
    found = values(readings)

    assert problems == []
    assert found["tests.command"] == "mise run test" and found["mise.render.help"] == "mise run render:help"
    assert found["mise.lint.fix"] == "mise run lint:fix"
    assert next(r.file for r in readings if r.slot == "mise.lint.fix") == "xtasks/lint/fix.sh"
    assert "mise.send" not in found
