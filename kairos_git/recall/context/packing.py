"""Packing: which lines fit into the budget, and what is said of those that do not.

Every tier has a share of the budget that it can count on, in characters of 9,000; what a tier leaves over goes to the others
in the order of `SPARE`. A line goes in whole or not at all; one that is too long is passed over for the next.

The one rule: the same items and the same budget give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kairos_git.errors import UsageError
from kairos_git.memory.handoff import counted
from kairos_git.recall.context.fence import STATEMENT, Context, Item, Left, enclosed, fence_size, line_of, plain

BUDGET = 9_000  # characters: Claude Code keeps 10,000 of one hook's words and puts the rest into a file
LEAST = 1_000  # characters; less holds the frame and little else


class Tier(NamedTuple):
    """One kind of line. share: characters of 9,000 that it can count on; most: the most it may take, None for no limit."""

    name: str
    title: str
    share: int
    most: int | None = None


TIERS = (
    Tier("identity", "Who the work is for, and how they like it", 1_700, 2_000),
    Tier("branch", "Learned on this branch, which is not merged", 600),
    Tier("touched", "About the paths that are being changed", 700),
    Tier("rules", "Rules that hold in this project", 1_200),
    Tier("told", "What people said of this project", 700),
    Tier("facts", "What is known of the project", 1_100),
    Tier("contested", "Contested: both sides", 500, 1_500),
    Tier("questions", "Open questions to the owner", 300, 1_000),
    Tier("handoff", "Where the last sessions left off", 1_200, 2_500),
)
SPARE = ("rules", "branch", "touched", "told", "facts", "handoff", "contested", "questions", "identity")
LOOKUP = (
    "More: `kairos-git recall WORDS` finds facts and the raw log, `kairos-git why ID` gives the evidence behind a line. A lesson is "
    "kept by `kairos-git observe \"…\"`."
)  # fmt: skip
_NAMES = {
    "contested": "contested",
    "questions": "questions",
    "handoff": "lines of handoff",
    "branches": "facts of other branches",
}
_TOPICS = 6  # topics named of what did not fit
_CLOSING = 260  # characters kept for the line that says what did not fit


def pack(
    items: Sequence[Item], budget: int = BUDGET, *, head: str = "", notes: Sequence[str] = (), beside: Iterable[Left] = ()
) -> Context:
    """As much of the items as fits, tier by tier, in their order within each; the fenced block is its `text`.

    head    what the block is about: project, branch, day
    beside  what was left out before, and is counted with the rest
    Raises UsageError for a budget under LEAST.
    """
    if budget < LEAST:
        raise UsageError(f"A budget of {budget} characters holds nothing. Give at least {LEAST}.")
    frame = fence_size() + sum(len(line) + 1 for line in (*_head(head, notes), LOOKUP)) + _CLOSING
    chosen = _chosen(items, budget - frame)
    shown = tuple(item for n, item in enumerate(items) if n in chosen)
    made = Context("", tuple(sorted(shown, key=_place)), _left([i for n, i in enumerate(items) if n not in chosen], beside))
    made = made._replace(notes=tuple(notes), head=head)
    return made._replace(text=fenced(made))


def fenced(context: Context) -> str:
    """The block for an agent: who speaks, the lines by tier with their ids, what did not fit, and how to ask for more."""
    lines = _head(context.head, context.notes)
    for tier in TIERS:
        some = [item for item in context.items if item.tier == tier.name]
        lines += ["", f"{tier.title}:", *map(line_of, some)] if some else []
    if not context.items:
        lines += ["", "Nothing is known yet."]
    return enclosed([*lines, "", *([left_words(context.left)] if context.left else []), LOOKUP])


def left_words(left: Sequence[Left]) -> str:
    """What did not fit, in one sentence: `Not shown: 35 facts (notes 20, layout 15), 2 questions.`"""
    topics: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for one in left:
        if one.tier in _NAMES:
            others[one.tier] += one.number
        else:
            topics[one.topic or one.tier] += one.number
    most = sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))
    named = ", ".join(f"{name[:24]} {count}" for name, count in most[:_TOPICS]) + (", …" if len(most) > _TOPICS else "")
    parts = [f"{counted(sum(topics.values()), 'fact')} ({named})"] if topics else []
    parts += [f"{count} {_NAMES[name]}" for name, count in sorted(others.items())]
    return f"Not shown: {', '.join(parts)}."


def _head(head: str, notes: Sequence[str]) -> list[str]:
    first = f"{STATEMENT}. What was written down earlier, each line with its id, to be weighed against what the code and the user say now."
    return [first, *([plain(head)] if head else []), *(f"Note: {plain(note)}" for note in notes)]


def _place(item: Item) -> int:
    return next(n for n, tier in enumerate(TIERS) if tier.name == item.tier)


def _chosen(items: Sequence[Item], room: int) -> set[int]:
    """The numbers of the items that go in: first each tier within its share, then what is left over, by `SPARE`."""
    sizes = [len(line_of(item)) + 1 for item in items]
    numbers: dict[str, list[int]] = {tier.name: [] for tier in TIERS}
    for n, item in enumerate(items):
        numbers[item.tier].append(n)
    whole = sum(tier.share for tier in TIERS)
    used = dict.fromkeys(numbers, 0)
    chosen: set[int] = set()

    def fill(tier: Tier, most: int) -> None:
        for n in numbers[tier.name]:
            title = 0 if used[tier.name] else len(tier.title) + 3
            if n not in chosen and used[tier.name] + title + sizes[n] <= most:
                used[tier.name] += title + sizes[n]
                chosen.add(n)

    for tier in TIERS:
        fill(tier, tier.share * room // whole)
    for tier in sorted(TIERS, key=lambda t: SPARE.index(t.name)):
        free = room - sum(used.values()) + used[tier.name]
        fill(
            tier,
            free
            if tier.most is None
            else min(free, tier.most * max(room, whole) // whole if tier.name != "identity" else tier.most),
        )
    return chosen


def _left(items: Iterable[Item], beside: Iterable[Left]) -> tuple[Left, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for item in items:
        counts[item.tier, item.topic] += 1 if item.tier in _NAMES else max(1, len(item.ids))
    for one in beside:
        counts[one.tier, one.topic] += one.number
    return tuple(Left(tier, topic, count) for (tier, topic), count in sorted(counts.items()) if count)


def totals(left: Iterable[Left]) -> Mapping[str, int]:
    """tier -> how many of it did not fit."""
    counts: Counter[str] = Counter()
    for one in left:
        counts[one.tier] += one.number
    return dict(counts)
