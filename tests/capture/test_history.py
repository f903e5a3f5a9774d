"""What is read from the project's git: each commit once, under its own day, author and branch; tags, pushes, ends of branches."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kairos_git.capture.project import find_project
from tests.conftest import Place, git


def drain(app: Place) -> None:
    """What a hook starts, a minute later."""
    app.run("drain", "--now", app.tick().isoformat())


def told(app: Place, start: str = "") -> list[str]:
    """The texts of the log that begin so, oldest first."""
    return [o["text"] for o in lines(app) if o["text"].startswith(start)]


def lines(app: Place) -> list[dict[str, Any]]:
    return list(app.run("log", "--json", "-n", "100000").json)


def line(app: Place, text: str) -> dict[str, Any]:
    """The one line of the log with a text."""
    found = [o for o in lines(app) if o["text"] == text]
    assert len(found) == 1, (text, told(app))
    return found[0]


@pytest.fixture
def far(app: Place, tmp_path: Path) -> Path:
    """The project's origin, with everything in it, and seen."""
    bare = tmp_path / "far.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    app.git("remote", "add", "origin", str(bare))
    app.git("push", "-q", "-u", "origin", "main")
    drain(app)
    return bare


@pytest.fixture
def colleague(far: Path, tmp_path: Path) -> Place:
    """Another clone of the same origin."""
    git(tmp_path, "clone", "-q", str(far), "theirs")
    return Place(tmp_path / "theirs")


def test_what_was_fetched_before_it_was_merged_is_read_when_it_is_merged(app: Place, colleague: Place) -> None:
    """A look between `git fetch` and `git merge` does not take the fetched commits for known."""
    colleague.commit("Speed up the parser", {"p": "1"})
    colleague.git("push", "-q")
    app.git("fetch", "-q")
    drain(app)
    before = told(app, "Speed")
    app.git("merge", "-q", "--ff-only", "origin/main")
    drain(app)

    assert before == [] and told(app, "Speed") == ["Speed up the parser"]
    assert line(app, "Speed up the parser")["branch"] is None or line(app, "Speed up the parser")["branch"] == ""


def test_a_branch_that_merged_the_fetched_default_branch_does_not_claim_its_commits(app: Place, colleague: Place) -> None:
    """What stands at origin's default branch is not the branch's own, even while the local one lags behind."""
    colleague.commit("Speed up the parser", {"p": "1"})
    colleague.git("push", "-q")
    app.git("fetch", "-q")
    app.git("switch", "-qc", "mine")
    app.git("merge", "-q", "origin/main")
    app.commit("Try a cache", {"c": "1"})
    drain(app)
    app.git("switch", "-q", "main")
    app.git("merge", "-q", "--ff-only", "origin/main")
    drain(app)

    assert line(app, "Try a cache")["branch"] == "mine"
    assert not line(app, "Speed up the parser")["branch"]


def test_a_renamed_default_branch_is_no_new_history(place: Place) -> None:
    """`git branch -m master main` reads nothing that `--history 1` left out."""
    place.git("symbolic-ref", "HEAD", "refs/heads/master")
    place.git("config", "init.defaultBranch", "master")
    for name in "abc":
        place.commit(f"Write {name}", {name: "1"})
    place.run("init", "--no-hooks", "--history", "1", "--now", place.tick().isoformat())
    place.git("config", "init.defaultBranch", "main")
    place.git("branch", "-m", "master", "main")
    drain(place)
    place.commit("Write d", {"d": "1"})
    drain(place)

    assert told(place, "Write") == ["Write c", "Write d"]


def test_a_history_that_was_rewritten_from_its_root_is_not_read_from_its_root(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """filter-branch makes every commit new, and tells nothing new: what `--history 2` left out stays out."""
    monkeypatch.setattr("kairos_git.capture.history.COMMITS", 2)
    for name in "abcd":
        place.commit(f"Write {name}", {name: "1"})
    place.run("init", "--no-hooks", "--history", "2", "--now", place.tick().isoformat())
    place.git("filter-branch", "-f", "--index-filter", "git rm -q --cached --ignore-unmatch a", FILTER_BRANCH_SQUELCH_WARNING="1")
    place.commit("Write e", {"e": "1"})
    drain(place)

    assert told(place, "Write") == ["Write c", "Write d", "Write e"]


def test_a_pull_of_many_commits_reads_them_all(app: Place, colleague: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is for what was before `init`, not for what was missed since."""
    monkeypatch.setattr("kairos_git.capture.history.COMMITS", 3)
    for n in range(7):
        colleague.commit(f"Step {n}")
    colleague.git("push", "-q")
    app.commit("Local work", {"l": "1"})
    drain(app)
    app.git("pull", "-q", "--rebase")
    drain(app)

    assert told(app, "Step") == [f"Step {n}" for n in range(7)] and told(app, "Local work") == ["Local work"]


def test_a_renamed_branch_is_not_gone(app: Place) -> None:
    """`git branch -m`, and then an amended commit: what was learned on it counts once it is merged under its new name."""
    app.git("switch", "-qc", "old-name")
    app.commit("Use nox instead of tox", {"noxfile.py": "x = 1\n"})
    drain(app)
    app.git("branch", "-m", "old-name", "new-name")
    drain(app)
    app.commit("More of it", {"m": "1"})
    app.git("commit", "-q", "--amend", "-m", "More of it, better")
    drain(app)
    app.git("switch", "-q", "main")
    app.git("merge", "-q", "--no-ff", "-m", "Merge it", "new-name")
    app.git("branch", "-q", "-d", "new-name")
    drain(app)

    assert told(app, "Deleted") == []
    assert told(app, "Merged branch") == ["Merged branch `new-name` into `main`", "Merged branch `old-name` into `main`"]


def test_a_branch_deleted_here_that_origin_still_has_waits_for_its_merge(app: Place, colleague: Place) -> None:
    """The usual way of a pull request: pushed, deleted here, merged there, pruned."""
    app.git("switch", "-qc", "topic")
    app.commit("Use nox instead of tox", {"noxfile.py": "x = 1\n"})
    app.git("push", "-q", "origin", "topic")
    drain(app)
    app.git("switch", "-q", "main")
    app.git("branch", "-q", "-D", "topic")
    drain(app)
    waiting = told(app, "Deleted")
    colleague.git("fetch", "-q")
    colleague.git("merge", "-q", "--squash", "origin/topic")
    colleague.commit("Bring nox (#1)")
    colleague.git("push", "-q", "origin", "main", ":topic")
    app.git("fetch", "-q", "--prune")
    drain(app)

    assert waiting == [] and told(app, "Deleted") == []
    assert told(app, "Merged branch") == ["Merged branch `topic` into `main`"]


def test_a_branch_that_nobody_holds_is_gone(app: Place) -> None:
    """Deleted here, and nowhere else."""
    app.git("switch", "-qc", "topic")
    app.commit("Try it", {"t": "1"})
    drain(app)
    app.git("switch", "-q", "main")
    app.git("branch", "-q", "-D", "topic")
    drain(app)
    drain(app)

    assert told(app, "Deleted") == ["Deleted branch `topic`, which was not merged"]


def test_a_stacked_branch_claims_only_its_own_commits(app: Place) -> None:
    """Two branches, one on the other, first seen together."""
    app.git("switch", "-qc", "below")
    app.commit("Lower part", {"l": "1"})
    app.git("switch", "-qc", "above")
    app.commit("Upper part", {"u": "1"})
    drain(app)

    assert line(app, "Lower part")["branch"] == "below" and line(app, "Upper part")["branch"] == "above"


def test_a_stack_that_is_squashed_whole_is_merged_whole(app: Place) -> None:
    """What stood below a squashed branch came in with it."""
    app.git("switch", "-qc", "below")
    app.commit("Lower part", {"l": "1"})
    app.git("switch", "-qc", "above")
    app.commit("Upper part", {"u": "1"})
    drain(app)
    app.git("switch", "-q", "main")
    app.git("merge", "-q", "--squash", "above")
    app.commit("Both parts")
    drain(app)

    assert told(app, "Merged branch") == ["Merged branch `above` into `main`", "Merged branch `below` into `main`"]


@pytest.mark.parametrize("name", [":(glob)x", "-x", 'a "b"\n', "ü/\udcff"])
def test_a_squash_is_found_whatever_its_files_are_called(app: Place, name: str) -> None:
    """File names are data: no option, no pattern, no line."""
    app.git("switch", "-qc", "topic")
    path = os.fsencode(app.root) + b"/" + os.fsencode(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Path(os.fsdecode(path)).write_text("1\n")
    app.commit("First half")
    Path(os.fsdecode(path)).write_text("1\n2\n")
    app.commit("Second half")
    drain(app)
    app.git("switch", "-q", "main")
    app.commit("Something else", {"z": "1"})
    app.git("merge", "-q", "--squash", "topic")
    app.commit("All of it")
    app.commit("And on", {"z": "2"})
    drain(app)

    assert told(app, "Merged branch") == ["Merged branch `topic` into `main`"]


def test_commits_on_a_detached_head_are_read_and_count_once_they_are_merged(app: Place) -> None:
    """They belong to no branch, and so to nothing but themselves until then."""
    app.git("checkout", "-q", "--detach")
    app.commit("Use nox instead of tox", {"noxfile.py": "x = 1\n"})
    drain(app)
    app.git("commit", "-q", "--amend", "-m", "Use nox instead of tox at last")
    drain(app)
    app.git("switch", "-qc", "kept")
    drain(app)
    scopes = {o["branch"] for o in lines(app) if "nox" in o["text"]}
    app.git("switch", "-q", "main")
    app.git("merge", "-q", "kept")
    drain(app)

    assert scopes == {"HEAD"} and told(app, "Deleted") == []
    assert "Merged the detached `HEAD` into `main`" in told(app, "Merged")


def test_a_detached_head_that_is_left_behind_is_gone(app: Place) -> None:
    """As git itself warns."""
    app.git("checkout", "-q", "--detach")
    app.commit("Try it", {"t": "1"})
    drain(app)
    app.git("switch", "-q", "main")
    drain(app)

    assert told(app, "Deleted") == ["Deleted the detached `HEAD`, which was not merged"]


def test_a_detached_work_tree_is_read_too(app: Place, tmp_path: Path) -> None:
    """As agents make them; its commits are told apart from those of others."""
    app.git("worktree", "add", "-q", "--detach", str(tmp_path / "a\nb"))
    (tmp_path / "a\nb" / "w").write_text("1")
    git(tmp_path / "a\nb", "add", "w")
    git(tmp_path / "a\nb", "commit", "-qm", "Work of an agent", when=app.tick())
    drain(app)

    assert line(app, "Work of an agent")["branch"].startswith("HEAD@a")


def test_looking_at_an_old_commit_reads_nothing(app: Place) -> None:
    """A bisect, a tag that was checked out, another's commit that was fetched by name."""
    app.git("checkout", "-q", "HEAD~1")
    drain(app)
    before = len(lines(app))
    app.git("tag", "old")
    app.git("switch", "-q", "main")
    app.git("checkout", "-q", "old")
    drain(app)

    assert [o["text"] for o in lines(app)[before:]] == ["Tagged `old`"] or told(app, "Deleted") == []


def test_a_rebase_under_way_is_not_read_in_the_middle(app: Place) -> None:
    """What a rebase makes is on its branch at the end; half of it belongs nowhere."""
    app.git("switch", "-qc", "topic")
    app.commit("First", {"f": "1"})
    app.commit("Second", {"s": "1"})
    app.git("switch", "-q", "main")
    app.commit("Meanwhile", {"f": "2"})
    drain(app)
    app.git("rebase", "-q", "main", "topic", check=False)
    app.write("f", "3")
    app.git("add", "f")
    app.git("commit", "-q", "-m", "First, resolved", when=app.tick())
    drain(app)
    app.git("rebase", "--continue", GIT_EDITOR=":")
    drain(app)

    assert line(app, "First, resolved")["branch"] == "topic" and told(app, "Deleted") == []


def test_a_clone_without_any_branch_goes_on_being_read(app: Place, tmp_path: Path) -> None:
    """As a build server checks out: HEAD alone, and a file of that name."""
    git(tmp_path, "init", "-q", "ci")
    ci = Place(tmp_path / "ci")
    ci.git("fetch", "-q", str(app.root), "main")
    ci.git("checkout", "-q", "FETCH_HEAD")
    ci.write("HEAD", "not a revision\n")
    ci.run("init", "--no-hooks", "--now", app.tick().isoformat())
    ci.now = app.now
    ci.commit("Built here", {"b": "1"})
    drain(ci)

    assert told(ci, "Add b") == ["Add b"] and told(ci, "Built") == ["Built here"]


def test_every_push_is_told_also_before_a_fetch(app: Place, far: Path, colleague: Place) -> None:
    """Two pushes and a fetch after them, all between two looks."""
    app.commit("One", {"1": "1"})
    app.git("push", "-q")
    first = app.git("rev-parse", "HEAD")
    app.commit("Two", {"2": "1"})
    app.git("push", "-q")
    second = app.git("rev-parse", "HEAD")
    colleague.git("pull", "-q")
    colleague.commit("Three", {"3": "1"})
    colleague.git("push", "-q")
    app.git("fetch", "-q")
    drain(app)
    drain(app)
    base = app.git("rev-parse", f"{first}^")

    assert sorted(told(app, "Pushed")) == sorted(
        f"Pushed `main` to `origin` ({span})"
        for span in (base[:12], f"{base[:12]}..{first[:12]}", f"{first[:12]}..{second[:12]}")
    )


def test_a_remote_s_name_may_hold_a_slash(app: Place, tmp_path: Path) -> None:
    """`team/alice` is one remote, and `fix/it` one branch."""
    git(tmp_path, "init", "-q", "--bare", "alice.git")
    app.git("remote", "add", "team/alice", str(tmp_path / "alice.git"))
    app.git("push", "-q", "team/alice", "main:fix/it")
    drain(app)

    assert [t.partition(" (")[0] for t in told(app, "Pushed")] == ["Pushed `fix/it` to `team/alice`"]


def test_a_tag_is_told_when_it_is_made_moved_and_deleted(app: Place) -> None:
    """With its own date where it has one; once each."""
    first, second = app.git("rev-parse", "HEAD~1"), app.git("rev-parse", "HEAD")
    app.git("tag", "v1", "HEAD~1")
    drain(app)
    app.git("tag", "-f", "v1")
    drain(app)
    app.git("tag", "-d", "v1")
    drain(app)
    drain(app)

    assert [t for t in told(app) if "tag" in t.lower()] == [
        "Tagged `v1`", f"Moved tag `v1` from {first[:12]} to {second[:12]}", "Deleted tag `v1`",
    ]  # fmt: skip


def test_a_stranger_s_tag_is_not_the_owner_s(app: Place) -> None:
    """Who signed it says so."""
    app.git("tag", "-a", "-m", "theirs", "v1", GIT_COMMITTER_EMAIL="bob e@example.org")
    app.git("tag", "-a", "-m", "mine", "v2")
    drain(app)

    assert line(app, "Tagged `v1`")["src"] == "external" and line(app, "Tagged `v2`")["src"] == "commit"


@pytest.mark.parametrize(("history", "read"), [("0", []), ("2", ["Write c", "Write d"]), ("all", [f"Write {n}" for n in "abcd"])])
def test_init_reads_as_much_history_as_it_is_told(place: Place, history: str, read: list[str]) -> None:
    """A number of commits, or all; 0 is nothing of the past, and each commit since is read all the same."""
    for name in "abcd":
        place.commit(f"Write {name}", {name: "1"}, GIT_AUTHOR_EMAIL="ada@example.org")
        place.tick(days=1)
    place.git("tag", "v1")
    place.run("init", "--no-hooks", "--history", history, "--now", place.tick().isoformat())
    before = [o for o in lines(place) if o["src"] in ("commit", "external")]
    place.commit("Write e", {"e": "1"})
    drain(place)

    assert [o["text"] for o in before if o["text"].startswith("Write")] == read
    assert ("Tagged `v1`" in told(place)) == (history != "0")
    assert told(place, "Write e") == ["Write e"]
    assert len({o["time"][:10] for o in before if o["text"].startswith("Write")}) == len(read)


@pytest.mark.parametrize(
    ("encoding", "message", "read"),
    [
        ("ISO-8859-1", "Grüße".encode("latin-1"), "Grüße"), ("KOI8-R", "Да".encode("koi8-r"), "Да"),
        ("no-such", "Grüße".encode(), "Grüße"),
        ("base64", b"YQ==", "YQ=="), ("", "Grüße".encode(), "Grüße"),
    ],
)  # fmt: skip
def test_a_message_s_encoding_costs_neither_author_nor_day(app: Place, encoding: str, message: bytes, read: str) -> None:
    """Whatever a commit says it is written in."""
    tree = app.git("rev-parse", "HEAD^{tree}")
    person = f"Ada <ada@example.org> {int(app.tick().timestamp())} +0100"
    header = f"tree {tree}\nauthor {person}\ncommitter {person}\n" + (f"encoding {encoding}\n" if encoding else "")
    stored = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"], cwd=app.root, input=header.encode() + b"\n" + message, check=True,
        capture_output=True,
    ).stdout.decode().strip()  # fmt: skip
    app.git("merge", "-q", "-s", "ours", "--allow-unrelated-histories", "-m", "Merge", stored)
    drain(app)

    assert (line(app, read)["src"], line(app, read)["time"][:10]) == ("commit", "2026-11-21")


@pytest.mark.parametrize("name", ["a\nb", "a\n", "it's", '"', "-x", " a ", "é", "\udcff"])
def test_a_project_s_folder_may_be_called_anything(make_place: Callable[[str], Place], name: str) -> None:
    """Found from a folder in it and from a linked work tree, too."""
    app = make_place(name)
    (app.root / "in").mkdir()
    app.commit("First", {"in/a": "1"})
    app.git("worktree", "add", "-q", "--detach", str(app.root.parent / f"{name}-2"))

    assert find_project(str(app.root / "in")).root == str(app.root)
    linked = find_project(str(app.root.parent / f"{name}-2"))
    assert linked.root == str(app.root.parent / f"{name}-2") and linked.main_root == str(app.root)


def test_more_branches_than_a_command_line_holds(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their commits are named on standard input."""
    monkeypatch.setattr("kairos_git.capture.history.BRANCHES", 3)
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    head = app.git("rev-parse", "HEAD")
    stream = "".join(
        f"commit refs/heads/z{n}\ncommitter Bob <bob@example.org> {n} +0000\ndata 1\nx\nfrom {head}\n\n" for n in range(4000)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=app.root, input=stream.encode(), check=True)
    drain(app)
    app.commit("On it goes", {"g": "1"})
    app.git("switch", "-qc", "mine")
    app.commit("On a branch", {"g": "2"})
    resource.setrlimit(resource.RLIMIT_STACK, (512 * 1024, hard))  # a quarter of it is what Linux lets a command line hold
    try:
        drain(app)
    finally:
        resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))

    assert told(app, "On ") == ["On it goes", "On a branch"]


def test_a_partial_clone_asks_nobody_for_what_it_lacks(app: Place, tmp_path: Path) -> None:
    """Neither a message that names a commit it does not have nor a squash it cannot compare reaches for the remote."""
    app.git("config", "uploadpack.allowFilter", "true")
    app.git("config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{app.root}", "part")
    part = Place(tmp_path / "part")
    part.git("config", "user.email", "ada@example.org")
    part.run("init", "--no-hooks", "--now", app.tick().isoformat())
    part.now = app.now
    part.git("config", "remote.origin.uploadpack", f"touch '{tmp_path}/asked'; false")
    part.git("switch", "-q", "--orphan", "x")
    part.git("checkout", "-q", "-B", "topic", "--detach", check=False)
    part.git("commit", "-q", "--allow-empty", "-m", f"Revert it\n\nThis reverts commit {'ab' * 20}.", when=part.tick())
    drain(part)

    assert told(part, "Revert it") and not (tmp_path / "asked").exists()
