"""What is edited between two looks at a work tree: few lines, no false ones, and nothing written into the project."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Place
from kairos_git.capture.files import taking
from kairos_git.capture.files.snapshot import Edit, Seen, compare, format_shot, parse_shot, parse_status, snapshot
from kairos_git.capture.files.summary import merged, summarise
from kairos_git.capture.project import find_project
from kairos_git.gitrun import Git, Result
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory, open_memory

PATHS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1, max_size=12)
SHOTS = st.dictionaries(
    PATHS, st.builds(Seen, st.sampled_from(["new", "changed", "gone"]), st.integers(0, 10**18), st.integers(0, 99))
)


@pytest.fixture
def memory(app: Place) -> Memory:
    """The memory of a project that was looked at once."""
    found = open_memory(str(app.memory))
    taking.take_in(found, find_project(str(app.root)), app.now)
    return found


def save(place: Place, path: str, minute: float = 0, content: str = "x\n") -> None:
    """Write a file so many minutes after `place.now`."""
    place.write(path, content)
    stamp = place.now.timestamp() + 60 * minute
    os.utime(place.root / path, (stamp, stamp))


def look(place: Place, memory: Memory, minute: float) -> list[Observation]:
    """What is told so many minutes after `place.now`."""
    return list(taking.take_in(memory, find_project(str(place.root)), place.now + timedelta(minutes=minute)).observations)


def test_a_burst_of_edits_is_one_line(app: Place, memory: Memory) -> None:
    """Which files, where, for how long; told once, half an hour after the last save."""
    for minute, name in enumerate(["login.py", "token.py", "a.py"]):
        save(app, f"src/auth/{name}", minute)
    assert look(app, memory, 5) == []
    save(app, "src/auth/login.py", 25, "y\n")
    assert look(app, memory, 30) == []

    (told,) = look(app, memory, 60)

    assert told.text == "Edited 3 files in `src/auth/` (`login.py`, `a.py`, `token.py`) over 25 min; 3 new"
    assert (told.src, told.word("event")) == ("external", "files")
    assert [look(app, memory, m) for m in (61, 200)] == [[], []]


def test_a_file_saved_a_thousand_times_is_one_line(app: Place, memory: Memory) -> None:
    """However often it is looked at meanwhile."""
    found = []
    for n in range(1000):
        save(app, "a.py", n / 1000, f"a = {n}\n")
        if n % 100 == 0:
            found += look(app, memory, n / 1000 + 0.001)
    found += look(app, memory, 90)

    assert [o.text for o in found] == ["Edited `a.py`"]


def test_a_switch_of_branches_that_touches_5000_files_edits_none(app: Place, memory: Memory) -> None:
    """git wrote them; what the owner changed before and carries along stays theirs."""
    app.git("switch", "-q", "-c", "big")
    app.commit("Many", {f"many/{n % 50}/{n}.txt": f"{n}\n" for n in range(5000)})
    save(app, "a.py", 1, "mine\n")
    found = look(app, memory, 2)
    for minute, branch in ((3, "main"), (4, "big"), (5, "main")):
        app.git("switch", "-q", branch)
        found += look(app, memory, minute)
    found += look(app, memory, 90)

    assert [o.text for o in found] == ["Edited `a.py`"]


def test_nothing_is_looked_at_while_git_writes(app: Place, memory: Memory) -> None:
    """In the middle of a switch the work tree is neither the one branch nor the other; a lock left behind by a dead git is old."""
    save(app, "b/x.py", 1)
    lock = app.root / ".git" / "index.lock"
    lock.touch()
    project = find_project(str(app.root))
    assert taking.take_in(memory, project, app.now + timedelta(minutes=2)) == ((), 0, ())
    os.utime(lock, (1, 1))
    assert taking.take_in(memory, project, app.now + timedelta(minutes=3)).edited == 1


def test_a_head_that_moves_during_the_look_voids_it(app: Place, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `git status` said is of neither moment; the next look sees everything."""
    save(app, "b/x.py", 1)
    status = Git.run

    def move(git: Git, *arguments: str, **options: Any) -> Result:
        done = status(git, *arguments, **options)
        if arguments[0] == "status":
            app.git("switch", "-q", "-C", "elsewhere")
        return done

    with monkeypatch.context() as patched:
        patched.setattr(Git, "run", move)
        assert look(app, memory, 2) == []
    assert taking.take_in(memory, find_project(str(app.root)), app.now + timedelta(minutes=3)).edited == 1


def test_what_was_committed_reverted_or_ignored_is_no_edit(app: Place, memory: Memory) -> None:
    """Commits speak for themselves, and git's ignore rules are the project's."""
    app.commit("Ignore", {".gitignore": "build/\n*.log\n"})
    save(app, "build/out.js", 1)
    save(app, "x.log", 1)
    save(app, "b.py", 1, "b = 2\n")
    app.git("checkout", "-q", "--", "b.py")

    assert [*look(app, memory, 2), *look(app, memory, 90)] == []


def test_a_private_file_is_not_looked_at(app: Place, memory: Memory) -> None:
    """Its name is not even in the state."""
    (app.memory / "kairos.yaml").write_text("private: ['*.key']\n")
    save(app, "server.key", 1)
    save(app, "c.py", 1)
    look(app, memory, 2)
    (told,) = look(app, memory, 90)

    assert told.text == "Edited `c.py`; 1 new"
    assert "server.key" not in (Path(memory.own) / "activity" / "files.json").read_text()


def test_a_look_writes_nothing_into_the_project(app: Place, memory: Memory) -> None:
    """Not even git's index is refreshed."""
    save(app, "a.py", 1, "a = 1\n")

    def everything() -> dict[str, tuple[int, int]]:
        files = [p for p in app.root.rglob("*") if p.is_file()]
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_ino) for p in files}

    before = everything()
    look(app, memory, 2)
    assert everything() == before


def test_a_project_that_is_gone_is_a_problem_and_loses_no_burst(app: Place, memory: Memory) -> None:
    """What was edited before is told; the folder's absence is said."""
    save(app, "a.py", 1, "mine\n")
    project = find_project(str(app.root))
    taking.take_in(memory, project, app.now + timedelta(minutes=2))
    shutil.rmtree(app.root)
    taken = taking.take_in(memory, project, app.now + timedelta(minutes=90))

    assert [o.text for o in taken.observations] == ["Edited `a.py`"]
    assert "gone" in str(taken.problems[0])


def test_a_folder_that_cannot_be_read_is_named(app: Place, memory: Memory) -> None:
    """The rest is looked at all the same."""
    if os.getuid() == 0:
        pytest.skip("root may read everything")
    save(app, "shut/x", 1)
    save(app, "c.py", 1)
    (app.root / "shut").chmod(0)
    try:
        taken = taking.take_in(memory, find_project(str(app.root)), app.now + timedelta(minutes=2))
    finally:
        (app.root / "shut").chmod(0o755)
    assert taken.edited == 1
    assert "shut" in str(taken.problems[0])


def test_git_that_says_something_odd_is_a_problem(app: Place, memory: Memory) -> None:
    """A repository that is damaged costs one note."""
    (app.root / ".git" / "HEAD").write_text("nonsense\n")
    project = find_project(str(app.memory))._replace(root=str(app.root))

    shot, edits, problems = snapshot(project, {}, 0)
    assert (shot, edits, len(problems)) == (None, [], 1)


def test_odd_names_stand_as_code(app: Place, memory: Memory) -> None:
    """Line breaks, comment marks and words that give orders."""
    save(app, "a\nb <!--o x--> `c`.py", 1)
    look(app, memory, 2)
    (told,) = look(app, memory, 90)

    assert "\n" not in told.text and "<!--" not in told.text
    app.run("drain")
    app.run("fsck")


def test_the_lines_of_git_status_are_read() -> None:
    """Changed, added, deleted, unmerged, untracked; nested repositories and headers are passed over."""
    text = "\0".join([
        "# branch.oid x", "1 .M N... 100644 100644 100644 aa bb src/a b.py", "1 D. N... 100644 000000 000000 aa bb gone.py",
        "u UU N... 100644 100644 100644 100644 aa bb cc both.py", "? new.py", "? nested/", "! ignored", "1 short", "",
    ])  # fmt: skip
    assert parse_status(text) == {"src/a b.py": "changed", "gone.py": "gone", "both.py": "changed", "new.py": "new"}


@given(SHOTS, SHOTS)
def test_looking_twice_at_the_same_edits_nothing(before: dict[str, Seen], after: dict[str, Seen]) -> None:
    """And whatever changed between two looks is told with a time that is not ahead of the clock."""
    assert compare(after, after, 10) == []
    edits = compare(before, after, 10)
    assert {e.path for e in edits} <= set(after)
    assert all(0 <= e.at <= 10 for e in edits)
    assert parse_shot(format_shot(after)) == after


@given(
    st.lists(st.builds(Edit, PATHS, st.integers(0, 10**5), st.sampled_from(["new", "changed", "gone"])), min_size=1, max_size=40)
)
def test_a_summary_is_one_short_line(edits: list[Edit]) -> None:
    """Whatever the names are, and merging twice changes nothing."""
    once = merged([e._replace(since=e.at) for e in edits])

    assert len({e.path for e in once}) == len(once)
    assert merged(once) == once
    o = summarise(once, None)
    assert "\n" not in o.text and len(o.text) < 800
