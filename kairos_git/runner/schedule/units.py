"""A schedule: one tick every few minutes, started by systemd, launchd or cron; what is written down for each of them.

A scheduler starts a program with almost nothing: no PATH, perhaps no HOME, no key. So each schedule starts one small script of the
memory, which says what there is to know and then becomes the tick.

The one rule: pure. Every path is absolute and quoted, no key is ever written, and everything ours carries the schedule's name.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from kairos_git import resources
from kairos_git.errors import UsageError
from kairos_git.memory.fact import slug

HOWS = ("systemd", "launchd", "cron")
EVERY = 15  # minutes
MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440)  # what divides an hour or a day
MARK = "# kairos-git:"


class Schedule(NamedTuple):
    """One tick for one project.

    name     what it is called everywhere: `kairos-git-app-1a2b3c4d`
    project  its folder
    command  the whole command of a tick, its program an absolute path
    minutes  between two ticks
    script   where the small script lies that is started
    keys     a file of `NAME=value` lines, readable by its owner alone, for keys; it need not be there
    """

    name: str
    project: str
    command: tuple[str, ...]
    minutes: int
    script: str
    keys: str


def schedule_name(project: str) -> str:
    """The name of a project's schedule: its folder's, and a hash of where that lies."""
    return f"kairos-git-{slug(os.path.basename(project))[:40] or 'project'}-{sha256(os.fsencode(project)).hexdigest()[:8]}"


def parse_every(text: str) -> int:
    """`15m`, `2h` as minutes. Raises UsageError for what no scheduler can keep to."""
    number, unit = text.strip()[:-1], text.strip()[-1:]
    minutes = int(number) * {"m": 1, "h": 60, "d": 1440}.get(unit, 0) if number.isascii() and number.isdigit() else 0
    if minutes not in MINUTES:
        raise UsageError(f"--every {text}: give minutes that divide an hour or hours that divide a day: 5m, 15m, 30m, 1h, 6h.")
    return minutes


def format_every(minutes: int) -> str:
    """The inverse of `parse_every`: `15m`, `2h`."""
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


def tick_script(s: Schedule, essentials: Mapping[str, str]) -> str:
    """The script every scheduler starts. `essentials` are the names of the environment a tick needs, never a key."""
    names = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(essentials.items()))
    return _filled(
        "tick.sh", NAME=s.name, PROJECT=shlex.quote(s.project), KEYS=shlex.quote(s.keys), ESSENTIALS=names,
        COMMAND=shlex.join(s.command),
    )  # fmt: skip


def systemd_units(s: Schedule) -> dict[str, str]:
    """file name -> content of the service and its timer (systemd.service(5), systemd.timer(5))."""
    values = {
        "NAME": s.name, "WHAT": _specifiers(os.path.basename(s.project)), "PROJECT": _specifiers(s.project),
        "SCRIPT": _systemd_word(s.script), "CALENDAR": calendar(s.minutes), "DELAY": str(min(60, s.minutes * 6)),
    }  # fmt: skip
    return {f"{s.name}.{kind}": _filled(f"systemd.{kind}", **values) for kind in ("service", "timer")}


def calendar(minutes: int) -> str:
    """The moments of a day in systemd's words (systemd.time(7))."""
    if minutes < 60:
        return f"*:0/{minutes}"
    return f"0/{minutes // 60}:00" if minutes < 1440 else "*-*-* 04:00"


def launchd_plist(s: Schedule) -> bytes:
    """The agent (launchd.plist(5)). Calendar moments, unlike an interval, are made up for when the machine wakes."""
    hours = [None] if s.minutes < 60 else list(range(0, 24, s.minutes // 60)) if s.minutes < 1440 else [4]
    minutes = range(0, 60, s.minutes) if s.minutes < 60 else [0]
    moments = [{"Minute": m} if h is None else {"Hour": h, "Minute": m} for h in hours for m in minutes]
    import plistlib

    return plistlib.dumps({
        "Label": s.name, "ProgramArguments": ["/bin/sh", s.script], "StartCalendarInterval": moments, "ProcessType": "Background",
        "LowPriorityIO": True, "Nice": 10,
    })  # fmt: skip


def cron_line(s: Schedule) -> str:
    """The line of a crontab (crontab(5)). `%` is a line end there; what is printed would be mailed."""
    when = f"*/{s.minutes} * * * *" if 1 < s.minutes < 60 else "* * * * *" if s.minutes == 1 else f"0 */{s.minutes // 60} * * *"
    script = shlex.quote(s.script)
    command = f"[ ! -f {script} ] || nice -n 10 /bin/sh {script} >/dev/null 2>&1".replace("%", "\\%")
    return f"{'0 4 * * *' if s.minutes == 1440 else when} {command} {MARK}{s.name}"


def with_line(crontab: str, name: str, line: str | None) -> str:
    """A crontab with the one line of that name replaced, added, or (None) taken out; every other byte stays."""
    lines = crontab.split("\n")
    kept = [text for text in lines if not text.endswith(f"{MARK}{name}")]
    if line is None:
        return "\n".join(kept)
    where = next((n for n, text in enumerate(lines) if text.endswith(f"{MARK}{name}")), None)
    if where is not None:
        kept.insert(where, line)
        return "\n".join(kept)
    return (crontab if crontab.endswith("\n") or not crontab else crontab + "\n") + line + "\n"


def line_of(crontab: str, name: str) -> str | None:
    """Our line of a crontab, None where there is none."""
    return next((text for text in crontab.split("\n") if text.endswith(f"{MARK}{name}")), None)


def check_paths(s: Schedule) -> None:
    """Raises UsageError for a path that no unit can hold."""
    for path in (s.project, s.script, *s.command):
        if any(ord(c) < 32 or 0xDC80 <= ord(c) <= 0xDCFF for c in path):
            raise UsageError(f"{path!r} holds a line break or bytes that are no UTF-8; no scheduler can be told of it.")


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _systemd_word(path: str) -> str:
    """One word of an ExecStart line, where `%`, `$`, quotes and backslashes mean something."""
    quoted = path.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_specifiers(quoted)}"'


def _filled(template: str, **values: str) -> str:
    text = resources.read("templates", "units", template)
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
