"""What was acknowledged or put into place was on the disk first, by the system calls that were made."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from bench import defects
from bench.kills import KAIROS, Stage, missing
from bench.traces import judge, judged, trace

from conftest import Place

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")


@pytest.mark.parametrize("command", ["observe", "observe first", "drain", "dream", "revert"])
def test_what_is_put_into_place_was_synced_first(command: str, tmp_path: Path) -> None:
    """Every file that is renamed or linked, git's objects and refs included, and every acknowledged line; not git's index."""
    found = judged(Stage(tmp_path), command, tmp_path / "trace")
    assert found.amiss == ()
    assert found.synced >= 1
    assert found.acknowledged == command.startswith("observe")
    assert command.startswith("observe") or found.placed >= 5


def test_the_first_line_in_a_fresh_clone_is_safe_with_its_folders(app: Place, tmp_path: Path) -> None:
    """No command has run there: the folders made for the line are synced before it is acknowledged."""
    app.git("clone", "-q", ".", str(tmp_path / "b"))
    app.git("clone", "-q", str(app.memory), str(tmp_path / "b.memory"))
    text, out = trace(["observe", "cache.backend = `redis`", "--json"], tmp_path / "b", tmp_path / "trace")
    found = judge(text, tmp_path / "b", tmp_path / "b.memory", (), json.loads(out)["id"])
    assert (found.amiss, found.acknowledged) == ((), 1)


def test_a_line_written_while_a_drain_takes_the_spool_is_safe_with_its_folder(app: Place, tmp_path: Path) -> None:
    """The segment is renamed between opening and locking: the new one's folder is synced before the line is acknowledged."""
    app.say("cache.backend = `redis`")
    spool = app.memory / ".git/kairos/spool"
    log = tmp_path / "trace"
    with (spool / "observations").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        command = [
            "strace",
            "-f",
            "-y",
            "-qq",
            "-s",
            "400",
            "-o",
            str(log),
            *KAIROS,
            "observe",
            "mail.backend = `smtp`",
            "--json",
        ]
        writer = subprocess.Popen(command, cwd=app.root, stdout=subprocess.PIPE, text=True)
        while not (log.exists() and "LOCK_EX" in log.read_text(errors="replace")):
            time.sleep(0.02)
        os.rename(spool / "observations", spool / "taken-000001")
    out, _ = writer.communicate()
    text = "\n".join(line for line in log.read_text(errors="replace").splitlines() if " resumed>" not in line)
    found = judge(text, app.root, app.memory, ["taken-000001"], json.loads(out)["id"])
    assert (found.amiss, found.acknowledged) == ((), 1)
    app.dream()
    assert {"cache.backend = redis", "mail.backend = smtp"} <= set(app.facts())


@pytest.mark.parametrize("defect", ["nothing is synced", "git syncs what it likes"])
def test_a_build_that_does_not_sync_is_caught(defect: str, tmp_path: Path) -> None:
    """The trace can fail: without our fsync the answer comes too soon, without git's a ref is put into place too soon."""
    commands = ["observe"] if defect == "nothing is synced" else ["dream"]
    assert "sync" in defects.caught(defect, tmp_path, "traces.broken", commands, str(tmp_path / "stage"))
