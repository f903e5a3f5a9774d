"""Batches that were submitted and not collected yet: one file each under the memory's git directory.

The one rule: what cannot be read back is no batch, and nothing here asks anybody anything.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from kairos_git.memory.landing import read_regular, write_whole
from kairos_git.memory.repository import Memory
from kairos_git.runner.model.ledger import Entry

FOLDER = "batches"


class Shape(NamedTuple):
    """A packet without its words: the ids of its statements, of the older ones, and of what each was held against."""

    asked: tuple[str, ...]
    facts: tuple[str, ...]
    near: tuple[tuple[str, ...], ...]


class Waiting(NamedTuple):
    """A submitted batch: its id, the model as it was labelled, its line in the ledger, and its packets by custom id."""

    id: str
    model: str
    entry: Entry
    packets: dict[str, Shape]


def waiting(memory: Memory) -> list[Waiting]:
    """The batches that were submitted and not collected; a damaged file is none."""
    folder = os.path.join(memory.own, FOLDER)
    names = sorted(n for n in os.listdir(folder) if n.endswith(".json")) if os.path.isdir(folder) else []
    found = [parse_waiting((read_regular(os.path.join(folder, n)) or b"").decode("utf-8", "replace")) for n in names]
    return [w for w in found if w is not None]


def format_waiting(w: Waiting) -> str:
    """A batch's file: one JSON object."""
    packets = {name: shape._asdict() for name, shape in w.packets.items()}
    return json.dumps({"id": w.id, "model": w.model, "entry": w.entry._asdict(), "packets": packets}, ensure_ascii=False) + "\n"


def parse_waiting(text: str) -> Waiting | None:
    """The inverse of `format_waiting`; None for a damaged one."""
    try:
        fields = json.loads(text)
        packets = {
            name: Shape(tuple(s["asked"]), tuple(s["facts"]), tuple(map(tuple, s["near"])))
            for name, s in fields["packets"].items()
        }
        return Waiting(fields["id"], fields["model"], Entry(**fields["entry"]), packets)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def keep(memory: Memory, batch: Waiting) -> None:
    """Write a batch's file. Raises NotWritable."""
    write_whole(_path(memory, batch.id), format_waiting(batch).encode("utf-8", "surrogateescape"))


def forget(memory: Memory, batch: Waiting) -> None:
    """Let go of a batch that was collected."""
    if os.path.exists(_path(memory, batch.id)):
        os.unlink(_path(memory, batch.id))


def _path(memory: Memory, batch: str) -> str:
    plain = "".join(c if c.isalnum() or c in "_-" else "-" for c in batch)
    return os.path.join(memory.own, FOLDER, f"{plain}.json")
