"""Object literals in JavaScript configuration files, read without running anything.

The one rule: only what stands there as a literal is a value; whatever would have to be computed is None, and a file that
is more than literals in calls and lists gives what can be told of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

DEEPEST = 20  # brackets in brackets
MOST_TOKENS = 60_000

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?|\.\.\.|[\w$]+(?:\.[\w$]+)*|\s+|.",
    re.DOTALL,
)
_PAIRS = {"{": "}", "[": "]", "(": ")"}
_BEFORE_LITERAL = frozenset({"(", "[", ",", "=", "default", "return"})  # where an object can only be a value


class Code(NamedTuple):
    """The tokens of a file without blanks and comments, and where each opening bracket is closed."""

    tokens: list[str]
    ends: dict[int, int]


class Unreadable(Exception):
    """The tokens are no literal that can be read."""


def objects(source: str, key: str) -> Iterator[dict[str, object]]:
    """Every object literal with this key that is an argument, a list's element or assigned; nested ones are not repeated."""
    tokens = [t for t in _tokens(source) if not t.isspace() and not t.startswith(("//", "/*"))]
    code = Code(tokens, _ends(tokens))
    at = 1
    while at < len(tokens):
        # Only where the bracket is closed, so that no unclosed one is searched to the end of the file again and again.
        if tokens[at] == "{" and tokens[at - 1] in _BEFORE_LITERAL and at in code.ends:
            try:
                found = _object(code, at, 0)
            except Unreadable:
                found = {}
            if key in found:
                yield found
                at = code.ends[at]
        at += 1


def _tokens(source: str) -> list[str]:
    found = []
    for match in _TOKEN.finditer(source):
        found.append(match[0])
        if len(found) > MOST_TOKENS:
            break
    return found


def _ends(tokens: list[str]) -> dict[int, int]:
    """Where each opening bracket is closed; those that a wrong or missing bracket leaves open are left out."""
    ends: dict[int, int] = {}
    waiting: list[int] = []
    for at, token in enumerate(tokens):
        if token in _PAIRS:
            waiting.append(at)
        elif token in _PAIRS.values():
            if waiting and _PAIRS[tokens[waiting[-1]]] == token:
                ends[waiting.pop()] = at
            else:
                waiting.clear()
    return ends


def _object(code: Code, start: int, depth: int) -> dict[str, object]:
    """The object whose bracket opens at a token."""
    if depth > DEEPEST:
        raise Unreadable
    found: dict[str, object] = {}
    at, end = start + 1, code.ends[start]
    while at < end:
        name = code.tokens[at]
        if code.tokens[at + 1] == ":" and (name[0] in "\"'" or re.fullmatch(r"[\w$]+", name)):
            found[_text(name)] = _value(code, at + 2, depth + 1)
        at = _after_expression(code, at, end) + 1
    return found


def _value(code: Code, at: int, depth: int) -> object:
    """The value that starts at a token; None where it is more than a literal."""
    first = code.tokens[at]
    after = code.ends.get(at, at) + 1
    if first in _PAIRS.values() or code.tokens[after] not in (",", *_PAIRS.values()):
        return None
    if first == "{":
        return _object(code, at, depth)
    if first == "[":
        return _list(code, at, depth)
    if first[0] in "\"'" or (first[0] == "`" and "${" not in first):
        return _text(first)
    if first in ("true", "false"):
        return first == "true"
    return int(first) if re.fullmatch(r"\d{1,9}", first) else None


def _list(code: Code, start: int, depth: int) -> list[object]:
    if depth > DEEPEST:
        raise Unreadable
    found: list[object] = []
    at, end = start + 1, code.ends[start]
    while at < end:
        found.append(_value(code, at, depth + 1))
        at = _after_expression(code, at, end) + 1
    return found


def _after_expression(code: Code, at: int, end: int) -> int:
    """The place of the next `,` of this level, or its end."""
    while at < end and code.tokens[at] != ",":
        at = code.ends.get(at, at) + 1
    return at


def _text(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[0] in "\"'`" else token
