"""The inbox: what would have been done but may not be done unasked, and what the owner is asked.

Kept in `inbox.jsonl` in the memory's git directory, one line for each thing that happened to an item; the newest line of a number
stands. What was approved and done is in the day log too.

The one rule: an item can be approved once, by the owner, and only as it was shown.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import NamedTuple

from kairos_git.errors import Refused, UsageError
from kairos_git.memory.alone import held
from kairos_git.memory.files import read_regular
from kairos_git.memory.repository import Memory
from kairos_git.runner.model.ledger import append_synced

FILE, LOCK = "inbox.jsonl", "inbox.lock"
OPEN, APPROVED, DISMISSED = "open", "approved", "dismissed"
MOST_OPEN = 50  # further wishes are counted, not kept: nobody reads more


class Item(NamedTuple):
    """One wish. number: what `approve` takes; what: for `run` the command's name, else the text; seal: of a command as it was shown."""

    number: int
    action: str
    what: str
    why: str
    at: str
    state: str = OPEN
    seal: str = ""


def items(memory: Memory) -> list[Item]:
    """Every item as it stands, oldest first. A damaged line is passed over."""
    found: dict[int, Item] = {}
    for line in (read_regular(os.path.join(memory.own, FILE)) or b"").decode("utf-8", "replace").split("\n"):
        item = parse_item(line) if line.strip() else None
        if item is not None:
            found[item.number] = item
    return [found[n] for n in sorted(found)]


def waiting(memory: Memory) -> list[Item]:
    """The items that are open."""
    return [i for i in items(memory) if i.state == OPEN]


def parse_item(line: str) -> Item | None:
    """The inverse of `format_item`; None for a damaged line."""
    try:
        item = Item(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None
    words = (item.action, item.what, item.why, item.at, item.state, item.seal)
    try:
        "".join(w for w in words if isinstance(w, str)).encode()
    except UnicodeEncodeError:  # half of a pair, which no terminal and no file takes
        return None
    whole = isinstance(item.number, int) and not isinstance(item.number, bool) and item.number > 0
    return item if whole and all(isinstance(w, str) for w in words) else None


def format_item(item: Item) -> str:
    """One line of JSON, without its newline."""
    return json.dumps(item._asdict(), ensure_ascii=False, separators=(",", ":"))


def put(memory: Memory, action: str, what: str, why: str, now: datetime, seal: str = "") -> Item | None:
    """Put a wish into the inbox; None where the same one waits already, was dismissed today, or too many wait. Raises NotWritable."""
    today = now.date().isoformat()
    with held(memory.own, LOCK, wait=True):
        known = items(memory)
        for i in known:
            if (i.action, i.what, i.seal) == (action, what, seal) and (
                i.state == OPEN or (i.state == DISMISSED and i.at[:10] == today)
            ):
                return None
        if sum(i.state == OPEN for i in known) >= MOST_OPEN:
            return None
        item = Item(
            max((i.number for i in known), default=0) + 1, action, what, why, now.isoformat(timespec="seconds"), seal=seal
        )
        append_synced(os.path.join(memory.own, FILE), format_item(item))
    return item


def open_item(memory: Memory, number: int) -> Item:
    """An item that waits. Raises UsageError where there is none of that number, Refused where it was settled before."""
    found = next((i for i in items(memory) if i.number == number), None)
    if found is None:
        raise UsageError(f"There is no item {number}. `kairos-git inbox` lists what waits.")
    if found.state != OPEN:
        raise Refused(f"Item {number} was {found.state} already.")
    return found


def settle(memory: Memory, number: int, state: str) -> Item:
    """Set what became of an open item, once: of two at the same time the second is refused. Raises UsageError and Refused."""
    with held(memory.own, LOCK, wait=True):
        settled = open_item(memory, number)._replace(state=state)
        append_synced(os.path.join(memory.own, FILE), format_item(settled))
    return settled
