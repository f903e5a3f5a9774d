"""The commands as a person or a script meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Place, git, run
from kairos_git import __version__

pytestmark = pytest.mark.usefixtures("isolated")


def test_init_makes_a_memory_that_explains_itself(app: Place) -> None:
    """After init: facts from the tree, one dream, every law holds, the project's status is clean."""
    facts = app.facts()

    assert facts["python.requires = >=3.11"] == "confirmed"
    assert facts["git.default-branch = main"] == "confirmed"
    assert app.run("fsck", "--json").json == {
        "ok": True,
        "commit": app.mem("rev-parse", "HEAD"),
        "dream": app.mem("rev-parse", "HEAD"),
        "problems": [],
    }
    assert app.git("status", "--porcelain") == ""
    assert app.git("config", "kairos.memory") == str(app.memory)


def test_init_again_changes_nothing(app: Place) -> None:
    """A second init sets up what is missing, and here nothing is."""
    before = app.mem("rev-parse", "HEAD")

    assert "nothing changed" in app.run("init", "--no-hooks").out
    assert app.mem("rev-parse", "HEAD") == before


def test_history_is_logged_on_its_own_days(app: Place) -> None:
    """Each commit stands in the day log of its author's local date, with source, session and commit."""
    app.write("c.py", "c = 1\n")
    app.git("add", "-A")
    app.git("commit", "-q", "-m", "Add c", GIT_AUTHOR_DATE="2026-03-01T23:30:00+09:00")
    app.dream()

    line = app.mem("show", "HEAD:log/2026/03/2026-03-01.md").splitlines()[-1]

    assert line.startswith("- 23:30:00+09:00 Add c <!--o o-")
    assert "src=commit sess=c-" in line and f"at={app.git('rev-parse', 'HEAD')[:12]}" in line


def test_a_stranger_commits_as_external(app: Place) -> None:
    """Only the local user.email and the owners of kairos.yaml speak as the owner."""
    app.commit("Use nox instead of tox", GIT_AUTHOR_EMAIL="mallory@example.org")
    app.commit("Use uv instead of pip", GIT_AUTHOR_EMAIL="grace@example.org")
    (app.memory / "kairos.yaml").write_text("owners: [grace@example.org]\n")
    app.mem("commit", "-qam", "Grace is an owner")
    app.dream()

    assert [o["src"] for o in app.run("log", "--json").json if "instead" in o["text"]] == ["external", "commit"]
    assert {k: v for k, v in app.facts().items() if k.startswith("uses")} == {"uses = uv": "tentative"}


def test_observe_is_acknowledged_and_then_found(app: Place) -> None:
    """observe prints an id; after the next dream the same words have a path and a line; saying it twice is once."""
    words = ["observe", "Tests run with `tox`", "--time", "2026-11-21T14:02:11+01:00", "--session", "s", "--json"]
    first = app.run(*words).json
    app.dream()
    again = app.run(*words).json
    done = app.dream()

    assert set(first) == {"id"}
    assert again == {"id": first["id"], "path": "log/2026/11/2026-11-21.md", "line": again["line"]}
    assert first["id"] in (app.memory / again["path"]).read_text().splitlines()[again["line"] - 1]
    assert done["dream"] is None and "nothing changed" in done["reason"]


def test_a_dream_tells_scripts_what_it_did(app: Place) -> None:
    """The JSON of a dream: the commit, and each operation with states, text and evidence."""
    said = app.say("Tests run with `tox`")
    done = app.dream()

    assert done["dream"] == done["commit"] == app.mem("rev-parse", "HEAD")
    assert [(o["op"], o["slot"], o["before"], o["after"], o["evidence"]) for o in done["ops"]] == [
        ("confirm", "tests.command", "absent", "confirmed", [said])
    ]
    assert app.run("show", done["dream"], "--json").json["ops"][0]["fact"] == done["ops"][0]["fact"]


def test_a_dream_touches_only_projections(app: Place) -> None:
    """The dream is one commit whose diff is topics, index and handoff; its trailers name tree, log and engine."""
    app.say("Tests run with `tox`")
    app.dream()
    body = app.mem("log", "-1", "--format=%B")

    assert set(app.mem("diff", "--name-only", "HEAD^", "HEAD").splitlines()) <= {"topics/tests.md", "MEMORY.md", "handoff.md"}
    assert f"Kairos-Tree: {app.mem('rev-parse', 'HEAD:topics')}" in body
    assert "Kairos-Through:" in body and "Kairos-Engine: 1" in body


def test_a_dry_run_builds_a_commit_and_lands_nothing(app: Place) -> None:
    """Its id can be shown with git; HEAD, files, spool and logs are as before."""
    said = app.say("Tests run with `tox`")
    before = app.mem("rev-parse", "HEAD")
    done = app.dream("--dry-run")

    assert said in app.mem("show", done["commit"])
    assert app.mem("rev-parse", "HEAD") == before and app.mem("status", "--porcelain") == ""
    assert "1 waiting" in app.run("status").out
    assert app.dream()["ops"] == done["ops"]


def test_why_shows_both_sides(app: Place) -> None:
    """The fact, its score, every voice with rank, root and weight, what contradicts it, and its dreams."""
    said = app.say("The staging port is `8000`", session="s")
    app.dream()
    denied = app.say("The staging port is `9000`", "agent", "t", hours=1)
    app.dream()
    reasons = app.run("why", app.fact("8000")["id"][:8], "--json").json

    assert reasons["fact"]["state"] == "contested" and reasons["score"] == 2.2
    assert [(o["id"], o["src"], o["rank"], o["root"], o["weight"]) for o in reasons["observations"]] == [
        (said, "owner", 4, "s", 2.2)
    ]
    assert [o["id"] for o in reasons["contradicted_by"]] == [denied]
    assert len(reasons["dreams"]) == 2
    assert said in app.run("why", app.fact("8000")["id"]).out


def test_what_changed_in_the_tree_is_superseded_and_what_went_is_retired(app: Place) -> None:
    """Probes are read again at each dream: no commit message had to say it."""
    app.commit("Work", {"pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.12"\n'})
    first = {o["slot"]: o["op"] for o in app.dream()["ops"] if o["op"] != "confirm"}
    app.commit("Work", {"pyproject.toml": '[project]\nname = "app"\n'})
    second = {o["slot"]: o["op"] for o in app.dream()["ops"]}

    assert first == {"python.requires": "supersede"}
    assert second == {"python.requires": "retire"}
    assert {k: v for k, v in app.facts("--all").items() if k.startswith("python.requires")} == {
        "python.requires = >=3.11": "superseded", "python.requires = >=3.12": "retired",
    }  # fmt: skip


def test_what_a_commit_announces_and_nobody_does_is_not_believed_over_the_tree(app: Place) -> None:
    """A message ended what a probe read; the tree still says it, so it is read once more, once, and stands."""
    pyproject = '[project]\nname = "app"\ndependencies = ["{}"]\n'
    app.commit("Work", {"pyproject.toml": pyproject.format("urllib3")})
    app.dream()
    app.commit("Prefer httpx over urllib3")
    app.dream()
    announced = app.facts("--all")
    again = app.dream()
    app.commit("Work", {"pyproject.toml": pyproject.format("httpx")})
    app.dream()
    done = app.facts("--all")

    slot = "python.dependencies.http"
    assert (announced[f"{slot} = urllib3"], announced[f"{slot} = httpx"]) == ("confirmed", "superseded")
    assert again["dream"] is None, "it is written down once"
    assert (done[f"{slot} = urllib3"], done[f"{slot} = httpx"]) == ("superseded", "confirmed")


def test_an_agent_is_an_agent_and_does_not_decide(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside an agent's environment every claim to be the owner is an agent's, and decisions are refused."""
    app.say("Tests run with `tox`")
    app.dream()
    monkeypatch.setenv("CLAUDECODE", "1")
    app.say("Tests run with `nox`", "owner")
    app.dream()

    assert app.fact("nox")["state"] == "tentative"
    assert app.run("log", "--src", "agent", "--json").json[-1]["session"] == "agent-2026-11-21"
    for words in (["reject", "f-xxxx"], ["allow", "f-xxxx"], ["confirm", "f-xxxx"], ["adopt"], ["revert", "HEAD"]):
        answer = app.run(*words, code=1)
        assert "CLAUDECODE" in answer.err and "Traceback" not in answer.err


def test_a_batch_is_all_or_nothing(app: Place, tmp_path: Path) -> None:
    """One bad row and nothing is written; each bad row is named with its line."""
    rows = [
        {"text": "Tests run with `tox`", "src": "owner", "time": "2026-11-21T10:00:00Z"},
        {"text": ""},
        {"src": "owner"},
        {"text": "x", "src": "memory"},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\nnot json\n[1]\n")
    answer = app.run("observe", "--batch", str(path), code=2)

    assert [f"{path}:{n}:" in answer.err for n in range(1, 7)] == [False, True, True, True, True, True]
    assert app.dream()["dream"] is None
    path.write_text(json.dumps(rows[0]) + "\n")
    assert app.run("observe", "--batch", str(path), "--json").json["count"] == 1
    assert app.dream()["ops"][0]["op"] == "confirm"


def test_a_secret_never_reaches_the_memory(app: Place) -> None:
    """Neither spool nor log nor any git object holds what was redacted; private spans neither."""
    token = "ghp_" + "a1B2c3D4e5" * 4
    app.run("observe", f"The token is {token} <private>and my birthday is in May</private>, keep it")
    app.commit(f"Deploy with {token}")
    spool = (app.memory / ".git/kairos/spool/observations").read_text()
    app.dream()
    objects = app.mem("cat-file", "--batch-all-objects", "--batch")

    assert "[redacted:" in spool and "[private]" in spool
    assert token not in spool + objects and "birthday" not in spool + objects


def test_a_dream_that_loses_too_much_is_not_landed(place: Place) -> None:
    """Law 8: more than ten facts and a quarter of them gone, with nothing in their place: exit 6, the commit's id, HEAD as it was."""
    scripts = {f"check-{n}": f"eslint src/{n}" for n in range(20)}
    place.commit("Initial commit", {"package.json": json.dumps({"name": "x", "scripts": scripts})})
    place.run("init", "--no-hooks")
    assert len(place.facts()) > 15
    place.commit("Away with it", {"package.json": "{}"})
    answer = place.dream(code=6)
    built = next(w for w in answer.err.split() if len(w) == 40)

    assert "law 8" in answer.err
    assert "dream:" in place.mem("log", "-1", "--format=%s", built)
    assert built not in place.mem("log", "--format=%H").split()
    assert len(place.facts()) > 15 and place.mem("status", "--porcelain") == ""


def test_hooks_note_commits_and_a_drain_reads_them(place: Place) -> None:
    """With hooks installed, a commit is in the log without anybody asking; uninstall leaves git as it was."""
    place.commit("Initial commit", {"a": "1"})
    before = sorted(p.name for p in (place.root / ".git/hooks").iterdir())
    place.run("init", "--now", place.tick().isoformat())
    place.commit("Second commit", {"a": "2"})
    place.run("drain", "--now", place.tick().isoformat())

    assert place.run("log", "--json").json[-1]["text"] == "Second commit"
    assert place.run("hooks", "status", "--json").json[0]["state"] == "installed"
    place.run("uninstall")
    assert sorted(p.name for p in (place.root / ".git/hooks").iterdir()) == before
    assert "kairos" not in (place.root / ".git/config").read_text()
    assert place.memory.is_dir()


def test_a_linked_worktree_shares_the_memory(app: Place, tmp_path: Path) -> None:
    """The link is in the common git config, so a worktree elsewhere finds it."""
    app.git("worktree", "add", "-q", str(tmp_path / "elsewhere" / "tree"), "-b", "side")

    assert run(tmp_path / "elsewhere" / "tree", "status", "--json").json["memory"] == str(app.memory)


def test_status_is_one_glance(app: Place) -> None:
    """Counts by state, the last dream, what waits; as text and as JSON."""
    app.say("Tests run with `tox`")
    seen = app.run("status", "--json").json

    assert seen["waiting"] == 1 and seen["facts"]["confirmed"] >= 2 and seen["dream"]["subject"].startswith("dream:")
    assert "1 waiting" in app.run("status").out


def test_doctor_finds_what_was_set_wrong(app: Place) -> None:
    """A setting that somebody changed is named, with what to do; exit 1; init mends it."""
    app.run("init")
    assert app.run("doctor", "--json").json["ok"]
    app.mem("config", "core.fsync", "none")
    answer = app.run("doctor", code=1)

    assert "BAD  memory: core.fsync = none" in answer.out and "kairos-git init" in answer.out
    app.run("init")
    app.run("doctor")


def test_the_version_is_printed(tmp_path: Path) -> None:
    """With and without a subcommand's help around it."""
    assert run(tmp_path, "--version").out == f"kairos-git {__version__}\n"


def test_a_reader_that_goes_away_is_no_error(app: Place) -> None:
    """`kairos-git log | head -1` ends quietly."""
    done = subprocess.run(
        f"{sys.executable} -m kairos_git log | head -1",
        shell=True,
        cwd=app.root,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )

    assert done.stderr == ""


def test_a_branch_teaches_that_branch_until_it_is_merged(app: Place) -> None:
    """A commit on an unmerged branch counts under {branch=…}; after a squash merge it counts for all."""
    app.say("Tests run with `tox`", session="o")
    app.git("switch", "-qc", "exp")
    app.commit("Use nox instead of tox", {"noxfile.py": "x = 1\n"})
    app.dream()
    on_branch = app.facts()
    app.git("switch", "-q", "main")
    app.git("merge", "-q", "--squash", "exp")
    app.commit("Bring the experiment in")
    app.dream()

    assert on_branch["uses{branch=exp} = nox"] == "tentative" and on_branch["tests.command = tox"] == "confirmed"
    assert "uses = nox" in app.facts()


def test_reverts_tags_pushes_and_deleted_branches_are_observed(app: Place, tmp_path: Path) -> None:
    """What happened in git without a hook is read from refs and reflog."""
    git(tmp_path, "init", "-q", "--bare", "far.git")
    app.git("remote", "add", "origin", str(tmp_path / "far.git"))
    app.git("push", "-q", "-u", "origin", "main")
    app.dream()
    app.commit("Use nox instead of tox", {"noxfile.py": "x = 1\n"})
    app.git("revert", "--no-edit", "HEAD", when=app.tick())
    app.git("tag", "v1")
    app.git("push", "-q", "origin", "main")
    app.git("switch", "-qc", "gone")
    app.commit("Try something", {"z": "1"})
    app.dream()
    app.git("switch", "-q", "main")
    app.git("branch", "-q", "-D", "gone")
    app.dream()
    told = [o["text"] for o in app.run("log", "--json", "-n", "50").json]

    assert "Tagged `v1`" in told and "Deleted branch `gone`, which was not merged" in told
    assert any(t.startswith("Pushed `main` to `origin` (") for t in told)
    assert not [f for f in app.facts() if f.startswith("uses")]


def test_amend_and_rebase_do_not_make_new_voices(app: Place) -> None:
    """The same change under another hash has the same root."""
    app.commit("Use nox instead of tox", {"n": "1"})
    app.dream()
    app.git("commit", "-q", "--amend", "-m", "Use nox instead of tox, at last")
    app.dream()
    reasons = app.run("why", app.fact("nox")["id"], "--json").json

    assert len(reasons["observations"]) == 2 and len({o["root"] for o in reasons["observations"]}) == 1
    assert reasons["fact"]["state"] == "tentative"


def test_times_may_be_anything(app: Place) -> None:
    """Midnight, zones and a clock that steps back: each line in exactly one day, none lost."""
    stamps = [
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
        "2026-10-24T23:59:59+02:00",
        "2026-10-25T00:00:00+02:00",
        "1999-12-31T23:59:59-12:00",
    ]
    for n, stamp in enumerate(stamps):
        app.run("observe", f"Line number {n}", "--time", stamp, "--session", "s")
    app.dream()
    days = {path: path.read_text().count("Line number") for path in app.memory.glob("log/*/*/*.md")}

    assert sum(days.values()) == len(stamps)
    assert {p.stem for p, n in days.items() if n} == {"2026-10-25", "2026-10-24", "1999-12-31"}


def test_of_two_statements_in_one_second_the_later_wins(app: Place) -> None:
    """Lines have seconds, scripts are faster: what was said second is believed, every time."""
    for n in range(6):
        app.run("observe", f"Tests run with `runner-{n}`")
    done = app.run("dream", "--json").json

    assert {o["slot"]: o["text"] for o in done["ops"]} == {"tests.command": "Tests run with `runner-5`"}


def test_rows_without_a_time_keep_their_order(app: Place, tmp_path: Path) -> None:
    """The last row of a batch is the newest word."""
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"text": f"Tests run with `runner-{n}`"}) + "\n" for n in range(9)))
    app.run("observe", "--batch", str(path))

    assert [o["text"] for o in app.run("dream", "--json").json["ops"]] == ["Tests run with `runner-8`"]
