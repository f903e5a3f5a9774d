"""Candidates of the index -> the order in which they answer.

bm25 alone adds up words; an answer holds the words of a question together. So what the index finds is looked at again: how
many of the words stand in a line or beside it, whether who or when was asked and is there, whether its session speaks of it.
Weights: coordinate ascent on five of LoCoMo's conversations, rounded, checked on the other five (`make bench-recall`).

The one rule: nothing here looks at anything but the candidate and the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from kairos_git.recall.search.wording import Term, Wanted

OPEN, CLOSE = "\x02", "\x03"  # put around what matched; no log line holds them
COVERAGE, SESSION, DATE, WHO, EXPECTED, QUESTION, ADJACENT, RECENT, ASKED, ENDED = (
    0.9,
    1.0,
    0.6,
    0.3,
    0.45,
    0.3,
    0.15,
    0.05,
    0.6,
    0.15,
)

WEAK = 0.55  # what scores less than this share of the best is no answer; it costs 0.002 of recall@10 on LoCoMo
YEAR = 31_557_600  # seconds

# Compiled when they are first needed: most questions ask for none of them.
_MARKED = f"(?s){OPEN}(.*?){CLOSE}"
_NEXT = f"{CLOSE}[^{OPEN}{CLOSE}\\w]{{1,3}}{OPEN}"
_MOMENT = (
    r"(?i)\b(?:yesterday|today|tonight|tomorrow|last|next|ago|days?|weeks?|weekend|months?|years?|morning|evening|night|recently|since|"
    r"until|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|\d{4})\b"
)
_AMOUNT = r"(?i)\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|few|couple|several|once|twice)\b"
_CAUSE = r"(?i)\b(?:because|since|so that|due to|in order|instead|reasons?|caus\w+|too|therefore|hence|avoid\w*)\b"


class Candidate(NamedTuple):
    """A row of the index that matched. bm: its bm25, higher is better; the texts carry marks around what matched.

    text, near, day, about   what FTS5 saw of it (text: with its parts)
    thread                   its session, or "" where it is no session's
    epoch                    seconds since 1970, or 0
    """

    n: int
    bm: float
    plain: str
    text: str
    near: str
    day: str
    about: str
    thread: str = ""
    epoch: int = 0


class Ranked(NamedTuple):
    """A candidate with its score (about 1 for a weak hit, 3 for a strong one) and the share of the asked words it covers."""

    score: float
    covers: float
    candidate: Candidate


class Boosts(NamedTuple):
    """What the asker cares for, beside the words: who said it, on which branch, which paths it is about."""

    author: str = ""
    branch: str = ""
    paths: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What to look for in the index, too."""
        return tuple(w for w in (self.author, self.branch, *self.paths) if w)


class Said(NamedTuple):
    """Who said a line and where."""

    src: str
    sess: str
    root: str
    branch: str
    time: str
    about: str


def ranked(
    found: Iterable[Candidate], wanted: Wanted, newest: int, boost: Callable[[Candidate], float], weak: float = WEAK
) -> list[Ranked]:
    """The candidates, best first.

    newest  the time that counts as now, in seconds since 1970
    boost   what to add for what was asked for beside the words
    weak    what scores less than this share of the best, boosts aside, is left out
    """
    candidates = list(found)
    top = max((c.bm for c in candidates), default=0.0) or 1.0
    session: dict[str, float] = {}
    for c in candidates:
        if c.thread:
            session[c.thread] = max(session.get(c.thread, 0.0), c.bm)
    finder = Terms(wanted.terms)
    scored = []
    best = 0.0
    for c in candidates:
        held = finder.marked(c.text) | finder.marked(c.near) | finder.marked(c.about) | finder.marked(c.day)
        covers = len(held) / max(1, len(wanted.terms))
        score = c.bm / top + COVERAGE * covers + SESSION * session.get(c.thread, c.bm) / top
        score += DATE * (OPEN in c.day) + WHO * (OPEN in c.about) - QUESTION * c.plain.rstrip().endswith("?")
        score += EXPECTED * _expected(c.plain, wanted) + ADJACENT * (re.search(_NEXT, c.text) is not None)
        score += RECENT / (1 + max(0, newest - c.epoch) / YEAR)
        best = max(best, score)
        scored.append((score, Ranked(score + boost(c), covers, c)))
    strong = [one for score, one in scored if score >= weak * best]
    return sorted(strong, key=lambda one: (-one.score, -one.candidate.epoch, one.candidate.n))


def _expected(text: str, wanted: Wanted) -> int:
    """How many of the things a question asks for a text names: a time, a number, a reason."""
    return (
        (wanted.time and re.search(_MOMENT, text) is not None)
        + (wanted.number and re.search(_AMOUNT, text) is not None)
        + (wanted.reason and re.search(_CAUSE, text) is not None)
    )


class Terms:
    """Which term a matched word stands for. The index stems, so a word belongs to the form it shares its beginning with."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._forms = [(form, term.word) for term in terms for form in term.forms]
        self._known: dict[str, str] = {}

    def marked(self, text: str) -> set[str]:
        """The terms that are marked in a text."""
        return {self._term(word) for word in re.findall(_MARKED, text)} - {""}

    def _term(self, word: str) -> str:
        found = self._known.get(word)
        if found is None:
            low = word.casefold()
            best = max(((_shared(low, form), -abs(len(low) - len(form)), term) for form, term in self._forms), default=(0, 0, ""))
            found = self._known[word] = best[2] if best[0] else ""
        return found


def _shared(one: str, other: str) -> int:
    """How many characters two words begin with alike."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def boosted(said: Said, text: str, boosts: Boosts) -> float:
    """What a line gains where its author, branch or path was asked for."""
    return ASKED * (
        bool(boosts.author and _by(said, boosts.author.casefold()))
        + bool(boosts.branch and (said.branch == boosts.branch or boosts.branch in text))
        + any(_of(path, said.root.partition("#")[0], text) for path in boosts.paths)
    )


def _by(said: Said, author: str) -> bool:
    """Whether an author said a line: by source, session or name; a commit by its author's address, which its root is made of."""
    if "@" in author:
        from kairos_git.memory.text import identity

        return identity("c", author, said.time) in (said.sess, said.root)
    return (
        author == said.src
        or author in said.about.casefold().split()
        or (bool(said.sess) and said.sess.casefold().startswith(author))
    )


def _of(path: str, root: str, text: str) -> bool:
    """Whether a line is of a path, of something in it, or names it."""
    path = path.removeprefix("./").rstrip("/")
    return bool(path) and (root == path or root.startswith(f"{path}/") or path in text or path.rpartition("/")[2] in text)
