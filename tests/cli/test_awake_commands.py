"""inbox, approve, dismiss, pause, stop, resume, privacy, tick, and what status and doctor say of it: typed as people type them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.capture import spool
from kairos_git.memory.observation import observe
from kairos_git.memory.repository import open_memory
from kairos_git.runner.awake import inbox, stages
from kairos_git.runner.model.left import note_left

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHEDULE = {"name": "kairos-git-app", "project": "/app", "command": ["kairos-git", "tick"], "minutes": 15, "keys": "/keys"}
RUN = 'actions: {run: auto}\nrun:\n  mark: {command: "touch was-run", mode: auto}\n'


def settings(app: Place, text: str) -> None:
    """kairos.yaml as the owner commits it."""
    (app.memory / "kairos.yaml").write_text(text)
    app.mem("commit", "-qam", "settings", when=app.tick())


def put(app: Place, action: str, what: str, seal: str = "") -> int:
    item = inbox.put(open_memory(str(app.memory)), action, what, "a reason", NOW, seal)
    assert item is not None
    return item.number


def wished(app: Place) -> int:
    """The declared command, as a tick would have put it into the inbox."""
    from kairos_git.runner.awake.running import seal

    command = open_memory(str(app.memory)).settings().bounds.command("mark")
    assert command is not None
    return put(app, "run", "mark", seal(command))


class TestInbox:
    """What waits, and the owner's word on it."""

    def test_a_command_is_run_when_it_is_approved_and_never_twice(self, app: Place) -> None:
        """The inbox empties; the log says what was done, by whose wish; a second approval is refused."""
        settings(app, RUN)
        number = wished(app)
        assert "mark" in app.run("inbox").out and app.run("inbox", "--json").json[0]["number"] == number
        assert "ran mark: exit 0" in app.run("approve", str(number)).out
        assert (app.root / "was-run").exists()
        (app.root / "was-run").unlink()
        again = app.run("approve", str(number), code=None)
        assert again.code != 0 and "approved already" in again.err
        assert not (app.root / "was-run").exists()
        assert app.run("inbox", "--json").json == []
        assert [i["state"] for i in app.run("inbox", "--all", "--json").json] == ["approved"]
        app.run("drain")
        assert any("the owner" in o["text"] for o in app.run("log", "--src", "memory", "--json").json)

    def test_what_is_dismissed_is_not_done(self, app: Place) -> None:
        """And cannot be approved after."""
        settings(app, RUN)
        number = str(wished(app))
        assert "dismissed: mark" in app.run("dismiss", number).out
        assert app.run("approve", number, code=None).code != 0
        assert not (app.root / "was-run").exists()

    def test_a_number_that_nothing_has_is_a_usage_error(self, app: Place) -> None:
        """Exit code 2, and where to look."""
        for command in ("approve", "dismiss"):
            assert "`kairos-git inbox`" in app.run(command, "7", code=2).err

    @pytest.mark.parametrize("command", [["approve", "1"], ["dismiss", "1"], ["resume"]], ids=["approve", "dismiss", "resume"])
    def test_an_agent_decides_nothing(self, app: Place, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever it wrote into the inbox, and though it could stop everything, it cannot start it again."""
        settings(app, RUN)
        wished(app)
        app.run("stop")
        monkeypatch.setenv("CLAUDECODE", "1")
        refused = app.run(*command, code=None)
        assert refused.code != 0 and refused.err
        monkeypatch.delenv("CLAUDECODE")
        assert not (app.root / "was-run").exists()
        assert len(app.run("inbox", "--json").json) == 1 and "stopped" in app.run("tick").out

    def test_a_mode_that_was_set_to_never_since_holds(self, app: Place) -> None:
        """Also for what waited before; it stays in the inbox."""
        settings(app, RUN)
        number = str(wished(app))
        settings(app, RUN.replace("{run: auto}", "{run: never}"))
        refused = app.run("approve", number, code=None)
        assert refused.code != 0 and "never" in refused.err
        assert not (app.root / "was-run").exists() and len(app.run("inbox", "--json").json) == 1

    def test_a_cap_holds_for_what_is_approved_too(self, app: Place) -> None:
        """It stays, and may be approved tomorrow."""
        settings(app, RUN.replace("mode: auto", "mode: auto, daily: 0"))
        number = str(wished(app))
        refused = app.run("approve", number, code=None)
        assert "cap" in refused.err and f"Item {number} stays" in refused.err
        assert not (app.root / "was-run").exists() and len(app.run("inbox", "--json").json) == 1

    def test_of_six_who_approve_at_once_one_does_it(self, app: Place) -> None:
        """The look and the line in the inbox are one step."""
        settings(app, RUN.replace("touch was-run", "sh -c 'echo x >> was-run'"))
        number = str(wished(app))
        words = [sys.executable, "-P", "-m", "kairos_git", "approve", number]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        started = [subprocess.Popen(words, cwd=app.root, env=environment, stderr=subprocess.DEVNULL) for _ in range(6)]
        codes = sorted(process.wait() for process in started)
        assert codes.count(0) == 1
        assert (app.root / "was-run").read_text() == "x\n"


class TestTheSwitch:
    """pause, stop and resume."""

    def test_a_pause_ends_by_itself_and_a_stop_does_not(self, app: Place) -> None:
        """Each said by tick, status and the gates of the dream."""
        assert app.run("pause", "2h", "--now", NOW.isoformat()).out == "paused until 2026-11-22 14:00+00:00\n"
        assert "paused until" in app.run("tick", "--now", (NOW + timedelta(hours=1)).isoformat()).out
        assert "paused until" in app.run("status", "--now", NOW.isoformat()).out
        assert "closed  awake" in app.run("dream", "--why", "--now", NOW.isoformat()).out
        assert "paused" not in app.run("tick", "--now", (NOW + timedelta(hours=3)).isoformat()).out
        app.run("stop")
        assert "stopped" in app.run("tick", "--now", (NOW + timedelta(days=300)).isoformat()).out
        assert app.run("resume").out == "goes on\n"
        assert app.run("resume").out == "it was neither paused nor stopped\n"

    def test_a_span_that_is_none_is_a_usage_error(self, app: Place) -> None:
        """And nothing is paused."""
        for span in ("soon", "0", "-1h"):
            assert app.run("pause", span, code=None).code == 2
        assert "awake" in app.run("status").out and "paused" not in app.run("status").out

    def test_the_files_alone_do_it(self, app: Place) -> None:
        """For whoever has no program at hand."""
        own = Path(open_memory(str(app.memory)).own)
        (own / "pause").touch()
        assert "paused" in app.run("tick").out
        (own / "pause").unlink()
        (own / "stop").touch()
        assert "stopped" in app.run("tick").out
        (own / "stop").unlink()
        assert "stopped" not in app.run("tick").out

    def test_observations_go_on_being_written_meanwhile(self, app: Place) -> None:
        """And what the owner types works."""
        app.run("stop")
        app.run("observe", "The build needs make")
        app.run("dream")
        assert "The build needs make" in app.run("log").out


class TestSilence:
    """Each stage that had work and did none for 48 hours is named by `status` and by `doctor`."""

    def hook(self, app: Place) -> None:
        pointers = Path(open_memory(str(app.memory)).spool, "pointers.read")
        pointers.write_text("")
        os.utime(pointers, ((NOW - timedelta(days=1)).timestamp(),) * 2)
        app.now = NOW
        app.commit("Add c", {"c.py": ""})

    def drain(self, app: Place) -> None:
        spool.acknowledge(open_memory(str(app.memory)), [observe(NOW, "The build needs make", "owner", sess="s")])

    def dream(self, app: Place) -> None:
        memory = open_memory(str(app.memory))
        told = [observe(NOW, f"Part {n} talks to part {n + 1}", "owner", sess="s") for n in range(12)]
        spool.acknowledge(memory, told)
        app.run("drain", "--now", NOW.isoformat())
        stages.mark(memory, "tick", (NOW + timedelta(hours=47)).timestamp())

    def notify(self, app: Place) -> None:
        since = int(NOW.timestamp())
        state = {"times": {}, "day": "", "sent": 0, "held": [["a", "b", "normal"]], "lost": 0, "tries": 2, "next": 0,
                 "down": {"ntfy (1)": since}}  # fmt: skip
        Path(open_memory(str(app.memory)).own, "notify").write_text(json.dumps(state))

    def tick(self, app: Place) -> None:
        memory = open_memory(str(app.memory))
        Path(memory.own, "schedule.json").write_text(json.dumps(SCHEDULE))
        stages.mark(memory, "tick", NOW.timestamp())
        app.now = NOW + timedelta(hours=47)
        app.commit("Add c", {"c.py": ""})

    @pytest.mark.parametrize("stage", ["hook", "drain", "dream", "notify", "tick"])
    def test_it_is_named_with_what_to_do(self, app: Place, stage: str) -> None:
        """After 48 hours, not after one; the others are not."""
        getattr(self, stage)(app)
        soon, late = ((NOW + timedelta(hours=h)).isoformat() for h in (1, 48))

        assert app.run("status", "--json", "--now", soon).json["silent"] == {}
        assert list(app.run("status", "--json", "--now", late).json["silent"]) == [stage]
        assert f"silent   {stage}: " in app.run("status", "--now", late).out
        found = {f["what"]: f for f in app.run("doctor", "--json", "--now", late, code=1).json["findings"]}
        assert not found[f"stage: {stage}"]["ok"] and "silent" in found[f"stage: {stage}"]["advice"]
        assert [n for n, f in found.items() if n.startswith("stage: ") and not f["ok"]] == [f"stage: {stage}"]


DAMAGED = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"x"',
    b"\xff\xfe",
    b"[" * 20_000,
    b"1e999",
    b"-1",
    b"Infinity",
    b'{"at": 1e999, "print": 3}',
)


STATE: dict[str, dict[str, object]] = {
    "tick.json": {"at": 1.0, "print": "x", "wake": 1.0, "quiet": 1},
    "stages.json": {"drain": {"worked": 1.0, "tried": 1.0, "error": ""}},
    "told.json": {"proposals": ["x"], "questions": 1},
    "fresh.json": {"dreamed": 1, "batches": [[1, 2, 3]]},
    "breaker.json": {"until": "2026-11-22T12:00:00+00:00", "why": "", "last": "", "times": 1},
    "inbox.jsonl": {"number": 1, "action": "notify", "what": "x", "why": "", "at": "", "state": "open", "seal": ""},
    "trusted.json": {"mark": "x"},
    "schedule.json": dict(SCHEDULE),
    "notify": {"times": {}, "day": "", "sent": 0, "held": [["a", "b", "normal"]], "lost": 0, "tries": 0, "next": 0, "down": {"x": 1}},
    "activity/files.json": {"root": "/", "shot": {}, "edits": [["a", 1, "b", 2, 3]], "last": 1},
    "activity/terminal.json": {"lines": [], "last": 1},
    "sessions/claude-1.json": {"agent": "claude", "session": "1", "last": "2026-11-22T12:00:00+00:00"},
    "acts": {},
    "ledger": {},
    "pause": {},
}  # fmt: skip
WRONG: tuple[object, ...] = (None, "\ud800", 10**400, float("inf"))
WORDS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "x")  # times at the ends of what there is


def _damages(name: str) -> list[bytes]:
    """Everything that could stand in a file: no JSON, another kind, and each field wrong in each way."""
    found = [*DAMAGED, *(json.dumps(STATE[name] | {key: value}).encode() for key in STATE[name] for value in WRONG)]
    if name in ("acts", "pause"):
        found += [f"{w} actions dream\n".encode() if name == "acts" else w.encode() for w in WORDS]
    if name == "breaker.json":
        found += [json.dumps({"until": w, "why": "x"}).encode() for w in WORDS]
    return found


def test_no_state_file_however_damaged_breaks_a_tick_or_what_tells_of_it(app: Place) -> None:
    """Every file that ticks keep, with everything a crash, a hand or another program could leave in it: no traceback, no bug told.
    All of them are damaged at once, each in its own way, until each was in every way."""
    own = Path(open_memory(str(app.memory)).own)
    settings(app, RUN)
    app.run("tick")
    ways = {name: _damages(name) for name in STATE}
    for turn in range(max(map(len, ways.values()))):
        for name, damages in ways.items():
            path = own / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(damages[turn % len(damages)])
        for words in (["tick", "--now", NOW.isoformat()], ["tick"], ["status"]):
            answer = app.run(*words, code=None)
            assert answer.code == 0 and "bug" not in answer.err, (turn, words, answer)
        inbox.items(open_memory(str(app.memory)))
        (own / "pause").unlink()
        answer = app.run("tick", "--now", NOW.isoformat(), code=None)
        assert answer.code == 0 and "bug" not in answer.err, (turn, answer)


class TestPrivacy:
    """In plain words, from what decides it."""

    def test_nothing_leaves_by_default(self, app: Place) -> None:
        """And it says so."""
        told = app.run("privacy").out
        assert "nothing: no model" in told and "Nothing has left this machine." in told

    def test_each_way_out_is_named(self, app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """A model, GitHub, notices, a remote; what is not observed; what is kept out."""
        settings(app, "model: claude-haiku-5-5\ngithub: {poll: true}\nobserve: {terminal: false}\nprivate: [secret/**]\n")
        app.mem("remote", "add", "backup", "https://example.org/x.git")
        monkeypatch.setenv("KAIROS_NOTIFY", "ntfy://example.org/a-topic desktop://")
        told = app.run("privacy", "--json").json

        assert [line.partition(":")[0].split()[0] for line in told["leaves"]] == ["model", "GitHub", "notices", "git"]
        assert "ntfy (1)" in told["leaves"][2] and "a-topic" not in json.dumps(told)
        assert "terminal: not observed (kairos.yaml)" in told["observed"]
        assert any("secret/**" in line for line in told["hidden"])

    def test_a_desktop_alone_is_no_way_out(self, app: Place) -> None:
        """Nothing leaves the machine by it."""
        settings(app, "notify: {desktop: true}\n")
        assert "nothing: no model" in app.run("privacy").out

    def test_what_left_is_shown_byte_for_byte(self, app: Place) -> None:
        """The newest first."""
        memory = open_memory(str(app.memory))
        for n in range(12):
            note_left(memory, "notice", "ntfy (1)", f"message {n} – ünï\nsecond line".encode(), NOW)
        left = app.run("privacy", "--json").json["left"]
        assert [x["data"] for x in left] == [f"message {n} – ünï\nsecond line" for n in range(11, 1, -1)]
        assert "message 11 – ünï\nsecond line" in app.run("privacy").out
