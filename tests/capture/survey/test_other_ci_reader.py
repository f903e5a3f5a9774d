"""Travis, CircleCI and Azure Pipelines: what their jobs run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from surveyed import read_by, values

CIRCLE, TRAVIS, AZURE = ".circleci/config.yml", ".travis.yml", "azure-pipelines.yml"


def found(file: str, document: Any, **files: str) -> dict[str, str]:
    readings, problems = read_by("other_ci", {file: json.dumps(document), "web/x": "", **files})
    assert problems == []
    return values(readings)


def test_circle_runs_steps_in_their_folders_and_images() -> None:
    """Short and long form; a checkout's own name is not part of the folder."""
    steps = [
        "checkout",
        {"run": "pytest -q << parameters.x >>"},
        {"run": {"command": "npm test", "working_directory": "~/project/web"}},
    ]
    slots = found(
        CIRCLE,
        {"jobs": {"t": {"docker": [{"image": "cimg/python:3.12.1"}], "steps": steps}, "deploy": {"steps": [{"run": "tox"}]}}},
    )
    assert slots == {
        "ci.python": "3.12.1",
        "ci.run{part=web}": "npm test",
        "tests.command": "pytest",
        "tests.command{part=web}": "npm test",
    }


def test_travis_has_one_script_and_a_matrix_of_versions() -> None:
    """Versions keep their zeros."""
    text = "python: [3.9, 3.10]\ninstall: pip install -e .\nscript:\n- ruff check .\n- tox\n"
    readings, problems = read_by("other_ci", {TRAVIS: text})
    assert problems == []
    assert values(readings)["ci.python"] == "3.9, 3.10"
    assert values(readings)["ci.run"] == "pip install -e . | ruff check . | tox"


def test_azure_nests_stages_jobs_and_steps() -> None:
    """At any level; a deployment is none, and its macros are computed."""
    jobs = [{"job": "t", "steps": [{"script": "pytest $(args)"}, {"bash": "ruff check .", "workingDirectory": "web"}]},
            {"deployment": "d", "steps": [{"script": "tox"}]}]  # fmt: skip
    slots = found(AZURE, {"stages": [{"stage": "s", "jobs": jobs}], "steps": [{"script": "mypy src"}, 7]})
    assert slots["tests.command"] == "pytest"
    assert slots["ci.run{part=web}"] == "ruff check ."
    assert slots["ci.run"] == "mypy src"


@pytest.mark.parametrize("other", [".github/workflows/ci.yml", ".gitlab-ci.yml"])
def test_an_old_file_beside_a_newer_system_is_not_asked(other: str) -> None:
    """Projects leave them behind when they move."""
    assert found(TRAVIS, {"script": "tox"}) != {}
    assert found(TRAVIS, {"script": "tox"}, **{other: ""}) == {}


@pytest.mark.parametrize("file", [CIRCLE, TRAVIS, AZURE])
@pytest.mark.parametrize(
    "document", [{}, {"jobs": 7}, {"jobs": {"a": 7, "b": {"steps": [7, {"run": 7}]}}}, {"script": {"a": 1}}, {"steps": {}}]
)
def test_wrong_shapes_are_nothing(file: str, document: dict[str, Any]) -> None:
    """No job, no reading."""
    assert found(file, document) == {}
