"""`agents`: the change is shown before it is made, nobody is surprised, and exactly ours goes again."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Place, run
from kairos_git import __version__
from kairos_git.capture.agents.clients import CLIENTS
from kairos_git.capture.sessions.clients import kind_of


@pytest.fixture
def settings() -> Path:
    """Claude Code's settings, with something of the owner's in them."""
    path = Path.home() / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text('{\n  // mine\n  "model": "x"\n}\n')
    return path


def test_without_a_terminal_the_change_is_shown_and_not_made(app: Place, settings: Path) -> None:
    """No --yes and nobody to ask: the diff on standard output, what to do next on standard error, exit 1."""
    before = settings.read_bytes()
    answer = app.run("agents", "install", "claude", code=1)

    assert '+    "SessionStart": [' in answer.out
    assert "--yes" in answer.err
    assert settings.read_bytes() == before
    assert app.run("agents", "install", "claude", "--json", code=1).json["changes"][0]["written"] is False


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--yes",)], ids=str)
def test_a_change_that_cannot_be_made_is_not_shown_first(app: Place, settings: Path, options: tuple[str, ...]) -> None:
    """Read-only settings, or a program that never ran: the reason alone, no diff that suggests it was done."""
    settings.chmod(0o444)
    assert "read-only" in (answer := app.run("agents", "install", "claude", *options, code=4)).err and not answer.out
    assert "never" not in answer.err
    assert "has the program ever run here" in (answer := app.run("agents", "install", "codex", *options, code=4)).err
    assert not answer.out


def test_a_file_that_cannot_be_read_is_named_once(app: Place, settings: Path) -> None:
    """Two ways in stand in one file; its owner is told of it once, by its name."""
    settings.write_text("{")
    assert app.run("agents", "uninstall", "--yes").err.count(str(settings)) == 1
    settings.unlink()
    settings.symlink_to("nowhere.json")
    assert app.run("agents", "uninstall", "--yes").err.count(f"{settings} ") == 1


def test_a_dry_run_shows_the_same_and_exits_0(app: Place, settings: Path) -> None:
    """`--dry-run` makes nothing, not even a backup."""
    shown = app.run("agents", "install", "claude", "--dry-run")

    assert shown.out == app.run("agents", "install", "claude", code=1).out
    assert os.listdir(settings.parent) == ["settings.json"]


def test_install_status_uninstall(app: Place, settings: Path) -> None:
    """The whole way there and back, each step said, and safe to repeat."""
    before = settings.read_bytes()
    assert "no agent is set up" in app.run("agents", "status").out
    app.run("agents", "install", "claude", "--yes", "--how", "hooks", "--how", "mcp")
    assert "nothing to change" in app.run("agents", "install", "claude", "--yes").out
    rows = app.run("agents", "status", "--json").json
    assert [(r["agent"], r["how"], r["state"]) for r in rows] == [
        ("claude", "hooks", "installed"),
        ("claude", "mcp", "installed"),
    ]
    app.run("agents", "uninstall", code=1)
    assert "removed" in app.run("agents", "uninstall", "claude", "--yes").out
    assert settings.read_bytes() == before
    assert not (Path.home() / ".claude.json").exists()
    assert "nothing to change" in app.run("agents", "uninstall", "--yes").out


def test_status_exits_1_where_something_needs_a_hand(app: Place, settings: Path) -> None:
    """A settings file that broke after we wrote to it is named, and left alone by uninstall."""
    app.run("agents", "install", "claude", "--yes")
    settings.write_text("{")

    assert "unreadable" in app.run("agents", "status", code=1).out
    assert str(settings) in app.run("agents", "uninstall", "--yes").err
    assert settings.read_text() == "{"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["emacs"], 2, "Use one of: claude, codex, gemini, cursor"), (["claude", "--how", "magic"], 2, "no way in"),
        (["codex", "--how", "auto-memory"], 2, "has no auto-memory"), (["claude", "--scope", "world"], 2, "no scope"),
        (["claude", "--how", "block", "--scope", "user"], 2, "leave --scope out"), (["gemini"], 4, "has the program ever run here"),
    ],
)  # fmt: skip
def test_words_that_are_off_are_named(arguments: list[str], code: int, said: str, app: Place, settings: Path) -> None:
    """Each with the house's exit code, and what would have been right."""
    assert said in app.run("agents", "install", *arguments, "--yes", code=code).err


def test_outside_a_project_the_user_scope_works_alone(tmp_path: Path, settings: Path) -> None:
    """Hooks for a user need no project; a project's own settings do."""
    run(tmp_path, "agents", "install", "claude", "--yes")
    run(tmp_path, "agents", "install", "claude", "--scope", "project", "--yes", code=3)
    assert "SessionStart" in settings.read_text()


def test_auto_memory_is_set_for_this_project_alone(app: Place, settings: Path) -> None:
    """In the file that is not checked in: the user's settings would send every project's memories here."""
    app.run("agents", "install", "claude", "--how", "auto-memory", "--yes")

    local = app.root / ".claude" / "settings.local.json"
    assert local.read_text() == f'{{\n  "autoMemoryDirectory": "{app.memory}"\n}}\n'
    assert "autoMemory" not in settings.read_text()
    app.run("agents", "uninstall", "--yes")
    assert not local.exists()


def test_a_block_says_what_is_confirmed_and_is_written_only_when_asked(app: Place) -> None:
    """`install --how block` and `refresh` write it; a dream never touches the project."""
    app.commit("Guide", {"AGENTS.md": "# Guide\n"})
    app.say("Tests run with `tox -e py312`")
    app.dream()
    app.run("agents", "install", "codex", "--how", "block", "--yes")
    assert "`tox -e py312`" in (app.root / "AGENTS.md").read_text()
    app.say("Tests run with `nox -s tests`", days=1)
    app.dream()
    assert "`tox -e py312`" in (app.root / "AGENTS.md").read_text()

    app.run("agents", "refresh")

    text = (app.root / "AGENTS.md").read_text()
    assert "`nox -s tests`" in text
    assert "`tox -e py312`" not in text
    app.run("agents", "uninstall", "--yes")
    assert app.git("status", "--porcelain") == ""


def test_the_block_is_checked_as_nobodys_words(app: Place) -> None:
    """`check` holds people's words against the tree; what the block says comes from memory."""
    block = "<!-- kairos-git: begin -->\nThe parser is in `src/lost.py`.\n<!-- kairos-git: end -->\n"
    app.commit("Guide", {"AGENTS.md": f"{block}The printer is in `src/gone.py`.\n", "src/a.py": "", "src/b.py": ""})

    (found,) = app.run("check", "--json", code=1).json
    assert ("gone" in found["says"], found["line"]) == (True, 4)


@pytest.mark.parametrize("answer", ["y", "n"])
def test_on_a_terminal_it_asks(answer: str, app: Place, settings: Path) -> None:
    """The diff, then the question; anything but yes changes nothing."""
    before = settings.read_bytes()
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "kairos_git", "agents", "install", "claude"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    child = subprocess.Popen(command, cwd=app.root, env=env, stdin=inner, stdout=inner, stderr=inner)
    os.close(inner)
    os.write(outer, f"{answer}\n".encode())
    said = b"".join(_all(outer)).decode()

    assert child.wait() == (0 if answer == "y" else 1)
    assert said.index("SessionStart") < said.index("Set Claude Code up like this?")
    assert (settings.read_bytes() == before) == (answer == "n")
    os.close(outer)


def _all(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(descriptor, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            return
        if not data:
            return
        yield data


@pytest.mark.parametrize("name", CLIENTS)
def test_every_event_that_is_asked_for_is_understood(name: str) -> None:
    """The installer asks a client for nothing that `on` would not know what to do with."""
    assert all(kind_of(name, event) for event in CLIENTS[name].events)


def test_the_plugin_lies_where_it_is_said_to(app: Place) -> None:
    """A folder with a manifest of this version, whose hooks are those that the installer writes."""
    import json

    folder = Path(app.run("agents", "plugin").out.strip())
    manifest = json.loads((folder / ".claude-plugin" / "plugin.json").read_text())
    hooks = json.loads((folder / "hooks" / "hooks.json").read_text())["hooks"]
    client = CLIENTS["claude"]

    assert manifest["version"] == __version__
    assert {
        e: {k: v for k, v in g[0].items() if k == "matcher"} | {"timeout": g[0]["hooks"][0]["timeout"]} for e, g in hooks.items()
    } == client.events
    assert all(g[0]["hooks"][0]["args"] == ["on", "claude", e] for e, g in hooks.items())
