"""resident: a real `kairos-git run`, started, watched, stopped, interrupted and killed; and the loop where its parts break."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.capture.sessions.found import Found
from kairos_git.errors import Busy
from kairos_git.memory.alone import held
from kairos_git.memory.repository import open_memory
from kairos_git.runner.awake import resident, switch, ticking
from kairos_git.runner.awake.quiet import after, seen_now
from kairos_git.runner.awake.resident import Part

PATIENCE = 60.0  # seconds after which a test gives up; no test takes that long


def until(true: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"it never came: {what}"
        time.sleep(0.05)


class Running:
    """A `kairos-git run` of its own. Owns the process and the file that its words go to."""

    def __init__(self, app: Place) -> None:
        self.log = app.root.parent / "run.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kairos_git", "run"], cwd=app.root, stdout=out, stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            )  # fmt: skip

    def said(self, words: str) -> bool:
        return words in self.log.read_text()

    def children(self) -> list[int]:
        done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False)
        return [int(pid) for pid in done.stdout.split()]


@pytest.fixture
def running(app: Place) -> Iterator[Running]:
    """One that has had its first tick."""
    here = Running(app)
    memory = open_memory(str(app.memory))
    try:
        until(lambda: os.path.exists(os.path.join(memory.own, "tick.json")), "the first tick")
        yield here
    finally:
        here.process.kill()
        here.process.wait()


class TestARealOne:
    """`kairos-git run` as people start it."""

    def test_it_ticks_when_something_changed_and_keeps_no_child(self, app: Place, running: Running) -> None:
        """A line that was only acknowledged stands in the log a moment later; between ticks there is no child."""
        app.run("observe", "The build needs make")
        until(lambda: "The build needs make" in app.mem("log", "-p", "--format=%s", "--", "log"), "the line in the log")
        until(lambda: not running.children(), "the end of the tick")

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=["term", "int", "hup"])
    def test_a_signal_ends_it_well(self, running: Running, number: signal.Signals) -> None:
        """With exit code 0 and no child left."""
        running.process.send_signal(number)
        assert running.process.wait(PATIENCE) == 0
        assert running.children() == []

    def test_stop_ends_it_and_a_second_one_is_refused(self, app: Place, running: Running) -> None:
        """Exit code 4, before it says that it is awake; and `stop` is heard within a look."""
        second = subprocess.run(
            [sys.executable, "-P", "-m", "kairos_git", "run"], cwd=app.root, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )  # fmt: skip
        assert (second.returncode, second.stdout) == (4, "") and "at work" in second.stderr
        app.run("stop")
        assert running.process.wait(PATIENCE) == 0 and running.said("stopped: ")

    def test_killed_it_leaves_nothing_that_keeps_the_next_from_starting(self, app: Place, running: Running) -> None:
        """Its lock goes with it, and what was acknowledged meanwhile is drained by whoever comes next."""
        running.process.kill()
        running.process.wait()
        app.run("observe", "The build needs make")
        until(lambda: app.run("tick").out and "The build needs make" in app.run("log").out, "the line in the log")
        with held(open_memory(str(app.memory)).own, resident.LOCK, wait=False) as free:
            assert free

    def test_a_memory_that_is_deleted_ends_it_and_is_not_begun_anew(self, app: Place, running: Running) -> None:
        """Not even where a file is saved at that moment."""
        app.memory.rename(app.memory.with_name("elsewhere"))
        app.write("a.py", "x = 2\n")
        assert running.process.wait(PATIENCE) == 0 and running.said("is gone")
        assert not app.memory.exists()


@pytest.fixture
def found(app: Place) -> Found:
    memory = open_memory(str(app.memory))
    return Found(memory.path, memory.gitdir, str(app.root), str(app.root / ".git"))


def loop(found: Found, words: list[str], parts: list[Part], seconds: float = 1.0) -> list[str]:
    """Run the loop for a while; what it said."""
    said: list[str] = []
    ended = threading.Event()
    timer = threading.Timer(seconds, ended.set)
    timer.start()
    try:
        resident.run(found, words, parts, said.append, ended)
    finally:
        timer.cancel()
    return said


def test_a_part_that_breaks_is_said_and_the_loop_goes_on(found: Found) -> None:
    """Not a traceback that nobody reads, nor a silence."""

    def breaks(ended: threading.Event) -> None:
        raise ZeroDivisionError("oops")

    after(found, seen_now(found), datetime.now().astimezone(), float("inf"))
    said = loop(found, ["false"], [Part("files", breaks)])
    assert said == ["files broke and is off until `run` is started anew: ZeroDivisionError: oops (please report it)"]


@pytest.mark.parametrize("words", [["false"], ["/nowhere/at/all"], ["sh", "-c", "echo problem: sick; exit 3"]])
def test_what_stays_wrong_is_said_once_and_tried_ever_later(
    found: Found, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that is gone must cost no process every few seconds."""
    waited: list[float] = []
    monkeypatch.setattr(resident, "LOOK", 0.001)
    monkeypatch.setattr(resident, "_rest", lambda found, seconds, ended: (waited.append(seconds), ended.wait(0.01)))
    said = loop(found, words, [], 3.0)

    assert len(said) == 1
    assert waited[:4] == [0.002, 0.004, 0.008, 0.016] and waited == sorted(waited)


def test_only_one_loop_for_each_memory(found: Found) -> None:
    """The other raises Busy and starts no part."""
    began = threading.Event()
    with held(found.own, resident.LOCK, wait=False), pytest.raises(Busy):
        resident.run(found, ["true"], [Part("files", lambda ended: began.set())], lambda line: None, threading.Event())
    assert not began.is_set()


class TestTheSwitchInATick:
    """Thrown while a tick is at work."""

    def test_it_ends_the_tick_and_what_the_tick_started(self, app: Place) -> None:
        """A declared command that would run for an hour is gone a moment after `stop`."""
        own = open_memory(str(app.memory)).own
        code = (
            "from kairos_git.bounds import Command; from kairos_git.capture.project import find_project\n"
            "from kairos_git.runner.awake.running import run; from kairos_git.runner.awake.switch import obeyed\n"
            f"with obeyed({own!r}, 0.1): run(find_project({str(app.root)!r}), Command('long', ('sh', '-c', 'echo $$ > began; exec sleep 3600')))"
        )
        process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])})
        began = app.root / "began"
        until(lambda: began.exists() and began.read_text(), "the command's start")
        app.run("stop")

        assert process.wait(PATIENCE) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(int(began.read_text()), 0)

    def test_a_pause_that_is_a_pipe_is_not_waited_for(self, app: Place) -> None:
        """It counts as paused."""
        own = open_memory(str(app.memory)).own
        os.mkfifo(os.path.join(own, switch.PAUSE))
        assert "cannot be read" in switch.asleep(own, datetime.now().astimezone())


class TestTheQuietPath:
    """What a scheduler starts day and night."""

    def test_a_second_tick_is_quiet_until_something_changes(self, app: Place) -> None:
        """A line in the spool, a saved file, a commit, a setting that is committed: each is looked at."""
        while "nothing changed" not in app.run("tick").out:
            pass
        changes: dict[str, Callable[[], object]] = {
            "a statement": lambda: app.run("observe", "The build needs make"),
            "a file": lambda: app.write("a.py", "x = 3\n"),
            "the same file again": lambda: app.write("a.py", "x = 4444\n"),
            "a branch": lambda: app.git("checkout", "-q", "-b", "other"),
            "a setting": lambda: ((app.memory / "kairos.yaml").write_text("mode: propose\n"), app.mem("commit", "-qam", "s")),
            "an agent's session": lambda: (
                (app.memory / ".git/kairos/sessions").mkdir(exist_ok=True),
                (app.memory / ".git/kairos/sessions/claude-1.json").write_text("{}"),
            ),
            "a command": lambda: (app.memory / ".git/kairos/spool/terminal").write_text("x"),
        }
        for what, change in changes.items():
            assert "nothing changed" in app.run("tick").out, what
            change()
            assert "nothing changed" not in app.run("tick").out, what
            for _ in range(5):
                if "nothing changed" in app.run("tick").out:
                    break

    def test_a_setting_that_is_wrong_is_no_reason_to_look_for_ever(self, app: Place) -> None:
        """It is said by the tick that read it, and `doctor` goes on saying it."""
        (app.memory / "kairos.yaml").write_text("foo: bar\n")
        app.mem("commit", "-qam", "settings")
        told = [app.run("tick") for _ in range(4)]
        assert "'foo' is not a setting" in told[0].err
        assert "nothing changed" in told[-1].out

    def test_another_tick_at_work_leaves_no_note_of_having_looked(self, app: Place) -> None:
        """Else what it did not see would be taken for seen."""
        own = open_memory(str(app.memory)).own
        with held(own, ticking.LOCK, wait=False):
            assert "another tick is at work" in app.run("tick").out
        assert not os.path.exists(os.path.join(own, "tick.json"))
