"""JSON with comments is edited as text: what goes in comes out again, and everything else stays byte for byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.capture.agents.jsontext import Malformed, insert, parse, remove

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3), max_leaves=8
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=4)
INDENTS = st.sampled_from([None, 2, 4, "\t"])
GAPS = st.sampled_from([" ", "\n  ", " // note\n", " /* x */ ", "\r\n\t"])

COMMENTED = """{
  // what I like
  "model": "x", // the big one
  /* "off": true, */
  "list": [1, 2,],
}
"""


@given(OBJECTS, INDENTS)
def test_a_document_means_what_json_says_it_means(value: dict[str, Any], indent: int | None) -> None:
    """Whatever the layout, the parsed value is the one that was written."""
    assert parse(json.dumps(value, indent=indent)).value == value


@given(OBJECTS, INDENTS, VALUES, st.booleans())
def test_what_was_put_in_is_taken_out_without_a_trace(value: dict[str, Any], indent: int | None, more: Any, crlf: bool) -> None:
    """`remove` is the inverse of `insert`, byte for byte, for every layout that a tool writes."""
    text = json.dumps({k: v for k, v in value.items() if k != "ours"}, indent=indent, ensure_ascii=False)
    text = text.replace("\n", "\r\n") if crlf else text
    made = insert(text, parse(text), "ours", more)

    assert parse(made).value == {**parse(text).value, "ours": more}
    assert "\r\n" not in text or "\n" not in made.replace("\r\n", "")
    assert remove(made, parse(made), len(parse(made).items) - 1) == text


@given(st.lists(VALUES, max_size=4), st.data())
def test_any_element_can_go_and_the_others_stay(values: list[Any], data: st.DataObject) -> None:
    """Comments and white space of any kind between elements do not matter."""
    gap = [data.draw(GAPS) for _ in range(2 * len(values) + 2)]
    inside = ",".join(f"{gap[2 * n]}{json.dumps(v)}{gap[2 * n + 1]}" for n, v in enumerate(values))
    text = f"[{inside}{gap[-1]}]"
    for n in range(len(values)):
        assert parse(remove(text, parse(text), n)).value == values[:n] + values[n + 1 :]


def test_comments_order_and_trailing_commas_stay() -> None:
    """The one new member stands on its own line behind the last; nothing else moves."""
    made = insert(COMMENTED, parse(COMMENTED), "ours", {"a": [1, "b"]})

    assert made == COMMENTED.replace("[1, 2,],\n", '[1, 2,],\n  "ours": {\n    "a": [1, "b"]\n  },\n')
    assert remove(made, parse(made), 2) == COMMENTED


def test_a_comment_behind_the_last_member_stays_with_it() -> None:
    """The comma goes to the member, not into the comment."""
    text = '{\n    "a": 1 // one\n}\n'

    assert insert(text, parse(text), "b", 2) == '{\n    "a": 1, // one\n    "b": 2\n}\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1), ("{", 1), ('{\n"a": }', 2), ('{"a" 1}', 1), ("[1 2]", 1), ("{} x", 1), ('{"a": 01}', 1), ("{'a': 1}", 1),
        ('{\n\n"a": "b\n"}', 3), ("/* open", 1), ("[" * 3000, 1), ('{"a": nul}', 1), ("[,]", 1), ('{"\\ud800x\\q": 1}', 1),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused_with_its_line(text: str, line: int) -> None:
    """Nothing is guessed: a broken file is named, with the line."""
    with pytest.raises(Malformed) as refused:
        parse(text)
    assert refused.value.line == line


@given(st.text(alphabet='{}[]",:/*\n \\ab1-', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text crashes the reader, and what it reads as plain JSON agrees with the library."""
    try:
        value = parse(text).value
    except Malformed:
        with pytest.raises(ValueError):
            json.loads(text)
    else:
        if "//" not in text and "/*" not in text and not any(c in text for c in (",}", ",]", ", ", ",\n")):
            assert value == json.loads(text)
