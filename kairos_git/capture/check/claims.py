"""Versions, package managers and line lengths that a text states, held against the files that set them.

The one rule: a statement is wrong only where some file sets the thing and no file anywhere in the tree sets it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from posixpath import basename
from typing import NamedTuple

from kairos_git.capture.check.markdown import Line
from kairos_git.capture.check.worktree import WorkTree

MOST_FILES = 200  # of one kind that are read


class Wrong(NamedTuple):
    """A statement no file agrees with: its line, its words, what the tree has, and the place that says so."""

    line: int
    said: str
    tree: str
    where: str


class Setting(NamedTuple):
    """What a file sets, and at which line."""

    value: str
    file: str
    line: int


class _Kind(NamedTuple):
    """A version that texts state: how they do, in which files it is set, and how it stands there."""

    name: str
    stated: re.Pattern[str]
    files: str
    set_as: re.Pattern[str]


_OR_MORE = r"\s*(?:\+|or (?:newer|later|higher|above|greater)|and (?:above|up|newer|later))"


def _stated(names: str, number: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?i)\b(?:{names})\b(?:\s*version)?:?[*_`]*\s*(?:(?P<least>>=|≥|at least)\s*v?(?P<a>{number})|v?(?P<b>{number}){_OR_MORE})(?![\d.]*\d)"
    )


_VERSIONS = (
    _Kind("Python", _stated("Python", r"3\.\d{1,2}"), r"pyproject\.toml|setup\.cfg|setup\.py",
          re.compile(r"^\s*(?:requires-python|python_requires|python)\s*=\s*[\"']?(?:\{.*?version\s*=\s*[\"'])?(?:>=|~=|\^|>|==)?\s*(\d+\.\d+)")),
    _Kind("Node.js", _stated(r"Node(?:\.?js)?", r"\d{2}(?:\.\d+){0,2}"), r"package\.json|\.nvmrc|\.node-version|\.tool-versions",
          re.compile(r"^\s*\"node\":\s*\"[\^>=~v\s]*(\d+(?:\.\d+)*)|^v?(\d{2}(?:\.\d+)*)\s*$|^nodejs\s+(\d+(?:\.\d+)*)")),
    _Kind("Go", _stated(r"Go(?:lang)?", r"1\.\d{1,2}"), r"go\.mod", re.compile(r"^go (\d+\.\d+)")),
    _Kind("Rust", _stated(r"Rust|MSRV|rustc", r"1\.\d{2}"), r"Cargo\.toml|rust-toolchain(?:\.toml)?|clippy\.toml",
          re.compile(r"^\s*(?:rust-version|channel|msrv)\s*=\s*\"(\d+\.\d+)|^(1\.\d+)")),
)  # fmt: skip
_ASKS = re.compile(
    r"(?i)\b(?:requir\w+|support\w*|needs?|us(?:e|es|ing)|minimum|targets?|stack|languages?|prerequisites?|runtime|versions?|install\w*|compatib\w+|with|for|on|is)\b[^.]*$|[:(|,-][\s*_`]*$"
)
_LENGTH = re.compile(
    r"(?i)\b(?:line[ -](?:length|width|limit)|max(?:imum)? line(?: length)?|print ?width)\b[^\d\n|;]{0,24}?[ :=`*(](?P<n>\d{2,3})\b(?!\s*(?:%|lines|words))"
    r"|\b(?P<m>\d{2,3})[- ](?:char(?:acter)?s?|columns?)[- ](?:max(?:imum)? )?(?:per |max )?(?:line|limit|wide)"
)
_LENGTH_FILES = (
    r"pyproject\.toml|setup\.cfg|tox\.ini|\.?ruff\.toml|\.flake8|\.editorconfig|\.?rustfmt\.toml|\.prettierrc.*|prettier\.config\..*|biome\.jsonc?|package\.json"
    r"|\.golangci\.ya?ml|\.pylintrc|\.clang-format|\.rubocop\.yml|\.yamllint.*|\.eslintrc.*|eslint\.config\..*|\.markdownlint.*|dprint\.jsonc?|\.oxfmtrc.*|deno\.jsonc?|\.pre-commit-config\.yaml|\.swiftformat"
)
_LENGTH_SET = re.compile(
    r"(?i)^\s*-?\s*[\"']?(?:line[-_]?length|max[-_]line[-_]length|print[-_]?width|max[-_]width|line[-_]?width|column[-_]?limit|lineWidth|max-len|lll|--maxwidth)[\"']?\s*[:=]?\s*[\[\"']*(?:error\W+)?(\d{2,3})\b"
)
_DEFAULTS = (
    ((".py",), r"\.toml$|\.cfg$|\.ini$|flake8|pylintrc|editorconfig", {"79", "88"}),
    ((".rs",), r"rustfmt|editorconfig", {"100"}),
    ((".ts", ".js", ".tsx"), r"prettier|biome|package\.json|eslint|editorconfig|dprint|oxfmt|deno", {"80"}),
)  # fmt: skip
_MANAGER = re.compile(
    r"(?i)(?:package manager\b[*_`:]*\s*(?:is|=|:)?\s*[*_`]*(?P<a>npm|pnpm|yarn|bun)\b(?!\s*(?:or|/|,))|\buses? [*_`]*(?P<b>npm|pnpm|yarn|bun)[*_`]* (?:as (?:its|the|a) package manager|workspaces?\b|for package management|for dependency))"
)
_LOCKS = {"package-lock.json": "npm", "npm-shrinkwrap.json": "npm", "pnpm-lock.yaml": "pnpm", "pnpm-workspace.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}  # fmt: skip


class Claims:
    """What the files of a work tree set, read when it is first asked for."""

    def __init__(self, tree: WorkTree) -> None:
        self.tree = tree

    def wrong(self, lines: Iterable[Line], readme: bool) -> Iterator[Wrong]:
        """The statements of a text that no file agrees with."""
        for line in lines:
            if line.fence is None and not re.search(
                r"(?i)\b(?:drop(?:ped|s)?|until|before|legacy|deprecated|no longer|was|were|if you|upgrade|bump)\b", line.text
            ):
                yield from self._versions(line)
                if not readme:
                    yield from self._lengths(line)
                    yield from self._managers(line)

    def _versions(self, line: Line) -> Iterator[Wrong]:
        for kind in _VERSIONS:
            for found in kind.stated.finditer(line.text):
                stated = found["a"] or found["b"]
                before, after = line.text[: found.start()], line.text[found.end() :]
                if (not _ASKS.search(before) and not re.fullmatch(r"\W*", before)) or re.match(
                    r"[*_`]*\s+(?!is\b|are\b)[a-z]+s\b", after
                ):
                    continue  # what a version does is no demand for it
                there = list(self._settings(kind))
                if not there or any(_same(stated, s.value) for s in there):
                    continue
                first = there[0]
                # More than what is needed may be meant for who works on the project; less cannot be.
                if all(_number(stated) < _number(s.value) for s in there if "/" not in s.file) and "/" not in first.file:
                    yield Wrong(
                        line.number,
                        found[0].strip(" *_`"),
                        f"`{basename(first.file)}` needs {kind.name} {first.value}",
                        _place(first),
                    )

    def _lengths(self, line: Line) -> Iterator[Wrong]:
        for found in _LENGTH.finditer(line.text):
            stated = found["n"] or found["m"]
            there = self._lengths_set
            if there and 60 <= int(stated) <= 200 and stated not in self._usual_lengths and all(s.value != stated for s in there):
                first = there[0]
                yield Wrong(line.number, found[0].strip(" *_`"), f"`{basename(first.file)}` sets {first.value}", _place(first))

    def _managers(self, line: Line) -> Iterator[Wrong]:
        found = _MANAGER.search(line.text)
        named = (found["a"] or found["b"]).lower() if found else ""
        there = self._managers_used
        if named and there and all(s.value != named for s in there):
            yield Wrong(
                line.number,
                found[0].strip(" *_`") if found else "",
                f"`{basename(there[0].file)}` says {there[0].value}",
                _place(there[0]),
            )

    def _settings(self, kind: _Kind) -> list[Setting]:
        if kind.name not in self._read:
            self._read[kind.name] = list(self._found(kind.files, kind.set_as))
        return self._read[kind.name]

    @cached_property
    def _read(self) -> dict[str, list[Setting]]:
        return {}

    @cached_property
    def _lengths_set(self) -> list[Setting]:
        return list(self._found(_LENGTH_FILES, _LENGTH_SET))

    @cached_property
    def _usual_lengths(self) -> set[str]:
        """The tools' own defaults, for the languages in which nothing else is set."""
        files = [s.file for s in self._lengths_set]
        usual = set()
        for sources, configured, default in _DEFAULTS:
            if not any(re.search(configured, file) for file in files) and any(name.endswith(sources) for name in self.tree.named):
                usual |= default
        return usual

    @cached_property
    def _managers_used(self) -> list[Setting]:
        stated = list(self._found(r"package\.json", re.compile(r"^\s*\"packageManager\":\s*\"(npm|pnpm|yarn|bun)@")))
        locks = [Setting(name, path, 1) for lock, name in _LOCKS.items() for path in self.tree.named.get(lock, ())]
        return stated + sorted(locks, key=lambda s: (s.file.count("/"), s.file))

    def _found(self, files: str, set_as: re.Pattern[str]) -> Iterator[Setting]:
        for path in self.tree.called(files)[:MOST_FILES]:
            text = (self.tree.read(path) or b"").decode("utf-8", "replace")
            for number, line in enumerate(text.split("\n"), 1):
                found = set_as.search(line[:300])
                if found:
                    yield Setting(next(filter(None, found.groups())), path, number)


def _place(setting: Setting) -> str:
    return f"{setting.file}:{setting.line}"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _same(stated: str, there: str) -> bool:
    """Whether two versions agree as far as both say: 22 and 22.19 do."""
    return all(a == b for a, b in zip(_number(stated), _number(there), strict=False))
