"""nox's sessions, read without running the file."""

from __future__ import annotations

from surveyed import read_by, values

NOXFILE = """
import nox

nox.options.sessions = ["tests"]

raise SystemExit("this file must not be run")

@nox.session(
    python=["3.11", "3.12"],
    tags=["x"],
)
def tests(session: nox.Session) -> None:
    session.install(".[test]")
    session.run("pytest", "-q", *session.posargs)

@nox.session(name="type-check")
def anything(session):
    session.run("mypy", "app")

@session
def lint(session):
    session.run(
        "pre-commit",
        "run",
        "--all-files",
    )

@nox.session
def release(session):
    session.run("true")

@nox.session
def wheels(session):
    session.run("twine", "upload", "dist/*")

def not_a_session(session):
    session.run("x")
"""


def test_sessions_are_found_by_their_shape() -> None:
    """Names from `def` or `name=`, over several lines; never what publishes, whatever it is called."""
    readings, problems = read_by("nox", {"noxfile.py": NOXFILE})
    assert problems == []
    assert values(readings) == {
        "nox.tests": "nox -s tests",
        "nox.type-check": "nox -s type-check",
        "nox.lint": "nox -s lint",
        "tests.command": "nox -s tests",
        "types.command": "nox -s type-check",
        "lint.command": "nox -s lint",
        "one-test.command": "nox -s tests -- path/to/test_file.py",
    }
    assert next(r.text for r in readings if r.slot == "nox.lint") == "`nox -s lint` runs `pre-commit run --all-files`"


def test_nox_is_started_in_the_environment_that_has_it() -> None:
    """And one test by pytest, where that is in the same environment."""
    files = {
        "noxfile.py": NOXFILE,
        "uv.lock": "",
        "pyproject.toml": "[dependency-groups]\ndev = ['nox', 'pytest']\nmypy = ['nox']\n",
    }
    found = values(read_by("nox", files)[0])
    assert found["tests.command"] == "uv run nox -s tests"
    assert "one-test.command" not in found


def test_a_group_for_something_else_is_not_named() -> None:
    """`uv run --group mypy nox` would install types to run tests."""
    files = {"noxfile.py": NOXFILE, "uv.lock": "", "pyproject.toml": "[dependency-groups]\nmypy = ['nox']\n"}
    assert values(read_by("nox", files)[0])["tests.command"] == "nox -s tests"


def test_a_file_without_sessions_says_nothing() -> None:
    """Broken Python is no error, as nothing is parsed."""
    assert read_by("nox", {"noxfile.py": "@nox.session(\n" * 3000 + "def (("}) == ([], [])
