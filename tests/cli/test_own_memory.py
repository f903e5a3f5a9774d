"""The owner's own memory: made once, named `me`, fed by what they say of themselves, with a vault nobody shows by accident."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from conftest import Place, git, run
from kairos_git.capture.place import make_own, own_memory
from kairos_git.dream.packets import plan, prompt_of
from kairos_git.memory.repository import open_memory


@pytest.fixture
def me() -> Path:
    """Where the owner's own memory is or would be."""
    return Path(os.environ["HOME"], ".local/share/kairos-git/me")


def test_a_line_about_the_owner_goes_to_their_own_memory(app: Place, me: Path) -> None:
    """It is made where it is missing, which is said; the project's memory never sees the line."""
    said = app.run("observe", "I prefer short answers", "--json", "--now", app.tick().isoformat())

    assert said.json["memory"] == str(me) and said.json["made"] is True
    assert "just now" in said.err and "--here" in said.err
    app.dream()
    assert not [k for k in app.facts() if "short answers" in k]
    run(app.root, "dream", "--memory", "me", "--now", app.tick().isoformat())
    assert [f["state"] for f in run(app.root, "facts", "--memory", "me", "--json").json] == ["confirmed"]
    assert run(app.root, "fsck", "--memory", "me", "--json").json["problems"] == []


def test_the_second_line_finds_the_memory_there(app: Place) -> None:
    """Only the first one makes it."""
    app.run("observe", "I prefer short answers")

    assert app.run("observe", "My name is Ada", "--json").json["made"] is False


@pytest.mark.parametrize(
    "options", [("--here",), ("--src", "import"), ("--src", "agent"), ("--memory", "MEMORY")], ids=lambda o: o[0] + o[-1]
)
def test_a_line_stays_with_the_project_where_that_was_said(app: Place, me: Path, options: tuple[str, ...]) -> None:
    """`--here`, another memory, or another speaker than the owner."""
    options = tuple(str(app.memory) if o == "MEMORY" else o for o in options)

    assert "memory" not in app.run("observe", "I prefer short answers", *options, "--json").json
    assert not me.exists()


def test_what_an_agent_says_is_never_about_the_owner(app: Place, me: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that claims to be the owner is not."""
    monkeypatch.setenv("CLAUDECODE", "1")

    assert "memory" not in app.run("observe", "I prefer short answers", "--src", "owner", "--json").json
    assert not me.exists()


def test_it_is_made_outside_any_project_for_the_owners_eyes_only(tmp_path: Path, me: Path) -> None:
    """`init --memory me` asks for no project, makes no link and installs no hook; twice is harmless."""
    first = run(tmp_path, "init", "--memory", "me", "--json").json
    second = run(tmp_path, "init", "--memory", "me", "--json").json

    assert first["memory"] == second["memory"] == str(me) and first["hooks"] == []
    assert stat.S_IMODE(me.stat().st_mode) == 0o700
    assert git(me, "remote") == ""
    assert run(tmp_path, "doctor", "--memory", "me", "--json").json["ok"] is True
    assert run(tmp_path, "status", "--memory", "me", "--json").json["memory"] == str(me)


def test_xdg_data_home_moves_it_and_a_relative_one_is_ignored(tmp_path: Path, me: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the specification of base directories says."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert run(tmp_path, "init", "--memory", "me", "--json").json["memory"] == str(tmp_path / "data/kairos-git/me")

    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert run(tmp_path, "init", "--memory", "me", "--json").json["memory"] == str(me)


def test_without_one_me_says_how_to_make_it(app: Place) -> None:
    """A missing memory is no crash, and reading makes none."""
    answer = app.run("facts", "--memory", "me", code=3)

    assert "kairos-git init --memory me" in answer.err
    assert own_memory() is None


def test_it_dreams_beside_a_project_in_a_dream_of_its_own(app: Place, me: Path) -> None:
    """Nobody has to remember that there are two; neither holds what belongs to the other."""
    app.run("observe", "I prefer short answers", "--now", app.tick().isoformat())
    done = app.dream()

    assert done["own"]["reason"] == "dream: 1 confirmed"
    assert [f["text"] for f in app.run("facts", "--memory", "me", "--json").json] == ["I prefer short answers"]
    assert "short answers" not in "".join(app.facts())
    assert "own" not in app.dream()


def test_it_reads_no_project(app: Place, me: Path) -> None:
    """A dream in it, called from a project, takes in neither commits nor tree; neither does one that names the project."""
    run(app.root, "init", "--memory", "me")
    run(app.root, "dream", "--memory", "me", "--project", str(app.root))

    assert run(app.root, "log", "--memory", "me", "--json").json == []


@pytest.mark.parametrize("command", [("hooks", "install"), ("hooks", "status"), ("uninstall",)], ids=" ".join)
def test_no_project_is_tied_to_it(app: Place, command: tuple[str, ...]) -> None:
    """Hooks of a project that fed the owner's own memory would mix the two."""
    run(app.root, "init", "--memory", "me")
    before = git(app.root, "config", "kairos.memory")

    assert "belongs to no project" in app.run(*command, "--memory", "me", code=2).err
    assert git(app.root, "config", "kairos.memory") == before


def test_init_with_its_path_ties_no_project_to_it(app: Place, me: Path) -> None:
    """However it is named, it stays its own."""
    run(app.root, "init", "--memory", "me")
    run(app.root, "init", "--memory", str(me))

    assert git(app.root, "config", "kairos.memory") == str(app.memory)


def test_a_folder_called_me_is_named_with_its_path(app: Place) -> None:
    """`./me` is a folder, `me` never is."""
    assert "There is no memory at" in app.run("facts", "--memory", "./me", code=3).err


def test_making_it_twice_gives_the_same_one(app: Place) -> None:
    """`make_own` is safe to repeat and to be cut off before."""
    first = make_own(app.now)

    assert make_own(app.now).head() == first.head()


VAULT = "vault.bank = DE89 3704 0044"


@pytest.fixture
def vault(app: Place, me: Path) -> Place:
    """A memory of the owner's own with a line in the vault and one outside it."""
    for text in (VAULT, "My name is Ada"):
        app.run("observe", text, "--memory", "me", "--now", app.tick().isoformat())
    answer = app.run("dream", "--memory", "me", "--now", app.tick().isoformat())
    assert "DE89" not in answer.out
    return app


def test_the_vault_is_a_topic_that_is_shown_where_it_is_asked_for(vault: Place, me: Path) -> None:
    """Neither facts nor index, handoff or log show it; `--topic vault` does, and every law holds."""
    assert "DE89" in (me / "topics/vault.md").read_text()
    assert not [p for p in ("MEMORY.md", "handoff.md") if "vault" in (me / p).read_text()]
    assert "vault" not in vault.run("facts", "--memory", "me").out
    assert "DE89" not in vault.run("log", "--memory", "me").out
    assert "DE89" in vault.run("facts", "--memory", "me", "--topic", "vault").out
    assert vault.run("fsck", "--memory", "me", "--json").json["problems"] == []


@pytest.mark.parametrize("text", ["vault.phone: 12345", "vault: my PIN is 12345", f"vault.long = 12345 {'x ' * 120}"])
def test_what_was_meant_for_the_vault_never_becomes_a_note(vault: Place, me: Path, text: str) -> None:
    """Written another way than `vault.name = value`, it stays in the log, and nothing shows it."""
    vault.run("observe", text, "--memory", "me", "--now", vault.tick().isoformat())
    vault.run("dream", "--memory", "me", "--now", vault.tick().isoformat(), code=None)

    shown = "".join(p.read_text() for p in (*me.glob("*.md"), *me.glob("topics/*.md")))
    assert "12345" not in shown
    assert "12345" not in vault.run("log", "--memory", "me").out


def test_a_vault_line_said_in_a_project_goes_to_the_owners_own_memory(app: Place, me: Path) -> None:
    """The vault is there and nowhere else."""
    assert app.run("observe", VAULT, "--json").json["memory"] == str(me)


def test_no_model_is_sent_the_vault(vault: Place, me: Path) -> None:
    """Neither its lines nor the names of its slots."""
    vault.run("observe", "vault: my bank is the one in town", "--memory", "me", "--now", vault.tick().isoformat())
    vault.run("observe", "My bank holds the mortgage of the house", "--memory", "me", "--now", vault.tick().isoformat())
    vault.run("dream", "--memory", "me", "--now", vault.tick().isoformat())
    here = open_memory(str(me)).snapshot()

    sent = [prompt_of(p).text for p in plan(here.observations, (), here.facts.values())]

    assert "mortgage" in "".join(sent)
    assert "vault" not in "".join(sent)


def test_a_commit_that_speaks_of_another_vault_is_no_secret(app: Place) -> None:
    """A project that uses a program called vault keeps its history readable."""
    app.commit("vault: rotate the keys")
    app.dream()

    assert "vault: rotate the keys" in app.run("log").out
