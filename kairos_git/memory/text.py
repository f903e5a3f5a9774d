"""The small alphabet all our files share: ids, attributes in comments, code spans, one-line text.

The one rule: everything here is a pair of exact inverses, or is idempotent.
"""

from __future__ import annotations

import re
from hashlib import sha256
from unicodedata import normalize

LONGEST = 2000  # characters of one observation's text; what is longer is cut and marked
CUT = " […cut]"
BREAK = " ⏎ "  # where a line break was folded

# Crockford's base32, lower case: no i, l, o, u, so that an id read aloud or copied by hand stays itself.
# Source: https://www.crockford.com/base32.html
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
ID = r"[0-9a-hjkmnp-tv-z]{13}"


def identity(kind: str, *parts: str) -> str:
    """`kind-` and 13 base32 characters (65 bits) of the SHA-256 of the parts, joined by NUL."""
    number = int.from_bytes(sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()[:9], "big") >> 7
    low = number & 0x3FFFFFFF
    high = number >> 30
    return (
        f"{kind}-{_ALPHABET[high >> 30]}{_PAIRS[high >> 20 & 1023]}{_PAIRS[high >> 10 & 1023]}{_PAIRS[high & 1023]}"
        f"{_PAIRS[low >> 20]}{_PAIRS[low >> 10 & 1023]}{_PAIRS[low & 1023]}"
    )


def one_line(text: str, longest: int = LONGEST) -> str:
    """Text as one physical line that cannot imitate our comments: breaks folded, markers escaped, long text cut."""
    text = text.replace("\0", "").strip()
    if len(text.splitlines()) > 1:  # every break that any reader knows, U+2028 and form feed included
        text = BREAK.join(part.strip() for part in text.splitlines() if part.strip())
    text = text.replace("<!--", "&lt;!--").replace("-->", "--&gt;")
    if len(text) > longest:
        text = text[: longest - len(CUT)].rstrip() + CUT
    return text


_UNSAFE = re.compile(r"[\s%<>\x00-\x1f\x7f]")
_ESCAPE = re.compile(r"(?:%[0-9A-F]{2})+")


def quote(value: str) -> str:
    """A value as one word of a comment: white space, `%`, `<` and `>` as %XX of their UTF-8 bytes."""
    if not _UNSAFE.search(value):
        return value
    return _UNSAFE.sub(lambda m: "".join(f"%{b:02X}" for b in m.group().encode("utf-8")), value)


def unquote(word: str) -> str:
    """The inverse of `quote`."""
    if "%" not in word:
        return word
    return _ESCAPE.sub(lambda m: bytes.fromhex(m.group().replace("%", "")).decode("utf-8", "replace"), word)


def format_words(words: tuple[tuple[str, str], ...]) -> str:
    """` key=value key` for each pair, in order; a pair with an empty value is a bare word."""
    return "".join(f" {key}={quote(value)}" if value else f" {key}" for key, value in words)


def parse_words(text: str) -> tuple[tuple[str, str], ...]:
    """The inverse of `format_words`."""
    pairs = (word.partition("=") for word in text.split(" ") if word)
    return tuple((key, unquote(value)) for key, _, value in pairs)


_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)")


def code(value: str) -> str:
    """A Markdown code span that holds the value, whatever backticks are in it (CommonMark 6.1)."""
    runs = {len(run) for run in re.findall("`+", value)}
    fence = "`" * next(n for n in range(1, len(runs) + 2) if n not in runs)
    pad = " " if value.startswith("`") or value.endswith("`") or (value[:1] == " " == value[-1:] and value.strip()) else ""
    return f"{fence}{pad}{value}{pad}{fence}"


def code_spans(text: str) -> list[str]:
    """The contents of the code spans of a line, in order."""
    if "`" not in text:
        return []
    return [_unpad(m.group(2)) for m in _SPAN.finditer(text)]


def _unpad(inner: str) -> str:
    return inner[1:-1] if len(inner) > 2 and inner[0] == inner[-1] == " " and inner.strip() else inner


_SPACE = re.compile(r"\s+")


def normal_value(value: str) -> str:
    """A literal value, normalised: NFC, white space collapsed. Case stays: paths and flags depend on it."""
    return _SPACE.sub(" ", normalize("NFC", value)).strip()


def normal_text(text: str) -> str:
    """A free statement, normalised so that rewording of no consequence keeps its identity.

    Case folded outside code spans, white space collapsed, list marks and closing punctuation dropped.
    """
    folded = []
    end = 0
    for span in _SPAN.finditer(text):
        folded += [text[end : span.start()].casefold(), span.group()]
        end = span.end()
    folded.append(text[end:].casefold())
    return _SPACE.sub(" ", normalize("NFC", "".join(folded))).strip(" \t-*•").rstrip(".!;,: ")
