"""tox's environments."""

from __future__ import annotations

import pytest
from surveyed import WORKFLOW, read_by, values

BASE = "[testenv]\ncommands = pytest {posargs}\n"
CI = "on: [push]\njobs:\n  t:\n    steps:\n      - run: "


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"tox.ini": BASE}, "tox"),
        ({"tox.ini": "[tox]\nenvlist = py39,py310,lint\n" + BASE}, "tox -e py"),
        ({"tox.ini": "[tox]\nenvlist = py,docs\n" + BASE}, "tox -e py"),
        ({"tox.ini": "[tox]\nenv_list =\n  {py3.13,py3.14,py3.14t}-common\n  {py3.14}-django\n" + BASE}, "tox -e py3.14-common"),
        ({"tox.ini": "[tox]\nenvlist = 3.1{0-5}-tests\n" + BASE, ".python-version": "3.14\n"}, "tox -e 3.14-tests"),
        ({"tox.ini": "[tox]\nenvlist = 3.1{0-4}-tests, lint\n" + BASE}, "tox -e 3.14-tests"),
        ({"tox.ini": "[tox]\nenvlist = py3{9,10}-x\n" + BASE, "setup.py": "'Python :: 3.9'"}, "tox -e py39-x"),
        ({"tox.ini": "[tox]\nenvlist = tests,lint\n[testenv:tests]\ncommands = pytest\n"}, "tox -e tests"),
        ({"tox.ini": "[tox]\nenvlist = lint\n[testenv:lint]\ncommands = ruff\n"}, None),
        ({"tox.ini": "[flake8]\nmax-line-length = 9\n"}, None),
        ({"tox.ini": "[tox]\nenvlist = py39\n" + BASE, WORKFLOW: CI + "pytest\n"}, None),
        ({"tox.ini": "[tox]\nenvlist = py39\n" + BASE, WORKFLOW: CI + "tox -e x\n"}, "tox"),
        ({"tox.ini": BASE, WORKFLOW: CI + "make html\n"}, "tox"),
        ({"setup.cfg": "[tox:tox]\nenvlist = py39,x\n" + BASE}, "tox -e py"),
        ({"pyproject.toml": "[tool.tox]\nlegacy_tox_ini = '''\n[tox]\nenvlist = py39, x\n" + BASE + "'''\n"}, "tox -e py"),
        (
            {
                "pyproject.toml": "[tool.tox]\nenv_list = ['3.12', '3.13']\nenv_run_base.commands = [['pytest', {replace = 'posargs'}]]"
            },
            "tox -e 3.13",
        ),
        ({"tox.toml": "env_list = ['3.12']\nenv_run_base.commands = [['pytest']]"}, "tox"),
        ({"tox.ini": BASE, "pyproject.toml": "[dependency-groups]\ndev = ['tox', 'tox-uv']\n", "uv.lock": ""}, "uv run tox"),
        ({"tox.ini": BASE, "pyproject.toml": "[dependency-groups]\ndev = ['tox-uv']\n", "uv.lock": ""}, "tox"),
        ({"tox.ini": BASE, "pyproject.toml": "[tool.poetry.group.dev.dependencies]\ntox = '*'\n"}, "poetry run tox"),
    ],
)
def test_one_environment_stands_for_the_tests(files: dict[str, str], command: str | None) -> None:
    """The base environment with the Python at hand, else the newest of the common kind; not where CI has left tox behind."""
    readings, problems = read_by("tox", files)
    assert values(readings).get("tests.command") == command
    assert problems == []


def test_the_command_for_all_environments_is_said_too() -> None:
    """Whoever is asked for more than one Python finds it in the same line."""
    readings, _ = read_by("tox", {"tox.ini": "[tox]\nenvlist = py39,py310\n" + BASE})
    texts = {r.slot: r.text for r in readings}
    assert texts == {
        "tests.command": "Tests run with `tox -e py`, and in all environments with `tox`",
        "one-test.command": "A single test runs with `tox -e py -- path/to/test_file.py`",
    }


@pytest.mark.parametrize(
    ("pyproject", "one"),
    [
        ("", "tox -e py -- path/to/test_file.py"),
        ("[dependency-groups]\nold = ['pytest']\n", "tox -e py -- path/to/test_file.py"),
        ("[dependency-groups]\ndev = ['pytest']\n", None),
    ],
)
def test_one_test_runs_in_tox_only_where_pytest_is_nowhere_else(pyproject: str, one: str | None) -> None:
    """Where pytest is in the environment people work in, building another for one test is a waste."""
    readings, _ = read_by("tox", {"tox.ini": "[tox]\nenvlist = py39,py310\n" + BASE, "pyproject.toml": pyproject})
    assert values(readings).get("one-test.command") == one


def test_named_environments_are_tasks_without_those_that_publish() -> None:
    """What each runs, a purpose by another name, and never an upload."""
    ini = """
[tox]
envlist = py39
[testenv:linting]
commands = pre-commit run --all-files
[testenv:{docs,docs-live}]
commands =
    pip install -e .
    - sphinx-build docs out
    echo done
[testenv:release]
commands = build
[testenv:ship-it]
commands = twine upload dist/*
[testenv:py39]
commands = pytest
[testenv:empty]
deps = x
"""
    readings, _ = read_by("tox", {"tox.ini": ini})
    found = values(readings)
    assert {slot: value for slot, value in found.items() if not slot.startswith("tests")} == {
        "tox.linting": "tox -e linting",
        "tox.docs": "tox -e docs",
        "tox.docs-live": "tox -e docs-live",
        "lint.command": "tox -e linting",
        "docs.command": "tox -e docs",
    }
    assert next(r.text for r in readings if r.slot == "tox.docs") == "`tox -e docs` runs `sphinx-build docs out`"


def test_variables_that_choose_tests_are_named() -> None:
    """They stand in the command, with a default; those of coverage choose nothing."""
    ini = "[testenv]\ncommands =\n  ; a comment\n  pytest {env:TESTPATH:tests} {env:COVERAGE_FILE:x}\n  echo {env:OTHER:}\n"
    readings, _ = read_by("tox", {"tox.ini": ini})
    assert [r.slot for r in readings if ".env." in r.slot] == ["tests.tox.env.testpath"]


def test_a_list_that_grows_without_end_is_cut() -> None:
    """Ten choices, thirty times over, are more environments than there are atoms."""
    ini = f"[tox]\nenvlist = py39-{'{a,b,c,d,e,f,g,h,i,j}' * 20}, {'{x,y}' * 90}\n[testenv:{'{a,b}' * 40}]\ncommands = x\n{BASE}"
    readings, problems = read_by("tox", {"tox.ini": ini})
    assert problems == []
    assert len(readings) < 200
