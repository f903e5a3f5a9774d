"""Probes: what the tree says now against what it said last; only a difference is written down.

The one rule: a reading is the newest word about its place in the tree, whatever the clock says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from kairos_git.capture.survey.reading import Reading, many
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import redact
from kairos_git.memory.text import one_line


def last_readings(observations: Iterable[Observation]) -> dict[str, Observation]:
    """`file#key` -> the newest probe reading of it, gone ones included."""
    last: dict[str, Observation] = {}
    for o in observations:
        if o.src == "probe" and "#" in o.origin and o.word("slot"):
            known = last.get(o.origin)
            if known is None or (known.epoch, known.id) < (o.epoch, o.id):
                last[o.origin] = o
    return last


def compare(
    readings: Iterable[Reading],
    last: Mapping[str, Observation],
    commit: str,
    now: datetime,
    overruled: Mapping[str, int] = MappingProxyType({}),
) -> list[Observation]:
    """The observations that bring the log up to the readings of a commit: changed, new, gone, and what still stands though it
    was said to be over.

    last       place -> its last reading
    overruled  place -> the second at which something ended what was read there
    """
    found: list[Observation] = []
    seen: set[str] = set()
    for r in readings:
        root = f"{r.file}#{r.key}"
        text = redact(r.text).text
        if text != r.text:
            continue  # a value that holds a secret is no fact
        seen.add(root)
        old = last.get(root)
        same = old and old.word("gone") is None and old.word("slot") == r.slot and old.text == one_line(r.text)
        if same and root not in overruled:
            continue
        words = (("slot", r.slot), *([("many", "")] if many(r.slot) else []))
        found.append(_read(max(old.epoch if old else 0, overruled.get(root, 0)), r.text, root, commit, now, words))
        if old and old.word("gone") is None and old.word("slot") != r.slot:
            found.append(_gone(old, commit, now))
    return found + [_gone(o, commit, now) for root, o in sorted(last.items()) if root not in seen and o.word("gone") is None]


def _gone(old: Observation, commit: str, now: datetime) -> Observation:
    words = tuple(pair for pair in old.extra if pair[0] in ("slot", "many"))
    after = now + timedelta(seconds=1)  # behind what was read in the same look: a value that only moved keeps standing
    return _read(old.epoch, f"Gone: {old.text.removeprefix('Gone: ')}", old.origin, commit, after, (*words, ("gone", "")))


def _read(before: int, text: str, root: str, commit: str, now: datetime, words: Iterable[tuple[str, str]]) -> Observation:
    """A reading later than the second `before`, whatever the clock says."""
    when = now + timedelta(seconds=max(0, before + 1 - int(now.timestamp())))
    return observe(when, text, "probe", root=root, at=commit[:12], extra=words)
