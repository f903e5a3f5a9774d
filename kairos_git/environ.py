"""What the environment says, read here and nowhere else. Light, because hooks of agents start with it.

The one rule: names are read one by one; the environment as a whole is never passed on, shown or recorded.
"""

from __future__ import annotations

import os
from typing import NamedTuple


class Environment(NamedTuple):
    """What the environment says: where the memory is, whether an agent calls, whether we are our own child, which endpoint
    its owner wants asked, the folder that holds the owner's own memory, the session that calls as observations name it ("" where
    its client does not say), the folder that a hook's session was started in, and every name that gives an agent away.
    """

    memory: str | None
    agent: str | None
    inside: bool
    base_url: str = ""
    data_home: str = ""
    session: str = ""
    started_in: str = ""
    agents: tuple[str, ...] = ()


# Names that coding agents set in the commands they run (CLAUDECODE: Claude Code; CODEX_SANDBOX*: Codex CLI; GEMINI_CLI:
# Gemini CLI; CURSOR_AGENT and CURSOR_TRACE_ID: Cursor's agent; the rest by their makers' documentation).
AGENTS = (
    "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_THREAD_ID", "GEMINI_CLI",
    "CURSOR_AGENT", "CURSOR_TRACE_ID", "AIDER_MODEL", "OPENCODE", "CLINE_ACTIVE", "AI_AGENT", "AGENT",
)  # fmt: skip


# Where an agent's commands find the name of its session. Seen live in Claude Code 2.1 and Codex 0.169; the innermost first: an
# agent that another one started inherits the other's names, and Claude Code sets its own anew.
SESSIONS = (("codex", "CODEX_THREAD_ID"), ("claude", "CLAUDE_CODE_SESSION_ID"), ("gemini", "GEMINI_SESSION_ID"))


def session_name(agent: str, session: str) -> str:
    """A session as observations name it: `claude-7f3a09c2b1de`, the client and 12 letters and digits of its own name; "" for none."""
    letters = "".join(c for c in session.lower() if c in "abcdefghijklmnopqrstuvwxyz0123456789")[:12]
    return f"{agent}-{letters}" if letters else ""


def environment() -> Environment:
    """Read the environment. `agent` is the name that gave an agent away, or None."""
    agents = tuple(name for name in AGENTS if os.environ.get(name))
    names = (session_name(client, os.environ.get(name, "")) for client, name in SESSIONS)
    return Environment(
        os.environ.get("KAIROS_MEMORY") or None,
        agents[0] if agents else None,
        bool(os.environ.get("KAIROS_GIT_INSIDE")),
        os.environ.get("ANTHROPIC_BASE_URL", ""),
        _data_home(),
        next(filter(None, names), ""),
        os.environ.get("CLAUDE_PROJECT_DIR", ""),
        agents,
    )


def _data_home() -> str:
    """`$XDG_DATA_HOME`, else ~/.local/share; a relative one is to be ignored, as the XDG base directory specification says."""
    named = os.environ.get("XDG_DATA_HOME", "")
    return named if os.path.isabs(named) else os.path.expanduser("~/.local/share")


def config_folder(variable: str, default: str) -> str:
    """Where a program keeps its settings: what its variable names ("" for a program without one), else its default place."""
    return os.path.expanduser((os.environ.get(variable) if variable else "") or default)


class Keys(NamedTuple):
    """What opens doors outside, from the environment alone: it must not be in a file that is shared.

    webhook  KAIROS_WEBHOOK_SECRET: what GitHub signs its deliveries with
    github   GITHUB_TOKEN or GH_TOKEN: for asking GitHub; reading is enough
    api      GITHUB_API_URL: where GitHub's API is
    notify   KAIROS_NOTIFY: the addresses that notices go to, with a space between two
    """

    webhook: str = ""
    github: str = ""
    api: str = ""
    notify: str = ""

    def __repr__(self) -> str:
        return f"Keys({', '.join(name for name, value in self._asdict().items() if value)})"


def keys() -> Keys:
    """Read the environment; white space around a key, as a file of them leaves it, is no part of it."""
    names = (("KAIROS_WEBHOOK_SECRET",), ("GITHUB_TOKEN", "GH_TOKEN"), ("GITHUB_API_URL",), ("KAIROS_NOTIFY",))
    return Keys(*(next((v for n in several if (v := os.environ.get(n, "").strip())), "") for several in names))


# What a tick needs of the environment when a scheduler starts it with none: names that hold places, never a key.
ESSENTIAL = (
    "HOME", "LANG", "TZ", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "CLAUDE_CONFIG_DIR", "SSL_CERT_FILE", "PYTHONPATH",
)  # fmt: skip


def essentials() -> dict[str, str]:
    """These names as they are now, and PATH less what is relative, gone, or anybody may write to."""
    found = {name: value for name in ESSENTIAL if (value := os.environ.get(name, "")) and value.isprintable()}
    folders = [
        f for f in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(f) and os.path.isdir(f) and f.isprintable()
    ]
    kept = [f for f in dict.fromkeys(folders) if not os.stat(f).st_mode & 0o002]
    return {"HOME": os.path.expanduser("~"), **found, "PATH": os.pathsep.join(kept) or os.defpath}
