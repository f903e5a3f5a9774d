"""How people say by which command something is done: the patterns, and where in a sentence the command ends.

The one rule: a command is what could be typed; what tells when, why, or in whose place it is used is no part of it.
"""

from __future__ import annotations

import re

_PURPOSES = {
    "tests": r"(?:unit |all |full |the |our )*tests?(?: suite)?|testing",
    "lint": r"lint(?:s|ing|er|ers)?(?: checks?)?",
    "format": r"(?:code )?format(?:s|ting|ter)?",
    "types": r"type[ -]?check(?:s|ing|er)?|types",
    "build": r"builds?|building|compil(?:e|ing|ation)",
    "docs": r"docs|documentation",
    "dev": r"dev(?:elopment)? server|dev",
    "install": r"install(?:s|ation|ing)?|set-?up|dependencies",
    "bench": r"bench(?:es|mark|marks)?",
    "deploy": r"deploy(?:s|ing|ment|ments)?",
}
_TOOL = (
    r"(?:(?:uv|uvx|pipx?|python3?(?:\.\d+)?|py|poetry|pdm|hatch|tox|nox|pytest|ruff|mypy|black|flake8|npm|npx|pnpm|yarn|bun|deno|node|make|just|"
    r"task|cargo|go|gradle|mvn|bundle|rake|mix|dotnet|cmake|ninja|bazel|docker|sh|bash)(?![\w/-])|\./\S+|[\w-]+/[\w./-]+)"
)
CODE = r"(?P<code>`+)(?P<{0}>(?:(?!(?P=code)).)+)(?P=code)"
# where a command without code marks ends: what follows says when, why, or in whose place (`pytest -k not slow` goes on)
_STOP = r"(?!(?:instead|rather|in place|over|since|because|but|now|(?<!-k )(?<!-m )not|and not)\b)"
THING = r"(?:`[^`]+`|[\w@./+#-]+(?: (?!(?:for|in|to|on|when|because|since|as|everywhere)\b)[\w@./+#-]+)?)"
GONE = r"(?:instead of|rather than|in place of|over|not)"

COMMANDS = tuple(
    (
        purpose + ".command",
        re.compile(
            rf"^(?:the |our |to )?(?:run |start )?(?:{words})(?:'s)?(?: command| runner| suite)?s?"
            r"(?:(?:,| is| are| must| should| can| has| have| to| be| now| always| only| run| runs| started| done| built| checked| executed| invoked)*)"
            rf"(?: with| by| via| using| through| under| use| uses|:| is| are| run| =|,)+ (?:now |running )?(?:{CODE.format('a')}|(?P<b>{_TOOL}(?: {_STOP}[\w@:./=-]+){{0,6}}))",
            re.IGNORECASE,
        ),
        re.compile(
            rf"^(?:please |always |we )?(?:run|use|execute|call|invoke|type) (?:{CODE.format('a')}|(?P<b>{_TOOL}(?: {_STOP}[\w@:./=-]+?){{0,5}}))(?:,? {GONE} {THING})? "
            rf"(?:to|for) (?:run(?:ning)? |start |do |check )?(?:the |all |our )?(?:{words})\b",
            re.IGNORECASE,
        ),
    )
    for purpose, words in _PURPOSES.items()
)

ENDS = re.compile(r"\s*(?:$|[.,;(]|instead\b|now\b|rather\b|on\b)")
