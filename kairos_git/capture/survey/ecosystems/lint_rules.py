"""Lint rules that change how code is written, as ESLint, oxlint and Biome name them.

The one rule: a rule counts where it is an error everywhere; rules that a fixer obeys silently are not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kairos_git.capture.survey.formats.documents import Document, strings, table
from kairos_git.capture.survey.reading import LONGEST_VALUE, Reading, key_name, reading, slot_names

MOST_TARGETS = 8
MOST_EXPORTS = 3  # of one restricted module
_ERRORS = frozenset({"error", "deny", 2, "2"})

# The rule's name without its plugin -> what it forbids or wants. Biome's names stand beside ESLint's.
RULES: Mapping[str, str] = {
    **dict.fromkeys(("no-explicit-any", "noExplicitAny"), "`any` is an error"),
    **dict.fromkeys(("no-non-null-assertion", "noNonNullAssertion"), "non-null assertions are errors"),
    **dict.fromkeys(("no-floating-promises", "noFloatingPromises"), "a promise nobody awaits is an error"),
    **dict.fromkeys(("no-misused-promises", "noMisusedPromises"), "a promise where none is expected is an error"),
    **dict.fromkeys(("no-default-export", "noDefaultExport"), "default exports are errors"),
    **dict.fromkeys(("prefer-default-export",), "a single export has to be the default one"),
    **dict.fromkeys(("no-console", "noConsole", "noConsoleLog"), "console calls are errors"),
    **dict.fromkeys(("consistent-type-imports", "useImportType"), "types need `import type`"),
    **dict.fromkeys(("explicit-function-return-type", "useExplicitType"), "functions need a return type"),
    **dict.fromkeys(("explicit-module-boundary-types",), "exported functions need explicit types"),
    **dict.fromkeys(("no-cycle", "noImportCycles"), "circular imports are errors"),
    **dict.fromkeys(("no-barrel-files", "noBarrelFile"), "barrel files are errors"),
    **dict.fromkeys(("no-namespace", "noNamespace", "noNamespaceImport"), "namespaces are errors"),
    **dict.fromkeys(("no-enum", "noEnum"), "enums are errors"),
    **dict.fromkeys(("no-commonjs", "noCommonJs"), "CommonJS is an error"),
    **dict.fromkeys(("no-require-imports", "no-var-requires"), "`require` is an error"),
    **dict.fromkeys(("prefer-node-protocol", "useNodejsImportProtocol"), "Node's modules need the `node:` prefix"),
    **dict.fromkeys(("no-process-env", "noProcessEnv"), "`process.env` is an error"),
    **dict.fromkeys(
        ("no-undeclared-env-vars", "noUndeclaredEnvVars"), "an environment variable turbo.json does not name is an error"
    ),
    **dict.fromkeys(("filename-case", "match-regex", "useFilenamingConvention"), "file names follow a convention"),
    **dict.fromkeys(("naming-convention", "useNamingConvention"), "names follow a convention"),
    **dict.fromkeys(("no-focused-tests", "noFocusedTests", "no-only-tests"), "focused tests are errors"),
    **dict.fromkeys(("no-skipped-tests", "noSkippedTests"), "skipped tests are errors"),
    **dict.fromkeys(("no-deprecated", "noDeprecatedImports"), "deprecated code is an error"),
    **dict.fromkeys(("switch-exhaustiveness-check", "useExhaustiveSwitchCases"), "a switch has to cover every case"),
    **dict.fromkeys(("strict-boolean-expressions",), "conditions have to be booleans"),
    **dict.fromkeys(("exhaustive-deps", "useExhaustiveDependencies"), "hooks have to name their dependencies"),
    **dict.fromkeys(("ban-ts-comment",), "`@ts-` comments need a reason or are errors"),
    **dict.fromkeys(("no-extraneous-dependencies", "noUndeclaredDependencies"), "an import has to be a declared dependency"),
    **dict.fromkeys(("no-relative-packages", "no-relative-parent-imports"), "relative imports out of a package are errors"),
    **dict.fromkeys(("useImportExtensions",), "imports need file extensions"),
    **dict.fromkeys(("header", "license-header"), "every file needs a header"),
    **dict.fromkeys(("max-lines",), "files are limited in length"),
    **dict.fromkeys(("max-lines-per-function", "noExcessiveLinesPerFunction"), "functions are limited in length"),
    **dict.fromkeys(("complexity", "noExcessiveCognitiveComplexity"), "functions are limited in complexity"),
    **dict.fromkeys(("require-jsdoc",), "JSDoc is required"),
    **dict.fromkeys(("no-shadow",), "shadowing a variable is an error"),
    **dict.fromkeys(("no-plusplus",), "`++` is an error"),
    **dict.fromkeys(("no-param-reassign", "noParameterAssign"), "assigning to a parameter is an error"),
    **dict.fromkeys(("no-else-return", "noUselessElse"), "an else after a return is an error"),
    **dict.fromkeys(("func-style",), "functions are written in one style"),
    **dict.fromkeys(("no-magic-numbers", "noMagicNumbers"), "magic numbers are errors"),
    **dict.fromkeys(("require-description-when-disabling", "require-description"), "disabling a rule needs a reason"),
}
_RESTRICTED = {
    "no-restricted-imports": "Importing", "noRestrictedImports": "Importing",
    "no-restricted-globals": "The global", "noRestrictedGlobals": "The global", "no-restricted-modules": "Requiring",
}  # fmt: skip


def is_error(setting: object) -> bool:
    """Whether a rule's setting, in any of the three tools' forms, makes it an error."""
    level = setting[0] if isinstance(setting, list) and setting else setting
    level = level.get("level") if isinstance(level, dict) else level
    return isinstance(level, str | int) and not isinstance(level, bool) and level in _ERRORS


def rule_readings(
    tool: str, file: str, key: str, rules: Mapping[str, object], own: frozenset[str] = frozenset()
) -> Iterator[Reading]:
    """The rules that bite of one configuration. `rules`: full name -> setting; `own` are the project's own plugins."""
    slots = slot_names(_kebab(name) for name in rules)
    shown = {"eslint": "ESLint", "biome": "Biome"}.get(tool, tool)
    for name, setting in rules.items():
        if not is_error(setting) or key_name(name) != name:
            continue
        bare, slot = name.rpartition("/")[2], f"lint.{tool}.{slots[_kebab(name)]}"
        if bare in _RESTRICTED:
            targets = _joined(_targets(setting))
            text = f"{_RESTRICTED[bare]} {{}} is an error ({shown}'s {bare})"
            yield from reading(file, f"{key}{name}", slot, targets, text)
        elif bare in RULES:
            yield from reading(file, f"{key}{name}", slot, name, f"{shown}'s {{}}: {RULES[bare]}")
        elif name.partition("/")[0] in own:
            yield from reading(file, f"{key}{name}", slot, name, f"{shown} runs the project's own rule {{}}")


def _targets(setting: object) -> list[str]:
    """What a restriction names: in a list, in `paths`, in `patterns` or their groups, or as the keys of Biome's paths."""
    parts = setting[1:] if isinstance(setting, list) else [table(setting, "options")]
    found: list[str] = []
    for part in parts:
        groups = (part, table(part).get("paths"), table(part).get("patterns"))
        for one in (one for group in groups if isinstance(group, list) for one in group):
            found += strings(one) if isinstance(one, str) else strings(table(one).get("group")) or _named(table(one))
        found += [part] if isinstance(part, str) else _named(table(part))
        found += [name for name in table(part, "paths") if name != "name"]
    return list(dict.fromkeys(found))


def _named(part: Document) -> list[str]:
    """A restriction's name; where it holds for some of a module's exports only, with those."""
    exports = strings(part.get("importNames"))
    shown = f" ({', '.join(exports[:MOST_EXPORTS])}{', …' if len(exports) > MOST_EXPORTS else ''})" if exports else ""
    return [name + shown for name in strings(part.get("name"))]


def _joined(names: list[str]) -> str:
    value = ", ".join(names[:MOST_TARGETS])
    more = ", …" if len(names) > MOST_TARGETS else ""
    return value + more if len(value) + len(more) <= LONGEST_VALUE else ""


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name.replace("/", ".").replace("@", ""))
