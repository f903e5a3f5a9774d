"""The settings of black, isort, flake8 and coverage."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"pyproject.toml": "[tool.black]\nline-length = 88\ntarget-version = ['py310', 'py311']"},
            {"format.black.line-length": "88", "format.black.target-version": "py310, py311"},
        ),
        ({"pyproject.toml": "[tool.black]\nskip-string-normalization = true"},
         {"format.black.skip-string-normalization": "skip-string-normalization"}),
        ({"pyproject.toml": "[tool.black]\nskip-string-normalization = false"}, {}),
        ({"pyproject.toml": "[tool.isort]\nprofile = 'black'\nforce_single_line = true"},
         {"format.isort.profile": "black", "format.isort.force-single-line": "force_single_line"}),
        ({"pyproject.toml": "[tool.coverage.report]\nfail_under = 95"}, {"tests.coverage.fail-under": "95"}),
        ({".coveragerc": "[report]\nfail_under = 90\n"}, {"tests.coverage.fail-under": "90"}),
        ({"setup.cfg": "[flake8]\nmax-line-length = 100\n"}, {"lint.flake8.max-line-length": "100"}),
        ({".flake8": "[flake8]\nmax_line_length = 99 \n"}, {"lint.flake8.max-line-length": "99"}),
        ({"pyproject.toml": "[tool]\nblack = 3\nisort = []"}, {}),
    ],
)  # fmt: skip
def test_settings_that_bite_are_read(files: dict[str, str], expected: dict[str, str]) -> None:
    """Line lengths, targets, quotes, single-line imports and the least coverage."""
    readings, problems = read_by("python_tools", files)
    assert (values(readings), problems) == (expected, [])
