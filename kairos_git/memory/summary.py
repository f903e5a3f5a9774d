"""A session's summary as it was said, read into what was done, what is next and what is open.

Agents end their work in prose with headings ("Done:", "## Next steps", "7. Pending Tasks:"), check lists, or a few sentences.

The one rule: it sorts the speaker's own words and adds none; what has no heading is what was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.memory.text import BREAK, CUT, LONGEST

MOST = 8  # items of one kind that are kept of one summary
WIDE = 200  # characters of one item
SENTENCES = 3  # of a summary without headings
_ENDS_AT = 20_000  # characters that are looked at


class Summary(NamedTuple):
    """Items of a summary by kind; structured: whether its own headings or check boxes said so."""

    done: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    structured: bool = False


_WORDS = {
    "done": r"(?:(?:what (?:was|i|we) )?(?:done|did|changed)|completed?(?: tasks?| work)?|finished|accomplish(?:ed|ments)|changes(?: made)?"
    r"|(?:work|tasks?) (?:done|completed)|implemented|fixed|fixes|results?|progress|summary(?: of (?:changes|work))?|shipped|landed)",
    "next": r"(?:(?:optional |the |suggested |recommended )?next(?: steps?| tasks?| up| actions?)?|what(?:'|’)?s next|pending(?: tasks?| work)?"
    r"|to[ -]?dos?(?: list)?|remaining(?: work| tasks?| steps?)?|follow[ -]?ups?|left to do|still to do|not done(?: yet)?|current work|in progress)",
    "open": r"(?:open|open (?:questions?|issues?|points?|items?)|questions?(?: for you)?|blocked(?: by| on)?|blockers?|unresolved|unclear|unknowns?"
    r"|known (?:issues|problems)|needs (?:your )?(?:decision|input|review)|waiting (?:for|on)|risks?|caveats)",
}  # fmt: skip
_LABEL = re.compile(
    r"^[\s#>*_-]*(?:\d{1,2}[.)]\s*)?[\s*_]*(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS.items())
    + r")[*_]*\s*(?:(?P<colon>[:：])[*_]*\s*(?P<rest>.*)|[*_\s]*)$",
    re.IGNORECASE,
)  # fmt: skip
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s+\S.*|(?:\d{1,2}[.)]\s*)?\*{0,2}[A-Z][\w ,/&'’-]{1,60}\*{0,2}:\*{0,2}|\*\*[^*]{1,60}\*\*)\s*$"
)
_BOX = re.compile(r"^[\s*+-]*\[(?P<mark>[ xX✓])\]\s+(?P<rest>.+)$")
_MARK = re.compile(r"^(?:[-*+•–]|\d{1,2}[.)])\s+")
_FRAME = re.compile(r"^\s*</?(?:analysis|summary|example|result)>\s*$", re.IGNORECASE)
_THOUGHT = re.compile(r"<analysis>.*?</analysis>", re.IGNORECASE | re.DOTALL)
_NONE = re.compile(r"^\W*(?:none|nothing|n/?a|no(?:thing)? (?:open|pending|further)[\w ]*|-)?\W*$", re.IGNORECASE)
_STOP = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"“(])")


def parse_summary(text: str) -> Summary:
    """The items of a summary, told on several lines or folded to one; each at most WIDE characters, MOST of a kind."""
    parts = [part.strip() for part in re.split(rf"\n|{re.escape(BREAK)}", _THOUGHT.sub("\n", text[:_ENDS_AT]))]
    found: dict[str, list[str]] = {"done": [], "next": [], "open": []}
    structured = False
    for kind, words in _sorted([part for part in parts if part and not _FRAME.match(part)]):
        structured = True
        item = _item(words)
        if kind in found and item and item not in found[kind] and len(found[kind]) < MOST:
            found[kind].append(item)
    if not structured:
        return _unsorted(parts)
    if not found["done"]:  # "The parser is done." above "Next steps:" is the account that the headings leave out
        found["done"] = [item for item in _unsorted(_lead(parts)).done if item not in found["next"] + found["open"]]
    return Summary(tuple(found["done"]), tuple(found["next"]), tuple(found["open"]), True)


def format_summary(s: Summary) -> str:
    """A summary as lines under headings; `parse_summary` gives the same back."""
    parts = []
    for title, items in (("Done", s.done), ("Next", s.next), ("Open", s.open)):
        parts += [f"{title}:", *(f"- {item}" for item in items)] if items else []
    return "\n".join(parts)


def condensed(text: str, longest: int = LONGEST) -> str:
    """A summary that is too long to be kept whole, less what no hand-over needs: its items, the next and open ones first."""
    if len(text) <= longest:
        return text
    s = parse_summary(text)
    kept: dict[str, list[str]] = {"next": [], "open": [], "done": []}
    room = longest - len("Done:\nNext:\nOpen:\n") - 8 * len(BREAK)
    for kind, items in (("next", s.next), ("open", s.open), ("done", s.done)):
        for item in items:
            cost = len(item) + len("- ") + len(BREAK)
            if cost <= room:
                room -= cost
                kept[kind].append(item)
    return format_summary(Summary(tuple(kept["done"]), tuple(kept["next"]), tuple(kept["open"]), s.structured))


def _sorted(parts: list[str]) -> Iterator[tuple[str, str]]:
    """(kind, words) of every part that stands under a heading of ours or has a box; kind "" under another heading."""
    kind = ""
    seen = False
    for part in parts:
        box = _BOX.match(part)
        label = _LABEL.match(part)
        if box:
            yield ("next" if box["mark"] == " " else "done"), box["rest"]
        elif label and (label["colon"] or _HEADING.match(part) or len(part.split()) <= 3):
            kind = next(name for name in _WORDS if label[name])
            seen = True
            yield kind, label["rest"] or ""
        elif _HEADING.match(part):
            kind = "" if seen else kind
        elif kind:
            yield kind, part


def _lead(parts: list[str]) -> list[str]:
    """The parts above the first heading or box."""
    first = next(
        (n for n, part in enumerate(parts) if _BOX.match(part) or _LABEL.match(part) or _HEADING.match(part)), len(parts)
    )
    return parts[:first]


def _unsorted(parts: list[str]) -> Summary:
    """The first sentences of a text without headings are what was done; a question at its end is open."""
    told = " ".join(
        _MARK.sub("", part) for part in parts if part and not part.startswith(("```", "#", "|")) and not _FRAME.match(part)
    )
    sentences = [item for words in _STOP.split(told) if (item := _item(words))]
    asked = sentences[-1:] if sentences and sentences[-1].endswith("?") else []
    return Summary(tuple(s for s in sentences[:SENTENCES] if s not in asked), (), tuple(asked))


def _item(words: str) -> str:
    """One item as it is shown: without its list mark, cut at a word where it is too long; "" where it says nothing."""
    words = " ".join(_MARK.sub("", words.strip()).split())
    words = words.removesuffix(CUT.strip()).strip()
    if _NONE.match(words):
        return ""
    return words if len(words) <= WIDE else words[: WIDE - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
