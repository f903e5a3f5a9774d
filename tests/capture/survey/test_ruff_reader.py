"""ruff's settings."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"pyproject.toml": "[tool.ruff]\nline-length = 100\ntarget-version = 'py311'"},
            {"lint.ruff.line-length": "100", "lint.ruff.target-version": "py311"},
        ),
        ({"pyproject.toml": "[tool.ruff.lint]\nselect = ['E', 'F']\nignore = ['E501']"},
         {"lint.ruff.select": "E, F", "lint.ruff.ignore": "E501"}),
        ({"pyproject.toml": "[tool.ruff]\nselect = ['E']"}, {"lint.ruff.select": "E"}),
        ({"ruff.toml": "line-length = 80", "pyproject.toml": "[tool.ruff]\nline-length = 99"}, {"lint.ruff.line-length": "80"}),
        ({".ruff.toml": "line-length = 70", "ruff.toml": "line-length = 80"}, {"lint.ruff.line-length": "70"}),
        ({"pyproject.toml": "[tool.ruff.lint.isort]\nforce-single-line = true"},
         {"lint.ruff.isort.force-single-line": "force-single-line"}),
        ({"pyproject.toml": "[tool.ruff.lint.isort]\nforce-single-line = false"}, {}),
        ({"pyproject.toml": "[tool.ruff.lint.isort]\nrequired-imports = ['from __future__ import annotations']"},
         {"lint.ruff.isort.required-imports": "from __future__ import annotations"}),
        ({"pyproject.toml": "[tool.ruff.lint.pydocstyle]\nconvention = 'google'"}, {"lint.ruff.pydocstyle.convention": "google"}),
        ({"pyproject.toml": "[tool.ruff.lint.flake8-tidy-imports.banned-api]\n'os.getenv'.msg = 'x'"},
         {"lint.ruff.banned-api": "os.getenv"}),
        ({"pyproject.toml": "[tool.ruff.lint.per-file-ignores]\n'tests/**' = ['S101']"}, {"lint.ruff.per-file.tests": "S101"}),
        ({"pyproject.toml": "[tool.ruff.format]\nquote-style = 'single'"}, {"format.ruff.quote-style": "single"}),
        ({"pyproject.toml": "[tool.ruff]\nline-length = [1]\nlint = 3\nformat = []"}, {}),
    ],
)  # fmt: skip
def test_rules_and_limits_are_read_where_ruff_reads_them(files: dict[str, str], expected: dict[str, str]) -> None:
    """.ruff.toml before ruff.toml before pyproject.toml; rules in [lint] or, as of old, above it."""
    readings, problems = read_by("ruff", files)
    assert (values(readings), problems) == (expected, [])


def test_of_a_long_list_of_rules_the_families_are_said() -> None:
    """A hundred codes do not fit a line, and a part of them would be false."""
    rules = ", ".join(f"'E{n}'" for n in range(50)) + ", 'F401'"
    readings, _ = read_by("ruff", {"ruff.toml": f"[lint]\nselect = [{rules}]"})
    assert values(readings) == {"lint.ruff.select": "E, F"}
