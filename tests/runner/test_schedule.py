"""A tick every few minutes: what each scheduler is told, that it would run, and that it goes without a trace."""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Place, run
from kairos_git.errors import UsageError
from kairos_git.memory.repository import open_memory
from kairos_git.runner.schedule import schedulers
from kairos_git.runner.schedule.units import (
    MINUTES,
    Schedule,
    calendar,
    check_paths,
    cron_line,
    format_every,
    launchd_plist,
    line_of,
    parse_every,
    schedule_name,
    systemd_units,
    tick_script,
    with_line,
)  # fmt: skip
from kairos_git.settings import essentials

ODD = '/home/ada/a b/100% "it\'s" $HOME \\x ü'
ODDLY = Schedule(
    "kairos-git-a-12345678",
    ODD,
    ("/usr/bin/python3", "-P", "-m", "kairos_git", "tick", "--project", ODD),
    15,
    f"{ODD}/tick.sh",
    "/k",
)

# Stands for crontab(1): keeps one file, and answers as it does where there is none.
CRONTAB = """#!/bin/sh
case $1 in
-l) [ -f "$CRONTAB_FILE" ] && cat "$CRONTAB_FILE" || { echo "no crontab for ada" >&2; exit 1; } ;;
-r) rm "$CRONTAB_FILE" ;;
-) cat >"$CRONTAB_FILE" ;;
esac
"""
# Stands for systemctl(1) --user: notes what it was asked, and knows of one timer whether it is on.
SYSTEMCTL = """#!/bin/sh
echo "$*" >>"$SYSTEMCTL_FILE"
case "$*" in
*enable*) touch "$SYSTEMCTL_FILE.on" ;;
*disable*) rm -f "$SYSTEMCTL_FILE.on" ;;
*show\\ kairos*) [ -f "$SYSTEMCTL_FILE.on" ] && echo ActiveState=active || echo ActiveState=inactive ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose systemctl and crontab are ours to look at; the owner's own are never touched."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("crontab", CRONTAB), ("systemctl", SYSTEMCTL), ("loginctl", "#!/bin/sh\necho Linger=no\n")):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CRONTAB_FILE", str(tmp_path / "crontab"))
    monkeypatch.setenv("SYSTEMCTL_FILE", str(tmp_path / "asked"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() or p.is_symlink()}


@pytest.mark.parametrize("how", ["systemd", "cron"])
def test_it_is_shown_then_written_then_gone_without_a_trace(how: str, app: Place, machine: Path) -> None:
    """A dry run and a refusal change nothing; a second time changes nothing; taken away, every byte is as before."""
    (machine / "crontab").write_text("MAILTO=ada\n5 4 * * * backup\n")
    home = Path(os.environ["HOME"])
    before = files(home), (machine / "crontab").read_bytes()
    shown = app.run("schedule", "install", "--how", how, "--dry-run").out
    assert "tick.sh" in shown and ("crontab" if how == "cron" else "OnCalendar=*:0/15") in shown
    assert "--yes" in app.run("schedule", "install", "--how", how, code=1).err
    assert (files(home), (machine / "crontab").read_bytes()) == before
    app.run("schedule", "status", code=1)

    app.run("schedule", "install", "--how", how, "--yes")
    (row,) = app.run("schedule", "status", "--json").json
    assert (row["how"], row["state"], row["every"]) == (how, "installed", "15m")
    first = files(home), (machine / "crontab").read_bytes()
    app.run("schedule", "install", "--how", how, "--yes")
    assert (files(home), (machine / "crontab").read_bytes()) == first
    app.run("schedule", "install", "--how", how, "--yes", "--every", "2h")
    (row,) = app.run("schedule", "status", "--json").json
    assert row["every"] == "2h"

    app.run("schedule", "uninstall")
    assert (files(home), (machine / "crontab").read_bytes()) == before
    assert not (app.memory / ".git" / "kairos" / "tick.sh").exists()
    assert "no schedule" in app.run("schedule", "uninstall").out


def test_another_way_takes_the_place_of_the_first(app: Place, machine: Path) -> None:
    """One project ticks once, not twice."""
    app.run("schedule", "install", "--how", "systemd", "--yes")
    app.run("schedule", "install", "--how", "cron", "--yes")

    assert [row["how"] for row in app.run("schedule", "status", "--json").json] == ["cron"]
    app.run("schedule", "uninstall")
    assert not (machine / "crontab").exists()


def test_what_was_changed_or_switched_off_is_named(app: Place, machine: Path) -> None:
    """A unit edited by hand, a timer that systemd does not run, a script that is gone."""
    app.run("schedule", "install", "--how", "systemd", "--yes")
    timer = next((Path(os.environ["HOME"]) / ".config/systemd/user").glob("*.timer"))
    text = timer.read_text()
    timer.write_text(text.replace("0/15", "0/5"))
    assert app.run("schedule", "status", "--json", code=1).json[0]["state"] == "stale"
    timer.write_text(text)
    (machine / "asked.on").unlink()
    assert app.run("schedule", "status", "--json", code=1).json[0]["state"] == "off"
    (machine / "asked.on").touch()
    (app.memory / ".git" / "kairos" / "tick.sh").unlink()
    assert "gone" in app.run("schedule", "status", code=1).out


def test_a_crontab_that_cannot_be_read_is_never_written(app: Place, machine: Path) -> None:
    """What was in it would be lost."""
    (machine / "crontab").write_text("5 4 * * * backup\n")
    (machine / "bin" / "crontab").write_text(
        '#!/bin/sh\n[ "$1" = -l ] && { echo "permission denied" >&2; exit 1; }\ncat >"$CRONTAB_FILE"\n'
    )

    assert "left as it is" in app.run("schedule", "install", "--how", "cron", "--yes", code=4).err
    assert (machine / "crontab").read_text() == "5 4 * * * backup\n"


def test_a_program_that_would_not_start_is_refused(app: Place, machine: Path) -> None:
    """Better now than every quarter of an hour, where nobody sees it."""
    memory = open_memory(str(app.memory))
    broken = schedulers.schedule_of(memory, str(app.root), [sys.executable, "-P", "-m", "no_such_module", "tick"], 15)

    with pytest.raises(Exception, match="does not start in the environment of a scheduler"):
        schedulers.install(memory, broken, "cron", essentials())
    assert not (machine / "crontab").exists()


def test_the_line_of_cron_runs_with_no_environment(app: Place, machine: Path) -> None:
    """As cron runs it: `sh -c`, no PATH, no HOME, another folder; the tick reaches the memory."""
    app.run("schedule", "install", "--how", "cron", "--yes")
    line = (machine / "crontab").read_text().rstrip("\n")
    command = line.split(" ", 5)[5].replace("\\%", "%").replace(">/dev/null 2>&1", "")
    script = Path(open_memory(str(app.memory)).own) / "tick.sh"
    script.write_text(script.read_text().replace(" tick --project", " status --project"))  # what a tick does is tested elsewhere

    done = subprocess.run(["/bin/sh", "-c", command], cwd="/", env={}, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert str(app.memory) in done.stdout
    script.unlink()
    gone = subprocess.run(["/bin/sh", "-c", command], cwd="/", env={}, capture_output=True, text=True, check=False)
    assert (gone.returncode, gone.stdout, gone.stderr) == (0, "", "")


def test_a_key_comes_from_the_owners_file_and_is_never_written(
    app: Place, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment's keys are not in what is written; the file's are in the tick's environment."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secret")
    app.run("schedule", "install", "--how", "systemd", "--yes")
    script = Path(open_memory(str(app.memory)).own) / "tick.sh"
    everything = b"".join([*files(Path(os.environ["HOME"])).values(), script.read_bytes()])
    assert b"sk-ant-secret" not in everything

    keys = Path(os.environ["HOME"]) / ".config" / "kairos-git" / "environment"
    keys.parent.mkdir(parents=True)
    keys.write_text("ANTHROPIC_API_KEY=from-the-file\n")
    lines = script.read_text().split("\n")
    script.write_text("\n".join("exec env" if line.startswith("exec ") else line for line in lines))
    done = subprocess.run(["/bin/sh", str(script)], env={}, capture_output=True, text=True, check=True)
    assert "ANTHROPIC_API_KEY=from-the-file" in done.stdout
    assert f"HOME={os.environ['HOME']}" in done.stdout


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """Its own verifier, for every interval, and for a path with all that means something to it."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    folder = tmp_path / ODD.strip("/")
    folder.mkdir(parents=True)
    (folder / "tick.sh").write_text("exit 0\n")
    made = ODDLY._replace(project=str(folder), script=str(folder / "tick.sh"))
    for name, text in systemd_units(made).items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *map(str, tmp_path.glob("*.timer")), *map(str, tmp_path.glob("*.service"))],
        capture_output=True, text=True, check=False, env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    ours = [line for line in done.stderr.split("\n") if made.name in line]
    assert ours == [], done.stderr
    for minutes in MINUTES:
        subprocess.run(["systemd-analyze", "calendar", calendar(minutes)], capture_output=True, check=True)


def test_a_percent_stays_one() -> None:
    """It is a specifier in a unit and a line end in a crontab."""
    assert cron_line(ODDLY).replace("\\%", "").count("%") == 0
    for text in systemd_units(ODDLY).values():
        assert text.replace("%%", "").count("%") == 0


def test_the_agent_of_launchd_is_a_property_list() -> None:
    """It reads back, holds the moments of an hour or a day, and `plutil` has nothing against it where it is."""
    for minutes in MINUTES:
        fields = plistlib.loads(launchd_plist(ODDLY._replace(minutes=minutes)))
        assert fields["ProgramArguments"] == ["/bin/sh", ODDLY.script]
        assert len(fields["StartCalendarInterval"]) == max(1, 60 // minutes if minutes < 60 else 1440 // minutes)
    if shutil.which("plutil"):
        subprocess.run(["plutil", "-lint", "-"], input=launchd_plist(ODDLY), check=True)


def test_the_script_says_every_odd_path_as_it_is() -> None:
    """Quotes, blanks, dollars and percents reach the program as they are."""
    text = tick_script(ODDLY._replace(project="/"), {"HOME": ODD}).replace(
        "exec /usr/bin/python3", "exec printf '%s\\n' \"$HOME\""
    )
    done = subprocess.run(["/bin/sh", "-c", text], env={}, capture_output=True, text=True, check=True)

    assert done.stdout.split("\n")[0] == ODD
    assert done.stdout.split("\n")[-2] == ODD


@given(st.text(alphabet="ab #%\n", max_size=60), st.sampled_from([ODDLY, ODDLY._replace(name="kairos-git-b-00000000")]))
def test_a_crontab_keeps_every_other_byte(crontab: str, s: Schedule) -> None:
    """Our line is put in, replaced and taken out; what others wrote stays as it was."""
    whole = crontab if not crontab or crontab.endswith("\n") else crontab + "\n"
    once = with_line(whole, s.name, cron_line(s))

    assert with_line(once, s.name, cron_line(s)) == once
    assert line_of(once, s.name) == cron_line(s)
    other = with_line(once, "kairos-git-c-11111111", cron_line(s._replace(name="kairos-git-c-11111111")))
    assert with_line(other, "kairos-git-c-11111111", None) == once
    assert with_line(once, s.name, None) == whole


@given(st.sampled_from(MINUTES))
def test_an_interval_reads_back(minutes: int) -> None:
    """`15m` is 15 minutes and `15m` again."""
    assert parse_every(format_every(minutes)) == minutes


@pytest.mark.parametrize("text", ["7m", "0m", "", "m", "15", "5h", "-5m", "1.5h", "٥m", "90m"])
def test_an_interval_no_scheduler_can_keep_is_refused(text: str) -> None:
    """cron knows only what divides an hour or a day."""
    with pytest.raises(UsageError):
        parse_every(text)


def test_two_projects_of_one_name_have_two_schedules() -> None:
    """The name says which folder, and a path with a line break is refused."""
    assert schedule_name("/a/app") != schedule_name("/b/app")
    assert schedule_name("/a/ü!").startswith("kairos-git-")
    with pytest.raises(UsageError):
        check_paths(ODDLY._replace(project="/a\nb"))


def test_what_anybody_may_write_to_is_no_place_for_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH goes into what a scheduler starts: only absolute folders that are there, and that strangers cannot fill."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    bad.chmod(0o777)
    monkeypatch.setenv("PATH", os.pathsep.join([".", str(bad), str(good), str(good), "/no/such"]))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")

    assert essentials()["PATH"] == str(good)
    assert "ANTHROPIC_API_KEY" not in essentials()


def test_a_schedule_outlives_its_project_and_can_still_be_taken_away(app: Place, machine: Path, tmp_path: Path) -> None:
    """Else its line would stand in the crontab for ever: nobody can name a project that is gone."""
    app.run("schedule", "install", "--how", "cron", "--yes")
    app.root.rename(tmp_path / "elsewhere")
    told = run(tmp_path, "schedule", "status", "--memory", str(app.memory), "--json").json
    assert [s["state"] for s in told] == ["installed"]
    run(tmp_path, "schedule", "uninstall", "--memory", str(app.memory))
    assert not (machine / "crontab").exists()


def test_what_is_taken_away_is_never_chosen_by_the_note(app: Place, machine: Path, tmp_path: Path) -> None:
    """The note is a file like any other; a path that somebody wrote into it is not deleted."""
    app.run("schedule", "install", "--how", "cron", "--yes")
    precious = tmp_path / "precious"
    precious.write_text("mine")
    note = app.memory / ".git" / "kairos" / "schedule.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"script": str(precious)}))
    app.run("schedule", "uninstall")
    assert precious.read_text() == "mine" and not (app.memory / ".git/kairos/tick.sh").exists()
