"""tsconfig.json: import aliases, and the settings beyond `strict` that fail a compile.

The one rule: a setting holds where it stands or is inherited from a file of the tree; what a package would add is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from kairos_git.capture.survey.ecosystems.manifests import below
from kairos_git.capture.survey.ecosystems.node_packages import PACKAGE
from kairos_git.capture.survey.ecosystems.node_workspace import packages
from kairos_git.capture.survey.formats.documents import read_json, strings, table
from kairos_git.capture.survey.formats.jsonc import read_jsonc
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, conditioned, reading, slot_names
from kairos_git.errors import Problem

MOST_ALIASES = 4
MOST_PARTS = 8  # folders below the root whose tsconfig.json is read
DEEPEST = 2  # files that one extends, one after the other

_NAMES = ("tsconfig.json", "tsconfig.base.json", "tsconfig.app.json", "jsconfig.json")
_BITES = {
    "strict": "all strict checks fail the compile",
    "noUnusedLocals": "an unused local variable fails the compile",
    "noUnusedParameters": "an unused parameter fails the compile unless its name starts with an underscore",
    "noImplicitReturns": "a code path without a return fails the compile",
    "noFallthroughCasesInSwitch": "a case that falls through fails the compile",
    "noUncheckedIndexedAccess": "an indexed value may be undefined",
    "noPropertyAccessFromIndexSignature": "properties of an index signature need brackets",
    "noImplicitOverride": "an overriding method needs `override`",
    "exactOptionalPropertyTypes": "an optional property may not be set to undefined",
    "verbatimModuleSyntax": "types need `import type`",
    "isolatedDeclarations": "exports need explicit types",
    "erasableSyntaxOnly": "enums, namespaces and parameter properties fail the compile",
    "allowImportingTsExtensions": "imports may name .ts files",
}


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    yield from _folder(tree, "")
    package = read_json(tree, PACKAGE)
    parts = packages(tree, {} if isinstance(package, Problem) else package)
    folders = [part.folder for part in parts if below(part.folder, _NAMES[0]) in tree.paths]
    for folder in folders[:MOST_PARTS]:
        yield from _folder(tree, folder)


def _folder(tree: Tree, folder: str) -> Iterator[Reading | Problem]:
    """The settings of one folder; of a part only its aliases, since the rest mostly repeats the root's."""
    file = next((below(folder, name) for name in _NAMES if below(folder, name) in tree.paths), "")
    found = _options(tree, file) if file else {}
    if isinstance(found, Problem):
        yield found
        return
    if not found and file:  # the root of a build of several: the first that has settings stands for them
        for name in ("tsconfig.app.json", "tsconfig.base.json"):
            other = _options(tree, below(folder, name))
            found = found or (other if not isinstance(other, Problem) else {})
    yield from _aliases(tree, found, folder)
    slots = slot_names(_kebab(name) for name in _BITES)
    for name, why in _BITES.items() if not folder else ():
        place, value = found.get(name, ("", None))
        if value is True:
            yield from reading(
                place, f"compilerOptions.{name}", f"types.tsconfig.{slots[_kebab(name)]}", name, f"tsconfig sets {{}}: {why}"
            )


def _options(tree: Tree, file: str, depth: int = 0) -> dict[str, tuple[str, object]] | Problem:
    """The compiler options that hold in a file: name -> the file it stands in and its value."""
    document = read_jsonc(tree, file)
    if isinstance(document, Problem):
        return document
    found: dict[str, tuple[str, object]] = {}
    for parent in strings(document.get("extends")) if depth < DEEPEST else []:
        inherited = _options(tree, _parent(tree, file, parent), depth + 1)
        found |= inherited if not isinstance(inherited, Problem) else {}
    return found | {name: (file, value) for name, value in table(document, "compilerOptions").items()}


def _parent(tree: Tree, file: str, named: str) -> str:
    if not named.startswith("."):
        return ""  # a package's
    path = normpath(join(dirname(file), named))
    return next((p for p in (path, f"{path}.json", f"{path}/tsconfig.json") if p in tree.paths), "")


def _aliases(tree: Tree, found: dict[str, tuple[str, object]], folder: str) -> Iterator[Reading]:
    file, paths = found.get("paths", ("", {}))
    base_file, base = found.get("baseUrl", (file, "."))
    start = join(dirname(base_file), base) if isinstance(base, str) else dirname(file)
    pairs = []
    for alias, targets in table({"paths": paths}, "paths").items():
        target = next(iter(strings(targets)), "")
        path = normpath(join(start, target)) if target else ""
        if path and not path.startswith(("..", "/")) and "node_modules" not in path and _exists(tree, path):
            pairs.append((alias, path))
    # An alias for a folder says how to write imports; one for a single package only where it is found.
    pairs = [pair for pair in pairs if pair[0].endswith("*")] or pairs
    slot = conditioned("types.tsconfig.paths", folder)
    if pairs and slot:
        more = ", …" if len(pairs) > MOST_ALIASES else ""
        value = ", ".join(f"{alias} → {path}" for alias, path in pairs[:MOST_ALIASES]) + more
        text = "Imports are resolved by the aliases {}" + (" in {}" if folder else "")
        yield from reading(file, "compilerOptions.paths", slot, value, text, *([folder] if folder else []))


def _exists(tree: Tree, path: str) -> bool:
    start = path.partition("*")[0]
    return path in tree.paths or any(one.startswith(start) for one in tree.paths)


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


READER = Reader("tsconfig", _read, MANIFEST)
