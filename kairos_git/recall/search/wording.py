"""What is asked -> what is looked for: the words of a query that carry meaning, each with its other forms.

What the tokenizer of SQLite does not part, `camelCase` and the scripts that are written without spaces, is parted here, for the
index and for the query alike.

The one rule: whatever the query holds, what comes out is quoted words; no syntax of the index can be reached from it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

LONGEST = 10_000  # characters of a query that are read
MOST = 40  # words of a query that are looked for
# Compiled when they are first needed: a cold `recall` needs two of them.
_WORD = r"[^\W_]+(?:['’_./:@+#-]+[^\W_]+)*[+#]*"
_HUMP = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
_CAMEL = r"\b[A-Za-z]*[a-z][A-Z]\w*|\b[A-Z]{2,}[a-z]\w*"
# Thai, Lao, Myanmar, Khmer, kana, Han, Hangul: written without spaces, or with particles joined to the word.
_UNSPACED = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+"

# Closed-class words of English, and the words of a question: they stand in every line, or in no answer.
_CLOSED = (
    "a about above after again against all also am an and any are as at be because been before being below between both but by can "
    "cannot could d did do does doing done down during each ever few for from further had happen happened happens has have having he her here hers herself "
    "him himself his how i if in into is it its itself just kind let ll m many may me more most much must my myself no nor not of "
    "off on once only or other our ours ourselves out over own please re s same shall she should so some such t tell than that the "
    "their theirs them themselves then there these they this those through to too under until up us ve very was we were what "
    "whatever when where which while who whom whose why will with would you your yours yourself yourselves "
    "aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't shouldn't wasn't weren't won't wouldn't"
)
STOP = frozenset(_CLOSED.split())
# Words that a stemmer does not bring together: irregular verbs and plurals of English, and what developers shorten.
_SAME = (
    "go went gone goes|buy bought|take took taken|make made|get got gotten|see saw seen|say said|give gave given|find found|"
    "think thought|come came|know knew known|feel felt|meet met|leave left|lose lost|win won|begin began begun|write wrote written|"
    "eat ate eaten|drink drank drunk|drive drove driven|ride rode ridden|run ran|swim swam swum|speak spoke spoken|break broke broken|"
    "build built|teach taught|catch caught|bring brought|fight fought|seek sought|choose chose chosen|grow grew grown|"
    "throw threw thrown|fly flew flown|draw drew drawn|wear wore worn|fall fell fallen|hold held|keep kept|sleep slept|send sent|"
    "spend spent|sell sold|pay paid|hear heard|stand stood|understand understood|sing sang sung|sit sat|hang hung|hide hid hidden|"
    "lead led|lend lent|mean meant|become became|forget forgot forgotten|freeze froze frozen|shake shook shaken|steal stole stolen|"
    "wake woke woken|shoot shot|stick stuck|strike struck|bite bit bitten|blow blew blown|deal dealt|feed fed|bind bound|rise rose risen|"
    "ring rang rung|show shown|shrink shrank shrunk|sink sank sunk|spin spun|swear swore sworn|sweep swept|tear tore torn|"
    "wind wound|child children|person people|man men|woman women|foot feet|tooth teeth|life lives|index indices indexes|"
    "repo repository|config configuration|deps dep dependency dependencies|docs doc documentation|env environment|db database|"
    "auth authentication|dir directory folder|param parameter|arg argument|err error|msg message|perf performance|"
    "js javascript|ts typescript|py python|k8s kubernetes|var variable|impl implementation|lib library|pkg package|"
    "pr prs|dev development|prod production|spec specification|fn func function|"
    "jan january|feb february|mar march|apr april|jun june|jul july|aug august|sep sept september|oct october|nov november|"
    "dec december|mon monday|tue tues tuesday|wed wednesday|thu thurs thursday|fri friday|sat saturday|sun sunday"
)
FORMS: dict[str, tuple[str, ...]] = {}
for _group in _SAME.split("|"):
    for _word in _group.split():
        FORMS[_word] = (*FORMS.get(_word, ()), *(w for w in _group.split() if w != _word))


class Term(NamedTuple):
    """One word that is asked for, and the forms that count as it. start: any word that begins so counts too."""

    word: str
    forms: tuple[str, ...]
    start: bool = False


class Wanted(NamedTuple):
    """What a query asks for. left: words that were not looked for, since there were too many; time, number, reason:
    whether an answer should name one.
    """

    terms: tuple[Term, ...]
    left: int = 0
    time: bool = False
    number: bool = False
    reason: bool = False


_TIME = r"(?i)\b(when|how long|(?:what|which) (?:year|month|week|day|date|time))\b"
_NUMBER = r"(?i)\bhow (?:many|much|often|old|long|tall|large|big|fast)\b|\b(?:version|port|number)\b"
_REASON = r"(?i)\b(why|reasons?|how come)\b"


def wanted(text: str, now: datetime | None = None) -> Wanted:
    """The meaning of a query. Only stop words: they are looked for all the same, since nothing else was said."""
    text = clean(text)[:LONGEST]
    words = dict.fromkeys(w.removesuffix("'s").removesuffix("’s") for w in re.findall(_WORD, text))
    chosen = [w for w in words if w.casefold() not in STOP] or list(words)
    found: dict[str, Term] = {}
    for word in chosen:
        for term in _terms(word, now):
            found.setdefault(term.word, term)
    terms = tuple(found.values())
    time, number, reason = (re.search(pattern, text) is not None for pattern in (_TIME, _NUMBER, _REASON))
    return Wanted(terms[:MOST], len(terms[MOST:]), time, number, reason)


def _terms(word: str, now: datetime | None) -> list[Term]:
    unspaced = [] if word.isascii() else re.findall(_UNSPACED, word)
    if unspaced:
        rest = [Term(w.casefold(), (w,)) for w in re.sub(_UNSPACED, " ", word).split()]
        return [Term(p, (p,), len(p) == 1) for run in unspaced for p in pairs(run)] + rest
    low = word.casefold()
    day = {"today": 0, "yesterday": 1}.get(low)
    if day is not None and now is not None:
        from datetime import timedelta

        return [Term(low, (low, (now - timedelta(days=day)).date().isoformat()))]
    pieces = [p for p in parts_of(word) if len(p) > 2 and p.casefold() not in STOP]
    pieces = pieces if len(pieces) > 1 else []  # the `HTTP` of `HTTP/2` is another word
    return [Term(low, tuple(dict.fromkeys((low, *FORMS.get(low, ()), *map(str.casefold, pieces)))))]


def parts_of(word: str) -> list[str]:
    """`parseSnapshot` -> parse, Snapshot; `log/a_b.md` -> log, a, b, md; none where the word has no parts."""
    if word.isalpha() and (word.islower() or word.istitle()):
        return []
    found = [hump for piece in re.split(r"[\W_]+", word) for hump in (re.findall(_HUMP, piece) if piece.isascii() else [piece])]
    return [f for f in found if f] if len(found) > 1 else []


def pairs(run: str) -> list[str]:
    """The overlapping pairs of a run of characters: 天气好 -> 天气, 气好; a single character is itself."""
    return [run[n : n + 2] for n in range(len(run) - 1)] or [run]


def parts(text: str) -> str:
    """What the tokenizer cannot part in a text, parted: humps of camelCase, pairs of unspaced scripts; mostly ""."""
    found = [" ".join(parts_of(word)) for word in re.findall(_CAMEL, text)]
    if not text.isascii():
        found += [" ".join(pairs(run)) for run in re.findall(_UNSPACED, text)]
    return " ".join(found)


def clean(text: str) -> str:
    """Text as the index can hold it: no NUL, and what is no Unicode replaced."""
    text = text.replace("\0", " ")
    try:
        text.encode()
        return text
    except UnicodeEncodeError:  # bytes that were no UTF-8, or half characters
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def quoted(words: tuple[str, ...]) -> str:
    """Words as an expression of FTS5: each a string of its own, any of them (https://www.sqlite.org/fts5.html, 3.1)."""
    return " OR ".join('"' + w.replace('"', '""') + '"' for w in words)


def expression(terms: tuple[Term, ...], also: tuple[str, ...] = ()) -> str:
    """The MATCH expression for any of the terms, in any form, or of `also`; "" where there is none."""
    some = [quoted((form,)) + (" *" if t.start else "") for t in terms for form in t.forms]
    return " OR ".join([*some, *([quoted(also)] if also else [])])
