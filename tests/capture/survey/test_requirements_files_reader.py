"""requirements files."""

from __future__ import annotations

import pytest
from surveyed import read_by


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("requirements.txt", "that the project needs"),
        ("requirements-dev.txt", "for `dev`"),
        ("dev-requirements.txt", "for `dev`"),
        ("requirements/test.in", "for `test`"),
        ("docs/requirements.txt", "for `docs`"),
        ("a/b/requirements.txt", None),
        ("tests/requirements.txt", None),
        ("my requirements.txt", None),
    ],
)
def test_a_requirements_file_says_what_it_is_for(path: str, what: str | None) -> None:
    """By its name, else by its folder."""
    readings, _ = read_by("requirements_files", {path: "x"})
    assert [r.text for r in readings] == ([f"`{path}` lists the Python packages {what}"] if what else [])


def test_what_is_made_from_another_is_left_out() -> None:
    """Of `x.in` and `x.txt` people edit the first."""
    readings, _ = read_by("requirements_files", {"requirements.in": "", "requirements.txt": ""})
    assert [r.value for r in readings] == ["requirements.in"]
