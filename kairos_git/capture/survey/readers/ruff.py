"""ruff's settings, in pyproject.toml or ruff.toml: line length, target, rules, and the ones of isort that change imports."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT
from kairos_git.capture.survey.formats.documents import Document, read_toml, string, strings, table
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.errors import Problem

_FILES = (".ruff.toml", "ruff.toml")  # ruff's order; either beats pyproject.toml
MOST_RULES = 30  # codes in one line; the prefixes that matter are fewer
MOST_PATTERNS = 4
MOST_IGNORED = 5  # rules in one folder; what ignores more is not linted in earnest

_SETTINGS = {
    "line-length": ("lint.ruff.line-length", "ruff's line length is {}"),
    "target-version": ("lint.ruff.target-version", "ruff's target is Python {}"),
    "format.quote-style": ("format.ruff.quote-style", "ruff formats quotes as {}"),
    "format.indent-style": ("format.ruff.indent-style", "ruff indents with {}"),
    "format.docstring-code-format": ("format.ruff.docstring-code-format", "ruff's docstring-code-format is {}"),
}
# These stand in [lint], or in old files at the top.
_RULES = {
    "select": ("lint.ruff.select", "ruff's rules are {}"),
    "extend-select": ("lint.ruff.extend-select", "ruff's rules besides its defaults are {}"),
    "ignore": ("lint.ruff.ignore", "ruff ignores {}"),
    "extend-ignore": ("lint.ruff.extend-ignore", "ruff ignores {} too"),
}
_ISORT = {
    "force-single-line": "ruff's isort wants one import a line: {} is on",
    "force-sort-within-sections": "ruff's isort sorts both kinds of import together: {} is on",
    "required-imports": "ruff's isort requires in every file {}",
}
_CONVENTIONS = (
    ("pydocstyle", "convention", "Docstrings follow the convention {}"),
    ("mccabe", "max-complexity", "ruff's greatest complexity of a function is {}"),
    ("pydocstyle", "ignore-decorators", ""),
    ("flake8-quotes", "inline-quotes", "ruff wants quotes to be {}"),
    ("flake8-tidy-imports", "ban-relative-imports", "ruff refuses relative imports: {}"),
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), PYPROJECT)
    document = read_toml(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    above = "tool.ruff." if file == PYPROJECT else ""
    settings = table(document, "tool", "ruff") if file == PYPROJECT else document
    for name, (slot, text) in _SETTINGS.items():
        yield from reading(file, f"{above}{name}", slot, string(settings, *name.split(".")), text)
    for name, (slot, text) in _RULES.items():
        within = "lint." if name in table(settings, "lint") else ""
        rules = strings(table(settings, "lint").get(name, settings.get(name)))
        if len(rules) <= MOST_RULES:
            yield from reading(file, f"{above}{within}{name}", slot, ", ".join(rules), text)
        else:  # a cut list would be false; of a long one the families it takes rules from are said
            families = dict.fromkeys(rule.rstrip("0123456789") for rule in rules)
            some = text.replace("ruff's rules are", "ruff's rules come from").replace(
                "ruff's rules besides its defaults are", "ruff's rules besides its defaults come from"
            )
            yield from reading(
                file, f"{above}{within}{name}", slot, ", ".join(families), some.replace("ruff ignores", "ruff ignores rules of")
            )
    yield from _linting(file, above, settings)


def _linting(file: str, above: str, settings: Document) -> Iterator[Reading]:
    lint = table(settings, "lint") or settings
    key = f"{above}lint." if lint is not settings else above
    for name, text in _ISORT.items():
        value = table(lint, "isort").get(name)
        shown = ", ".join(strings(value)) if isinstance(value, list) else name if value is True else ""
        yield from reading(file, f"{key}isort.{name}", f"lint.ruff.isort.{name}", shown, text)
    for plugin, name, text in _CONVENTIONS:
        value = string(lint, plugin, name)
        if text and value not in ("", "false"):
            yield from reading(file, f"{key}{plugin}.{name}", f"lint.ruff.{plugin}.{name}", value, text)
    banned = table(lint, "flake8-tidy-imports", "banned-api")
    if banned:
        value = ", ".join(sorted(banned)[:8])
        yield from reading(
            file, f"{key}flake8-tidy-imports.banned-api", "lint.ruff.banned-api", value, "ruff refuses the use of {}"
        )
    ignored = table(lint, "per-file-ignores")
    patterns = [pattern for pattern in sorted(ignored) if len(strings(ignored[pattern])) <= MOST_IGNORED][:MOST_PATTERNS]
    slots = slot_names(patterns)
    for pattern in patterns:
        slot, value = f"lint.ruff.per-file.{slots[pattern]}", ", ".join(strings(ignored[pattern]))
        yield from reading(file, f"{key}per-file-ignores.{key_name(pattern)}", slot, value, "ruff ignores {} in {}", pattern)


READER = Reader("ruff", _read, MANIFEST, "python")
