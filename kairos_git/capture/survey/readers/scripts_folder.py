"""Programs in scripts/, tools/ and the like that a contributor starts: checks, and what makes or changes files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading, slot_names
from kairos_git.capture.survey.source.files import plain_paths
from kairos_git.capture.survey.source.glosses import block_doc, head, python_doc, tells
from kairos_git.capture.survey.tasks.commands import name_is_harmful
from kairos_git.errors import Problem

MOST_SCRIPTS = 30

_FILE = re.compile(
    r"(?:scripts?|tools?|hack|bin|dev|devtools|build_tools|\.github/scripts)/[\w.-]+(?:\.(?:py|sh|bash|[mc]?[jt]s|rb|pl)|/[\w-]+)?"
)
_PROGRAM = re.compile(r".+/[\w-]+\.(?:py|sh|bash|[mc]?[jt]s|rb|pl)|(?:scripts?|bin|hack)/[a-z][\w-]*")
_NO_PROGRAM = re.compile(
    r".+\.(?:test|spec|d|config)\.\w+|.+_test\.\w+|__init__\.py|conftest\.py|test_.+|(?:README|LICENSE|Makefile|Dockerfile)\b.*"
)
_CHECKS = re.compile(r"(?:^|[-_])(?:check|lint|verify|validate|ensure|assert|audit|enforce|find)(?:s|er|ing)?(?:[-_.]|$)")
_RUN = re.compile(
    r"(?:^|[-_])(?:gen|generate|regen|regenerate|update|sync|run|test|tests|runtox|build|format|fmt|fix|setup|bootstrap|dev|bench|benchmark|docs?|types?|"
    r"coverage|install|start|serve|add|create|new|make|populate|compile|lint)(?:[-_.]|$)"
)
_DATA = re.compile(r".+\.(?:json|toml|ya?ml|txt)")
_SUBJECT = 4  # characters of what a check is about, for a file to be named after it


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found: dict[str, str] = {}
    near = [path for path in plain_paths(tree.paths) if path.count("/") in (1, 2)]
    for path in near:
        name = path.rpartition("/")[2]
        if not _FILE.fullmatch(path) or not _PROGRAM.fullmatch(path) or _NO_PROGRAM.fullmatch(name):
            continue
        if not name_is_harmful(name.partition(".")[0]):
            found[path] = "checks" if _CHECKS.search(name) else "layout.script" if _RUN.search(name) else ""
    ranked = sorted((path for path in found if found[path]), key=lambda path: (found[path], path.count("/"), path))[:MOST_SCRIPTS]
    names = slot_names(path.partition("/")[2].partition(".")[0] for path in ranked)
    data = sorted(path for path in near if _FILE.fullmatch(path.rpartition(".")[0]) and _DATA.fullmatch(path))
    taken: set[str] = set()
    for path in ranked:
        slot = f"{found[path]}.{names[path.partition('/')[2].partition('.')[0]]}"
        if slot not in taken:
            taken.add(slot)
            yield from _script(tree, path, slot, data)


def _script(tree: Tree, path: str, slot: str, beside: list[str]) -> Iterator[Reading]:
    quoted = tells(_opening(head(tree, path), path), path)
    text = f"{{}}: {quoted}" if quoted else "{} is a check" if slot.startswith("checks.") else "{} is a script for contributors"
    data = _exceptions(beside, path) if slot.startswith("checks.") else ""
    if data:
        yield from reading(path, "script", slot, path, f"{text}; it goes by {{}}", data)
    else:
        yield from reading(path, "script", slot, path, text)


def _opening(text: str, path: str) -> str:
    """The first paragraph of a program's leading comment or docstring."""
    if path.endswith(".py"):
        return python_doc(text)
    body = re.sub(r"\A#![^\n]*\n", "", text).lstrip("\n")
    if re.match(r"\s*/\*\*", body):
        return block_doc(body) or block_doc(body.split("*/")[0] + "*/\n\n")
    mark = "//" if re.search(r"\.[mc]?[jt]s$", path) else "#"
    lines: list[str] = []
    for line in body.split("\n")[:20]:
        words = line.strip().removeprefix(mark).lstrip("#/").strip()
        if not line.strip().startswith(mark) or (lines and not words):
            break
        lines += [words] if words else []
    return " ".join(lines)


def _exceptions(data: list[str], path: str) -> str:
    """The list of known exceptions that stands beside a check: `file-size-baseline.json` for `check-file-size.js`."""
    folder, _, name = path.rpartition("/")
    subject = _CHECKS.sub("", name.partition(".")[0]).strip("-_")
    return next((other for other in data if len(subject) >= _SUBJECT and other.startswith(f"{folder}/{subject}")), "")


READER = Reader("scripts_folder", _read, MANIFEST)
