"""package.json at the root: the package manager, the Node it needs, its scripts as what to type, and what it is built with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.node_packages import (
    PACKAGE,
    Packager,
    Scripts,
    chosen_scripts,
    packager,
    purpose_scripts,
    scripts_of,
    typed,
)
from kairos_git.capture.survey.ecosystems.node_stack import dependencies, one_test, runner, stack_readings
from kairos_git.capture.survey.ecosystems.node_workspace import base_name, packages
from kairos_git.capture.survey.formats.documents import Document, read_json, string, table
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.capture.survey.tasks.commands import covers_one_part, may_watch, purpose_reading
from kairos_git.errors import Problem

MOST_ASKED = 12  # members of a workspace whose tests are looked at, where the root's test script only starts theirs
MOST_BINS = 5

_MANAGERS = ("npm", "pnpm", "yarn", "bun")
_ORCHESTRATORS = {
    "turbo": ("turbo.json", "turbo.jsonc"), "nx": ("nx.json",), "lerna": ("lerna.json",), "rush": ("rush.json",),
    "moon": (".moon/workspace.yml",), "lage": ("lage.config.js",), "wireit": (),
}  # fmt: skip
_DELEGATES = re.compile(
    r"\b(?:turbo|nx|lerna|lage|moon)\b|\bpnpm\b.{0,80}\s(?:-r|--recursive)\b|--workspaces\b|\bworkspaces foreach\b"
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_json(tree, PACKAGE)
    if isinstance(document, Problem):
        yield document
        return
    if not document:
        return
    manager = packager(tree, document)
    scripts = scripts_of(document)
    yield from _head(document, manager)
    yield from _install(document, manager)
    slots = slot_names(scripts.bodies)
    for name, body in scripts.bodies.items():
        yield from reading(PACKAGE, f"scripts.{name}", f"scripts.{slots[name]}", typed(manager.name, name), "{} runs {}", body)
    chosen = chosen_scripts(scripts, _ending_tests(tree, document, scripts))
    yield from purpose_scripts(chosen, scripts, manager.name, PACKAGE)
    yield from _default_tests(tree, document, scripts, manager)
    if found := one_test(tree, document, scripts, manager.name):
        yield from purpose_reading(PACKAGE, f"{found[0]}+one-test.command", "one-test", found[1])
    yield from stack_readings(document, scripts)
    yield from _orchestrator(tree, document, scripts)
    yield from _entries(tree, document)


def _head(document: Document, manager: Packager) -> Iterator[Reading]:
    if manager.file:
        text = "JavaScript packages are managed with {}"
        yield from reading(manager.file, manager.key, "node.package-manager", manager.stated, text)
    node = string(document, "engines", "node")
    yield from reading(PACKAGE, "engines.node", "node.requires", node, "Requires Node.js {}")
    for name in _MANAGERS:
        version = string(document, "engines", name)
        if re.search(r"\d", version):  # some write a reason there: "please use pnpm"
            yield from reading(PACKAGE, f"engines.{name}", f"node.requires.{name}", version, f"Requires {name} {{}}")
    pinned = string(document, "volta", "node")
    yield from reading(PACKAGE, "volta.node", "node.volta", pinned, "Volta pins Node.js to {}")
    if string(document, "type") == "module":
        yield from reading(PACKAGE, "type", "node.module-type", "module", "package.json's type is {} (.js files are ESM)")


def _install(document: Document, manager: Packager) -> Iterator[Reading]:
    """What brings the dependencies; without a lock file, what the manager that is asked for does."""
    if dependencies(document) or manager.file:
        file, key = (manager.file, manager.key) if manager.file else (PACKAGE, "dependencies")
        yield from purpose_reading(file, f"{key}+install.command", "install", f"{manager.name} install")


def _ending_tests(tree: Tree, document: Document, scripts: Scripts) -> str:
    """The script that runs every package's tests and ends, where `test` starts tests that wait for changes; else ''."""
    body = scripts.bodies.get("test", "")
    once = next((name for name in ("test:run", "test:ci", "test-ci") if name in scripts.bodies), "")
    if not once or not _DELEGATES.search(body) or covers_one_part(body):
        return ""
    tests = [string(package.document, "scripts", "test") for package in list(packages(tree, document))[:MOST_ASKED]]
    written = [test for test in tests if test]
    return once if 2 * sum(may_watch(test) for test in written) > len(written) else ""


def _default_tests(tree: Tree, document: Document, scripts: Scripts, manager: Packager) -> Iterator[Reading]:
    """Bun finds tests by itself, so that a project with a Bun lock file need not have a script for them."""
    if manager.name != "bun" or "test" in table(document, "scripts") or runner(document, scripts) not in ("", "bun test"):
        return
    if any(re.search(r"[._](?:test|spec)\.[jt]sx?$", path) for path in tree.paths):
        yield from purpose_reading(manager.file or PACKAGE, "tests.command", "tests", "bun test")


def _orchestrator(tree: Tree, document: Document, scripts: Scripts) -> Iterator[Reading]:
    known, bodies = dependencies(document), " ; ".join(scripts.bodies.values())
    for name, files in _ORCHESTRATORS.items():
        file = next((path for path in files if path in tree.paths), "")
        if file or (name in known and re.search(rf"(?<![\w@/-]){name}(?![\w/-])", bodies)):
            place, key = (file, "build.orchestrator") if file else (PACKAGE, f"{known[name]}.{name}")
            yield from reading(
                place, key, "build.orchestrator", name, "{} runs the tasks of the workspace's packages in their order"
            )
            return


def _entries(tree: Tree, document: Document) -> Iterator[Reading]:
    """The commands a package installs, and its entry where that is a file of the tree and not a built one."""
    programs = document.get("bin")
    if isinstance(programs, str):
        programs = {base_name(string(document, "name")): programs}
    names = sorted(name for name in table(programs) if key_name(name) == name)[:MOST_BINS]
    slots = slot_names(names)
    for name in names:
        started = string(programs, name).removeprefix("./")
        if started:
            text = "The command {} starts {}" if started in tree.paths else "The command {} starts the built {}"
            yield from reading(PACKAGE, f"bin.{name}", f"entry-points.{slots[name]}", name, text, started)
    main = string(document, "main").removeprefix("./")
    if main in tree.paths:
        yield from reading(PACKAGE, "main", "entry-points.main", main, "The package's entry is {}")


READER = Reader("package_json", _read, MANIFEST, "javascript")
