"""What a Python project is built on, and the tools in its groups."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        (
            "[project]\ndependencies = ['FastAPI[all]>=1; x', 'pydantic', 'left_pad']",
            {"python.dependencies.web": "fastapi", "python.dependencies.values": "pydantic"},
        ),
        ("[tool.poetry.dependencies]\nclick = '^8'\nrich = {version = '*'}", {"python.dependencies.terminal": "click, rich"}),
        ("[project]\ndependencies = ['pydantic-ai-helper', 'sqlalchemy2x']", {}),
        ("[dependency-groups]\ndev = ['tox', 'Tox_UV>=1', 'certifi']", {"python.groups.dev": "tox, tox-uv"}),
        ("[dependency-groups]\nlint = ['ruff']\ndev = [{include-group = 'lint'}, 'nox']", {"python.groups.dev": "nox, ruff", "python.groups.lint": "ruff"}),
        ("[dependency-groups]\na = [{include-group = 'b'}]\nb = [{include-group = 'a'}, 'mypy']", {"python.groups.a": "mypy", "python.groups.b": "mypy"}),
        ("[project.optional-dependencies]\ndev = ['pytest']", {"python.groups.dev": "pytest"}),
        ("[tool.poetry.group.dev.dependencies]\nblack = '*'\nx = '*'", {"python.groups.dev": "black"}),
        ("[dependency-groups]\ndocs = ['x', 3]\n", {}),
        ("dependency-groups = 3\nproject = []", {}),
    ],
)  # fmt: skip
def test_notable_packages_are_read_and_no_others(toml: str, expected: dict[str, str]) -> None:
    """Frameworks by what they are for, tools by group; a long list of everything is nobody's reading."""
    readings, problems = read_by("python_groups", {"pyproject.toml": toml})
    assert (values(readings), problems) == (expected, [])


def test_groups_that_include_one_another_without_end_cost_little() -> None:
    """Each group is visited once, however often it is included."""
    names = [f"g{n}" for n in range(100)]
    lines = [f"{name} = [{', '.join(f'{{include-group = {other!r}}}' for other in names[:50])}, 'ruff']" for name in names]
    readings, problems = read_by("python_groups", {"pyproject.toml": "[dependency-groups]\n" + "\n".join(lines)})
    assert len(readings) == 6
    assert problems == []
