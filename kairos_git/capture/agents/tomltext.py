"""One table of our own at the end of a TOML file, between marks.

The one rule: only what stands between the marks is ever changed; `without` takes back exactly what `with_table` put in.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence

BEGIN = "# kairos-git: begin (written and taken out by `kairos-git agents`)"
END = "# kairos-git: end"
_BLOCK = re.compile(rf"(?:\r?\n)?^{re.escape(BEGIN)}\r?\n(?P<body>.*?)^{re.escape(END)}\r?\n", re.MULTILINE | re.DOTALL)


def broken(text: str) -> tuple[int, str] | None:
    """(line, what is wrong) where a text is no TOML; None where it is."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        return (int(found[1]) if found else 0), str(error)
    return None


def table(name: str, command: str, arguments: Sequence[str]) -> str:
    """The lines of one MCP server's table, as Codex reads it."""
    listed = ", ".join(_string(word) for word in arguments)
    return f"[mcp_servers.{name}]\ncommand = {_string(command)}\nargs = [{listed}]\n"


def _string(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL, which TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def with_table(text: str, lines: str) -> str:
    """The file with our table at its end, in place of an older one."""
    text = without(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    ending = "" if not text or text.endswith("\n") else newline
    made = f"{BEGIN}\n{lines}{END}\n".replace("\n", newline)
    return text + ending + (newline if text else "") + made


def without(text: str) -> str:
    """The file without our table."""
    return _BLOCK.sub("", text)


def ours(text: str) -> str | None:
    """The lines of our table, or None where there is none."""
    found = _BLOCK.search(text)
    return found["body"].replace("\r\n", "\n") if found else None
