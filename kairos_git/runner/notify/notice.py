"""A notice and how it is worded: short, redacted, and several that waited as one.

The one rule: what leaves has less than 200 characters in all and went through `redact`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

LONGEST = 199  # characters of subject and text together: what a phone's notification shows
LONGEST_SUBJECT = 60
URGENCIES = ("low", "normal", "high")


class Notice(NamedTuple):
    """Something the owner should hear. subject: what it is about, which counts for how often; urgency: one of URGENCIES."""

    subject: str
    text: str
    urgency: str = "normal"


def worded(notice: Notice) -> Notice:
    """The notice as it may leave: without secrets and line breaks, cut to length."""
    subject = _short(notice.subject, LONGEST_SUBJECT) or "kairos-git"
    urgency = notice.urgency if notice.urgency in URGENCIES else "normal"
    return Notice(subject, _short(notice.text, LONGEST - len(subject)), urgency)


def joined(notices: Sequence[Notice], lost: int = 0) -> Notice:
    """Several notices as one, oldest first; `lost` ones are only counted. A single one stays itself."""
    if len(notices) == 1 and not lost:
        return notices[0]
    urgency = max((n.urgency for n in notices), key=URGENCIES.index, default="normal")
    subject = f"{len(notices) + lost} notices waited"
    room = LONGEST - len(subject)
    for count in range(len(notices), 0, -1):
        rest = len(notices) - count + lost
        more = f" · and {rest} more" if rest else ""
        share = (room - len(more) - 3 * (count - 1)) // count
        if share >= 24 or count == 1:
            return Notice(subject, " · ".join(_short(f"{n.subject}: {n.text}", share) for n in notices[:count]) + more, urgency)
    return Notice(subject, "", urgency)


def _short(text: str, longest: int) -> str:
    from kairos_git.memory.redact import redact

    line = " ".join(redact(text[:4000]).text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def format_notice(notice: Notice) -> str:
    """JSON, on one line."""
    return json.dumps(list(notice), ensure_ascii=False)


def parse_notice(said: object) -> Notice | None:
    """The inverse of `format_notice`, of its text or of the list in it; None for what is damaged."""
    try:
        fields = json.loads(said) if isinstance(said, str) else said
    except (ValueError, RecursionError):
        return None
    good = isinstance(fields, list) and len(fields) == 3 and all(isinstance(f, str) for f in fields)
    return Notice(*fields) if good and isinstance(fields, list) and fields[2] in URGENCIES else None
