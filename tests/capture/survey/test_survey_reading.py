"""What a value may look like, and how it is quoted."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kairos_git.capture.survey.reading import code, conditioned, key_name, many, one_line, reading, slot_names

LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1)


def first_span(text: str) -> str:
    """The first code span of a line as a Markdown parser of its own sees it."""
    children = MarkdownIt().parseInline(text)[0].children or []
    return next(child.content for child in children if child.type == "code_inline")


@given(LINES)
@example("`")
@example("a `b` ``c``")
@example(" padded ")
@example("  ")
@example("<!-- `x` -->")
def test_a_markdown_parser_finds_the_value_back_whatever_it_holds(value: str) -> None:
    """code() and CommonMark are inverse: the span's content is the value, character for character."""
    assert first_span(code(value)) == value
    assert first_span(f"Tests run with {code(value)} and {code('x')}") == value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("pytest -q", "pytest -q"),
        ("a\n  b\r\nc\td", "a b c d"),
        ("grün ☃", "grün ☃"),
        ("", None),
        (" \n ", None),
        ("a\x1b[31mb", None),
        ("a\x00", None),
        ("a\x07b", None),
        ("a\u202eb", None),
        ("a\u200bb", None),
        ("a\u2028b", None),
        ("a\ud800", None),
        ("<!-- b", None),
        ("b -->", None),
    ],
)
def test_a_line_is_folded_or_refused(text: str, line: str | None) -> None:
    """Breaks become a space; what a terminal or a comment would obey, or nobody would see, refuses the whole line."""
    assert one_line(text) == line


def test_a_value_over_200_characters_is_no_reading() -> None:
    """A cut value would be false, so a long one is left out whole."""
    assert list(reading("f", "k", "s.x", "v" * 201, "{}")) == []
    (one,) = reading("f", "k", "s.x", "v" * 200, "It is {}")
    assert (one.value, one.text) == ("v" * 200, f"It is `{'v' * 200}`")


def test_a_long_body_is_cut_with_a_mark() -> None:
    """What a command runs is said beside the value and may be shortened."""
    (one,) = reading("f", "k", "s.x", "npm test", "{} runs {}", "mocha " * 100)
    assert one.text.endswith("…`")
    assert len(one.text) < 150


def test_a_hostile_body_takes_the_reading_with_it() -> None:
    """A command whose body cannot be shown is not offered without it."""
    assert list(reading("f", "k", "s.x", "npm test", "{} runs {}", "mocha\x1b]0;x\x07")) == []
    assert list(reading("f\n", "k", "s.x", "v", "{}")) == []


@given(st.lists(st.text(min_size=1)))
def test_two_names_never_share_a_slot(names: list[str]) -> None:
    """Names that differ only in what a slot cannot hold are told apart."""
    slots = slot_names(names)
    assert set(slots) == set(names)
    assert len(set(slots.values())) == len(slots)
    assert all(set(slot) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") and slot for slot in slots.values())


def test_a_plain_name_keeps_its_slot_whoever_joins_it() -> None:
    """`test-unit` is not renamed because somebody adds `test_unit`."""
    assert slot_names(["test:unit", "lint"]) == {"test:unit": "test.unit", "lint": "lint"}
    both = slot_names(["test_unit", "test-unit"])
    assert both["test-unit"] == "test-unit"
    assert both["test_unit"].startswith("test-unit-")


@given(st.text(), st.text())
def test_keys_are_plain_and_tell_names_apart(one: str, other: str) -> None:
    """A key can stand in a Markdown comment, and different names have different keys."""
    assert "--" not in key_name(one)
    assert all(c.isascii() and not c.isspace() and c not in "#<>" for c in key_name(one))
    assert (key_name(one) == key_name(other)) == (one == other)


def test_a_condition_is_part_of_the_slot_and_not_of_its_kind() -> None:
    """`ci.run` holds many values in every part; a part that cannot be written has no slot."""
    assert conditioned("ci.run", "") == "ci.run"
    assert conditioned("ci.run", "packages/web") == "ci.run{part=packages/web}"
    assert conditioned("ci.run", "a}b") is None
    assert conditioned("ci.run", "../up") is None
    assert many("ci.run{part=web}") and many("ci.run") and not many("tests.command")
