"""Whether a statement is about its speaker; when in doubt it is about the project."""

from __future__ import annotations

import pytest

from kairos_git.capture.me import LONGEST, speaks_of_self

OF_SELF = (
    "I prefer short answers", "My name is Ada", "call me Ada", "Call me Ada, please.", "I am a backend developer", "I'm a morning person",
    "I work in UTC+1", "I never want emojis in commits", "Remember: I prefer short answers", "remember that I work from Berlin",
    "I don't like long explanations", "My time zone is CET", "I live in Lisbon", "My editor is Helix",
    "I am colour-blind", "I’m new to Rust", "Answer me in German", "I use vim", "I have 20 years of experience with C",
    "I prefer tabs over spaces. My editor is vim.", "I always squash before merging", "I'd prefer British English", "my pronouns are they and them",
    "I want short commit messages", "I hate emojis", "I speak German and English", "I work part-time", "Don't call me boss",
)  # fmt: skip
NOT_OF_SELF = (
    "I think tests run with tox", "I fixed the bug", "we use uv", "in this repo I prefer tox", "I prefer tox for this project",
    "I prefer the new parser", "I want the tests to pass", "I want you to fix the login", "call me when the tests pass", "I am working on the parser",
    "I'm a bit lost here", "I am a bit confused", "My branch is broken", "I prefer tests in tests/unit", "I use tox", "Tests run with `tox`",
    "I prefer short answers. Tests run with tox.", "Do I prefer short answers?", "I work on the parser", "I work in the tests folder",
    "I always forget the flag for now", "I have a question", "I like this change", "Always answer in German", "Never commit to main",
    "The name is Ada", "I need to rename the module", "I'm in the middle of a refactoring", "I added a test", "The user said: I prefer short answers",
    "i = 1", "I am not sure", "", "My tests are slow", "I never saw that error", "I prefer pyproject.toml over setup.cfg", "I would fix the lexer",
)  # fmt: skip


@pytest.mark.parametrize("text", OF_SELF)
def test_who_speaks_plainly_of_themselves_is_heard(text: str) -> None:
    """Name, place, trade, likes and habits."""
    assert speaks_of_self(text)


@pytest.mark.parametrize("text", NOT_OF_SELF)
def test_in_doubt_a_line_is_about_the_project(text: str) -> None:
    """What was done, what is thought of a project, what holds in one place or moment, what only quotes."""
    assert not speaks_of_self(text)


def test_an_account_is_not_about_its_speaker() -> None:
    """Long text is a story, whatever it begins with."""
    assert not speaks_of_self("I prefer " + "short answers " * (LONGEST // 10))
