"""Doing what was decided, within the owner's bounds: granted and done, left in the inbox, or refused; each with its reason in the log.

The one rule: nothing is done that is not in the list, over a cap, or while the switch is off; looked at again right before each act.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from kairos_git.bounds import Bounds
from kairos_git.capture import spool
from kairos_git.capture.project import Project
from kairos_git.errors import KairosError, Refused
from kairos_git.memory.observation import observe
from kairos_git.memory.redact import redact
from kairos_git.memory.repository import Memory
from kairos_git.runner.awake import inbox, running
from kairos_git.runner.awake.decision import Acted, Quiet, Wish, mode_of
from kairos_git.runner.awake.switch import asleep
from kairos_git.runner.awake.usage import granted, over


class Hands(NamedTuple):
    """How things are done: each gives one line of what came of it. Raises KairosError.

    notify   (text, now): send a notice
    dream    (now): fold and land, in a process of its own
    handoff  (now): write down what silent sessions did
    sync     (now): exchange with other machines
    """

    notify: Callable[[str, datetime], str]
    dream: Callable[[datetime], str]
    handoff: Callable[[datetime], str]
    sync: Callable[[datetime], str]


class Body(NamedTuple):
    """Whose memory and project it is, what may be done, and how."""

    memory: Memory
    project: Project | None
    bounds: Bounds
    hands: Hands


def act(body: Body, wish: Wish, now: datetime, *, dry: bool = False) -> Acted | Quiet:
    """Do what a wish asks, as far as the bounds go. A dry run says what would have been done."""
    mode = mode_of(wish, body.bounds)
    name = _name(wish)
    off = asleep(body.memory.own, now)
    if off or mode == "never":
        return Quiet(f"{name} was wished for, but {off or 'its mode is never'}")
    command = body.bounds.command(wish.what) if wish.action == "run" else None
    if wish.action == "run" and (command is None or body.project is None):
        return Quiet(f"{name} was wished for, but {'there is no project' if command else 'no such command is declared'}")
    known = command is None or running.trusted(body.memory, command)
    if mode == "ask" or wish.action == "ask" or not known:
        sealed = running.seal(command) if command else ""
        why = (
            wish.why if known else f"{wish.why}; the command is new or has changed: {' '.join(command.words) if command else ''}"
        )
        if dry:
            return Acted(f"would ask you: {name}", wish.why, "dry")
        item = inbox.put(body.memory, wish.action, wish.what, why, now, sealed)
        if item is None:
            return Quiet(f"{name} was asked already")
        return Acted(f"asks you: {name} (`kairos-git approve {item.number}`)", wish.why, "asked")
    refused = (over if dry else granted)(body.memory, _kind(wish), _counted(wish), body.bounds, now)
    if refused:
        return Quiet(f"{name} was not done: {refused}")
    return Acted(f"would do: {name}", wish.why, "dry") if dry else _done(body, wish, now)


def _kind(wish: Wish) -> str:
    return "notifications" if wish.action == "notify" else "actions"


def _counted(wish: Wish) -> str:
    """How an act is called where acts are counted."""
    return f"run:{wish.what}" if wish.action == "run" else wish.action


def _done(body: Body, wish: Wish, now: datetime) -> Acted:
    """Do what was granted, and tell the log what came of it. A failure is told, not raised."""
    how = "done"
    try:
        told = _do(body, wish, now)
    except KairosError as error:
        told, how = f"{_name(wish)} failed: {error}", "failed"
    if wish.action != "note":
        record(body.memory, f"{told} ({wish.why}; wished for by {wish.by})", now)
    return Acted(told, wish.why, how)


def _do(body: Body, wish: Wish, now: datetime) -> str:
    hands = body.hands
    if wish.action == "note":
        record(body.memory, wish.what, now)
        return f"noted: {wish.what}"
    if wish.action == "notify":
        return hands.notify(wish.what, now)
    if wish.action == "run":
        command = body.bounds.command(wish.what)
        if command is None or body.project is None:
            raise Refused(f"run: {wish.what} is not declared in kairos.yaml.")
        return running.run(body.project, command).told
    plain = {"dream": hands.dream, "handoff": hands.handoff, "sync": hands.sync}
    if wish.action not in plain:
        raise Refused(f"{wish.action} is nothing that can be done.")
    return plain[wish.action](now)


def record(memory: Memory, text: str, now: datetime) -> None:
    """Write down what this tool did, as its own: it is evidence for nothing."""
    o = observe(now, redact(text).text, "memory", sess="awake", extra=(("event", "act"),))
    spool.acknowledge(memory, [o])


def approve(body: Body, number: int, now: datetime) -> str:
    """The owner approves an item: it is done now, once. Raises UsageError, Refused; what is wished for must still be what was shown."""
    item = inbox.open_item(body.memory, number)
    wish = Wish(item.action, item.what, item.why, "the owner")
    if mode_of(wish, body.bounds) == "never":
        raise Refused(f"{_name(wish)}: its mode in kairos.yaml is never. Nothing was done; item {number} stays.")
    if item.action == "run":
        command = body.bounds.command(item.what)
        if command is None or running.seal(command) != item.seal:
            inbox.settle(body.memory, number, inbox.DISMISSED)
            raise Refused(
                f"run: {item.what} is not the command that was shown any more; item {number} is dismissed. Nothing was run."
            )
        running.trust(body.memory, command)
    if item.action == "ask":
        inbox.settle(body.memory, number, inbox.APPROVED)
        return f"seen: {item.what}"
    refused = over(body.memory, _kind(wish), _counted(wish), body.bounds, now)
    if refused:
        raise Refused(f"Not now: {refused}. Item {number} stays.")
    inbox.settle(body.memory, number, inbox.APPROVED)  # whoever comes second is refused here
    refused = granted(body.memory, _kind(wish), _counted(wish), body.bounds, now)
    if refused:
        raise Refused(f"Item {number} was approved, but not done: {refused}.")
    return _done(body, wish, now).what


def _name(wish: Wish) -> str:
    return f"run: {wish.what}" if wish.action == "run" else f"{wish.action}{': ' + wish.what if wish.what else ''}"
