"""How an agent's settings stand: installed, moved, outdated, edited by somebody else, or not there.

The one rule: it is looked at and never changed; a file that cannot be read is a state too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kairos_git.capture.agents import block, hooks, members, settingsfile, tomltext
from kairos_git.capture.agents.clients import SCOPES, SERVER, Client, handler, words_of
from kairos_git.capture.agents.jsontext import Malformed, parse
from kairos_git.capture.agents.settingsfile import File
from kairos_git.errors import KairosError


class Standing(NamedTuple):
    """One way in. state: installed · moved (what it starts is gone) · outdated (written by another version or another
    Python) · edited (somebody changed our entry) · unreadable; note: what to do, or "".
    """

    agent: str
    how: str
    scope: str
    path: str
    state: str
    note: str = ""


def look(clients: Iterable[Client], start: Sequence[str], project: str) -> list[Standing]:
    """Every way in that stands somewhere, and every file that cannot be read; in the order of clients, ways and scopes."""
    found = []
    for client in clients:
        for how in client.ways():
            for scope in ("project",) if how == "block" else SCOPES:
                if scope == "project" and not project:
                    continue
                path = client.file(how, scope, project)
                state = _state(client, how, path, start)
                found += [Standing(client.name, how, scope, path, *state)] if state else []
    return found


def _state(client: Client, how: str, path: str, start: Sequence[str]) -> tuple[str, str] | None:
    try:
        file = settingsfile.read(path)
        if not (file.text or "").strip():
            return None
        if how == "block":
            return ("installed", "") if block.find(file.text or "") is not None else None
        if how == "hooks":
            return _hooks(client, file, start)
        return _server(client, file, start) if how == "mcp" else _directory(file)
    except Malformed as error:
        return "unreadable", f"line {error.line}: {error}"
    except KairosError as error:
        return "unreadable", str(error)


def _starts(words: Sequence[str], start: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong with the program that a command starts; None where it is this one."""
    if not words or not shutil.which(words[0]):
        return "moved", f"{words[0] if words else 'it'} is gone; run `kairos-git agents install` again"
    if list(words[: len(start)]) != list(start):
        return "outdated", f"it starts {words[0]}; run `kairos-git agents install` again"
    return None


def _hooks(client: Client, file: File, start: Sequence[str]) -> tuple[str, str] | None:
    text = file.text or ""
    entries = hooks.entries(client, text)
    if not entries:
        return None
    wrong = [state for e in entries if (state := _starts(words_of(e.value), start))]
    if wrong:
        return wrong[0]
    if any(e.event not in client.events or _fields(e.value) != _fields(handler(client, e.event, start)) for e in entries):
        return "edited", "our entries differ from what we write; they are kept, and `agents install` would write them anew"
    if not hooks.complete(client, text, start):
        missing = sorted(set(client.events) - {e.event for e in entries})
        note = f"{', '.join(missing)} missing" if missing else "an entry stands twice or its matcher was changed"
        return "outdated", f"{note}; run `kairos-git agents install` again"
    off = parse(text).item("disableAllHooks")
    return "installed", "`disableAllHooks` is set there: no hook runs" if off and off.node.value is True else client.note


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in ("command", "args")}


def _server(client: Client, file: File, start: Sequence[str]) -> tuple[str, str] | None:
    text = file.text or ""
    if file.path.endswith(".toml"):
        lines = tomltext.ours(text)
        if lines is None:
            return None
        wrong = tomltext.broken(text)
        if wrong:
            return "unreadable", wrong[1]
        import tomllib

        value = tomllib.loads(lines).get("mcp_servers", {}).get(SERVER, {})
    else:
        value = members.served(text)
        if not members.is_our_server(value):
            return None
    wrong_start = _starts(words_of(value), start)
    if wrong_start:
        return wrong_start
    wanted = members.server(client, start)
    same = all(value.get(name) == wanted[name] for name in ("command", "args"))
    return ("installed", "") if same and set(value) <= set(wanted) else ("edited", "our entry has further fields")


def _directory(file: File) -> tuple[str, str] | None:
    where = members.directory(file.text or "")
    if where is None or not members.is_memory(where):
        return None
    if not os.path.isdir(where):
        return "moved", f"there is no memory at {where} any more"
    return "installed", f"auto memory is {where}"
