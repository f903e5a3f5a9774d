"""Commands that the documents for contributors show: the project's own where they are clear, else as what people type.

The one rule: a command is taken only as it stands in a fenced block, only where a checkout is all it needs, and only
where no file of the project says it better.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.reading import (
    DOCUMENT,
    LONGEST_NAME,
    Reader,
    Reading,
    Tree,
    key_name,
    reading,
    slot_names,
    vocabulary,
)
from kairos_git.capture.survey.source.files import is_plain
from kairos_git.capture.survey.tasks.commands import PURPOSES, body_is_harmful, name_is_harmful
from kairos_git.capture.survey.tasks.shell import commands
from kairos_git.capture.survey.tasks.tools import purpose_of
from kairos_git.errors import Problem

MOST_DOCUMENTS = 12
MOST_EACH, MOST_BELOW, MOST_COMMANDS = 10, 3, 10  # commands of one document, of one below the root, of all without a purpose

MOST_BLOCKS = 100  # of one document

_WRITTEN = (".md", ".mdx", ".rst", ".txt", ".adoc", ".markdown")
_DOCUMENT = re.compile(
    r"(?:\.github/|docs?/(?:[\w-]+/)?)?(?:contribut(?:ing|e)|develop(?:ment|ing|er|er-guide)?|dev[-_]?guide|hacking|building|testing(?:[-_]guide)?)"
    r"\.(?:md|mdx|rst)",
    re.IGNORECASE,
)
_BELOW = re.compile(r"(?!docs/|examples?/|tests?/)(?:[\w.@-]+/){1,3}(?:CONTRIBUTING|AGENTS)\.md")
_SECTION = re.compile(r"develop|contribut|test|build|hack|from source|local|lint", re.IGNORECASE)
_HEADING = re.compile(r"^(#{1,4})[ \t]+([^\n]+)$|^([^\n]+)\n(?:={3,}|-{3,})[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"[ \t]{0,12}(`{3,9}|~{3,9})[ \t]*([\w+-]*)")
_DIRECTIVE = re.compile(r"([ \t]*)\.\.[ \t]+(?:code-block|code|sourcecode|prompt)::[ \t]*(\w*)")
_SHELLS = vocabulary("sh bash shell zsh console shell-session shellsession terminal")
_PROMPT = re.compile(r"^[ \t]*(?:\([\w.-]+\)[ \t]*)?[$%❯][ \t]+")

_PROGRAMS = vocabulary(
    "cargo go npm pnpm yarn bun make just task uv poetry pdm hatch rye pixi pipenv tox nox pytest python python3 pre-commit prek ruff mypy pyright black "
    "npx bunx mise invoke inv rake mix gradle ./gradlew ./mvnw mvn cmake ctest ninja meson bazel swift dotnet composer bundle deno turbo nx hugo mkdocs "
    "sphinx-build golangci-lint gofmt gofumpt task sqlc buf docker-compose pip pip3 cross zig stack cabal dune opam sbt lein flutter dart"
)
_INSTALLS = re.compile(
    r"(?:npm|pnpm|yarn|bun) (?:install|ci|i)(?: --frozen-lockfile)?|yarn|uv sync(?: --[\w-]+(?:[ =][\w-]+)?)*|poetry install(?: --[\w-]+(?:[ =][\w,-]+)?)*"
    r"|pdm install(?: -\S+)*|hatch env create|(?:python3? -m |uv )?pip3? install (?:-U )?(?:-e|--editable) ['\"]?\.(?:\[[\w, -]+\])?['\"]?"
    r"|(?:python3? -m |uv )?pip3? install -r [\w./-]+|go mod download|bundle install|composer install|mix deps\.get|cargo fetch"
)
_OUTSIDE = re.compile(
    r"[<>{}\[\]]|\.\.\.|…|path/to|\b(?:your|my|foo|bar|example|xxx)\b|~/|\bgit\b|https?:|(?:^|\s)(?:-g|--global|--user)(?:\s|$)|@latest",
    re.I,
)
_ASIDE = re.compile(
    r"(?:python3? -m (?:venv|pip)|uv (?:venv|python|tool|pip)|go tool|(?:npm|pnpm|bun|yarn) link|[\w.-]+ (?:help|init|login|new|create|add|remove|uninstall))(?:\s|$)"
    r"|.*\s(?:--version|-V|--help|-h|-l|--list|list)$"
)
_ONE_PART = re.compile(r"\s--?(?:bin|example|bench|p|package|filter)[ =]")
_TASK = re.compile(
    r"(?:(?:just|make|task|poe|(?:npm|pnpm|yarn|bun)(?: run)?) [\w:.-]+|(?:uv run )?(?:tox -e|nox -s) [\w.-]+)"
)  # its own reader tells it


class Shown(NamedTuple):
    """A command in a document: as it stands, as its words, and the document's place."""

    text: str
    words: tuple[str, ...]
    file: str


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    shown: list[Shown] = []
    for path in _documents(tree):
        text = read_text(tree, path)
        if isinstance(text, Problem):
            yield text
            continue
        wanted = _sections(text) if path.upper().startswith("README") else text
        folder = path.rpartition("/")[0] if _BELOW.fullmatch(path) else ""
        known = {one.text for one in shown}
        shown += [one for one in _shown(wanted, path, folder, tree) if one.text not in known][
            : MOST_BELOW if folder else MOST_EACH
        ]
    taken: set[str] = set()
    for purpose, one in _by_purpose(shown):
        taken.add(one.text)
        sentence = "Dependencies are installed with {}" if purpose == "install" else PURPOSES[purpose][0]
        yield from reading(one.file, f"{purpose}.command", f"{purpose}.command", one.text, sentence)
    names = {one.text: re.sub(r"[^A-Za-z0-9]+", "-", one.text)[:LONGEST_NAME].strip("-") for one in shown}
    slots = slot_names(names.values())
    for one in [
        one for one in shown if one.text not in taken and not _INSTALLS.fullmatch(one.text) and not _TASK.fullmatch(one.text)
    ][:MOST_COMMANDS]:
        name = names[one.text]
        yield from reading(
            one.file, f"block.{key_name(name)}", f"docs-commands.{slots[name]}", one.text, "{} is what {} shows", one.file
        )


def _documents(tree: Tree) -> list[str]:
    """The documents to look into, those for the whole project first."""
    found = [
        path
        for path in tree.paths
        if path.endswith(_WRITTEN) and is_plain(path) and (_DOCUMENT.fullmatch(path) or _BELOW.fullmatch(path))
    ]
    ranked = sorted(
        found, key=lambda path: (bool(_BELOW.fullmatch(path)), "contribut" not in path.lower(), path.count("/"), path)
    )
    readme = next((path for path in ("README.md", "README.rst", "readme.md", "Readme.md") if path in tree.paths), None)
    whole = [path for path in ranked if not _BELOW.fullmatch(path)][:4]
    below = [path for path in ranked if _BELOW.fullmatch(path)]
    return [*whole, *([readme] if readme else []), *below][:MOST_DOCUMENTS]


def _sections(text: str) -> str:
    """The sections of a README that are for those who work on the project."""
    heads = [found for found in _HEADING.finditer(text) if (found[1] or "").count("#") != 1]
    kept: list[str] = []
    for number, found in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        if _SECTION.search(found[2] or found[3] or ""):
            kept.append(text[found.end() : end])
    return "\n".join(kept)


def _shown(text: str, path: str, folder: str, tree: Tree) -> Iterator[Shown]:
    """The commands of a document's blocks that somebody with a checkout could type."""
    text = text.replace("\r\n", "\n")
    for language, lines in islice(_blocks(text.split("\n")), MOST_BLOCKS):
        if language.lower() not in _SHELLS and (language or not any(_PROMPT.match(line) for line in lines)):
            continue
        prompted = any(_PROMPT.match(line) for line in lines)  # what stands without a prompt is then output
        script = "\n".join(_PROMPT.sub("", line).strip() for line in lines if not prompted or _PROMPT.match(line))
        for command in commands(script, ""):
            words = command.words
            if "--" in words and _OUTSIDE.search(command.text):  # `cargo run -p ruff -- check path/to/file.py`
                words = words[: words.index("--")]
            text = " ".join(command.written[: len(words)])
            if command.computed >= 0 or command.folder or not _is_offered(text, words, tree):
                continue
            # Below the root nobody says where a command is typed, unless it names its part.
            if not folder or any(re.split("[/=]", word.rstrip("/"))[-1] == folder.rpartition("/")[2] for word in words):
                yield Shown(text, words, path)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The language and lines of each fenced block of Markdown and each code directive of reStructuredText."""
    number = 0
    while number < len(lines):
        fence, directive = _FENCE.match(lines[number]), _DIRECTIVE.match(lines[number])
        number += 1
        start = number
        if fence:
            while number < len(lines) and not lines[number].strip().startswith(fence[1]):
                number += 1
            yield fence[2], list(lines[start:number])
            number += 1
        elif directive:
            while number < len(lines) and (not lines[number].strip() or _indent(lines[number]) > len(directive[1])):
                number += 1
            yield directive[2], [line for line in lines[start:number] if not line.strip().startswith(":")]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_offered(text: str, words: tuple[str, ...], tree: Tree) -> bool:
    plain = [word for word in words if not re.match(r"[A-Z_][A-Z0-9_]*=", word)]
    if len(plain) < 2 and not (plain and plain[0] in ("tox", "nox", "pytest", "make", "yarn")):
        starts = bool(plain) and plain[0].removeprefix("./") in tree.paths
    else:
        starts = plain[0] in _PROGRAMS or plain[0].removeprefix("./") in tree.paths
    if starts and _INSTALLS.fullmatch(text):
        return True
    if not starts or _OUTSIDE.search(text) or body_is_harmful(text) or any(word.count(" ") > 2 for word in words):
        return False
    if _ASIDE.match(" ".join(plain)) or re.match(
        r"(?:npm|pnpm|yarn|bun|pip3?|cargo|go|uv tool|pipx) (?:install|i|add)\b", " ".join(plain)
    ):
        return False  # installs the program itself, for its users
    return not any(name_is_harmful(word) for word in plain[1:4] if not word.startswith("-"))


def _by_purpose(shown: list[Shown]) -> Iterator[tuple[str, Shown]]:
    """The first command of each purpose that covers the whole project."""
    found: dict[str, Shown] = {}
    for one in shown:
        if _BELOW.fullmatch(one.file) or _ONE_PART.search(one.text) or "=" in one.words[0]:
            continue
        purpose = "install" if _INSTALLS.fullmatch(one.text) else purpose_of(list(one.words))
        if purpose != "dev" and (purpose == "install" or purpose in PURPOSES):  # how a document starts the program is an example
            found.setdefault(str(purpose), one)
    yield from sorted(found.items())


READER = Reader("document_commands", _read, DOCUMENT)
