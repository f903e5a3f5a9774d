"""The survey's edge, against a real git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kairos_git.capture.survey import survey
from kairos_git.capture.survey.tree import LARGEST, VERSIONS, default_branch, read_tree, survey_commit
from kairos_git.errors import GitFailed
from kairos_git.gitrun import Git


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but the repository's own."""
    for name, value in {
        "HOME": str(tmp_path), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def run(folder: Path, *arguments: str) -> str:
    fixed = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
             for what, value in {"NAME": "Ada", "EMAIL": "ada@example.org", "DATE": "2026-11-21T12:00:00+01:00"}.items()}  # fmt: skip
    done = subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **fixed}, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "work")
    return folder


def commit(folder: Path, files: dict[str, bytes]) -> str:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    run(folder, "add", "-A")
    run(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return run(folder, "rev-parse", "HEAD")


def test_a_tree_has_the_regular_files_of_the_commit_and_no_other(project: Path) -> None:
    """Symbolic links, submodules and the work tree's own state are not part of it; odd names are."""
    inner = project / "sub"
    inner.mkdir()
    run(inner, "init", "-q")
    commit(inner, {"a": b""})
    os.symlink("/etc/passwd", project / "link")
    at = commit(project, {"a\nb": b"1", "-x": b"2", "grün": b"3", "d/e.sh": b"4", os.fsdecode(b"l\xff"): b"5"})
    (project / "later").write_bytes(b"")
    tree = read_tree(Git(project), at, "work")
    assert tree.paths == {"a\nb", "-x", "grün", "d/e.sh", "l\udcff"}
    assert [tree.read(p) for p in ("a\nb", "-x", "grün", "d/e.sh", "l\udcff")] == [b"1", b"2", b"3", b"4", b"5"]
    assert [tree.read(p) for p in ("link", "sub", "d", "later", "")] == [None] * 5


def test_the_whole_tree_is_read_from_a_folder_inside_it(project: Path) -> None:
    """Paths count from the root wherever the command was typed."""
    at = commit(project, {"top": b"", "d/e": b"x"})
    tree = read_tree(Git(project / "d"), at, None)
    assert tree.paths == {"top", "d/e"}
    assert tree.read("d/e") == b"x"


def test_a_file_of_one_megabyte_is_read_and_a_larger_one_is_not(project: Path) -> None:
    """An enormous manifest costs no memory."""
    at = commit(project, {"fits": b"x" * LARGEST, "large": b"x" * (LARGEST + 1), "empty": b""})
    tree = read_tree(Git(project), at, None)
    assert len(tree.read("fits") or b"") == LARGEST
    assert (tree.read("large"), tree.read("empty")) == (None, b"")


def test_a_blob_that_is_missing_is_none(project: Path) -> None:
    """A damaged repository loses a reading, not the survey."""
    at = commit(project, {"a": b"x"})
    blob = run(project, "rev-parse", f"{at}:a")
    (project / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert read_tree(Git(project), at, None).read("a") is None


def test_a_damaged_blob_is_none_and_the_next_one_is_read(project: Path) -> None:
    """git ends over an object whose bytes make no sense; another is started."""
    at = commit(project, {"a": b"x", "b": b"y"})
    blob = run(project, "rev-parse", f"{at}:a")
    path = project / ".git/objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(b"no object")
    tree = read_tree(Git(project), at, None)
    assert (tree.read("a"), tree.read("b")) == (None, b"y")


def test_a_large_file_is_not_read_and_the_next_one_is(project: Path) -> None:
    """One process answers for both, whatever the first of them would have said."""
    at = commit(project, {"large": b"x" * (LARGEST + 1), "small": b"y"})
    git = Git(project)
    tree = read_tree(git, at, None)
    assert (tree.read("large"), tree.read("small")) == (None, b"y")
    assert [found and found[2] for found in git.objects([f"{at}:small", f"{at}:gone"])] == [b"y", None]


def test_what_a_partial_clone_lacks_is_not_fetched(project: Path, tmp_path: Path) -> None:
    """Its remote could send it; a survey asks nobody."""
    at = commit(project, {"a": b"x"})
    run(project, "config", "uploadpack.allowFilter", "true")
    run(
        tmp_path,
        "-c",
        "protocol.file.allow=always",
        "clone",
        "-q",
        "--no-checkout",
        "--filter=blob:none",
        f"file://{project}",
        "clone",
    )
    tree = read_tree(Git(tmp_path / "clone"), at, None)
    assert tree.paths == {"a"}
    assert tree.read("a") is None
    assert run(tmp_path / "clone", "show", f"{at}:a") == "x"  # and it is there to be had


def test_a_commit_that_does_not_exist_is_gits_error(project: Path) -> None:
    """The caller hears that the tree could not be read."""
    commit(project, {})
    with pytest.raises(GitFailed):
        read_tree(Git(project), "0" * 40, None)


def test_a_survey_of_ten_thousand_files_starts_few_processes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One ls-tree, and one blob for each file that a reader wants, however often it is asked for."""
    stream = "commit refs/heads/work\ncommitter A <a@example.org> 0 +0000\ndata 1\nx\n"
    stream += "".join(f"M 644 inline src/f{i}.py\ndata 0\n\n" for i in range(10_000))
    for path, text in {"pyproject.toml": "[tool.ruff]\nline-length = 88\n", "Makefile": "lint: ## x\n\truff check .\n"}.items():
        stream += f"M 644 inline {path}\ndata {len(text)}\n{text}\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=project, input=stream.encode(), check=True)
    started: list[str] = []
    popen: Callable[..., subprocess.Popen[bytes]] = Git.popen

    def counted(git: Git, *args: str, **options: dict[str, str] | None) -> subprocess.Popen[bytes]:
        started.append(next(arg for arg in args if not arg.startswith("-") and "=" not in arg))
        return popen(git, *args, **options)

    monkeypatch.setattr(Git, "popen", counted)
    read_tree(Git(project), "refs/heads/work", "work")
    assert started == ["ls-tree"]  # who asks for nothing else pays for nothing else
    started.clear()
    readings, problems = survey(read_tree(Git(project), "refs/heads/work", "work"))
    assert sorted(started) == ["cat-file", "for-each-ref", "for-each-ref", "for-each-ref", "log", "log", "log", "ls-tree"]
    assert problems == []
    assert {"git.default-branch", "lint.command", "lint.ruff.line-length", "make.lint"} <= {r.slot for r in readings}


def branch(folder: Path, *names: str) -> None:
    for name in names:
        run(folder, "branch", name)


def test_origins_head_is_the_default_branch(project: Path, tmp_path: Path) -> None:
    """A clone knows it, whatever is checked out and whatever else exists."""
    commit(project, {})
    branch(project, "main")
    run(tmp_path, "clone", "-q", str(project), "clone")
    run(tmp_path / "clone", "checkout", "-q", "-b", "other")
    run(tmp_path / "clone", "config", "init.defaultBranch", "other")
    assert default_branch(Git(tmp_path / "clone")) == "work"


def test_an_origin_head_that_points_nowhere_is_passed_over(project: Path) -> None:
    """A renamed branch leaves it dangling."""
    commit(project, {})
    run(project, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert default_branch(Git(project)) == "work"


def test_without_a_remote_names_decide(project: Path) -> None:
    """The configured name, then the usual ones, then the only branch, then the one HEAD points at."""
    git = Git(project)
    assert default_branch(git) is None
    commit(project, {})
    assert default_branch(git) == "work"
    branch(project, "other")
    assert default_branch(git) == "work"
    run(project, "checkout", "-q", "other")
    assert default_branch(git) == "other"
    for name in ("develop", "trunk", "master", "main"):
        branch(project, name)
        assert default_branch(git) == name
    run(project, "config", "init.defaultBranch", "work")
    assert default_branch(git) == "work"
    run(project, "config", "init.defaultBranch", "absent")
    assert default_branch(git) == "main"


def test_the_surveyed_commit_does_not_follow_a_switch(project: Path) -> None:
    """It is the default branch's tip, here first and else at origin, on any branch and detached."""
    first = commit(project, {})
    run(project, "branch", "-m", "main")
    run(project, "checkout", "-q", "-b", "topic")
    commit(project, {})
    git = Git(project)
    assert survey_commit(git) == (first, "main")
    run(project, "checkout", "-q", "--detach")
    assert survey_commit(git) == (first, "main")


def test_the_tip_at_origin_will_do(project: Path, tmp_path: Path) -> None:
    """A clone that never checked the default branch out still surveys it."""
    tip = commit(project, {})
    run(project, "branch", "topic")
    run(tmp_path, "clone", "-q", "-b", "topic", str(project), "clone")
    assert survey_commit(Git(tmp_path / "clone")) == (tip, "work")
    run(tmp_path, "clone", "-q", "--bare", str(project), "bare")
    assert survey_commit(Git(tmp_path / "bare")) == (tip, "work")


def test_an_unborn_branch_has_nothing_to_survey_and_a_lone_detached_head_itself(project: Path) -> None:
    """No commit is no answer; a commit without any branch is surveyed without one."""
    git = Git(project)
    assert survey_commit(git) == (None, None)
    at = commit(project, {})
    run(project, "checkout", "-q", "--detach")
    run(project, "branch", "-D", "work")
    assert survey_commit(git) == (at, None)


def test_a_file_that_cannot_be_read_is_read_as_it_last_could_be(project: Path) -> None:
    """What other files say without it would be as wrong as what it does not say; the problem names the commit."""
    workflow = b"on: push\njobs:\n  t:\n    steps:\n      - run: npm run test-ci\n"
    commit(project, {"package.json": b'{"scripts": {"test": "mocha"}}', ".github/workflows/ci.yml": workflow})
    good = commit(project, {"package.json": b'{"scripts": {"test": "jest"}}'})
    whole, _ = survey(read_tree(Git(project), good, "work"))
    for broken in (b'{"scripts": {,', b"[]", b'{"scripts": {"test": "jest"}'):
        readings, problems = survey(read_tree(Git(project), commit(project, {"package.json": broken}), "work"))
        assert readings == whole and [p.message.partition("; ")[2] for p in problems] == [f"read as it was at {good[:12]}"]


def test_a_file_that_never_could_be_read_says_nothing(project: Path) -> None:
    """Nor does an old version of a file that is gone, or one further back than is looked."""
    commit(project, {"package.json": b'{"scripts": {"test": "jest"}}'})
    for n in range(VERSIONS + 1):
        last = commit(project, {"package.json": b"%d" % n, "tsconfig.json": b"{{"})
    readings, problems = survey(read_tree(Git(project), last, "work"))

    assert not [r for r in readings if r.file == "package.json"] and {p.path for p in problems} == {
        "package.json",
        "tsconfig.json",
    }
    assert not [p for p in problems if "read as it was" in p.message]
