"""What a dream changes: operations, one per fact, made from the difference of before and after; and their record.

The one rule: the record is computed from what changed, never told by anybody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kairos_git.dream.fold import Folded
from kairos_git.dream.standing import Standing
from kairos_git.memory.fact import Fact
from kairos_git.memory.text import ID

_UP = {"confirmed": "confirm", "contested": "contest", "tentative": "tentative"}
_OUT = {"superseded": "supersede", "retired": "retire", "rejected": "reject"}
_PAST = {
    "confirm": "confirmed", "tentative": "tentative", "contest": "contested", "demote": "demoted", "supersede": "superseded",
    "retire": "retired", "reject": "rejected", "move": "moved",
}  # fmt: skip


class Operation(NamedTuple):
    """One fact changed. before, after: states, "absent" where it was not there."""

    op: str
    fact: Fact
    before: str
    after: str
    reason: str


def operations(before: Mapping[str, Fact], folded: Folded) -> list[Operation]:
    """From the facts that stand to those that were folded, by slot."""
    known = {f.id: f for f in folded.facts}
    found = []
    for fact in folded.facts:
        old = before.get(fact.id)
        if fact.live and old != fact._replace(until=""):
            was = old.state if old else "absent"
            op = "demote" if (was, fact.state) in (("confirmed", "tentative"), ("contested", "tentative")) else _UP[fact.state]
            found.append(Operation(op, fact, was, fact.state, reason(folded.standings[fact.id])))
        elif not fact.live and old is not None:
            found.append(Operation(_OUT[fact.state], fact, old.state, fact.state, _ending(folded.standings[fact.id], fact)))
    for name, old in before.items():
        if name not in known:
            found.append(Operation("retire", old, old.state, "absent", "nothing that is written down supports it any more"))
    return found


def reason(s: Standing) -> str:
    """Why a live fact stands as it does, in a few words."""
    kinds = Counter(t.src for t in s.supports)
    voices = len({t.root for t in s.supports})
    told = ", ".join(f"{n} {src}" if n > 1 else src for src, n in sorted(kinds.items()))
    words = f"{told}; {voices} root{'s' if voices > 1 else ''}, score {s.score:g}"
    if s.contested:
        return f"{words}; a newer statement denies it"
    return f"{words}; follows a stated change" if s.inherited else words


def _ending(s: Standing, fact: Fact) -> str:
    return "the owner rejected it" if fact.state == "rejected" and not s.why else s.why or fact.state


def subject(ops: Sequence[Operation]) -> str:
    """`dream: 3 confirmed, 1 superseded, 2 tentative`."""
    counts = Counter(_PAST[o.op] for o in ops)
    return "dream: " + (", ".join(f"{counts[p]} {p}" for p in _PAST.values() if counts[p]) or "index and handoff follow")


def body(ops: Iterable[Operation]) -> str:
    """One line per fact changed: operation, id, slot, before -> after, reason, evidence."""
    return "\n".join(
        f"{o.op} {o.fact.id} {o.fact.key} {o.before} -> {o.after}: {_short(o.fact.text)} [{o.reason}; {','.join(o.fact.evidence)}]"
        for o in ops
    )


_LINE = re.compile(rf"(\w+) (f-{ID}) (\S+) (\w+) -> (\w+): (.*) \[(.*); ([^;\]]*)\]")
_FIELDS = ("op", "fact", "slot", "before", "after", "text", "reason", "evidence")


def parse_body(text: str) -> list[dict[str, str]]:
    """What a dream's commit message says of each fact, by the names in `_FIELDS`; the inverse of `body`, texts as shortened."""
    return [dict(zip(_FIELDS, m.groups(), strict=True)) for line in text.split("\n") if (m := _LINE.fullmatch(line))]


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99].rstrip() + "…"
