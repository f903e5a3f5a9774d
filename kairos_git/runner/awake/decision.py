"""What to do about what happened: rules, and a model's choice, as wishes out of a closed list; and what a wish may become.

The one rule: an event can make one of the list's actions be wished for, and never adds to the list. Whether a wish is granted is
decided by the owner's bounds alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kairos_git.bounds import ACTIONS, Bounds
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import one_line

LONGEST = 200  # characters of a wish's text
MOST_WISHES = 5  # of one tick


class Wish(NamedTuple):
    """One action somebody would like done. what: a command's name for `run`, else a text, or ""; by: `rules` or the model's name."""

    action: str
    what: str
    why: str
    by: str = "rules"


class Acted(NamedTuple):
    """Something was done. how: `done`, `failed`, `asked` (it waits in the inbox), or `dry` (it would have been one of these)."""

    what: str
    why: str
    how: str = "done"


class Quiet(NamedTuple):
    """Nothing was done, and why."""

    why: str


class Happened(NamedTuple):
    """What is new since the last tick. events: observations; waiting: dreams that wait for review; questions: newly open ones."""

    events: tuple[Observation, ...] = ()
    waiting: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.events or self.waiting or self.questions)


def by_rules(happened: Happened) -> tuple[Wish, ...]:
    """What is wished for without a model: to be told of what waits for the owner, and of what others ask of them."""
    wishes = [
        Wish("notify", f"A dream waits for review: {name}", "it would change more than it may by itself")
        for name in happened.waiting
    ]
    wishes += [Wish("notify", f"A question for you: {text}", "only you can settle it") for text in happened.questions]
    wishes += [
        Wish("notify", one_line(o.text, LONGEST), "somebody waits for you, or a check flipped")
        for o in happened.events
        if o.src == "external" and o.word("urgent") is not None
    ]
    return tuple(wishes[:MOST_WISHES])


def chosen(said: object, bounds: Bounds, model: str) -> Wish | None:
    """A model's answer as a wish; None for `quiet`, and for whatever stands outside the list."""
    if not isinstance(said, dict):
        return None
    action, what, why = (said.get(k, "") for k in ("action", "what", "why"))
    if not all(isinstance(w, str) for w in (action, what, why)) or action not in ACTIONS:
        return None
    if action == "run" and bounds.command(what) is None:
        return None
    if action in ("note", "notify", "ask") and not what.strip():
        return None
    text = what if action == "run" else one_line(what, LONGEST) if action in ("note", "notify", "ask") else ""
    return Wish(action, text, one_line(why, LONGEST), model)


def mode_of(wish: Wish, bounds: Bounds) -> str:
    """never, ask or auto: the stricter of the action's mode and, for `run`, the command's own."""
    mode = bounds.mode(wish.action)
    if wish.action != "run":
        return mode
    command = bounds.command(wish.what)
    return min(mode, command.mode if command else "never", key=("never", "ask", "auto").index)


def unique(wishes: Iterable[Wish]) -> list[Wish]:
    """Each action with the same words once, in order."""
    return list({(w.action, w.what): w for w in reversed(list(wishes))}.values())[::-1]


def summary(done: Sequence[Acted], quiet: Quiet | None) -> str:
    """What a tick says of itself."""
    if done:
        return "; ".join(f"{a.what} ({a.why})" for a in done)
    return f"quiet: {quiet.why}" if quiet else "quiet"
