"""Reading a payload: JSON from outside, in which anything may be missing or of another kind, and its strings as quotations.

The one rule: nothing here raises for what a payload holds, and no stranger's words leave it but inside quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from kairos_git.capture.survey.reading import gloss, one_line
from kairos_git.errors import UsageError
from kairos_git.memory.observation import parse_time
from kairos_git.memory.redact import clean, redact
from kairos_git.outside import LOGIN

LONGEST_QUOTE = 90
LONGEST_NAME = 50
_LOOKED_AT = 2000  # characters of a title or a comment; what is further behind is not read
_ADDRESS = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,12}://|www\.)\S*")
_MARKS = str.maketrans(dict.fromkeys('`<>“”„"{}|[]*#\\^', " "))
_ROLE = re.compile(r"(?i)\b(?:system|assistant|user|human|developer|agents?|tool)\W*:")
_NOT_A_WORD = re.compile(r"[^\w' ]+|_+")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def at(value: object, *path: str) -> object:
    """What stands at a path of names, None where anything of it is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def words(value: object, *path: str) -> str:
    """The text at a path, "" where there is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number(value: object, *path: str) -> int:
    """The positive number at a path, 0 where there is none."""
    found = at(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 1 << 63 else 0


def moment(value: object, *path: str) -> datetime | None:
    """The instant at a path, in UTC, to the second: ISO 8601 with an offset, or seconds since 1970."""
    found = at(value, *path)
    try:
        if isinstance(found, str):
            return parse_time(found).astimezone(UTC)
        if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 1 << 37:
            return datetime.fromtimestamp(found, UTC)
    except (UsageError, OverflowError, ValueError, OSError):
        pass
    return None


def login(value: object, *path: str) -> str:
    """The name of an account at a path; `somebody` where there is none."""
    found = words(value, *path)
    return found if LOGIN.fullmatch(found) else "somebody"


def short(value: object, *path: str) -> str:
    """A commit's name, abbreviated, "" where there is none."""
    found = words(value, *path)
    return found[:7] if _SHA.fullmatch(found) and found.strip("0") else ""


def named(text: str, otherwise: str) -> str:
    """A branch, a check, a tag or a place, in quotation marks; `otherwise` where it cannot be shown."""
    return _quotation(text, LONGEST_NAME) or otherwise


def quoted(text: str) -> str:
    """`: “…”` with the beginning of what a stranger wrote, or "" where it addresses its reader or says nothing."""
    found = _quotation(text, LONGEST_QUOTE)
    return f": {found}" if found else ""


def _quotation(text: str, longest: int) -> str:
    text = _ADDRESS.sub(" ", clean(redact(text[:_LOOKED_AT]).text))
    plain = " ".join(text.translate(_MARKS).split())
    if len(plain) > longest:
        plain = plain[: longest - 1].rsplit(" ", 1)[0].rstrip() + "…"
    line = one_line(plain.strip(" '-–—,;:."))
    # The survey's own judge decides, over the bare words, so that no punctuation hides any from it.
    bare = " ".join(_NOT_A_WORD.sub(" ", line or "").split())
    spoken = line and bare and not _ROLE.search(line) and gloss(f"called {bare[:longest]}")
    return f"“{line}”" if spoken else ""


def names(text: str, account: str) -> bool:
    """Whether a text names an account as `@account`, neither inside an address nor as a team of it."""
    if not account:
        return False
    return re.search(rf"(?<![\w/@.-])@{re.escape(account)}(?![\w/-])", text, re.IGNORECASE) is not None
