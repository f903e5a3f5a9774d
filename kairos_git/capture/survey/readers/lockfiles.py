"""Which tool manages the Python packages, by its lock file, and the command that installs them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.manifests import FEWEST_FILES, below, part_folders
from kairos_git.capture.survey.ecosystems.python_packaging import LOCKS, PYPROJECT, REQUIREMENTS, packaging_tool
from kairos_git.capture.survey.formats.documents import Document, read_toml, table
from kairos_git.capture.survey.reading import DEFAULT, Reader, Reading, Tree, conditioned, reading
from kairos_git.errors import Problem

_INSTALL = {
    "uv": "uv sync", "poetry": "poetry install", "pdm": "pdm install", "pipenv": "pipenv install --dev", "pixi": "pixi install",
}  # fmt: skip
_EXTRAS = ("dev", "develop", "development", "test", "tests", "testing", "all")


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    own = [folder for folder in part_folders(tree, PYPROJECT) if _stands_alone(tree, folder)]
    for folder in ("", *own, *_by_requirements(tree, own)):
        document = read_toml(tree, below(folder, PYPROJECT))
        if isinstance(document, Problem):
            yield document
            document = {}
        yield from _installed(document, tree, folder)


def _by_requirements(tree: Tree, own: list[str]) -> list[str]:
    """Folders of Python code with requirements and no pyproject.toml, such as `backend/`."""
    found = [folder for folder in part_folders(tree, "requirements.txt") if folder not in own]
    code = {path for path in tree.paths if path.endswith(".py")} if found else set()
    return [folder for folder in found if sum(path.startswith(f"{folder}/") for path in code) >= FEWEST_FILES]


def _stands_alone(tree: Tree, folder: str) -> bool:
    """Whether a part is installed by itself: with a lock of its own, or where the root is no Python project."""
    return PYPROJECT not in tree.paths or any(below(folder, lock) in tree.paths for lock in LOCKS.values())


def _installed(document: Document, tree: Tree, folder: str) -> Iterator[Reading]:
    tool = packaging_tool(document, tree.paths, folder)
    where = (folder,) if folder else ()
    slot, command_slot = conditioned("python.package-manager", folder), conditioned("install.command", folder)
    if not slot or not command_slot:
        return
    if tool and (command := _INSTALL.get(tool.name)):
        text = f"Python packages are managed with {{}}, and installed by {{}}{' in {}' if folder else ''}"
        yield from reading(tool.file, tool.key, slot, tool.name, text, command, *where)
        text = "Dependencies are installed with {} in {}" if folder else "Dependencies are installed with {}"
        yield from reading(tool.file, f"{tool.key}+install.command", command_slot, command, text, *where)
    elif tool:
        text = "Python packages are managed with {} in {}" if folder else "Python packages are managed with {}"
        yield from reading(tool.file, tool.key, slot, tool.name, text, *where)
    else:
        yield from _by_pip(document, tree, folder, command_slot)


def _by_pip(document: Document, tree: Tree, folder: str, slot: str) -> Iterator[Reading]:
    """What pip installs for development: an extra or a group for it, else a file of requirements."""
    file, where = below(folder, PYPROJECT), (folder,) if folder else ()
    text = "Dependencies are installed with {} in {}" if folder else "Dependencies are installed with {}"
    extras = table(document, "project", "optional-dependencies")
    for name in _EXTRAS:
        if name in extras:
            yield from reading(
                file, f"project.optional-dependencies.{name}+install", slot, f"pip install -e '.[{name}]'", text, *where
            )
            return
    for name in _EXTRAS:
        if name in table(document, "dependency-groups") and "project" in document:
            yield from reading(file, f"dependency-groups.{name}+install", slot, f"pip install -e . --group {name}", text, *where)
            return
    for name in REQUIREMENTS:
        if below(folder, name) in tree.paths and re.fullmatch(r"[\w./-]+", name):
            package = "" if name != "requirements.txt" or not _is_package(document, tree, folder) else " -e ."
            yield from reading(below(folder, name), "install.command", slot, f"pip install -r {name}{package}", text, *where)
            return
    if _is_package(document, tree, folder):
        place = file if "project" in document else below(folder, "setup.py")
        yield from reading(place, "install.command", slot, "pip install -e .", text, *where)


def _is_package(document: Document, tree: Tree, folder: str) -> bool:
    return "project" in document or below(folder, "setup.py") in tree.paths


READER = Reader("lockfiles", _read, DEFAULT, "python")
