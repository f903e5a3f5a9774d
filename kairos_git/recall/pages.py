"""The memory's files as a reader may see them: MEMORY.md, the handoff and the topics of HEAD.

The one rule: what is committed and still believed is shown, line by line as text that opens no role for a model; what an
uncommitted edit made, and the vault, never are.
"""

from __future__ import annotations

from kairos_git.memory import handoff, index
from kairos_git.memory.objects import facts_at, list_files, read_files
from kairos_git.memory.repository import Memory
from kairos_git.memory.topic import format_topic, parse_topic, topic_name
from kairos_git.memory.vault import VAULT, in_vault
from kairos_git.recall.believed import believed
from kairos_git.recall.context.fence import plain


def page_names(memory: Memory) -> list[str]:
    """The paths of what may be read, MEMORY.md first: a listing that reads no file. Raises NotFound and GitFailed."""
    return _names(memory, memory.head())


def pages(memory: Memory) -> dict[str, str]:
    """path -> text, in the order of `page_names`. Raises NotFound and GitFailed."""
    head = memory.head()
    files = read_files(memory.git, head, _names(memory, head))
    shown = {f.id for f in believed(memory).facts if not in_vault(f.slot)}
    dead = {name for name in facts_at(memory.git, head) if name not in shown}
    return {path: _readable(path, data, dead) for path, data in files.items()}


def _names(memory: Memory, head: str) -> list[str]:
    found = list_files(memory.git, head, index.PATH, handoff.PATH, "topics/")
    topics = sorted(p for p in found if topic_name(p) not in (None, VAULT))
    return [p for p in (index.PATH, handoff.PATH) if p in found] + topics


def _readable(path: str, data: bytes, dead: set[str]) -> str:
    if path == index.PATH:
        data = index.without(data, dead)
    elif topic_name(path):
        topic = parse_topic(path, data)
        if topic.problems or any(f.id in dead for f in topic.facts):  # a damaged line is no fact either
            data = format_topic(data, [f for f in topic.facts if f.id not in dead])
    return "\n".join(map(_harmless, data.decode("utf-8", "surrogateescape").split("\n")))


def _harmless(line: str) -> str:
    """A line that opens no role and hides nothing, with the indentation it has."""
    bare = line.lstrip(" ")
    return " " * (len(line) - len(bare)) + plain(bare)
