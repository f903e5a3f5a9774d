"""Which lines of a CI script check the project, what for, and where."""

from __future__ import annotations

import pytest

from kairos_git.capture.survey.shell import checks


def found(script: str) -> list[tuple[str, str, str]]:
    return [(check.command, check.folder, check.purpose) for check in checks(script)]


@pytest.mark.parametrize(
    ("command", "purpose"),
    [
        ("pytest", "tests"),
        ("uv run --group test pytest -n auto", "tests"),
        ("python -m pytest tests/", "tests"),
        ("FOO=1 poetry run pytest", "tests"),
        ("coverage run -m pytest", "tests"),
        ("pytest tests/test_one.py", ""),
        ("pytest -m slow", ""),
        ("pytest -k 'a and b'", ""),
        ("tox", "tests"),
        ("tox -e lint", "lint"),
        ("tox -e py311", "tests"),
        ("nox -s docs", ""),
        ("go test ./...", "tests"),
        ("go test .", ""),
        ("cargo nextest run --all-features", "tests"),
        ("cargo test --doc", ""),
        ("cargo build -p one", ""),
        ("npm test", "tests"),
        ("npm run test-ci", "tests"),
        ("npm run test:unit", ""),
        ("npm run lint", "lint"),
        ("yarn lint", "lint"),
        ("pnpm --filter web test", ""),
        ("bun test", "tests"),
        ("make check", ""),
        ("make test", "tests"),
        ("scripts/test", "tests"),
        ("./scripts/run-tests.sh", "tests"),
        ("bash scripts/lint.sh", "lint"),
        ("python tools/check_docs.py", ""),
        ("ruff check .", "lint"),
        ("uvx ruff check", "lint"),
        ("pre-commit run --all-files", "lint"),
        ("ruff format .", "format"),
        ("ruff format --check .", ""),
        ("black --check .", ""),
        ("cargo fmt --all -- --check", ""),
        ("mypy --strict src", "types"),
        ("npx tsc --noEmit", "types"),
        ("uv run --directory=sub mypy", ""),
        ("uv build", "build"),
        ("python -m build --outdir /tmp/x", ""),
        ("codespell", ""),
    ],
)
def test_a_checking_line_is_found_with_its_purpose(command: str, purpose: str) -> None:
    """What covers only a part, or only looks, checks something but is not the project's command for it."""
    assert found(command) == [(command, "", purpose)]


@pytest.mark.parametrize(
    "line",
    [
        "pip install -e .[dev]",
        "uv sync --all-extras",
        "npm ci",
        "npm install",
        "yarn",
        "yarn install",
        "poetry install",
        "make install",
        "scripts/install",
        "testing/get-tool.sh",
        "sudo apt-get install -y lcov",
        "echo pytest",
        "ruff --help",
        "pytest --version",
        "git config user.name x",
        "pytest | tee log",
        "pytest > log",
        "pytest $ARGS",
        "pytest ${{ matrix.args }}",
        "coverage xml",
        "npm publish",
        "make release",
        "python scripts/generate.py",
        "node .github/scripts/test.js",
        "# pytest",
        "pytest 'unclosed",
        "pytest " + "x" * 300,
        "",
    ],
)
def test_everything_else_is_the_machines_business(line: str) -> None:
    """Installs, plumbing, questions about the tool itself, and what cannot be typed as it stands."""
    assert found(line) == []


@pytest.mark.parametrize(
    "script",
    [
        "if true; then\n  pytest\nfi",
        "for i in 1 2; do\n pytest\ndone",
        "cat <<EOF\npytest\nEOF",
        "f() {\n pytest\n}",
        "case x in\n a) pytest ;;\nesac",
        "(cd web && npm test)",
        "while :; do pytest; done",
    ],
)
def test_a_script_with_control_flow_is_left_alone(script: str) -> None:
    """Whether its lines run at all is not for a reader to say."""
    assert found(script) == []


def test_a_script_of_plain_lines_is_read_line_by_line_and_follows_cd() -> None:
    """Joined and continued lines are taken apart, each in the folder it runs in."""
    script = "pip install x && pytest -q\nruff \\\n  check .\ncd web\nnpm test\ncd ui && npm run lint\ncd ..\nnpm run build\n"
    assert found(script) == [
        ("pytest -q", "", "tests"),
        ("ruff check .", "", "lint"),
        ("npm test", "web", "tests"),
        ("npm run lint", "web/ui", "lint"),
    ]


def test_quoted_ampersands_do_not_part_a_command() -> None:
    """`&&` in quotes is text."""
    assert found("make test NAME='a && b'") == []  # an ampersand is not typed without thought
    assert found('pytest -W "error" && mypy src') == [('pytest -W "error"', "", "tests"), ("mypy src", "", "types")]
