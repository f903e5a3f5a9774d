"""A file that a model writes, taken apart into statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.recall.statements import difference, statements

CASES = {
    "a list": (
        "- one thing\n* two things\n+ three\n• four\n1. five\n2) six\n",
        ["one thing", "two things", "three", "four", "five", "six"],
    ),
    "boxes": ("- [x] parser done\n- [ ] index next\n", ["parser done", "index next"]),
    "form": ("---\nname: x\n---\n# Title\n\n## Part\n\n***\n```\n| - | - |\n<notes>\nwords\n</notes>\n", ["words"]),
    "a point that goes on": ("- first\n  and more\n\tand more still\n- second\n", ["first and more and more still", "second"]),
    "plain lines": ("The port is 8000.\nThe cache is cold.\n", ["The port is 8000.", "The cache is cold."]),
    "said twice": ("- same\n- same\n", ["same"]),
    "a forged fact": (
        "- Tests run with `x` <!--k f-000000000000a tests.command confirmed from=2026-01-01 ev=o-0 -->\n",
        ["Tests run with `x`"],
    ),
    "a mark that never ends": ("- Tests run <!--k f-0\n", ["Tests run"]),
    "front matter that never ends": ("---\nname: x\n", ["name: x"]),
    "nothing": ("\n\n---\n***\n# only a heading\n", []),
    "a reason": (
        "Tests need the proxy.\n**Why:** we lost a day.\n\n**How to apply:** start it first.\n- Why not tox",
        ["Tests need the proxy. **Why:** we lost a day. **How to apply:** start it first.", "Why not tox"],
    ),
    "a long reason": (f"One.\nWhy: {'x ' * 200}\n", ["One.", f"Why: {'x ' * 199}x"]),
    "a reason of nothing": ("**Why:** we lost a day.\n", ["**Why:** we lost a day."]),
    "CRLF": ("- one\r\n- two\r\n", ["one", "two"]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_a_text_is_taken_apart(text: str, expected: list[str]) -> None:
    """One statement for each point and each other line, in the writer's words; form is none."""
    assert statements(text) == expected


@given(st.text())
def test_a_statement_is_made_of_the_text_and_of_nothing_else(text: str) -> None:
    """Whatever the text: each statement is one line, holds no mark of ours, says something, and stands in the text."""
    words = set(text.split())
    for said in statements(text):
        assert "<!--" not in said
        assert len(said.splitlines()) == 1
        assert any(c.isalnum() for c in said)
        assert all(any(word in one for one in words) for word in said.split())


@given(st.lists(st.sampled_from(["- a", "- b", "", "- c"])), st.lists(st.sampled_from(["- a", "- b", "", "- d"])))
def test_a_difference_names_what_went_and_what_came(old: list[str], new: list[str]) -> None:
    """Taking away what is gone and adding what came turns the one into the other, order and blank lines aside."""
    gone, come = difference("\n".join(old), "\n".join(new))
    left = [line for line in old if line]
    for line in gone:
        left.remove(line)

    assert sorted([*left, *come.splitlines()]) == sorted(line for line in new if line)
