"""pnpm's settings that change how a dependency is added: the catalog, patches, whose install scripts run, and ages.

They stand in pnpm-workspace.yaml or, in older projects, in package.json's `pnpm` field.
"""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.node_packages import PACKAGE
from kairos_git.capture.survey.ecosystems.node_workspace import PNPM
from kairos_git.capture.survey.formats.documents import Document, read_json, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import LONGEST_VALUE, MANIFEST, Reader, Reading, Tree, key_name, reading
from kairos_git.errors import Problem

_MODES = {
    "manual": "`pnpm add` leaves the catalog alone",
    "prefer": "`pnpm add` takes a version from the catalog where it has one",
    "strict": "only versions in the catalog may be added",
}
_AGES = "pnpm takes no version younger than {} minutes (minimumReleaseAge)"


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_yaml(tree, PNPM)
    if isinstance(document, Problem):
        yield document
    else:
        yield from _catalogs(document)
        yield from _settings(document, PNPM, "")
    package = read_json(tree, PACKAGE)
    if not isinstance(package, Problem):
        yield from _settings(table(package, "pnpm"), PACKAGE, "pnpm.")


def _catalogs(document: Document) -> Iterator[Reading]:
    named = sorted(name for name in table(document, "catalogs") if key_name(name) == name)
    if table(document, "catalog"):
        text = "Shared versions stand in the catalog of pnpm-workspace.yaml; a package.json refers to one by {}"
        yield from reading(PNPM, "catalog", "node.pnpm.catalog", "catalog:", text)
    elif named:
        text = "Shared versions stand in the catalogs of pnpm-workspace.yaml; a package.json refers to one by {}"
        yield from reading(PNPM, "catalogs", "node.pnpm.catalog", ", ".join(f"catalog:{name}" for name in named[:5]), text)
    mode = string(document, "catalogMode")
    if mode in _MODES:
        yield from reading(PNPM, "catalogMode", "node.pnpm.catalog-mode", f"catalogMode: {mode}", f"pnpm's {{}}: {_MODES[mode]}")


def _settings(document: Document, file: str, before: str) -> Iterator[Reading]:
    patched = _names(list(table(document, "patchedDependencies")))
    text = "pnpm patches {} (patchedDependencies); a patch holds for that version only"
    yield from reading(file, f"{before}patchedDependencies", "node.pnpm.patched-dependencies", patched, text)
    allowed = [name for name, value in table(document, "allowBuilds").items() if value in (True, "true")]
    key = "allowBuilds" if allowed else "onlyBuiltDependencies"
    built = _names(allowed or strings(document.get("onlyBuiltDependencies")))
    yield from reading(
        file, f"{before}{key}", "node.pnpm.built-dependencies", built, f"Only {{}} may run install scripts ({key})"
    )
    yield from reading(
        file, f"{before}minimumReleaseAge", "node.pnpm.minimum-release-age", string(document, "minimumReleaseAge"), _AGES
    )


def _names(names: list[str]) -> str:
    """As many names as a value holds, with a mark where there are more."""
    value = ""
    for name in sorted(names):
        longer = f"{value}, {name}" if value else name
        if len(longer) > LONGEST_VALUE // 2:
            return f"{value}, …" if value else ""
        value = longer
    return value


READER = Reader("pnpm_workspace", _read, MANIFEST, "javascript")
