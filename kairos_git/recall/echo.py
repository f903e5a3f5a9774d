"""Echoes: what memory told an agent and the agent says back, which is nobody's new word.

A guess that one agent wrote down, three others read in their context and restate is still one guess. So a statement that repeats
what its session was shown keeps the root of what it repeats.

The one rule: a session that was shown a thing cannot find it independently; what contradicts it, or gives another value, is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kairos_git.dream.relate import head, rewords
from kairos_git.dream.slots import claims
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import BREAK, ID, normal_text
from kairos_git.recall.context.fence import without_memory

# Shares of the content words of what was shown that stand in what is said: with all its values in there, and without values.
WITH_VALUES, WITHOUT = 0.6, 0.8
_SHORT = r"[0-9a-hjkmnp-tv-z]{8}"
_NAME = re.compile(rf"(?<![\w-])[for]-(?:{ID}|(?=[a-z]*\d){_SHORT})(?![\w-])")
_COMMENT = re.compile(r"<!--|&lt;!--")


class Served(NamedTuple):
    """Something a session was shown.

    name      its id
    text      its words
    slot      the slot and value of a fact; "" for a line of the log
    evidence  the id of its first evidence; of a line, its own
    """

    name: str
    text: str
    slot: str = ""
    value: str = ""
    evidence: str = ""


def unquoted(text: str) -> str:
    """A text less what of it memory wrote: our blocks, and lines that carry one of our ids."""
    if "kairos-git" in text:
        text = without_memory(text)
    return "\n".join(line for line in text.split("\n") if not _NAME.search(line) and not _COMMENT.search(line)).strip()


def named(text: str) -> list[str]:
    """The ids of facts and observations that a text names, whole or shortened."""
    return _NAME.findall(text)


def repeated(o: Observation, served: Iterable[Served]) -> Served | None:
    """What a statement repeats of what was served, the closest first: named, the same claim, the same words, nearly the same."""
    shown = list(served)
    ids = named(o.text)
    if any(ids):
        found = next((s for s in shown if any(s.name.startswith(name) for name in ids)), None)
        if found is not None:
            return found
    said = {(c.slot, c.value) for c in claims(o)}
    words = normal_text(o.text.replace(BREAK, " "))
    for s in shown:
        if s.slot and (s.slot, s.value) in said:
            return s
    for s in shown:
        if normal_text(s.text.replace(BREAK, " ")) == words:
            return s
    return next((s for s in shown if nearly(s.text, o.text)), None)


def nearly(shown: str, said: str) -> bool:
    """Whether `said` says again what `shown` says, perhaps among other things: all its values, most of its words, no denial."""
    a, b = (head(normal_text(text.replace(BREAK, " "))) for text in (shown, said))
    if a.denies == b.denies and _content(shown) == _content(said):  # models drop and add the marks of code as they like
        return True
    if a.denies != b.denies or not {*map(_value, a.values)} <= {*map(_value, b.values)}:
        return False
    words = {*a.words} - {"⟨v⟩"}
    if words and len(words & {*b.words}) / len(words) >= (WITH_VALUES if a.values else WITHOUT) and (a.values or len(words) > 1):
        return True
    return set(map(_value, a.values)) == set(map(_value, b.values)) and rewords(normal_text(shown), normal_text(said))


def _content(text: str) -> frozenset[str]:
    """The content words of a text, whatever stands in code."""
    a = head(normal_text(text.replace(BREAK, " ").replace("`", "")))
    return frozenset((*a.words, *map(_value, a.values)))


def _value(value: str) -> str:
    return value.strip("`'\"").casefold()
