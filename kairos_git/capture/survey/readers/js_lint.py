"""Lint rules that bite, from the configuration of ESLint (both kinds), oxlint and Biome at the root.

The one rule: a rule of some folders only is not told as the project's; code in a configuration is never run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kairos_git.capture.survey.ecosystems.lint_rules import rule_readings
from kairos_git.capture.survey.ecosystems.node_packages import PACKAGE
from kairos_git.capture.survey.formats.documents import Document, read_json, read_text, read_yaml, table
from kairos_git.capture.survey.formats.js_literals import objects
from kairos_git.capture.survey.formats.jsonc import read_jsonc
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree
from kairos_git.errors import Problem

_FLAT = tuple(f"eslint.config.{end}" for end in ("js", "mjs", "cjs", "ts", "mts", "cts"))
_LEGACY_CODE = (".eslintrc.js", ".eslintrc.cjs", ".eslintrc.mjs")
_LEGACY_JSON = (".eslintrc.json", ".eslintrc")
_LEGACY_YAML = (".eslintrc.yml", ".eslintrc.yaml")
_OXLINT = (".oxlintrc.json", ".oxlintrc.jsonc", "oxlint.json")
_BIOME = ("biome.json", "biome.jsonc", ".biome.json", ".biome.jsonc")


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    yield from _biome(tree)
    yield from _oxlint(tree)
    yield from _eslint(tree)


def _biome(tree: Tree) -> Iterator[Reading | Problem]:
    if file := _first(tree, _BIOME):
        document = read_jsonc(tree, file)
        if isinstance(document, Problem):
            yield document
            return
        for group, rules in table(document, "linter", "rules").items():
            if isinstance(rules, dict):
                yield from rule_readings("biome", file, f"linter.rules.{group}.", rules)


def _oxlint(tree: Tree) -> Iterator[Reading | Problem]:
    if file := _first(tree, _OXLINT):
        document = read_jsonc(tree, file)
        if isinstance(document, Problem):
            yield document
            return
        plugins = document.get("jsPlugins")
        own = [table(plugin) for plugin in plugins if isinstance(plugin, dict)] if isinstance(plugins, list) else []
        local = {str(plugin.get("name")) for plugin in own if str(plugin.get("specifier")).startswith("./")}
        yield from rule_readings("oxlint", file, "rules.", table(document, "rules"), frozenset(local))


def _eslint(tree: Tree) -> Iterator[Reading | Problem]:
    """The configuration that ESLint itself would take: the flat one, else the first of the older kinds."""
    if file := _first(tree, (*_FLAT, *_LEGACY_CODE)):
        source = read_text(tree, file)
        if isinstance(source, Problem):
            yield source
            return
        yield from rule_readings("eslint", file, "rules.", _everywhere(objects(source, "rules")))
        return
    document: Document | Problem = {}
    if file := _first(tree, _LEGACY_JSON):
        document = read_jsonc(tree, file)
        document = read_yaml(tree, file) if isinstance(document, Problem) and not file.endswith(".json") else document
    elif file := _first(tree, _LEGACY_YAML):
        document = read_yaml(tree, file)
    else:
        file, package = PACKAGE, read_json(tree, PACKAGE)
        document = {} if isinstance(package, Problem) else table(package, "eslintConfig")
    if isinstance(document, Problem):
        yield document
        return
    yield from rule_readings("eslint", file, "eslintConfig.rules." if file == PACKAGE else "rules.", table(document, "rules"))


def _everywhere(configs: Iterator[dict[str, object]]) -> Mapping[str, object]:
    """The rules of the configurations that name no files; of two, the later one holds."""
    found: dict[str, object] = {}
    for config in configs:
        if "files" not in config:
            found |= table(config, "rules")
    return found


def _first(tree: Tree, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in tree.paths), "")


READER = Reader("js_lint", _read, MANIFEST)
