"""Branches that keep older versions alive."""

from __future__ import annotations

import pytest
from surveyed import tree

from kairos_git.capture.survey import survey
from kairos_git.capture.survey.readers.branches import READER
from kairos_git.capture.survey.reading import Past


@pytest.mark.parametrize(
    ("branches", "value"),
    [
        (("main", "1.x"), "1.x"),
        (
            ("main", "stable-2.9", "stable-2.10", "stable-2.8", "stable-2.7", "stable-2.6"),
            "stable-2.10, stable-2.9, stable-2.8, stable-2.7",
        ),
        (("release/1.0", "release/2.0"), "release/2.0, release/1.0"),
        (("v1", "v2"), "v2, v1"),
        (("main", "v2"), None),
        (("release/1.0.1", "release/1.0.2"), None),
        (("main", "fix-1.x", "dependabot/1.2", "feature/v1"), None),
        ((), None),
    ],
)
def test_branches_named_after_versions_are_told(branches: tuple[str, ...], value: str | None) -> None:
    """The four newest, in the order of their numbers; a release in the making or one lone version is none."""
    readings, _ = survey(tree({}, "main")._replace(past=lambda: Past(branches=branches)), [READER])
    assert [reading.value for reading in readings] == ([value] if value else [])


def test_the_default_branch_is_no_older_version() -> None:
    """Some projects work on `4.x`."""
    readings, _ = survey(tree({}, "4.x")._replace(past=lambda: Past(branches=("4.x",))), [READER])
    assert readings == []
