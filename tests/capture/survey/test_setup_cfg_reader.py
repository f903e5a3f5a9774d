"""setup.cfg and setup.py."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"setup.cfg": "[options]\npython_requires = >=3.9\n"}, {"python.requires": ">=3.9"}),
        (
            {"setup.cfg": "[options.entry_points]\nconsole_scripts =\n    app = app.cli:main\n    b-c = app:x\n"},
            {"entry-points.app": "app.cli:main", "entry-points.b-c": "app:x"},
        ),
        ({"setup.py": "setup(python_requires='>=3.8', name='x')"}, {"python.requires": ">=3.8"}),
        ({"setup.py": "setup(python_requires=__import__('os').environ['X'])"}, {}),
        ({"setup.py": "setup(entry_points={'console_scripts': ['app=app.cli:main']})"}, {"entry-points.app": "app.cli:main"}),
        ({"setup.py": "x = ['app=app.cli:main']"}, {}),
        (
            {"setup.cfg": "[options]\npython_requires = >=3.9\n", "setup.py": "python_requires='>=3.8'"},
            {"python.requires": ">=3.9"},
        ),
        ({"setup.cfg": "[metadata]\nname = x\n= y\nno option\n"}, {}),
    ],
)
def test_what_setuptools_is_told_is_read(files: dict[str, str], expected: dict[str, str]) -> None:
    """setup.cfg first; in setup.py only what stands there as a text."""
    readings, problems = read_by("setup_cfg", files)
    assert (values(readings), problems) == (expected, [])
