"""How a newer line relates to an older one: does it replace it, say the same, or speak of something else?

The lines are aligned word by word; what is left over on both sides decides. A value that stands where another stood
replaces it; words alone only reword; what was added or dropped changes nothing that was said.

The one rule: when in doubt two lines stand side by side. A lost supersession is a doubt, a false one is a lost fact.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal, NamedTuple

from kairos_git.dream.relate import head

Relation = Literal["supersede", "merge", "none"]

LONGEST = 120  # words that are aligned; a longer line is an account, and its end is left out
NEARLY, MOSTLY, PARTLY = 0.9, 0.6, 0.5  # shares of the shorter line's words that stand in both

_LABEL = re.compile(r"^[\s>*+#|-]*([^:`(\n]{2,60}?)[*_]*\s*(?::[*_]*(?:\s|$)|\s[—–-]\s|\|)")
_WORD = re.compile(r"[^\s`|(),;\"“”]+")
_VALUE = re.compile(r"~?v?\d[\w.+%:-]*|--?[a-z][\w=./:-]*|.*[/=$@].*|.*\w[._]\w.*|[a-z]+-[a-z0-9]*\d[\w.-]*", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"#?[<\[{$].*[>\]}].*|[A-Z_]{2,}")
_LIST = re.compile(r"\[?\w+(?:/\w+){2,}\]?|\[?\w+(?:\|\w+)+\]?")
_COMMAND = re.compile(r"[a-z][\w.-]* [a-z-][\w.:-]*(?: .*)?(?:\s--?[a-z]|\s\./|&&|\s\S+/)")
_LEADING_CODE = re.compile(r"\W*`([^`]+)`")
_ENDINGS = re.compile(r"(?:ing|ers?|ed|es|s)$")
_FILL = frozenset(
    "a an the to of in on at for and or with by via from as be is are it its this that all any will can".split()  # noqa: SIM905
)


class _Line(NamedTuple):
    """A line's label, its content words in order, and which of them are placeholders for a value."""

    label: str
    words: tuple[str, ...]
    open: frozenset[str]


class _Left(NamedTuple):
    """What two lines do not share, by kind, and how much they do."""

    same: int
    share: float
    gone: tuple[str, ...]
    come: tuple[str, ...]
    gone_values: tuple[str, ...]
    come_values: tuple[str, ...]


@lru_cache(maxsize=65536)
def relation(old: str, new: str) -> Relation:
    """Whether somebody who still asserts `old` is wrong once `new` is said ("supersede"), or both say one thing ("merge")."""
    a, b = _line(old), _line(new)
    left = _left(a, b)
    if not left.gone and not left.come:
        return "merge"
    if not left.gone or not left.come:
        return "merge" if _one_adds(a, b, left) else "none"
    if _opened(b, left):
        return "merge"
    if _flips(old, new, left):
        return "supersede"
    if left.gone_values and left.come_values:
        return "supersede" if _substitutes(a, b, left) and not _are_two_things(old, new) else "none"
    if left.gone_values or left.come_values:  # a value named beside the same words, or no longer named
        return "merge" if left.share >= NEARLY - 0.05 and left.same >= 4 and len(left.gone) <= 1 else "none"
    few = min(len(left.gone), len(left.come)) <= 1 and left.same >= 2
    return "merge" if (left.share >= PARTLY and few) or left.share >= 0.75 else "none"


@lru_cache(maxsize=65536)
def _line(text: str) -> _Line:
    label = _LABEL.match(text)
    words: list[str] = []
    placeholders: set[str] = set()
    for raw in _WORD.findall(text)[:LONGEST]:
        bare = raw.strip("*_'.,:;!?")
        for part in re.split(r"[/|]", bare.strip("[]")) if _LIST.fullmatch(bare) else [bare]:
            word = _stem(part)
            if word and re.search(r"\w", word) and word not in _FILL:
                words.append(word)
                placeholders |= {word} if _PLACEHOLDER.fullmatch(part) else set()
    return _Line(label.group(1).strip("* ").casefold() if label else "", tuple(words), frozenset(placeholders))


def _stem(word: str) -> str:
    folded = word.casefold()
    return _ENDINGS.sub("", folded) if len(folded) > 4 and folded.isalpha() else folded


def _left(a: _Line, b: _Line) -> _Left:
    blocks = SequenceMatcher(None, a.words, b.words, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks)
    mine, theirs = Counter(a.words), Counter(b.words)
    gone, come = tuple((mine - theirs).elements()), tuple((theirs - mine).elements())  # their order does not count
    gone_values = tuple(w for w in gone if _VALUE.fullmatch(w))
    come_values = tuple(w for w in come if _VALUE.fullmatch(w))
    if gone_values and all(any(_inside(g, c) for c in come_values) for g in gone_values):
        gone_values = ()  # a path named more exactly is no other path
    share = max(same, sum((mine & theirs).values())) / max(1, min(len(a.words), len(b.words)))
    return _Left(same, share, gone, come, gone_values, come_values)


def _inside(one: str, other: str) -> bool:
    x, y = one.rstrip("/"), other.rstrip("/")
    return x != y and "/" in x + y and (x.startswith(f"{y}/") or y.startswith(f"{x}/"))


def _one_adds(a: _Line, b: _Line, left: _Left) -> bool:
    """Whether one line is the other and more, and no bare command with another argument."""
    shorter = min(len(a.words), len(b.words))
    values = left.gone_values or left.come_values
    return left.share >= NEARLY and shorter >= 2 and not (values and shorter <= 3 and not a.label)


def _opened(b: _Line, left: _Left) -> bool:
    """Whether an example only became a placeholder: `tool` -> `<tool>`."""
    return left.share >= PARTLY and len(left.gone) == len(left.come) and all(word in b.open for word in left.come)


def _flips(old: str, new: str, left: _Left) -> bool:
    """Whether the newer line's first sentences deny what the older affirms, or the other way round, in the same words."""
    count = len(re.split(r"(?<=[.:])\s", old))
    opening = " ".join(re.split(r"(?<=[.])\s", new)[:count])
    return left.share >= MOSTLY and not left.gone_values and head(old).denies != head(opening).denies


def _substitutes(a: _Line, b: _Line, left: _Left) -> bool:
    """Whether a value stands where another stood: under one label, or in words that are otherwise nearly the same."""
    others = max(len(left.gone) - len(left.gone_values), len(left.come) - len(left.come_values))
    if a.label and a.label == b.label:
        return True
    if left.same >= 5 and left.share >= 0.7:
        return True
    return left.same >= 3 and left.share >= MOSTLY and others <= 1


def _are_two_things(old: str, new: str) -> bool:
    """Two bare commands, or lines that each begin with another name: different entries of a list, not one that changed."""
    leading = _LEADING_CODE.match(old), _LEADING_CODE.match(new)
    if leading[0] and leading[1] and leading[0].group(1) != leading[1].group(1):
        return True
    return all(_COMMAND.match(text.strip(" `")) for text in (old, new))
