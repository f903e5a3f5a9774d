"""Rulings that people made with git alone: found in history, written to rulings.md.

The one rule: what is found is what the fold will obey, and it is written down before anything is projected again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from kairos_git.capture import spool
from kairos_git.dream.annotate import annotate
from kairos_git.dream.fold import fold
from kairos_git.dream.undo import Difference, differences, unreached
from kairos_git.memory import ruling
from kairos_git.memory.daylog import append
from kairos_git.memory.fact import Fact
from kairos_git.memory.history import (
    Entry,
    carriers,
    entries,
    expected_facts,
    is_projection_commit,
    left_history,
    lost_dreams,
    removed_since,
    topics_tree,
    who_changed,
)
from kairos_git.memory.landing import LANDED, SELF, UNDONE, Commit, Desk, Person
from kairos_git.memory.objects import facts_at
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.repository import Memory
from kairos_git.memory.ruling import Ruling, format_ruling, rule
from kairos_git.memory.snapshot import Snapshot


class Implied(NamedTuple):
    """What history amounts to: rulings, the owner's statements (facts written by hand), and the dreams found lost.

    settled   whether something stands otherwise than the dreams left it because of what is written down already
    """

    rulings: list[Ruling]
    statements: list[Observation]
    lost: list[str]
    settled: bool = False


def implied(memory: Memory, here: Snapshot, now: datetime) -> Implied:
    """Rulings and statements implied between the dreams and a commit that rulings.md does not hold yet."""
    expected, passed = expected_facts(memory.git, here.commit)
    known = {r.id for r in here.rulings}
    cache: dict[str, dict[str, Fact]] = {here.commit: here.facts}
    rulings: list[Ruling] = []
    statements: list[Observation] = []
    settled = False
    found = differences(expected, here.facts) if passed else []
    folded = {(c.slot, c.cond, c.value) for c in annotate(here.observations, here.annotations)} if found else set()
    if passed:
        for d in found:
            now_state = None if d.kind == "reject" else d.fact.state
            entry = who_changed(memory.git, passed, d.fact.id, now_state, cache)
            if _noted(here, entry, d) or _explained(memory, entry.id if entry else here.commit, d):
                settled = True
            elif d.kind == "allow" and (d.fact.slot, d.fact.cond, d.fact.value) not in folded:
                statements.append(_statement(d.fact, entry, now))
            else:
                rulings.append(_ruling(memory, here, d, entry, now))
        statements += _reworded(here, expected, passed, now)
    lost = lost_dreams(memory)
    for commit in lost:
        rulings += _of_lost(memory, here, commit, now)
    fresh = [r for r in {r.id: r for r in rulings}.values() if r.id not in known]
    said = {o.id for o in here.observations}
    return Implied(fresh, [s for s in statements if s.id not in said], lost, settled)


def _ruling(memory: Memory, here: Snapshot, d: Difference, entry: Entry | None, now: datetime) -> Ruling:
    when = moment(entry.when if entry else now, here, d.fact)
    by = entry.author if entry else ""
    return bind(rule(when, d.kind, d.fact.slot, d.fact.cond, d.fact.value, by=by, commit=entry.id[:12] if entry else "", state=d.state),
                d.fact.evidence, _known_at(memory, here, entry))  # fmt: skip


def _noted(here: Snapshot, entry: Entry | None, d: Difference) -> bool:
    """Whether the last ruling about a fact is this very decision, noted before somebody rewrote the commit that noted it."""
    last = max((r for r in here.rulings if r.fact == d.fact.id), key=lambda r: (r.epoch, r.id), default=None)
    if last is None or entry is None or last.kind != d.kind:
        return False
    return last.commit == entry.id[:12] or last.epoch == int(entry.when.timestamp())


def _explained(memory: Memory, commit: str, d: Difference) -> bool:
    """Whether what was written down at a commit makes the fact stand as it does there: then nobody decided anything with it.

    So a squash, a rebase or an amend of what was decided long ago is no second decision, later than what was said since.
    """
    here = memory.snapshot(commit)
    if d.kind in ("reject", "hold") and all(r.fact != d.fact.id for r in here.rulings):
        return False
    folded = fold(here.observations, here.annotations, here.rulings)
    if d.kind == "hold":
        return d.fact.id in folded.standings and folded.standings[d.fact.id].cap == d.state
    state = next((f.state for f in folded.facts if f.id == d.fact.id), "")
    return state == ("rejected" if d.kind == "reject" else d.state)


def moment(when: datetime, here: Snapshot, fact: Fact) -> datetime:
    """When a decision was made: later than the last one about the same fact, however fast the two came or the clock went."""
    last = max((r.epoch for r in here.rulings if r.fact == fact.id), default=None)
    late = 0 if last is None else last + 1 - int(when.timestamp())
    return when + timedelta(seconds=max(0, late))


def bind(r: Ruling, evidence: Sequence[str], observations: Sequence[Observation]) -> Ruling:
    """Bind a ruling to what it rests on: the fact's evidence, and every word of owner and probe for it said so far.

    `seen` is the newest observation about it that the owner could have known of, where it is later than the clock.
    """
    told = [c for c in annotate(observations) if (c.slot, c.cond) == (r.slot, r.cond) or c.ends == r.value]
    said = [c.o.id for c in told if (c.slot, c.cond, c.value) == (r.slot, r.cond, r.value) and c.o.src in ("owner", "probe")]
    newest = max((c.o.epoch for c in told), default=0)
    extra = (("seen", str(newest)),) if newest > r.epoch else ()
    return r._replace(evidence=tuple(dict.fromkeys([*evidence, *said])), extra=extra)


def _known_at(memory: Memory, here: Snapshot, entry: Entry | None) -> Sequence[Observation]:
    """What had been said when the difference was made, the spool included where that was just now; what was said later may
    lift the ruling.
    """
    if entry and entry.id != here.commit:
        return memory.snapshot(entry.id).observations
    waiting = [o for path in spool.segments(memory) for o in spool.read_segment(path)[0]]  # only a hook finds any
    return [*here.observations, *waiting]


def _statement(fact: Fact, entry: Entry | None, now: datetime) -> Observation:
    """A fact that somebody wrote by hand and committed: the owner said so."""
    extra = (("slot", fact.key),)
    return observe(
        entry.when if entry else now, fact.text, "owner", sess=f"edit-{entry.id[:12]}" if entry else "edit", extra=extra
    )


def _reworded(here: Snapshot, expected: dict[str, Fact], passed: list[Entry], now: datetime) -> list[Observation]:
    """Fact lines whose value was changed by hand: the old fact is gone (a ruling), the new value is the owner's."""
    found = []
    for topic in here.topics.values():
        for problem in topic.problems:
            line = topic.lines[problem.line - 1] if problem.line else ""
            made = edited(line, expected)
            if made:
                found.append(_statement(made, passed[0], now))
    return found


def edited(line: str, expected: dict[str, Fact]) -> Fact | None:
    """The fact that a hand-changed line now states, where its id still names one that was expected."""
    match = re.fullmatch(r"- (.+) <!--k (f-[0-9a-z]{13}) (\S+) [a-z]+(?: .*)? -->", line.removesuffix("\r"))
    old = expected.get(match.group(2)) if match else None
    return old._replace(text=match.group(1)) if match and old else None


def _of_lost(memory: Memory, here: Snapshot, commit: str, now: datetime) -> list[Ruling]:
    """What of a dream that a reset or rewrite dropped from history is undone."""
    entry = next(entries(memory.git, "-1", "--end-of-options", commit))
    before = facts_at(memory.git, entry.parents[0]) if entry.parents else {}
    base = memory.git.text("merge-base", "HEAD", commit, check=False)
    removed = removed_since(memory.git, base) if base else set()
    left = left_history(memory.git, memory.branch(), commit)
    when, tip = left or (now, here.commit)
    gone = unreached(facts_at(memory.git, commit), before, here.facts, removed)
    stood = facts_at(memory.git, tip) if gone and left else {}
    passed = list(entries(memory.git, "--topo-order", "--end-of-options", tip, f"^{commit}")) if gone and left else []
    cache: dict[str, dict[str, Fact]] = {tip: stood}
    found = []
    for d in gone:  # what a person took away before the loss was decided then
        earlier = left and d.kind == "reject" and d.fact.id not in stood
        made = who_changed(memory.git, passed, d.fact.id, None, cache) if earlier else None
        if made and is_projection_commit(memory.git, made):
            made = None  # a dream had ended it: nobody decided anything before the loss
        at = made.id if made else tip
        if not _explained(memory, at, d):
            time = moment(made.when if made else when, here, d.fact)
            decided = rule(time, d.kind, d.fact.slot, d.fact.cond, d.fact.value, by="reset", commit=commit[:12], state=d.state)
            found.append(bind(decided, d.fact.evidence, memory.snapshot(at).observations))
    return found


def record(
    desk: Desk, here: Snapshot, rulings: Sequence[Ruling], now: datetime, by: Person = SELF, *, settled: bool = False
) -> str | None:  # fmt: skip
    """Commit rulings to rulings.md. The commit carries its topics/ tree: what stands now is accepted as expected, also where
    only older rulings are obeyed (`settled`).
    """
    if not rulings:
        tree = topics_tree(desk.memory.git, desk.head) if settled else ""
        message = f"project: what stands follows from what is written down\n\nKairos-Tree: {tree}\n"
        return desk.put(Commit({}, message, SELF, now)) if tree else None
    data = append(here.files.get(ruling.PATH, b""), ruling.HEADING, (format_ruling(r) for r in rulings))
    kinds = [f"{r.kind} {r.key}" for r in rulings]
    subject = "ruling: " + ", ".join(kinds[:3]) + (f" and {len(kinds) - 3} more" if len(kinds) > 3 else "")
    lines = "\n".join(f"{r.kind} {r.fact} {r.key} = {r.value[:100]}" for r in rulings)
    tree = topics_tree(desk.memory.git, desk.head)
    trailer = f"\nKairos-Tree: {tree}\n" if tree else ""
    if not desk.dry:
        spool.heed(desk.memory, max(r.epoch for r in rulings))
    return desk.put(Commit({ruling.PATH: data}, f"{subject}\n\n{lines}\n{trailer}", by, now))


def forget(memory: Memory, lost: Sequence[str]) -> None:
    """Lost dreams that were ruled upon are remembered elsewhere, so that they are ruled upon once; what of them stands all the
    same is remembered by the commits that hold it now, so that a reset of those counts.
    """
    git, branch = memory.git, memory.branch()
    for commit in lost:
        for carrier in carriers(git, commit):
            git.run("update-ref", f"{LANDED}{branch}/{carrier}", carrier)
        git.run("update-ref", f"{UNDONE}{branch}/{commit}", commit)
        git.run("update-ref", "-d", f"{LANDED}{branch}/{commit}")
