"""A model's answer -> annotations.

A proposal that names what it was not given, or quotes or copies what does not stand in its source, is dropped and counted,
never mended. Where more than half of an answer is bad, none of it is taken.

The one rule: every statement that was asked about is remembered as asked, whatever came back.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple

from kairos_git.dream.annotate import read_slot
from kairos_git.dream.packets import PROMPT, Packet
from kairos_git.dream.related import may_be_one
from kairos_git.memory.annotation import Annotation, annotate
from kairos_git.memory.observation import Observation
from kairos_git.memory.redact import redact
from kairos_git.memory.text import normal_text, normal_value

MOST_EACH = 3  # proposals about one statement: a reading, and what it is to others
DISTRUST = 0.5  # share of bad proposals above which a whole answer is not taken
FIELDS = ("op", "o", "f", "slot", "value", "quote")


class Answer(NamedTuple):
    """What a model said to one prompt. stop: the API's stop reason; usd: what the endpoint says it cost, None where it does not."""

    text: str
    stop: str
    tokens_in: int
    tokens_out: int
    usd: float | None = None


class Judged(NamedTuple):
    """annotations: what is kept, with one `abstain` for what nothing was proposed about; dropped: reason -> how many;
    failure: why none of the answer was taken, or "".
    """

    annotations: tuple[Annotation, ...]
    dropped: dict[str, int]
    failure: str = ""


def judge(packet: Packet, answer: Answer, model: str) -> Judged:
    """The annotations that an answer amounts to. Never raises, whatever the answer holds."""
    if answer.stop == "refusal":
        return _none(packet, model, "refused")
    if answer.stop in ("max_tokens", "model_context_window_exceeded"):
        return _none(packet, model, "cut off" if answer.stop == "max_tokens" else "too long for the model")
    rows = _rows(answer.text)
    if rows is None:
        return _none(packet, model, "not the JSON that was asked for")
    kept: list[Annotation] = []
    dropped: Counter[str] = Counter()
    for row in rows:
        made = _proposal(packet, row, model, kept)
        if isinstance(made, str):
            dropped[made] += 1
        elif made is not None:
            kept.append(made)
    if sum(dropped.values()) > DISTRUST * len(rows):
        return _none(packet, model, "mostly wrong")._replace(dropped=dict(dropped))
    about = {a.on[0] for a in kept}
    rest = tuple(o for o in packet.statements if o.id not in about)
    return Judged((*kept, *([_abstain(rest, model, "")] if rest else ())), dict(dropped))


def _none(packet: Packet, model: str, why: str) -> Judged:
    return Judged((_abstain(packet.statements, model, why),), {}, why)


def _abstain(statements: tuple[Observation, ...], model: str, why: str) -> Annotation:
    """ "I was asked about these and propose nothing"; `why` where that was no free choice."""
    made = annotate("abstain", tuple(o.id for o in statements), model=model, prompt=PROMPT)
    return made._replace(rest=json.dumps({"why": why}, separators=(",", ":"))) if why else made


def _rows(text: str) -> list[object] | None:
    """The proposals of an answer; None where it is not what was asked for. Words around the JSON are passed over."""
    for candidate in (text, text[text.find("{") : text.rfind("}") + 1]):
        try:
            said = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        rows = said.get("p") if isinstance(said, dict) else None
        return rows if isinstance(rows, list) else None
    return None


def _proposal(packet: Packet, row: object, model: str, kept: list[Annotation]) -> Annotation | str | None:
    """One proposal as an annotation, None for an abstention, or why it is dropped."""
    fields = {k: row.get(k) or "" for k in FIELDS} if isinstance(row, dict) else {}
    if not fields or not all(isinstance(v, str) for v in fields.values()):
        return "is no proposal"
    op, names = fields["op"], packet.names
    source = names.get(fields["o"]) if fields["o"].startswith("o") else None
    if source is None:
        return "names a statement it was not given"
    if op == "abstain":
        return None
    quote = fields["quote"]
    if not quote.strip() or quote not in source.text:
        return "quotes what does not stand in its source"
    if redact(quote).text != quote:
        return "quotes what looks like a secret"
    about = [a for a in kept if a.on[0] == source.id]
    if len(about) >= MOST_EACH:
        return "is one too many"
    if op == "slot":
        made: Annotation | str = _slot(source, fields, model)
    elif op in ("same", "supersedes", "different"):
        made = _pair(packet, source, names.get(fields["f"]), fields, model)
    else:
        return "is no kind of proposal"
    if isinstance(made, Annotation) and any((a.op == "slot") == (op == "slot") and a.on == made.on for a in about):
        return "says something else about the same"
    return made


def _slot(source: Observation, fields: dict[str, str], model: str) -> Annotation | str:
    value = normal_value(fields["value"])
    if redact(value).text != value:
        return "gives what looks like a secret as a value"
    made = annotate("slot", (source.id,), slot=fields["slot"], value=value, quote=fields["quote"], model=model, prompt=PROMPT)
    if "." not in fields["slot"] or "{" in fields["slot"]:
        return "names no slot"
    return made if read_slot(made, source) else "gives a value that does not stand in its source, or no slot"


def _pair(packet: Packet, source: Observation, other: Observation | None, fields: dict[str, str], model: str) -> Annotation | str:
    if other is None:
        return "names a statement it was not given"
    if other.id not in packet.near[packet.statements.index(source)]:
        return "was not asked about these two"
    if fields["op"] == "same" and not may_be_one(normal_text(source.text), normal_text(other.text)):
        return "calls two the same whose values differ"
    return annotate(fields["op"], (source.id, other.id), quote=fields["quote"], model=model, prompt=PROMPT)
