"""The desktop of this machine: notify-send, gdbus or osascript, whichever is there.

The one rule: what is shown goes as an argument of its own, never into a script or a markup.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from html import escape

from kairos_git.runner.notify.notice import Notice

_SCRIPT = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")
_OBJECT = ("--dest", "org.freedesktop.Notifications", "--object-path", "/org/freedesktop/Notifications")
_URGENCY = {"low": 0, "normal": 1, "high": 2}


def show(notice: Notice, seconds: float) -> str:
    """Show a notice; "" or why it was not shown."""
    command = next((made for name in _PROGRAMS if (path := shutil.which(name)) and (made := _words(name, path, notice))), None)
    if command is None:
        return f"none of {', '.join(_PROGRAMS)} is on this machine"
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return f"the desktop did not answer in {seconds:g} s"
    except OSError as error:
        return f"{command[0]} cannot be started ({error.strerror})"
    return "" if done.returncode == 0 else "there is no desktop here"


_PROGRAMS = ("notify-send", "gdbus", "osascript")


def _words(name: str, path: str, notice: Notice) -> list[str]:
    """The command of one program. Bodies are markup at the freedesktop's, so that is escaped.

    Source: https://specifications.freedesktop.org/notification-spec/latest/protocol.html
    """
    body = escape(notice.text, quote=False)
    if name == "notify-send":
        urgency = {"low": "low", "normal": "normal", "high": "critical"}[notice.urgency]
        return [path, "--app-name=kairos-git", f"--urgency={urgency}", "--", notice.subject, body]
    if name == "gdbus":
        texts = [json.dumps(text, ensure_ascii=False) for text in (notice.subject, body)]  # as GVariant writes a string
        hints = f"{{'urgency': <byte {_URGENCY[notice.urgency]}>}}"
        call = [
            "--method",
            "org.freedesktop.Notifications.Notify",
            "--",
            '"kairos-git"',
            "0",
            '""',
            *texts,
            "@as []",
            hints,
            "-1",
        ]
        return [path, "call", "--session", *_OBJECT, *call]
    return [path, *(word for line in _SCRIPT for word in ("-e", line)), "--", notice.subject, notice.text]
