"""The nightly dream at half price: packets handed over as a Message Batch, and taken back when it has ended.

Collecting twice, or on two machines, gives the same annotations, and an annotation's id makes the second of them nothing.

The one rule: a batch is let go of only when what it proposed is committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime

from kairos_git.dream import claude
from kairos_git.dream.packets import Packet, prompt_of
from kairos_git.dream.proposals import Answer, judge
from kairos_git.errors import UsageError
from kairos_git.memory.annotation import format_annotation
from kairos_git.memory.landing import Desk
from kairos_git.memory.observation import Observation
from kairos_git.runner.model.ledger import Entry, Ledger, Spent, append_synced, price, total
from kairos_git.runner.model.left import recorder
from kairos_git.runner.model.proposing import KEPT, Asked, commit, kept, pending, settings_of, told_of
from kairos_git.runner.model.waiting import Shape, Waiting, forget, keep, waiting
from kairos_git.settings import Model, Settings


def submit(desk: Desk, now: datetime) -> Asked:
    """Hand over everything that is to be asked, as far as the budget goes. Raises UsageError and ModelFailed."""
    model = _model(settings_of(desk))
    packets = pending(desk, kept(desk.memory), model.sees)
    if not packets or desk.dry:
        return Asked(
            notes=("nothing to submit: no new statement needs the model" if not packets else "a dry run submits nothing",)
        )
    ledger, taken = Ledger(desk.memory.own), []
    tokens_in = most = 0
    refused = None
    for packet in packets:
        prompt = prompt_of(packet)
        usd = price(model, tokens_in + prompt.tokens_in, most + prompt.most, batch=True)
        refused = ledger.refusal(model, now, Spent(), tokens_in + prompt.tokens_in + most + prompt.most, usd)
        if refused:
            break
        tokens_in, most = tokens_in + prompt.tokens_in, most + prompt.most
        taken.append(packet)
    notes = [f"{_statements(packets[len(taken) :])} not submitted: {refused}"] if refused else []
    if not taken:
        return Asked(notes=tuple(notes))
    entry = ledger.reserve(now, model.label, tokens_in, most, price(model, tokens_in, most, batch=True), batch=True)
    try:
        name = claude.submit(model, {p.id: prompt_of(p) for p in taken}, recorder(desk.memory, "batch", now))
    except BaseException:
        ledger.settle(entry, 0, 0, 0.0)
        raise
    shapes = {p.id: Shape(tuple(o.id for o in p.statements), tuple(o.id for o in p.facts), p.near) for p in taken}
    keep(desk.memory, Waiting(name, model.label, entry, shapes))
    told = (
        f"submitted {_statements(taken)} to {model.label} as {name}: at most {total([entry])}; collect it with `dream --collect`"
    )
    return Asked(notes=(told, *notes), model=model.label)


def collect(desk: Desk, now: datetime) -> Asked:
    """Take back every batch that has ended, and commit what it proposes. Raises UsageError and ModelFailed."""
    model = _model(settings_of(desk))
    ledger, judged, entries, notes, done = Ledger(desk.memory.own), [], [], [], []
    batches = waiting(desk.memory)
    by_id = {o.id: o for o in desk.snapshot().observations}
    for batch in batches if not desk.dry else ():
        here = claude.collect(model, batch.id)
        if here is None:
            notes.append(f"{batch.id} is not known to the endpoint any more; its statements are asked about again")
            done.append(batch)
        elif here.answers is None:
            notes.append(f"{batch.id} is not ready: {here.done} of {here.of} answers; try again later")
        else:
            answers = {name: a for name, a in here.answers.items() if isinstance(a, Answer)}
            for name, answer in sorted(answers.items()):
                packet = _packet(batch.packets[name], by_id) if name in batch.packets else None
                judged += [judge(packet, answer, batch.model)] if packet else []
            notes += _left(batch, here.answers)
            entries.append(_settle(ledger, model, batch, answers.values()))
            done.append(batch)
    spent = total(entries)
    if judged:
        append_synced(os.path.join(desk.memory.own, KEPT), *(format_annotation(a) for j in judged for a in j.annotations))
        notes.insert(0, f"{model.label}: {told_of(judged)}; {spent}")
    annotations = commit(desk, model, now, spent, judged)
    for batch in done:
        forget(desk.memory, batch)
    return Asked(annotations, tuple(notes or ["there is no batch to collect"]), spent, model.label)


def _model(settings: Settings) -> Model:
    if settings.model is None:
        raise UsageError("No model is set. Write `model: {name: …}` in the memory's kairos.yaml and commit it.")
    if settings.model.via != "api":
        raise UsageError("Message Batches need the Messages API: `via: claude` cannot submit or collect one.")
    return settings.model


def _packet(shape: Shape, by_id: dict[str, Observation]) -> Packet | None:
    """The packet as it was asked; None where an observation of it was redacted since."""
    if not {*shape.asked, *shape.facts} <= set(by_id):
        return None
    return Packet(tuple(by_id[n] for n in shape.asked), tuple(by_id[n] for n in shape.facts), shape.near)


def _left(batch: Waiting, answers: dict[str, Answer | str]) -> list[str]:
    """What came back without an answer: it is asked about again."""
    reasons: dict[str, int] = {}
    for name, shape in batch.packets.items():
        answer = answers.get(name, "no answer")
        if not isinstance(answer, Answer):
            reasons[answer] = reasons.get(answer, 0) + len(shape.asked)
    return [
        f"{n} statement{'' if n == 1 else 's'} of {batch.id} came back unanswered ({why}); asked about again"
        for why, n in sorted(reasons.items())
    ]


def _settle(ledger: Ledger, model: Model, batch: Waiting, answers: Iterable[Answer]) -> Entry:
    made = list(answers)
    sent, said = sum(a.tokens_in for a in made), sum(a.tokens_out for a in made)
    return ledger.settle(batch.entry, sent, said, price(model, sent, said, batch=True))


def _statements(packets: Iterable[Packet]) -> str:
    n = sum(len(p.statements) for p in packets)
    return f"{n} statement{'' if n == 1 else 's'}"
