"""What an observation claims: slots with values, by rules, from its text alone.

The one rule: when in doubt it is an event. Of 100 commit messages that a rule matched, 80 told of something done and
held nothing to believe; so a claim needs a form that states how things are or shall be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kairos_git.dream.bumps import moves
from kairos_git.dream.commanded import CODE, COMMANDS, ENDS, GONE, THING
from kairos_git.dream.evidence import NO_EVIDENCE
from kairos_git.dream.wording import is_event, is_rule, is_tool
from kairos_git.memory.fact import FREE, SLOT, slug, split_key, text_of, value_of, version_slot
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import BREAK, code, code_spans, normal_text, normal_value
from kairos_git.memory.vault import vaulted

WANTS = frozenset({"rules", "uses"})  # topics that say what the owner wants, not what the tree is
LONGEST_TEXT = 300  # characters of a statement that may become a fact; longer is an account, not a claim


class Claim(NamedTuple):
    """One slot with one value, as one observation states it.

    ends   the value that this statement says is over (A of "A -> B"), normalised, or ""
    many   whether the slot holds several values at once
    moved  whether the statement was made about another slot: it speaks here only where the value it ends stands
    gone   whether a probe says that the value is no longer there
    """

    o: Observation
    slot: str
    cond: str
    value: str
    text: str
    ends: str = ""
    many: bool = False
    gone: bool = False
    moved: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return (self.slot, self.cond)


def nature(slot: str) -> str:
    """`wants` (only owner and probe contest), `command` (the owner's word stands over a probe) or `is` (the probe wins)."""
    if slot.partition(".")[0] in WANTS:
        return "wants"
    return "command" if slot.endswith(".command") else "is"


# -- the pieces of the rules

_TAIL = re.compile(r"(?<=\w)[.,;]+$")
_OS = re.compile(r"\bon (windows|linux|macos|mac)\b", re.IGNORECASE)
_PREFIX = re.compile(
    r"^(?:(?:remember|note|fyi|nb|important|reminder|correction|decision|update)(?: that|:)|we decided(?: that| to)?)\s*",
    re.IGNORECASE,
)


def _of(slot: str, value: str, text: str) -> tuple[str, str]:
    """(value, text) of a claim: the speaker's own words where the value can be read back from them, else ours."""
    value = normal_value(value)
    if len(text) <= LONGEST_TEXT and value:
        spans = code_spans(text)
        if not spans:  # mark the value where it stands, so that it can be read back
            text = re.sub(rf"(?<![\w`]){re.escape(value)}(?![\w`])", lambda m: code(m.group()), text, count=1)
            spans = code_spans(text)
        if spans and normal_value(spans[0]) == value:
            return value, text
    return value, text_of(slot, value)


def _make(o: Observation, slot: str, value: str, text: str, ends: str = "", many: bool = False) -> Claim | None:
    """A claim, unless its value is unfit to be one."""
    cond = ""
    place = _OS.search(text)
    if place and slot.endswith(".command"):
        cond = "os=" + place.group(1).lower().replace("mac", "macos").replace("macosos", "macos")
    value, text = _of(slot, value, text)
    if not value or len(value) > 200 or not SLOT.fullmatch(slot):
        return None
    return Claim(o, slot, cond, value, text, normal_value(ends), many)


# -- the rules: each looks at one sentence and yields claims; the first that yields anything is taken


def _commands(o: Observation, text: str) -> Iterator[Claim | None]:
    for slot, *patterns in COMMANDS:
        for pattern in patterns:
            match = pattern.match(text)
            if match and (o.src != "commit" or (match.group("a") and ENDS.match(text, match.end()))):
                # a commit must say no more than that: "tests: harden x" and "docs: `x` also takes y" tell of work done
                value, over = _TAIL.sub("", match.group("a") or match.group("b")), _instead(text)
                yield _make(o, slot, value, text, over if over not in value.split() else "")  # `pytest -k not slow` ends nothing
                return


_REQUIRES = re.compile(
    r"(?:^|\b)(?P<verb>requires?|needs?|minimum|at least|supports?|targets?|drops? support for)\s+(?:at least |version )?"
    r"(?P<what>python|node(?:\.?js)?|go|rust|java|ruby|php|postgres(?:ql)?|mysql|redis|git|npm|pnpm|uv|typescript|django)"
    r"(?: version)?\s+`?(?P<op>>=|>|==|~=|\^)?\s*v?(?P<v>\d+(?:\.\d+)*)(?P<plus>\+|\s+(?:or|and) (?:newer|later|above|higher|up))?`?",
    re.IGNORECASE,
)


def _requirements(o: Observation, text: str) -> Iterator[Claim | None]:
    match = _REQUIRES.search(text)
    if not match or match["verb"].lower().startswith(("drop", "support", "target")):
        return
    what = match["what"].lower().replace("nodejs", "node").replace("node.js", "node").replace("postgresql", "postgres")
    slot = f"{what}.requires"
    value = f"{match['op'] or '>='}{match['v']}"
    yield _make(o, slot, value, text_of(slot, value))


_NO_NAME = r"(?!(?:the|an?|its?|this|that|being|not)\b)"  # "defaults to the request" goes on, and its first word is no value
_DEFAULT = re.compile(
    rf"^(?:the )?default (?P<x>[\w -]{{2,40}}?) (?:is|are|=|:|becomes?)(?: now)? (?:{CODE.format('a')}|{_NO_NAME}(?P<b>[\w./:@-]+))"
    rf"|^(?:the )?(?P<y>[\w -]{{2,40}}?) defaults to (?:`(?P<c>[^`]+)`|{_NO_NAME}(?P<d>[\w./:@-]+))",
    re.IGNORECASE,
)


def _defaults(o: Observation, text: str) -> Iterator[Claim | None]:
    match = _DEFAULT.match(text)
    if match:
        name = slug(match["x"] or match["y"])
        slot = "git.default-branch" if name == "branch" else f"default.{name}"
        yield _make(o, slot, _TAIL.sub("", match["a"] or match["b"] or match["c"] or match["d"]), text)


_BUMP = re.compile(
    r"(?:^|: )(?:bump|upgrade|update|pin|downgrade)[sd]?(?:ed)? (?P<x>`[^`]+`|[\w@./-]+)(?: version)?(?: from `?(?P<a>[\w.+-]+)`?)? to `?(?P<b>v?\d[\w.+-]*)`?",
    re.IGNORECASE,
)
_SWITCH = re.compile(
    rf"(?:^|: )(?:we )?(?:switch|migrat|mov|chang|convert|port|went|go)(?:e|es|s|d|ed|ing)? (?:(?P<x>[\w -]+?) )?(?:over )?from (?P<a>{THING}) to (?P<b>{THING})(?=$|[\s.,;:)])",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    rf"(?:^|: |\b)(?:use|uses|using|adopt|prefer|choose|chose|picked?) (?P<b>{THING}?),? {GONE} (?P<a>{THING})(?=$|[\s.,;:)])",
    re.IGNORECASE,
)
_REPLACE = re.compile(
    rf"(?:^|: )(?:we )?replac(?:e|es|ed|ing) (?P<a>{THING}?) (?:with|by) (?P<b>{THING})(?=$|[\s.,;:)])"
    rf"|^(?P<b2>{THING}) (?:replaces|replaced|supersedes) (?P<a2>{THING})(?=$|[\s.,;:)])",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"(?:,? \(?(?:was|previously|formerly|no longer|not|instead of|rather than|in place of)(?: on)? )(?P<a>`[^`]+`|[\w@./+-]+)\)?[.]?$",
    re.IGNORECASE,
)


def _bare(thing: str) -> str:
    return thing.strip("` .,;")


def _instead(text: str) -> str:
    """What a command statement says is over: "Tests run with `nox`, not `tox`"."""
    match = _INSTEAD.search(text) or _NOW.search(text)
    return _bare(match["a"]) if match else ""


def _transitions(o: Observation, text: str) -> Iterator[Claim | None]:
    bump = _BUMP.search(text)
    if bump:
        if slug(bump["x"]) in ("version", "release", "to"):
            return  # the project's own release: an event, which its tag tells
        slot, new = version_slot(bump["x"]), bump["b"].rstrip(".")
        yield _make(o, slot, new, text_of(slot, new), (bump["a"] or "").rstrip("."))
        return
    for pattern in (_SWITCH, _INSTEAD, _REPLACE):
        match = pattern.search(text)
        if match:
            found = match.groupdict()
            old, new = _bare(found.get("a") or found.get("a2") or ""), _bare(found.get("b") or found.get("b2") or "")
            if old and new and old.casefold() != new.casefold():
                made = _make(o, "uses", new, text, old, many=True)
                known = o.src != "commit" or is_tool(old) or is_tool(new)
                yield made and made._replace(moved=not known)  # a change within the code counts only where A is believed
            return


_ASSIGN = re.compile(
    rf"^(?P<slot>[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+)(?P<cond>\{{[^{{}} ]+\}})? ?(?:= ?(?:{CODE.format('a')}|(?P<b>\S.*))|: ?{CODE.format('c').replace('code', 'fence')})$"
)


def _assignments(o: Observation, text: str) -> Iterator[Claim | None]:
    """`tests.command = tox`: a slot said outright."""
    match = _ASSIGN.match(text) if o.src != "commit" else None  # "parser.py: handle tabs" names a place, not a slot
    if match and not re.search(r"\.(?:py|js|ts|md|go|rs|toml|ya?ml|json|sh|txt)$", match["slot"]):
        made = _make(o, match["slot"], match["a"] or match["b"] or match["c"], text)
        yield made._replace(cond=(match["cond"] or "")[1:-1]) if made else None


def _statements(o: Observation, text: str) -> Iterator[Claim | None]:
    """A rule of the owner's house, or a plain statement. Nothing an outsider, a commit or a test says is one."""
    if o.src not in ("owner", "agent", "import", "probe") or len(text) > LONGEST_TEXT:
        return
    slot = "rules" if is_rule(text) else "note"
    if slot == "note" and ((is_event(text) and not o.meant) or text.endswith("?") or len(text.split()) < 2):
        return
    yield Claim(o, slot, "", normal_text(text), text)


RULES: tuple[Callable[[Observation, str], Iterator[Claim | None]], ...] = (
    _assignments, _commands, _requirements, _defaults, _transitions, _statements,
)  # fmt: skip
# A line that holds none of these letters-and-marks cannot match a rule for commits: the cheap way out for most events.
_MAYBE = re.compile(
    r"`|[=:]|\b(?:from|instead|rather|over|replac|supersede|default|require|need|minimum|least|bump|upgrade|update|pin|downgrade|run|use|via|using|with)",
    re.IGNORECASE,
)


def _probed(o: Observation, key: str) -> tuple[Claim, ...]:
    """A reading of the tree: slot and value as the reader gave them."""
    slot, cond = split_key(key)
    spans = code_spans(o.text)
    if not SLOT.fullmatch(slot) or (not spans and slot not in FREE):
        return ()
    return (Claim(o, slot, cond, value_of(slot, o.text), o.text, "", o.word("many") is not None, o.word("gone") is not None),)


def claims(o: Observation) -> tuple[Claim, ...]:
    """The claims of one observation; none for an event, an outsider, or memory's own words."""
    if o.src in NO_EVIDENCE or o.word("event") is not None:  # what a session came to is an account of it
        return ()
    slot = o.word("slot")
    if slot and o.src in ("probe", "owner"):  # a reader of the tree, or a fact line written by hand, names its slot
        return _probed(o, slot)
    if o.src != "commit":
        return _stated(o, o.text.replace(BREAK, " "))
    subject = o.text.partition(BREAK)[0]
    found = _stated(o, subject) if _MAYBE.search(subject) else ()
    known = {c.key for c in found}
    return found + tuple({c.key: c for c in _updates(o) if c.key not in known}.values())


def _updates(o: Observation) -> Iterator[Claim]:
    """What a commit's message lists as going from one version to another."""
    for m in moves(o.text):
        made = _make(o, version_slot(m.thing), m.new, f"{m.thing}: {code(m.new)}", m.old)
        if made:
            yield made


def _stated(o: Observation, text: str) -> tuple[Claim, ...]:
    """The claims of one sentence, by the first rule that finds any; one of a document stands whole, one of the vault never free."""
    text = _PREFIX.sub("", text).strip()
    for rule in RULES[:1] if vaulted(o) else (_assignments, _statements) if o.word("stated") is not None else RULES:
        found = tuple(claim for claim in rule(o, text) if claim is not None)
        if found:
            return found
    return ()
