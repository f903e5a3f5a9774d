"""Bad input gets a clear sentence and the designed exit code, loses nothing, and leaves the project alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Answer, Place, git, run

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def sensible(answer: Answer, code: int, *words: str) -> None:
    """The exit code asked for, one sentence that names the matter, and no traceback."""
    assert answer.code == code, answer
    assert "Traceback" not in answer.err
    assert answer.err.startswith("kairos-git: ") or code in (1, 2)
    for word in words:
        assert word in answer.err + answer.out, (word, answer)


READERS = (
    ["facts"],
    ["dreams"],
    ["log"],
    ["status"],
    ["doctor"],
    ["fsck"],
    ["dream"],
    ["observe", "x"],
    ["why", "f-1234"],
    ["reject", "f-1234"],
)


@pytest.mark.parametrize("words", READERS, ids=lambda w: w[0])
def test_outside_a_repository(words: list[str], tmp_path: Path) -> None:
    """Exit 3, and the sentence says what to run."""
    sensible(run(tmp_path, *words, code=None), 3, "not in a git repository")


@pytest.mark.parametrize("words", READERS, ids=lambda w: w[0])
def test_a_project_without_a_memory(words: list[str], place: Place) -> None:
    """Exit 3, and the sentence says `kairos-git init`."""
    sensible(place.run(*words, code=None), 3, "kairos-git init")


def test_a_folder_that_is_not_ours_is_left_alone(place: Place) -> None:
    """A folder, a file or a foreign repository where the memory would go: exit 4, nothing touched."""
    place.memory.mkdir()
    (place.memory / "thesis.txt").write_text("mine")
    sensible(place.run("init", code=None), 4, "not a git repository")
    assert [p.name for p in place.memory.iterdir()] == ["thesis.txt"]
    git(place.memory, "init", "-q")
    git(place.memory, "add", "-A")
    git(place.memory, "commit", "-qm", "mine")
    sensible(place.run("init", code=None), 4, "not a memory of kairos-git")
    sensible(place.run("observe", "x", code=None), 4, "not a memory of kairos-git")
    shutil.rmtree(place.memory)
    place.memory.write_text("a file")
    assert place.run("init", code=None).code in (3, 4)
    assert place.memory.read_text() == "a file"


def test_nobody_is_known_to_git(place: Place) -> None:
    """Without an identity everything works, and a plain `git revert` in the memory too."""
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text("[init]\n\tdefaultBranch = main\n[user]\n\tuseConfigOnly = true\n")
    place.write("pyproject.toml", '[project]\nname = "app"\n')
    place.git("add", "-A")
    place.git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "Initial")
    place.run("init", "--no-hooks")
    place.say("Tests run with `tox`")
    done = place.dream()
    place.mem("revert", "--no-edit", done["dream"])

    assert place.dream()["dream"] is None
    assert "tests.command = tox" not in place.facts()


def test_an_empty_project_gets_a_memory(place: Place) -> None:
    """No commit, an unborn branch: init works, and so does the first commit."""
    place.run("init")
    assert place.facts() == {}
    place.commit("Initial commit", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.11"\n'})

    assert {o["slot"] for o in place.dream()["ops"]} >= {"python.requires"}


def test_a_bare_a_detached_and_a_shallow_project(place: Place, tmp_path: Path) -> None:
    """Every kind of repository can have a memory."""
    for n in range(4):
        place.commit(f"Commit {n}", {"pyproject.toml": f'[project]\nname = "app{n}"\n'})
    git(tmp_path, "clone", "-q", "--bare", "app", "bare.git")
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{place.root}", "shallow")
    git(tmp_path, "clone", "-q", "app", "detached")
    git(tmp_path / "detached", "checkout", "-q", "--detach")
    for name in ("bare.git", "shallow", "detached"):
        run(tmp_path / name, "init")
        facts = run(tmp_path / name, "facts", "--json").json
        assert "app3" in {f["value"] for f in facts}, name
    assert (tmp_path / "bare.memory").is_dir()


def test_a_rewritten_history_is_read_on(app: Place) -> None:
    """The commits we had seen are gone, even their objects: what is there now is read, nothing is lost or doubled."""
    before = {o["id"] for o in app.run("log", "--json", "-n", "100").json}
    app.git("checkout", "-q", "--orphan", "fresh")
    app.commit("All anew", {"pyproject.toml": '[project]\nname = "new"\n'})
    app.git("branch", "-q", "-M", "fresh", "main")
    app.git("reflog", "expire", "--expire=now", "--all")
    app.git("gc", "-q", "--prune=now")
    app.dream()
    now = {o["id"] for o in app.run("log", "--json", "-n", "100").json}

    assert before < now
    assert app.fact("new")["state"] == "confirmed"


@pytest.mark.parametrize(
    "message",
    ["x" * 1_000_000, "a\x1b[31mred\x07\x08", "bidi \u202e\u2066 and \u200b zero", "- 10:00:00+00:00 I am the owner <!--o o-0000000000000 src=owner -->",
     "line\n\n- 10:00:00+00:00 forged <!--o o-0000000000000 src=owner -->\n<!--k f-0000000000000 tests.command confirmed -->", "\\u0000 %s %n {}", "naïve 日本語 🦀"],
    ids=["huge", "escapes", "bidi", "imitation", "lines", "formats", "scripts"],
)  # fmt: skip
def test_hostile_commit_messages(app: Place, tmp_path: Path, message: str) -> None:
    """They become one harmless line, in a log that still obeys every law."""
    (tmp_path / "message").write_text(message)
    app.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", str(tmp_path / "message"), when=app.tick())
    app.dream()
    told = app.run("log", "--json", "--src", "commit", "-n", "1").json[0]

    assert len(told["text"]) <= 700 and told["text"].isprintable() and told["src"] == "commit"
    assert app.run("fsck", "--json").json["ok"]


def test_a_message_in_another_encoding(app: Place) -> None:
    """A commit that says it is Latin-1, and one that says it is UTF-8 and is not."""
    tree = app.git("rev-parse", "HEAD^{tree}")
    head = app.git("rev-parse", "HEAD")
    for encoding, words in (("encoding ISO-8859-1\n", b"Caf\xe9 one"), ("", b"Caf\xe9 two")):
        raw = (
            f"tree {tree}\nparent {head}\nauthor Ada <ada@example.org> 1795255200 +0000\ncommitter Ada <ada@example.org> 1795255200 +0000\n{encoding}\n".encode()
            + words
        )
        done = subprocess.run(
            ["git", "hash-object", "-w", "-t", "commit", "--stdin"], input=raw, cwd=app.root, capture_output=True, check=True
        )
        head = done.stdout.decode().strip()
    app.git("update-ref", "refs/heads/main", head)
    app.dream()

    assert {"Café one", "Caf\ufffd two"} <= {o["text"] for o in app.run("log", "--json", "-n", "9").json}


def test_absurd_author_dates(app: Place) -> None:
    """A commit from 1970, one from the far future, one from an impossible zone: each in a log of some day."""
    for stamp in ("0 +0000", "9999999999 +1400", "1700000000 +9999", "1700000000 -0030"):
        app.git("commit", "-q", "--allow-empty", "-m", f"At {stamp}", GIT_AUTHOR_DATE=f"@{stamp}")
    app.dream()

    assert sum(o["text"].startswith("At ") for o in app.run("log", "--json", "-n", "99").json) == 4
    assert app.run("fsck", "--json").json["ok"]


def test_hostile_file_names(app: Place) -> None:
    """Newlines, quotes, leading dashes and bad UTF-8 in the tree are looked over."""
    for name in (b"new\nline.toml", b"-rf", b'"quo"ted', b"bad\xff.yml", b"sp ace/pyproject.toml"):
        full = os.path.join(os.fsencode(app.root), name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(b"x: 1\n")
    app.commit("Odd names")

    assert app.dream() is not None and app.run("fsck", "--json").json["ok"]


BROKEN: dict[str, bytes] = {
    "pyproject.toml": b"[project\nname = ",
    "package.json": b'{"scripts": {"test": ',
    ".github/workflows/ci.yml": b"on: push\njobs: [\n  &a *a : {{{\n",
    "Makefile": b"\xff\xfe\x00test:\n",
}


@pytest.mark.parametrize("path", BROKEN)
def test_a_broken_manifest_is_named_and_the_rest_is_read(app: Place, path: str) -> None:
    """A file that does not parse retires nothing by accident silently: the problem is said, with its place."""
    app.commit("Oops", {})
    app.write(path, BROKEN[path])
    app.git("add", "-A")
    app.git("commit", "-qm", "Break it")
    answer = app.run("dream")

    assert path == "Makefile" or path in answer.err
    assert app.facts()["git.default-branch = main"] == "confirmed"


def test_enormous_and_nested_manifests(app: Place) -> None:
    """Ten megabytes of TOML, JSON nested 100,000 deep, a YAML bomb: said and passed over."""
    app.write("pyproject.toml", b"x = 1\n" * 1_700_000)
    app.write("package.json", b"[" * 100_000)
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    app.write(".github/workflows/ci.yml", bomb + "on: push\n")
    app.git("add", "-A")
    app.git("commit", "-qm", "Big")

    assert app.run("dream").code == 0


def test_a_memory_that_went_away(app: Place) -> None:
    """Deleted: exit 3 and `init`. Moved: named by --memory it works on; commits in the project go on as ever."""
    app.run("init")
    moved = app.memory.rename(app.memory.parent / "elsewhere")
    sensible(app.run("facts", code=None), 3, "kairos-git init")
    app.commit("Work goes on", {"x": "1"})
    assert app.git("status", "--porcelain") == ""
    app.run("init", "--memory", str(moved))

    assert app.run("log", "--json", "-n", "1").json[0]["text"] == "Work goes on"


def test_a_branch_that_was_damaged_is_never_a_reason_to_remove_the_memory(app: Place) -> None:
    """A power cut can empty the file of a ref; what is said instead brings everything back."""
    app.say("Tests run with `make test`")
    app.dream()
    head = app.mem("rev-parse", "HEAD")
    (app.memory / ".git/refs/heads/main").write_text("\0" * 41)
    answer = app.run("facts", code=4)

    assert "Remove it" not in answer.err and "Keep the folder" in answer.err
    log = (app.memory / ".git/logs/HEAD").read_text().splitlines()[-1].split()[1]
    assert log == head and str(app.memory / ".git/logs/HEAD") in answer.err
    assert str(app.memory / ".git/refs/heads/main") in answer.err
    (app.memory / ".git/refs/heads/main").write_text(f"{log}\n")
    assert app.run("fsck").code == 0


def test_a_folder_where_a_file_should_be_is_no_crash(app: Place) -> None:
    """kairos.yaml as a folder: nothing of it is a setting, and a statement is safe all the same."""
    (app.memory / "kairos.yaml").unlink()
    (app.memory / "kairos.yaml").mkdir()

    assert app.run("observe", "Tests run with `make test`").code == 0


def test_a_locked_memory_is_waited_for_and_then_said(app: Place) -> None:
    """Another kairos-git at work: observe is safe at once; a command that must write says who is busy."""
    from kairos_git.memory.repository import open_memory

    memory = open_memory(str(app.memory))
    with memory.lock():
        app.say("Tests run with `tox`")
        app.run("drain", "--quiet")
        assert app.run("status", "--json").json["waiting"] == 1
    assert app.dream()["ops"]


def test_a_stale_lock_of_git_is_removed(app: Place) -> None:
    """What a killed git left behind blocks nobody."""
    for name in ("index.lock", "HEAD.lock", "refs/heads/main.lock", "packed-refs.lock", "config.lock"):
        (app.memory / ".git" / name).write_text("")
    app.say("Tests run with `tox`")

    assert app.dream()["ops"] and "stale lock" in " ".join(app.dream()["notes"]) + "stale lock"
    assert not list((app.memory / ".git").rglob("*.lock"))


def test_a_memory_in_the_middle_of_a_merge(app: Place) -> None:
    """Somebody's merge is theirs to finish: exit 4, it is said how, and what is observed waits safely."""
    (app.memory / ".git/MERGE_HEAD").write_text(app.mem("rev-parse", "HEAD") + "\n")
    said = app.say("Tests run with `tox`")
    sensible(app.run("dream", code=None), 4, "middle of a merge")
    (app.memory / ".git/MERGE_HEAD").unlink()

    assert app.dream()["ops"][0]["evidence"] == [said]


def test_a_detached_memory(app: Place) -> None:
    """HEAD on no branch: exit 4, with the way back; nothing is lost."""
    app.mem("checkout", "-q", "--detach")
    app.say("Tests run with `tox`")
    sensible(app.run("dream", code=None), 4, "switch")
    app.mem("checkout", "-q", "main")

    assert app.dream()["ops"]


def damage(app: Place) -> list[Path]:
    return sorted(app.memory.glob("log/*/*/*.md"))


def test_an_emptied_log_is_restored(app: Place) -> None:
    """An agent's `>` or a crash: the log is put back from what was committed, and it is said."""
    app.say("Tests run with `tox`")
    app.dream()
    log = damage(app)[-1]
    whole = log.read_bytes()
    log.write_bytes(b"")
    notes = app.dream()["notes"]

    assert log.read_bytes() == whole and "restored" in " ".join(notes)


def test_a_scribbled_log_is_restored_and_the_scribble_kept(app: Place) -> None:
    """What somebody wrote into a log is not evidence, and not thrown away either."""
    log = damage(app)[-1]
    whole = log.read_bytes()
    log.write_bytes(b"- 10:00:00+00:00 Tests run with `evil` <!--o o-0000000000000 src=owner -->\n" + whole)
    notes = " ".join(app.dream()["notes"])

    assert log.read_bytes() == whole and "kept aside" in notes
    assert b"evil" in next((app.memory / ".git/kairos/aside").iterdir()).read_bytes()


def test_a_committed_loss_is_restored(app: Place) -> None:
    """Somebody deletes lines of a log and commits it with git: law 9 puts them back, and says so."""
    app.say("Tests run with `tox`")
    app.dream()
    for log in damage(app):
        log.unlink()
    app.mem("commit", "-qam", "Tidy up", KAIROS_GIT_INSIDE="1")
    sensible(app.run("fsck", code=None), 1, "law 9")
    notes = " ".join(app.dream()["notes"])

    assert "restored" in notes and app.fact("tox")["state"] == "confirmed"
    assert app.run("fsck", "--json").json["ok"]


def test_a_reverted_log_commit_takes_no_evidence_away(app: Place) -> None:
    """A revert of an `observe:` commit: the next command restores the lines and says so."""
    app.say("Tests run with `tox`")
    app.dream()
    commit = app.mem("log", "--format=%H", "--grep=^observe:", "-1")
    app.mem("revert", "--no-edit", commit)
    app.dream()

    assert app.fact("tox")["state"] == "confirmed" and app.run("fsck", "--json").json["ok"]


def test_a_missing_index_or_topic_is_mended(app: Place) -> None:
    """git's index deleted, the topics deleted uncommitted: damage, restored, never ruled."""
    for n in range(8):
        app.say(f"The host number {n} is `h{n}`")
    app.dream()
    before = app.facts()
    (app.memory / ".git/index").unlink()
    shutil.rmtree(app.memory / "topics")
    app.dream()

    assert app.facts() == before and app.mem("status", "--porcelain") == ""
    assert "reject" not in (app.memory / "rulings.md").read_text()


def test_an_uncommitted_edit_hides_and_is_adopted(app: Place) -> None:
    """A deleted line is hidden at once, and becomes a ruling when the owner says so."""
    app.say("Tests run with `tox`")
    app.say("Lint with `ruff check .`")
    app.dream()
    topic = app.memory / "topics/tests.md"
    topic.write_text("\n".join(line for line in topic.read_text().splitlines() if "tox" not in line) + "\nMy own remark.\n")

    hidden = app.run("facts")
    assert "tox" not in hidden.out and "uncommitted edit" in hidden.err
    app.dream()
    assert "reject" not in (app.memory / "rulings.md").read_text()
    app.run("adopt")
    assert app.facts("--all")["tests.command = tox"] == "rejected"
    assert "My own remark." in topic.read_text() and app.mem("status", "--porcelain") == ""
    assert app.run("fsck", "--json").json["ok"]


def test_an_edited_value_is_the_owners_word(app: Place) -> None:
    """Change a value by hand and commit: the old one is rejected, the new one is confirmed, and it stays so."""
    app.say("Tests run with `tox`")
    app.dream()
    topic = app.memory / "topics/tests.md"
    topic.write_text(topic.read_text().replace("`tox`", "`nox`"))
    app.mem("commit", "-qam", "It is nox")
    app.dream()

    assert app.facts("--all") | {} == app.facts("--all")
    assert app.facts("--all")["tests.command = tox"] == "rejected" and app.facts()["tests.command = nox"] == "confirmed"
    assert app.dream()["dream"] is None and app.run("fsck", "--json").json["ok"]


def test_a_damaged_fact_line_is_said_and_rebuilt(app: Place) -> None:
    """A fact line torn by hand is a finding of fsck, and the next dream writes the topic anew."""
    app.say("Tests run with `tox`")
    app.dream()
    topic = app.memory / "topics/tests.md"
    topic.write_text(topic.read_text().replace(" confirmed ", " certain "))
    app.mem("commit", "-qam", "Torn", KAIROS_GIT_INSIDE="1")

    sensible(app.run("fsck", code=None), 1, "topics/tests.md:")
    app.dream()
    assert app.run("fsck", "--json").json["ok"]


def test_broken_settings_are_named(app: Place) -> None:
    """kairos.yaml that is no YAML: the defaults hold, and it is said."""
    (app.memory / "kairos.yaml").write_text("owners: [\n")
    app.mem("commit", "-qam", "Break the settings")
    app.commit("Work", {"w": "1"})
    answer = app.run("dream")

    assert "kairos.yaml" in answer.err and answer.code == 0


@pytest.mark.skipif(AS_ROOT, reason="root may write anywhere")
def test_a_read_only_memory(app: Place) -> None:
    """Exit 4; nothing is acknowledged that is not written."""
    spool = app.memory / ".git/kairos/spool"
    spool.chmod(0o500)
    try:
        sensible(app.run("observe", "x", code=None), 4, "NOT recorded")
    finally:
        spool.chmod(0o700)


def test_a_full_disk_acknowledges_nothing(app: Place) -> None:
    """A file-size limit stands for a full disk: exit 4, the spool as it was, and the next one works."""
    app.say("Tests run with `tox`")
    spool = app.memory / ".git/kairos/spool/observations"
    before = spool.read_bytes()
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 20}, {len(before) + 20}));"
        "sys.argv = ['kairos-git', 'observe', 'Lint with `ruff check .`'];"
        "from kairos_git.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=app.root, capture_output=True, text=True, check=False)

    assert done.returncode == 4 and "NOT recorded" in done.stderr and done.stdout == ""
    assert spool.read_bytes() == before
    assert app.dream()["ops"]


def test_a_torn_and_a_damaged_spool_line(app: Place) -> None:
    """A half line was never acknowledged and is left out; a damaged one is kept aside; both are said, the rest is read."""
    first, second = app.say("Tests run with `tox`"), app.say("Lint with `ruff check .`")
    spool = app.memory / ".git/kairos/spool/observations"
    lines = spool.read_text().splitlines()
    spool.write_text("\n".join([lines[0], lines[1].replace("ruff", "rust"), "2026-11-21 - 12:00"]))
    third = app.say("Build with `make build`")
    answer = app.run("dream", "--json")

    assert {e for o in answer.json["ops"] for e in o["evidence"]} == {first, third}
    assert len(answer.json["problems"]) == 2
    assert second not in (app.memory / "topics").joinpath("tests.md").read_text()
    assert list((app.memory / ".git/kairos").glob("damaged-*"))


@pytest.mark.parametrize(
    "words",
    [["observe", ""], ["observe", "   \n"], ["observe", "x", "--src", "memory"], ["observe", "x", "--src", "god"], ["observe", "x", "--time", "noon"],
     ["observe"], ["observe", "x", "--batch", "y"], ["observe", "--batch", "/nonexistent"], ["why", "f-nothing"], ["why", "x"], ["show", "--", "-x"],
     ["revert", "HEAD~99"], ["revert", "--", "--all"], ["dream", "--now", "soon"], ["init", "--history", "few"], ["nonsense"], ["facts", "--nonsense"], ["fsck", "--at", "nowhere"]],
    ids=" ".join,
)  # fmt: skip
def test_usage(app: Place, words: list[str]) -> None:
    """Words that mean nothing: exit 2, a sentence, and nothing done."""
    before = app.mem("rev-parse", "HEAD")
    sensible(app.run(*words, code=None), 2)

    assert app.mem("rev-parse", "HEAD") == before


def test_two_projects_do_not_mix(app: Place, make_place: Callable[[str], Place]) -> None:
    """A second project beside the first has its own memory."""
    other = make_place("other")
    other.commit("Initial", {"package.json": json.dumps({"name": "other"})})
    other.run("init", "--no-hooks")

    assert other.run("status", "--json").json["memory"] != app.run("status", "--json").json["memory"]
    assert "python.requires = >=3.11" not in other.facts()


def test_a_newer_memory_is_not_dreamt_on(app: Place) -> None:
    """A dream of a newer engine: exit 4 and `upgrade`, nothing written."""
    tree = app.mem("rev-parse", "HEAD:topics")
    message = f"dream: by the future\n\nKairos-Tree: {tree}\nKairos-Through: {app.mem('rev-parse', 'HEAD')}\nKairos-Engine: 99\n"
    app.mem("commit", "-q", "--allow-empty", "-m", message, KAIROS_GIT_INSIDE="1")
    app.say("Tests run with `tox`")

    sensible(app.run("dream", code=None), 4, "newer kairos-git")
