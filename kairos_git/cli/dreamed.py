"""A dream as it is told to people and scripts: what it changed, or why nothing did, or why it was stopped.

The one rule: every command that dreams tells of it in the same form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kairos_git.cli import show
from kairos_git.dream.changes import Operation, parse_body
from kairos_git.errors import DreamRefused
from kairos_git.memory import history
from kairos_git.memory.repository import Memory
from kairos_git.memory.vault import HIDDEN, in_vault
from kairos_git.runner.cycle import Dreamed


def operation_json(o: Operation) -> dict[str, Any]:
    """One operation, in the form scripts rely on."""
    return {
        "op": o.op, "fact": o.fact.id, "slot": o.fact.key, "text": o.fact.text, "before": o.before, "after": o.after,
        "evidence": list(o.fact.evidence), "reason": o.reason,
    }  # fmt: skip


def dreamed_json(d: Dreamed) -> dict[str, Any]:
    """What became of a dream, in the form scripts rely on."""
    return {
        "dream": d.commit, "commit": d.commit, "reason": d.reason, "ops": [operation_json(o) for o in d.ops],
        "observations": d.observations, "notes": list(d.notes), "problems": [p._asdict() for p in d.problems],
        "proposal": d.proposal or None,
    }  # fmt: skip


def refused_json(memory: Memory, refused: DreamRefused) -> dict[str, Any]:
    """A dream that was built and not landed, in the same form; `problems` says why, and the exit code is 6."""
    told = history.read_commit(memory.git, refused.commit) if refused.commit else None
    ops = told_operations(told.message) if told else []
    return {
        "dream": refused.commit, "commit": refused.commit, "reason": told.subject if told else "", "ops": ops,
        "observations": len(memory.snapshot().observations), "notes": [], "problems": [p._asdict() for p in refused.problems],
        "proposal": refused.proposal or None,
    }  # fmt: skip


@contextmanager
def told_if_refused(memory: Memory, json: bool) -> Iterator[None]:
    """Where the laws stop a dream, its commit is the answer all the same; the error goes on to say why."""
    try:
        yield
    except DreamRefused as refused:
        if json:
            show.as_json(refused_json(memory, refused))
        elif refused.commit:
            show.answer(f"{refused.commit} (built, not landed)")
        raise


def told_operations(message: str) -> list[dict[str, Any]]:
    """The operations that the message of a dream's commit lists."""
    return [o | {"evidence": o["evidence"].split(",")} for o in parse_body(message)]


def print_dreamed(d: Dreamed, memory: str = "<memory>") -> None:
    """A dream for a person: what changed, fact by fact, or why nothing did. memory: its folder, for what to type next."""
    for line in d.notes:
        show.note(line)
    show.problems(d.problems)
    if d.commit is None:
        show.answer(d.reason)
        return
    kind = " (dry run: built, not landed)" if d.dry else " (waits for review, not landed)" if d.proposal else ""
    show.answer(f"{d.commit[:12]} {d.reason}{kind}")
    print_operations(d.ops)
    if d.proposal:
        name = d.proposal.removeprefix("proposed/")
        show.answer(f"look at it: kairos-git review {name}, or git -C {memory} log -p HEAD..{d.proposal}")
        show.answer(f"land it: kairos-git land {name}; throw it away: kairos-git review --drop {name}")
    elif d.dry:
        show.answer(f"look at it: git -C {memory} show {d.commit}")


def print_operations(ops: Sequence[Operation]) -> None:
    """What changes, one fact a line."""
    if ops:
        rows = [(o.op, o.fact.id, f"{o.before} -> {o.after}", HIDDEN if in_vault(o.fact.slot) else o.fact.text) for o in ops]
        show.table(("op", "fact", "state", "text"), rows)
