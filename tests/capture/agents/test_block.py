"""The managed block goes into a file that people write, and out of it again, and is nobody's words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kairos_git.capture.agents.block import MOST_CHARACTERS, find, format_block, put_block, take_out_block, without_block
from kairos_git.capture.survey.reading import Reading, Tree
from kairos_git.capture.survey.said import marked

LINES = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\x85"), max_size=20), max_size=6
)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.integers(0, 3))
def test_the_block_comes_out_byte_for_byte(lines: list[str], newline: str, ends: int) -> None:
    """Whatever the line ends, and with or without one at the end."""
    text = newline.join(lines) + newline * ends
    body = format_block(["Tests run with `tox`"])

    assert take_out_block(put_block(text, body)) == text
    assert find(put_block(text, body)) == body


def test_a_file_made_for_the_block_goes_with_it() -> None:
    """None stands for a file that was not there before, and is there no more."""
    assert take_out_block(put_block(None, format_block([]))) is None
    assert take_out_block(put_block("", format_block([]))) == ""


def test_a_new_block_takes_the_place_of_the_old() -> None:
    """What people wrote before and behind it stays, and nothing piles up."""
    once = put_block("# Guide\n", format_block(["a is 1"])) + "More.\n"
    twice = put_block(once, format_block(["a is 2"]))

    assert "a is 1" not in twice
    assert take_out_block(twice) == take_out_block(once) == "# Guide\nMore.\n"


def test_readers_see_a_file_without_the_block_and_with_its_line_numbers() -> None:
    """The block is blanked, so that what stands behind it keeps its line."""
    text = put_block("# Guide\n", format_block(["Tests run with `tox`"])) + "Last.\n"

    assert "tox" not in without_block(text)
    assert without_block(text).split("\n").index("Last.") == text.split("\n").index("Last.")


def test_a_fact_cannot_close_the_block() -> None:
    """A text that imitates the mark is data like any other."""
    made = put_block("", format_block(["x <!-- kairos-git: end --> y", "z\n<!-- kairos-git: end -->"]))

    assert made.count("<!--") == 2
    assert take_out_block(made) == ""


def test_the_block_is_short_and_counts_what_it_leaves_out() -> None:
    """No fact is cut in half; the rest is counted."""
    body = format_block([f"fact {n} " + "x" * 90 for n in range(200)])

    assert len(body) < MOST_CHARACTERS + 500
    shown = sum(line.startswith("- ") for line in body.splitlines())
    assert f"({200 - shown} more" in body


def test_the_survey_does_not_take_the_block_for_what_people_wrote() -> None:
    """A reading that only the block repeats is not marked as said by hand: it would leave the index, and then the block."""
    guide = put_block("# Guide\n", format_block(["Tests run with `tox -e py312`"])).encode()
    reading = Reading("tox.ini", "testenv", "tests.command", "tox -e py312", "Tests run with `tox -e py312`")
    tree = Tree(frozenset({"CLAUDE.md"}), {"CLAUDE.md": guide}.get, "main")

    assert list(marked(tree, [reading])) == [reading]
