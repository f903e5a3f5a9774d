"""JavaScript workspaces: the folders their packages stand in, and the packages themselves, the main one named as such."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.manifests import is_plain
from kairos_git.capture.survey.ecosystems.node_packages import PACKAGE
from kairos_git.capture.survey.ecosystems.node_workspace import Package, base_name, main_name, packages, patterns
from kairos_git.capture.survey.formats.documents import read_json, string
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, gloss, key_name, reading, slot_names
from kairos_git.errors import Problem

MOST_PACKAGES = 40  # the largest; whoever needs the others lists the folder


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    root = read_json(tree, PACKAGE)
    if isinstance(root, Problem):
        return  # its reader says so
    members = [package for package in packages(tree, root) if package.member]
    folders: set[str] = set()
    for one in patterns(tree, root):
        fixed = re.split(r"[*{?]", one.glob)[0]
        folder = fixed[: fixed.rfind("/") + 1] if fixed != one.glob else ""
        # Folders of tests and examples hold packages as well, but none of the project's parts.
        if folder and folder not in folders and any(package.folder.startswith(folder) for package in members):
            folders.add(folder)
            name = slot_names([folder.strip("/")])[folder.strip("/")]
            yield from reading(
                one.file, f"{one.key}.{folder}", f"workspace.{name}", folder, "The packages of the workspace are in {}"
            )
    yield from _parts(members[:MOST_PACKAGES], main_name(root), string(root, "description"))


def _parts(members: list[Package], names: set[str], description: str) -> Iterator[Reading]:
    called = {package.folder: string(package.document, "name") or package.folder for package in members}
    bare = [base_name(name) for name in called.values()]
    slots = slot_names({name if bare.count(base_name(name)) > 1 else base_name(name) for name in called.values()})
    main = _main(members, names, description)
    taken: set[str] = set()
    for package in members:
        name = called[package.folder]
        slot = slots[name if bare.count(base_name(name)) > 1 else base_name(name)]
        if name in taken or key_name(name) != name or not is_plain(package.folder):
            continue
        taken.add(name)
        said = gloss(string(package.document, "description"))
        if not said and package is not main and name == package.folder:
            continue
        role = "the main package" if package is main else "the package"
        text = f"{{}} is {role} {{}}{f': {said}' if said else ''}"
        yield from reading(f"{package.folder}/{PACKAGE}", "name", f"parts.{slot}", package.folder, text, name)


def _main(members: list[Package], names: set[str], description: str) -> Package | None:
    """The package that is the project: named like it, or else the only one described in the same words."""
    for package in members:
        name = string(package.document, "name").lower()
        if name and "/" not in name and name in names:
            return package
    same = [p for p in members if description and string(p.document, "description") == description]
    return same[0] if len(same) == 1 else None


READER = Reader("workspaces", _read, MANIFEST)
