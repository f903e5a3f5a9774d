"""What a dream would believe of a survey alone: for the command that shows it, without a memory.

The one rule: the same words become the same facts as through the log, so that what is shown is what would be kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from kairos_git.capture.survey.reading import Reading
from kairos_git.memory.fact import Fact, fact_id, split_key, value_of
from kairos_git.memory.redact import redact
from kairos_git.memory.text import one_line


def as_facts(readings: Iterable[Reading]) -> list[Fact]:
    """One confirmed fact per reading, without evidence; none for a reading that holds a secret."""
    facts: dict[str, Fact] = {}
    for reading in readings:
        text = one_line(reading.text)
        if redact(text).text != text:
            continue
        slot, cond = split_key(reading.slot)
        value = value_of(slot, text)
        name = fact_id(slot, cond, value)
        facts.setdefault(name, Fact(name, slot, cond, value, text, "confirmed", "", ()))
    return list(facts.values())
