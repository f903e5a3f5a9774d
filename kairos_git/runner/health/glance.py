"""How a memory is: what stands, what waits, what is wrong and what to do about it.

The one rule: `status` is cheap enough for a prompt; `doctor` looks at everything and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

from kairos_git.capture import spool
from kairos_git.memory.edits import edited_topics
from kairos_git.memory.history import Entry, dreams
from kairos_git.memory.objects import facts_at
from kairos_git.memory.repository import Memory
from kairos_git.runner.awake import inbox
from kairos_git.runner.awake.glance import load_last
from kairos_git.runner.awake.stages import load_stages, silent
from kairos_git.runner.awake.switch import asleep
from kairos_git.runner.awake.work import hook_heard, work
from kairos_git.runner.model.ledger import Ledger
from kairos_git.runner.review.asking import open_count
from kairos_git.runner.review.proposals import count, mode_of
from kairos_git.settings import Settings


class Status(NamedTuple):
    """A memory at a glance.

    facts      counts by state
    waiting    lines in the spool
    hook       seconds since one last spoke
    mode       what may happen without anybody asking
    proposals  dreams that wait for review
    inbox      what it would do but may not do unasked
    asleep     why nothing happens by itself now, or ""
    ticked     seconds since the last tick, None where there was none
    worked     stage -> seconds since it last worked
    failed     stage -> what it said when it last failed, where that was later
    silent     stage -> what has been waiting for it for too long
    questions  contradictions that waited for the owner's answer at the last dream
    spent      what the model cost today, or "" where it was never asked
    """

    memory: str
    branch: str
    commit: str
    dream: Entry | None
    facts: dict[str, int]
    waiting: int
    hook: int | None
    edited: tuple[str, ...]
    unfinished: str | None
    mode: str
    proposals: int
    questions: int
    spent: str = ""
    inbox: int = 0
    asleep: str = ""
    ticked: float | None = None
    worked: dict[str, float] = {}  # noqa: RUF012 -- a default of a NamedTuple, never changed
    failed: dict[str, str] = {}  # noqa: RUF012
    silent: dict[str, str] = {}  # noqa: RUF012


def status(memory: Memory, gitdir: str, now: datetime) -> Status:
    """Look at a memory without parsing its log. Eight git processes at most. gitdir: the project's, "" where it is not known."""
    head = memory.head()
    facts = facts_at(memory.git, head)
    settings = memory.settings(head)
    return Status(
        memory.path, memory.branch(), head, next(dreams(memory.git), None), dict(Counter(f.state for f in facts.values())),
        spool.waiting(memory), _last_hook(memory, now), tuple(edited_topics(memory)), memory.unfinished(),
        mode_of(settings), count(memory), open_count(memory), _spent(memory), **_awake(memory, gitdir, settings, now),
    )  # fmt: skip


def _awake(memory: Memory, gitdir: str, settings: Settings, now: datetime) -> dict[str, Any]:
    """What happens by itself, and what of it fell silent."""
    stages, stamp = load_stages(memory), now.timestamp()
    last = load_last(memory.own).at
    waits = work(memory, gitdir, settings, stages)
    return {
        "inbox": len(inbox.waiting(memory)), "asleep": asleep(memory.own, now), "ticked": max(0.0, stamp - last) if last else None,
        "worked": {s.name: max(0.0, stamp - s.worked) for s in stages.values() if s.worked},
        "failed": {s.name: s.error for s in stages.values() if s.error and s.tried > s.worked},
        "silent": silent(stages, waits, stamp),
    }  # fmt: skip


def _spent(memory: Memory) -> str:
    ledger = Ledger(memory.own)
    return str(ledger.spent(datetime.now().astimezone())[0]) if ledger.entries() else ""


def _last_hook(memory: Memory, now: datetime) -> int | None:
    heard = hook_heard(memory)
    return None if heard is None else max(0, int(now.timestamp() - heard))
