"""promote's world: real timelines of values, and who says what about them on which day.

A timeline is a run of real values of one subject, its real dates drawn out over the simulated days. Of all first-hand
statements about 2/3 are an agent's, 1/5 a tool's reading and the rest the owner's; one in seven of the spoken ones is hedged.
A tool reads what is there. The owner knows, unless hedging. `noise` of an agent's statements, and of the owner's hedged ones,
are false: half of these repeat the value before (the likeliest error, and one that several make), the others mix up a
value of this timeline or of another. Three in ten statements of agents and tools come back as echoes: in a new session, in other words,
from the same root, up to ten days later and true or not by then.

The one rule: what is said depends on the seed and the data alone.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple

from bench.dreambench.replay import Said
from bench.dreambench.rows import Change
from bench.dreambench.streaming import slug

DAYS = 60
LONGEST = 8  # values of one timeline; a longer history makes several
MOST = 160  # timelines
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
SPEAKS = 0.5  # the chance that anybody says anything first-hand about a subject on a day
AGENT, TOOL = 0.67, 0.20  # shares of the speakers; the rest is the owner's
HEDGED = 0.15
ECHOED, ECHO_DAYS = 0.3, 10
SESSIONS = 8  # of agents on one day
_FORMS = ("The default {} pin is `{}`", "{} pin defaults to `{}`", "Default {} pin = `{}`", "default.{}-pin = `{}`")
_DOUBTS = (", I think", ", if I remember", " (not sure)")


class Timeline(NamedTuple):
    """The values one subject really had: `starts[n]` is the simulated day (a fraction) on which `values[n]` became true."""

    label: str
    starts: tuple[float, ...]
    values: tuple[str, ...]

    def at(self, day: float) -> str:
        """The true value."""
        return self.values[max(0, bisect_right(self.starts, day) - 1)]

    def before(self, day: float) -> str:
        """The value before the true one; in the beginning, the one to come."""
        place = bisect_right(self.starts, day) - 1
        return self.values[place - 1] if place > 0 else self.values[1]


class Statement(NamedTuple):
    """Something said. day: a fraction; true: whether it was so when it was said; first: not an echo."""

    day: float
    text: str
    src: str
    session: str
    root: str
    label: str
    value: str
    true: bool
    hedged: bool
    first: bool

    @property
    def row(self) -> Said:
        time = (FIRST + timedelta(days=self.day)).replace(microsecond=0)
        return {"text": self.text, "src": self.src, "session": self.session, "root": self.root, "time": time.isoformat()}


def timelines(changes: Sequence[Change], rng: random.Random, days: int = DAYS, most: int = MOST) -> list[Timeline]:
    """Runs of up to LONGEST real values, each with the real gaps between its changes drawn out over the days."""
    histories: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for c in changes:
        if c.new is not None:
            histories.setdefault((c.repo, c.subject), []).append((datetime.fromisoformat(c.date).timestamp(), c.new))
    runs = []
    for (_, subject), history in sorted(histories.items()):
        for n in range(0, len(history) - 2, LONGEST):
            runs.append((subject, history[n : n + LONGEST + 1]))
    rng.shuffle(runs)
    made = []
    for n, (subject, run) in zip(count(), runs[:most], strict=False):
        first, last = run[0][0], run[-1][0]
        span = (last - first) * len(run) / (len(run) - 1) or 1
        kept = run[:LONGEST]
        label = f"{slug(subject.rpartition('/')[2])[:24]}-x{n}"
        made.append(Timeline(label, tuple((t - first) / span * days for t, _ in kept), tuple(v for _, v in kept)))
    return [t for t in made if len(set(t.values)) > 1]


def _false(t: Timeline, others: Sequence[Timeline], day: float, rng: random.Random) -> str:
    choice = rng.random()
    value = t.before(day) if choice < 0.5 else rng.choice(t.values if choice < 0.75 else rng.choice(others).values)
    return value if value != t.at(day) else t.before(day)


def _word(label: str, value: str, hedged: bool, rng: random.Random) -> str:
    return rng.choice(_FORMS[:2] if hedged else _FORMS).format(label, value) + (rng.choice(_DOUBTS) if hedged else "")


def _first_hand(t: Timeline, others: Sequence[Timeline], day: int, noise: float, rng: random.Random) -> Statement:
    when = day + rng.uniform(0.33, 0.83)
    who = rng.random()
    session = f"s{day}-{rng.randrange(SESSIONS)}"
    src = "agent" if who < AGENT else "probe" if who < AGENT + TOOL else "owner"
    hedged = src != "probe" and rng.random() < HEDGED
    wrong = (src == "agent" or (src == "owner" and hedged)) and rng.random() < noise
    value = _false(t, others, when, rng) if wrong else t.at(when)
    if src == "owner":
        session = f"owner-{day}"
    return Statement(
        when, _word(t.label, value, hedged, rng), src, session, session, t.label, value, value == t.at(when), hedged, True
    )


def _echoes(s: Statement, t: Timeline, rng: random.Random, days: int) -> Iterator[Statement]:
    if s.src != "owner" and rng.random() < ECHOED:
        when = s.day + rng.uniform(0.5, ECHO_DAYS)
        if when < days:
            session = f"s{int(when)}-echo-{rng.randrange(10**6)}"
            text = _word(s.label, s.value, s.hedged, rng)
            yield s._replace(day=when, text=text, src="agent", session=session, true=s.value == t.at(when), first=False)


def spoken(told: Sequence[Timeline], noise: float, rng: random.Random, days: int = DAYS) -> list[Statement]:
    """Everything that is said, in order."""
    said: list[Statement] = []
    for day in range(days):
        for t in told:
            if rng.random() < SPEAKS:
                statement = _first_hand(t, told, day, noise, rng)
                said += [statement, *_echoes(statement, t, rng, days)]
    return sorted(said, key=lambda s: (s.day, s.label))
