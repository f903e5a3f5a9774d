"""A fact: what is believed, as one line of a topic file.

    - Tests: `uv run --frozen pytest` <!--k f-3vq8m2xa1abcd tests.command confirmed from=2026-11-02 ev=o-…,o-… -->

The one rule: the id is the hash of slot, condition and normalised value, so that every machine computes the same
and a new wording keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from kairos_git.errors import Problem, UsageError
from kairos_git.memory.text import ID, code, code_spans, format_words, identity, normal_text, normal_value, parse_words

LIVE = ("confirmed", "contested", "tentative")  # what a topic holds
ENDED = ("superseded", "retired", "rejected")  # what only the fold still knows
LOADED = ("AGENTS.md", "CLAUDE.md")  # hand-written files that agents load by themselves, nested ones too
HEIGHT = {"confirmed": 3, "contested": 2, "tentative": 1}

FREE = frozenset({"note", "rules"})  # slots whose value is the whole statement
LONGEST_TOPIC = 64  # characters of a topic's name
LONGEST_SLUG = 64  # characters of a name within a slot
SLOT = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")
_KEY = r"[a-z0-9][a-z0-9.-]*(?:\{[^{} ]+\})?"
_LINE = re.compile(rf"- (.+) <!--k (f-{ID}) ({_KEY}) ([a-z]+)((?: [^ ]+)*) -->")
_MARK = re.compile(r"<!--k ")


class Fact(NamedTuple):
    """One fact.

    slot      the dotted name of what is spoken of; its first segment names the topic
    cond      the condition under which it holds, `os=windows`, or ""
    value     normalised: the first code span, or the whole normalised text for a free statement
    state     one of LIVE or ENDED
    since     the date it became true, `2026-11-02`
    until     the date it ceased to be true, or ""; never written to a topic
    evidence  ids of the earliest sufficient observations, in (time, id) order
    """

    id: str
    slot: str
    cond: str
    value: str
    text: str
    state: str
    since: str
    evidence: tuple[str, ...]
    until: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Slot and condition as they are written: `tests.command{os=windows}`."""
        return f"{self.slot}{{{self.cond}}}" if self.cond else self.slot

    @property
    def topic(self) -> str:
        return topic_of(self.slot)

    @property
    def loaded(self) -> str:
        """The hand-written file that alone says it and that agents load anyway, or "": then it need not be shown beside it."""
        return dict(self.extra).get("in", "")

    @property
    def live(self) -> bool:
        return self.state in LIVE


def topic_of(slot: str) -> str:
    """The topic a slot belongs to: its first segment, `note` in `notes`."""
    first = slot.partition(".")[0]
    return "notes" if first == "note" else first[:LONGEST_TOPIC]


def slug(text: str) -> str:
    """A name as one segment of a slot. What is too long is cut and told apart by its hash, so that two names stay two."""
    made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if len(made) <= LONGEST_SLUG:
        return made
    return f"{made[: LONGEST_SLUG - 9].strip('-')}-{sha256(text.lower().encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


_ADDRESS = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]+@)?|(?:\.git)?/*$", re.IGNORECASE)


def version_slot(thing: str) -> str:
    """The slot of the version a project pins of a thing; an address names the same thing with its scheme and without."""
    return "version." + slug(_ADDRESS.sub("", thing.strip("` ")))


def fact_id(slot: str, cond: str, value: str) -> str:
    """The id of the fact that `slot`, under `cond`, has the normalised `value`."""
    return identity("f", slot, cond, value)


def value_of(slot: str, text: str) -> str:
    """The normalised value a fact's text states."""
    spans = code_spans(text)
    if slot in FREE or not spans:
        return normal_text(text)
    return normal_value(spans[0])


def text_of(slot: str, value: str) -> str:
    """A text for a value that no observation words well: `Tests command: `tox``."""
    return f"{slot.replace('.', ' ').replace('-', ' ').capitalize()}: {code(value)}"


def split_key(key: str) -> tuple[str, str]:
    """`tests.command{os=windows}` -> (`tests.command`, `os=windows`)."""
    slot, _, cond = key.partition("{")
    return slot, cond.removesuffix("}")


def format_fact(fact: Fact) -> str:
    """The line, without its newline."""
    words = (("from", fact.since), ("ev", ",".join(fact.evidence)), *fact.extra)
    return f"- {fact.text} <!--k {fact.id} {fact.key} {fact.state}{format_words(words)} -->"


def is_fact_line(line: str) -> bool:
    """Whether a line claims to be a fact, whole or damaged."""
    return _MARK.search(line) is not None


def parse_fact(line: str, path: str = "", number: int = 0) -> Fact | Problem:
    """One fact line of a topic. A damaged or hand-changed one is a Problem of law 1."""
    match = _LINE.fullmatch(line)
    if match is None:
        return Problem(path, number, "is not a fact line any more", 1)
    text, name, key, state, words = match.groups()
    slot, cond = split_key(key)
    pairs = dict(parse_words(words))
    evidence = tuple(part for part in pairs.pop("ev", "").split(",") if part)
    since = pairs.pop("from", "")
    value = value_of(slot, text)
    fact = Fact(name, slot, cond, value, text, state, since, evidence, extra=tuple(pairs.items()))
    if state not in LIVE:
        return Problem(path, number, f"{name} has the state {state!r}; a topic holds {', '.join(LIVE)}", 1)
    if fact_id(slot, cond, value) != name:
        return Problem(path, number, f"{name} is not the hash of {key} = {value}", 1)
    if format_fact(fact) != line:
        return Problem(path, number, f"{name} is not written the one way it can be", 1)
    return fact


def sort_key(fact: Fact) -> tuple[str, str, str]:
    """The order of facts in a topic: by slot, then condition, then id."""
    return (fact.slot, fact.cond, fact.id)


def choose(facts: Iterable[Fact], name: str) -> Fact:
    """The fact an id or its unambiguous beginning names. Raises UsageError where none or several do."""
    found = [f for f in facts if f.id == name or (len(name) >= 4 and f.id.startswith(name))]
    exact = [f for f in found if f.id == name] or found
    if len(exact) == 1:
        return exact[0]
    if exact:
        raise UsageError(f"{name} is the beginning of several ids: {', '.join(f.id for f in exact[:5])}.")
    raise UsageError(f"There is no fact {name}. `kairos-git facts --all` lists every one.")
