"""The model's turn in a dream: packets -> budget -> calls -> annotations, in a commit of their own.

The one rule: what was paid for is kept, whatever fails afterwards, and a failure never becomes an answer: without the model
the rules go on alone.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from kairos_git.dream import claude, claude_cli
from kairos_git.dream.packets import Packet, Prompt, plan, prompt_of
from kairos_git.dream.proposals import Answer, Judged, judge
from kairos_git.errors import ModelFailed, ModelTimedOut
from kairos_git.memory.annotation import Annotation, annotation_path, format_annotation, parse_annotations
from kairos_git.memory.daylog import append
from kairos_git.memory.landing import SELF, Commit, Desk, read_regular
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import SETTINGS
from kairos_git.runner.model.ledger import Entry, Ledger, Spent, append_synced, price, total
from kairos_git.runner.model.left import recorder
from kairos_git.runner.model.waiting import waiting
from kairos_git.settings import SEEN, Model, Settings, load_settings

KEPT = "proposed"  # annotations that were paid for and are not committed yet
LONGEST = 600.0  # seconds after which a dream asks no further question: it holds the memory alone


class Asked(NamedTuple):
    """What came of asking.

    annotations  what was proposed, abstentions included; committed already
    notes        what to tell the person: what was done, what it cost, what failed
    spent        the calls of this run
    model        the model's name, "" where none was asked
    """

    annotations: tuple[Annotation, ...] = ()
    notes: tuple[str, ...] = ()
    spent: Spent = Spent()
    model: str = ""

    @property
    def trailer(self) -> str:
        """`Kairos-Model: claude-haiku-5-5; 2 calls, 812 tokens in, 64 out, $0.0001` and a newline; "" where none was asked."""
        return f"Kairos-Model: {self.model}; {self.spent}\n" if self.spent.calls else ""


def settings_of(desk: Desk) -> Settings:
    """kairos.yaml as it is committed: an edit that nobody committed chooses no model."""
    return load_settings(desk.snapshot().files.get(SETTINGS, b""))


def ask(desk: Desk, now: datetime) -> Asked:
    """Ask the model, if one is set, about what is new, and commit what it proposes. Never raises ModelFailed.

    On a dry desk nothing is asked: what a dry run pays for could not be kept.
    """
    model = settings_of(desk).model
    if model is None:
        return Asked()
    left = kept(desk.memory)
    packets = pending(desk, left, model.sees)
    if desk.dry:
        return Asked(notes=(f"{_count(packets)} would be shown to {model.label}; a dry run asks nothing",) if packets else ())
    run = _Run(desk.memory, model, now)
    if packets:
        run.through(packets)
    annotations = commit(desk, model, now, run.spent, run.judged)
    return Asked(annotations, tuple(run.notes()), run.spent, model.label)


def pending(desk: Desk, left: Sequence[Annotation] = (), sees: Sequence[str] = SEEN) -> list[Packet]:
    """The packets that are still to be asked at the desk's head, of the sources the model may see; what waits in a batch is not."""
    here = desk.snapshot()
    shown = [o for o in here.observations if o.src in sees]
    handed_over = {o for batch in waiting(desk.memory) for shape in batch.packets.values() for o in shape.asked}
    return plan(shown, (*here.annotations, *left), here.facts.values(), handed_over)


def sender(memory: Memory, model: Model, now: datetime, retries: int = claude.RETRIES) -> Callable[[Model, Prompt], Answer]:
    """How a model is asked; what is sent to it is kept for the owner to look at. Raises ModelFailed when called."""
    leaving = recorder(memory, "model", now)
    if model.via == "api":
        return partial(claude.ask, leaving=leaving, retries=retries)
    return partial(claude_cli.ask, leaving=leaving)


class _Run:
    """The calls of one dream. Owns what was judged and spent so far."""

    def __init__(self, memory: Memory, model: Model, now: datetime) -> None:
        self.memory, self.model, self.now = memory, model, now
        self.ledger = Ledger(memory.own)
        self.judged: list[Judged] = []
        self.entries: list[Entry] = []
        self.stopped = ""
        self._send = sender(memory, model, now)

    @property
    def spent(self) -> Spent:
        return total(self.entries)

    def through(self, packets: Sequence[Packet]) -> None:
        """Ask one packet after the other until all are asked, a budget is used up, or the model fails."""
        started = time.monotonic()
        queue = deque(packets)
        while queue and not self.stopped:
            if time.monotonic() - started > LONGEST:
                self.stopped = f"{_count(queue)} left: {LONGEST:g} s of asking are enough for one dream"
                return
            packet = queue.popleft()
            answer = self._call(prompt_of(packet), _count([packet, *queue]))
            if answer is None:
                return
            if answer.stop == "max_tokens" and len(packet.statements) > 1:  # too much at once: ask for less
                queue.extendleft(reversed(halves(packet)))
                continue
            judged = judge(packet, answer, self.model.label)
            self.judged.append(judged)
            append_synced(os.path.join(self.memory.own, KEPT), *map(format_annotation, judged.annotations))

    def _call(self, prompt: Prompt, left: str) -> Answer | None:
        """One call within the budget; None where it may not be made or failed."""
        tokens_in = prompt.tokens_in + (claude_cli.OVERHEAD if self.model.via == "claude" else 0)
        usd = price(self.model, tokens_in, prompt.most)
        refused = self.ledger.refusal(self.model, self.now, self.spent, tokens_in + prompt.most, usd)
        if refused:
            self.stopped = f"{left} not asked about: {refused}; the rules go on alone"
            return None
        entry = self.ledger.reserve(self.now, self.model.label, tokens_in, prompt.most, usd)
        try:
            answer = self._send(self.model, prompt)
        except ModelTimedOut as error:
            self.entries.append(entry)
            self.stopped = f"{error} It counts as {total([entry])}. {left} left to the rules."
            return None
        except ModelFailed as error:
            self.entries.append(self.ledger.settle(entry, 0, 0, 0.0))
            self.stopped = f"{error} {left} left to the rules; the failed call cost nothing."
            return None
        known = answer.usd if answer.usd is not None else price(self.model, answer.tokens_in, answer.tokens_out)
        self.entries.append(self.ledger.settle(entry, answer.tokens_in, answer.tokens_out, known))
        return answer

    def notes(self) -> list[str]:
        told = [f"{self.model.label}: {told_of(self.judged)}; {self.spent}"] if self.judged else []
        return told + ([self.stopped] if self.stopped else [])


def halves(packet: Packet) -> list[Packet]:
    """A packet as two, each with what its statements may be held against."""
    middle = len(packet.statements) // 2
    known = {o.id: o for o in packet.names.values()}
    made = []
    for part in (slice(None, middle), slice(middle, None)):
        statements, near = packet.statements[part], packet.near[part]
        inside = {o.id for o in statements}
        facts = {name: known[name] for ids in near for name in ids if name not in inside}
        made.append(Packet(statements, tuple(facts.values()), near, packet.slots))
    return made


def kept(memory: Memory) -> tuple[Annotation, ...]:
    """What was paid for by a run that was cut off before it could commit."""
    data = read_regular(os.path.join(memory.own, KEPT)) or b""
    return parse_annotations(KEPT, data)[0]


def commit(desk: Desk, model: Model, now: datetime, spent: Spent, judged: Sequence[Judged]) -> tuple[Annotation, ...]:
    """Commit what was kept and is not in the memory yet, as `annotate: …`, and let go of it. Returns what was committed."""
    here = desk.snapshot()
    known = {a.id for a in here.annotations}
    fresh = [a for a in kept(desk.memory) if a.id not in known]
    if fresh:
        path = annotation_path(now.isoformat()[:10])
        data = append(here.files.get(path, b""), "", map(format_annotation, fresh))
        lines = "\n".join(f"{a.op} {a.id} {','.join(a.on)}{f' {a.slot} = {a.value}' if a.slot else ''}" for a in fresh)
        message = f"annotate: {_told(fresh)} by {model.label}\n\n{lines}\n\nKairos-Model: {model.label}; {spent}\n"
        desk.put(Commit({path: data}, message, SELF, now))
    path = os.path.join(desk.memory.own, KEPT)
    if os.path.exists(path) and not desk.dry:
        os.unlink(path)
    return tuple(fresh)


def told_of(judged: Iterable[Judged]) -> str:
    """`2 proposals (1 same, 1 slot), 3 abstained; 1 dropped: quotes what does not stand in its source`."""
    all_of = list(judged)
    dropped = sum((Counter(j.dropped) for j in all_of), Counter[str]())
    words = [_told([a for j in all_of for a in j.annotations])]
    words += [f"{n} dropped: {why}" for why, n in sorted(dropped.items())]
    failed = Counter(j.failure for j in all_of if j.failure)
    words += [f"{n} answer{'s' if n > 1 else ''} not taken ({why}): the rules go on alone" for why, n in sorted(failed.items())]
    return "; ".join(words)


def _told(annotations: Iterable[Annotation]) -> str:
    made = list(annotations)
    kinds = Counter(a.op for a in made if a.op != "abstain")
    silent = sum(len(a.on) for a in made if a.op == "abstain")
    count = sum(kinds.values())
    listed = f" ({', '.join(f'{n} {op}' for op, n in sorted(kinds.items()))})" if kinds else ""
    return f"{count} proposal{'' if count == 1 else 's'}{listed}" + (f", {silent} abstained" if silent else "")


def _count(packets: Iterable[Packet]) -> str:
    n = sum(len(p.statements) for p in packets)
    return f"{n} statement{'' if n == 1 else 's'}"
