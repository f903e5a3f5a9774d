"""The agents' programs we know: where each keeps its settings, which events it tells, and how it wants an entry written.

    Claude Code  code.claude.com/docs: hooks, settings, memory, MCP
    Codex        developers.openai.com/codex: hooks, config reference
    Gemini CLI   geminicli.com/docs: hooks reference, configuration
    Cursor       cursor.com/docs: agent hooks, MCP

The one rule: what differs between them stands in this table and nowhere else.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kairos_git.errors import UsageError
from kairos_git.settings import config_folder

MODULE = "kairos_git"
SERVER = "kairos"  # what our MCP server is called in a client's settings
HOWS = ("hooks", "auto-memory", "block", "mcp")
SCOPES = ("user", "project")


class Client(NamedTuple):
    """One agent's program.

    folder   the variable that moves its settings, and where they are without it
    events   the events it is asked to tell us, each with the fields of our entry besides the command
    grouped  whether an event lists groups of handlers with a matcher (else the handlers themselves)
    split    whether a command takes its arguments apart (`args`), which needs no shell
    hooks    the file that holds hooks, below the folder and below a project
    servers  the file that holds MCP servers, below the folder and below a project
    guide    the files a managed block goes to, the first that exists, else the first
    note     what its owner must do once
    """

    name: str
    title: str
    folder: tuple[str, str]
    events: Mapping[str, Mapping[str, Any]]
    grouped: bool
    split: bool
    hooks: tuple[str, str]
    servers: tuple[str, str]
    guide: tuple[str, ...]
    note: str = ""

    @property
    def home(self) -> str:
        """The folder of its settings for this user."""
        return config_folder(*self.folder)

    def file(self, how: str, scope: str, project: str) -> str:
        """The file that one way in is written to; `project` is the root of a work tree."""
        if how == "block":
            there = [name for name in self.guide if os.path.lexists(os.path.join(project, name))]
            return os.path.join(project, (there or self.guide)[0])
        if how == "auto-memory":
            return os.path.join(self.home, "settings.json") if scope == "user" else os.path.join(project, self.hooks[1])
        names = self.servers if how == "mcp" else self.hooks
        if scope == "project":
            return os.path.join(project, names[1])
        if self.name == "claude" and how == "mcp" and self.home == os.path.expanduser(self.folder[1]):
            return os.path.expanduser("~/.claude.json")  # beside its folder, unless CLAUDE_CONFIG_DIR moves both
        return os.path.join(self.home, names[0])

    def ways(self) -> tuple[str, ...]:
        """The ways in that it has."""
        return HOWS if self.name == "claude" else tuple(how for how in HOWS if how != "auto-memory")


# Seconds. A session's end has 1.5 s in Claude Code unless the entry says otherwise, which a loaded machine may need.
_CLAUDE: Mapping[str, Mapping[str, Any]] = {
    "SessionStart": {"matcher": "startup|resume|clear|compact", "timeout": 20},
    "UserPromptSubmit": {"timeout": 20},
    "PostCompact": {"timeout": 20},
    "Stop": {"timeout": 20},
    "SessionEnd": {"timeout": 20},
}
_CODEX: Mapping[str, Mapping[str, Any]] = {
    "SessionStart": {"matcher": "startup|resume|clear|compact", "timeout": 20},
    "UserPromptSubmit": {"timeout": 20},
    "Stop": {"timeout": 20},
    "SessionEnd": {"timeout": 3},  # Codex allows no more, and warns
}
_GEMINI = {event: {"timeout": 20_000} for event in ("SessionStart", "BeforeAgent", "AfterAgent", "SessionEnd")}
_CURSOR_EVENTS = ("sessionStart", "beforeSubmitPrompt", "afterAgentResponse", "sessionEnd")
_CURSOR: Mapping[str, Mapping[str, Any]] = {event: {} for event in _CURSOR_EVENTS}

CLIENTS = {
    client.name: client
    for client in (
        Client(
            "claude", "Claude Code", ("CLAUDE_CONFIG_DIR", "~/.claude"), _CLAUDE, True, True,
            ("settings.json", ".claude/settings.local.json"), (".claude.json", ".mcp.json"), ("CLAUDE.md", "AGENTS.md"),
        ),
        Client(
            "codex", "Codex", ("CODEX_HOME", "~/.codex"), _CODEX, True, False,
            ("hooks.json", ".codex/hooks.json"), ("config.toml", ".codex/config.toml"), ("AGENTS.md",),
            "Codex runs a new hook only after you trusted it once: start `codex`, type /hooks, and trust those of kairos-git.",
        ),
        Client(
            "gemini", "Gemini CLI", ("", "~/.gemini"), _GEMINI, True, False,
            ("settings.json", ".gemini/settings.json"), ("settings.json", ".gemini/settings.json"), ("GEMINI.md",),
        ),
        Client(
            "cursor", "Cursor", ("", "~/.cursor"), _CURSOR, False, False,
            ("hooks.json", ".cursor/hooks.json"), ("mcp.json", ".cursor/mcp.json"), ("AGENTS.md",),
        ),
    )
}  # fmt: skip


def client(name: str) -> Client:
    """The client of that name. Raises UsageError."""
    if name not in CLIENTS:
        raise UsageError(f"{name!r} is no agent that can be set up. Use one of: {', '.join(CLIENTS)}.")
    return CLIENTS[name]


def handler(of: Client, event: str, start: Sequence[str]) -> dict[str, Any]:
    """Our entry for an event. `start`: how this program is started, as `memory.seed.command` says."""
    words = [*start, "on", of.name, event]
    timeout = {k: v for k, v in of.events[event].items() if k == "timeout"}
    if not of.grouped:
        return {"command": shlex.join(words)}
    if of.split:
        return {"type": "command", "command": words[0], "args": words[1:], **timeout}
    named = {"name": "kairos-git"} if of.name == "gemini" else {}
    return {**named, "type": "command", "command": shlex.join(words), **timeout}


def words_of(entry: object) -> list[str]:
    """The words of the command an entry runs, [] where it runs none."""
    if not isinstance(entry, dict) or not isinstance(entry.get("command"), str):
        return []
    arguments = entry.get("args")
    if isinstance(arguments, list):
        return [entry["command"], *(str(word) for word in arguments)]
    try:
        return shlex.split(entry["command"])
    except ValueError:
        return []


def is_ours(words: Sequence[str], *tail: str) -> bool:
    """Whether a command starts this program with these words next: `-m kairos_git on claude …`."""
    wanted = ["-m", MODULE, *tail]
    return any(list(words[n : n + len(wanted)]) == wanted for n in range(1, len(words)))
