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
        ("tests.command{part=api}", "pytest", "Tests run with `pytest` in `api`"),
        ("tests.command{part=web}", "npm test", "Tests run with `npm test` in `web`"),
    ]
    whole = json.dumps(
        {"on": "push", "defaults": {"run": {"working-directory": "web"}}, "jobs": {"t": {"steps": [{"run": "npm test"}]}}}
    )
    assert [r.slot for r in read_by("workflows", {CI: whole, "web/x": ""})[0]] == ["ci.run{part=web}", "tests.command{part=web}"]


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
        (["pytest --cov=x --cov-report xml --durations=5"], "pytest"),
        (["cargo nextest run --all-features --profile ci -Z x"], "cargo nextest run --all-features"),
        (["go test -race -v ./..."], "go test -race -v ./..."),
        (["pytest -q", "tox", "pytest -q --slow"], "pytest -q"),
        (["scripts/test"], "scripts/test"),
        (["pytest tests/one.py"], "pytest"),
        (["uv run -q pytest -x $ARGS"], "uv run -q pytest"),
        (["go test ./one -run $TEST"], "go test ./..."),
        (["cargo nextest run -p one"], "cargo nextest run"),
        (["tox -e py${{ matrix.python }}"], "tox -e py"),
        (["tox -e ${{ matrix.env }}"], "tox"),
        (["nox -s tests-${{ matrix.python }}"], "nox -s tests"),
        (["tox -e lint"], None),
        (["$RUN pytest"], None),
        (["npm run test:unit"], None),
        ([{"run": "npm test", "working-directory": "web"}], None),
        (["pytest", {"run": "pytest -q tests", "if": "runner.os == 'Windows'"}], "pytest"),
        ([{"run": "tox", "if": "matrix.os == 'x'"}, "pytest -q tests"], "pytest -q tests"),
    ],
)
def test_ci_gives_the_tests_of_the_whole_project(steps: list[Any], command: str | None) -> None:
    """The plainest line that covers it; else how its tool is started, which a person completes."""
    readings, _ = read_by("workflows", {CI: workflow(*steps), "web/x": ""})
    assert values(readings).get("tests.command") == command


def test_a_special_job_gives_the_command_only_where_no_other_does() -> None:
    """Nightly, end-to-end, other systems, another toolchain: what they run is special in a way that is not seen in it."""
    nightly = ".github/workflows/nightly.yml"
    both = {CI: workflow("pytest --strict-markers tests"), nightly: workflow("pytest")}
    assert values(read_by("workflows", both)[0])["tests.command"] == "pytest --strict-markers tests"
    assert values(read_by("workflows", {nightly: workflow("pytest")})[0])["tests.command"] == "pytest"
    toolchains = {CI: workflow("cargo +1.80 test", "cargo test --locked --all")}
    assert values(read_by("workflows", toolchains)[0])["tests.command"] == "cargo test --locked --all"


def test_the_command_is_in_the_projects_own_language() -> None:
    """A Python project whose documentation has tests in JavaScript is not tested with them."""
    jest, both = workflow("npx jest"), workflow("npx jest", "pytest -q tests")
    python = {f"pkg/m{n}.py": "" for n in range(20)} | {"pyproject.toml": "", "docs/x.js": ""}
    mixed = {f"web/m{n}.js": "" for n in range(10)} | {"package.json": "", **python}
    found = [
        values(read_by("workflows", {CI: text, **files})[0]).get("tests.command")
        for text in (jest, both)
        for files in (python, mixed)
    ]
    assert found == [None, "npx jest", "pytest -q tests", "pytest -q tests"]


@pytest.mark.parametrize(
    ("steps", "slot", "expected"),
    [
        (["ruff format --check ."], "format.command", "ruff format ."),
        (["cargo fmt --all -- --check"], "format.command", "cargo fmt --all"),
        (["npx prettier --check ."], "format.command", "npx prettier --write ."),
        (["npx prettier --check docs"], "format.command", None),
        (["black --check .", "black src"], "format.command", "black src"),
        (["uv sync", "uv sync --all-extras --dev"], "install.command", "uv sync"),
        (["pip install tox"], "install.command", None),
        (["npm ci", "npm run check"], "check.command", "npm run check"),
    ],
)
def test_other_purposes_have_their_commands(steps: list[str], slot: str, expected: str | None) -> None:
    """A look whether code is formatted tells how it is formatted."""
    assert values(read_by("workflows", {CI: workflow(*steps)})[0]).get(slot) == expected


@pytest.mark.parametrize(
    ("makefile", "built"),
    [
        ("init:\n\tpip install -r dev.txt\n", None),
        (".PHONY: help\nhelp:\n\tgrep\n", None),
        ("x := 1\nall: prog\n", "make"),
        ("", None),
    ],
)
def test_make_alone_builds_unless_its_first_target_says_otherwise(makefile: str, built: str | None) -> None:
    """Many a Makefile begins with what sets up, or with its own help; and without one, nobody can type it."""
    assert values(read_by("workflows", {CI: workflow("make"), "Makefile": makefile})[0]).get("build.command") == built


def test_the_project_is_installed_as_for_its_tests() -> None:
    """Another job installs less."""
    jobs = {"lint": {"steps": [{"run": "uv sync"}]}, "unit": {"steps": [{"run": "uv sync --all-extras\npytest"}]}}
    readings, _ = read_by("workflows", {CI: json.dumps({"on": "push", "jobs": jobs})})
    assert values(readings)["install.command"] == "uv sync --all-extras"


def test_near_repeats_are_read_once_and_a_few_stand_for_many() -> None:
    """Of lines that differ in flags the most general; of one tool's many lines, four; in all, sixty."""
    assert runs(workflow("cargo clippy --all -- -D warnings", "cargo clippy --all", "cargo test --doc", "cargo test")) == (
        "cargo clippy --all | cargo test | cargo test --doc"
    )
    many = [f"go test ./p{n}" for n in range(30)]
    assert len(runs(workflow(*many)).split(" | ")) == 4
    assert len(runs(workflow(*(f"make check-{n}" for n in range(200)))).split(" | ")) == 60


@pytest.mark.parametrize(
    ("line", "files", "expected"),
    [
        ("python -m scripts.setup --all", {"scripts/setup.py": ""}, "python -m scripts.setup --all"),
        ("python scripts/gen.py", {"scripts/gen.py": ""}, "python scripts/gen.py"),
        ("python scripts/gen.py", {}, ""),
        ("python scripts/publish.py", {"scripts/publish.py": ""}, ""),
        ("./bin/forbid", {"bin/forbid": ""}, "./bin/forbid"),
        ("cargo run -p dev -- generate-all --mode check", {}, "cargo run -p dev -- generate-all --mode check"),
        ("npx playwright install --with-deps", {}, "npx playwright install --with-deps"),
    ],
)
def test_the_projects_own_scripts_are_read(line: str, files: dict[str, str], expected: str) -> None:
    """Where the tree has them."""
    assert runs(workflow(line), None, **files) == expected


@pytest.mark.parametrize(
    ("job", "line", "expected"),
    [
        ({"strategy": {"matrix": {"x": ["unit"]}}}, "pytest -m ${{ matrix.x }}", "pytest -m unit"),
        ({"strategy": {"matrix": {"x": ["", "-n4"]}}}, "pytest ${{matrix.x}}", "pytest"),
        ({"strategy": {"matrix": {"x": ["3.11", "3.12"]}}}, "mypy --python-version ${{ matrix.x }}", ""),
        ({"strategy": {"matrix": {"task": ["lint", "types"]}}}, "pnpm run ${{ matrix.task }}", "pnpm run lint | pnpm run types"),
        (
            {"strategy": {"matrix": {"include": [{"task": "lint"}, {"task": "types"}]}}},
            "just ${{ matrix.task }}",
            "just lint | just types",
        ),
        ({"strategy": {"matrix": {"task": ["publish", "lint"]}}}, "just ${{ matrix.task }}", "just lint"),
        ({"env": {"FLAGS": "--all -q"}}, "ruff check $FLAGS", "ruff check --all -q"),
        ({"env": {"FLAGS": "--all"}}, 'ruff check "${FLAGS}" ${{ env.FLAGS }}', "ruff check --all --all"),
        ({"env": {"FLAGS": "$(rm -rf ~)"}}, "ruff check $FLAGS", ""),
        ({}, "ruff check ${{ secrets.X }}", ""),
    ],
)
def test_an_expression_is_replaced_where_its_value_is_certain(job: dict[str, Any], line: str, expected: str) -> None:
    """A matrix's only or empty value, its few names, plain settings; every other line is left out."""
    assert runs(workflow(line, **job)) == expected


def test_local_actions_are_read_with_what_they_are_given() -> None:
    """A composite action's script is the job's; its inputs have the caller's values or their defaults."""
    action = json.dumps(
        {
            "inputs": {"kind": {"default": "unit"}},
            "runs": {"using": "composite", "steps": [{"run": "pytest tests/${{ inputs.kind }}", "shell": "bash"}]},
        }
    )
    ci = workflow({"uses": "./.github/actions/test"}, {"uses": "./.github/actions/test", "with": {"kind": "slow"}})
    readings, problems = read_by("workflows", {CI: ci, ".github/actions/test/action.yml": action})
    assert problems == []
    assert sorted((r.file, r.value) for r in readings if r.slot == "ci.run") == [
        (".github/actions/test/action.yml", "pytest tests/slow"),
        (".github/actions/test/action.yml", "pytest tests/unit"),
    ]


@pytest.mark.parametrize("uses", ["./.github/workflows/part.yml", "$/.github/workflows/part.yml"])
def test_called_workflows_are_read_with_what_they_are_given(uses: str) -> None:
    """One that nobody calls runs on nothing."""
    part = json.dumps(
        {"on": {"workflow_call": {"inputs": {"what": {}}}}, "jobs": {"t": {"steps": [{"run": "make ${{ inputs.what }}"}]}}}
    )
    caller = json.dumps({"on": "push", "jobs": {"t": {"uses": uses, "with": {"what": "lint"}}}})
    files = {".github/workflows/part.yml": part}
    assert runs(workflow("tox"), None, **files) == "tox"
    readings, _ = read_by("workflows", {CI: caller, **files})
    assert [(r.file, r.value) for r in readings if r.slot == "ci.run"] == [(".github/workflows/part.yml", "make lint")]


def test_actions_and_workflows_that_use_themselves_come_to_an_end() -> None:
    """However often, too."""
    again = {"using": "composite", "steps": [{"uses": "./.github/actions/a"}] * 3 + [{"run": "codespell", "shell": "bash"}]}
    loop = json.dumps({"on": ["push", "workflow_call"], "jobs": {"t": {"uses": "./.github/workflows/ci.yml"}}})
    files = {".github/actions/a/action.yml": json.dumps({"runs": again}), ".github/workflows/loop.yml": loop}
    assert runs(workflow({"uses": "./.github/actions/a"}), None, **files) == "codespell"


def test_steps_shared_by_an_anchor_are_read() -> None:
    """An alias stands for what it names; a merge key adds it."""
    text = "on: push\njobs:\n  a: &a\n    steps:\n    - &lint {run: ruff check .}\n  b:\n    <<: *a\n  c:\n    steps:\n    - *lint\n    - run: tox\n"
    assert runs(text) == "ruff check . | tox"


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ({"python-version": ["3.9", "3.11", "3.10"]}, {"ci.python": "3.9, 3.10, 3.11"}),
        ({"python": ["pypy-3.10", "3.14-dev"]}, {"ci.python": "pypy-3.10, 3.14-dev"}),
        ({"node-version": [20, 18, "lts/*"]}, {"ci.node": "lts/*, 18, 20"}),
        ({"node": ["18", "20.x", "lts/*"]}, {"ci.node": "lts/*, 18, 20.x"}),
        ({"include": [{"python-version": "3.12"}, {"os": "x"}, 7]}, {"ci.python": "3.12"}),
        ({"go-version": ["1.22", "1.23"]}, {"ci.go": "1.22, 1.23"}),
        ({"rust": ["stable", "1.80", "x"]}, {"ci.rust": "stable, 1.80"}),
        ({"os": ["ubuntu-latest", "windows-2022", "macos-14", "ubuntu-22.04"]}, {"ci.os": "Linux, Windows, macOS"}),
        ({"platform": [{"os": "ubuntu-latest"}, {"os": "windows-latest"}]}, {"ci.os": "Linux, Windows"}),
        ({"os": ["ubuntu-latest"]}, {}),
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
