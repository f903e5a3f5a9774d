"""Real git in a temporary HOME, with fixed people and times; no agent's environment reaches a test."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from kairos_git.settings import AGENTS

# A busy machine is no failure: time is measured by `make bench`, and nowhere else.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty HOME, a git that knows Ada, and nothing of the caller's agents, hooks or memory."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("GIT_", "KAIROS_", "CLAUDE", "CODEX", "XDG_")) or name in AGENTS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("TZ", "UTC")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n"
        '[protocol "file"]\n\tallow = always\n'
    )


def git(folder: Path, *arguments: str, check: bool = True, when: datetime | None = None, **env: str) -> str:
    """Run git as a person would; standard output without its last newline."""
    stamp = {"GIT_AUTHOR_DATE": when.isoformat(), "GIT_COMMITTER_DATE": when.isoformat()} if when else {}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **stamp, **env},
        capture_output=True,
        text=True,
        check=False,
        errors="surrogateescape",
    )
    if check and done.returncode:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.rstrip("\n")


class Answer(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Place:
    """A project with its memory beside it, and the commands typed in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.memory = root.parent / f"{root.name}.memory"
        self.now = NOON

    def git(self, *arguments: str, **options: Any) -> str:
        return git(self.root, *arguments, **options)

    def mem(self, *arguments: str, **options: Any) -> str:
        return git(self.memory, *arguments, **options)

    def write(self, path: str, content: str | bytes) -> None:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message: str, files: dict[str, str] | None = None, **options: Any) -> str:
        for path, content in (files or {}).items():
            self.write(path, content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, when=self.tick(), **options)
        return self.git("rev-parse", "HEAD")

    def tick(self, **step: float) -> datetime:
        """Let time pass: a minute, or what is said."""
        self.now += timedelta(**step) if step else timedelta(minutes=1)
        return self.now

    def run(self, *arguments: str, code: int | None = 0) -> Answer:
        """Type a command in the project; fails where it answers another exit code than asked for."""
        return run(self.root, *arguments, code=code)

    def say(self, text: str, src: str = "owner", session: str = "", **step: float) -> str:
        """Observe something a while later; the observation's id."""
        options = ["--session", session] if session else []
        return str(
            self.run("observe", text, "--src", src, *options, "--time", self.tick(**step).isoformat(), "--json").json["id"]
        )

    def dream(self, *options: str, code: int = 0) -> Any:
        """Dream; its JSON."""
        answer = self.run("dream", "--json", "--now", self.tick().isoformat(), *options, code=code)
        return answer.json if code == 0 else answer

    def facts(self, *options: str) -> dict[str, str]:
        """`slot = value` -> state."""
        return {f"{f['slot']} = {f['value']}": f["state"] for f in self.run("facts", "--json", *options).json}

    def fact(self, value: str, *options: str) -> dict[str, Any]:
        """The one fact whose value holds a text."""
        found = [f for f in self.run("facts", "--json", *options).json if value in f["value"]]
        assert len(found) == 1, found
        return dict(found[0])


def run(folder: Path, *arguments: str, code: int | None = 0) -> Answer:
    """One command, in this process: parsed and answered as by the program itself."""
    from kairos_git.cli import main

    out, err = io.StringIO(), io.StringIO()
    before, argv, environ = Path.cwd(), sys.argv, dict(os.environ)
    os.chdir(folder)
    sys.argv = ["kairos-git", *arguments]
    got = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        got = int(end.code or 0)
    finally:
        os.chdir(before)
        sys.argv = argv
        os.environ.clear()
        os.environ.update(environ)
    answer = Answer(got, out.getvalue(), err.getvalue())
    assert code is None or got == code, (arguments, answer)
    return answer


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty project, without a commit or a memory."""
    root = tmp_path / "app"
    root.mkdir()
    git(root, "init", "-q")
    return Place(root)


@pytest.fixture
def app(place: Place) -> Place:
    """A small Python project with two commits and a memory that has dreamed once; hooks are not installed."""
    place.commit("Initial commit", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.11"\n', "a.py": "a = 1\n"})
    place.commit("Add b", {"b.py": "b = 1\n"})
    place.run("init", "--no-hooks", "--now", place.tick().isoformat())
    return place


@pytest.fixture
def make_place(tmp_path: Path) -> Callable[[str], Place]:
    """Further projects beside the first."""

    def make(name: str) -> Place:
        root = tmp_path / name
        root.mkdir()
        git(root, "init", "-q")
        return Place(root)

    return make


@pytest.fixture
def laws(app: Place) -> Iterator[None]:
    """After the test, every law holds and git finds nothing wrong."""
    yield
    assert app.run("fsck", "--json").json["problems"] == []
    assert git(app.memory, "fsck", "--strict", "--no-dangling") == ""
