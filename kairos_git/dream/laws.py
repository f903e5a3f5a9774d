"""The laws: what must hold before a dream lands, and what anyone can check at any commit.

Each law is one function over a `Case`; adding one is writing it and naming it in LAWS.

The one rule: a law recomputes; it never trusts what a file says about itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kairos_git.dream.annotate import UNREAD, read_slot, unsupported
from kairos_git.dream.evidence import VOUCH
from kairos_git.dream.fetched import fetches_and_runs
from kairos_git.dream.fold import Folded, fold
from kairos_git.dream.slots import claims
from kairos_git.dream.verdict import verdicts
from kairos_git.dream.wording import imperative
from kairos_git.errors import Problem
from kairos_git.memory import index
from kairos_git.memory.daylog import line_ids
from kairos_git.memory.fact import FREE, Fact, format_fact, text_of
from kairos_git.memory.observation import Observation
from kairos_git.memory.redact import redact
from kairos_git.memory.snapshot import Snapshot, is_appended, is_projection

LOSS_SHARE = 0.25
LOSS_LEAST = 10


class Case(NamedTuple):
    """What the laws look at.

    before    the parent
    after     the commit the dream makes of it
    folded    what the fold makes of the parent's log
    first     whether no dream landed before (law 8 is for later ones)
    thorough  whether to look at everything (`fsck`), not only at what the dream touches
    """

    before: Snapshot
    after: Snapshot
    folded: Folded
    first: bool = False
    thorough: bool = False

    def touched(self, path: str) -> bool:
        return self.thorough or self.before.files.get(path) != self.after.files.get(path)

    def facts(self) -> Iterator[tuple[str, int, Fact]]:
        """(path, line, fact) of the topics the dream touches."""
        for path, topic in self.after.topics.items():
            if self.touched(path):
                places = {line.removesuffix("\r"): n for n, line in enumerate(topic.lines, 1)}
                yield from ((path, places.get(format_fact(f), 0), f) for f in topic.facts)


def parses(case: Case) -> Iterator[Problem]:
    """1. Every line parses and round-trips byte for byte; ids are unique and equal their hash."""
    yield from (p._replace(law=1) for p in case.after.problems if case.touched(p.path))
    seen: dict[str, str] = {}
    for path, line, fact in case.facts():
        if fact.id in seen:
            yield Problem(path, line, f"{fact.id} stands in {seen[fact.id]} too", 1)
        seen[fact.id] = path


def cites(case: Case) -> Iterator[Problem]:
    """2. Every fact cites at least one existing observation that is neither external, quarantined nor memory's own."""
    good = {o.id for o in case.after.observations if o.src not in ("external", "memory")}
    for path, line, fact in case.facts():
        if not good.intersection(fact.evidence):
            yield Problem(path, line, f"{fact.id} cites no observation that counts", 2)


def recomputes(case: Case) -> Iterator[Problem]:
    """3. Every fact's state, recomputed, is the one written."""
    folded = {f.id: f._replace(until="") for f in case.folded.live}
    for path, line, fact in case.facts():
        made = folded.pop(fact.id, None)
        if made is None:
            yield Problem(path, line, f"{fact.id} does not follow from what is written down", 3)
        elif made != fact:
            yield Problem(
                path, line, f"{fact.id} is written {fact.state}, but {made.state} follows (or other words or evidence)", 3
            )
    if case.thorough:
        yield from (
            Problem(f"topics/{f.topic}.md", 0, f"{f.id} ({f.key}) follows, but is not written", 3) for f in folded.values()
        )


def invents_nothing(case: Case) -> Iterator[Problem]:
    """4. Every value in a fact's text (code, number, version, path, name) occurs in its evidence."""
    texts = {o.id: o.text for o in case.after.observations}
    for path, line, fact in case.facts():
        missing = unsupported(fact.text, " ".join(texts.get(e, "") for e in fact.evidence))
        if missing:
            yield Problem(path, line, f"{fact.id} says {missing[0]!r}, which its evidence does not", 4)


def one_value(case: Case) -> Iterator[Problem]:
    """5. A one-valued slot has at most one confirmed value per condition and time."""
    seen: dict[str, str] = {}
    for path, line, fact in case.facts():
        if fact.state == "confirmed" and fact.slot not in FREE and fact.slot not in case.folded.many:
            if fact.key in seen:
                yield Problem(path, line, f"{fact.key} has two confirmed values: {seen[fact.key]} and {fact.id}", 5)
            seen[fact.key] = fact.id


def in_time(case: Case) -> Iterator[Problem]:
    """6. A superseding fact is newer in valid time, or a probe; intervals do not overlap."""
    for fact in case.folded.facts:
        if fact.state == "superseded" and fact.until < fact.since:
            yield Problem(f"topics/{fact.topic}.md", 0, f"{fact.id} ended {fact.until} before it began {fact.since}", 6)


def accounts(case: Case) -> Iterator[Problem]:
    """7. Nothing live in the parent is gone without a reason that the fold can name."""
    known = {f.id for f in case.folded.facts}
    evidence = {o.id for o in case.after.observations}
    for name, fact in case.before.facts.items():
        if name not in case.after.facts and name not in known and evidence.intersection(fact.evidence):
            yield Problem(f"topics/{fact.topic}.md", 0, f"{name} ({fact.key}) is gone without a reason", 7)


def keeps_enough(case: Case) -> Iterator[Problem]:
    """8. A dream that takes away more than 25 % of the live facts and more than 10 of them becomes a proposal."""
    ended = {f.id: f.state for f in case.folded.facts if not f.live}
    held = {f.key for f in case.after.facts.values()}
    lost = [
        f for name, f in case.before.facts.items()
        if name not in case.after.facts and ended.get(name) != "rejected" and not (ended.get(name) == "superseded" and f.key in held)
    ]  # fmt: skip
    if not case.first and len(lost) > LOSS_LEAST and len(lost) > LOSS_SHARE * len(case.before.facts):
        yield Problem("topics/", 0, f"{len(lost)} of {len(case.before.facts)} facts would be gone with nothing in their place", 8)


def only_grows(case: Case) -> Iterator[Problem]:
    """9. No observation, annotation or ruling ever goes: each id stays, as its line or as its tombstone."""
    here = {n for path, data in case.after.files.items() if is_appended(path) for n in line_ids(data)}
    for path, data in case.before.files.items():
        if is_appended(path) and case.after.files.get(path) != data:
            yield from (Problem(path, 0, f"{name} is gone", 9) for name in line_ids(data) if name not in here)


def fits(case: Case) -> Iterator[Problem]:
    """10. The index keeps both budgets; every line of it resolves to one live fact; what did not fit is counted."""
    data = case.after.files.get(index.PATH, b"")
    if data.count(b"\n") > index.MOST_LINES or len(data) > index.MOST_BYTES:
        yield Problem(index.PATH, 0, f"is larger than {index.MOST_LINES} lines or {index.MOST_BYTES} bytes", 10)
    live = case.after.facts
    for line, name in index.parse_index(data):
        if name not in live or live[name].state != "confirmed":
            yield Problem(index.PATH, line, f"{name} is no confirmed fact", 10)
    if case.touched(index.PATH) and data != index.format_index(live.values()):
        yield Problem(index.PATH, 0, "is not the projection of the topics", 10)


def keeps_out(case: Case) -> Iterator[Problem]:
    """11. No rejected key lives. Pairs marked different are not merged."""
    ruled = verdicts(case.folded.claims, case.after.rulings)
    banned = {key for key, verdict in ruled.items() if verdict.banned}
    for path, line, fact in case.facts():
        if (fact.slot, fact.cond, fact.value) in banned:
            yield Problem(path, line, f"{fact.id} ({fact.key}) was rejected", 11)
    apart = [a for a in case.before.annotations if a.op == "different" and len(a.on) == 2]
    if not apart:
        return
    by_id = {o.id: o for o in case.before.observations}
    behind = {f.id: {s.id for s in case.folded.standings[f.id].supports} for f in case.folded.live if f.slot in FREE}
    for a in apart:
        one, other = (by_id.get(name) for name in a.on)
        if one is None or other is None or _values(one) & _values(other):
            continue  # one wording is one statement, whatever is said of it
        for name in sorted(name for name, ids in behind.items() if {one.id, other.id} <= ids):
            yield Problem("topics/", 0, f"{name} rests on {one.id} and {other.id}, which are marked different ({a.id})", 11)


def _values(o: Observation) -> set[tuple[str, str]]:
    return {(c.slot, c.value) for c in claims(o)}


def safe_words(case: Case) -> Iterator[Problem]:
    """12. No secret in any changed line. No imperative text from anyone but the owner reaches the index, and nothing that
    fetches and runs but from the owner or a probe.
    """
    speakers = {o.id: o.src for o in case.after.observations}
    for path, line, fact in case.facts():
        if redact(fact.text).text != fact.text:
            yield Problem(path, line, f"{fact.id} holds what looks like a secret", 12)
        told = {speakers.get(e) for e in fact.evidence}
        ours = fact.slot not in FREE and ("probe" in told or fact.text == text_of(fact.slot, fact.value))
        if fact.state == "confirmed" and imperative(fact.text) and "owner" not in told and not ours:
            yield Problem(path, line, f"{fact.id} tells the reader what to do, and not in the owner's words", 12)
        if fact.state == "confirmed" and fetches_and_runs(fact.value) and not VOUCH & told:
            yield Problem(path, line, f"{fact.id} runs what it fetches, and neither the owner nor the tree says so", 12)
    for a in case.after.annotations if case.thorough else ():
        if any(redact(words).text != words for words in (a.value, a.quote)):
            yield Problem("annotations/", 0, f"{a.id} holds what looks like a secret", 12)


def repeats(case: Case) -> Iterator[Problem]:
    """13. Under the same engine: fold again = no difference; a shuffled log gives the same facts."""
    if not case.thorough:
        return
    for seed in range(3):
        shuffled, proposed = list(case.before.observations), list(case.before.annotations)
        random.Random(seed).shuffle(shuffled)
        random.Random(seed).shuffle(proposed)
        if fold(shuffled, proposed, case.before.rulings).facts != case.folded.facts:
            yield Problem("topics/", 0, f"a shuffled log gives other facts (seed {seed})", 13)


def only_projections(case: Case) -> Iterator[Problem]:
    """14. One commit, parent = the HEAD that was read, only projections."""
    for path in sorted({*case.before.files, *case.after.files}):
        if not is_projection(path) and case.before.files.get(path) != case.after.files.get(path):
            yield Problem(path, 0, "was changed by a dream, and is no projection", 14)


def quotes(case: Case) -> Iterator[Problem]:
    """15. A model's proposals refer only to ids it was given, and each carries a quote that stands verbatim in its source."""
    told = {o.id: o for o in case.after.observations}
    gone = {t.id for t in case.after.tombstones}
    for a in case.after.annotations if case.thorough else ():
        unknown = [name for name in a.on if name not in told and name not in gone]
        source = told.get(a.on[0]) if a.on else None
        if unknown:
            yield Problem("annotations/", 0, f"{a.id} speaks of {unknown[0]}, which does not exist", 15)
        elif len(set(a.on)) != _SPEAKS_OF.get(a.op, len(a.on)) or not a.on:
            yield Problem("annotations/", 0, f"{a.id} ({a.op}) speaks of {len(a.on)} observations", 15)
        elif any(told[name].src in UNREAD for name in a.on if name in told):
            yield Problem(
                "annotations/", 0, f"{a.id} speaks of what no model is given: outsiders' words, readings, memory's own", 15
            )
        elif a.op != "abstain" and source and (not a.quote or a.quote not in source.text):
            yield Problem("annotations/", 0, f"{a.id} quotes what does not stand in its source", 15)
        elif a.op == "slot" and source and read_slot(a, source) is None:
            yield Problem(
                "annotations/", 0, f"{a.id} gives {a.slot} the value {a.value!r}, which does not stand in its source", 15
            )


_SPEAKS_OF = {"slot": 1, "same": 2, "supersedes": 2, "different": 2}


LAWS: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    parses, cites, recomputes, invents_nothing, one_value, in_time, accounts, keeps_enough, only_grows, fits, keeps_out,
    safe_words, repeats, only_projections, quotes,
)  # fmt: skip


def broken(case: Case) -> list[Problem]:
    """Every law that a case breaks, with places."""
    return [problem for law in LAWS for problem in law(case)]
