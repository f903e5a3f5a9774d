"""pytest's settings."""

from __future__ import annotations

import pytest
from surveyed import read_by, values

OPTIONS = "tool.pytest.ini_options"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"pyproject.toml": f"[{OPTIONS}]\naddopts = ['-n', 'auto']\ntestpaths = 'tests'\nasyncio_mode = 'auto'"},
            {"addopts": "-n auto", "testpaths": "tests", "asyncio-mode": "auto"},
        ),
        ({"pyproject.toml": "[tool.pytest]\naddopts = ['-q']"}, {"addopts": "-q"}),
        ({"pyproject.toml": f"[{OPTIONS}]\nmarkers = ['skip_win: not there', 'slow', '-x', 3]"}, {"markers": "skip_win, slow"}),
        ({"pyproject.toml": f"[{OPTIONS}]\nfilterwarnings = ['error', 'ignore::x']"}, {"filterwarnings": "error"}),
        ({"pyproject.toml": f"[{OPTIONS}]\nfilterwarnings = ['error:once']"}, {}),
        ({"pyproject.toml": f"[{OPTIONS}]\nxfail_strict = true\nstrict = false"}, {"xfail-strict": "xfail_strict"}),
        ({"pyproject.toml": f"[{OPTIONS}]\npython_files = 'test_*.py'"}, {}),
        ({"pyproject.toml": f"[{OPTIONS}]\npython_files = 'check_*.py'"}, {"python-files": "check_*.py"}),
        ({"pytest.ini": "[pytest]\naddopts =\n    -ra\n    --strict-markers\n", "pyproject.toml": f"[{OPTIONS}]\naddopts='-x'"},
         {"addopts": "-ra --strict-markers"}),
        ({"tox.ini": "[pytest]\nmarkers =\n    slow: takes long\n    net\n"}, {"markers": "slow, net"}),
        ({"setup.cfg": "[tool:pytest]\ntestpaths = a b\n"}, {"testpaths": "a b"}),
        ({"setup.cfg": "[pytest]\ntestpaths = a b\n"}, {}),
        ({"pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = app.settings\n"}, {"django-settings-module": "app.settings"}),
        ({"pyproject.toml": f"[{OPTIONS}]\naddopts = {{}}\nmarkers = 3"}, {}),
        ({"pytest.ini": "[pytest]\naddopts = -k 'a\n"}, {"addopts": "-k 'a"}),
    ],
)  # fmt: skip
def test_settings_are_read_where_pytest_reads_them(files: dict[str, str], expected: dict[str, str]) -> None:
    """pytest.ini decides alone where it is there; what everybody has is not said."""
    readings, problems = read_by("pytest_settings", files)
    assert (values(readings), problems) == ({f"tests.pytest.{name}": value for name, value in expected.items()}, [])


def test_more_markers_than_fit_are_cut_between_two() -> None:
    """Each marker named is a whole one."""
    toml = f"[{OPTIONS}]\nmarkers = [{', '.join(repr(f'a_long_marker_{n}') for n in range(5000))}]"
    readings, _ = read_by("pytest_settings", {"pyproject.toml": toml})
    named = readings[0].value.split(", ")
    assert named == [f"a_long_marker_{n}" for n in range(len(named))]
    assert len(readings[0].value) > 150
