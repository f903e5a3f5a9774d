"""The signals of this machine for the gates of a dream."""

from __future__ import annotations

from datetime import datetime

from kairos_git.bounds import Bounds
from kairos_git.capture import spool
from kairos_git.capture.fresh import load_fresh
from kairos_git.memory.alone import taken
from kairos_git.memory.repository import Memory
from kairos_git.runner.awake import cadence, children
from kairos_git.runner.awake.stages import Stage
from kairos_git.runner.awake.switch import asleep
from kairos_git.runner.review.proposals import what_by_itself
from kairos_git.settings import Settings


def dream_gates(
    memory: Memory,
    settings: Settings,
    bounds: Bounds,
    rest: tuple[float, tuple[str, ...]],
    stages: dict[str, Stage],
    now: datetime,
) -> tuple[cadence.Gate, ...]:
    """Every gate with its value now. rest: seconds since the owner's last sign, and the agent sessions that are open."""
    fresh = load_fresh(memory)
    stage = stages["dream"]
    failed = stage.tried if stage.error and stage.tried > stage.worked else None
    signals = cadence.Signals(
        now.timestamp(), fresh.dreamed or None, failed, fresh.observations + spool.waiting(memory), fresh.sessions, rest[0], rest[1],
        taken(memory.own, children.LOCK),
    )  # fmt: skip
    allowed = what_by_itself(settings).dreams and bounds.mode("dream") != "never"
    return cadence.gates(signals, bounds.dreaming, allowed=allowed, paused=bool(asleep(memory.own, now)))
