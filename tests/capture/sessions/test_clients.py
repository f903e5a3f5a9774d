"""What clients tell: payloads as the real ones sent them (Claude Code 2.1.197, Codex 0.169.0), or as documented (Gemini CLI, Cursor)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.capture.sessions.clients import (
    CLIENTS,
    COMPACT,
    END,
    LARGEST,
    PROMPT,
    START,
    STOP,
    Event,
    format_answer,
    kind_of,
    parse_event,
)  # fmt: skip

PAYLOADS = Path(__file__).parent / "payloads"
TOLD = {agent: json.loads((PAYLOADS / f"{agent}.json").read_text()) for agent in CLIENTS}
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def heard(agent: str, payload: dict[str, Any]) -> Event | None:
    kind = kind_of(agent, payload["hook_event_name"])
    return parse_event(agent, kind, json.dumps(payload).encode()) if kind else None


@pytest.mark.parametrize("agent", CLIENTS)
def test_each_client_tells_how_a_session_starts_what_is_typed_said_and_how_it_ends(agent: str) -> None:
    """One vocabulary for all: start, prompt, stop, end, with the same fields."""
    events = {e.kind: e for p in TOLD[agent] if (e := heard(agent, p)) and not e.sub}

    assert {START, PROMPT, STOP, END} <= set(events)
    assert {e.cwd for e in events.values()} == {"/home/ada/src/app"}
    assert len({e.sess for e in events.values() if agent != "claude"}) <= 1
    assert events[PROMPT].prompt == "remember: we use port 8080 everywhere"
    assert events[STOP].message == "I changed the port to 8080 and all tests pass."
    assert events[END].reason


def test_a_session_is_named_by_its_client_and_twelve_letters() -> None:
    """So that a name fits a line, and says who spoke."""
    assert Event("codex", START, "01a1fd92-2582-7303-8a7e-4c58d0059c46").sess == "codex-01a1fd922582"
    assert Event("claude", START).sess == ""


def test_a_compaction_carries_its_summary() -> None:
    """PostCompact has it; PreCompact, which has nothing yet, means nothing to us."""
    events = [e for p in TOLD["claude"] if (e := heard("claude", p))]

    assert [e.summary for e in events if e.kind == COMPACT] == ["I changed the port to 8080 and all tests pass."]
    assert kind_of("claude", "PreCompact") == ""


def test_a_subagents_events_are_its_own() -> None:
    """What carries an `agent_id` is no word of the session itself, whatever the event is called."""
    assert kind_of("claude", "SubagentStop") == ""
    told = parse_event("claude", STOP, json.dumps({"session_id": "a", "agent_id": "b", "last_assistant_message": "x"}).encode())
    assert told is not None
    assert told.sub


@pytest.mark.parametrize("name", ["SessionStart", "session-start", "sessionStart", "session_start"])
def test_an_event_is_known_however_its_name_is_written(name: str) -> None:
    """Clients disagree about capitals and dashes."""
    assert kind_of("claude", name) == START


@pytest.mark.parametrize("agent", CLIENTS)
@given(
    payload=st.dictionaries(
        st.sampled_from([*Event._fields, "session_id", "workspace_roots", "agent_id", "text"]), ANY, max_size=8
    )
)
def test_any_json_object_is_an_event_of_texts(agent: str, payload: dict[str, Any]) -> None:
    """Missing fields, other types, unknown fields: none of them is an error, and every text can be encoded."""
    told = parse_event(agent, STOP, json.dumps(payload).encode())

    assert told is not None
    for value in told[:-1]:
        assert isinstance(value, str)
        value.encode()


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b" " * (LARGEST + 1)],
    ids=["empty", "torn", "list", "null", "text", "bytes", "deep", "huge"],
)  # fmt: skip
def test_what_is_no_json_object_is_no_event(data: bytes) -> None:
    """And nothing raises over it."""
    assert parse_event("claude", STOP, data) is None


def test_half_of_a_surrogate_pair_is_no_path() -> None:
    """A lone surrogate in JSON cannot be encoded; it would break the first look at the disk."""
    told = parse_event("claude", START, b'{"cwd": "/a\\ud800b", "session_id": "x"}')
    assert told is not None
    assert told.cwd == "/a?b"


ANSWERS = [
    ("claude", START, {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": "words"}}),
    ("claude", PROMPT, {"hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": "words"}}),
    ("codex", START, {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": "words"}}),
    ("gemini", PROMPT, {"hookSpecificOutput": {"hookEventName": "BeforeAgent", "additionalContext": "words"}}),
    ("cursor", START, {"additional_context": "words"}),
    ("cursor", PROMPT, {"continue": True}),
]


@pytest.mark.parametrize(("agent", "kind", "answer"), ANSWERS, ids=[f"{a}-{k}" for a, k, _ in ANSWERS])
def test_each_client_is_answered_in_its_own_form(agent: str, kind: str, answer: dict[str, Any]) -> None:
    """As their references have it."""
    assert json.loads(format_answer(agent, kind, "words")) == answer


@pytest.mark.parametrize("agent", CLIENTS)
@pytest.mark.parametrize(
    "kind", [START, PROMPT, STOP, COMPACT, END, ""], ids=["start", "prompt", "stop", "compact", "end", "unknown"]
)
def test_nothing_to_say_stops_nobody(agent: str, kind: str) -> None:
    """Silence is empty, or JSON without a decision; Gemini and Cursor read nothing but JSON."""
    out = format_answer(agent, kind, "")

    assert out == "" if agent in ("claude", "codex") else json.loads(out) in ({}, {"continue": True})
