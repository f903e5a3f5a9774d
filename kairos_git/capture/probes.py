"""Probes: what the tree says now against what it said last; only a difference is written down.

The one rule: a reading is the newest word about its place in the tree, whatever the clock says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

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


def compare(readings: Iterable[Reading], observations: Iterable[Observation], commit: str, now: datetime) -> list[Observation]:
    """The observations that bring the log up to the readings of a commit: changed, new, and gone."""
    last = last_readings(observations)
    found: list[Observation] = []
    seen: set[str] = set()
    for r in readings:
        root = f"{r.file}#{r.key}"
        text = redact(r.text).text
        if text != r.text:
            continue  # a value that holds a secret is no fact
        seen.add(root)
        old = last.get(root)
        if old and old.word("gone") is None and old.word("slot") == r.slot and old.text == one_line(r.text):
            continue
        words = (("slot", r.slot), *([("many", "")] if many(r.slot) else []))
        found.append(_read(old, r.text, root, commit, now, words))
        if old and old.word("gone") is None and old.word("slot") != r.slot:
            found.append(_gone(old, commit, now))
    return found + [_gone(o, commit, now) for root, o in sorted(last.items()) if root not in seen and o.word("gone") is None]


def _gone(old: Observation, commit: str, now: datetime) -> Observation:
    words = tuple(pair for pair in old.extra if pair[0] in ("slot", "many"))
    after = now + timedelta(seconds=1)  # behind what was read in the same look: a value that only moved keeps standing
    return _read(old, f"Gone: {old.text.removeprefix('Gone: ')}", old.origin, commit, after, (*words, ("gone", "")))


def _read(
    old: Observation | None, text: str, root: str, commit: str, now: datetime, words: Iterable[tuple[str, str]]
) -> Observation:
    when = now
    if old is not None and now.timestamp() <= old.epoch:
        when = now + timedelta(seconds=old.epoch + 1 - int(now.timestamp()))
    return observe(when, text, "probe", root=root, at=commit[:12], extra=words)
