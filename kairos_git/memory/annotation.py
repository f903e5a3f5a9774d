"""An annotation: what a model proposes about observations, as one line of JSON.

    {"id":"a-…","op":"slot","on":["o-…"],"slot":"tests.command","value":"tox","quote":"run tox","model":"…","prompt":"1"}

The one rule: an annotation proposes and decides nothing; who proposed it, by which prompt, stays with it.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from kairos_git.errors import Problem
from kairos_git.memory.text import identity

OPS = ("slot", "same", "different", "supersedes", "abstain")
_PATH = re.compile(r"annotations/\d{4}/\d{2}/\d{4}-\d{2}-\d{2}\.jsonl")


class Annotation(NamedTuple):
    """One proposal. `on` are ids of observations, newest first where order matters; `rest` is every further field, as JSON."""

    id: str
    op: str
    on: tuple[str, ...]
    slot: str = ""
    value: str = ""
    quote: str = ""
    model: str = ""
    prompt: str = ""
    rest: str = "{}"


def annotation_path(day: str) -> str:
    """Where the annotations of a day stand."""
    return f"annotations/{day[:4]}/{day[5:7]}/{day}.jsonl"


def is_annotation_path(path: str) -> bool:
    """Whether a file holds a day's annotations."""
    return _PATH.fullmatch(path) is not None


def annotate(
    op: str, on: tuple[str, ...], *, slot: str = "", value: str = "", quote: str = "", model: str = "", prompt: str = ""
) -> Annotation:
    """Make an annotation; the same proposal by the same model and prompt has one id."""
    name = identity("a", op, *on, slot, value, quote, model, prompt)
    return Annotation(name, op, on, slot, value, quote, model, prompt)


def format_annotation(a: Annotation) -> str:
    """The line of JSON, without its newline: named fields in order, then the rest as it was."""
    fields: dict[str, object] = {"id": a.id, "op": a.op, "on": list(a.on)}
    fields |= {k: v for k, v in zip(("slot", "value", "quote", "model", "prompt"), a[3:8], strict=True) if v}
    return json.dumps(fields | json.loads(a.rest), ensure_ascii=False, separators=(",", ":"))


def parse_annotation(line: str, path: str = "", number: int = 0) -> Annotation | Problem:
    """One line of an annotations file. A damaged one is a Problem of law 1 and proposes nothing."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return Problem(path, number, "is not JSON", 1)
    if not isinstance(fields, dict) or fields.get("op") not in OPS:
        return Problem(path, number, f"is not a proposal ({', '.join(OPS)})", 1)
    on = fields.get("on")
    texts = {k: fields.get(k, "") for k in ("slot", "value", "quote", "model", "prompt")}
    if not isinstance(on, list) or not all(isinstance(t, str) for t in (*on, *texts.values(), fields.get("id"))):
        return Problem(path, number, "has a field of the wrong kind", 1)
    made = annotate(fields["op"], tuple(on), **texts)
    rest = {k: v for k, v in fields.items() if k not in {"id", "op", "on", *texts}}
    made = made._replace(rest=json.dumps(rest, ensure_ascii=False, separators=(",", ":")))
    if made.id != fields["id"] or format_annotation(made) != line:
        return Problem(path, number, f"{fields['id']} is not the hash of its line, or not written the one way it can be", 1)
    return made


def parse_annotations(path: str, data: bytes) -> tuple[tuple[Annotation, ...], tuple[Problem, ...]]:
    """Every annotation of a file, each id once, and a Problem for every line that is none."""
    found = [
        parse_annotation(line.removesuffix("\r"), path, number)
        for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1)
        if line.strip()
    ]
    good = {a.id: a for a in found if isinstance(a, Annotation)}
    return tuple(good.values()), tuple(p for p in found if isinstance(p, Problem))
