"""What the project builds on: the names of its direct dependencies, as its main manifest lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kairos_git.capture.survey.formats.documents import Document, read_json, read_text, read_toml, strings, table
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, listed
from kairos_git.errors import Problem

_PYTHON = re.compile(r"[A-Za-z0-9][\w.-]*")
_GO = re.compile(r"^\s*(?:require\s+)?((?:[\w-]+\.)+[a-z]{2,}/[\w./-]+)\s+v[^\s/]+[ \t]*(//[ \t]*indirect)?", re.MULTILINE)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    for file, found in (("pyproject.toml", _python), ("package.json", _node), ("Cargo.toml", _rust)):
        document = read_json(tree, file) if file.endswith(".json") else read_toml(tree, file)
        if isinstance(document, Problem):
            yield document
        else:
            yield from found(file, document)
    text = read_text(tree, "go.mod")
    if isinstance(text, Problem):
        yield text
    else:
        direct = [match[1] for match in _GO.finditer(text) if not match[2]]
        yield from _list("go.mod", "require", "go", direct)


def _python(file: str, document: Document) -> Iterator[Reading]:
    stated = strings(table(document, "project").get("dependencies"))
    names = [found.group() for one in stated if (found := _PYTHON.match(one))]
    poetry = [name for name in table(document, "tool", "poetry", "dependencies") if name != "python"]
    yield from _list(file, "project.dependencies" if names else "tool.poetry.dependencies", "python", names or poetry)


def _node(file: str, document: Document) -> Iterator[Reading]:
    yield from _list(file, "dependencies", "node", table(document, "dependencies"))
    tools = [name for name in table(document, "devDependencies") if not name.startswith("@types/")]
    yield from listed(file, "devDependencies", "node.tools", tools, "{} are installed for development", most=2)


def _rust(file: str, document: Document) -> Iterator[Reading]:
    here, shared = table(document, "dependencies"), table(document, "workspace", "dependencies")
    names = [name for name, one in (here or shared).items() if "path" not in table(one)]
    yield from _list(file, "dependencies" if here else "workspace.dependencies", "rust", names)


def _list(file: str, key: str, language: str, names: Iterable[str]) -> Iterator[Reading]:
    yield from listed(file, key, f"{language}.libraries", list(names), "{} are direct dependencies", most=5)


READER = Reader("libraries", _read, MANIFEST)
