"""promote: what simulated sources get confirmed, day by day.

Everything is measured against the newest truth spoken: the value of the newest unhedged first-hand statement that was true
when it was made. A change nobody has told of yet is not held against a memory, nor is knowing it.

false_rate    facts that became confirmed with another value / facts that became confirmed (`promoted`)
missed_rate   values that, at some dream, were the newest truth and had sufficient evidence (three independent true roots on
              two days, or one true unhedged owner or tool), and were confirmed by no dream / all such values
served_wrong  (subject, day) with a wrong confirmed fact / (subject, day) with a confirmed fact
coverage      (subject, day) with a confirmed fact / (subject, day) of subjects spoken of

The one rule: the simulation knows the truth, the memory only what was said.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bench.dreambench.figures import Laws, clustered, rate
from bench.dreambench.replay import Replay, laws
from bench.dreambench.rows import Change
from bench.dreambench.speakers import DAYS, FIRST, MOST, Statement, Timeline, spoken, timelines

NOISES = (0.1, 0.3)


class Tally:
    """What was seen of every subject while the days went by."""

    def __init__(self, told: Sequence[Timeline]) -> None:
        self.timelines = {t.label: t for t in told}
        self.newest: dict[str, str] = {}  # the newest truth spoken
        self.heard: set[str] = set()
        self.voices: dict[tuple[str, str], list[Statement]] = {}  # what speaks truly for a value, since it became true
        self.held: dict[str, str] = {}  # what was confirmed after the last dream
        self.due: set[tuple[str, str, float]] = set()  # values that should be confirmed by now: label, value, since
        self.met: set[tuple[str, str, float]] = set()
        self.promoted = self.false = 0
        self.doubted: dict[str, str] = {}  # what was contested after the last dream
        self.returned = 0  # of the false promotions, those of a fact whose doubts were laid to rest
        self.served: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.days: Counter[str] = Counter()
        self.shown: list[str] = []

    def hear(self, s: Statement) -> None:
        self.heard.add(s.label)
        if not s.true:
            return
        if s.first and not s.hedged:
            if self.newest.get(s.label) != s.value:
                self.voices.pop((s.label, s.value), None)  # true again after another: its evidence begins anew
            self.newest[s.label] = s.value
        self.voices.setdefault((s.label, s.value), []).append(s)

    def _since(self, label: str, day: float) -> float:
        """When the value that is true on a day became true."""
        return max([start for start in self.timelines[label].starts if start <= day], default=0.0)

    def look(self, day: int, facts: Sequence[dict[str, Any]]) -> None:
        """After the dream of a day: what is confirmed, what should be, what is wrong."""
        held = _held(facts, self.timelines, "confirmed")
        for label in self.heard:
            truth = self.newest.get(label)
            self.days[label] += 1
            if truth is not None and sufficient(self.voices.get((label, truth), ())):
                self.due.add((label, truth, self._since(label, self.voices[label, truth][0].day)))
            value = held.get(label)
            if value is None:
                continue
            wrong = value not in (truth, self.timelines[label].at(day + 1))
            self.served[label] += 1
            self.wrong[label] += wrong
            if truth is not None and value == truth and (label, truth) in self.voices:
                self.met.add((label, truth, self._since(label, self.voices[label, truth][0].day)))
            if self.held.get(label) != value:
                self.promoted += 1
                self.false += wrong
                self.returned += wrong and self.doubted.get(label) == value
                if wrong and len(self.shown) < 6:
                    self.shown.append(f"day {day}: {label} confirmed as {value}, newest truth spoken {truth}")
        self.held, self.doubted = held, _held(facts, self.timelines, "contested")

    def figures(self, seed: int) -> dict[str, Any]:
        """The figures; (subject, day) checks hang together by subject, so these intervals draw whole subjects."""
        labels = sorted(self.heard)
        return {
            **rate("false_rate", self.false, self.promoted),
            "promoted": self.promoted,
            **rate("missed_rate", len(self.due - self.met), len(self.due)),
            **clustered("served_wrong", [(self.wrong[n], self.served[n]) for n in labels], seed),
            **clustered("coverage", [(self.served[n], self.days[n]) for n in labels], seed),
        }


class Lived(NamedTuple):
    """What became of one noise."""

    noise: float
    figures: dict[str, Any]
    notes: tuple[str, ...]
    laws: Laws


def sufficient(voices: Sequence[Statement]) -> bool:
    """Whether true statements of one value are enough by the design's table: one owner or tool, or three roots on two days."""
    plain = [v for v in voices if not v.hedged]
    if any(v.src in ("owner", "probe") for v in plain):
        return True
    return len({v.root for v in plain}) >= 3 and len({int(v.day) for v in plain}) >= 2


def _held(facts: Sequence[dict[str, Any]], told: dict[str, Timeline], state: str) -> dict[str, str]:
    """label -> its value in a state. Every subject's slot ends in its label and `-pin`."""
    names = {f"{label}-pin": label for label in told}
    found = {}
    for fact in facts:
        label = names.get(fact["slot"].partition("{")[0].rpartition(".")[2])
        if label and fact["state"] == state:
            found[label] = fact["value"]
    return found


def live(folder: Path, changes: Sequence[Change], noise: float, seed: int, days: int = DAYS, most: int = MOST) -> Lived:
    """Sixty simulated days at one noise."""
    told = timelines(changes, random.Random(f"timelines {seed}"), days, most)
    said = spoken(told, noise, random.Random(f"speakers {seed} {noise}"), days)
    r = Replay(folder / f"noise-{noise}")
    r.grow([(FIRST, "Begin", {})])
    r.begin(FIRST)
    tally = Tally(told)
    for day in range(days):
        today = [s for s in said if int(s.day) == day]
        r.tell([s.row for s in today])
        r.sleep(FIRST + timedelta(days=day + 1, seconds=-1))
        for s in today:
            tally.hear(s)
        tally.look(day, r.believed())
    figures = tally.figures(seed)
    notes = (
        f"noise {noise}: {len(told)} subjects, {len(said)} statements ({sum(not s.first for s in said)} echoes, "
        f"{sum(not s.true for s in said)} false), {days} days, {len(tally.due)} values with sufficient evidence; of {tally.false} false promotions {tally.returned} were doubts laid to rest",
        *tally.shown,
        *(f"never confirmed: {label} = {value}" for label, value, _ in sorted(tally.due - tally.met)[:4]),
    )
    return Lived(noise, figures, notes, laws(r, f"promote {noise}", True, seed))
