"""A memory that is damaged, missing or not ours: one sentence with what to do, and nothing is taken for empty."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.errors import GitFailed, NotFound, WouldOverwrite
from kairos_git.gitrun import Git
from kairos_git.memory import objects
from kairos_git.memory.objects import facts_at, read_files
from kairos_git.memory.repository import open_memory

LOG = "log/2026/11/2026-11-21.md"


def loose(app: Place, path: str) -> Path:
    """The loose object of a committed file; packs are unpacked first, as git knows objects of a pack by two names otherwise."""
    packs = sorted((app.memory / ".git/objects/pack").glob("*.pack"))
    for pack in packs:
        moved = pack.rename(app.memory / ".git" / pack.name)
        pack.with_suffix(".idx").unlink()
        with moved.open("rb") as file:
            Git(app.memory).run("unpack-objects", "-q", stdin=file.read())
        moved.unlink()
    name = app.mem("rev-parse", f"HEAD:{path}")
    found = app.memory / ".git/objects" / name[:2] / name[2:]
    found.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return found


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


HITS: dict[str, Callable[[Path], None]] = {
    "cut": cut,
    "flipped": flip,
    "emptied": lambda path: path.write_bytes(b""),
    "gone": os.unlink,
}


@pytest.mark.parametrize("path", [LOG, "topics/tests.md"])
@pytest.mark.parametrize("hit", HITS)
def test_a_damaged_object_is_never_taken_for_an_empty_file(app: Place, hit: str, path: str) -> None:
    """Exit 4 and what helps, in whatever reads it; nothing lands on it, and what is said meanwhile is there after the repair."""
    app.say("Tests run with `tox`")
    app.dream()
    before, topics = app.facts(), app.mem("rev-parse", "HEAD:topics")
    thing = loose(app, path)
    whole = thing.read_bytes()
    HITS[hit](thing)
    said = app.say("Lint with `ruff check .`")
    for words in (["dream"], ["reject", "tox"], ["dream", "--dry-run"]):
        answer = app.run(*words, code=4)
        assert f"git -C {app.memory} fsck" in answer.err and "clone or a backup" in answer.err
    assert app.mem("rev-parse", "HEAD:topics") == topics
    assert "git fsck" in app.run("doctor", code=1).out

    thing.unlink(missing_ok=True)
    thing.write_bytes(whole)
    assert app.dream()["ops"][0]["evidence"] == [said]
    assert set(before) < set(app.facts()) and app.run("fsck", "--json").json["ok"]


def test_a_whole_file_of_the_work_tree_gives_its_object_back(app: Place) -> None:
    """What the sentence advises helps, without any clone."""
    app.say("Tests run with `tox`")
    app.dream()
    thing = loose(app, LOG)
    cut(thing)
    assert "hash-object -w FILE" in app.run("dream", code=4).err
    thing.unlink()
    app.mem("hash-object", "-w", LOG)

    app.dream()
    assert app.run("fsck", "--json").json["ok"]


def test_a_last_commit_that_is_gone_is_named(app: Place) -> None:
    """The branch is whole and its commit is not: no word of writing the branch anew, which would bring nothing back."""
    head = app.mem("rev-parse", "HEAD")
    tree = loose(app, "topics").parent.parent
    (tree / head[:2] / head[2:]).unlink()
    for words in (["facts"], ["dream"]):
        answer = app.run(*words, code=4)
        assert f"cannot read its last commit {head}" in answer.err and "clone or a backup" in answer.err

    assert "brings everything back" not in answer.err


@pytest.mark.parametrize("size", [0, 40, 300])
def test_an_index_that_was_cut_is_made_anew(app: Place, size: int) -> None:
    """git reads one that is cut between two entries, and only fails when it writes: the next command mends that, too."""
    app.say("Tests run with `tox`")
    os.truncate(app.memory / ".git/index", size)
    assert app.dream()["ops"]

    assert app.mem("status", "--porcelain") == "" and app.run("fsck", "--json").json["ok"]


@pytest.mark.parametrize(
    "content", [b"\xcb\0\xff" * 30, b"", b"9" * 5000, b"\0" * 41], ids=["noise", "nothing", "nines", "zeros"]
)
def test_what_a_power_cut_left_in_our_own_files_stops_nothing(app: Place, content: bytes) -> None:
    """Everything beside git but the spool may be deleted at any time, so it may be anything, too."""
    said = app.say("Tests run with `tox`")
    own = app.memory / ".git/kairos"
    for path in [p for p in own.rglob("*") if p.is_file() and p.parent.name not in ("spool", "hooks")]:
        path.write_bytes(content)
    app.run("observe", "Lint with `ruff check .`")
    app.dream()

    assert app.fact("tox")["evidence"] == [said] and app.fact("ruff")
    assert app.run("fsck", "--json").json["ok"]


@pytest.mark.parametrize("what", ["spool is a file", "segment is a folder", "segment is a link", "lock is a folder"])
def test_something_in_the_spools_way_is_named(app: Place, what: str) -> None:
    """Exit 4 with the path, and once it is moved away what waited is there."""
    said = app.say("Tests run with `tox`")
    spool = app.memory / ".git/kairos/spool"
    thing = {"spool": spool, "segment": spool / "observations", "lock": spool.parent / "lock"}[what.split()[0]]
    aside = app.memory.parent / "aside"
    if thing.exists():
        thing.rename(aside)
    if what.endswith("file"):
        thing.write_text("")
    elif what.endswith("link"):
        thing.symlink_to(aside)
    else:
        thing.mkdir()
    for words in (["dream"], ["reject", "tox"]):
        assert str(thing) in app.run(*words, code=4).err
    assert app.run("doctor", code=None).code in (0, 1)
    thing.rmdir() if thing.is_dir() and not thing.is_symlink() else thing.unlink()
    if aside.exists():
        aside.rename(thing)

    assert app.dream()["ops"][0]["evidence"] == [said]


def test_an_object_that_ends_in_the_middle_is_no_content(app: Place) -> None:
    """git streams a large object: it has sent the header and the beginning when it meets the damage."""
    (app.memory / "notes.txt").write_bytes(os.urandom(300_000))
    app.mem("add", "-A")
    app.mem("commit", "-qm", "A large file", KAIROS_GIT_INSIDE="1")
    cut(loose(app, "notes.txt"))
    with pytest.raises(GitFailed, match="fsck"):
        list(Git(app.memory).objects(["HEAD:notes.txt"]))


def test_what_a_commit_does_not_have_is_left_out(app: Place) -> None:
    """A path that is not there, a folder that is not there, a folder asked for as a file: no damage, no content."""
    git = Git(app.memory)
    wanted = ["kairos.yaml", "log/1999/01/1999-01-01.md", "topics", "topics/nothing.md", "nowhere/at/all"]

    assert list(read_files(git, "HEAD", wanted)) == ["kairos.yaml"]


def test_a_log_too_large_to_read_stops_the_dream(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left out silently, every fact that rests on it would go; another large file is nobody's business."""
    (app.memory / "film.bin").write_bytes(b"x" * 9000)
    app.mem("add", "-A")
    app.mem("commit", "-qm", "A film", KAIROS_GIT_INSIDE="1")
    monkeypatch.setattr(objects, "LARGEST", 8000)
    app.dream()
    log = app.memory / LOG
    log.write_text(log.read_text() + "\n" * 9000)
    app.mem("commit", "-qam", "Nine thousand blank lines", KAIROS_GIT_INSIDE="1")
    head = app.mem("rev-parse", "HEAD")

    assert f"{LOG} of " in (said := app.run("dream", code=4).err) and "revert that" in said
    assert app.mem("rev-parse", "HEAD") == head
    app.mem("revert", "--no-edit", "HEAD", KAIROS_GIT_INSIDE="1")
    app.dream()


EDITS: dict[str, Callable[[bytes], bytes]] = {
    "other words": lambda data: data.replace(b"`tox`", b"`nox`"),
    "a NUL in it": lambda data: data.replace(b"Tests run", b"Tests\0 run"),
    "half of it": lambda data: data.replace(b"Tests run with ", b""),
    "another root": lambda data: data.replace(b" src=owner", b" src=owner root=elsewhere"),
    "gone": lambda data: b"".join(line for line in data.splitlines(True) if b"`tox`" not in line),
    "emptied": lambda data: b"",
    "a tail cut off": lambda data: data[: data.index(b"`tox`")],
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_committed_edit_of_a_log_is_put_back(app: Place, edit: str) -> None:
    """No observation ever goes, also not by a new wording under its id: the line stands again as it was, and every law holds."""
    said = app.say("Tests run with `tox`")
    app.dream()
    whole = (app.memory / LOG).read_bytes()
    (app.memory / LOG).write_bytes(EDITS[edit](whole))
    app.mem("commit", "-qam", "Tidy", KAIROS_GIT_INSIDE="1")
    assert "restored" in app.run("dream").err

    assert set(whole.splitlines()) <= set((app.memory / LOG).read_bytes().splitlines())
    assert app.fact("tox")["evidence"] == [said]
    if edit != "a tail cut off":  # what is left of a torn line is nobody's; it is named until somebody deletes it
        assert app.run("fsck", "--json").json["ok"] and app.mem("status", "--porcelain") == ""


def test_a_committed_edit_of_a_ruling_is_put_back(app: Place) -> None:
    """A rejection that was misspelt would let the fact live again."""
    app.say("Tests run with `tox`")
    app.dream()
    app.run("reject", app.fact("tox")["id"])
    rulings = app.memory / "rulings.md"
    whole = rulings.read_text()
    rulings.write_text(whole.replace(" reject ", " rejekt "))
    app.mem("commit", "-qam", "Tidy", KAIROS_GIT_INSIDE="1")
    app.dream()

    assert rulings.read_text() == whole and "tests.command = tox" not in app.facts()


def test_a_tombstone_is_no_edit_of_its_line(app: Place) -> None:
    """What was redacted stays redacted; a tombstone that was edited back into its line is put back itself."""
    said = app.say("Tests run with `tox`")
    app.dream()
    log = app.memory / LOG
    line = next(text for text in log.read_text().splitlines() if said in text)
    tombstone = f"{line[:16]} [redacted] <!--x {said} -->"
    for before, after in ((line, tombstone), (tombstone, line)):
        log.write_text(log.read_text().replace(before, after))
        app.mem("commit", "-qam", "Redact", KAIROS_GIT_INSIDE="1")
        app.run("dream", code=None)
        assert tombstone in log.read_text() and line not in log.read_text()


def test_facts_of_a_topic_that_is_gone_are_not_no_facts(app: Place) -> None:
    """`facts_at` is what undo compares: a damaged topic must not look like a hundred rejections."""
    app.say("Tests run with `tox`")
    app.dream()
    loose(app, "topics/tests.md").unlink()
    with pytest.raises(GitFailed, match=r"topics/tests\.md of HEAD is damaged or missing"):
        facts_at(Git(app.memory), "HEAD")


@pytest.mark.parametrize("what", ["a file", "a link to nothing", "a link to itself"])
def test_something_else_in_the_memorys_place_is_named(place: Place, what: str) -> None:
    """`init` would not help there, so nobody is sent to it; nothing is touched."""
    if what == "a file":
        place.memory.write_text("mine")
    else:
        place.memory.symlink_to("nowhere" if what == "a link to nothing" else place.memory.name)
    for words in (["init"], ["facts"], ["observe", "x"]):
        answer = place.run(*words, code=4)
        assert "not a folder" in answer.err if what == "a file" else "leads nowhere" in answer.err
        assert "--memory" in answer.err and "init" not in answer.err
    assert place.memory.is_symlink() or place.memory.read_text() == "mine"


def test_an_empty_folder_is_where_init_makes_the_memory(place: Place) -> None:
    """Every command says so, and it is so."""
    place.memory.mkdir()
    assert "kairos-git init" in place.run("facts", code=3).err
    place.run("init", "--no-hooks")

    assert place.run("fsck").code == 0


def test_a_bare_clone_is_no_memory(app: Place) -> None:
    """It has no files: exit 4, with the clone to make, which then works."""
    app.git("clone", "-q", "--bare", str(app.memory), str(app.memory.parent / "bare.git"))
    with pytest.raises(WouldOverwrite, match="git clone"):
        open_memory(str(app.memory.parent / "bare.git"))
    app.git("clone", "-q", str(app.memory.parent / "bare.git"), str(app.memory.parent / "clone"))

    assert open_memory(str(app.memory.parent / "clone")).head() == app.mem("rev-parse", "HEAD")


def test_a_moved_memory_is_linked_again(app: Place) -> None:
    """The sentence says how, before `init` makes a second, empty one."""
    moved = app.memory.rename(app.memory.parent / "elsewhere")
    assert "init --memory" in app.run("facts", code=3).err
    app.run("init", "--no-hooks", "--memory", str(moved))

    assert app.facts() and not app.memory.exists()


def test_a_work_tree_git_refuses_ends_in_a_sentence(app: Place) -> None:
    """An index that can be neither read nor made anew: mended once, then said."""
    app.mem("config", "core.bare", "true")

    assert app.run("dream", code=4).err.startswith("kairos-git: git ")


@pytest.mark.parametrize("git", ["exit 1", "echo 'fatal: no disk' >&2; exit 128", "exit 0", "kill -9 $$", None])
def test_a_git_that_does_not_work_is_named(app: Place, monkeypatch: pytest.MonkeyPatch, git: str | None) -> None:
    """Failing, silent, killed or not executable: a sentence, never a traceback; what git said is in it."""
    folder = app.root.parent / "bin"
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{git or 'exit 0'}\n")
    (folder / "git").chmod(0o755 if git else 0o644)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin" if git else str(folder))
    for words in (["facts"], ["observe", "x"], ["dream"], ["init"], ["doctor"]):
        answer = app.run(*words, code=None)
        assert answer.code in (3, 4) and answer.err.startswith("kairos-git: ") and "Traceback" not in answer.err
        assert "no disk" in answer.err or "no disk" not in str(git)


def test_a_full_disk_is_told_by_git_and_leaves_no_report(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is git's own, not that it wrote a report of its crash; the report is gone, and so is nothing else."""
    git = shutil.which("git")
    folder = app.root.parent / "bin"
    folder.mkdir()
    full = f"""for a; do [ "$a" = fast-import ] && {{ ulimit -f 1; trap "" XFSZ; }}; done; exec {git} "$@" """
    (folder / "git").write_text(f"#!/bin/sh\n{full}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    said = [app.say(f"The host number {n} is `{os.urandom(99).hex()}`") for n in range(9)]
    answer = app.run("dream", code=4)
    assert "fatal: " in answer.err and "crash report" not in answer.err and "free some space" in answer.err
    assert not list((app.memory / ".git").glob("fast_import_crash_*"))

    (folder / "git").unlink()
    app.dream()
    assert set(said) <= {o["id"] for o in app.run("log", "--json", "-n", "100").json}


def test_a_folder_that_was_removed_under_us(app: Place, tmp_path: Path) -> None:
    """The shell still stands in it: exit 3, and what to do."""
    commands = 'facts dream status init "observe x" check "recall x" "schedule status" "agents install claude --scope project"'
    script = f'mkdir gone && cd gone && rmdir ../gone && for c in {commands}; do "$0" -m kairos_git $c || echo $?; done'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip

    assert done.stdout.split() == ["3"] * 9
    assert done.stderr.count("The current folder was removed") == 9 == len(done.stderr.splitlines())


def test_an_interrupt_while_the_program_loads_is_an_interrupt(app: Place) -> None:
    """typer and all commands take half a second to import: Ctrl-C there ends with 130 and a sentence, too."""
    code = (
        "import sys, kairos_git.cli\n"
        "class Finder:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'typer':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
        "sys.argv = ['kairos-git', 'dream']\n"
        "kairos_git.cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=app.root, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (130, "kairos-git: interrupted; nothing acknowledged was lost\n")


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    """git is started in a folder; without it the sentence names the folder, not git."""
    git = Git(tmp_path / "gone")
    with pytest.raises(NotFound, match="gone is not a folder"):
        git.run("status")
    shutil.copy(__file__, tmp_path / "gone")
    with pytest.raises(NotFound, match="gone is not a folder"):
        git.run("status")
