"""The settings of black, isort, flake8 and coverage that bite whoever does not know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT
from kairos_git.capture.survey.formats.documents import Document, read_toml, string, strings, table
from kairos_git.capture.survey.formats.ini import read_ini
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

# key below [tool] -> slot and sentence
_SETTINGS = {
    "black.line-length": ("format.black.line-length", "black's line length is {}"),
    "black.target-version": ("format.black.target-version", "black's target is Python {}"),
    "isort.profile": ("format.isort.profile", "isort's profile is {}"),
    "isort.line_length": ("format.isort.line-length", "isort's line length is {}"),
    "coverage.report.fail_under": ("tests.coverage.fail-under", "Coverage below {} per cent fails (fail_under)"),
}
_ON = {
    "black.skip-string-normalization": ("format.black.skip-string-normalization", "black leaves quotes as they are: {} is on"),
    "black.preview": ("format.black.preview", "black's {} style is on"),
    "isort.force_single_line": ("format.isort.force-single-line", "isort wants one import a line: {} is on"),
}
# file, section, option -> slot and sentence
_INI = {
    (".flake8", "flake8", "max-line-length"): ("lint.flake8.max-line-length", "flake8's line length is {}"),
    ("setup.cfg", "flake8", "max-line-length"): ("lint.flake8.max-line-length", "flake8's line length is {}"),
    ("tox.ini", "flake8", "max-line-length"): ("lint.flake8.max-line-length", "flake8's line length is {}"),
    (".isort.cfg", "settings", "profile"): ("format.isort.profile", "isort's profile is {}"),
    ("setup.cfg", "isort", "profile"): ("format.isort.profile", "isort's profile is {}"),
    (".isort.cfg", "settings", "line_length"): ("format.isort.line-length", "isort's line length is {}"),
    (".coveragerc", "report", "fail_under"): ("tests.coverage.fail-under", "Coverage below {} per cent fails (fail_under)"),
    ("setup.cfg", "coverage:report", "fail_under"): (
        "tests.coverage.fail-under",
        "Coverage below {} per cent fails (fail_under)",
    ),
    ("tox.ini", "coverage:report", "fail_under"): ("tests.coverage.fail-under", "Coverage below {} per cent fails (fail_under)"),
}


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, PYPROJECT)
    if isinstance(document, Problem):
        yield document
        document = {}
    for key, (slot, text) in _SETTINGS.items():
        yield from reading(PYPROJECT, f"tool.{key}", slot, _setting(document, key), text)
    for key, (slot, text) in _ON.items():
        if string(document, "tool", *key.split(".")) == "true":
            yield from reading(PYPROJECT, f"tool.{key}", slot, key.partition(".")[2], text)
    for (file, section, option), (slot, text) in _INI.items():
        sections = read_ini(tree, file)
        if isinstance(sections, Problem):
            yield sections
        else:
            options: Mapping[str, str] = sections.get(section, {})
            value = options.get(option) or options.get(option.replace("-", "_"), "")
            yield from reading(file, f"{section}.{option}", slot, value, text)


def _setting(document: Document, key: str) -> str:
    *folders, name = key.split(".")
    value = table(document, "tool", *folders).get(name)
    return ", ".join(strings(value)) if isinstance(value, list) else string(document, "tool", *folders, name)


READER = Reader("python_tools", _read, MANIFEST, "python")
