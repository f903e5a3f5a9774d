"""What may happen by itself, and how much of it: the sections `dream`, `actions`, `run`, `budget` of kairos.yaml.

The one rule: what cannot be understood narrows what may happen, never widens it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

ACTIONS = ("note", "notify", "dream", "sync", "handoff", "ask", "run")  # the closed list
MODES = ("never", "ask", "auto")
DEFAULT_MODES = {"note": "auto", "dream": "auto", "handoff": "auto", "ask": "auto", "notify": "ask", "sync": "ask", "run": "ask"}
_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(s|m|h|d)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Dreaming(NamedTuple):
    """`dream:`: when a dream is due by itself. Sources: the defaults of neighbours lie between 2 h and 24 h.

    hours         since the last dream
    observations  new ones that are enough ...
    sessions      ... or this many agent sessions that ended since
    idle          seconds without any sign of the owner
    """

    hours: float = 12.0
    observations: int = 10
    sessions: int = 2
    idle: float = 1200.0


class Command(NamedTuple):
    """One `run: NAME`: words (no shell reads them), the folder within the project, seconds it may take, runs a day, its mode."""

    name: str
    words: tuple[str, ...]
    folder: str = "."
    seconds: float = 300.0
    daily: int = 3
    mode: str = "ask"


class Budget(NamedTuple):
    """`budget:`: the most that may happen by itself. calls: of a model at ticks; the rest as named; hour, day, month.

    Tokens and money are limited under `model:`, in the same ledger.
    """

    calls: tuple[int, int, int] = (4, 24, 300)
    actions: tuple[int, int, int] = (10, 50, 500)
    notifications: tuple[int, int, int] = (5, 20, 200)


OBSERVED = ("sessions", "terminal", "files", "github")  # what `observe: {NAME: false}` turns off


class Bounds(NamedTuple):
    """Everything that may happen by itself. modes: action -> never, ask or auto; observes: the sources of OBSERVED that are looked at."""

    dreaming: Dreaming = Dreaming()
    modes: tuple[tuple[str, str], ...] = tuple(DEFAULT_MODES.items())
    commands: tuple[Command, ...] = ()
    budget: Budget = Budget()
    observes: tuple[str, ...] = OBSERVED

    def mode(self, action: str) -> str:
        """never, ask or auto; never for what is not in the list."""
        return dict(self.modes).get(action, "never")

    def command(self, name: str) -> Command | None:
        """The declared command of a name."""
        return next((c for c in self.commands if c.name == name), None)


SECTIONS = ("dream", "actions", "run", "budget", "observe")


def parse_span(said: object) -> float | None:
    """`20m`, `2h`, `90` (seconds) as seconds; None where it is no span of time."""
    if isinstance(said, (int, float)) and not isinstance(said, bool):
        return float(said) if 0 <= said < 1e9 else None
    match = _SPAN.fullmatch(said.strip()) if isinstance(said, str) else None
    return float(match[1]) * _SECONDS[match[2] or "s"] if match else None


def parse_bounds(fields: Mapping[str, Any]) -> tuple[Bounds, list[str]]:
    """The bounds that kairos.yaml sets, and what is wrong with them; what is wrong stays at `ask`, `never` or the default."""
    bad: list[str] = []
    dreaming = _dreaming(fields.get("dream"), bad)
    commands = _commands(fields.get("run"), bad)
    observes = _observes(fields.get("observe"), bad)
    return Bounds(dreaming, _modes(fields.get("actions"), bad), commands, _budget(fields.get("budget"), bad), observes), bad


def _section(said: object, name: str, known: tuple[str, ...] | None, bad: list[str]) -> Mapping[str, Any]:
    if said is None:
        return {}
    if not isinstance(said, Mapping) or not all(isinstance(k, str) for k in said):
        bad.append(f"{name} is not `name: value` lines; the defaults hold")
        return {}
    bad += [f"{name}.{k} is not a setting" for k in said if known is not None and k not in known]
    return said


def _dreaming(said: object, bad: list[str]) -> Dreaming:
    fields = _section(said, "dream", Dreaming._fields, bad)
    made = Dreaming()
    hours = fields.get("hours", made.hours)
    if not isinstance(hours, (int, float)) or isinstance(hours, bool) or not 0 <= hours <= 8760:
        bad.append("dream.hours is not a number of hours; 12 holds")
        hours = made.hours
    counts = {}
    for name in ("observations", "sessions"):
        counts[name] = fields.get(name, getattr(made, name))
        if not _is_count(counts[name]) or not counts[name]:
            bad.append(f"dream.{name} is not a number above 0; {getattr(made, name)} holds")
            counts[name] = getattr(made, name)
    idle = parse_span(fields.get("idle", made.idle))
    if idle is None:
        bad.append("dream.idle is not a time like 20m; 20m holds")
        idle = made.idle
    return Dreaming(float(hours), counts["observations"], counts["sessions"], idle)


def _modes(said: object, bad: list[str]) -> tuple[tuple[str, str], ...]:
    fields = _section(said, "actions", ACTIONS, bad)
    modes = dict(DEFAULT_MODES)
    for name in ACTIONS:
        if name in fields:
            mode = fields[name]
            if mode not in MODES:
                bad.append(f"actions.{name} is none of {', '.join(MODES)}; never holds")
                mode = "never"
            modes[name] = mode
    return tuple(modes.items())


def _observes(said: object, bad: list[str]) -> tuple[str, ...]:
    if said is False:
        return ()
    fields = _section(said, "observe", OBSERVED, bad)
    bad += [
        f"observe.{name} is neither true nor false; it is not observed"
        for name in OBSERVED
        if not isinstance(fields.get(name, True), bool)
    ]
    return tuple(name for name in OBSERVED if fields.get(name, True) is True)


def _commands(said: object, bad: list[str]) -> tuple[Command, ...]:
    found = []
    for name, fields in _section(said, "run", None, bad).items():
        made = _command(name, {"command": fields} if isinstance(fields, (str, list)) else fields)
        if isinstance(made, str):
            bad.append(f"run.{name} {made}; it is left out")
        else:
            found.append(made)
    return tuple(found)


def _command(name: str, fields: object) -> Command | str:
    """A declared command, or what is wrong with it."""
    if not _NAME.fullmatch(name):
        return "is no name: use lower case letters, digits and dashes"
    if not isinstance(fields, Mapping) or set(fields) - {"command", "folder", "seconds", "daily", "mode"}:
        return "is not `command:` with `folder`, `seconds`, `daily` and `mode`"
    words = fields.get("command")
    if isinstance(words, str):
        try:
            words = shlex.split(words)
        except ValueError as error:
            return f"has a command that cannot be split into words ({error})"
    if not isinstance(words, list) or not words or not all(isinstance(w, str) and w and "\0" not in w for w in words):
        return "has no command"
    folder, seconds = fields.get("folder", "."), parse_span(fields.get("seconds", 300))
    daily, mode = fields.get("daily", 3), fields.get("mode", "ask")
    if not isinstance(folder, str) or not folder or folder.startswith(("/", "~")) or ".." in folder.split("/") or "\0" in folder:
        return "has a folder that is not within the project"
    if seconds is None or not 0 < seconds <= 86400 or not _is_count(daily) or mode not in MODES:
        return "has seconds, a daily number or a mode that is none"
    return Command(name, tuple(words), folder, seconds, daily, mode)


def _budget(said: object, bad: list[str]) -> Budget:
    fields = _section(said, "budget", Budget._fields, bad)
    made = Budget()._asdict()
    for name, default in made.items():
        given = fields.get(name)
        if given is None:
            continue
        spans = ("hour", "day", "month")
        if _is_count(given):
            given = {"hour": given, "day": given, "month": made[name][2]}
        if not isinstance(given, Mapping) or not set(given) <= set(spans) or not all(map(_is_count, given.values())):
            bad.append(f"budget.{name} is not {{hour: N, day: N, month: N}}; nothing of it may happen by itself")
            made[name] = (0, 0, 0)
        else:
            made[name] = tuple(given.get(span, most) for span, most in zip(spans, default, strict=True))
    return Budget(**made)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**9
