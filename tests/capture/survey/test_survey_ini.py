"""INI files as sections of texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from surveyed import tree

from kairos_git.capture.survey.formats.ini import parse_ini, read_ini
from kairos_git.errors import Problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a]\nB = c\n", {"a": {"b": "c"}}),
        ("[a]\nb: c = d\n", {"a": {"b": "c = d"}}),
        ("[a]\nb =\n  c\n  # no\n\n  d = e\n", {"a": {"b": "c\nd = e"}}),
        ("[a]\nb = %(c)s {x}\n", {"a": {"b": "%(c)s {x}"}}),
        ("[a]\r\nb = c\r\n[d]\r\n", {"a": {"b": "c"}, "d": {}}),
        ("[a]\nb = 1\n[a]\nc = 2\n", {"a": {"b": "1", "c": "2"}}),
        ("b = 1\n  c\n[a\nno option\n  d\n", {}),
        ("\ufeff[a]\n; no\nb=1", {"a": {"b": "1"}}),
        ("", {}),
    ],
)
def test_sections_are_texts_as_they_stand(text: str, expected: dict[str, dict[str, str]]) -> None:
    """Nothing is expanded; what is no INI is skipped."""
    assert read_ini(tree({"x.ini": text}), "x.ini") == expected


def test_a_file_that_git_did_not_give_is_a_problem() -> None:
    """It is there, and larger than a reader may see."""
    whole = tree({"x.ini": "[a]"})
    assert isinstance(read_ini(whole._replace(read=lambda path: None), "x.ini"), Problem)


@given(st.text())
def test_any_text_has_sections(text: str) -> None:
    """Whatever stands there, it is read, and the same way again."""
    assert parse_ini(text) == parse_ini(text)
