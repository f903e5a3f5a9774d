"""Where a session's memory is, by files alone, and always the one that every command finds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Place, git
from kairos_git.capture.place import find_memory
from kairos_git.capture.sessions import found
from kairos_git.capture.sessions.found import find
from kairos_git.errors import NotFound


@pytest.fixture
def no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, starting git fails."""
    monkeypatch.setenv("PATH", "/nowhere")


def by_git(folder: Path) -> str:
    return os.path.realpath(find_memory(None, str(folder)).path)


def test_a_project_finds_its_memory_without_starting_git(app: Place, no_git: None) -> None:
    """Also from a folder deep in it, and with its branch."""
    deep = app.root / "src" / "deep"
    deep.mkdir(parents=True)

    here = find(str(deep))

    assert here is not None
    assert (Path(here.path), Path(here.root), here.branch, here.side) == (app.memory, app.root, "main", "")


def test_a_linked_worktree_has_the_memory_of_its_project(app: Place, tmp_path: Path) -> None:
    """And its own branch, which is not the one that everything is merged into."""
    app.git("worktree", "add", "-q", "-b", "wip", str(tmp_path / "elsewhere" / "tree"))

    here = find(str(tmp_path / "elsewhere" / "tree"))

    assert here is not None
    assert (Path(here.path), here.side) == (app.memory, "wip")
    assert here.path == by_git(tmp_path / "elsewhere" / "tree")


def test_a_submodule_is_a_project_of_its_own(app: Place, tmp_path: Path) -> None:
    """Its git directory lies in its parent's; it has no memory of its own, so it has none."""
    other = tmp_path / "lib"
    other.mkdir()
    git(other, "init", "-q")
    git(other, "commit", "-q", "--allow-empty", "-m", "x")
    app.git("submodule", "add", "-q", str(other), "lib")

    assert find(str(app.root / "lib")) is None


def test_a_second_clone_has_no_memory_unless_it_stands_beside_it(app: Place, tmp_path: Path) -> None:
    """A link is local; whoever clones has nothing to find, and is left alone."""
    git(tmp_path, "clone", "-q", str(app.root), "second")

    assert find(str(tmp_path / "second")) is None


def test_a_project_that_moved_with_its_memory_still_has_it(app: Place, tmp_path: Path) -> None:
    """The link says where they were; the memory beside it is its own."""
    new = tmp_path / "moved"
    new.mkdir()
    app.root.rename(new / "app")
    app.memory.rename(new / "app.memory")

    here = find(str(new / "app"))

    assert here is not None
    assert Path(here.path) == new / "app.memory"
    assert here.path == by_git(new / "app")


def test_a_project_that_moved_alone_is_still_linked(app: Place, tmp_path: Path) -> None:
    """The link is a whole path."""
    app.root.rename(tmp_path / "renamed")

    here = find(str(tmp_path / "renamed"))

    assert here is not None
    assert Path(here.path) == app.memory


def test_a_memory_that_is_gone_is_said(app: Place) -> None:
    """Somebody linked it: that it is missing is worth a line."""
    app.memory.rename(app.memory.parent / "gone")

    with pytest.raises(NotFound, match="is there no more"):
        find(str(app.root))


def test_a_project_without_memory_and_a_folder_without_project_have_none(place: Place, tmp_path: Path, no_git: None) -> None:
    """Hooks of the user's settings run in every project; in most there is nothing to say."""
    assert find(str(place.root)) is None
    assert find(str(tmp_path)) is None
    assert find("") is None
    assert find("/no/such/folder") is None


@pytest.mark.parametrize(
    "words",
    ['[kairos]\n\tmemory = "{}"\n', "[kairos] memory = {}\n", "[KAIROS]\n\tMemory={}\n", "[kairos]\nmemory = {} # here\n"],
    ids=["quoted", "one line", "capitals", "comment"],
)
def test_odd_settings_mean_what_git_reads_in_them(app: Place, words: str) -> None:
    """What the small reader cannot be sure of is asked of git."""
    moved = app.memory.parent / "memory of app"
    app.memory.rename(moved)
    app.git("config", "--unset-all", "kairos.memory")
    with (app.root / ".git" / "config").open("a") as file:
        file.write(words.format(moved))

    here = find(str(app.root))

    assert here is not None
    assert Path(here.path) == moved
    assert here.path == by_git(app.root)


def test_an_included_setting_is_found(app: Place, tmp_path: Path) -> None:
    """An include may hold the link."""
    app.git("config", "--unset-all", "kairos.memory")
    app.memory.rename(tmp_path / "other")
    (tmp_path / "more").write_text(f"[kairos]\n\tmemory = {tmp_path / 'other'}\n")
    app.git("config", "include.path", str(tmp_path / "more"))

    here = find(str(app.root))

    assert here is not None
    assert Path(here.path) == tmp_path / "other"


def test_somebody_elses_repository_is_asked_of_git(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository of another owner could name any memory; git decides whether it is to be trusted."""
    asked: list[str] = []
    monkeypatch.setattr(found, "_ours", lambda common: False)
    monkeypatch.setattr(found, "_asked", lambda cwd, *more: asked.append(cwd))

    assert find(str(app.root)) is None
    assert asked == [str(app.root)]
