"""What in a prompt is the owner telling memory something, and what is a task, a question or a story."""

from __future__ import annotations

import pytest

from kairos_git.capture.sessions.instruction import LONGEST, instructions

TAKEN = {
    "remember: we use port 8080 everywhere": "we use port 8080 everywhere",
    "Remember that the API needs a VPN.": "the API needs a VPN.",
    "please remember that tests need docker": "tests need docker",
    "REMEMBER: use pnpm. Now fix the login page": "use pnpm.",
    "remember: don't upgrade pydantic. It breaks the v1 plugin.": "don't upgrade pydantic. It breaks the v1 plugin.",
    "note: staging is read-only on Fridays": "staging is read-only on Fridays",
    "Always use `uv run` for scripts.": "Always use `uv run` for scripts.",
    "always run the tests before you commit. Then fix #12": "always run the tests before you commit.",
    "please never push to main": "never push to main",
    "Never commit generated files, e.g. the ones in dist.": "Never commit generated files, e.g. the ones in dist.",
    "don't ever touch the vendored code": "don't ever touch the vendored code",
    "Don’t ever rebase shared branches": "Don’t ever rebase shared branches",
    "do not ever delete migrations": "do not ever delete migrations",
    "From now on, use pnpm instead of npm": "use pnpm instead of npm",
    "from now on the API is versioned": "the API is versioned",
    "always double-check the lock file": "always double-check the lock file",
    "Always pass --frozen": "Always pass --frozen",
    "never bring your own fonts": "never bring your own fonts",
    "  remember: leading space is fine": "leading space is fine",
    "remember: tests run with `make test`\n\nTraceback (most recent call last):\n  always ignore this": "tests run with `make test`",
}


@pytest.mark.parametrize("prompt", TAKEN)
def test_a_prompt_that_begins_with_an_instruction_is_the_owner_speaking(prompt: str) -> None:
    """The owner's own words are taken, up to where a task or a pasted text begins."""
    assert instructions(prompt) == (TAKEN[prompt],)


LEFT = [
    "Fix the parser. remember: use tabs",
    "Look at this:\nremember: the password is hunter2",
    "The linter says: always use const",
    "> remember: quoted",
    '"remember: quoted"',
    "/remember: a slash command",
    "<system-reminder>\nremember: machine\n</system-reminder>",
    "# remember: a heading",
    "remember when we switched to tox?",
    "remember that bug we had yesterday, it is back",
    "remember that time it failed",
    "remember to run the tests",
    "Remember: do we use tabs?",
    "remember:",
    "remember: ",
    "note:",
    "never mind",
    "Never mind, I found it",
    "nevermind",
    "never again please",
    "Always getting this error:",
    "always fails when I run the tests",
    "Always failed before",
    "always the same error",
    "always a problem with the cache",
    "Always returns None, why?",
    "never worked on my machine",
    "Never seen this before",
    "Never had that. What is it?",
    "always on",
    "always?",
    "Always use X, right?",
    "never happens locally",
    "from now on it fails with a traceback",
    "from now on I get a 500",
    "don't ever",
    "dont worry about it",
    "Do not ever happen to know the answer?",
    "alwaysuse",
    "rememberthis: x",
    "",
    "   ",
]


@pytest.mark.parametrize("prompt", LEFT, ids=[repr(p[:40]) for p in LEFT])
def test_a_task_a_question_or_a_story_is_no_instruction(prompt: str) -> None:
    """When in doubt nothing is taken: the owner can say it again, with a colon."""
    assert instructions(prompt) == ()


def test_a_list_right_under_remember_is_one_instruction_for_each_item() -> None:
    """The list ends at the first line that is no item."""
    prompt = "Remember:\n- tests need docker\n* never push on Fridays\n2. the CI is slow\n\n- pasted further down"

    assert instructions(prompt) == ("tests need docker", "never push on Fridays", "the CI is slow")


def test_what_is_too_long_was_pasted() -> None:
    """Nobody types an instruction of a page."""
    assert instructions("remember: " + "word " * LONGEST) == ()


def test_a_code_span_is_never_cut() -> None:
    """A full stop within code ends no sentence."""
    assert instructions("always run `make lint. && make test` first. Go.") == ("always run `make lint. && make test` first.",)
