"""Where a memory is, was or shall be: a place that is wrong is named with what to do, which then helps, and nothing is made there."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.memory.seed import half_made

CHECKOUT = str(Path(__file__).parents[2])


def advised(error: str) -> str:
    """The command that an error advises last."""
    return error.rpartition("`")[0].rpartition("`")[2]


def fake_git(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A git that runs `script` first, then the real one."""
    real = shutil.which("git")
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\n{script}\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_a_linked_memory_that_is_gone_is_not_made_again_unasked(app: Place) -> None:
    """A second, empty one would look like a memory that forgot everything; nothing is made, and a backup put back is found."""
    app.say("Tests run with `tox`")
    app.dream()
    aside = app.memory.rename(app.root.parent / "backup")
    for words in (["init"], ["facts"], ["dream"], ["observe", "x"], ["recall", "tox"], ["status"], ["init", "--no-hooks"]):
        said = app.run(*words, code=3).err
        assert f"was at {app.memory}" in said and "If it was moved" in said and not app.memory.exists()

    aside.rename(app.memory)
    app.run("init", "--no-hooks")
    assert app.fact("tox")


def test_a_new_memory_is_begun_where_it_is_asked_for(app: Place) -> None:
    """The advised command begins anew: the same place, named; what git's history says is read again."""
    shutil.rmtree(app.memory)
    app.memory.mkdir()  # an empty folder is none either
    words = shlex.split(advised(app.run("init", code=3).err))
    assert words[0] == "kairos-git" and not list(app.memory.iterdir())
    app.run(*words[1:], "--no-hooks")

    assert app.run("fsck", "--json").json["ok"] and app.git("config", "kairos.memory") == str(app.memory)


def test_a_memory_in_the_projects_work_tree_is_refused(place: Place) -> None:
    """The project's git would show it, and commit it: exit 2, nothing is made, and where git ignores the place it is none's business."""
    place.commit("First", {"a.py": "a = 1\n"})
    inside = place.root / "notes/it's memory"
    answer = place.run("init", "--no-hooks", "--memory", str(inside), code=2)
    assert "own work tree" in answer.err and not inside.parent.exists()
    assert place.git("status", "--porcelain") == "" and place.git("config", "kairos.memory", check=False) == ""

    subprocess.run(["sh", "-c", advised(answer.err)], check=True)
    place.run("init", "--no-hooks", "--memory", str(inside))
    place.run("init", "--no-hooks")
    assert place.git("status", "--porcelain") == "" and place.run("fsck").code == 0


def test_an_empty_project_is_not_made_into_its_own_memory(place: Place) -> None:
    """A repository without a commit or file looks like a memory that was not finished."""
    assert "place outside" in place.run("init", "--memory", ".", code=2).err

    assert sorted(p.name for p in place.root.iterdir()) == [".git"] and not (place.root / ".git/kairos").exists()


def test_another_repository_around_the_memory_is_told(place: Place) -> None:
    """A submodule's memory lies in the work tree of the project around it: allowed, said, and the advice makes that one look away."""
    outer = place.root.parent
    place.git("init", "-q", str(outer))
    place.commit("First", {"a.py": "a = 1\n"})
    said = place.run("init", "--no-hooks").err
    assert f"work tree of {outer}" in said and "app.memory/" in place.git("-C", str(outer), "status", "--porcelain")
    subprocess.run(["sh", "-c", advised(said)], check=True)

    assert "app.memory/" not in place.git("-C", str(outer), "status", "--porcelain")
    assert "work tree of" not in place.run("init", "--no-hooks").err


@pytest.mark.parametrize("lacking", ["HEAD", "refs", "HEAD and refs"])
def test_a_git_directory_that_lost_a_part_is_mended_as_advised(app: Place, lacking: str) -> None:
    """git would look for a repository around the memory; what is said meanwhile waits, and nothing is lost."""
    said = app.say("Tests run with `tox`")
    app.dream()
    tip = app.mem("rev-parse", "HEAD")
    for name in lacking.split(" and "):
        thing = app.memory / ".git" / name
        shutil.rmtree(thing) if thing.is_dir() else thing.unlink()
    for words in (["facts"], ["dream"], ["init", "--no-hooks"]):
        answer = app.run(*words, code=4)
        assert f"lacks {lacking}." in answer.err and "Keep the folder" in answer.err
    for step in answer.err.strip().rpartition("again: ")[2].removesuffix(".").split("; "):
        subprocess.run(["sh", "-c", step], check=True)
    if "refs" in lacking:
        answer = app.run("dream", code=4)
        assert "second word in the last line" in answer.err
        word = (app.memory / ".git/logs/HEAD").read_text().splitlines()[-1].split()[1]
        (app.memory / ".git/refs/heads/main").write_text(word + "\n")

    app.dream()
    assert app.mem("merge-base", "--is-ancestor", tip, "HEAD") == "" and app.fact("tox")["evidence"] == [said]
    assert app.run("fsck", "--json").json["ok"]


@pytest.mark.parametrize("emptied", [False, True])
def test_a_branch_without_a_commit_is_left_as_advised(app: Place, emptied: bool) -> None:
    """`git checkout --orphan`: nobody is sent to remove the memory or to make it anew, even where no file is left."""
    said = app.say("Tests run with `tox`")
    app.mem("checkout", "-q", "--orphan", "lone")
    if emptied:
        app.mem("rm", "-rqf", ".")
    for words in (["facts"], ["dream"], ["init", "--no-hooks"], ["status"]):
        answer = app.run(*words, code=4)
        assert "without any commit" in answer.err
    subprocess.run(["sh", "-c", advised(answer.err)], check=True, capture_output=True)

    assert app.dream()["ops"][0]["evidence"] == [said] and app.run("fsck", "--json").json["ok"]


def test_a_memory_that_lost_branch_and_files_is_no_half_made_one(app: Place) -> None:
    """`init` would begin anew in it, and every commit would be out of reach."""
    tip = app.mem("rev-parse", "HEAD")
    for path in app.memory.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (app.memory / ".git/refs/heads/main").unlink()
    for words in (["init", "--no-hooks"], ["facts"], ["dream"]):
        assert "Keep the folder" in app.run(*words, code=4).err
    (app.memory / ".git/refs/heads/main").write_text(tip + "\n")
    app.dream()

    assert app.run("fsck", "--json").json["ok"] and app.mem("merge-base", "HEAD", tip) == tip


def test_a_rebase_is_not_left_by_a_switch(app: Place) -> None:
    """In the middle of one no branch is checked out: what is advised is to finish or abort it."""
    notes = app.memory / "notes.md"
    for branch in ("main", "side"):
        if branch == "side":
            app.mem("checkout", "-q", "-b", branch, "HEAD~1")
        notes.write_text(branch)
        app.mem("add", "-A")
        app.mem("commit", "-qm", branch, KAIROS_GIT_INSIDE="1")
    app.mem("rebase", "main", check=False)
    for words in (["status"], ["dream"]):
        assert "middle of a rebase" in (said := app.run(*words, code=4).err) and "switch" not in said
    app.mem("rebase", "--abort")
    app.dream()


def test_a_shallow_clone_of_a_memory_says_why_it_cannot_be_checked(app: Place) -> None:
    """A dream works there; `fsck` and `doctor` name the fetch that helps."""
    app.say("Tests run with `tox`")
    app.dream()
    clone = app.memory.parent / "clone"
    app.git("clone", "-q", "--depth", "1", f"file://{app.memory}", str(clone))
    answer = app.run("fsck", "--memory", str(clone), code=4)
    assert "shallow clone" in answer.err and "--unshallow" in app.run("doctor", "--memory", str(clone), code=1).out
    app.run("dream", "--memory", str(clone))
    subprocess.run(["sh", "-c", advised(answer.err)], check=True, capture_output=True)

    assert app.run("fsck", "--memory", str(clone), "--json").json["ok"]


def test_a_folder_where_the_index_should_be_is_named(app: Place) -> None:
    """Once it is moved away, the index is made anew."""
    said = app.say("Tests run with `tox`")
    index = app.memory / ".git/index"
    index.unlink()
    index.mkdir()
    assert f"{index} is a folder" in app.run("dream", code=4).err
    index.rmdir()

    assert app.dream()["ops"][0]["evidence"] == [said] and app.mem("status", "--porcelain") == ""


def test_a_git_that_is_too_old_is_named_by_whatever_fails(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows no `--batch-command`: not damage, and no empty memory; the same words from every command."""
    old = "for a; do case $a in --version) echo git version 2.30.2; exit;; --batch-command) echo usage: git cat-file >&2; exit 129;; esac; done"
    fake_git(app.root.parent / "bin", monkeypatch, old)
    head = app.mem("rev-parse", "HEAD")
    for words in (["facts"], ["dream"], ["log"], ["reject", "f-0000000000000"], ["fsck"], ["survey"], ["init", "--no-hooks"]):
        answer = app.run(*words, code=4)
        assert "The git on PATH is 2.30.2: install git 2.36 or newer." in answer.err
    assert app.mem("rev-parse", "HEAD") == head


@pytest.mark.parametrize("left", ["nothing", "our folder", "half of git's"])
def test_a_making_that_was_cut_off_is_finished(place: Place, left: str) -> None:
    """Whatever a killed `init` left, the next one goes on; also where another repository lies around it."""
    place.git("init", "-q", str(place.root.parent))
    place.commit("First", {"a.py": "a = 1\n"})
    own = place.memory / ".git/kairos"
    place.memory.mkdir()
    if left != "nothing":
        own.mkdir(parents=True)
        assert half_made(str(place.memory))
    if left == "half of git's":
        (place.memory / ".git/refs/heads").mkdir(parents=True)
        (place.memory / ".git/objects").mkdir()
        assert half_made(str(place.memory)) and "not finished" in place.run("facts", code=3).err
    place.run("init", "--no-hooks")

    assert place.run("fsck", "--json").json["ok"] and place.mem("rev-list", "--max-parents=0", "--count", "HEAD") == "1"


def test_three_inits_at_once_make_one_memory(place: Place) -> None:
    """Each waits for the others and answers 0: one first commit, hooks in place."""
    place.commit("First", {"a.py": "a = 1\n", "Makefile": "test:\n\tpytest -q\n"})
    command = [sys.executable, "-m", "kairos_git", "init"]
    env = {**os.environ, "PYTHONPATH": CHECKOUT}
    running = [
        subprocess.Popen(command, cwd=place.root, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [(*process.communicate(), process.returncode) for process in running]

    assert [code for _, _, code in ended] == [0, 0, 0], ended
    assert place.mem("rev-list", "--max-parents=0", "--count", "HEAD") == "1"
    assert place.run("fsck", "--json").json["ok"] and place.run("hooks", "status").code == 0


BROKEN = {
    "a conflict": lambda whole: "<<<<<<< HEAD\n" + whole + "=======\n>>>>>>> side\n",
    "cut off": lambda whole: whole[: len(whole) // 2],
    "a NUL": lambda whole: whole + "\0",
    "too large": lambda whole: whole + "# " + "x" * 300_000,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_manifest_that_cannot_be_read_now_retires_nothing(place: Place, how: str) -> None:
    """What it says is unknown, not gone: its facts stay, those of other files too, and each dream names it until it is mended."""
    tasks = "".join(f'task{n} = "run {n}"\n' for n in range(12))
    whole = f'[project]\nname = "app"\nrequires-python = ">=3.11"\n[tool.pytest.ini_options]\n[tool.poe.tasks]\n{tasks}'
    place.commit(
        "First", {"pyproject.toml": whole, ".github/workflows/ci.yml": "on: push\njobs:\n  t:\n    steps:\n      - run: tox\n"}
    )
    place.run("init", "--no-hooks", "--now", place.tick().isoformat())
    before = place.facts()
    place.commit("Break", {"pyproject.toml": BROKEN[how](whole)})
    readable = place.git("rev-parse", "--short=12", "HEAD~1")
    for _ in range(2):
        answer = place.run("dream", "--now", place.tick().isoformat())
        assert (
            "nothing changed" in answer.out and "pyproject.toml" in answer.err and f"read as it was at {readable}" in answer.err
        )
    assert place.facts() == before and len(before) > 12

    place.commit("Mend", {"pyproject.toml": whole.replace("3.11", "3.12")})
    assert [op["op"] for op in place.dream()["ops"]] == ["confirm", "supersede"] and "pyproject" not in place.run("dream").err
    place.git("rm", "-q", "pyproject.toml")
    place.commit("Drop")
    assert "law 8" in place.run("dream", code=6).err  # gone is gone: the owner is asked
