"""What the owner tells memory in a prompt: "remember: …", "always …", "never …", "from now on …".

The one rule: only where the prompt itself begins with it, and only its first lines: text pasted further down is not the
owner speaking. When in doubt it is a task, a question or a story, and nothing is taken.
"""

from __future__ import annotations

import re

LONGEST = 600  # characters of a line that may be an instruction; longer was pasted
MOST = 10  # items of a list

_EXPLICIT = re.compile(r"(?:please |pls )?(?:remember|note|memo|memorize|memorise)\s*:[ \t]*", re.IGNORECASE)
_THAT = re.compile(r"(?:please |pls )?(?:remember|note down|keep in mind) that[ \t]+", re.IGNORECASE)
_NOW_ON = re.compile(r"(?:please |pls )?from now on(?: on)?\b,?:?[ \t]*", re.IGNORECASE)
_RULE = re.compile(r"(?:please |pls )?(?:always|never|do(?: not|n[’']?t) ever)\b:?[ \t]+", re.IGNORECASE)
_ITEM = re.compile(r"[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+(\S.*)")
# A sentence ends here, but not behind "e.g." and its like.
_ENDS = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)(?<!vs\.)(?<!cf\.)[ \t]+", re.IGNORECASE)
# What follows is a task for the agent, no part of what is to be remembered.
_TASK = re.compile(
    r"(?:now|then|next|also|ok|okay|so|please|can you|could you|would you|will you|let[’']?s|go ahead|and now)\b", re.IGNORECASE
)
# "remember that bug …": "that" points at a thing, and the sentence is about what was.
_POINTS = re.compile(
    r"(?:time|thing|bug|issue|error|one|day|problem|conversation|discussion|chat|pr|pull request|commit|file|function|script|test|"
    r"task|idea|plan|change|feature|branch|meeting|message|when|we (?:talked|spoke|discussed|had)|you (?:said|told|did|were))\b",
    re.IGNORECASE,
)
# Behind "always", "never", "from now on": what begins a story, or no sentence at all.
_STORY = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "my",
        "your",
        "our",
        "his",
        "her",
        "its",
        "their",
        "it",
        "i",
        "we",
        "you",
        "he",
        "she",
        "they",
        "there",
        "same",
        "when",
        "if",
        "because",
        "since",
        "while",
        "in",
        "on",
        "at",
        "with",
        "for",
        "to",
        "is",
        "was",
        "are",
        "been",
        "being",
        "be",
        "has",
        "had",
        "have",
        "got",
        "getting",
        "gonna",
        "going",
        "mind",
        "again",
        "ever",
        "more",
        "seen",
        "saw",
        "heard",
        "knew",
        "said",
        "told",
        "ran",
        "did",
        "does",
        "done",
        "were",
        "went",
        "came",
        "took",
        "made",
        "found",
        "thought",
        "built",
        "broke",
        "wrote",
        "began",
        "understood",
        "meant",
        "kept",
        "left",
        "felt",
        "sent",
        "lost",
        "paid",
        "the-same",
        "on/off",
        "happy",
        "sure",
        "wrong",
        "right",
        "true",
        "false",
        "broken",
        "slow",
        "red",
        "green",
        "empty",
        "null",
        "none",
        "nil",
        "undefined",
        "wanted",
        "need",
        "needs",
        "get",
        "gets",
        "happening",
        "failing",
    ]
)
_BASE_S = frozenset(
    [
        "pass",
        "process",
        "express",
        "access",
        "address",
        "discuss",
        "focus",
        "guess",
        "compress",
        "press",
        "assess",
        "cross",
        "dismiss",
        "miss",
        "bias",
        "canvas",
        "suppress",
    ]
)
_BASE_ED = frozenset("embed feed seed proceed exceed shed speed need".split())  # noqa: SIM905
_BASE_ING = frozenset("bring ping string spring ring".split())  # noqa: SIM905


def instructions(prompt: str) -> tuple[str, ...]:
    """What a prompt tells memory, in the owner's own words, without its "remember:"; mostly none, and one for each item of a list."""
    prompt = prompt.lstrip()
    if not prompt or not prompt[0].isalpha():  # a slash command, a quotation, markup, a reminder of the client
        return ()
    first, _, rest = prompt.partition("\n")
    first = first.strip()
    if (match := _EXPLICIT.match(first)) is not None:
        said = first[match.end() :]
        return tuple(filter(None, map(_whole, [said] if said else _items(rest))))
    if (match := _THAT.match(first)) is not None:
        said = first[match.end() :]
        return () if _POINTS.match(said) else tuple(filter(None, [_whole(said)]))
    if (match := _NOW_ON.match(first)) is not None:
        said = _sentence(first[match.end() :])
        story = said.partition(" ")[0].casefold() in _STORY - {"the", "our", "all", "we", "this", "you"}
        return tuple(filter(None, [] if story else [_fit(said)]))
    match = _RULE.match(first)
    if match is None or not _orders(first[match.end() :]):
        return ()
    return tuple(filter(None, [_fit(_sentence(re.sub(r"^(?:please|pls) ", "", first, flags=re.IGNORECASE)))]))


def _items(rest: str) -> list[str]:
    """The items of the list that stands right under "remember:"."""
    found: list[str] = []
    for line in rest.split("\n")[:MOST]:
        match = _ITEM.fullmatch(line.rstrip())
        if match is None:
            break
        found.append(match[1])
    return found


def _whole(line: str) -> str:
    """A line up to where it goes over to a task; "" where it asks or is no statement."""
    kept: list[str] = []
    for part in _sentences(line):
        if kept and _TASK.match(part):
            break
        kept.append(part)
    return _fit(" ".join(kept))


def _sentence(line: str) -> str:
    return next(iter(_sentences(line)), "")


def _sentences(line: str) -> list[str]:
    """The sentences of a line; a code span is never cut."""
    found: list[str] = []
    begin = 0
    for match in _ENDS.finditer(line):
        if not line[begin : match.start()].count("`") % 2:
            found.append(line[begin : match.start()])
            begin = match.end()
    return [part for part in (*found, line[begin:]) if part.strip()]


def _fit(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST or text.endswith(("?", ":")) or len(text.split()) < 2:
        return ""
    return text


def _orders(rest: str) -> bool:
    """Whether what stands behind "always" or "never" is an order: its first word is a verb as one gives orders."""
    word = rest.split(maxsplit=1)[0] if rest.strip() else ""
    plain = word.strip("*_\"'").casefold()
    if not plain.rstrip(",;").isalpha() or plain in _STORY or plain != plain.rstrip(",;.!"):
        return plain.startswith("`") or (plain.count("-") == 1 and plain.replace("-", "").isalpha() and not plain.endswith("ing"))
    if plain.endswith("s") and not plain.endswith("ss") and plain not in _BASE_S:
        return False
    if plain.endswith("ed") and plain not in _BASE_ED:
        return False
    return not (plain.endswith("ing") and plain not in _BASE_ING)
