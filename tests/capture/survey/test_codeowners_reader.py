"""CODEOWNERS."""

from __future__ import annotations

import pytest
from surveyed import read_by


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("# owners\n* @a\n/docs/ @b\n/core/ @c @d\n", ["`.github/CODEOWNERS` names who reviews changes of `/docs/, /core/`"]),
        ("* @a\n", []),
        ("* @a\n/docs/ @b\n", []),
        ("[Section] @x\n/a/\n/b/\n", []),
    ],
)
def test_paths_with_owners_of_their_own_are_named(text: str, texts: list[str]) -> None:
    """One owner of everything is no news."""
    readings, problems = read_by("codeowners", {".github/CODEOWNERS": text})
    assert ([r.text for r in readings], problems) == (texts, [])
