"""Observations -> claims: the rules' proposals, recomputed each time, and a model's, which are stored.

A model's "this line speaks of slot X with value V" holds for every line of the same words, whoever says them; what it
proposes about two lines is in `related`.

The one rule: a proposal is only as good as the observation it is about. It adds no evidence and no trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kairos_git.dream.evidence import NO_EVIDENCE
from kairos_git.dream.slots import Claim, claims
from kairos_git.dream.wording import imperative
from kairos_git.memory.annotation import Annotation
from kairos_git.memory.fact import FREE, SLOT, split_key, text_of, value_of
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import code, code_spans, normal_value

UNREAD = NO_EVIDENCE | {"probe"}  # sources that a model neither sees nor reads anew
LONGEST_VALUE = 200
_TOKEN = re.compile(r"v?\d+(?:\.\d+)+|(?:[\w.-]+/)+[\w.-]+")
_OPERATOR = re.compile(r"^[<>=~^!]+")


def annotate(observations: Sequence[Observation], annotations: Iterable[Annotation] = ()) -> list[Claim]:
    """Every claim of the observations: by the rules, and by a model where its quote stands in the observation."""
    found = [_plain(_placed(claim)) for o in observations for claim in claims(o)]
    proposed = sorted((a for a in annotations if a.op == "slot" and len(a.on) == 1), key=lambda a: a.id)
    if not proposed:
        return found
    by_id = {o.id: o for o in observations}
    alike: dict[str, list[Observation]] = {by_id[a.on[0]].text: [] for a in proposed if a.on[0] in by_id}
    for o in observations:
        if o.text in alike:
            alike[o.text].append(o)
    many = {c.slot for c in found if c.many}
    held = {(c.o.id, c.slot, c.cond, c.value) for c in found}
    for a in proposed:
        for o in alike[by_id[a.on[0]].text] if a.on[0] in by_id else ():
            claim = read_slot(a, o, many)
            if claim and (claim.o.id, claim.slot, claim.cond, claim.value) not in held:
                held.add((claim.o.id, claim.slot, claim.cond, claim.value))
                found.append(claim)
    return found


def read_slot(a: Annotation, o: Observation, many: Iterable[str] = ()) -> Claim | None:
    """A model's reading of one observation as a claim, or None where law 15 or the source forbids it."""
    slot, cond = split_key(a.slot)
    value = normal_value(a.value)
    if (
        o.src in UNREAD
        or o.word("event") is not None
        or slot in FREE
        or not SLOT.fullmatch(slot)
        or not 0 < len(value) <= LONGEST_VALUE
    ):
        return None
    if value not in o.text or not a.quote or a.quote not in o.text:
        return None
    return _plain(Claim(o, slot, cond, value, _worded(slot, value, o.text), many=slot in many))


def _worded(slot: str, value: str, text: str) -> str:
    """The speaker's own words, the value marked where it first stands, if it can be read back from them; else ours."""
    words = text if code_spans(text) else text.replace(value, code(value), 1)
    return words if value_of(slot, words) == value else text_of(slot, value)


def _placed(c: Claim) -> Claim:
    """A claim read in a document: one that speaks of a folder holds for that folder, and one that it dropped is gone from it."""
    if c.o.word("stated") is not None and c.o.word("gone") is not None:
        c = c._replace(gone=True)
    part = c.o.word("part")
    if not part:
        return c
    here = "part=" + part.replace(" ", "-").replace("{", "(").replace("}", ")")
    return c._replace(cond=f"{c.cond},{here}" if c.cond else here)


def _plain(c: Claim) -> Claim:
    """Law 12: under a slot, too, only the owner's words may tell the reader what to do; of others' the value is kept."""
    if c.slot in FREE or c.o.src in ("owner", "probe") or not imperative(c.text):
        return c
    return c._replace(text=text_of(c.slot, c.value))


def unsupported(text: str, told: str) -> list[str]:
    """The values in a text (code, versions, paths) that do not occur in what was told: what law 4 forbids."""
    words = [w for span in code_spans(text) for w in span.split()] + _TOKEN.findall(text)
    return [w for w in words if w not in told and _OPERATOR.sub("", w) not in told]


def behind(
    fact_slot: str, fact_value: str, supports: Iterable[str], annotations: Iterable[Annotation], texts: Mapping[str, str]
) -> list[Annotation]:
    """The proposals that had a part in a fact: readings that gave it its value, and pairs that joined or opposed its words.

    supports  ids of the observations behind it
    texts     id -> words of every observation
    """
    ids = set(supports)
    said = {texts[name] for name in ids if name in texts}
    found = []
    for a in sorted(annotations, key=lambda a: a.id):
        if a.op == "slot" and len(a.on) == 1:
            mine = split_key(a.slot)[0] == fact_slot and normal_value(a.value) == fact_value and texts.get(a.on[0]) in said
        else:
            mine = a.op in ("same", "supersedes") and fact_slot in FREE and not ids.isdisjoint(a.on)
        found += [a] if mine else []
    return found
