"""bounds: what may happen by itself, parsed so that every mistake narrows it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.bounds import ACTIONS, MODES, Bounds, Budget, Dreaming, parse_bounds, parse_span
from kairos_git.settings import load_settings


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("20m", 1200), ("2h", 7200), ("1.5h", 5400), (90, 90), ("90", 90), ("1d", 86400), ("30 s", 30), ("-1", None), ("soon", None), (True, None), (None, None)],
    ids=str,
)  # fmt: skip
def test_a_span_is_read_as_people_write_it(said: object, seconds: float | None) -> None:
    """`20m`, `2h`, `90`; anything else is none."""
    assert parse_span(said) == seconds


def test_nothing_said_is_the_defaults() -> None:
    """No section, no problem; and nothing reaches further than the inbox but notes, dreams and questions."""
    made, bad = parse_bounds({})

    assert (made, bad) == (Bounds(), [])
    assert {a for a in ACTIONS if made.mode(a) == "auto"} == {"note", "dream", "handoff", "ask"}


def test_a_declared_command_keeps_its_words_folder_and_limits() -> None:
    """A text is split into words as a shell would split it, and no shell reads them."""
    said = {"run": {"nightly": {"command": "make 'a b' $HOME", "folder": "tools", "seconds": "2m", "daily": 1, "mode": "auto"}}}
    made, bad = parse_bounds(said)

    assert bad == []
    (command,) = made.commands
    assert command.words == ("make", "a b", "$HOME")
    assert (command.folder, command.seconds, command.daily, command.mode) == ("tools", 120.0, 1, "auto")


@pytest.mark.parametrize(
    "fields",
    [
        {"command": "make", "folder": "/etc"},
        {"command": "make", "folder": "a/../../b"},
        {"command": "make", "folder": "~/x"},
        {"command": "make 'open"},
        {"command": []},
        {"command": ["make", 3]},
        {"command": "make", "mode": "always"},
        {"command": "make", "seconds": "for ever"},
        {"command": "make", "daily": -1},
        {"command": "make", "shell": True},
        7,
    ],
    ids=str,
)
def test_a_command_that_is_not_whole_is_left_out(fields: Any) -> None:
    """And named, so that nobody waits for it."""
    made, bad = parse_bounds({"run": {"nightly": fields}})

    assert made.commands == ()
    assert bad and bad[0].startswith("run.nightly")


def test_a_mode_that_is_none_is_never() -> None:
    """A typing mistake must not let something happen."""
    made, bad = parse_bounds({"actions": {"notify": "yes", "fly": "auto"}})

    assert made.mode("notify") == "never"
    assert made.mode("fly") == "never"
    assert len(bad) == 2


def test_a_budget_that_is_none_is_nothing() -> None:
    """A number is for hour and day; a broken one allows nothing."""
    made, bad = parse_bounds({"budget": {"actions": 3, "calls": {"day": 2}, "notifications": "many"}})

    assert made.budget == Budget(calls=(4, 2, 300), actions=(3, 3, 500), notifications=(0, 0, 0))
    assert len(bad) == 1


def test_a_setting_that_stands_twice_is_named() -> None:
    """YAML keeps the last one without a word: the first `private` would hide nothing any more."""
    read = load_settings(b"private: [a]\nbudget: {calls: 1, calls: 2}\nprivate: [b]\n")

    assert [p.message for p in read.problems] == [
        "private stands twice; the last one counts",
        "calls stands twice; the last one counts",
    ]
    assert load_settings(b"private: [a, a]\nowners: [a]\n").problems == ()


@pytest.mark.parametrize("data", [b"[" * 50_000, b"a: " + b"{a: " * 10_000, b"- " * 30_000], ids=["lists", "mappings", "dashes"])
def test_settings_that_are_nested_without_end_are_named_soon(data: bytes) -> None:
    """The scanner needs minutes for what 64 KiB can hold: it is stopped at the fiftieth level."""
    (problem,) = load_settings(data).problems

    assert "nested too deeply" in problem.message


def test_settings_hold_the_bounds_and_name_what_is_wrong() -> None:
    """kairos.yaml is the one place."""
    made = load_settings(b"dream: {hours: 6, idle: 5m}\nactions: {run: maybe}\n")

    assert made.bounds.dreaming == Dreaming(hours=6.0, idle=300.0)
    assert made.bounds.mode("run") == "never"
    assert [str(p) for p in made.problems] == ["kairos.yaml: actions.run is none of never, ask, auto; never holds"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("dream", "actions", "run", "budget"), ANYTHING)))
def test_whatever_is_said_never_widens_the_bounds(fields: dict[str, Any]) -> None:
    """No exception; every mode is a mode; what was not said in so many words stays what it was, or less."""
    made, _ = parse_bounds(fields)

    for action in ACTIONS:
        said = fields["actions"].get(action) if isinstance(fields.get("actions"), dict) else None
        assert MODES.index(made.mode(action)) <= MODES.index(Bounds().mode(action)) or said == made.mode(action)
    assert all(c.mode in MODES and c.words for c in made.commands)
