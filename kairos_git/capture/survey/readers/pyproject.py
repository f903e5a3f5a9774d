"""pyproject.toml: what the project needs, what it is called, what builds it and what its commands start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.manifests import below, part_folders
from kairos_git.capture.survey.ecosystems.python_packaging import MOST_SCRIPTS, PYPROJECT, module_file, required
from kairos_git.capture.survey.formats.documents import Document, read_toml, string, strings, table
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, conditioned, gloss, key_name, reading, slot_names
from kairos_git.errors import Problem


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    for folder in ("", *part_folders(tree, PYPROJECT)):
        document = read_toml(tree, below(folder, PYPROJECT))
        if isinstance(document, Problem):
            yield document
            continue
        yield from _requires(document, folder)
        yield from _entry_points(document, tree, folder)
        yield from _part(document, folder) if folder else _whole(document)


def _requires(document: Document, folder: str) -> Iterator[Reading]:
    slot = conditioned("python.requires", folder)
    for key in ("project.requires-python", "tool.poetry.dependencies.python"):
        if (needs := string(document, *key.split("."))) and slot:
            text = "Requires Python {} in {}" if folder else "Requires Python {}"
            yield from reading(below(folder, PYPROJECT), key, slot, needs, text, *filter(None, (folder,)))
            break


def _whole(document: Document) -> Iterator[Reading]:
    if name := _name(document):
        yield from reading(PYPROJECT, _name_key(document), "python.name", name, "The Python package is named {}")
    key, backend = "build-system.build-backend", string(document, "build-system", "build-backend")
    wanted = [_package(line) for line in strings(table(document, "build-system").get("requires"))]
    # `poetry.core.masonry.api` is in poetry-core, which is what people know.
    by = [name for name in wanted if re.sub(r"[._]", "-", backend).startswith(name.replace("_", "-").lower())][:1]
    text = "Python builds use {} of {}" if by and by[0] != backend else "Python builds use {}"
    yield from reading(PYPROJECT, key, "python.build-backend", backend, text, *(by if by != [backend] else []))
    if table(document, "tool", "pytest"):
        yield from reading(PYPROJECT, "tool.pytest", "tests.runner", "pytest", "Tests are written for {}")
    elif needs := required(document, "pytest"):
        key = f"{key_name(needs.key)}.pytest"
        yield from reading(PYPROJECT, key, "tests.runner", "pytest", "Tests are written for {}")


def _part(document: Document, folder: str) -> Iterator[Reading]:
    """A package of its own below the root: where it is, what it is called, and what it says of itself."""
    name = _name(document)
    if not name or key_name(name) != name:
        return
    said = gloss(string(document, "project", "description") or string(document, "tool", "poetry", "description"))
    text = f"{{}} is the Python package {{}}{f', {said}' if said else ''}"
    slot = f"parts.{slot_names([folder])[folder]}"
    yield from reading(below(folder, PYPROJECT), "project+parts", slot, f"{folder}/", text, name)


def _entry_points(document: Document, tree: Tree, folder: str) -> Iterator[Reading]:
    file = below(folder, PYPROJECT)
    for key in ("project.scripts", "project.gui-scripts", "tool.poetry.scripts"):
        scripts = table(document, *key.split("."))
        slots = slot_names(scripts)
        for name in sorted(scripts)[:MOST_SCRIPTS]:
            slot, where = conditioned(f"entry-points.{slots[name]}", folder), f"{key}.{key_name(name)}"
            target = (string(scripts, name) or string(scripts, name, "reference")).partition("[")[0].strip()
            path = module_file(tree, target, folder)
            text = "{} is what the command {} starts, in {}" if path else "{} is what the command {} starts"
            if slot:
                yield from reading(file, where, slot, target, text, name, *filter(None, (path,)))


def _name(document: Document) -> str:
    return string(document, *_name_key(document).split("."))


def _name_key(document: Document) -> str:
    return "project.name" if string(document, "project", "name") else "tool.poetry.name"


def _package(requirement: str) -> str:
    return re.split(r"[\s\[<>=!~;@,(]", requirement.strip(), maxsplit=1)[0]


READER = Reader("pyproject", _read, MANIFEST, "python")
