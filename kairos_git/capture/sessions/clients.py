"""Claude Code, Codex, Gemini CLI, Cursor: what each tells a hook, as one `Event`, and how each wants to be answered.

Formats: code.claude.com/docs/en/hooks, github.com/openai/codex (codex-rs/hooks/schema), geminicli.com/docs/hooks/reference,
cursor.com/docs/agent/hooks; Claude Code's and Codex's were seen live, and what was seen is kept with the tests.

The one rule: a field that is missing, of another type or unknown is no error; a hook that fails would stop somebody's work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from kairos_git.environ import session_name

START, PROMPT, STOP, COMPACT, END = "start", "prompt", "stop", "compact", "end"
LARGEST = 16 << 20  # bytes of a payload that is looked into
LONGEST_PATH = 4096
MACHINE = frozenset({"system", "loop_wakeup", "schedule_wakeup", "poll_event"})  # who began a turn, where no person did


class Event(NamedTuple):
    """Something that happened in a session. Every field but the first two may be "".

    kind        START, PROMPT, STOP, COMPACT or END
    session     the client's own name for it
    cwd         the folder it works in
    source      how it started, or who began the turn
    prompt      what was typed
    message     the agent's last words of a turn
    summary     what a session was compacted to
    reason      why it ended
    transcript  where the client keeps its own record; never read
    sub         whether it is a subagent's, not the session's own
    """

    agent: str
    kind: str
    session: str = ""
    cwd: str = ""
    source: str = ""
    prompt: str = ""
    message: str = ""
    summary: str = ""
    reason: str = ""
    transcript: str = ""
    sub: bool = False

    @property
    def sess(self) -> str:
        """The session as observations name it, `claude-7f3a09c2b1de`; "" where the client gave no name."""
        return session_name(self.agent, self.session)


class Client(NamedTuple):
    """One client. kinds: its events, lower case, -> what they mean to us; fields: ours -> theirs, the first present counts."""

    kinds: Mapping[str, str]
    fields: Mapping[str, tuple[str, ...]]
    nested: tuple[str, ...]  # names in the environment that give away another agent, which then types the prompts
    quiet: str = ""  # what is printed where there is nothing to say


_FIELDS = {
    "session": ("session_id",),
    "cwd": ("cwd",),
    "source": ("source",),
    "prompt": ("prompt",),
    "message": ("last_assistant_message",),
    "summary": ("compact_summary",),
    "reason": ("reason",),
    "transcript": ("transcript_path",),
}
_KINDS = {"sessionstart": START, "userpromptsubmit": PROMPT, "stop": STOP, "postcompact": COMPACT, "sessionend": END}
CLIENTS: dict[str, Client] = {
    "claude": Client(_KINDS, _FIELDS, ("CODEX_THREAD_ID", "GEMINI_CLI", "CURSOR_AGENT")),
    "codex": Client(_KINDS, _FIELDS, ("CLAUDECODE", "GEMINI_CLI", "CURSOR_AGENT", "CODEX_THREAD_ID")),
    "gemini": Client(
        {"sessionstart": START, "beforeagent": PROMPT, "afteragent": STOP, "sessionend": END},
        {**_FIELDS, "message": ("prompt_response",)},
        ("CLAUDECODE", "CODEX_THREAD_ID", "CURSOR_AGENT"),
        "{}",
    ),
    "cursor": Client(
        {"sessionstart": START, "beforesubmitprompt": PROMPT, "afteragentresponse": STOP, "sessionend": END},
        {**_FIELDS, "session": ("conversation_id", "session_id"), "message": ("text",)},
        ("CLAUDECODE", "CODEX_THREAD_ID", "GEMINI_CLI"),
        "{}",
    ),
}
_NAMES = {("gemini", PROMPT): "BeforeAgent", ("claude", PROMPT): "UserPromptSubmit", ("codex", PROMPT): "UserPromptSubmit"}


def kind_of(agent: str, event: str) -> str:
    """What an event means to us, however its name is written; "" for one that means nothing, or an unknown client."""
    client = CLIENTS.get(agent)
    return client.kinds.get(event.replace("-", "").replace("_", "").lower(), "") if client else ""


def parse_event(agent: str, kind: str, payload: bytes) -> Event | None:
    """The event that a client's JSON tells of; None where it is no JSON object. Raises KeyError for an unknown client."""
    client = CLIENTS[agent]
    try:
        told = json.loads(payload.decode("utf-8", "replace")) if len(payload) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    found = {ours: _text(told, *theirs) for ours, theirs in client.fields.items()}
    if not found["cwd"]:
        roots = told.get("workspace_roots")
        found["cwd"] = roots[0] if isinstance(roots, list) and roots and isinstance(roots[0], str) else ""
    found["cwd"] = found["cwd"] if len(found["cwd"]) <= LONGEST_PATH else ""
    sub = bool(_text(told, "agent_id")) or told.get("is_background_agent") is True
    return Event(agent, kind, **found, sub=sub)


def _text(told: dict[str, Any], *names: str) -> str:
    for name in names:
        value = told.get(name)
        if isinstance(value, str) and value:
            value = value.replace("\0", "")
            return value if value.isascii() else value.encode("utf-8", "replace").decode()  # half of a pair is no character
    return ""


def format_answer(agent: str, kind: str, context: str) -> str:
    """What a client reads on standard output; `context` is added to what its model is given, "" adds nothing."""
    client = CLIENTS.get(agent)
    if client is None:
        return ""
    if agent == "cursor":
        if kind == PROMPT:  # it can be told to go on, and nothing else
            return '{"continue": true}'
        return json.dumps({"additional_context": context}) if context and kind == START else client.quiet
    if not context or kind not in (START, PROMPT):
        return client.quiet
    name = _NAMES.get((agent, kind), "SessionStart")
    return json.dumps({"hookSpecificOutput": {"hookEventName": name, "additionalContext": context}})
