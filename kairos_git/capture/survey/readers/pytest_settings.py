"""pytest's settings, wherever they stand: standing options, markers, where tests are looked for, what is an error."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT
from kairos_git.capture.survey.formats.documents import Document, read_toml, string, strings, table
from kairos_git.capture.survey.formats.ini import read_ini
from kairos_git.capture.survey.reading import LONGEST_VALUE, MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

# pytest's order: the first file that is there and has settings decides.
_INI = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
_USUAL_FILES = frozenset({"test_*.py", "test_*.py *_test.py", "*_test.py test_*.py"})

MOST_MARKERS = 50

_SETTINGS = {
    "addopts": ("tests.pytest.addopts", "pytest is always given {}"),
    "testpaths": ("tests.pytest.testpaths", "pytest looks for tests in {}"),
    "asyncio_mode": ("tests.pytest.asyncio-mode", "pytest's asyncio_mode is {}"),
    "timeout": ("tests.pytest.timeout", "A test may take {} seconds"),
    "python_files": ("tests.pytest.python-files", "pytest takes for test files {}"),
    "pythonpath": ("tests.pytest.pythonpath", "pytest imports from {}"),
    "django_settings_module": ("tests.pytest.django-settings-module", "Tests run with the Django settings {}"),
    "minversion": ("", ""),
}
_ON = {
    "strict": ("tests.pytest.strict", "pytest's {} mode is on: unknown markers and settings are errors"),
    "xfail_strict": ("tests.pytest.xfail-strict", "A test that passes though marked as failing fails: {} is on"),
}


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, PYPROJECT)
    if isinstance(document, Problem):
        yield document
        document = {}
    for file, section in _INI:
        sections = read_ini(tree, file)
        if isinstance(sections, Problem):
            yield sections
        elif section in sections:
            yield from _settings(file, f"{section}.", _lines(sections[section]))
            return
    pytest = table(document, "tool", "pytest")
    old = table(pytest, "ini_options")
    yield from _settings(PYPROJECT, "tool.pytest.ini_options." if old else "tool.pytest.", _texts(old or pytest))


def _settings(file: str, above: str, settings: Mapping[str, list[str]]) -> Iterator[Reading]:
    for name, (slot, text) in _SETTINGS.items():
        value = " ".join(settings.get(name, []))
        if slot and not (name == "python_files" and value in _USUAL_FILES):
            yield from reading(file, f"{above}{name}", slot, value, text)
    for name, (slot, text) in _ON.items():
        if settings.get(name) in (["true"], ["True"], ["1"], ["on"], ["yes"]):
            yield from reading(file, f"{above}{name}", slot, name, text)
    names = dict.fromkeys(
        found[0] for line in settings.get("markers", [])[:MOST_MARKERS] if (found := re.match(r"[A-Za-z_]\w*", line))
    )
    value = ", ".join(names)
    while len(value) > LONGEST_VALUE and names:  # some are better than none, and each is true
        names.popitem()
        value = ", ".join(names)
    yield from reading(file, f"{above}markers", "tests.pytest.markers", value, "Tests may be marked {}")
    if any(re.match(r"error(?:$|:*\s*$)", line) for line in settings.get("filterwarnings", [])):
        text = "A warning fails the test: pytest's filterwarnings start with {}"
        yield from reading(file, f"{above}filterwarnings", "tests.pytest.filterwarnings", "error", text)


def _texts(settings: Document) -> dict[str, list[str]]:
    return {
        name.lower(): strings(value) if isinstance(value, list) else [string(settings, name)] for name, value in settings.items()
    }


def _lines(section: Mapping[str, str]) -> dict[str, list[str]]:
    """An INI section's settings; those of several words are split as pytest splits them."""
    found = {}
    for name, value in section.items():
        lines = value.split("\n")
        found[name] = lines if name in ("markers", "filterwarnings") else [part for line in lines for part in _split(line)]
    return found


def _split(line: str) -> list[str]:
    if len(line) > LONGEST_VALUE:  # it would not be shown
        return [line]
    try:
        return [shlex.quote(word) if " " in word else word for word in shlex.split(line)]
    except ValueError:
        return [line]


READER = Reader("pytest_settings", _read, MANIFEST, "python")
