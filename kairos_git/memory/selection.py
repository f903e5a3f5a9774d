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

MOST_SURVEYED = 56  # lines of what a survey read, headings included; 60 with the index's own head and close
LONGEST = 240  # characters of one line's text
FEWEST_OF_PART = 3  # commands of a part, where several parts have some
WIDE = 480  # of a line that lists what stands side by side

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
    shape   "each": one fact a line · "joined": sentences, as many as a line holds · "spans": values and glosses, the
            project's before each part's · "lists": values alone
    label   what stands before the spans
    worth   the place of its first line among all; smaller is more useful
    step    how much less the next line is worth
    most    lines at most
    width   characters of a line's text
    glossed whether it takes only facts with a gloss that says more than their path does
    """

    section: str
    slots: str
    shape: str
    label: str = ""
    worth: int = 50
    step: int = 10
    most: int = 3
    width: int = LONGEST
    glossed: bool = False


def _commands(*purposes: str) -> Iterator[Family]:
    for worth, purpose in enumerate(purposes):
        yield Family("Commands", rf"{purpose}\.command", "each", worth=worth, most=1)


_PURPOSES = (
    "install", "dev", "build", "tests", "one-test", "e2e", "lint", "fix", "format", "types", "check", "docs", "generate"
)  # fmt: skip
_TASKS = r"(?:scripts|make|just|task|poe|tox|nox|cargo|hatch|pdm|deno|mise)\..+"
_STEMS = tuple(
    frozenset(words.split())
    for words in (
        "test tests unit integration e2e spec lint check checks verify validate fix typecheck types tsc knip modernize",
        "build dev start watch run generate gen codegen fmt format snapshot snapshots update bench coverage db migrate",
        "docs doc storybook examples example install setup deps",
    )
)
_EMPTY = frozenset(  # the beginnings of words that say nothing of a folder
    ["the", "and", "for", "with", "this", "that", "from", "are", "has", "packa", "modul", "folde", "funct", "code", "utili",
     "helpe", "inter", "use"]
)  # fmt: skip
_LATER = (  # facts of a family that come after the others
    r"layout\.folder\..+|layout\.(?:folders|modules)\.2|guides\.nested\..+",
    r"layout\.module\..+|layout\.(?:folders|modules)\.3|tests\.layout\.(?:mirror|beside|shared\..+)",
    r"layout\.(?:requirements|script)\..+|guides\.doc\..+",
    r"layout\.deep\..+|tests\.layout\.of\..+",
)
FAMILIES = (
    Family("Project", r"about\.summary|git\.default-branch|[a-z]+\.(?:requires|package-manager|toolchain)", "joined", worth=14, most=2, width=WIDE),
    Family("Project", r"parts\..+", "spans", "Parts: ", worth=26, step=14, most=3, width=WIDE),
    # What one `ls` or a look into the manifest shows, and what a formatter sets right by itself, stays in its topic.
    Family("Project", r"(?:python|node|go|rust)\.(?:build-backend|groups|name|edition)\b.*", "joined", most=0),
    Family("Project", r"(?:python|node|go|rust)\.(?:libraries|tools)\b.*", "lists", "Builds on ", worth=46, most=1, width=WIDE),
    Family("Settings", r"version\..+", "joined", most=0),
    Family("Settings", r"format\.(?:prettier|oxfmt|biome|ruff)\..+|lint\.ruff\.per-file\b.*", "joined", most=0),
    Family("Project", r"workspace\..+|entry-points\..+|ci\.(?:python|node|go|rust|os)|dev\.services|(?:python|node|go|rust|ruby|java)\..+", "joined",
           worth=36, step=12, most=3, width=WIDE),
    *_commands(*_PURPOSES),
    Family("Commands", r"[a-z0-9-]+\.command\{\}", "spans", worth=25, step=6, most=4),
    Family("Commands", _TASKS, "spans", "More tasks: ", worth=29, step=14, most=2, width=WIDE),
    Family("Commands", r"ci\.run", "spans", "CI runs ", worth=27, step=20, most=2, width=WIDE),
    Family("Commands", r"checks\..+", "spans", "Checks: ", worth=34, most=1, width=WIDE),
    Family("Commands", r"docs-commands\..+", "spans", "Contributors also type ", worth=44, most=1),
    Family("Layout", r"layout\.(?!(?:folders|modules)\b).+", "spans", worth=16, step=3, most=6, width=WIDE, glossed=True),
    Family("Layout", r"layout\.(?:folders|modules)\b.*", "lists", "Folders and modules: ", worth=17, step=8, most=4, width=WIDE),
    Family("Layout", r"layout\..+", "lists", most=0),
    Family("Layout", r"tests\.layout\..+", "spans", "Tests are in ", worth=24, most=1, width=WIDE),
    Family("Settings", r"(?:lint|format|fix|types|tests|e2e|build|check|docs|generate|install|dev)\.[a-z0-9.-]+", "joined", worth=33, step=5, most=8),
    Family("Made by programs", r"generated\..+", "joined", worth=31, step=12, most=2, width=WIDE),
    Family("Worth reading", r"guides\.(?:skills|agents)\b.*", "joined", worth=32, step=20, most=2, width=WIDE),
    Family("Worth reading", r"guides\..+", "spans", worth=28, step=14, most=2, width=WIDE),
    Family("History", r"history\..+", "joined", worth=39, step=12, most=2, width=WIDE),
)  # fmt: skip
_SECTIONS = ("Project", "Commands", "Layout", "Settings", "Made by programs", "Worth reading", "History")


def select(facts: Iterable[Fact]) -> list[Line]:
    """The index's lines of these confirmed facts, in the order they are to stand, before its budgets."""
    told: list[Fact] = []
    families: dict[Family, list[Fact]] = {family: [] for family in FAMILIES}
    for fact in sorted(facts, key=lambda f: (*_rank(f.slot, f.cond), f.slot, f.cond, f.id)):
        family = _family(fact.slot, bool(fact.cond), _tells(fact))
        (told if family is None else families[family]).append(fact)
    return [*_told(told), *_surveyed(families)]


def section_of(slot: str) -> str:
    """The heading that facts of a slot stand under."""
    family = _family(slot)
    return _heading(slot) if family is None else family.section


@lru_cache(maxsize=4096)
def _family(slot: str, conditional: bool = False, glossed: bool = False) -> Family | None:
    """A family that names no condition takes facts with one too, unless it is one of a single command."""
    for family in FAMILIES:
        if family.glossed and not glossed:
            continue
        if re.fullmatch(family.slots, f"{slot}{{}}" if conditional else slot):
            return family
        if conditional and family.shape != "each" and not slot.endswith(".command") and re.fullmatch(family.slots, slot):
            return family
    return None


@lru_cache(maxsize=4096)
def _rank(slot: str, cond: str) -> tuple[int, int]:
    """What comes first in a family: the project's own before its parts', and what its readers name as nearer the middle."""
    depth = cond.count("/") + bool(cond)
    if re.fullmatch(_TASKS, slot):  # tasks that a contributor types before those for a single purpose of somebody else
        name = slot.partition(".")[2]
        words = set(re.split(r"[^a-z0-9]+", name))
        stem = min((n for n, stems in enumerate(_STEMS) if stems & words), default=len(_STEMS))
        return 2 * name.count(".") + name.count("-") + stem, depth
    return next((n for n, slots in enumerate(_LATER, 1) if re.fullmatch(slots, slot)), 0), depth


def _tells(fact: Fact) -> bool:
    """Whether a gloss says more than the path it stands beside: “functions for time” is no news of `tpl/time/`."""
    quoted = _GLOSS.search(fact.text)
    if quoted is None:
        return False
    words = {word[:5] for word in re.findall(r"[a-z]{3,}", quoted.group().lower())} - _EMPTY
    return len(words - {word[:5] for word in re.findall(r"[a-z]{3,}", _value(fact).lower())}) >= 2


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
        fresh = [f for f in _distinct(facts) if not _SAID.search(f.text) and not _repeats(f, shown)]
        lines = _SHAPES[family.shape](family, fresh)[: family.most]
        shown.update(part for line in lines for f in line.facts for part in _value(f).split(", "))
        found += [(family.worth + n * family.step, len(found) + n, line) for n, line in enumerate(lines)]
    chosen: list[tuple[int, Line]] = []
    sections: set[str] = set()
    for _, place, line in sorted(found, key=lambda one: one[:2]):
        if len(chosen) + 1 + len(sections | {line.section}) > MOST_SURVEYED:
            break
        sections.add(line.section)
        chosen.append((place, line))
    return [line for _, line in sorted(chosen, key=lambda one: (_SECTIONS.index(one[1].section), one[0]))]


def _distinct(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Less what says of a part what holds for the whole project, and the same value for the second time."""
    whole = {(f.slot, f.value) for f in facts if not f.cond}
    seen: set[str] = set()
    for f in facts:
        value = f.value if f.slot.startswith(("guides.", "tests.layout.", "parts.")) else f.key + f.value
        if value not in seen and not (f.cond and (f.slot, f.value) in whole):
            seen.add(value)
            yield f


def _repeats(fact: Fact, shown: set[str]) -> bool:
    """Whether a task, a CI line or a list of paths only says again what is shown already, for the most part."""
    value = _value(fact)
    if fact.slot.startswith("layout."):
        parts = value.split(", ")
        return sum(part in shown for part in parts) > len(parts) / 2
    if fact.cond and re.fullmatch(_TASKS, fact.slot):
        return True  # of a part, the commands of its purposes are enough
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
        if part and family.slots.endswith(r"\{\}") and len(some) < FEWEST_OF_PART and len(groups) > 1:
            continue  # a part with one odd command: its manifest is as quickly read
        label = f"In {code(part)}: {family.label.lower()}" if part else family.label
        lines += _packed(family, label, [(_span(f), f) for f in some], ", ")
    return lines


def _lists(family: Family, facts: Sequence[Fact]) -> list[Line]:
    """Paths from the root, whichever part they are in: side by side, without what they hold."""
    return _packed(family, family.label, [(code(_value(f)), f) for f in facts], ", ")


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
        if text and len(longer) > family.width:
            lines.append(Line(family.section, _cut(text, family.width), tuple(held)))
            longer, held = f"{label}{piece}", []
        text = longer
        held.append(fact)
    return [*lines, Line(family.section, _cut(text, family.width), tuple(held))] if text else lines


_SHAPES: dict[str, Callable[[Family, Sequence[Fact]], list[Line]]] = {
    "each": _each,
    "joined": _joined,
    "spans": _spans,
    "lists": _lists,
}


def _value(fact: Fact) -> str:
    spans = code_spans(fact.text)
    return spans[0] if spans else fact.value


def _where(fact: Fact) -> str:
    """The condition, where the text does not name it."""
    named = fact.cond.partition("=")[2]
    return f" ({fact.cond.replace('=', ' ')})" if fact.cond and named not in fact.text else ""


def _cut(text: str, width: int = LONGEST) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
