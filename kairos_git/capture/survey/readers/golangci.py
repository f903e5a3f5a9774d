"""golangci-lint's configuration: the formatters and linters it adds to its defaults."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.formats.documents import Document, read_json, read_toml, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import CI, Reader, Reading, Tree, reading
from kairos_git.capture.survey.tasks.commands import purpose_reading
from kairos_git.errors import Problem

_FILES = (".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json")
_FORMATTERS = ("gci", "gofmt", "gofumpt", "goimports", "golines")
MOST_NAMED = 16


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    if not file:
        return
    document = (read_toml if file.endswith(".toml") else read_json if file.endswith(".json") else read_yaml)(tree, file)
    if isinstance(document, Problem):
        yield document
        document = {}
    yield from purpose_reading(file, "run", "lint", "golangci-lint run")
    yield from purpose_reading(file, "run+fix", "fix", "golangci-lint run --fix")
    yield from _named(file, document)


def _named(file: str, document: Document) -> Iterator[Reading]:
    linters = strings(table(document, "linters").get("enable"))
    formatters = strings(table(document, "formatters").get("enable"))
    if formatters:  # only version 2 formats by itself
        yield from purpose_reading(file, "fmt", "format", "golangci-lint fmt")
    key = "formatters.enable" if formatters else "linters.enable+formatters"
    value = ", ".join(formatters or [name for name in linters if name in _FORMATTERS])
    yield from reading(file, key, "format.golangci.formatters", value, "Go code must be formatted by {}")
    value = ", ".join([name for name in linters if name not in _FORMATTERS][:MOST_NAMED])
    text = "golangci-lint runs among others {}" if len(linters) > MOST_NAMED else "golangci-lint runs {} too"
    yield from reading(file, "linters.enable", "lint.golangci.linters", value, text)
    basis = string(document, "linters", "default")
    if basis in ("all", "none"):
        yield from reading(file, "linters.default", "lint.golangci.default", basis, "golangci-lint's default linters are {}")
    for name in ("disable",) if basis == "all" or string(document, "linters", "enable-all") == "true" else ():
        value = ", ".join(strings(table(document, "linters").get(name))[:MOST_NAMED])
        yield from reading(file, f"linters.{name}", "lint.golangci.disabled", value, "golangci-lint does not run {}")
    for above in (("linters", "settings"), ("linters-settings",)):
        length = string(document, *above, "lll", "line-length")
        yield from reading(
            file,
            ".".join((*above, "lll.line-length")),
            "lint.golangci.line-length",
            length,
            "A line of Go may have {} characters",
        )


READER = Reader("golangci", _read, CI, "go")
