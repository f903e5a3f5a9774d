"""Code generators with a configuration of their own: what they write, from what, and the command that runs them."""

from __future__ import annotations

from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.manifests import is_plain
from kairos_git.capture.survey.formats.documents import Document, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import DEFAULT, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.capture.survey.tasks.commands import purpose_reading
from kairos_git.errors import Problem

MOST_OUTPUTS = 5

_SQLC = ("sqlc.yaml", "sqlc.yml")
# Others are known by their file alone: file -> name and command.
_PLAIN = {
    "buf.gen.yaml": ("buf", "buf generate"),
    "gqlgen.yml": ("gqlgen", "go run github.com/99designs/gqlgen generate"),
    ".mockery.yaml": ("mockery", "mockery"),
    ".mockery.yml": ("mockery", "mockery"),
}


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _SQLC if path in tree.paths), "")
    document = read_yaml(tree, file)
    if isinstance(document, Problem):
        yield document
        document = {}
    if file:
        yield from purpose_reading(file, "generate.command", "generate", "sqlc generate")
        yield from _sqlc(file, document)
    for path, (name, command) in _PLAIN.items():
        if path in tree.paths:
            yield from purpose_reading(path, "generate.command", "generate", command)
            yield from reading(path, "generates", f"generate.{name}", command, "{} makes code by what {} says", path)


def _sqlc(file: str, document: Document) -> Iterator[Reading]:
    """Version 2 lists languages below `gen`; version 1 has one `path`."""
    outputs: list[tuple[str, str, str]] = []
    for version in ("sql", "packages"):
        entries = document.get(version)
        for entry in entries if isinstance(entries, list) else []:
            folders = [string(one, "out") for one in table(entry, "gen").values()] or [string(entry, "path")]
            queries = " ".join(strings(table(entry).get("queries")))
            schema = " ".join(strings(table(entry).get("schema")))
            outputs += [(folder.removeprefix("./").rstrip("/"), queries, schema) for folder in folders]
    slots = slot_names(folder for folder, _, _ in outputs)
    for folder, queries, schema in outputs[:MOST_OUTPUTS]:
        if is_plain(folder) and queries and schema:
            text = "sqlc writes {} from the queries in {} and the schema in {}: edit those and run {}"
            bodies = (queries, schema, "sqlc generate")
            yield from reading(file, f"out.{key_name(folder)}", f"generated.{slots[folder]}", f"{folder}/", text, *bodies)


READER = Reader("generators", _read, DEFAULT)
