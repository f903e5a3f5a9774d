"""Which tool manages a Python project's packages, and what installs them."""

from __future__ import annotations

import pytest
from surveyed import read_by, values

PROJECT = "[project]\nname = 'x'\n"


@pytest.mark.parametrize(
    ("files", "manager", "install"),
    [
        ({"pyproject.toml": PROJECT, "uv.lock": ""}, "uv", "uv sync"),
        ({"pyproject.toml": "[tool.poetry]\nname = 'x'"}, "poetry", "poetry install"),
        ({"pyproject.toml": "[tool.poetry]\nname = 'x'", "uv.lock": "", "poetry.lock": ""}, "poetry", "poetry install"),
        ({"pyproject.toml": PROJECT, "pdm.lock": ""}, "pdm", "pdm install"),
        ({"Pipfile": ""}, "pipenv", "pipenv install --dev"),
        ({"pyproject.toml": "[tool.hatch.envs.default]\nx = 1"}, "hatch", None),
        ({"pyproject.toml": PROJECT + "[project.optional-dependencies]\ndocs = []\ndev = []"}, None, "pip install -e '.[dev]'"),
        ({"pyproject.toml": PROJECT + "[dependency-groups]\ndev = []"}, None, "pip install -e . --group dev"),
        ({"requirements-dev.txt": "", "requirements.txt": ""}, None, "pip install -r requirements-dev.txt"),
        ({"requirements.txt": ""}, None, "pip install -r requirements.txt"),
        ({"requirements.txt": "", "setup.py": ""}, None, "pip install -r requirements.txt -e ."),
        ({"setup.py": ""}, None, "pip install -e ."),
        ({"pyproject.toml": PROJECT}, None, "pip install -e ."),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 1"}, None, None),
        ({"package.json": "{}", "Cargo.lock": ""}, None, None),
    ],
)
def test_the_lock_says_what_manages_and_installs(files: dict[str, str], manager: str | None, install: str | None) -> None:
    """A lock decides, with a table beside it even against another lock; without any, what pip can install for development."""
    found = values(read_by("lockfiles", files)[0])
    assert (found.get("python.package-manager"), found.get("install.command")) == (manager, install)


def test_the_manager_is_said_with_its_command() -> None:
    """Where a task installs, people still want to know what it does."""
    readings, _ = read_by("lockfiles", {"pyproject.toml": PROJECT, "uv.lock": ""})
    assert [(r.file, r.key, r.text) for r in readings] == [
        ("uv.lock", "lockfile+install.command", "Dependencies are installed with `uv sync`"),
        ("uv.lock", "lockfile", "Python packages are managed with `uv`, and installed by `uv sync`"),
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"api/requirements.txt": "", **{f"api/{n}.py": "" for n in range(5)}}, {"install.command{part=api}": "pip install -r requirements.txt"}),
        ({"theme/requirements.txt": "", **{f"theme/{n}.css": "" for n in range(5)}}, {}),
        (
            {"api/pyproject.toml": PROJECT, "api/uv.lock": "", **{f"api/{n}.py": "" for n in range(5)}},
            {"install.command{part=api}": "uv sync", "python.package-manager{part=api}": "uv"},
        ),
    ],
)  # fmt: skip
def test_a_part_with_code_is_installed_by_itself(files: dict[str, str], expected: dict[str, str]) -> None:
    """Requirements beside a stylesheet are no Python project."""
    assert values(read_by("lockfiles", files)[0]) == expected
