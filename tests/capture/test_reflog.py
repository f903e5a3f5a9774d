"""The reflog as a list of moves, by its own format; against what git itself says of it."""

from __future__ import annotations

from pathlib import Path

from conftest import NOON, git
from kairos_git.capture.reflog import Move, moves, tail

A, B = "a" * 40, "b" * 40


def test_a_line_counts_only_when_it_is_whole() -> None:
    """A torn last line is passed over, and a first one whose beginning was not read; a message may look like an end."""
    line = f"{A} {B} A 7 B <a@b.example> 123 +0100\tcommit: x 999 +0000\n"
    move = Move(A, B, 123, "commit: x 999 +0000")

    assert list(moves(line)) == list(moves(line + "torn")) == list(moves(line[1:] + line)) == [move]
    assert list(moves(f"{A} {B} <a@b.example> 5 -0030")) == [Move(A, B, 5, "")]
    assert list(moves("")) == list(moves("nonsense\n")) == []


def test_it_reads_what_git_writes(tmp_path: Path) -> None:
    """Every act of git, oldest first; a tail has the newest of them."""
    git(tmp_path, "init", "-q")
    for n in range(3):
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", f"Step {n}", when=NOON.replace(minute=n))
    git(tmp_path, "checkout", "-q", "-b", "side", "HEAD~1", when=NOON.replace(minute=9))
    git(tmp_path, "merge", "-q", "main", when=NOON.replace(minute=10))
    gitdir = str(tmp_path / ".git")
    told = git(tmp_path, "reflog", "--format=%H %gd %gs", "--date=unix").splitlines()
    found = list(moves(tail(gitdir, 1 << 20)))

    assert [f"{m.after} HEAD@{{{m.at}}} {m.act}" for m in reversed(found)] == told
    assert [m.before for m in found] == ["0" * 40, *(m.after for m in found[:-1])]
    assert list(moves(tail(gitdir, 300))) == found[-1:]


def test_no_reflog_tells_of_nothing(tmp_path: Path) -> None:
    """A bare repository keeps none."""
    assert tail(str(tmp_path), 4096) == ""
