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

# CSI, then strings to the terminal (OSC, DCS, APC, PM, SOS), then two-character escapes. An unclosed string ends with
# its line. The 8-bit CSI needs a parameter, because U+009B also comes from mis-decoded text.
_ESCAPES = "\x1b\\[[0-?]*[ -/]*[@-~]?|\x1b[]P_^X][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c)?|\x1b[ -/]*[0-~]|\x9b[0-?]+[ -/]*[@-~]"
_UGLY_ASCII = re.compile(r"[^\n\t -~]")
# C0, C1, category Cf, and the other default-ignorable code points (variation selectors and fillers hide data, too).
# Source: Unicode 16, UnicodeData.txt and DerivedCoreProperties.txt; a test walks all code points.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# The emoji selector stays, once, behind a symbol: people write it.
_SELECTOR = "(?<![\xa9\xae\u203c-\u27bf\u2900-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])\ufe0f"
_SURROGATES = re.compile("[\ud800-\udfff]")
_TAG = re.compile(r"(?i)<\s{0,9}(/?)\s{0,9}private\b[^<>]*>")
# Behind a line break inside a token may stand an indentation, a mark of citation and a quote.
_FIRST_WORD = re.compile(r"[ \t>#*|]{0,80}[\"'`]?(\S+)")
_NEW_NAME = re.compile(r"[A-Za-z_][\w.-]*[\"']?\s*(?::|=(?![=\s]|$))")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}")
_CHUNK = re.compile(r"[^\s\"'<>\[\]&]+")
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
    if "\x1b" in text or "\x9b" in text:
        text = compiled(_ESCAPES).sub("", text)
    text = _INVISIBLE.sub("", normalize("NFC", _SURROGATES.sub("\ufffd", text)))
    if "\ufe0f" in text:
        text = compiled(_SELECTOR).sub("", text)
    return normalize("NFC", text)  # once more after the cut: an accent may now stand behind its letter


def redact(text: str) -> Redacted:
    """The cleaned text with `[redacted:KIND]` for each secret and `[private]` for each `<private>` span. Idempotent."""
    kinds: dict[str, None] = {}
    text = clean(text)
    # Each cut consumes characters that are no marker, so this ends; where it ends, a further call finds nothing.
    while True:
        after = without_private(text)
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


def without_private(text: str) -> str:
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
            begin, until, first, name = merged[-1]
            first, name = min((first, name), (rank, kind))
            merged[-1] = (begin, max(until, end), first, name)
        else:
            merged.append((start, end, rank, kind))
    return [(start, end, kind) for start, end, _, kind in merged]


def _found(text: str) -> Iterator[Span]:
    yield from _visible(text)
    if "%" in text and compiled("%[0-9A-Fa-f]{2}").search(text):
        yield from _percent(text)
    if "\n" in text or "⏎" in text:
        yield from _torn(text)


def _base64(text: str) -> Iterator[Span]:
    """Runs of base64 or hexadecimal digits that spell out a text with a secret in it."""
    for m in _BASE64.finditer(text):
        if m[0].islower() and m[0].strip("0123456789abcdef"):
            continue  # a text in base64 has capitals; this is a path or a name
        # A path or a name may be glued in front, so its last part is tried alone.
        for at in dict.fromkeys((0, *(1 + m[0].rfind(c) for c in "/_-"))):
            plain = _decoded(m[0][at:])
            if plain and (found := next(secrets(plain), None)):
                end = m.end() + len(text[m.end() : m.end() + 2]) - len(text[m.end() : m.end() + 2].lstrip("="))
                yield m.start() + at, end, found[2]
                break


def _decoded(run: str) -> str:
    """The printable text that a run of base64 or hexadecimal digits stands for, or ""."""
    from binascii import a2b_base64, unhexlify

    candidates = [a2b_base64(run.replace("-", "+").replace("_", "/") + "=" * (-len(run) % 4))] if len(run) % 4 != 1 else []
    if len(run) % 2 == 0 and not run.strip("0123456789abcdefABCDEF"):
        candidates.append(unhexlify(run))
    texts = (c.decode("utf-8", "replace").replace("\r", "") for c in candidates if len(c) > 12)
    return next((t for t in texts if "\ufffd" not in t and clean(t) == t), "")


def _percent(text: str) -> Iterator[Span]:
    """Chunks that hold a secret once their %XX are read."""
    from urllib.parse import unquote

    for m in _CHUNK.finditer(text):
        read = unquote(m[0]) if "%" in m[0] else m[0]
        if read == m[0]:
            continue
        plain = [m[0][start:end] for start, end, _ in secrets(m[0])]
        for start, end, kind in secrets(read):
            if not any(read[start:end] in known for known in plain):  # else it is found where it stands
                yield *m.span(), kind


def _torn(text: str) -> Iterator[Span]:
    """Secrets that a line break runs through: the end of a line is joined to the first word of the next, and read again."""
    edges = [0, *(edge for m in compiled("\n|⏎").finditer(text) for edge in m.span()), len(text)]
    lines = list(zip(edges[::2], edges[1::2], strict=True))
    for i, (start, end) in enumerate(lines[:-1]):
        start = max(start, end - _REACH)
        head = text[start:end].rstrip(" \t+\\\"'`")
        pieces = [(start, start + len(head))]
        for at, until in lines[i + 1 : i + 1 + _LINES]:
            word = _FIRST_WORD.match(text, at, until)
            if not word or _NEW_NAME.match(word[1]):
                break
            if len(pieces) == 1 and not _may_be_torn(head, word[1]):
                break
            pieces.append(word.span(1))
            if word.end() < until:
                break
        if len(pieces) > 1:
            yield from _across(text, pieces)


def _may_be_torn(head: str, tail: str) -> bool:
    words = (head.rsplit(None, 1) or [""])[-1] + tail
    return len(words) >= 10 and (re.search("[0-9@]", words) is not None or not reads_like_words(words))


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
