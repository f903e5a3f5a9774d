"""package.json below the root: how the parts of a project are installed, run and tested, each with its own manager.

The one rule: what a part's script does is said of that part, with the folder it is typed in.
"""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.node_packages import (
    PACKAGE,
    Packager,
    chosen_scripts,
    packager,
    purpose_scripts,
    scripts_of,
    typed,
)
from kairos_git.capture.survey.ecosystems.node_stack import dependencies, one_test, stack_readings
from kairos_git.capture.survey.ecosystems.node_workspace import Package, main_name, packages
from kairos_git.capture.survey.formats.documents import Document, read_json, string
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, conditioned, reading, slot_names
from kairos_git.capture.survey.tasks.commands import purpose_reading
from kairos_git.errors import Problem

MOST_OWN, MOST_MEMBERS = 10, 10  # parts that stand alone, and members of a workspace: the largest of each
MOST_SCRIPTS = 12  # of a part that stands alone; a part with more is left to its purposes
MOST_BY_SCRIPT = 3  # parts whose scripts are told one by one


_OFTEN = ("tests", "one-test", "e2e")  # what somebody who works in one member runs there


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    root = read_json(tree, PACKAGE)
    document: Document = {} if isinstance(root, Problem) else root
    above = packager(tree, document) if document else None
    told = set(chosen_scripts(scripts_of(document)))
    names, own, members = main_name(document), 0, 0
    for package in sorted(packages(tree, document), key=lambda one: string(one.document, "name").lower() not in names):
        if package.member and members < MOST_MEMBERS:
            members += 1
            # What the root does for all its members is said once, except for the main one.
            main = string(package.document, "name").lower() in names
            yield from _part(tree, package, above, set() if main else told)
        elif not package.member and own < MOST_OWN:
            own += 1
            yield from _part(tree, package, above, set(), own <= MOST_BY_SCRIPT)


def _part(tree: Tree, package: Package, above: Packager | None, told: set[str], each: bool = False) -> Iterator[Reading]:
    """One part's readings. `told` are the purposes that need no word of its own; `each` tells its scripts one by one."""
    folder, document = package.folder, package.document
    file = f"{folder}/{PACKAGE}"
    stated = packager(tree, document, folder)
    # A member is installed with the root; another part has a lock file of its own, or none that says anything.
    manager = above if above and (package.member or not (stated.file or stated.name != "npm")) else stated
    scripts = scripts_of(document)
    if not package.member and stated.file:
        slot = conditioned("node.package-manager", folder)
        if slot:
            yield from reading(
                stated.file, stated.key, slot, stated.stated, "JavaScript packages are managed with {} in {}", folder
            )
    if not package.member and (dependencies(document) or stated.file):
        place, key = (stated.file, stated.key) if stated.file else (file, "dependencies")
        yield from purpose_reading(place, f"{key}+install.command", "install", f"{manager.name} install", folder)
    chosen = {purpose: name for purpose, name in chosen_scripts(scripts).items() if purpose in _OFTEN or purpose not in told}
    yield from purpose_scripts(chosen, scripts, manager.name, file, folder)
    if found := one_test(tree, document, scripts, manager.name, folder):
        yield from purpose_reading(file, f"{found[0]}+one-test.command", "one-test", found[1], folder)
    if not package.member:
        yield from stack_readings(document, scripts, folder)
    if each and len(scripts.bodies) <= MOST_SCRIPTS:
        slots = slot_names(scripts.bodies)
        for name, body in scripts.bodies.items():
            slot = conditioned(f"scripts.{slots[name]}", folder)
            if slot:
                yield from reading(file, f"scripts.{name}", slot, typed(manager.name, name), "{} runs {} in {}", body, folder)


READER = Reader("node_parts", _read, MANIFEST)
