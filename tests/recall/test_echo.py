"""What is an echo of what memory showed, and what is a new word."""

from __future__ import annotations

import pytest

from conftest import NOON
from kairos_git.memory.observation import observe
from kairos_git.recall.context.fence import Context, Item
from kairos_git.recall.context.packing import fenced
from kairos_git.recall.echo import Served, named, repeated, unquoted

COMMAND = Served("f-3vq8m2xa00000", "Tests run with `make test`", "tests.command", "make test", "o-7k3mq2zd00000")
PORT = Served("f-0000000000001", "The API listens on port 8080 in development", "note", "", "o-0000000000001")
CACHE = Served("o-0000000000002", "The cache must be cleared after every schema change", evidence="o-0000000000002")
DEPLOYS = Served(
    "f-0000000000003", "deploys happen from `v1.x` only", "note", "deploys happen from `v1.x` only", "o-0000000000003"
)
SHOWN = (COMMAND, PORT, CACHE, DEPLOYS)

ECHOES = {
    "Tests run with `make test`": COMMAND,
    "tests run with `make test`.": COMMAND,
    "Run `make test` to run the tests": COMMAND,
    "tests.command = make test": COMMAND,
    "I checked: the tests run with `make test` here": COMMAND,
    "As f-3vq8m2xa says, the suite is started by make": COMMAND,
    "Tests run with make test": COMMAND,
    "The `API` listens on port `8080` in development": PORT,
    "deploys happen from v1.x only": DEPLOYS,
    "In development the API listens on port 8080": PORT,
    "The API listens on port 8080 in development, and the web on 3000": PORT,
    "After every schema change the cache must be cleared": CACHE,
}
NEW = [
    "Tests run with `tox`",
    "Tests run with tox, and make test is gone",
    "deploys happen from v2.x only",
    "The API listens on port 9090 in development",
    "Tests do not run with `make test`",
    "The cache must not be cleared after every schema change",
    "The docs are built with `make docs`",
    "The queue is emptied after every release",
    "f-zzzzzzz9 says something else entirely",
]


@pytest.mark.parametrize("text", ECHOES)
def test_what_says_again_what_was_shown_is_an_echo(text: str) -> None:
    """The same claim, the same words, nearly the same words, or the id itself."""
    assert repeated(observe(NOON, text, "agent", sess="s"), SHOWN) == ECHOES[text]


@pytest.mark.parametrize("text", NEW)
def test_another_value_a_denial_or_another_subject_is_new(text: str) -> None:
    """A contradiction must be heard: it is how memory learns that it is wrong."""
    assert repeated(observe(NOON, text, "agent", sess="s"), SHOWN) is None


def test_nothing_was_shown_so_nothing_is_an_echo() -> None:
    """An agent that found it alone has found it."""
    assert repeated(observe(NOON, "Tests run with `make test`", "agent", sess="s"), ()) is None


def test_memory_quoted_in_a_message_is_taken_out() -> None:
    """Our block, also a torn one, and lines that carry our ids; the speaker's own lines stay."""
    block = fenced(Context("", (Item("Tests run with `make test`", ("f-3vq8m2xa00000",), "facts", ""),)))
    text = f"I read this:\n{block}\nand fixed the parser.\n- [f-3vq8m2xa] Tests run with `make test`\n- x <!--k f-1 -->\nDone in f-strings."

    assert unquoted(text) == "I read this:\n\nand fixed the parser.\nDone in f-strings."
    assert unquoted(f"Fixed.\n{block[:-20]}") == "Fixed."


def test_an_id_is_known_whole_or_shortened_and_words_are_none() -> None:
    """Eight letters without a digit may be a word."""
    assert named("see f-3vq8m2xa and o-7k3mq2zd91abc, not f-standard or self-f-12345678") == ["f-3vq8m2xa", "o-7k3mq2zd91abc"]
