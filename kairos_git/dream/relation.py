"""How a newer line relates to an older one: does it replace it, say the same, or speak of something else?

What the two lines do not share decides. A value that stands where another stood replaces it; words alone only reword;
what was added or dropped changes nothing that was said.

The one rule: when in doubt two lines stand side by side. A lost supersession is a doubt, a false one is a lost fact.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from kairos_git.dream.relate import head

Relation = Literal["supersede", "merge", "none"]

LONGEST = 120  # words that are compared; a longer line is an account, and its end is left out
NEARLY, MOSTLY, PARTLY = 0.9, 0.6, 0.5  # shares of the shorter line's words that stand in both
ALSO = 0.4  # share of the longer line's words from which it speaks of what the shorter one does

_LABEL = re.compile(r"^[\s>*+#|-]*([^:`(\n]{2,60}?)[*_]*\s*(?::[*_]*(?:\s|$)|\s[—–-]\s|\|)")
_VAGUE = frozenset(
    "command commands e.g example examples hint important note notes remember run see tip todo usage warning".split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\s`|(),;\"“”]+")
_VALUE = re.compile(r".*\d.*|--?[a-z][\w=./:-]*|.*[/=$@].*|.*\w[._]\w.*", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"#?\w{0,2}[<\[{$].*[>\]}].*|[A-Z_]{2,}")
_LIST = re.compile(r"\[?\w+(?:/\w+){2,}\]?|\[?\w+(?:\|\w+)+\]?")
_COMMAND = re.compile(r"(?:[A-Z_]+=\S* )*[a-z][\w.-]* [a-z-][\w.:-]*(?: .*)?(?:\s--?[a-z]|\s\./|&&|\s\S+/)")
_PROSE = re.compile(
    r"\s(?:an?|are|be|by|cannot|for|from|in|is|may|must|not|of|on|should|that|the|to|when|will|with|you)\s", re.IGNORECASE
)
_CODE = re.compile(r"(`+)(.+?)\1")
_ASIDE = re.compile(r"\([^()]*\)")
_ENDINGS = re.compile(r"(?:ing|ers?|ed|es|s)$")
_FILL = frozenset(
    "a an the to of in on at for and or with by via from as be is are it its this that all any will can".split()  # noqa: SIM905
)
_ORDER = frozenset("after before from instead into not over than to".split())  # noqa: SIM905 - who turns round what stands about them
_BESIDE = frozenset("after also before first then too".split())  # noqa: SIM905
_OPPOSITES = (
    "add remove", "allow forbid", "always never", "allowed forbidden", "ascending descending", "async sync", "enable disable",
    "enabled disabled", "first last", "global local", "include exclude", "lower upper", "manual automatic", "manually automatically",
    "maximum minimum", "on off", "optional required", "optional mandatory", "private public", "spaces tabs", "supported unsupported",
    "true false", "single double", "daily weekly", "weekly monthly", "recommended deprecated", "camelcase snake_case",
)  # fmt: skip


class _Line(NamedTuple):
    """A line as it is compared.

    label   what stands before its colon or dash, or ""
    words   its content words, the second of a kind told from the first
    values  those that are values
    order   all its words in order
    open    those that are placeholders for a value
    plain   its content words beside code and asides
    code    its code spans
    denies  whether it denies, asides left out
    """

    label: str
    words: frozenset[str]
    values: frozenset[str]
    order: tuple[str, ...]
    open: frozenset[str]
    plain: tuple[str, ...]
    code: tuple[str, ...]
    denies: bool


class _Left(NamedTuple):
    """What two lines do not share, by kind, and how much they do."""

    same: int
    share: float
    gone: frozenset[str]
    come: frozenset[str]
    gone_values: frozenset[str]
    come_values: frozenset[str]


def relation(old: str, new: str) -> Relation:
    """Whether somebody who still asserts `old` is wrong once `new` is said ("supersede"), or both say one thing ("merge")."""
    a, b = _line(old), _line(new)
    left = _left(a, b)
    if not left.gone and not left.come:
        return "none" if _turns_round(a, b) else "merge"
    if _flips(old, new, a, left):
        return "supersede"
    if a.denies != b.denies and left.gone and left.come:
        return "none"
    if _opened(b, left):
        return "merge"
    if _other_code(a, b):
        return "supersede" if _stands_alike(a, b) and not _are_two_things(old, new, a, b) else "none"
    if not left.gone or not left.come:
        return "merge" if _one_adds(old, new, a, b, left) else "none"
    if _turns_opposite(left):
        return "supersede"
    if left.gone_values and left.come_values:
        return "supersede" if _substitutes(a, b, left) and not _are_two_things(old, new, a, b) else "none"
    if left.gone_values or left.come_values:  # a value named beside the same words, or no longer named
        return "merge" if left.share >= NEARLY - 0.05 and left.same >= 4 and len(left.gone) <= 1 else "none"
    few = min(len(left.gone), len(left.come)) <= 1 and left.same >= 2
    return "merge" if (left.share >= PARTLY and few) or left.share >= 0.75 else "none"


def words_of(text: str) -> frozenset[str]:
    """The content words by which a line is found."""
    return _line(text).words


def same_words(one: str, other: str) -> bool:
    """Whether two lines differ in nothing but filling, endings, marks and order that says nothing."""
    a, b = _line(one), _line(other)
    return a.words == b.words and a.denies == b.denies and not _turns_round(a, b)


def says_again(one: str, other: str) -> bool:
    """Whether one line is the other, or the other and more: no word of each stands for another in the other."""
    left = _left(_line(one), _line(other))
    return not (left.gone and left.come) and relation(one, other) == "merge"


@lru_cache(maxsize=65536)
def _line(text: str) -> _Line:
    label = _LABEL.match(text)
    words, order, placeholders = _content(text)
    plain = tuple(w for w in _content(_CODE.sub(" ", _ASIDE.sub(" ", text)))[0] if len(w) > 1)
    code = tuple(" ".join(m.group(2).split()) for m in _CODE.finditer(_ASIDE.sub(" ", text)))
    denies = head(_ASIDE.sub(" ", text)).denies
    name = label.group(1).strip("* ").casefold() if label else ""
    counted = frozenset(f"{word}\0{n}" if (n := words[:at].count(word)) else word for at, word in enumerate(words))
    values = frozenset(word for word in counted if _VALUE.fullmatch(word.partition("\0")[0]))
    return _Line(name, counted, values, tuple(order), frozenset(placeholders), plain, code, denies)


def _content(text: str) -> tuple[list[str], list[str], set[str]]:
    """The content words, all words, and the placeholders among them."""
    words: list[str] = []
    order: list[str] = []
    placeholders: set[str] = set()
    for raw in _WORD.findall(text)[:LONGEST]:
        bare = raw.strip("*_'.,:;!?") if not raw.startswith(("./", "../", ".")) else raw.rstrip("*_'.,:;!?")
        bare = f"{bare.strip('/')}/" if "/" in (bare[:1], bare[-1:]) and bare.strip("/") else bare  # `/tests` is `tests/`
        for part in re.split(r"[/|]", bare.strip("[]")) if _LIST.fullmatch(bare) else [bare]:
            word = _stem(part)
            if word and re.search(r"\w", word):
                order.append(word)
                if word not in _FILL:
                    words.append(word)
                    placeholders |= {word} if _PLACEHOLDER.fullmatch(part) else set()
    return words, order, placeholders


def _stem(word: str) -> str:
    folded = word.casefold()
    return _ENDINGS.sub("", folded) if len(folded) > 4 and folded.isalpha() else folded


_TURNED = frozenset(frozenset(_stem(w) for w in pair.split()) for pair in _OPPOSITES)


def _left(a: _Line, b: _Line) -> _Left:
    gone, come = a.words - b.words, b.words - a.words  # their order does not count
    gone_values, come_values = gone & a.values, come & b.values
    if gone_values and all(any(_inside(g, c) for c in come_values) for g in gone_values):
        gone_values = frozenset()  # a path named more exactly is no other path
    same = len(a.words) - len(gone)
    return _Left(same, same / max(1, min(len(a.words), len(b.words))), gone, come, gone_values, come_values)


def _inside(one: str, other: str) -> bool:
    x, y = one.rstrip("/"), other.rstrip("/")
    return (
        x != y and "/" in x + y and (x.startswith(f"{y}/") or y.startswith(f"{x}/") or x.endswith(f"/{y}") or y.endswith(f"/{x}"))
    )


def _turns_round(a: _Line, b: _Line) -> bool:
    """Whether the same words stand in another order about a word that gives the order a meaning: `x over y`, `y over x`."""
    return a.order != b.order and not _ORDER.isdisjoint(a.order) and _of_content(a) != _of_content(b)


def _of_content(line: _Line) -> list[str]:
    return [word for word in line.order if word in line.words]


def _one_adds(old: str, new: str, a: _Line, b: _Line, left: _Left) -> bool:
    """Whether one line is the other and more, and no bare command with another argument."""
    shorter = min(len(a.words), len(b.words))
    values = left.gone_values or left.come_values
    if values and not a.label and _bare(old) and _bare(new):
        return False
    return left.share >= NEARLY and shorter >= 2 and not (values and shorter <= 3 and not a.label)


def _bare(text: str) -> bool:
    """Whether a line is a command and nothing else."""
    return _COMMAND.match(text.strip(" `")) is not None and not _PROSE.search(text.partition(" #")[0])


def _opened(b: _Line, left: _Left) -> bool:
    """Whether an example only became a placeholder: `tool` -> `<tool>`."""
    return 0 < len(left.gone) == len(left.come) and left.share >= PARTLY and all(
        c in b.open and c.replace("#", "") not in left.gone for c in left.come
    )  # fmt: skip


def _other_code(a: _Line, b: _Line) -> bool:
    """Whether each line names code that the other does not: an option more is other code, a path in full is not."""
    if not a.code or not b.code or a.code == b.code:
        return False
    gone, come = ([s for s in x.code if s not in y.code] for x, y in ((a, b), (b, a)))
    if not gone or not come or any(_inside(g, c) for g in gone for c in come):
        return False
    return not all(_content(g)[0] == _content(c)[0] or _goes_on(g, c) for g, c in zip(gone, come, strict=False))


def _stands_alike(a: _Line, b: _Line) -> bool:
    """Whether the same words, or one label and as many spans, stand about the code of both, and only one can hold.

    What is forbidden, or done before something, is so beside other things.
    """
    if not a.label and ((a.denies and b.denies) or not _BESIDE.isdisjoint(a.order)):
        return False
    same = sorted(a.plain) == sorted(b.plain)
    if a.label and a.label == b.label:
        return same and a.label not in _VAGUE
    return same and (
        len(a.plain) >= 2 or (len(a.plain) == 1 and a.order[0] != a.plain[0])
    )  # "Use `x`" says of nothing what it is


def _goes_on(one: str, other: str) -> bool:
    """Whether one command is the other and then a further one."""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and longer[len(shorter) :].lstrip()[:1] in ("&", ";", "|")


def _flips(old: str, new: str, a: _Line, left: _Left) -> bool:
    """Whether the newer line's first sentences deny what the older affirms, or the other way round, in the same words."""
    if left.share < MOSTLY or left.gone_values:
        return False
    if (not left.gone or not left.come) and len(left.gone) + len(left.come) > 2:
        return False  # what is added may deny something else
    count = len(re.split(r"(?<=[.:])\s", old))
    opening = " ".join(re.split(r"(?<=[.])\s", new)[:count])
    said = _line(opening)
    return a.denies != said.denies and left.same >= ALSO * max(len(a.words), len(said.words))


def _turns_opposite(left: _Left) -> bool:
    """Whether a word gave way to its opposite, in words that are otherwise mostly the same."""
    return left.share >= MOSTLY and left.same >= 2 and any(frozenset((g, c)) in _TURNED for g in left.gone for c in left.come)


def _substitutes(a: _Line, b: _Line, left: _Left) -> bool:
    """Whether a value stands where another stood: under one label, or in words that are otherwise nearly the same."""
    others = sorted((len(left.gone) - len(left.gone_values), len(left.come) - len(left.come_values)))
    if a.label and a.label == b.label and a.label not in _VAGUE and (not others[0] or left.share >= PARTLY):
        return True
    if others[0]:
        return False  # another thing with another value: the api's port is not the web's
    if min(len(left.gone_values), len(left.come_values)) > 1:
        return False  # so is "team 7 … on box 3" beside "team 9 … on box 4": one of the values says of what it is said
    if left.same >= 5 and left.share >= 0.7:
        return True
    return left.same >= 3 and left.share >= MOSTLY and others[1] <= 1


def _are_two_things(old: str, new: str, a: _Line, b: _Line) -> bool:
    """Two bare commands, or lines that each begin with another name: different entries of a list, not one that changed."""
    leads = a.code and b.code and all(re.match(r"\W*`", text) for text in (old, new))
    return bool(leads and a.code[0] != b.code[0]) or (_bare(old) and _bare(new))
