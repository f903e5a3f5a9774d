"""Telling systemd, launchd or cron of a schedule, asking them about it, and taking it back without a trace.

The one rule: only what carries the schedule's name is ever written or removed, and a crontab that cannot be read is never written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from kairos_git.errors import KairosError, NotFound, NotWritable
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.repository import Memory
from kairos_git.runner.schedule.units import (
    HOWS,
    Schedule,
    check_paths,
    cron_line,
    launchd_plist,
    line_of,
    schedule_name,
    systemd_units,
    tick_script,
    with_line,
)  # fmt: skip
from kairos_git.settings import config_folder

SECONDS = 20.0  # for an answer of systemctl, launchctl or crontab
NOTE = "schedule.json"
SCRIPT = "tick.sh"


class Standing(NamedTuple):
    """A schedule as it stands with one scheduler. state: installed, stale, off or missing."""

    how: str
    state: str
    where: str
    note: str = ""


class Said(NamedTuple):
    """What a program answered; code 127 where it is not there."""

    code: int
    out: str
    err: str


def schedule_of(memory: Memory, project: str, command: Sequence[str], minutes: int) -> Schedule:
    """The schedule of a project. Raises UsageError for paths that cannot be told to a scheduler."""
    name = schedule_name(project)
    keys = os.path.join(config_folder("XDG_CONFIG_HOME", "~/.config"), "kairos-git", "environment")
    made = Schedule(name, project, tuple(command), minutes, os.path.join(memory.own, SCRIPT), keys)
    check_paths(made)
    return made


def scheduled(memory: Memory) -> Schedule | None:
    """The schedule that was installed for this memory, as noted then; None where there is none."""
    try:
        fields = json.loads(read_regular(os.path.join(memory.own, NOTE)) or b"")
        texts = {name: str(fields[name]) for name in ("name", "project", "keys")}
        script = os.path.join(memory.own, SCRIPT)  # never a path out of a file: it is what `uninstall` deletes
        return Schedule(command=tuple(map(str, fields["command"])), minutes=int(fields["minutes"]), script=script, **texts)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def best() -> str:
    """The scheduler of this machine. Raises NotFound where it has none."""
    if sys.platform == "darwin":
        return "launchd"
    if _ask("systemctl", "--user", "show-environment").code == 0:
        return "systemd"
    if _ask("crontab", "-l").code != 127:
        return "cron"
    raise NotFound(
        "Neither systemd (for this user), launchd nor cron is here. Let what you have run `kairos-git tick` every few minutes."
    )


def plan(s: Schedule, how: str, essentials: Mapping[str, str]) -> dict[str, bytes]:
    """path -> content of every file; for cron the line is `crontab` -> the whole crontab as it would be."""
    files = {s.script: tick_script(s, essentials).encode()}
    if how == "systemd":
        files |= {os.path.join(_units(), name): text.encode() for name, text in systemd_units(s).items()}
    elif how == "launchd":
        files[_agent(s)] = launchd_plist(s)
    return files


def install(memory: Memory, s: Schedule, how: str, essentials: Mapping[str, str]) -> list[str]:
    """Write it down and switch it on; what is worth saying. Raises KairosError where the scheduler refuses, or the tick would not start."""
    _try(s, essentials)
    crontab = _crontab() if how == "cron" else ""
    for other in HOWS:
        if other != how:
            _remove(s, other)
    for path, content in plan(s, how, essentials).items():
        if read_regular(path) != content:
            write_whole(path, content)
    os.chmod(s.script, 0o700)
    notes = _switch_on(s, how, crontab)
    write_whole(os.path.join(memory.own, NOTE), json.dumps(s._asdict()).encode())
    return notes


def uninstall(memory: Memory, s: Schedule) -> list[str]:
    """Take it away from every scheduler; where it was."""
    found = [where for how in HOWS if (where := _remove(s, how))]
    for path in (s.script, os.path.join(memory.own, NOTE)):
        if os.path.lexists(path):
            os.unlink(path)
            found += [path] if path == s.script else []
    return found


def standing(s: Schedule, essentials: Mapping[str, str]) -> list[Standing]:
    """How it stands with each scheduler that knows of it; none where it is not installed."""
    found = []
    script = read_regular(s.script)
    for how in HOWS:
        where = _where(s, how)
        if not where:
            continue
        wanted = plan(s, how, essentials)
        old = [p for p, content in wanted.items() if p != s.script and read_regular(p) != content]
        if how == "cron" and line_of(_crontab(), s.name) != cron_line(s):
            old.append(where)
        state, note = _running(s, how)
        if script is None:
            state, note = "off", f"{s.script} is gone; install again"
        elif old and state == "installed":
            state, note = "stale", f"{old[0]} is not as it would be written now; install again"
        found.append(Standing(how, state, where, note))
    return found


def _try(s: Schedule, essentials: Mapping[str, str]) -> None:
    """Start the program as a scheduler will."""
    words = [*s.command[: s.command.index("tick")], "--version"] if "tick" in s.command else list(s.command)
    said = _ask(*words, env=dict(essentials), folder=s.project)
    if said.code:
        raise KairosError(
            f"{' '.join(words)} does not start in the environment of a scheduler: {said.err.strip()[-300:] or said.code}. Nothing was written."
        )


def _switch_on(s: Schedule, how: str, crontab: str) -> list[str]:
    if how == "systemd":
        _must("systemctl", "--user", "daemon-reload")
        _must("systemctl", "--user", "enable", "--now", f"{s.name}.timer")
        lingers = _ask("loginctl", "show-user", str(os.getuid()), "--property=Linger").out.strip()
        return ["it ticks while you are logged in; `loginctl enable-linger` lets it go on"] if lingers == "Linger=no" else []
    if how == "launchd":
        _ask("launchctl", "bootout", f"gui/{os.getuid()}/{s.name}")
        _must("launchctl", "bootstrap", f"gui/{os.getuid()}", _agent(s))
        return []
    _write_crontab(with_line(crontab, s.name, cron_line(s)))
    return ["cron makes up for nothing: what the machine sleeps through is caught up by the next tick"]


def _remove(s: Schedule, how: str) -> str:
    """Take it from one scheduler; where it was, "" where it was not."""
    where = _where(s, how)
    if not where:
        return ""
    if how == "cron":
        _write_crontab(with_line(_crontab(), s.name, None))
        return where
    if how == "systemd":
        _ask("systemctl", "--user", "disable", "--now", f"{s.name}.timer")
        wants = os.path.join(_units(), "timers.target.wants", f"{s.name}.timer")
        data = config_folder("XDG_DATA_HOME", "~/.local/share")
        stamp = os.path.join(data, "systemd", "timers", f"stamp-{s.name}.timer")  # of Persistent=true, systemd.timer(5)
        paths = [*(os.path.join(_units(), name) for name in systemd_units(s)), wants, stamp]
    else:
        _ask("launchctl", "bootout", f"gui/{os.getuid()}/{s.name}")
        paths = [where]
    for path in paths:
        with suppress(FileNotFoundError):
            os.unlink(path)
    if how == "systemd":
        with suppress(OSError):  # it stays where others are wanted as well
            os.rmdir(os.path.join(_units(), "timers.target.wants"))
        _ask("systemctl", "--user", "daemon-reload")
    return where


def _where(s: Schedule, how: str) -> str:
    """Where a scheduler has it, "" where it has not."""
    if how == "cron":
        return "crontab" if line_of(_crontab(missing_ok=True), s.name) is not None else ""
    path = os.path.join(_units(), f"{s.name}.timer") if how == "systemd" else _agent(s)
    return path if os.path.lexists(path) else ""


def _running(s: Schedule, how: str) -> tuple[str, str]:
    """(installed or off, what the scheduler says of it)."""
    if how == "systemd":
        said = _ask("systemctl", "--user", "show", f"{s.name}.timer", "--property=ActiveState,NextElapseUSecRealtime")
        fields = dict(line.split("=", 1) for line in said.out.splitlines() if "=" in line)
        if fields.get("ActiveState") != "active":
            return "off", "systemd does not run it: " + (said.err.strip().splitlines() or ["install again"])[0]
        return "installed", f"next {fields.get('NextElapseUSecRealtime') or 'soon'}"
    if how == "launchd" and _ask("launchctl", "print", f"gui/{os.getuid()}/{s.name}").code:
        return "off", "launchd does not run it; install again"
    return "installed", ""


def _units() -> str:
    return os.path.join(config_folder("XDG_CONFIG_HOME", "~/.config"), "systemd", "user")


def _agent(s: Schedule) -> str:
    return os.path.expanduser(f"~/Library/LaunchAgents/{s.name}.plist")


def _crontab(*, missing_ok: bool = False) -> str:
    """The user's crontab as it stands, "" where they have none. Raises KairosError where it cannot be read: then it is not written."""
    said = _ask("crontab", "-l")
    if said.code == 0:
        return said.out
    if "no crontab" in said.err.lower() or (missing_ok and said.code == 127):
        return ""
    if missing_ok:
        return ""
    raise KairosError(f"The crontab cannot be read ({said.err.strip() or said.code}); it is left as it is.")


def _write_crontab(text: str) -> None:
    if text:
        _must("crontab", "-", stdin=text)
    else:
        _must("crontab", "-r")
    if (_crontab() if text else "") != text:
        raise NotWritable("The crontab is not as it was written; look at it with `crontab -l`.")


def _must(*words: str, stdin: str = "") -> None:
    said = _ask(*words, stdin=stdin)
    if said.code:
        raise KairosError(f"`{' '.join(words)}` failed: {said.err.strip() or said.code}. See `kairos-git schedule status`.")


def _ask(*words: str, stdin: str = "", env: dict[str, str] | None = None, folder: str | None = None) -> Said:
    try:
        done = subprocess.run(
            words,
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=SECONDS,
            env=env,
            cwd=folder,
            check=False,
        )
    except (FileNotFoundError, NotADirectoryError):
        return Said(127, "", f"{words[0]} is not here")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Said(126, "", str(error))
    return Said(done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "replace"))
