"""mypy's and pyright's settings."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject.toml": "[tool.mypy]\nstrict = true"}, {"mypy.strict": "strict"}),
        ({"pyproject.toml": "[tool.mypy]\nstrict = false"}, {}),
        (
            {"pyproject.toml": "[tool.mypy]\ndisallow_untyped_defs = true\nwarn_unreachable = true\ncheck_untyped_defs = true"},
            {"mypy.disallow-untyped-defs": "disallow_untyped_defs", "mypy.flags": "check_untyped_defs, warn_unreachable"},
        ),
        ({"pyproject.toml": "[tool.mypy]\nplugins = ['a.mypy', 'b']\nfiles = 'src'"},
         {"mypy.plugins": "a.mypy, b", "mypy.files": "src"}),
        ({"mypy.ini": "[mypy]\nStrict = True\n", "pyproject.toml": "[tool.mypy]\nplugins = 'x'"}, {"mypy.strict": "strict"}),
        ({"setup.cfg": "[mypy]\nplugins =\n  a,\n  b\n[mypy-x.*]\nstrict = true\n"}, {"mypy.plugins": "a, b"}),
        ({"pyproject.toml": "[tool.pyright]\ntypeCheckingMode = 'strict'"}, {"pyright.mode": "strict"}),
        ({"pyrightconfig.json": '{"typeCheckingMode": "basic", "strict": ["src/core"]}'},
         {"pyright.mode": "basic", "pyright.strict": "src/core"}),
        ({"pyproject.toml": "[tool.basedpyright]\ntypeCheckingMode = 'all'"}, {"basedpyright.mode": "all"}),
        ({"pyproject.toml": "[tool]\nmypy = 3\npyright = []"}, {}),
    ],
)  # fmt: skip
def test_what_is_demanded_of_types_is_read(files: dict[str, str], expected: dict[str, str]) -> None:
    """Only what is on; mypy.ini before pyproject.toml, as mypy does."""
    readings, problems = read_by("type_checkers", files)
    assert (values(readings), problems) == ({f"types.{name}": value for name, value in expected.items()}, [])


def test_a_broken_pyrightconfig_is_a_problem_and_mypy_is_read_all_the_same() -> None:
    """One bad file does not hide the others."""
    readings, problems = read_by("type_checkers", {"pyrightconfig.json": "[", "mypy.ini": "[mypy]\nstrict = 1\n"})
    assert values(readings) == {"types.mypy.strict": "strict"}
    assert [str(p).partition(":")[0] for p in problems] == ["pyrightconfig.json"]
