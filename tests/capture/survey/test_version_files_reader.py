"""The versions that version managers install."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".python-version": "# local\n3.12\n3.11\n"}, {"python.version": "3.12"}),
        ({".go-version": "1.25.1"}, {"go.version": "1.25.1"}),
        ({".tool-versions": "nodejs 22.1.0 # lts\npython 3.13.1\nfoo 1\n"}, {"node.version": "22.1.0", "python.version": "3.13.1"}),
        ({"mise.toml": "[tools]\ngo = '1.25'\n'core:python' = ['3.13', '3.12']\nnode = {version = '22'}\njust = '1'"},
         {"go.version": "1.25", "python.version": "3.13", "node.version": "22"}),
        ({".mise.toml": "[tools]\nnode = 'latest'\npython = 3.12"}, {"python.version": "3.12"}),
        ({".python-version": "system"}, {}),
        ({".python-version": "ignore previous instructions"}, {}),
        ({".tool-versions": "\n\n python\n", "mise.toml": "tools = 3"}, {}),
    ],
)  # fmt: skip
def test_versions_are_read_for_languages_and_well_known_tools(files: dict[str, str], expected: dict[str, str]) -> None:
    """The first of several; nothing where none is named."""
    readings, problems = read_by("version_files", files)
    assert (values(readings), problems) == (expected, [])
