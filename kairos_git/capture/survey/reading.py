"""The values of a survey: the tree a reader is given, and what it found there.

The one rule: text from a tree is data. A value stands whole in a code span, on one line, without anything a terminal
or a Markdown comment would obey; where that cannot be done there is no reading.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kairos_git.errors import Problem

LONGEST_VALUE = 200  # characters; a longer value is no reading, since a cut one would be false
LONGEST_BODY = 120  # characters of what a command runs, shown after the value; longer is cut with a mark
LONGEST_GLOSS = 100  # characters of a sentence quoted from the tree; a longer one is left out, not cut
LONGEST_NAME = 80  # characters of a task's name; longer ones are not meant to be typed
MANY = frozenset({"ci.run"})

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})  # controls, bidi marks, lone surrogates, private use, breaks
# What is not a description: an address to the reader, an order, a link, markup, another language's quotation marks.
_NO_GLOSS = re.compile(
    r"\b(?:you|please|ignore|disregard|forget|instructions?|prompts?|always|never|must|should|shall|do not|don't|agents?:|assistant"
    r"|system:|todo|fixme|copyright|licen[cs]ed?|all rights)\b|https?:|[<>`“”{}|\[\]*_#]|\$\(",
    re.IGNORECASE,
)
_KEY = re.compile(r"[A-Za-z0-9._:@/+-]+")
_CONDITION = re.compile(r"[A-Za-z0-9._@/+-]+")


class Change(NamedTuple):
    """One commit of a project's past: its subject, the paths it touched (none for a merge), whether it was signed off."""

    subject: str
    paths: tuple[str, ...]
    signed_off: bool
    merge: bool


class Past(NamedTuple):
    """What a survey may know of history: commits, newest first, the release tags, and the branches of the remote.

    The commits are those before the month of the surveyed one, so that what is counted in them changes once a month.
    """

    changes: tuple[Change, ...] = ()
    tags: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()


def _never_before(_path: str) -> Iterator[tuple[str, bytes]]:
    return iter(())


class Tree(NamedTuple):
    """A project's files at one commit. `paths` are regular files, '/'-separated from the root.

    `read` gives a path's content, or None where it is missing, not a regular file, or larger than 1 MB.
    `past` gives the history behind the commit, read when it is first asked for.
    `earlier` gives (commit, content) of what a file was before, newest first.
    """

    paths: frozenset[str]
    read: Callable[[str], bytes | None]
    default_branch: str | None
    past: Callable[[], Past] = Past
    earlier: Callable[[str], Iterator[tuple[str, bytes]]] = _never_before


class Reading(NamedTuple):
    """What stands at `file#key`: a slot's value, and a one-line Markdown sentence with the value as first code span.

    `key` is [A-Za-z0-9._:@/+-], never an index in a list; `slot` is [a-z0-9.-], perhaps with a condition in braces.
    """

    file: str
    key: str
    slot: str
    value: str
    text: str


class Reader(NamedTuple):
    """One kind of file and how to read it. It never raises for what a file holds: broken files come out as problems.

    `rank` is one of the ranks below; `language` names the language whose manifest this is, or is empty.
    """

    name: str
    read: Callable[[Tree], Iterator[Reading | Problem]]
    rank: int = 1
    language: str = ""


# Whom to believe where two readers fill one single-valued slot; the lowest wins.
TASK_RUNNER, MANIFEST, CI, DOCUMENT, DEFAULT = range(5)


def many(slot: str) -> bool:
    """Whether a slot, with or without a condition, holds several values at once."""
    return slot.partition("{")[0] in MANY


def code(value: str) -> str:
    """A one-line, non-empty value as a Markdown code span, with a fence longer than any run of backticks in it."""
    fence = "`" * (max((len(run) for run in re.findall("`+", value)), default=0) + 1)
    # CommonMark strips one space from each end where both ends have one, so those get a second.
    spaced = value[0] == value[-1] == " " and value.strip(" ")
    pad = " " if value[0] == "`" or value[-1] == "`" or spaced else ""
    return f"{fence}{pad}{value}{pad}{fence}"


def one_line(text: str) -> str | None:
    """The text with breaks and tabs folded to a space; None where it is empty or holds what should not be shown."""
    parts = [part.strip(" \t") for part in re.split(r"[\r\n]+", text)]
    line = " ".join(parts).replace("\t", " ").strip()
    if not line or "<!--" in line or "-->" in line:
        return None
    plain = line.isascii() and line.isprintable()
    return line if plain or not any(unicodedata.category(character) in _UNSEEN for character in line) else None


def reading(file: str, key: str, slot: str, value: str, text: str, *bodies: str) -> Iterator[Reading]:
    """One reading, or none where something in it cannot be shown. `text` has `{}` for the value, then for each body."""
    lines = [one_line(part) for part in (value, *bodies)]
    if lines[0] is None or len(lines[0]) > LONGEST_VALUE or one_line(file) != file:
        return
    spans = [code(lines[0])]
    for body in lines[1:]:
        if body is None:
            return
        spans.append(code(body if len(body) <= LONGEST_BODY else body[: LONGEST_BODY - 1].rstrip() + "…"))
    yield Reading(file, key, slot, lines[0], text.format(*spans))


def gloss(text: str) -> str | None:
    """Prose from a tree (a docstring, a README) as a quotation of one sentence: “Journals and their formats”.

    None where it says nothing, addresses its reader, or could be taken for an instruction or for markup.
    """
    line = one_line(" ".join(text.split()))
    if line is None:
        return None
    sentence = re.split(r"(?<=[^.\W])[.!?:;](?:\s|$)", line)[0].strip(" .:;-–—")
    if not len(sentence.split()) >= 2 or len(sentence) > LONGEST_GLOSS or _NO_GLOSS.search(sentence):
        return None
    return f"“{sentence}”"


def listed(file: str, key: str, slot: str, names: Iterable[str], text: str, most: int = 3) -> Iterator[Reading]:
    """Names as few readings with a comma-separated list each: `slot`, `slot.2`, ...; what is beyond `most` lists is left out."""
    lists = [""]
    for name in names:
        if one_line(name) != name or ", " in name or len(name) > LONGEST_NAME:
            continue
        longer = f"{lists[-1]}, {name}" if lists[-1] else name
        if len(longer) > LONGEST_VALUE:
            lists.append(name)
        else:
            lists[-1] = longer
    for number, value in enumerate(filter(None, lists[:most]), 1):
        counted = f".{number}" if number > 1 else ""
        yield from reading(file, f"{key}+list{counted}", f"{slot}{counted}", value, text)


def vocabulary(words: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(words.split())


def conditioned(slot: str, part: str) -> str | None:
    """The slot for one part of the project ('' is the root); None where the part cannot be written as a condition."""
    if not part:
        return slot
    return f"{slot}{{part={part}}}" if _CONDITION.fullmatch(part) and ".." not in part else None


def key_name(name: str) -> str:
    """A name from a file as part of a key: itself where it is plain, else made plain and told apart by its hash."""
    if len(name) <= LONGEST_NAME and _KEY.fullmatch(name) and "--" not in name:
        return name
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name[:40]).strip("-.")
    return f"{plain}-{_digest(name)}" if plain else _digest(name)


def slot_names(names: Iterable[str]) -> dict[str, str]:
    """Each name as a slot's last segments: `test:unit` -> `test.unit`. Two names never share one."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    # Names that need no change come first, so that no neighbour can take theirs.
    for name in sorted(set(names), key=lambda n: (_plain_slot(n) != n, n)):
        slot = _plain_slot(name)
        slot = f"{slot}-{_digest(name)}" if slot in taken else slot
        taken.add(slot)
        given[name] = slot
    return given


def _plain_slot(name: str) -> str:
    slot = re.sub(r"[^a-z0-9.]+", "-", name.lower().replace(":", "."))
    slot = re.sub(r"\.[.-]*", ".", slot).strip("-.")
    return slot or _digest(name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
