"""pyproject.toml, its tool tables and its poe tasks."""

from __future__ import annotations

import pytest
from surveyed import read_by, values

PYTEST = "[tool.pytest.ini_options]\naddopts = '-q'\n"
DEV = "[dependency-groups]\ndev = ['pytest>=8', 'ruff']\n"


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[project]\nrequires-python = '>=3.11'", {"python.requires": ">=3.11"}),
        ("[tool.poetry.dependencies]\npython = '^3.9'", {"python.requires": "^3.9", "python.package-manager": "poetry"}),
        ("[project]\nname = 'app'", {"python.name": "app"}),
        ("[build-system]\nbuild-backend = 'hatchling.build'", {"python.build-backend": "hatchling.build"}),
        (
            "[project.scripts]\napp = 'app.cli:main'\n'a_b' = 'app:b'",
            {"entry-points.app": "app.cli:main", "entry-points.a-b": "app:b"},
        ),
        ("[tool.hatch.envs.default]\nx = 1", {"python.package-manager": "hatch"}),
        ("[project]\nname = 3\nrequires-python = ['x']\n[build-system]\nbuild-backend = {}", {"python.name": "3"}),
        ("project = 1\ntool = []", {}),
        ("[project]\nname = \"a\\u001b[31m\"\nrequires-python = '<!-- x'", {}),
    ],
)
def test_pyproject_says_what_the_project_needs_and_is_called(toml: str, expected: dict[str, str]) -> None:
    """Only what stands there, and nothing for what has the wrong type or cannot be shown."""
    readings, problems = read_by("pyproject", {"pyproject.toml": toml})
    assert (values(readings), problems) == (expected, [])


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"pyproject.toml": PYTEST}, "pytest"),
        ({"pyproject.toml": PYTEST + DEV, "uv.lock": ""}, "uv run pytest"),
        ({"pyproject.toml": DEV, "uv.lock": ""}, "uv run pytest"),
        ({"pyproject.toml": PYTEST + "[dependency-groups]\ntest = ['pytest']", "uv.lock": ""}, "uv run --group test pytest"),
        (
            {"pyproject.toml": PYTEST + "[dependency-groups]\nt = ['pytest']\n[tool.uv]\ndefault-groups = 'all'", "uv.lock": ""},
            None,
        ),
        (
            {"pyproject.toml": PYTEST + "[dependency-groups]\ntest = ['pytest']\n[tool.uv]\ndefault-groups = ['test']"},
            "uv run pytest",
        ),
        ({"pyproject.toml": "[project.optional-dependencies]\ntest = ['pytest']", "uv.lock": ""}, "uv run --extra test pytest"),
        ({"pyproject.toml": "[tool.poetry.group.dev.dependencies]\npytest = '^8'"}, "poetry run pytest"),
        ({"pyproject.toml": PYTEST, "pdm.lock": ""}, "pdm run pytest"),
        ({"pyproject.toml": DEV}, None),
        ({"pyproject.toml": PYTEST, "uv.lock": ""}, None),
        ({"pyproject.toml": PYTEST + "[tool.hatch.envs.test]\nx = 1"}, None),
        ({"pyproject.toml": "[dependency-groups]\nlsp = ['pytest']", "uv.lock": ""}, None),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['pytest-cov']", "uv.lock": ""}, None),
        ({"pyproject.toml": PYTEST, "scripts/test": ""}, None),
        ({"pyproject.toml": PYTEST, "noxfile.py": ""}, None),
        ({"pyproject.toml": PYTEST, "tox.ini": "[testenv]\n"}, None),
        ({"pyproject.toml": PYTEST, "tox.ini": "[flake8]\n"}, "pytest"),
        ({"pyproject.toml": PYTEST, "justfile": "test *args:\n  pytest\n"}, None),
        ({"pyproject.toml": PYTEST, "Makefile": "docs:\n\tsphinx-build\n"}, "pytest"),
        ({"pyproject.toml": PYTEST, "Makefile": "test: deps\n\tpytest\n"}, None),
        ({"pyproject.toml": PYTEST + "[tool.poe.tasks]\ntest = 'pytest'"}, None),
    ],
)
def test_the_test_command_is_given_only_when_sure(files: dict[str, str], command: str | None) -> None:
    """pytest must be configured or asked for, startable as said, and nothing else may start the tests."""
    readings, _ = read_by("pyproject", files)
    assert values(readings).get("tests.command") == command


def test_places_are_keys_of_the_file() -> None:
    """A reading says where it stands, in the file's own words."""
    readings, _ = read_by("pyproject", {"pyproject.toml": PYTEST + DEV + "[project]\nrequires-python='>=3.11'", "uv.lock": ""})
    assert [(r.file, r.key, r.slot, r.text) for r in readings] == [
        ("uv.lock", "lockfile", "python.package-manager", "Python packages are managed with `uv`"),
        ("pyproject.toml", "project.requires-python", "python.requires", "Requires Python `>=3.11`"),
        ("pyproject.toml", "tool.pytest+tests.command", "tests.command", "Tests run with `uv run pytest`"),
        ("pyproject.toml", "tool.pytest", "tests.runner", "Tests are written for `pytest`"),
    ]


def test_of_two_locks_the_one_with_a_table_is_meant() -> None:
    """A stale lock of another tool does not decide."""
    files = {"pyproject.toml": "[tool.poetry]\nname = 'x'", "uv.lock": "", "poetry.lock": ""}
    assert values(read_by("pyproject", files)[0])["python.package-manager"] == "poetry"


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        (
            "[tool.ruff]\nline-length = 100\ntarget-version = 'py311'",
            {"lint.ruff.line-length": "100", "lint.ruff.target-version": "py311"},
        ),
        (
            "[tool.black]\nline-length = 88\ntarget-version = ['py310', 'py311']",
            {"format.black.line-length": "88", "format.black.target-version": "py310, py311"},
        ),
        ("[tool.mypy]\nstrict = true", {"types.mypy.strict": "true"}),
        ("[tool.mypy]\nstrict = false", {}),
        (
            "[tool.pytest.ini_options]\naddopts = ['-n', 'auto']\ntestpaths = 'tests'\nasyncio_mode = 'auto'",
            {"tests.pytest.addopts": "-n auto", "tests.pytest.testpaths": "tests", "tests.pytest.asyncio-mode": "auto"},
        ),
        ("[tool]\nblack = 3\nmypy = []\n[tool.ruff]\nline-length = [1]", {}),
        ("[tool.ruff]\nline-length = {}", {}),
    ],
)
def test_settings_that_bite_are_read(toml: str, expected: dict[str, str]) -> None:
    """Line lengths, targets, strictness and pytest's standing options."""
    readings, problems = read_by("python_tools", {"pyproject.toml": toml})
    assert (values(readings), problems) == (expected, [])


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


def test_a_broken_pyproject_is_one_problem_for_all_its_readers() -> None:
    """Three readers share the file; the person hears of it once."""
    for name in ("pyproject", "python_tools", "poe"):
        readings, problems = read_by(name, {"pyproject.toml": "a = 1\nb ="})
        assert readings == []
        assert [str(p).partition(": is not TOML")[0] for p in problems] == ["pyproject.toml"]
