"""When somebody last touched keyboard or mouse, where the desktop says so: logind, X11 or macOS, asked within a second each.

The one rule: it can only say that somebody was here; where it says nothing, or nothing in time, the own signs hold.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess

SECONDS = 1.0


def last_touched(now: float) -> float | None:
    """Seconds since 1970 of the last key or mouse, None where nobody knows."""
    found = [
        _logind(_ask("loginctl", "show-user", str(os.getuid()), "--property=IdleHint", "--property=IdleSinceHint")),
        _ago(_ask("xprintidle"), now),
        _hid(_ask("ioreg", "-c", "IOHIDSystem", "-d", "4"), now),
    ]
    return max((at for at in found if at is not None and 0 < at <= now), default=None)


def _logind(said: str) -> float | None:
    """`IdleSinceHint=` in microseconds since 1970. `IdleHint=no` says nothing: many desktops never set it."""
    match = re.search(r"^IdleSinceHint=(\d{1,17})$", said, re.MULTILINE)
    return int(match[1]) / 1e6 if match and "IdleHint=yes" in said.splitlines() else None


def _ago(said: str, now: float) -> float | None:
    """Milliseconds since then, on a line of their own."""
    return now - int(said) / 1000 if re.fullmatch(r"\d{1,14}", said := said.strip()) else None


def _hid(said: str, now: float) -> float | None:
    """`"HIDIdleTime" = ` in nanoseconds since then."""
    match = re.search(r'"HIDIdleTime" = (\d{1,19})', said)
    return now - int(match[1]) / 1e9 if match else None


def _ask(program: str, *arguments: str) -> str:
    """What a program says; "" where it is not there, fails, or takes too long."""
    path = shutil.which(program)
    if path is None:
        return ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run([path, *arguments], capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
    return ""
