"""The data: pairs of lines, commits, and what really changed at each of them.

The one rule: the layout is that of the shared data; another set of the same form runs through unchanged.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple


class Pair(NamedTuple):
    """Two lines and what a person said of them: `supersede`, `rephrase`, `elaborate`, `drop_detail`, `unrelated`, `coexist`, …"""

    label: str
    old: str
    new: str


class Change(NamedTuple):
    """What changed at a commit: a subject's value; `new` is None where it was removed, `old` where it was new."""

    repo: str
    commit: str
    date: str
    subject: str
    old: str | None
    new: str | None


class Commit(NamedTuple):
    """One commit's message, and what really changed there."""

    date: str
    text: str
    changes: tuple[Change, ...]


class Data(NamedTuple):
    """Everything there is. `stream`: repository -> its commits, oldest first."""

    pairs: tuple[Pair, ...]
    stream: dict[str, tuple[Commit, ...]]
    changes: tuple[Change, ...]


def _read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def load(folder: Path) -> Data:
    """The data of a folder with relate.jsonl, stream.jsonl and stream.truth.jsonl."""
    pairs = tuple(Pair(r["label"], r["old"], r["new"]) for r in _read(folder / "relate.jsonl"))
    changes = tuple(
        Change(r["repo"], r["commit"], r["date"], f"{r['subject']}", r["old"], r["new"])
        for r in _read(folder / "stream.truth.jsonl")
    )
    at: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        at.setdefault((change.repo, change.commit), []).append(change)
    stream: dict[str, list[Commit]] = {}
    for r in _read(folder / "stream.jsonl"):
        stream.setdefault(r["repo"], []).append(Commit(r["date"], r["text"], tuple(at.get((r["repo"], r["commit"]), ()))))
    return Data(pairs, {repo: tuple(commits) for repo, commits in stream.items()}, changes)
