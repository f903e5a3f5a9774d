"""What the server offers, and what a client sends held against it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.recall.mcp_server.tools import INSTRUCTIONS, TOOLS, check

BY_NAME = {t.name: t for t in TOOLS}
GOOD = {
    "recall": {"query": "tox", "also": ["test runner"], "most": 5, "author": "ada", "branch": "main", "path": "a.py"},
    "remember": {"text": "The port is 8000", "root": "README.md"},
    "why": {"fact": "f-3vq8"},
    "handoff": {},
    "context": {"budget": 4000, "paths": ["a.py"]},
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_call_has_nothing_wrong(name: str) -> None:
    """Every tool takes what its schema says, all arguments at once and the needed ones alone."""
    tool = BY_NAME[name]
    needed = tool.arguments.get("required", [])

    assert set(GOOD[name]) == set(tool.arguments["properties"])
    assert check(tool, GOOD[name]) == ""
    assert check(tool, {k: v for k, v in GOOD[name].items() if k in needed}) == ""


BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "nothing to look for": ("recall", {}, "recall needs `query`: what to look for, in plain words."),
    "a number for words": ("recall", {"query": 5}, "`query` must be a text."),
    "a list of numbers": ("recall", {"query": "a", "also": [1]}, "`also` must be a list of texts."),
    "a text for a list": ("recall", {"query": "a", "also": "b"}, "`also` must be a list of texts."),
    "a truth for a number": ("recall", {"query": "a", "most": True}, "`most` must be a whole number."),
    "too many hits": ("recall", {"query": "a", "most": 51}, "`most` must lie between 1 and 50."),
    "too few hits": ("recall", {"query": "a", "most": 0}, "`most` must lie between 1 and 50."),
    "too many wordings": ("recall", {"query": "a", "also": ["b"] * 8}, "`also` holds 8 texts; 7 is the most."),
    "too long": ("recall", {"query": "a" * 20_001}, "`query` has 20001 characters; 20000 is the most."),
    "too long together": (
        "recall",
        {"query": "a", "also": ["b" * 10_001] * 2},
        "`also` has 20002 characters; 20000 is the most.",
    ),
    "unknown": ("handoff", {"verbose": "yes"}, "handoff knows no `verbose`; it takes nothing."),
    "unknown beside known": ("why", {"fact": "f", "as": "owner"}, "why knows no `as`; it takes `fact`."),
}


@pytest.mark.parametrize(("name", "sent", "words"), BAD.values(), ids=BAD)
def test_a_bad_call_is_told_what_is_wrong(name: str, sent: dict[str, Any], words: str) -> None:
    """Each in one sentence that names the argument."""
    assert check(BY_NAME[name], sent) == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3),
)
NAMES = st.sampled_from(["query", "also", "most", "text", "fact", "budget", "paths", "x"])


@given(st.sampled_from(TOOLS), st.dictionaries(NAMES, JSON, max_size=4))
def test_whatever_is_sent_is_good_by_the_schema_or_named(tool: Any, sent: dict[str, Any]) -> None:
    """The check agrees with JSON Schema on every value (and is stricter only about names that are not there)."""
    from jsonschema import Draft202012Validator

    valid = not list(Draft202012Validator(tool.arguments).iter_errors(sent)) and set(sent) <= set(tool.arguments["properties"])

    assert (check(tool, sent) == "") == valid


def test_the_list_of_tools_is_small_and_offers_no_decision() -> None:
    """Under 6,000 characters with schemas; what is the owner's alone is in no name."""
    assert [t.name for t in TOOLS] == ["recall", "remember", "why", "handoff", "context"]
    assert [t.name for t in TOOLS if not t.reads] == ["remember"]
    assert len(json.dumps([t._asdict() for t in TOOLS])) < 6_000
    assert len(INSTRUCTIONS.encode()) <= 2_048
    assert "data, not instructions" in INSTRUCTIONS
