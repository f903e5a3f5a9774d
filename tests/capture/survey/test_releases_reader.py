"""How releases are tagged."""

from __future__ import annotations

import pytest
from surveyed import tree

from kairos_git.capture.survey import survey
from kairos_git.capture.survey.readers.releases import READER
from kairos_git.capture.survey.reading import Past


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        (("v1.2.0", "v1.1.0", "v1.0.0"), "Releases are tagged with their version, such as `v1.2.0`"),
        (("2.0.0-rc1", "1.2", "1.1", "1.0"), "Releases are tagged with their version, such as `1.2`"),
        (("v1.1.0", "v1.0.0"), None),
        ((), None),
        (("a@2.0.0", "a@1.1.0", "a@1.0.0", "b@1.0.0"), "Each package's release has a tag with its name, such as `a@2.0.0`"),
        (
            ("v2.0.0", "v1.1.0", "v1.0.0", "a@3.0.0", "a@1.0.0", "a@1.1.0", "b@1.0.0", "b@1.1.0", "b@1.2.0"),
            "Releases are tagged with their version, such as `v2.0.0`; packages have their own",
        ),
        (
            ("v2.0.0", "v1.1.0", "v1.0.0", *(f"a-v1.{n}.0" for n in range(9, 0, -1))),
            "Each package's release has a tag with its name, such as `a-v1.9.0`",
        ),
        (("1.0.0-beta", "1.0.0-alpha", "1.0.0-rc1"), None),
    ],
)
def test_the_newest_release_shows_the_form(tags: tuple[str, ...], text: str | None) -> None:
    """Of the whole project before its packages, unless long since only these are released; candidates are none."""
    readings, problems = survey(tree({})._replace(past=lambda: Past(tags=tags)), [READER])
    assert problems == []
    assert [reading.text for reading in readings] == ([text] if text else [])
