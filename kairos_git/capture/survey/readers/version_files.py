"""The versions that version managers install: .python-version, .tool-versions and mise.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.formats.documents import read_text, read_toml, string, strings, table
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

_MISE = ("mise.toml", ".mise.toml", ".config/mise.toml", "mise/config.toml")
_LANGUAGES = {
    "python": "python", "nodejs": "node", "node": "node", "golang": "go", "go": "go", "rust": "rust", "ruby": "ruby", "java": "java",
    "bun": "bun", "deno": "deno", "pnpm": "pnpm", "terraform": "terraform", "elixir": "elixir", "erlang": "erlang", "uv": "uv",
    "poetry": "poetry", "zig": "zig", "protoc": "protoc", "buf": "buf", "golangci-lint": "golangci-lint",
}  # fmt: skip
_VERSION = re.compile(r"[\w.+-]{1,40}", re.ASCII)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    yield from _lines(tree, ".python-version", "python")
    yield from _lines(tree, ".go-version", "go")
    yield from _asdf(tree)
    file = next((path for path in _MISE if path in tree.paths), "")
    document = read_toml(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    for name, value in table(document, "tools").items():
        versions = strings(value) or [string(document, "tools", name) or string(value, "version")]
        yield from _version(file, f"tools.{name}", name, versions[0])


def _lines(tree: Tree, file: str, language: str) -> Iterator[Reading | Problem]:
    text = read_text(tree, file)
    if isinstance(text, Problem):
        yield text
        return
    versions = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    yield from _version(file, "version", language, versions[0] if versions else "")


def _asdf(tree: Tree) -> Iterator[Reading | Problem]:
    text = read_text(tree, ".tool-versions")
    if isinstance(text, Problem):
        yield text
        return
    for line in text.splitlines()[:100]:
        words = line.partition("#")[0].split()
        if len(words) > 1:
            yield from _version(".tool-versions", f"tools.{words[0]}", words[0], words[1])


def _version(file: str, key: str, name: str, version: str) -> Iterator[Reading]:
    language = _LANGUAGES.get(name.removeprefix("core:"))
    if language and _VERSION.fullmatch(version) and version not in ("latest", "system"):
        text = f"{language.capitalize() if language in ('python', 'go', 'rust', 'node') else language} {{}} is the version to work with"
        yield from reading(
            file,
            key if name == language else f"{key.rpartition('.')[0] or 'tools'}.{language}",
            f"{language}.version",
            version,
            text,
        )


READER = Reader("version_files", _read, MANIFEST)
