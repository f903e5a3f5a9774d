"""mypy's and pyright's settings: what they demand of whoever writes a function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT
from kairos_git.capture.survey.formats.documents import Document, read_json, read_toml, string, strings, table
from kairos_git.capture.survey.formats.ini import read_ini
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

_INI = ("mypy.ini", ".mypy.ini", "setup.cfg")
_OWN = {
    "strict": ("types.mypy.strict", "mypy's {} mode is on"),
    "disallow_untyped_defs": ("types.mypy.disallow-untyped-defs", "mypy refuses functions without types: {} is on"),
}
# Not worth a line each; together they say how strict it is.
_FLAGS = (
    "disallow_any_generics", "disallow_incomplete_defs", "disallow_subclassing_any", "disallow_untyped_calls",
    "disallow_untyped_decorators", "check_untyped_defs", "no_implicit_optional", "no_implicit_reexport", "warn_redundant_casts",
    "warn_return_any", "warn_unreachable", "warn_unused_ignores", "warn_unused_configs", "strict_equality", "strict_optional",
    "ignore_missing_imports",
)  # fmt: skip
_MOST_FLAGS = 7  # in one line; the first are the ones that bite


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, PYPROJECT)
    if isinstance(document, Problem):
        yield document
        document = {}
    for file in _INI:
        sections = read_ini(tree, file)
        if isinstance(sections, Problem):
            yield sections
        elif "mypy" in sections:
            yield from _mypy(file, "mypy.", sections["mypy"])
            break
    else:
        settings = table(document, "tool", "mypy")
        yield from _mypy(PYPROJECT, "tool.mypy.", {name: _text(settings, name) for name in settings})
    yield from _pyright(tree, document)


def _text(settings: Document, name: str) -> str:
    return ", ".join(strings(settings[name])) if isinstance(settings[name], list) else string(settings, name)


def _mypy(file: str, above: str, settings: Mapping[str, str]) -> Iterator[Reading]:
    on = {name for name, value in settings.items() if value.lower() in ("true", "1", "yes", "on")}
    for name, (slot, text) in _OWN.items():
        if name in on:
            yield from reading(file, f"{above}{name}", slot, name, text)
    flags = [name for name in _FLAGS if name in on][:_MOST_FLAGS]
    yield from reading(file, f"{above}flags", "types.mypy.flags", ", ".join(flags), "mypy runs with {}")
    plugins = ", ".join(settings.get("plugins", "").replace(",", " ").split())
    yield from reading(file, f"{above}plugins", "types.mypy.plugins", plugins, "mypy uses the plugins {}")
    checked = " ".join(settings.get("files", "").replace(",", " ").split())
    yield from reading(file, f"{above}files", "types.mypy.files", checked, "mypy checks {}")


def _pyright(tree: Tree, document: Document) -> Iterator[Reading | Problem]:
    alone = read_json(tree, "pyrightconfig.json")
    if isinstance(alone, Problem):
        yield alone
        alone = {}
    for name in ("basedpyright", "pyright"):
        settings, file, above = table(document, "tool", name), PYPROJECT, f"tool.{name}."
        if not settings and name == "pyright" and alone:
            settings, file, above = alone, "pyrightconfig.json", ""
        slot, mode = f"types.{name}.mode", string(settings, "typeCheckingMode")
        yield from reading(file, f"{above}typeCheckingMode", slot, mode, f"{name}'s mode is {{}}")
        strict = " ".join(strings(settings.get("strict")))
        yield from reading(file, f"{above}strict", f"types.{name}.strict", strict, f"{name} is strict in {{}}")


READER = Reader("type_checkers", _read, MANIFEST, "python")
