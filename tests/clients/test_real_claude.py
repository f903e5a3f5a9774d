"""The real Claude Code: what it alone has, and what it leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import ModelServer, serve
from real import FACT, SECONDS, claude, know, program, ready, sent, told

from conftest import Place

SETTINGS = '{"theme":"dark",\n   "permissions": {"allow": []}}'


@pytest.fixture
def server() -> Iterator[ModelServer]:
    program("claude")
    with serve() as server:
        yield server


@pytest.fixture
def installed(place: Place) -> Place:
    """A project with a memory, and Claude Code set up to know it."""
    settings = Path.home() / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(SETTINGS)
    know(place, "claude")
    return place


def test_uninstalled_it_knows_nothing_and_its_settings_are_as_before(installed: Place, server: ModelServer) -> None:
    """Also after it ran with them."""
    told(installed, FACT)
    claude(installed, server, "hello")
    installed.run("agents", "uninstall", "--yes")

    settings = Path.home() / ".claude" / "settings.json"
    assert settings.read_text() == SETTINGS
    assert not [p.name for p in settings.parent.iterdir() if "kairos" in p.name]
    assert "release-candidate" not in sent(claude(installed, server, "hello"))


def test_its_auto_memory_is_the_memory(place: Place, server: ModelServer) -> None:
    """With `autoMemoryDirectory` and no hook at all, it loads MEMORY.md by itself, once its owner trusts the project's folder."""
    trusted = {"projects": {str(place.root): {"hasTrustDialogAccepted": True}}}
    (Path.home() / ".claude.json").write_text(json.dumps(trusted))
    ready(place)
    told(place, FACT)
    place.run("agents", "install", "claude", "--how", "auto-memory", "--yes")

    request = sent(claude(place, server, "hello"))

    assert "tox -e release-candidate" in request
    assert str(place.memory) in request


def test_the_plugin_is_valid_and_works(place: Place, server: ModelServer, tmp_path: Path) -> None:
    """`claude plugin validate` accepts it, and loaded from its folder it brings memory along."""
    ready(place)
    told(place, FACT)
    folder = place.run("agents", "plugin").out.strip()
    done = subprocess.run([program("claude"), "plugin", "validate", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    starter = tmp_path / "bin" / "kairos-git"
    starter.parent.mkdir()
    starter.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m kairos_git "$@"\n')
    starter.chmod(0o755)

    request = sent(claude(place, server, "hello", "--plugin-dir", folder, path=f"{starter.parent}:"))

    assert "tox -e release-candidate" in request
    assert "kairos-git:recall" in request


def test_its_own_check_connects_to_the_mcp_server(installed: Place, server: ModelServer) -> None:
    """Set up with `--how mcp`, the server starts and answers as Claude Code itself asks it."""
    pytest.importorskip("mcp")
    installed.run("agents", "install", "claude", "--how", "mcp", "--yes")
    done = subprocess.run(
        [program("claude"), "mcp", "list"], cwd=installed.root, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        check=False, timeout=SECONDS,
    )  # fmt: skip

    assert "Connected" in next(line for line in done.stdout.splitlines() if line.startswith("kairos:")), done.stdout
