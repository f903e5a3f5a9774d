"""A ruling: the owner's decision about one fact, as one line of rulings.md.

    - 2026-11-21T18:04:02+01:00 reject tests.command = `tox` <!--r r-… f-… ev=o-…,o-… by=ada from=9c1e2d4 -->

The one rule: a ruling carries slot, condition, value and evidence itself, so that it binds also what is reworded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from kairos_git.errors import Problem
from kairos_git.memory.fact import fact_id, split_key
from kairos_git.memory.text import ID, code, code_spans, format_words, identity, normal_value, parse_words

PATH = "rulings.md"
HEADING = "# Rulings\n\nWhat the owner decided. Append-only: a later line lifts an earlier one."
KINDS = ("reject", "allow", "confirm", "hold")

_LINE = re.compile(
    rf"- (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d) (\w+) (\S+) = (.+) <!--r (r-{ID}) (f-{ID})((?: [^ ]+)*) -->"
)


class Ruling(NamedTuple):
    """One decision. `state` is the highest state a hold leaves; `extra` further words of the comment."""

    id: str
    time: str
    epoch: int
    kind: str
    slot: str
    cond: str
    value: str
    evidence: tuple[str, ...] = ()
    by: str = ""
    commit: str = ""
    state: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def fact(self) -> str:
        return fact_id(self.slot, self.cond, self.value)

    @property
    def key(self) -> str:
        return f"{self.slot}{{{self.cond}}}" if self.cond else self.slot


def silenced(rulings: Iterable[Ruling]) -> frozenset[str]:
    """The ids of the observations whose fact is rejected, by the last ruling about it: nobody is told of them."""
    last: dict[str, Ruling] = {}
    for r in sorted(rulings, key=lambda r: (r.epoch, r.id)):
        last[r.fact] = r
    return frozenset(name for r in last.values() if r.kind == "reject" for name in r.evidence)


def rule(
    time: datetime, kind: str, slot: str, cond: str, value: str, *, evidence: Iterable[str] = (), by: str = "",
    commit: str = "", state: str = "",
) -> Ruling:  # fmt: skip
    """Make a ruling. The same decision about the same fact, made at the same time by the same person, has one id."""
    stamp = time.isoformat(timespec="seconds")
    name = identity("r", stamp, kind, slot, cond, value, by)
    return Ruling(
        name, stamp, int(time.timestamp()), kind, slot, cond, value, tuple(evidence), by, commit, state
    )  # fmt: skip


def format_ruling(r: Ruling) -> str:
    """The line, without its newline."""
    named = (("ev", ",".join(r.evidence)), ("by", r.by), ("from", r.commit), ("state", r.state))
    words = format_words(tuple(p for p in named if p[1]) + r.extra)
    return f"- {r.time} {r.kind} {r.key} = {code(r.value)} <!--r {r.id} {r.fact}{words} -->"


def parse_ruling(line: str, path: str = PATH, number: int = 0) -> Ruling | Problem:
    """One line of rulings.md. A damaged one is a Problem of law 1 and rules nothing."""
    match = _LINE.fullmatch(line)
    if match is None:
        return Problem(path, number, "is not a ruling", 1)
    time, kind, key, span, name, fact, words = match.groups()
    spans = code_spans(span)
    if kind not in KINDS or len(spans) != 1:
        return Problem(path, number, f"{name} does not say which fact it rules ({', '.join(KINDS)})", 1)
    try:
        epoch = int(datetime.fromisoformat(time).timestamp())
    except ValueError:
        return Problem(path, number, f"{name} has no such time: {time}", 1)
    slot, cond = split_key(key)
    known = {"ev": "", "by": "", "from": "", "state": ""}
    extra = []
    for word, value in parse_words(words):
        if word in known and not known[word]:
            known[word] = value
        else:
            extra.append((word, value))
    evidence = tuple(e for e in known["ev"].split(",") if e)
    r = Ruling(
        name, time, epoch, kind, slot, cond, spans[0], evidence, known["by"], known["from"], known["state"], tuple(extra)
    )  # fmt: skip
    if r.fact != fact or identity("r", time, kind, slot, cond, r.value, r.by) != name:
        return Problem(path, number, f"{name} is not the hash of its line", 1)
    if format_ruling(r) != line or normal_value(r.value) != r.value:
        return Problem(path, number, f"{name} is not written the one way it can be", 1)
    return r


def parse_rulings(data: bytes, path: str = PATH) -> tuple[tuple[Ruling, ...], tuple[Problem, ...]]:
    """Every ruling of rulings.md by (time, id), and a Problem for every list line that is none."""
    rulings: dict[str, Ruling] = {}
    problems: list[Problem] = []
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        if not line.startswith("- "):
            continue
        found = parse_ruling(line.removesuffix("\r"), path, number)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            rulings.setdefault(found.id, found)
    return tuple(sorted(rulings.values(), key=lambda r: (r.epoch, r.id))), tuple(problems)
