"""When a dream is due by itself: the gates, each with its value and what it needs.

The one rule: it is decided from times of day that were, never from counted ticks, so that a laptop that slept through the
night catches up once, and a clock that jumps back makes nothing due twice.
"""

from __future__ import annotations

from typing import NamedTuple

from kairos_git.bounds import Dreaming

OVERDUE = 3.0  # times the wanted hours, after which a short rest of the owner's is enough
SHORT_REST = 120.0  # seconds of that rest, or the wanted ones where they are fewer
RETRY = 3600.0  # seconds after a dream by itself that failed or was refused


class Signals(NamedTuple):
    """What the gates look at. Times in seconds since 1970, None where there was no such thing yet.

    dreamed   when a dream last ran to its end, whatever it found
    failed    when one last failed
    fresh     observations since the last dream, those in the spool included
    sessions  agent sessions that ended since
    idle      seconds since the owner last gave a sign
    open      agent sessions that are open now
    busy      whether another dream is at work
    """

    now: float
    dreamed: float | None
    failed: float | None
    fresh: int
    sessions: int
    idle: float
    open: tuple[str, ...] = ()
    busy: bool = False


class Gate(NamedTuple):
    """One condition: whether it lets the dream through, its value now, and what it needs.

    opens  seconds after which it opens though nothing happens, None where only something that happens can open it
    """

    name: str
    open: bool
    value: str
    needs: str
    opens: float | None = None

    def __str__(self) -> str:
        return f"{'open  ' if self.open else 'closed'}  {self.name}: {self.value} (needs {self.needs})"


def gates(s: Signals, wants: Dreaming, *, allowed: bool = True, paused: bool = False) -> tuple[Gate, ...]:
    """Every gate, in the order in which they are told. allowed: whether mode and actions let a dream happen by itself."""
    wanted = wants.hours * 3600
    astray = s.dreamed is not None and s.dreamed > s.now + wanted  # noted by a clock that was far ahead: no measure any more
    since = None if s.dreamed is None or astray else max(0.0, s.now - s.dreamed)
    late = since is not None and wanted > 0 and since >= OVERDUE * wanted
    rest = min(wants.idle, SHORT_REST) if late else wants.idle
    failed = None if s.failed is None or (s.dreamed or 0) >= s.failed else s.now - s.failed
    enough = s.fresh >= wants.observations or (s.sessions >= wants.sessions and s.fresh > 0)
    return (
        Gate("allowed", allowed, "yes" if allowed else "no", "a mode above `recall` and actions.dream not `never`"),
        Gate("awake", not paused, "paused" if paused else "yes", "no pause and no stop"),
        Gate("hours", since is None or since >= wanted, span(since), f"{wants.hours:g} h since the last dream", wanted - (since or 0.0)),
        Gate(
            "new", enough, f"{counted(s.fresh, 'observation')}, {counted(s.sessions, 'session')}",
            f"{wants.observations} observations, or {wants.sessions} sessions with something said",
        ),
        Gate(
            "idle", s.idle >= rest, span(s.idle), f"{span(rest)} without a sign of you{', since it is overdue' if late else ''}",
            rest - s.idle,
        ),
        Gate("sessions", not s.open, f"{len(s.open)} open" if s.open else "none open", "no open agent session"),
        Gate("alone", not s.busy, "another is at work" if s.busy else "yes", "no other dream at work"),
        Gate(
            "rested", failed is None or not 0 <= failed < RETRY, "it went well" if failed is None else f"failed {span(failed)} ago",
            f"{span(RETRY)} after one that failed", None if failed is None else RETRY - failed,
        ),
    )  # fmt: skip


def due(found: tuple[Gate, ...]) -> bool:
    """Whether every gate is open."""
    return all(g.open for g in found)


def opens(found: tuple[Gate, ...]) -> float:
    """Seconds after which all are open though nothing happens; infinite where something has to happen first."""
    closed = [g.opens for g in found if not g.open]
    return float("inf") if any(seconds is None for seconds in closed) else max((s for s in closed if s is not None), default=0.0)


def why_not(found: tuple[Gate, ...]) -> str:
    """The closed gates in one sentence."""
    return "; ".join(f"{g.name}: {g.value}, needs {g.needs}" for g in found if not g.open)


def counted(number: int, what: str) -> str:
    """`1 session`, `3 sessions`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def span(seconds: float | None) -> str:
    """`3 d 4 h`, `2 h 5 m`, `40 s`; `never` for None."""
    if seconds is None:
        return "never"
    left = int(max(0.0, seconds))
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"
