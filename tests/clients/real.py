"""The agents' real programs, where they are installed: KAIROS_TEST_CLIENTS names a folder that `npm install --prefix` filled.

They run in the test's own HOME, against a stand-in of the model on loopback, with a key that is none.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from model_server import ModelServer
from responses_server import ResponsesServer

from conftest import Answer, Place

FOLDER = os.environ.get("KAIROS_TEST_CLIENTS")  # read once: tests clear the environment
SECONDS = 120
FACT = "Tests run with `tox -e release-candidate`"


def program(name: str) -> str:
    """The path of a client's program; skips the test, with the reason, where there is none."""
    if not FOLDER:
        pytest.skip(f"KAIROS_TEST_CLIENTS names no folder with {name} in it")
    path = Path(FOLDER) / "node_modules" / ".bin" / name
    if not path.exists():
        pytest.skip(f"{name} is not installed in {FOLDER}")
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=SECONDS)
    if done.returncode:
        pytest.skip(f"{name} does not start here: {done.stderr.strip()[:200]}")
    return str(path)


def ready(place: Place) -> Place:
    """A small project with a memory, at the clock's time, which is the hooks' too."""
    place.now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    place.commit("Initial commit", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.11"\n', "a.py": "a = 1\n"})
    place.run("init", "--no-hooks", "--now", place.tick().isoformat())
    return place


def know(place: Place, name: str) -> Answer:
    """The same, and a client set up to know it; what that said."""
    ready(place)
    return place.run("agents", "install", name, "--yes")


def told(place: Place, text: str) -> str:
    """Say something as the owner and dream; the dream's commit."""
    place.run("observe", text)
    dream = place.run("dream", "--json").json["dream"]
    assert dream
    return str(dream)


def claude(place: Place, server: ModelServer, prompt: str, *options: str, path: str = "") -> dict[str, Any]:
    """One session of the real Claude Code, from its start to its end; the first request it made of its model."""
    environment = {
        **os.environ, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "none", "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "PATH": f"{path}{os.environ['PATH']}",
    }  # fmt: skip
    before = len(server.requests)
    words = [program("claude"), "-p", prompt, "--output-format", "json", *options]
    done = subprocess.run(
        words,
        cwd=place.root,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
    return server.requests[before].body


def codex(place: Place, server: ResponsesServer, prompt: str) -> dict[str, Any]:
    """One session of the real Codex; the first request it made of its model. Its hooks need no trust for this one run."""
    config = Path.home() / ".codex" / "config.toml"
    provider = (
        f'[model_providers.local]\nname = "local"\nbase_url = "{server.url}"\nenv_key = "LOCAL_KEY"\nwire_api = "responses"\n'
    )
    if not config.exists():
        config.write_text(f'model = "gpt-5"\nmodel_provider = "local"\n{provider}')
    before = len(server.requests)
    words = [program("codex"), "exec", "--dangerously-bypass-hook-trust", "--skip-git-repo-check", prompt]
    done = subprocess.run(
        words, cwd=place.root, env={**os.environ, "LOCAL_KEY": "none"}, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
    return server.requests[before]


def sent(request: dict[str, Any]) -> str:
    """Everything that a model was sent, as one text: what stands there was sent, wherever it stood."""
    return json.dumps(request, ensure_ascii=False)
