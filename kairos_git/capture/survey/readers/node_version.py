"""The Node.js that .nvmrc or .node-version pins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.node_packages import PACKAGE
from kairos_git.capture.survey.formats.documents import read_json, read_text, string
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

_FILES = (".nvmrc", ".node-version")
_VERSION = re.compile(r"v?\d+(?:\.\d+){0,2}|lts/[a-z*]+|node|stable", re.IGNORECASE)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((name for name in _FILES if name in tree.paths), "")
    text = read_text(tree, file)
    if isinstance(text, Problem):
        yield text
        return
    lines = [line.partition("#")[0].strip() for line in text[:1000].splitlines()]
    version = next((line for line in lines if line), "")
    if not _VERSION.fullmatch(version):
        return
    package = read_json(tree, PACKAGE)
    needed = "" if isinstance(package, Problem) else string(package, "engines", "node")
    slot = "node.version-file" if needed else "node.requires"
    yield from reading(file, "version", slot, version, f"Node.js {{}} is pinned in {file}")


READER = Reader("node_version", _read, MANIFEST, "javascript")
