"""What the owner may set: kairos.yaml of the memory, and the environment, read here and nowhere else.

The one rule: few settings, each documented where it is defined; an unknown one is a Problem, never a crash.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from kairos_git.errors import Problem

LARGEST = 64 * 1024  # bytes of a settings file


class Settings(NamedTuple):
    """kairos.yaml.

    owners   addresses whose commits count as the owner's, besides the local user.email
    history  commits of the project's past that `init` reads (None: all)
    """

    owners: tuple[str, ...] = ()
    history: int | None = 1000
    problems: tuple[Problem, ...] = ()


def load_settings(data: bytes, path: str = "kairos.yaml") -> Settings:
    """Parse kairos.yaml; what cannot be understood is left at its default and named."""
    if not any(line.strip() and not line.lstrip().startswith(b"#") for line in data.splitlines()):
        return Settings()
    import yaml

    try:
        if len(data) > LARGEST:
            raise ValueError(f"is larger than {LARGEST} bytes")
        if any(isinstance(t, (yaml.AliasToken, yaml.TagToken)) for t in yaml.scan(data)):
            raise ValueError("uses aliases or tags, which settings do not need")
        fields = yaml.safe_load(data)
        if not isinstance(fields, dict):
            raise ValueError("is not a list of `name: value` lines")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        words = str(error).splitlines()[0] if str(error) else "cannot be read"
        return Settings(problems=(Problem(path, 0, f"{words}; the defaults hold"),))
    problems = [Problem(path, 0, f"{name!r} is not a setting") for name in fields if name not in ("owners", "history")]
    owners, history = fields.get("owners", []), fields.get("history", 1000)
    if not isinstance(owners, list) or not all(isinstance(o, str) for o in owners):
        problems.append(Problem(path, 0, "owners is not a list of addresses; it is left out"))
        owners = []
    if history == "all":
        history = None
    elif not isinstance(history, int) or isinstance(history, bool) or history < 0:
        problems.append(Problem(path, 0, "history is neither a number of commits nor `all`; 1000 holds"))
        history = 1000
    return Settings(tuple(owners), history, tuple(problems))


class Environment(NamedTuple):
    """What the environment says: where the memory is, whether an agent calls, whether we are our own child."""

    memory: str | None
    agent: str | None
    inside: bool


# Names that coding agents set in the commands they run (CLAUDECODE: Claude Code; CODEX_SANDBOX*: Codex CLI; GEMINI_CLI:
# Gemini CLI; CURSOR_AGENT and CURSOR_TRACE_ID: Cursor's agent; the rest by their makers' documentation).
AGENTS = (
    "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_THREAD_ID", "GEMINI_CLI",
    "CURSOR_AGENT", "CURSOR_TRACE_ID", "AIDER_MODEL", "OPENCODE", "CLINE_ACTIVE", "AI_AGENT", "AGENT",
)  # fmt: skip


def environment() -> Environment:
    """Read the environment. `agent` is the name that gave an agent away, or None."""
    agent = next((name for name in AGENTS if os.environ.get(name)), None)
    return Environment(os.environ.get("KAIROS_MEMORY") or None, agent, bool(os.environ.get("KAIROS_GIT_INSIDE")))
