"""What may be kept of a text: `clean` takes out what cannot be seen, `redact` what must not be known.

The one rule: a text that may hold a secret passes `redact` before its first write, and passing it twice changes nothing.
A secret counts as found plainly, torn over a line break, or coded once in base64, hexadecimal or %XX.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from unicodedata import normalize

from kairos_git.memory.secret_rules import MARKER, Span, compiled, reads_like_words, secrets, unmarked

PRIVATE = "[private]"

# CSI, then strings to the terminal (OSC, DCS, APC, PM, SOS), then two-character escapes. An unclosed string ends with its
# line. The 8-bit CSI needs a parameter, because U+009B also comes from mis-decoded text.
_ESCAPES = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]?|\x1b[]P_^X][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c)?|\x1b[ -/]*[0-~]|\x9b[0-?]+[ -/]*[@-~]"
)
_UGLY_ASCII = re.compile(r"[^\n\t -~]")
# C0, C1, all of category Cf, and the other default-ignorable code points (variation selectors and fillers hide data, too).
# Source: Unicode 16, UnicodeData.txt and DerivedCoreProperties.txt; a test walks all code points.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    # The emoji selector stays, once, behind a symbol: people write it.
    "|(?<![\xa9\xae\u203c-\u27bf\u2900-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])\ufe0f"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_TAG = re.compile(r"(?i)<\s{0,9}(/?)\s{0,9}private\b[^<>]*>")
# A line break inside a token may carry a quote, a `+` or `\`, an indentation, and a mark of citation.
_BREAK = re.compile(r"[\"'`]?[ \t]{0,3}[+\\]?[ \t]{0,3}(?:\n|⏎)[ \t>#*|]{0,80}[\"'`]?")
_NEW_NAME = re.compile(r"[A-Za-z_][\w.-]*[\"']?\s*(?::|=(?![=\s]|$))")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}")
_CHUNK = re.compile(r"[^\s\"'<>\[\]&]+")
_WORD = re.compile(r"\S+")
_LINES = 8  # a torn token is sought over so many lines
_REACH = 400  # characters before a line break in which a torn token may begin


class Redacted(NamedTuple):
    """A text without its secrets, and the kinds of what was taken out, each once, in the order found."""

    text: str
    kinds: tuple[str, ...]


def clean(text: str) -> str:
    """The text as it reads: NFC, `\\n` for every line end, no escapes, controls or invisible characters. Idempotent."""
    if text.isascii() and not _UGLY_ASCII.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = normalize("NFC", _SURROGATES.sub("\ufffd", _ESCAPES.sub("", text)))
    # Once more after the cut: an accent may now stand behind its letter.
    return normalize("NFC", _INVISIBLE.sub("", text))


def redact(text: str) -> Redacted:
    """The cleaned text with `[redacted:KIND]` for each secret and `[private]` for each `<private>` span. Idempotent."""
    kinds: dict[str, None] = {}
    text = clean(text)
    # Each cut consumes characters that are no marker, so this ends; where it ends, a further call finds nothing.
    while True:
        after = _without_private(text)
        if after != text:
            kinds["private"] = None
        text, found = after, _merged(after, _found(after))
        if not found:
            return Redacted(text, tuple(kinds))
        pieces, at = [], 0
        for start, end, kind in found:
            kinds[kind] = None
            pieces += [text[at:start], f"[redacted:{kind}]"]
            at = end
        text = "".join(pieces) + text[at:]


def _without_private(text: str) -> str:
    """Cut from each `<private>` to the tag that closes it, inner ones included, or to the end."""
    kept: list[str] = []
    at = depth = 0
    for m in _TAG.finditer(text) if "<" in text else ():
        if m[1]:
            depth, at = (depth - 1, m.end() if depth == 1 else at) if depth else (0, at)
        elif not m[0].endswith("/>"):
            if not depth:
                kept += [text[at : m.start()], PRIVATE]
            depth += 1
    return "".join(kept) + ("" if depth else text[at:])


def _merged(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans in order, overlapping ones joined under the kind found first; what covers only markers is left out."""
    markers: list[tuple[int, int]] | None = None
    ranked: list[tuple[int, int, int, str]] = []
    for rank, (start, end, kind) in enumerate(spans):
        if markers is None:
            markers = [m.span() for m in compiled(MARKER).finditer(text)]
        for opens, closes in markers:  # a marker is cut whole or not at all
            start = opens if opens < start < closes else start
            end = closes if opens < end < closes else end
        if unmarked(text[start:end]):
            ranked.append((start, end, rank, kind))
    merged: list[tuple[int, int, int, str]] = []
    for start, end, rank, kind in sorted(ranked):
        if merged and start < merged[-1][1]:
            begin, until, *first = merged[-1]
            merged[-1] = (begin, max(until, end), *min((first[0], first[1]), (rank, kind)))
        else:
            merged.append((start, end, rank, kind))
    return [(start, end, kind) for start, end, _, kind in merged]


def _found(text: str) -> Iterator[Span]:
    yield from _visible(text)
    if "%" in text:
        yield from _percent(text)
    if "\n" in text or "⏎" in text:
        yield from _torn(text)


def _base64(text: str) -> Iterator[Span]:
    """Runs of base64 or hexadecimal digits that spell out a text with a secret in it."""
    for m in _BASE64.finditer(text):
        if m[0].islower() and m[0].strip("0123456789abcdef"):
            continue  # ASCII in base64 has capitals; this is a path or a name
        # A path or a name may be glued in front, so its last part is tried alone.
        for at in dict.fromkeys((0, *(1 + m[0].rfind(c) for c in "/_-"))):
            plain = _decoded(m[0][at:])
            if plain and (found := next(secrets(plain), None)):
                end = m.end() + len(re.match("={0,2}", text[m.end() : m.end() + 2])[0])
                yield m.start() + at, end, found[2]
                break


def _decoded(run: str) -> str:
    """The printable ASCII text that a run of base64 or hexadecimal digits stands for, or ""."""
    from binascii import a2b_base64, unhexlify

    candidates = [a2b_base64(run.replace("-", "+").replace("_", "/") + "=" * (-len(run) % 4))] if len(run) % 4 != 1 else []
    if len(run) % 2 == 0 and not run.strip("0123456789abcdefABCDEF"):
        candidates.append(unhexlify(run))
    texts = (c.decode("ascii") for c in candidates if len(c) > 12 and c.isascii())
    return next((t for t in texts if not _UGLY_ASCII.search(t.replace("\r", ""))), "")


def _percent(text: str) -> Iterator[Span]:
    """Chunks that hold a secret once their %XX are read."""
    from urllib.parse import unquote

    for m in _CHUNK.finditer(text):
        if "%" in m[0] and (read := unquote(m[0])) != m[0] and next(secrets(m[0]), None) is None:
            if found := next(secrets(clean(read)), None):
                yield *m.span(), found[2]


def _torn(text: str) -> Iterator[Span]:
    """Secrets that a line break runs through: each line's end is joined to the first word of the next, and looked at again."""
    edges = [0, *(edge for m in _BREAK.finditer(text) for edge in m.span()), len(text)]
    lines = list(zip(edges[::2], edges[1::2], strict=True))
    for i, (start, end) in enumerate(lines[:-1]):
        pieces = [(max(start, end - _REACH), end)]
        for at, until in lines[i + 1 : i + 1 + _LINES]:
            word = _WORD.match(text, at, until)
            if not word or _NEW_NAME.match(word[0]):
                break
            pieces.append(word.span())
            if word.end() < until:
                break
        if len(pieces) > 1 and _may_be_torn(text, pieces):
            yield from _across(text, pieces)


def _may_be_torn(text: str, pieces: list[tuple[int, int]]) -> bool:
    (start, end), (at, until) = pieces[:2]
    word = (text[start:end].split() or [""])[-1] + text[at:until]
    return len(word) >= 10 and ("@" in word or any(c.isdigit() for c in word))


def _across(text: str, pieces: list[tuple[int, int]]) -> Iterator[Span]:
    start, end = pieces[0]
    joined = head = text[start:end]
    shorter: set[int] = {s for s, _, _ in _visible(head)}
    for at, until in pieces[1:]:
        before, joined = len(joined), joined + text[at:until]
        found = [(s, e, kind) for s, e, kind in _visible(joined) if s < len(head)]
        for s, e, kind in found:
            # A word of its own is not the tail of a secret that is complete without it.
            if e > before and (s not in shorter or not reads_like_words(joined[before:e])):
                yield start + s, at + e - before, kind
        shorter = {s for s, _, _ in found}


def _visible(text: str) -> Iterator[Span]:
    yield from secrets(text)
    yield from _base64(text)
