"""History as a survey may know it, against a real git."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos_git.capture.survey.past import MOST_COMMITS, MOST_PATHS, read_past
from kairos_git.capture.survey.reading import Change, Past
from kairos_git.gitrun import Git

NOVEMBER = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
DAY = 24 * 3600


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository and no configuration but its own."""
    for name, value in {"HOME": str(tmp_path), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    return folder


def written(folder: Path, *commits: tuple[int, str, list[str]]) -> None:
    """Commits on main at these times, with these messages, each of which changes these files."""
    stream = b""
    for number, (when, message, paths) in enumerate(commits):
        data = message.encode(errors="surrogateescape")
        stream += f"commit refs/heads/main\ncommitter A <a@example.org> {when} +0000\ndata {len(data)}\n".encode() + data + b"\n"
        for path in paths:
            stream += f"M 644 inline {path}\ndata {len(str(number))}\n{number}\n".encode()
    subprocess.run(["git", "fast-import", "--quiet", "--force"], cwd=folder, input=stream, check=True)


def past(folder: Path) -> Past:
    return read_past(Git(folder), "refs/heads/main")


def test_a_commit_is_its_subject_its_paths_and_its_sign_off(project: Path) -> None:
    """Newest first; a message's body and a deleted file's path included, odd names whole."""
    written(
        project,
        (1, "first\n\nbody", ["a", "d/b c"]),
        (2, "second: grün\n\nSigned-off-by: A <a@example.org>", ["a"]),
        (3, "third", []),
    )
    assert past(project).changes == (
        Change("third", (), False, False),
        Change("second: grün", ("a",), True, False),
        Change("first", ("a", "d/b c"), False, False),
    )


def test_a_merge_has_no_paths(project: Path) -> None:
    """What it brings was counted where it was made."""
    written(project, (1, "one", ["a"]), (2, "two", ["b"]))
    parents = [line for name in ("main", "main~1") for line in ("-p", name)]
    at = subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", "main^{tree}", *parents, "-m", "Merge x"],
        cwd=project, capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    assert read_past(Git(project), at).changes[0] == Change("Merge x", (), False, True)


def test_this_month_counts_only_where_there_is_little_before_it(project: Path) -> None:
    """So what is counted changes once a month, and a young project still has a past."""
    before = [(NOVEMBER - 30 * DAY, f"old {n}", ["a"]) for n in range(30)]
    month = NOVEMBER - 20 * DAY - 12 * 3600  # when it began
    new = [(month - 1, "last", ["a"]), (month, "first of the month", ["a"]), (NOVEMBER, "new", ["a"])]
    written(project, *before, *new)
    changes = past(project).changes
    assert (len(changes), changes[0].subject) == (31, "last")
    subprocess.run(["git", "update-ref", "-d", "refs/heads/main"], cwd=project, check=True)
    written(project, *before[:28], *new)
    changes = past(project).changes
    assert (len(changes), changes[0].subject) == (31, "new")


def test_what_is_read_is_bounded(project: Path) -> None:
    """Five hundred commits; of one that touches ten thousand files a hundred and one, so that it can be told."""
    written(project, *((1, f"c{n}", ["a"]) for n in range(MOST_COMMITS + 20)), (2, "all", [f"f{n}" for n in range(10_000)]))
    started = time.monotonic()
    changes = past(project).changes
    assert time.monotonic() - started < 10
    assert len(changes) == MOST_COMMITS
    assert (changes[0].subject, len(changes[0].paths)) == ("all", MOST_PATHS + 1)
    assert changes[1].paths == ("a",)


@pytest.mark.parametrize(
    "message", ["\x1e\x1f\x1e a", "x\x1b[31m", "\udcff\udcfe", "", "\n\n", "Signed-off-by: A <a@example.org>"]
)
def test_no_subject_breaks_the_list(project: Path, message: str) -> None:
    """Separators, escapes, bytes that are no text, nothing at all."""
    written(project, (1, "first", ["a"]), (2, message, ["b"]), (3, "third", ["a"]))
    changes = past(project).changes
    assert [(change.subject, change.paths) for change in changes[::2]] == [("third", ("a",)), ("first", ("a",))]
    assert changes[1].paths == ("b",)


def test_shallow_clones_and_other_starts_have_what_they_have(project: Path, tmp_path: Path) -> None:
    """No commit at all is no past, and no error."""
    assert past(project) == Past()
    written(project, (1, "first", ["a"]), (2, "second", ["b"]))
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{project}", str(tmp_path / "shallow")], check=True)
    assert [change.subject for change in past(tmp_path / "shallow").changes] == ["second"]
    assert read_past(Git(project), "0" * 40) == Past()


def test_release_tags_are_in_the_order_of_versions_the_newest_first(project: Path) -> None:
    """Candidates before their release; packages' tags too; what is no version is no release."""
    written(project, (1, "first", ["a"]))
    for tag in ("v1.10.0", "v1.9.0", "v1.10.0-rc.1", "1.2", "pkg@2.0.0", "nightly", "latest", "v2", "x/v0.1.0"):
        subprocess.run(["git", "tag", tag, "main"], cwd=project, check=True)
    assert past(project).tags == ("pkg@2.0.0", "v1.10.0", "v1.10.0-rc.1", "v1.9.0", "1.2", "x/v0.1.0")


def test_branches_are_those_here_and_at_origin(project: Path) -> None:
    """Each once, by name; where a remote's HEAD points is no branch."""
    written(project, (1, "first", ["a"]))
    for ref in (
        "refs/heads/1.x",
        "refs/remotes/origin/1.x",
        "refs/remotes/origin/a/b",
        "refs/remotes/fork/c",
        "refs/remotes/origin/HEAD",
    ):
        subprocess.run(["git", "update-ref", ref, "main"], cwd=project, check=True)
    assert past(project).branches == ("1.x", "a/b", "main")


def test_a_commit_that_claims_an_impossible_time_is_read(project: Path) -> None:
    """Far before 1970 or after every calendar."""
    written(project, (2**60, "far", ["a"]))
    assert [change.subject for change in past(project).changes] == ["far"]
