"""GitLab's pipeline: what its jobs run on every change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from surveyed import read_by, values

FILE = ".gitlab-ci.yml"


def found(pipeline: dict[str, Any], **files: str) -> dict[str, str]:
    readings, problems = read_by("gitlab_ci", {FILE: json.dumps(pipeline), "web/x": "", **files})
    assert problems == []
    return values(readings)


def test_a_job_runs_its_script_after_what_comes_before_it() -> None:
    """The default's preparation, or the job's own; `cd` holds on."""
    slots = found(
        {
            "before_script": ["pip install -e ."],
            "test": {"script": ["pytest -q", "cd web", "npm test"]},
            "types": {"script": "mypy"},
        }
    )
    assert slots["ci.run"] == "mypy | pip install -e . | pytest -q"
    assert slots["tests.command"] == "pytest -q"
    assert slots["install.command"] == "pip install -e ."
    assert slots["ci.run{part=web}"] == "npm test"
    assert found({"default": {"before_script": ["npm ci"]}, "t": {"script": ["npm test"]}})["install.command"] == "npm ci"
    assert "install.command" not in found({"before_script": ["npm ci"], "t": {"script": ["npm test"], "before_script": []}})


@pytest.mark.parametrize(
    "job",
    [
        {"stage": "deploy"},
        {"environment": "prod"},
        {"when": "manual"},
        {"only": ["tags"]},
        {"only": {"refs": ["schedules"]}},
        {"rules": [{"if": "$CI_COMMIT_TAG"}]},
        {"rules": [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}, {"when": "never"}]},
        {"script": [["pytest"]]},
        {"script": 7},
    ],
)
def test_some_jobs_check_no_change(job: dict[str, Any]) -> None:
    """Releases, schedules, what waits for a hand, and everything of the wrong shape."""
    assert found({"test": {"script": ["pytest"], **job}}) == {}
    assert found({"test": {"script": ["pytest"], "only": ["branches"], "rules": [{"if": "$CI_MERGE_REQUEST_IID"}]}}) != {}


def test_images_tell_the_versions_and_variables_what_they_hold() -> None:
    """`python:3.12-slim` is a Python; an image of something else is not."""
    slots = found(
        {
            "variables": {"V": "3.12", "ARGS": "-q"},
            "image": "python:3.11-slim",
            "a": {"image": "python:${V}", "script": "pytest $ARGS $MORE"},
            "b": {"image": {"name": "postgres:16"}, "script": "ruff check $ARGS"},
        }
    )
    assert (slots["ci.python"], slots["ci.run"], slots["tests.command"]) == ("3.11, 3.12", "ruff check -q", "pytest")


def test_what_a_pipeline_includes_from_the_project_belongs_to_it() -> None:
    """Once each, even where files include one another; others' templates are not there."""
    files = {"ci/a.yml": json.dumps({"include": ["/ci/a.yml", {"local": FILE}], "a": {"script": "ruff check ."}})}
    assert found({"include": [{"local": "/ci/a.yml"}, {"template": "X"}, "gone.yml"], "b": {"script": "mypy"}}, **files)[
        "ci.run"
    ] == ("mypy | ruff check .")


def test_references_and_anchors_are_no_obstacle() -> None:
    """GitLab's own tag names lines that are read where they stand."""
    text = ".base: &base {before_script: [npm ci]}\nt:\n  <<: *base\n  script:\n  - !reference [.base, script]\n  - npm test\n"
    readings, problems = read_by("gitlab_ci", {FILE: text})
    assert (values(readings)["ci.run"], problems) == ("npm ci | npm test", [])


def test_a_mirror_of_a_project_on_github_is_not_asked() -> None:
    """Workflows come first where there are both."""
    assert read_by("gitlab_ci", {FILE: '{"t": {"script": "pytest"}}', ".github/workflows/ci.yml": ""}) == ([], [])


WORDS = st.sampled_from(
    ["script", "include", "local", "rules", "if", "only", "image", "variables", FILE, "pytest", "default", "before_script"]
)
VALUES = st.recursive(
    st.none() | st.integers() | WORDS, lambda v: st.lists(v, max_size=3) | st.dictionaries(WORDS, v, max_size=4), max_leaves=12
)


@given(st.dictionaries(WORDS, VALUES, max_size=5))
def test_no_shape_stops_the_reader(document: dict[str, Any]) -> None:
    """Whatever stands where a job is expected."""
    readings, _ = read_by("gitlab_ci", {FILE: json.dumps(document)})
    assert all("pytest" in reading.value for reading in readings if reading.slot == "ci.run")
