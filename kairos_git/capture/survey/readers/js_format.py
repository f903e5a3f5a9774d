"""How JavaScript is formatted, from the configuration of Prettier, oxfmt or Biome at the root."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.node_packages import PACKAGE
from kairos_git.capture.survey.formats.documents import Document, read_json, read_text, read_yaml, string, table
from kairos_git.capture.survey.formats.js_literals import objects
from kairos_git.capture.survey.formats.jsonc import read_jsonc
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

_KEYS = ("semi", "singleQuote", "printWidth", "tabWidth", "useTabs", "trailingComma", "arrowParens", "bracketSpacing")
_BIOME_KEYS = ("indentStyle", "indentWidth", "lineWidth", "quoteStyle", "semicolons", "trailingCommas", "arrowParentheses")
_JSON = (".prettierrc.json", ".prettierrc.jsonc", ".prettierrc.json5", ".prettierrc")
_YAML = (".prettierrc.yml", ".prettierrc.yaml")
_CODE = tuple(f"{name}.{end}" for name in ("prettier.config", ".prettierrc") for end in ("js", "mjs", "cjs", "ts"))
_OXFMT = (".oxfmtrc.json", ".oxfmtrc.jsonc")
_BIOME = ("biome.json", "biome.jsonc", ".biome.json", ".biome.jsonc")


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file, document = _prettier(tree)
    yield from _settings("prettier", "Prettier", file, document)
    for file in (name for name in _OXFMT if name in tree.paths):
        yield from _settings("oxfmt", "oxfmt", file, read_jsonc(tree, file))
    for file in (name for name in _BIOME if name in tree.paths):
        biome = read_jsonc(tree, file)
        if isinstance(biome, Problem):
            return  # the reader of its lint rules says so
        parts = {**table(biome, "formatter"), **table(biome, "javascript", "formatter")}
        value = _joined(parts, _BIOME_KEYS)
        yield from reading(file, "formatter", "format.biome.options", value, "Biome formats with {}")
        return


def _prettier(tree: Tree) -> tuple[str, Document | Problem]:
    if file := next((name for name in (*_JSON, *_YAML) if name in tree.paths), ""):
        document = read_jsonc(tree, file) if file in _JSON else read_yaml(tree, file)
        if isinstance(document, Problem) and file == ".prettierrc":
            document = read_yaml(tree, file)
        return file, document
    if file := next((name for name in _CODE if name in tree.paths), ""):
        source = read_text(tree, file)
        found = [one for key in _KEYS for one in objects(source, key)] if isinstance(source, str) else []
        return file, source if isinstance(source, Problem) else (found[0] if found else {})
    package = read_json(tree, PACKAGE)
    return PACKAGE, {} if isinstance(package, Problem) else table(package, "prettier")


def _settings(tool: str, shown: str, file: str, document: Document | Problem) -> Iterator[Reading | Problem]:
    if isinstance(document, Problem):
        yield document
        return
    key = "prettier" if file == PACKAGE else "options"
    yield from reading(file, key, f"format.{tool}.options", _joined(document, _KEYS), f"{shown} formats with {{}}")


def _joined(document: Document, keys: tuple[str, ...]) -> str:
    return ", ".join(f"{key}: {string(document, key)}" for key in keys if string(document, key))


READER = Reader("js_format", _read, MANIFEST)
