"""The files of a work tree that define tasks, and the words of the commands that start them.

The one rule: a file is read once, and only when a command asks for its kind.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from functools import cached_property
from posixpath import dirname
from typing import NamedTuple

from kairos_git.capture.check.worktree import WorkTree
from kairos_git.capture.survey.reading import vocabulary

MOST_FILES = 400  # task files of one kind that are read

_STARTERS = [
    words.split()
    for words in (
        "uv run",
        "poetry run",
        "pdm run",
        "hatch run",
        "pipenv run",
        "rye run",
        "pixi run",
        "uvx",
        "npx",
        "bunx",
        "sudo",
        "time",
    )
]
_WITH_VALUE = vocabulary(
    "--filter -F -w --workspace -C --dir --prefix --cwd --directory -f --file --makefile -p --package --project --group --extra --with --python --env-file -d --justfile --working-directory -j --from"
)
_NAME = re.compile(r"[A-Za-z0-9_][\w:.@/+-]*", re.ASCII)
_PLACE = re.compile(
    r"(?i)(?:your|my|some|foo|bar|baz|example|name|xxx?|task|script|target|env|command|package|pkg|recipe|session)(?:[-_:].*)?"
)


class Missing(NamedTuple):
    """A task that nothing defines: how it is said, what the tree has instead, and where one would look."""

    said: str
    tree: str
    where: str


class TaskFiles:
    """The files of a work tree that define tasks, read when they are first asked for."""

    def __init__(self, tree: WorkTree) -> None:
        self.tree = tree
        self._seen: dict[str, dict[str, str]] = {}

    # Each kind of file: path -> its text.
    @cached_property
    def makefiles(self) -> dict[str, str]:
        """Every Makefile and included `.mk`."""
        return self.files(r"(?:GNUm|[Mm])akefile|Makefile\..*|.*\.mk")

    @cached_property
    def manifests(self) -> dict[str, dict[str, object]]:
        """Every package.json that can be parsed."""
        found = {}
        for path, text in self.files(r"package\.json").items():
            try:
                document = json.loads(text)
            except (ValueError, RecursionError):
                document = None
            found[path] = document if isinstance(document, dict) else {"broken": True}
        return found

    @cached_property
    def crates(self) -> str:
        """Every Cargo.toml as one text."""
        return "\n".join(self.files(r"Cargo\.toml").values())

    def files(self, pattern: str) -> dict[str, str]:
        """Every file whose name matches a pattern: its path -> its text."""
        if pattern not in self._seen:
            paths = self.tree.called(pattern)[:MOST_FILES]
            self._seen[pattern] = {path: (self.tree.read(path) or b"").decode("utf-8", "replace") for path in paths}
        return self._seen[pattern]


def split(command: str) -> list[str]:
    """The words of a command; none where its quotes do not match."""
    try:
        return shlex.split(command.strip().removeprefix("$ "))
    except ValueError:
        return []


def unwrapped(words: list[str]) -> list[str]:
    """The words from the tool on: without settings, `uv run` and its options."""
    while words:
        starter = next((s for s in _STARTERS if words[: len(s)] == s), None)
        if starter:
            words = words[len(starter) :]
            while words and words[0].startswith("-"):
                words = words[2 if words[0] in _WITH_VALUE else 1 :]
        elif re.match(r"\w+=", words[0]):
            words = words[1:]
        else:
            break
    return words


def operands(words: Sequence[str]) -> list[str]:
    """The words that are no options, nor values of options, nor settings."""
    found, skip = [], False
    for word in words:
        if word == "--":
            break
        if not skip and not word.startswith("-") and "=" not in word:
            found.append(word)
        skip = word in _WITH_VALUE
    return found


def is_name(word: str) -> bool:
    """Whether a word could be a task's name, and stands for no other."""
    return bool(_NAME.fullmatch(word)) and not _PLACE.fullmatch(word)


def nearest(files: Sequence[str], folder: str) -> str:
    """The file one would look in: in the text's own folder, else at the root, else the first."""
    own = [f for f in files if dirname(f) == folder]
    return own[0] if own else files[0] if files else ""
