"""The Node.js a file of its own pins."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".nvmrc": "v22.1.0\n"}, {"node.requires": "v22.1.0"}),
        ({".nvmrc": "# ours\nlts/iron"}, {"node.requires": "lts/iron"}),
        ({".node-version": "20", ".nvmrc": "22"}, {"node.requires": "22"}),
        ({".node-version": "20", "package.json": '{"engines": {"node": ">=18"}}'}, {"node.version-file": "20"}),
        ({".nvmrc": "rm -rf /"}, {}),
        ({".nvmrc": ""}, {}),
        ({".nvmrc": b"\xff\xfe"}, {}),
        ({}, {}),
    ],
)
def test_a_pinned_version_is_read(files: dict[str, str | bytes], expected: dict[str, str]) -> None:
    """As the requirement where package.json has none, else beside it."""
    readings, problems = read_by("node_version", files)
    assert (values(readings), problems) == (expected, [])
