"""What the hand-written files that an agent loads anyway already say: marked, so that the index need not repeat it.

The one rule: these files are never read for facts; a reading that stands on the tree is only marked as said there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kairos_git.capture.agents.block import without_block
from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.reading import Reading, Tree, code
from kairos_git.errors import Problem

LOADED = ("AGENTS.md", "CLAUDE.md")  # by every agent that knows either: what both leave out is not said
_REPEATABLE = re.compile(
    r"(?:layout|parts|guides|generated|checks|scripts|make|just|task|poe|tox|nox|ci\.run)\b.*|[a-z0-9-]+\.command.*|tests\.layout.*"
)
_IMPORT = re.compile(r"^@(?:\./)?([\w./-]+\.md)[ \t]*$", re.MULTILINE)
_SHORTEST = 4  # characters of a value that can be found in prose without finding it everywhere


def marked(tree: Tree, readings: Iterable[Reading]) -> list[Reading]:
    """The readings; those whose value stands in every hand-written file an agent would load say so at their end."""
    files = {path: _text(tree, path) for path in LOADED if path in tree.paths}
    if not files:
        return list(readings)
    name = code(min(files))
    return [
        r._replace(text=f"{r.text} (also in {name})") if _REPEATABLE.fullmatch(r.slot) and _said(r.value, files.values()) else r
        for r in readings
    ]


def _text(tree: Tree, path: str) -> str:
    """A file and what it imports at its own level, as Claude Code's `@file.md` lines do."""
    text = read_text(tree, path)
    if isinstance(text, Problem):
        return ""
    imported = [read_text(tree, name) for name in _IMPORT.findall(text)[:5] if name != path]
    return "\n".join(without_block(one) for one in (text, *imported) if isinstance(one, str))  # the block is memory's own


def _said(value: str, texts: Iterable[str]) -> bool:
    wanted = value.rstrip("/")
    if len(wanted) < _SHORTEST:
        return False
    whole = re.compile(rf"(?<![\w/.-]){re.escape(wanted)}(?![\w-])")
    return all(whole.search(text) for text in texts)
