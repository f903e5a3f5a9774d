"""The commands every Python project has, where neither a task nor CI says otherwise."""

from __future__ import annotations

import pytest
from surveyed import read_by, tree, values

from kairos_git.capture.survey import survey

PYTEST = "[tool.pytest.ini_options]\naddopts = '-q'\n"
DEV = "[dependency-groups]\ndev = ['pytest>=8', 'ruff']\n"
PART = {f"backend/m{n}.py": "" for n in range(5)}


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"pyproject.toml": PYTEST}, "pytest"),
        ({"pyproject.toml": PYTEST + DEV, "uv.lock": ""}, "uv run pytest"),
        ({"pyproject.toml": DEV, "uv.lock": ""}, "uv run pytest"),
        ({"pyproject.toml": PYTEST, "uv.lock": ""}, "uv run pytest"),
        ({"pyproject.toml": PYTEST + "[dependency-groups]\ntest = ['pytest']", "uv.lock": ""}, "uv run --group test pytest"),
        (
            {"pyproject.toml": "[dependency-groups]\ntest = ['pytest']\ndev = [{include-group = 'test'}]", "uv.lock": ""},
            "uv run pytest",
        ),
        (
            {"pyproject.toml": "[dependency-groups]\nqa = ['pytest']\n[tool.uv]\ndefault-groups = 'all'", "uv.lock": ""},
            "uv run pytest",
        ),
        ({"pyproject.toml": "[project.optional-dependencies]\ntest = ['pytest']", "uv.lock": ""}, "uv run --extra test pytest"),
        ({"pyproject.toml": "[tool.poetry.group.dev.dependencies]\npytest = '^8'"}, "poetry run pytest"),
        ({"pyproject.toml": PYTEST, "pdm.lock": ""}, "pdm run pytest"),
        ({"Pipfile": "", "pytest.ini": "[pytest]\n"}, "pipenv run pytest"),
        ({"pyproject.toml": DEV}, "pytest"),
        ({"pytest.ini": "[pytest]\n"}, "pytest"),
        ({"tox.ini": "[pytest]\naddopts = -q\n"}, "pytest"),
        ({"setup.cfg": "[tool:pytest]\n"}, "pytest"),
        ({"requirements-dev.txt": "black\npytest>=7\n"}, "pytest"),
        ({"tests/conftest.py": ""}, "pytest"),
        ({"tests/test_a.py": "import os\nimport pytest\n"}, "pytest"),
        ({"tests/test_a.py": "import unittest\n", "tests/__init__.py": ""}, "python -m unittest"),
        ({"tests/test_a.py": "import unittest\n"}, "python -m unittest discover tests"),
        ({"tests/runtests.py": "", "tests/conftest.py": ""}, "python tests/runtests.py"),
        ({"scripts/test": "", "pyproject.toml": PYTEST}, "./scripts/test"),
        ({"manage.py": ""}, "python manage.py test"),
        ({"manage.py": "", "pytest.ini": ""}, "pytest"),
        ({"pyproject.toml": "[dependency-groups]\nlsp-for-editors = ['pytest']", "uv.lock": ""}, None),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['pytest-cov']", "uv.lock": ""}, None),
        ({"requirements.txt": "pytest-cov\n"}, None),
        ({"setup.cfg": "[flake8]\n"}, None),
        ({"README.md": "pytest"}, None),
    ],
)
def test_tests_run_with_what_the_files_say_is_there(files: dict[str, str], command: str | None) -> None:
    """pytest where it is configured, asked for or evidently used, started as the packaging tool starts it."""
    readings, _ = read_by("python_commands", files)
    assert values(readings).get("tests.command") == command


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject.toml": PYTEST + DEV, "uv.lock": ""}, {"one-test": "uv run pytest path/to/test_file.py"}),
        ({"ruff.toml": "line-length = 80"}, {"lint": "ruff check", "fix": "ruff check --fix"}),
        (
            {"pyproject.toml": "[tool.ruff.format]\nquote-style = 'single'\n"},
            {"lint": "ruff check", "fix": "ruff check --fix", "format": "ruff format"},
        ),
        ({"pyproject.toml": "[tool.black]\nline-length = 100"}, {"format": "black ."}),
        ({".flake8": "[flake8]\n"}, {"lint": "flake8"}),
        ({".flake8": "", "ruff.toml": ""}, {"lint": "ruff check"}),
        ({"mypy.ini": "", "app/__init__.py": "", "tests/__init__.py": ""}, {"types": None}),
        ({"mypy.ini": "", "a/__init__.py": "", "b/__init__.py": ""}, {"types": None}),
        ({"pyproject.toml": "[project]\nname = 'My-App'\n[tool.mypy]\nx = 1", "src/my_app/__init__.py": ""}, {"types": None}),
        ({"pyproject.toml": "[tool.mypy]\nfiles = ['app']", "app/__init__.py": ""}, {"types": "mypy"}),
        ({"pyproject.toml": "[dependency-groups]\ntyping = ['mypy']\n[tool.mypy]\nfiles = 'a'", "uv.lock": ""},
         {"types": "uv run --group typing mypy"}),
        ({"pyrightconfig.json": "{}"}, {"types": "pyright"}),
        ({"pyproject.toml": "[tool.ty]\nx = 1"}, {"types": "ty check"}),
        ({"pyproject.toml": "[dependency-groups]\ntypeshed-formatting = ['black']", "uv.lock": ""}, {"format": None, "lint": None}),
        ({"manage.py": "", "Pipfile": ""}, {"dev": "pipenv run python manage.py runserver"}),
    ],
)  # fmt: skip
def test_other_checks_run_with_the_configured_tools(files: dict[str, str], expected: dict[str, str | None]) -> None:
    """One tool for a purpose; a formatter only where something says that it formats."""
    found = values(read_by("python_commands", files)[0])
    assert {purpose: found.get(f"{purpose}.command") for purpose in expected} == expected


@pytest.mark.parametrize(
    ("files", "slot", "command"),
    [
        ({}, "tests.command{part=backend}", "pytest"),
        ({"backend/uv.lock": ""}, "tests.command{part=backend}", "uv run pytest"),
        ({"pyproject.toml": "[project]\nname = 'x'\n", "uv.lock": ""}, "tests.command{part=backend}", "uv run pytest"),
        ({"pyproject.toml": PYTEST, "uv.lock": ""}, "tests.command{part=backend}", None),
        ({"pyproject.toml": PYTEST, "backend/poetry.lock": ""}, "tests.command{part=backend}", "poetry run pytest"),
    ],
)
def test_a_part_has_commands_unless_the_root_tests_it(files: dict[str, str], slot: str, command: str | None) -> None:
    """A member of a workspace is tested by the root's command, where the root has one."""
    readings, _ = read_by("python_commands", {"backend/pyproject.toml": PYTEST + DEV, **PART, **files})
    found = values(readings)
    assert found.get(slot) == command
    assert all(" in `backend`" in r.text for r in readings if "part=" in r.slot)


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"Makefile": ".PHONY: test\ntest:\n\tpytest -q\n"}, "make test"),
        ({".github/workflows/ci.yml": "on: [push]\njobs:\n  t:\n    steps:\n      - run: pytest -W error\n"}, "pytest -W error"),
        ({"tox.ini": "[testenv]\ncommands = pytest\n"}, "tox"),
        ({}, "pytest"),
    ],
)
def test_a_task_beats_ci_and_ci_beats_the_default(files: dict[str, str], command: str) -> None:
    """What somebody wrote down for this project comes before what every project has."""
    readings, _ = survey(tree({"pyproject.toml": PYTEST, **files}))
    assert values(readings)["tests.command"] == command
