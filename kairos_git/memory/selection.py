"""Which of what is known about a project an agent starts with, and on which lines.

The one rule: what people told stands whole and first; of what a survey read, the most useful lines, at most 60 with
their headings. Facts that belong together share a line, and every line names each fact it shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from kairos_git.memory.fact import Fact, topic_of
from kairos_git.memory.text import code, code_spans

MOST_SURVEYED = 54  # lines of what a survey read, headings included; with the index's own frame and blanks, 60 or so
LONGEST = 240  # characters of one line's text

_TOLD = ("rules", "uses", "notes")  # what only people know comes first
_SAID = re.compile(r" \(also in `[A-Z]+\.md`\)$")  # an agent loads that file anyway
_GLOSS = re.compile(r"“[^“”]*”")


class Line(NamedTuple):
    """One line of the index and the facts it shows."""

    section: str
    text: str
    facts: tuple[Fact, ...]


class Family(NamedTuple):
    """Facts of a survey that are chosen and shown alike.

    slots   a pattern of whole slots, `{}` after a slot with a condition; the first family that matches takes a fact
    shape   "each": one fact a line · "joined": sentences, as many as a line holds · "spans": values and glosses alone
    label   what stands before the spans
    worth   the place of its first line among all; smaller is more useful
    step    how much less the next line is worth
    most    lines at most
    """

    section: str
    slots: str
    shape: str
    label: str = ""
    worth: int = 50
    step: int = 10
    most: int = 3


def _commands(*purposes: str) -> Iterator[Family]:
    for worth, purpose in enumerate(purposes):
        yield Family("Commands", rf"{purpose}\.command", "each", worth=worth, most=1)


_PURPOSES = (
    "install", "dev", "build", "tests", "one-test", "e2e", "lint", "fix", "format", "types", "check", "docs", "generate"
)  # fmt: skip
FAMILIES = (
    Family("Project", r"about\.summary", "each", worth=14, most=1),
    Family("Project", r"[a-z]+\.(?:requires|package-manager)", "joined", worth=15, most=2),
    Family("Project", r"parts\..+", "spans", "Parts: ", worth=26, step=12, most=4),
    Family("Project", r"entry-points\..+", "joined", worth=48, step=20, most=2),
    Family("Project", r"ci\.(?:python|node|go|rust|os)", "joined", worth=40, most=1),
    Family("Project", r"(?:python|node|go|rust|build)\.[a-z-]+", "joined", worth=46, step=8, most=3),
    *_commands(*_PURPOSES),
    Family("Commands", r"[a-z0-9-]+\.command\{\}", "spans", worth=25, step=6, most=5),
    Family("Commands", r"(?:scripts|make|just|task|poe|tox|nox|cargo|hatch|pdm|deno)\..+", "spans", "More tasks: ", worth=29, step=9, most=4),
    Family("Commands", r"ci\.run", "spans", "CI runs ", worth=27, step=7, most=6),
    Family("Commands", r"checks\..+", "spans", "Checks: ", worth=34, step=10, most=3),
    Family("Commands", r"docs-commands\..+", "spans", "Contributors also type ", worth=44, step=12, most=2),
    Family("Layout", r"layout\..+", "spans", worth=16, step=3, most=16),
    Family("Layout", r"tests\.layout\..+", "spans", "Tests are in ", worth=24, step=14, most=2),
    Family("Settings", r"(?:lint|format|fix|types|tests|build|check|docs|generate)\.[a-z0-9.-]+", "joined", worth=33, step=5, most=9),
    Family("Made by programs", r"generated\..+", "joined", worth=31, step=9, most=3),
    Family("Worth reading", r"guides\..+", "spans", worth=28, step=8, most=4),
    Family("History", r"(?:history|git)\..+", "joined", worth=39, step=5, most=4),
)  # fmt: skip
_SECTIONS = tuple(dict.fromkeys(family.section for family in FAMILIES))


def select(facts: Iterable[Fact]) -> list[Line]:
    """The index's lines of these confirmed facts, in the order they are to stand, before its budgets."""
    told: list[Fact] = []
    families: dict[Family, list[Fact]] = {family: [] for family in FAMILIES}
    for fact in sorted(facts, key=lambda f: (f.slot, f.cond, f.id)):
        family = _family(fact.slot, bool(fact.cond))
        (told if family is None else families[family]).append(fact)
    return [*_told(told), *_surveyed(families)]


def section_of(slot: str) -> str:
    """The heading that facts of a slot stand under."""
    family = _family(slot)
    return _heading(slot) if family is None else family.section


@lru_cache(maxsize=4096)
def _family(slot: str, conditional: bool = False) -> Family | None:
    """A family that names no condition takes facts with one too, unless it is one of a single command."""
    for family in FAMILIES:
        if re.fullmatch(family.slots, f"{slot}{{}}" if conditional else slot):
            return family
        if conditional and family.shape != "each" and re.fullmatch(family.slots, slot):
            return family
    return None


def _heading(slot: str) -> str:
    return topic_of(slot).replace("-", " ").capitalize()


def _told(facts: Sequence[Fact]) -> Iterator[Line]:
    def place(fact: Fact) -> tuple[int, str]:
        known = fact.topic in _TOLD
        return (_TOLD.index(fact.topic) if known else len(_TOLD), fact.topic)

    for fact in sorted(facts, key=place):
        yield Line(_heading(fact.slot), _cut(fact.text + _where(fact)), (fact,))


def _surveyed(families: dict[Family, list[Fact]]) -> list[Line]:
    """The most useful lines of a survey within its budget, by section."""
    shown: set[str] = set()
    found: list[tuple[int, int, Line]] = []
    for family, facts in families.items():
        fresh = [f for f in facts if not _SAID.search(f.text) and not _repeats(f, shown)]
        lines = _SHAPES[family.shape](family, fresh)[: family.most]
        shown.update(_value(f) for line in lines for f in line.facts)
        found += [(family.worth + n * family.step, len(found) + n, line) for n, line in enumerate(lines)]
    chosen: list[tuple[int, Line]] = []
    sections: set[str] = set()
    for _, place, line in sorted(found, key=lambda one: one[:2]):
        rows = 1 if line.section in sections else 3
        if len(chosen) + 2 * len(sections) + rows > MOST_SURVEYED:
            break
        sections.add(line.section)
        chosen.append((place, line))
    return [line for _, line in sorted(chosen, key=lambda one: (_SECTIONS.index(one[1].section), one[0]))]


def _repeats(fact: Fact, shown: set[str]) -> bool:
    """Whether a task or a CI line only says again what a purpose's command says."""
    value = _value(fact)
    return not fact.cond and (value in shown or (fact.slot == "ci.run" and any(value.startswith(f"{s} ") for s in shown)))


def _each(family: Family, facts: Sequence[Fact]) -> list[Line]:
    return [Line(family.section, _cut(f.text), (f,)) for f in facts]


def _joined(family: Family, facts: Sequence[Fact]) -> list[Line]:
    return _packed(family, family.label, [(f.text + _where(f), f) for f in facts], ". ")


def _spans(family: Family, facts: Sequence[Fact]) -> list[Line]:
    """The project's own first, then the parts that have most to show."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.cond.removeprefix("part="), []).append(fact)
    lines: list[Line] = []
    for part, some in sorted(groups.items(), key=lambda one: (one[0] != "", -len(one[1]), one[0])):
        label = f"In {code(part)}: {family.label.lower()}" if part else family.label
        lines += _packed(family, label, [(_span(f), f) for f in some], ", ")
    return lines


def _span(fact: Fact) -> str:
    quoted = _GLOSS.search(fact.text)
    return code(_value(fact)) + (f" {quoted.group()}" if quoted else "")


def _packed(family: Family, label: str, pieces: Sequence[tuple[str, Fact]], between: str) -> list[Line]:
    """As many pieces a line as fit into it, in their order."""
    lines: list[Line] = []
    text = ""
    held: list[Fact] = []
    for piece, fact in pieces:
        longer = f"{text}{between}{piece}" if text else f"{label}{piece}"
        if text and len(longer) > LONGEST:
            lines.append(Line(family.section, _cut(text), tuple(held)))
            longer, held = f"{label}{piece}", []
        text = longer
        held.append(fact)
    return [*lines, Line(family.section, _cut(text), tuple(held))] if text else lines


_SHAPES: dict[str, Callable[[Family, Sequence[Fact]], list[Line]]] = {"each": _each, "joined": _joined, "spans": _spans}


def _value(fact: Fact) -> str:
    spans = code_spans(fact.text)
    return spans[0] if spans else fact.value


def _where(fact: Fact) -> str:
    return f" ({fact.cond.replace('=', ' ')})" if fact.cond else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
