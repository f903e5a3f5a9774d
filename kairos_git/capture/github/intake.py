"""Taking events in: once each, in time, no more a day than the owner allows.

The one rule: an event is in the spool before anything says that it was taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kairos_git.capture.github.events import Check, Event, Watched, observation, read_event
from kairos_git.capture.github.remembered import Remembered, mark
from kairos_git.capture.project import Project
from kairos_git.capture.sessions.scope import load_scope
from kairos_git.capture.spool import acknowledge
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory
from kairos_git.outside import REPO, GitHub

# GitHub sends a delivery again for three days at most; its events list goes back a month. What is older than a week is history,
# which git tells better, and the memory of what was taken reaches further than a week of any repository.
OLDEST = timedelta(days=7)
AHEAD = timedelta(hours=1)


class Taken(NamedTuple):
    """What became of some events: lines noted, and how many there were already, too old or ahead of the clock, over the
    daily number, or with nothing to note; `why` is about the last one that was not noted.
    """

    noted: tuple[Observation, ...] = ()
    had: int = 0
    old: int = 0
    over: int = 0
    nothing: int = 0
    why: str = ""


class Delivery(NamedTuple):
    """One delivery or polled row. kind: as in `X-GitHub-Event`; names: what it is remembered by, besides its event."""

    kind: str
    payload: dict[str, object]
    names: tuple[str, ...] = ()


class Intake:
    """Where events of one repository enter one memory. Owns what it remembers."""

    def __init__(self, memory: Memory, watched: Watched, daily: int = GitHub().daily) -> None:
        self.memory = memory
        self.watched = watched
        self.daily = daily
        self._remembered = Remembered(memory)

    def take(self, deliveries: Sequence[Delivery], now: datetime) -> Taken:
        """Note what is new, oldest first as given. Raises NotWritable, and Refused where the settings' privacy cannot be read: then
        nothing was taken, and all may come again.
        """
        known, scope = self._remembered, load_scope(self.memory.path, self.memory.own)
        with known.held():
            lines: list[str] = []
            fresh: dict[str, Event] = {}
            count = {"had": 0, "old": 0, "over": 0, "nothing": 0}
            why = ""
            checks = dict(known.checks)
            for delivery in deliveries:
                names = [mark("delivery", name) for name in delivery.names]
                if any(name in known.deliveries for name in names):
                    count["had"] += 1
                    why = "it was delivered before"
                    continue
                found = self._read(delivery, checks, lines, now)
                if isinstance(found, Event) and scope.kept(found.text) != found.text:
                    found = ("nothing", "it is private or to be ignored, by kairos.yaml")
                if not isinstance(found, tuple) or found[0] != "old":  # a clock that is put right may see it in time yet
                    lines += [f"d {name}" for name in names]
                if isinstance(found, Event):
                    name = mark("event", found.key)
                    if name in known.events or name in fresh:
                        count["had"] += 1
                        why = "it was noted before"
                    else:
                        fresh[name] = found
                else:
                    which, why = found
                    count[which] += 1
            noted, over = self._within_the_day(list(fresh.values()), now, lines)
            told = tuple(observation(event) for event in noted)
            acknowledge(self.memory, told)
            known.add([*lines, *(f"e {name}" for name in fresh)])
        why = f"more than {self.daily} events today" if over else why
        return Taken(told, count["had"], count["old"], over, count["nothing"], why)

    def _read(
        self, delivery: Delivery, checks: dict[str, tuple[bool, int]], lines: list[str], now: datetime
    ) -> Event | tuple[str, str]:
        """The event to note; else which count it goes to, and why."""
        found = read_event(delivery.kind, delivery.payload, self.watched)
        if isinstance(found, str):
            return "nothing", found
        event = found.event if isinstance(found, Check) else found
        if not now - OLDEST <= event.time <= now + AHEAD:
            return "old", f"it happened at {event.time:%Y-%m-%d %H:%M}Z, too far from now"
        if isinstance(found, Event):
            return found
        name, epoch = mark("check", found.key), int(event.time.timestamp())
        was, since = checks.get(name, (True, 0))  # what was never seen failing counts as green
        if epoch < since:
            return "nothing", "a newer result of this check is known"
        checks[name] = (found.green, epoch)
        lines.append(f"c {name} {int(found.green)} {epoch}")
        return event if found.green != was else ("nothing", "the check came to what it did before")

    def _within_the_day(self, events: list[Event], now: datetime, lines: list[str]) -> tuple[list[Event], int]:
        """The events that the day still has room for, and how many it has not; the first over it is said, once."""
        today = now.date().isoformat()
        day, had = self._remembered.day
        had = had if day == today else 0
        room = max(0, self.daily - had)
        kept, over = events[:room], len(events) - room
        if events:
            lines.append(f"n {today} {had + len(events)}")
        if over > 0 and had <= self.daily:
            text = f"more than {self.daily} events on {today}; what else happens that day is not noted"
            kept.append(Event(f"full:{today}", now.astimezone(UTC), text, f"github:{self.watched.repo}"))
        return kept, max(0, over)


def watched_repository(options: GitHub, project: Project | None) -> Watched | None:
    """The repository whose events belong to the memory: the one set, else the project's origin at github.com; None without."""
    repo = options.repo or (repository_of(project.git.config("remote.origin.url") or "") if project else "")
    return Watched(repo, options.login) if repo else None


def repository_of(url: str) -> str:
    """owner/name of an address at github.com: `https://github.com/o/n.git`, `git@github.com:o/n`, `ssh://…`; "" for another."""
    rest = url.strip()
    for scheme in ("https://", "http://", "ssh://", "git://", "git+ssh://"):
        rest = rest.removeprefix(scheme)
    host, _, path = rest.replace(":", "/", 1).partition("/")
    path = path.removeprefix("443/").removeprefix("22/").strip("/").removesuffix(".git")
    known = host.rpartition("@")[2].lower() in ("github.com", "www.github.com", "ssh.github.com")
    return path if known and REPO.fullmatch(path) else ""
