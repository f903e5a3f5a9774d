"""What the owner was asked, and when: the numbers questions are answered by, and how often they are mentioned.

Kept in `questions` in the memory's git directory, one line each: `q-… <number of its first answer> <when it was last
mentioned, or ->`. It may be deleted at any time: the next dream writes it anew.

The one rule: a number means the same answer for as long as its question is open.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kairos_git.errors import NotWritable, UsageError
from kairos_git.memory.landing import read_regular, write_whole
from kairos_git.memory.repository import Memory
from kairos_git.memory.text import ID

if TYPE_CHECKING:  # `status` counts questions, and starts without the fold
    from kairos_git.recall.reasons import Answer, Asked

FILE = "questions"
SILENCE = timedelta(days=1)  # between two mentions of one question
_LINE = re.compile(rf"(q-{ID}) ([1-9]\d{{0,8}}) (\S+)")


class Known(NamedTuple):
    """One question that was asked: the number of its first answer, and when it was last mentioned (None: never)."""

    number: int
    mentioned: datetime | None


def open_count(memory: Memory) -> int:
    """How many questions were open at the last dream; cheap."""
    return len(_load(memory))


def numbered(memory: Memory, asked: Sequence[Asked]) -> dict[str, int]:
    """question id -> the number of its first answer, the same as the last time; what is new comes after what is open."""
    known = _known(asked, _load(memory))
    with suppress(NotWritable):  # reading a memory that cannot be written is no error: the numbers are told again
        _save(memory, known)
    return {name: k.number for name, k in known.items()}


def mention(memory: Memory, asked: Sequence[Asked], now: datetime, *, dry: bool = False) -> list[str]:
    """What a dream says about open questions: each once a day at most, by the dream's own time."""
    known = _known(asked, _load(memory))
    due = [q for q in asked if _due(known[q.id].mentioned, now)]
    for q in due:
        known[q.id] = known[q.id]._replace(mentioned=now)
    if not dry:
        _save(memory, known)
    return [f"a question for you: {q.text} (`kairos-git questions`)" for q in due]


def _due(mentioned: datetime | None, now: datetime) -> bool:
    return mentioned is None or now - mentioned >= SILENCE or mentioned > now  # a clock that stepped back silences nothing


def chosen(memory: Memory, asked: Sequence[Asked], name: str) -> tuple[Asked, Answer]:
    """The answer that a number (`2`) or a question's id and a place (`q-…/1`) means. Raises UsageError."""
    if name.isdecimal():
        known = _load(memory)
        first = {q.id: known[q.id].number for q in asked if q.id in known}
        for q in asked:
            if q.id in first and 0 <= int(name) - first[q.id] < len(q.answers):
                return q, q.answers[int(name) - first[q.id]]
        raise UsageError(
            f"{name} is the number of no open question's answer. `kairos-git questions` lists them with their numbers."
        )
    question, slash, place = name.partition("/")
    found = [q for q in asked if len(question) >= 4 and q.id.startswith(question)]
    if len(found) == 1 and slash and place.isdecimal() and 0 < int(place) <= len(found[0].answers):
        return found[0], found[0].answers[int(place) - 1]
    if len(found) == 1:
        places = " or ".join(f"{found[0].id}/{n}" for n in range(1, len(found[0].answers) + 1))
        raise UsageError(f"{name} does not say which answer. Write {places}; `kairos-git questions` shows them.")
    raise UsageError(f"There is no open question {name}. `kairos-git questions` lists every one.")


def _known(asked: Sequence[Asked], before: dict[str, Known]) -> dict[str, Known]:
    """What is known of the open questions; the new ones numbered after the rest."""
    known = {q.id: before[q.id] for q in asked if q.id in before}
    taken = max((known[q.id].number + len(q.answers) - 1 for q in asked if q.id in known), default=0)
    for q in asked:
        if q.id not in known:
            known[q.id] = Known(taken + 1, None)
            taken += len(q.answers)
    return known


def _load(memory: Memory) -> dict[str, Known]:
    found = {}
    for line in (read_regular(os.path.join(memory.own, FILE)) or b"").decode("utf-8", "replace").splitlines():
        match = _LINE.fullmatch(line)
        if match:
            found[match.group(1)] = Known(int(match.group(2)), _time(match.group(3)))
    return found


def _time(word: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _save(memory: Memory, known: dict[str, Known]) -> None:
    lines = [f"{name} {k.number} {k.mentioned.isoformat() if k.mentioned else '-'}\n" for name, k in known.items()]
    content = "".join(lines).encode()
    path = os.path.join(memory.own, FILE)
    if content != (read_regular(path) or b""):
        write_whole(path, content)
