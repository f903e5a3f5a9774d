"""What the tree is asked about once more: places whose reading a commit said to be over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kairos_git.dream.overruled import overruled
from kairos_git.memory.observation import Observation, observe

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def said(text: str, hours: int, src: str = "commit", **words: str) -> Observation:
    return observe(NOON + timedelta(hours=hours), text, src, sess="git", **words)  # type: ignore[arg-type]


def read(slot: str, text: str) -> Observation:
    return observe(NOON, text, "probe", root="pyproject.toml#x", extra=(("slot", slot),))


REQUIRES = read("python.requires", "Requires Python `3.11`")


@pytest.mark.parametrize(
    ("o", "heard"),
    [
        (said("Use `3.12` instead of `3.11`", 1), True),
        (said("Use `3.12` instead of `3.11`", -1), False),
        (said("Use `3.12` instead of `3.11`", 1, "agent"), False),
        (said("Use `3.12` instead of `3.11`", 1, "external"), False),
        (said("Use `3.10` instead of `3.9`", 1), False),
        (said("Fix a typo", 1), False),
    ],
    ids=["a commit", "a commit before it", "an agent", "a stranger", "of something else", "an event"],
)
def test_only_a_later_commit_that_ends_what_was_read_has_it_read_again(o: Observation, heard: bool) -> None:
    assert overruled([REQUIRES, o], {"pyproject.toml#x": REQUIRES}) == ({"pyproject.toml#x": o.epoch} if heard else {})


def test_a_command_is_a_want_and_is_not_read_again() -> None:
    tests = read("tests.command", "Tests run with `make test`")
    o = said("Use `tox` instead of `make test`", 1)

    assert overruled([tests, o], {"Makefile#test": tests}) == {}


def test_nothing_was_read_and_nothing_is_asked() -> None:
    assert overruled([said("Use `3.12` instead of `3.11`", 1)], {}) == {}
