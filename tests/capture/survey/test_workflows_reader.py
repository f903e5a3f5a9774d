"""GitHub workflows: what CI checks on every change, and with which versions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from surveyed import read_by, values

CI = ".github/workflows/ci.yml"


def workflow(*steps: Any, on: Any = "push", name: str = "tests", **job: Any) -> str:
    """A workflow with one job; JSON is YAML."""
    listed = [{"run": step} if isinstance(step, str) else step for step in steps]
    return json.dumps({"on": on, "jobs": {name: {"steps": listed, **job}}})


def runs(text: str, branch: str | None = None, **files: str) -> str:
    readings, problems = read_by("workflows", {CI: text, **files}, branch)
    assert problems == []
    return values(readings).get("ci.run", "")


@pytest.mark.parametrize(
    ("on", "branch", "runs_there"),
    [
        ("push", None, True),
        (["push", "workflow_dispatch"], None, True),
        ({"pull_request": None}, "main", True),
        ({"push": {"branches": ["main"]}}, "main", True),
        ({"push": {"branches": ["ma*"]}}, "main", True),
        ({"push": {"branches": ["main"]}}, None, True),
        ({"push": {"branches": ["docs"]}}, "main", False),
        ({"push": {"tags": ["v*"]}}, "main", False),
        ({"push": {"tags": ["v*"], "branches": ["main"]}}, "main", True),
        ({"schedule": [{"cron": "0 0 * * *"}]}, None, False),
        ("workflow_dispatch", None, False),
        (None, None, False),
        (7, None, False),
    ],
)
def test_only_what_runs_on_a_push_or_pull_request_counts(on: Any, branch: str | None, runs_there: bool) -> None:
    """Schedules, tags and other branches check something else."""
    assert runs(workflow("pytest", on=on), branch) == ("pytest" if runs_there else "")


def test_on_is_not_a_truth_value() -> None:
    """YAML 1.1 reads a bare `on` as true; here it is the key that GitHub means."""
    assert runs("on: push\njobs:\n  t:\n    steps:\n      - run: pytest\n") == "pytest"


@pytest.mark.parametrize(
    "text",
    [
        workflow("pytest", name="publish"),
        workflow("pytest", environment="prod"),
        workflow("pytest", **{"if": "startsWith(github.ref, 'refs/tags/')"}),
        workflow({"run": "pytest", "if": "github.event_name == 'schedule'"}),
        workflow({"run": "pytest", "shell": "pwsh"}),
        workflow({"run": "pytest", "working-directory": "${{ matrix.dir }}"}),
        workflow({"run": "pytest", "working-directory": "../other"}),
        workflow({"run": "pytest", "working-directory": "not-in-the-tree"}),
        workflow({"uses": "actions/checkout@v4"}),
        workflow({"run": ["pytest"]}, 7),
        json.dumps({"on": "push", "jobs": ["x"]}),
        json.dumps({"on": "push", "jobs": {"a": {"steps": "x"}, "b": None}}),
        "",
    ],
)
def test_some_steps_are_no_checks_of_every_change(text: str) -> None:
    """Releases, other shells, other checkouts, and everything of the wrong shape."""
    assert runs(text) == ""


def test_a_step_that_is_not_skipped_for_a_schedule_counts() -> None:
    """`!= 'schedule'` names the word without meaning it."""
    assert runs(workflow({"run": "pytest", "if": "github.event_name != 'schedule'"})) == "pytest"


def test_a_part_of_the_project_is_a_condition() -> None:
    """working-directory of the step, the job or the workflow, `cd` included."""
    text = workflow({"run": "npm test", "working-directory": "./web/"}, "cd api && pytest")
    readings, _ = read_by("workflows", {CI: text, "web/x": "", "api/x": ""})
    assert [(r.slot, r.value, r.text) for r in readings] == [
        ("ci.run{part=api}", "pytest", "CI runs `pytest` in `api`"),
        ("ci.run{part=web}", "npm test", "CI runs `npm test` in `web`"),
    ]
    whole = json.dumps(
        {"on": "push", "defaults": {"run": {"working-directory": "web"}}, "jobs": {"t": {"steps": [{"run": "npm test"}]}}}
    )
    assert [r.slot for r in read_by("workflows", {CI: whole, "web/x": ""})[0]] == ["ci.run{part=web}"]


def test_a_key_is_made_from_the_line_so_that_a_removed_line_is_gone() -> None:
    """Neither other lines nor another order nor the job's name change it."""
    first = read_by("workflows", {CI: workflow("pytest -q", "ruff check .")})[0]
    second = read_by("workflows", {CI: workflow("mypy src", "pytest -q", name="other")})[0]
    keys = {r.value: r.key for r in first if r.slot == "ci.run"}
    assert {r.value: r.key for r in second if r.slot == "ci.run"}["pytest -q"] == keys["pytest -q"]
    assert len(set(keys.values())) == 2


def test_a_line_in_two_workflows_is_one_reading() -> None:
    """The same command twice tells a newcomer nothing more."""
    other = ".github/workflows/b.yaml"
    readings, _ = read_by("workflows", {CI: workflow("codespell"), other: workflow("codespell")})
    assert [(r.file, r.value) for r in readings] == [(other, "codespell")]


@pytest.mark.parametrize(
    ("steps", "command"),
    [
        (["pytest"], "pytest"),
        (["pytest -q", "pytest -q --cov"], "pytest -q"),
        (["pytest -q", "tox"], None),
        (["pytest tests/one.py"], None),
        (["scripts/test"], "scripts/test"),
        ([{"run": "npm test", "working-directory": "web"}], None),
    ],
)
def test_ci_gives_a_command_where_it_leaves_no_choice(steps: list[Any], command: str | None) -> None:
    """One command of a purpose at the root, or one that starts all the others."""
    readings, _ = read_by("workflows", {CI: workflow(*steps), "web/x": ""})
    assert values(readings).get("tests.command") == command


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ({"python-version": ["3.9", "3.11", "3.10"]}, {"ci.python": "3.9, 3.10, 3.11"}),
        ({"python": ["pypy-3.10", "3.14-dev"]}, {"ci.python": "pypy-3.10, 3.14-dev"}),
        ({"node-version": [20, 18, "lts/*"]}, {"ci.node": "lts/*, 18, 20"}),
        ({"node": ["18", "20.x", "lts/*"]}, {"ci.node": "lts/*, 18, 20.x"}),
        ({"include": [{"python-version": "3.12"}, {"os": "x"}, 7]}, {"ci.python": "3.12"}),
        ({"python-version": "${{ fromJson(x) }}"}, {}),
        ({"python": ["app", "lib"]}, {}),
        ("${{ x }}", {}),
        ({"include": "x"}, {}),
    ],
)
def test_matrix_versions_are_one_sorted_value(matrix: Any, expected: dict[str, str]) -> None:
    """Versions by number, include rows too; what is computed or no version is nothing."""
    text = json.dumps({"on": "push", "jobs": {"t": {"strategy": {"matrix": matrix}}}})
    readings, problems = read_by("workflows", {CI: text})
    assert (values(readings), problems) == (expected, [])


def test_unquoted_versions_keep_their_zeros() -> None:
    """3.10 is not 3.1: scalars are read as they are written."""
    text = "on: push\njobs:\n  t:\n    strategy:\n      matrix:\n        python-version: [3.9, 3.10]\n"
    readings, _ = read_by("workflows", {CI: text})
    assert [tuple(r) for r in readings] == [(CI, "matrix.python", "ci.python", "3.9, 3.10", "CI tests Python `3.9, 3.10`")]


def test_versions_of_several_workflows_are_joined_and_stand_in_the_folder() -> None:
    """Where one workflow has them all it is the place; otherwise no single file says so."""

    def of(*versions: str) -> str:
        return json.dumps({"on": "push", "jobs": {"t": {"strategy": {"matrix": {"node-version": list(versions)}}}}})

    other = ".github/workflows/legacy.yml"
    both = read_by("workflows", {CI: of("18", "20"), other: of("16")})[0]
    assert [(r.file, r.value) for r in both] == [(".github/workflows", "16, 18, 20")]
    one = read_by("workflows", {CI: of("18", "20"), other: of("18")})[0]
    assert [(r.file, r.value) for r in one] == [(CI, "18, 20")]


def test_a_broken_workflow_does_not_stop_the_others() -> None:
    """It is reported with its line; its neighbour is read."""
    bad = ".github/workflows/a.yml"
    readings, problems = read_by("workflows", {bad: "on: push\njobs: ]", CI: workflow("codespell")})
    assert ([r.value for r in readings], [(p.path, p.line) for p in problems]) == (["codespell"], [(bad, 2)])


def test_names_of_workflows_can_be_hostile_too() -> None:
    """A name that cannot be shown is reported without being shown; a publishing workflow is not read."""
    files = {".github/workflows/a\nb.yml": workflow("pytest"), ".github/workflows/publish.yml": workflow("pytest"),
             ".github/workflows/sub/ci.yml": workflow("pytest")}  # fmt: skip
    readings, problems = read_by("workflows", files)
    assert readings == []
    assert [str(p) for p in problems] == [".github/workflows: has a workflow whose name cannot be shown; it was not read"]
