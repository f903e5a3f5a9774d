"""golangci-lint's configuration."""

from __future__ import annotations

import pytest
from surveyed import read_by, values

RUN = {"lint.command": "golangci-lint run", "fix.command": "golangci-lint run --fix"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".golangci.yml": ""}, RUN),
        (
            {".golangci.yml": "version: '2'\nformatters:\n  enable: [gofumpt, goimports]\nlinters:\n  enable: [bodyclose]\n"},
            {
                **RUN,
                "format.command": "golangci-lint fmt",
                "format.golangci.formatters": "gofumpt, goimports",
                "lint.golangci.linters": "bodyclose",
            },
        ),
        (
            {".golangci.yaml": "linters:\n  enable: [gofumpt, revive]\nlinters-settings:\n  lll:\n    line-length: 120\n"},
            {
                **RUN,
                "format.golangci.formatters": "gofumpt",
                "lint.golangci.linters": "revive",
                "lint.golangci.line-length": "120",
            },
        ),
        (
            {".golangci.toml": "[linters]\ndefault = 'all'\ndisable = ['wsl']"},
            {**RUN, "lint.golangci.default": "all", "lint.golangci.disabled": "wsl"},
        ),
        ({".golangci.yml": "linters:\n  default: standard\n"}, RUN),
        ({".golangci.json": '{"linters": 3, "formatters": []}'}, RUN),
        ({"go.mod": ""}, {}),
    ],
)
def test_linters_and_formatters_are_read_in_both_versions(files: dict[str, str], expected: dict[str, str]) -> None:
    """Version 2 formats by itself; version 1 lists its formatters among the linters."""
    readings, problems = read_by("golangci", files)
    assert (values(readings), problems) == (expected, [])
