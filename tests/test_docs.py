"""The README is the manual: what is not in it fails here, and its quick start is typed as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from conftest import Place, git, run
from kairos_git.cli.app import application

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def commands(app: Any, prefix: str = "") -> dict[str, Any]:
    """name -> command of the command line, hidden ones left out."""
    found = {}
    for name, command in typer.main.get_command(app).commands.items() if not prefix else app.commands.items():
        if hasattr(command, "commands"):
            found |= commands(command, f"{name} ")
        elif not command.hidden:
            found[prefix + name] = command
    return found


COMMANDS = commands(application())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_manual(name: str) -> None:
    """A command without a row in the README does not exist for its users."""
    assert re.search(rf"`{name}[ `]", README)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented_and_helps(name: str) -> None:
    """Every option has a help text and stands in the README; every command says in a sentence what it does."""
    command = COMMANDS[name]

    assert command.help and command.help.strip().endswith(".")
    for option in command.params:
        assert getattr(option, "help", None), (name, option.name)
        longest = max(option.opts, key=len)
        assert longest in README or not longest.startswith("--"), (name, longest)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_help(name: str, tmp_path: Path) -> None:
    """`--help` works anywhere, without a project or a memory."""
    answer = run(tmp_path, *name.split(), "--help")

    assert "Usage: kairos-git" in answer.out


def quick_start() -> list[str]:
    block = README.split("<!-- quick start", 1)[1].split("```console", 1)[1].split("```", 1)[0]
    return [line.removeprefix("$ ") for line in block.strip().splitlines()]


def test_the_quick_start_works_as_it_stands(place: Place) -> None:
    """Each line of the README's quick start, typed in a small project, exits 0 and says something."""
    place.commit("Initial commit", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.11"\n'})

    for line in quick_start():
        words = shlex.split(line)
        if words[0] == "git":
            assert git(place.root, *words[1:])
        else:
            answer = run(place.root, *words[1:])
            assert answer.out.strip(), (line, answer)


def test_the_exit_codes_are_those_of_the_errors() -> None:
    """README and errors.py tell the same story."""
    from kairos_git import errors

    codes = {e.exit_code for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.KairosError)}

    assert codes == {1, 2, 3, 4, 5, 6}
    assert all(f"{code} " in README.split("Exit codes:")[1].split("\n\n")[0] for code in (*codes, 130))


def test_the_manual_names_no_machine() -> None:
    """No path of anybody's machine, no registry's host."""
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md"):
        assert not re.search(r"/(?:home|root|tmp|work|Users)/|pypi\.org|npmjs|registry\.", path.read_text()), path.name
