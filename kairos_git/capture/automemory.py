"""What an agent's own auto memory wrote into the folder: memories in files of their own, lines in the index, edits of topics.

Claude Code keeps one file for each memory (front matter with `name`, `description` and `type`, which is user, feedback,
project or reference) and one line for it in MEMORY.md; with `autoMemoryDirectory` it does so here.

The one rule: it is found by its shape and where it stands, and it is looked at, never changed; a person's notes without
that front matter are left alone.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from kairos_git.memory import index, ruling
from kairos_git.memory.edits import edited_topics, missing_facts
from kairos_git.memory.handoff import PATH as HANDOFF
from kairos_git.memory.landing import read_regular
from kairos_git.memory.objects import list_files, read_files
from kairos_git.memory.repository import Memory

LARGEST = 64 * 1024  # bytes of one memory; what Claude Code writes has a few hundred
MOST_FILES = 200  # that are taken in one go
_OWN = (index.PATH, ruling.PATH, HANDOFF)
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE | re.DOTALL)
_KIND = re.compile(r"^[ \t]*type[ \t]*:[ \t]*[\"']?(user|feedback|project|reference)\b", re.MULTILINE)
_NAME = re.compile(r"^(?:name|description)[ \t]*:", re.MULTILINE)
_DESCRIPTION = re.compile(r"^description[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_POINTER = re.compile(r"[ \t]*[-*] \[[^\]\n]*\]\([^)\s]+\.md\)")


class Written(NamedTuple):
    """A file as somebody left it. before: its committed bytes, None for a new one; whole: whether it can go back to what was
    committed without losing a decision of the owner's, who may have deleted a line of it.
    """

    path: str
    data: bytes
    before: bytes | None
    whole: bool = True


def is_memory(text: str) -> bool:
    """Whether a text is a memory as Claude Code writes one, by its front matter."""
    front = _FRONT.match(text)
    return front is not None and _KIND.search(front[1]) is not None and _NAME.search(front[1]) is not None


def description(text: str) -> str:
    """What the front matter says in one line, "" where it says nothing."""
    front = _FRONT.match(text)
    found = _DESCRIPTION.search(front[1]) if front else None
    return found[1].strip("\"'") if found else ""


def without_pointers(text: str) -> str:
    """The lines of an index but for those that only point to a memory's own file."""
    return "\n".join(line for line in text.splitlines() if not _POINTER.match(line))


def find(memory: Memory, commit: str, *, topics: bool) -> list[Written]:
    """What was written beside or into what was committed. topics: also edits of topics, where an agent keeps its memory here."""
    found = _memories(memory)
    tracked = list_files(memory.git, commit, "topics/") if found else {}
    found = [written for written in found if written.path not in tracked][:MOST_FILES]
    changed = [index.PATH, *(edited_topics(memory) if topics else ())]
    gone = missing_facts(memory) if topics else {}
    for path, before in read_files(memory.git, commit, changed).items():
        data = read_regular(os.path.join(memory.path, path))
        if data is not None and data != before and len(data) <= 4 * LARGEST:
            found.append(Written(path, data, before, path not in gone))
    return found


def _memories(memory: Memory) -> list[Written]:
    """The files of that shape at the top and in topics/, in order."""
    found = []
    for folder in ("", "topics"):
        try:
            names = os.listdir(os.path.join(memory.path, folder))
        except OSError:
            continue
        for path in (os.path.join(folder, name) for name in sorted(names) if name.endswith(".md") and not name.startswith(".")):
            data = read_regular(os.path.join(memory.path, path)) if path not in _OWN else None
            if data is not None and len(data) <= LARGEST and is_memory(data.decode("utf-8", "replace")):
                found.append(Written(path, data, None))
    return found
