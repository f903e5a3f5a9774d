"""Which commands concern a project, and what for."""

from __future__ import annotations

import pytest

from kairos_git.capture.survey.tasks.tools import kind_of, own_script, purpose_of, use_of


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
        ("tox", "tests"),
        ("uvx --with tox-uv tox run", "tests"),
        ("tox -e lint", "lint"),
        ("tox -e py311", "tests"),
        ("tox run -f lint", "lint"),
        ("tox config", ""),
        ("nox -s docs", "docs"),
        ("nox -s tests-3.12", "tests"),
        ("go test ./...", "tests"),
        ("go test -race -v ./...", "tests"),
        ("go test -tags=integration ./...", ""),
        ("go test .", ""),
        ("go build", "build"),
        ("go build ./cmd/x", ""),
        ("go generate ./...", "generate"),
        ("go generate ./internal/x", ""),
        ("go mod download", "install"),
        ("go mod tidy", ""),
        ("cargo nextest run --all-features", "tests"),
        ("cargo test --workspace", "tests"),
        ("cargo test --workspace --exclude one", ""),
        ("cargo test --doc", ""),
        ("cargo build -p one", ""),
        ("cargo build --bin one", ""),
        ("cargo run -p one -- all", ""),
        ("cargo xtask check", ""),
        ("zig build test", "tests"),
        ("npm test", "tests"),
        ("npm run test-ci", "tests"),
        ("npm run test:unit", ""),
        ("npm run lint", "lint"),
        ("npm run test:e2e", "e2e"),
        ("npx playwright test", "e2e"),
        ("npx playwright install --with-deps", ""),
        ("yarn lint", "lint"),
        ("pnpm --filter web test", ""),
        ("bun test", "tests"),
        ("make check", "check"),
        ("make test", "tests"),
        ("make", "build"),
        ("make lint test", ""),
        ("make -j 4 test", "tests"),
        ("task test --output group", "tests"),
        ("scripts/test", "tests"),
        ("./scripts/run-tests.sh", "tests"),
        ("bash scripts/lint.sh", "lint"),
        ("python tools/check_docs.py", ""),
        ("ruff check .", "lint"),
        ("uvx ruff check", "lint"),
        ("pre-commit run --all-files", "lint"),
        ("ruff format .", "format"),
        ("ruff format --check .", ""),
        ("prettier --write .", "format"),
        ("prettier --write docs", ""),
        ("mypy --strict src", "types"),
        ("npx tsc --noEmit", "types"),
        ("uv run --directory=sub mypy", ""),
        ("uv build", "build"),
        ("python -m build --outdir /tmp/x", ""),
        ("codespell", ""),
        ("uv sync --all-extras", "install"),
        ("pip install -e .[dev]", "install"),
        ("pip install -r requirements.txt", "install"),
        ("python -m pip install .", "install"),
        ("uv pip install -e .", "install"),
        ("npm ci", "install"),
        ("pnpm install --frozen-lockfile", "install"),
        ("yarn", "install"),
        ("poetry install", "install"),
        ("bundle install", "install"),
        ("make setup", "install"),
        ("hatch run test", "tests"),
        ("nix develop -c zig build test", "tests"),
    ],
)
def test_a_command_of_a_project_is_known_with_its_purpose(command: str, purpose: str) -> None:
    """What covers only a part, or only looks, concerns the project but is not its command for anything."""
    assert purpose_of(command.split()) == purpose


@pytest.mark.parametrize(
    "command",
    [
        "pip install tox",
        "pip install -U pip",
        "npm install -g x",
        "npm install left-pad",
        "npm pack",
        "make install",
        "testing/get-tool.sh",
        "sudo apt-get install -y lcov",
        "echo pytest",
        "ruff --help",
        "pytest --version",
        "./built --help",
        "tox --notest",
        "git config user.name x",
        "coverage xml",
        "npm publish",
        "make release",
        "cargo install x",
        "cargo llvm-cov clean --workspace",
        "go install example.org/x@latest",
        "python scripts/generate.py",
        "node .github/scripts/test.js",
        "uv tool install tox",
        "docker build .",
        "",
    ],
)
def test_everything_else_is_the_machines_business(command: str) -> None:
    """Tools that are installed, plumbing, questions about the tool itself, and what reaches out."""
    assert use_of(command.split()) is None


def test_the_tools_language_and_place_are_known() -> None:
    """A runner of tasks has none."""
    assert use_of(["uv", "run", "-q", "pytest"]) == ("tests", True, "python", 3)
    assert use_of(["make", "test"]) == ("tests", True, "", 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pytest", "uv run python -m pytest --cov=x -q"),
        ("cargo clippy", "cargo clippy --workspace -- -D warnings"),
        ("make test", "make test ARGS=x"),
        ("ruff check src", "ruff check ./src/"),
    ],
)
def test_flags_alone_make_a_near_repeat(first: str, second: str) -> None:
    """One of the two says it all."""
    assert kind_of(first.split()) == kind_of(second.split())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cargo test", "cargo test --doc"),
        ("cargo test", "cargo test -p one --test two"),
        ("cargo test -p one", "cargo test -p two"),
        ("cargo test --package=one", "cargo test --package=two"),
        ("tox -e a", "tox -e b"),
        ("make a", "make b"),
        ("npm ci", "npm test"),
        ("cargo run -p x -- a", "cargo run -p x -- b"),
    ],
)
def test_what_a_command_selects_tells_it_apart(first: str, second: str) -> None:
    """Sub-commands, operands and the options that choose a part."""
    assert kind_of(first.split()) != kind_of(second.split())


@pytest.mark.parametrize(
    ("command", "paths"),
    [
        ("python scripts/x.py --all", ("scripts/x.py",)),
        (
            "uv run --no-sync python -m scripts.x --all",
            ("scripts/x.py", "scripts/x/__main__.py", "src/scripts/x.py", "src/scripts/x/__main__.py"),
        ),
        ("./bin/forbid", ("bin/forbid",)),
        ("bun scripts/x.ts", ("scripts/x.ts",)),
        ("node .github/scripts/x.js", ()),
        ("python scripts/publish.py", ()),
        ("pytest -q", ()),
        ("", ()),
    ],
)
def test_a_script_is_told_with_where_it_may_stand(command: str, paths: tuple[str, ...]) -> None:
    """Whether it is the project's own, the tree says."""
    assert own_script(command.split()) == paths
