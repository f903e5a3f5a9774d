"""Which lines an agent may be given, in which tier, in which order, and why each.

The one rule: only what is confirmed stands as a fact, what holds elsewhere (another branch, the vault) does not stand at
all, and a fact is told whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from kairos_git.dream.fetched import fetches_and_runs
from kairos_git.dream.wording import imperative
from kairos_git.memory.fact import FREE, Fact, sort_key, split_key, topic_of
from kairos_git.memory.handoff import Session
from kairos_git.memory.selection import Line, select
from kairos_git.memory.vault import in_vault
from kairos_git.recall.context.fence import Item, Left

TOUCHED = 30  # facts about touched paths that stand before all others; the rest stay where they are
SPOKEN = ("rules", "uses", "notes")  # topics of what people said
SAID = 100  # statements of each topic that are looked at, the newest first: no budget holds more
NAMED = 3  # paths a fact may name and still speak of one of them; more is a list
_PATH = re.compile(r"[\w@+.-]*(?:/[\w@+./-]*|\.[\w@+./-]*\w)")
_BRANCH = re.compile(r"(?:^|,)branch=([^,]*)$")


class Side(NamedTuple):
    """One side of a contradiction: the fact's id and text, who speaks for it (`owner`, `agent, 2 roots`), and its state."""

    id: str
    text: str
    who: str
    state: str


class Dispute(NamedTuple):
    """A contested fact (or, with a question's id, an open question), its slot with condition, and its sides."""

    id: str
    key: str
    sides: tuple[Side, ...]


def branch_word(branch: str) -> str:
    """A branch as it stands in a fact's condition."""
    return branch.replace(" ", "-").replace("{", "(").replace("}", ")")


def branch_of(fact: Fact) -> str:
    """The unmerged branch a fact was learned on, as its condition names it, or ""."""
    found = _BRANCH.search(fact.cond) if "branch=" in fact.cond else None
    return found[1] if found else ""


def identity_items(facts: Iterable[Fact]) -> list[Item]:
    """What the owner's own memory says of them: what to do and to avoid first; never the vault."""
    known = sorted(
        (f for f in facts if f.state == "confirmed" and not in_vault(f.slot)), key=lambda f: (f.slot != "rules", *sort_key(f))
    )
    return [Item(_whole(f), (f.id,), "identity", f"your own memory: {f.key}", f.topic) for f in known]


def project_items(
    facts: Iterable[Fact], branch: str = "", touched: Collection[str] = (), otherwise: Mapping[str, str] | None = None
) -> tuple[list[Item], list[Left]]:
    """The project's confirmed facts as lines: of this branch, of the touched paths, rules, then the most useful of the rest;
    and what the selection left out.

    otherwise  fact id -> what is to be said where the tree says something else by now
    """
    mark = otherwise or {}
    confirmed = [f for f in facts if f.state == "confirmed" and not in_vault(f.slot)]
    here, general, elsewhere = [], [], 0
    for fact in confirmed:
        if "branch=" not in fact.cond or not branch_of(fact):
            general.append(fact)
        elif branch and branch_of(fact) == branch_word(branch):
            here.append(fact)
        else:
            elsewhere += 1
    here.sort(key=sort_key)
    items = [_single(f, "branch", f"learned on the branch {branch}, which is not merged", mark) for f in here]
    near = _near(general, touched)
    items += [_single(f, "touched", f"speaks of {path}, which is being changed", mark) for f, path in near]
    shown = {f.id for f, _ in near}
    rest = [f for f in general if f.id not in shown and not f.loaded]
    said: dict[str, list[Fact]] = {topic: [] for topic in SPOKEN}
    surveyed: list[Fact] = []
    for f in rest:
        said.get(f.topic, surveyed).append(f)
    for topic, some in said.items():
        newest = sorted(sorted(some, key=sort_key), key=lambda f: f.since, reverse=True)[:SAID]
        tier, kind = ("rules", "a rule") if topic == "rules" else ("told", "said")
        items += [_single(f, tier, f"{kind}, confirmed since {f.since}", mark) for f in newest]
        shown |= {f.id for f in newest}
    lines = select(surveyed)
    items += [_line(line, mark) for line in lines]
    shown |= {f.id for line in lines for f in line.facts}
    read = sorted((f for f in general if f.loaded and f.id not in shown), key=lambda f: (f.topic != "rules", *sort_key(f)))
    items += [_single(f, "facts", f"said in {f.loaded}, which some agents load by themselves", mark) for f in read[:SAID]]
    shown |= {f.id for f in read[:SAID]}
    left = Counter(f.topic for f in general if f.id not in shown)
    beside = [Left("facts", topic, count) for topic, count in sorted(left.items())]
    return items, beside + ([Left("branches", "", elsewhere)] if elsewhere else [])


def contested_items(disputes: Sequence[Dispute], branch: str = "") -> list[Item]:
    """Contested facts and open questions with both sides; a side that gives an order nobody vouches for is named, not told."""
    items = []
    for d in disputes:
        slot, cond = split_key(d.key)
        scope = _BRANCH.search(cond)
        if in_vault(slot) or (scope and scope[1] != branch_word(branch)):
            continue
        asked = d.id.startswith("q-")
        why = "only the owner can settle it: `kairos-git questions`" if asked else "newer voices say otherwise"
        label = "" if slot in FREE else f"{d.key}: "
        ids = tuple(dict.fromkeys((d.id, *(side.id for side in d.sides))))
        told = label + " / ".join(map(_side, d.sides))
        items.append(Item(told, ids, "questions" if asked else "contested", why, topic_of(slot)))
    return items


def handoff_items(sessions: Sequence[Session], known: Collection[str] = ()) -> list[Item]:
    """The last sessions' lines, the newest first: what is next and open in any of them, then what was done.

    known  ids of observations that stand as facts already
    """
    items = []
    told: set[tuple[str, str]] = set()  # what several sessions left is told once, by the newest
    for s in sessions:
        dated = s.name if s.name.startswith(("said on ", "commits of ")) else f"{s.ended[:10]} {s.name}"
        label = f"{dated}{f' on {s.branch}' if s.branch else ''}"
        for kind in ("next", "open", "done"):
            said = getattr(s, kind)
            for one in reversed(said) if kind == "done" else said:
                if (one.id not in known or kind != "done") and (kind, one.text) not in told:
                    told.add((kind, one.text))
                    why = f"{kind} in a session that ended {s.ended[:16]}"
                    items.append((kind == "done", Item(f"{label}, {kind}: {one.text}", (one.id,), "handoff", why)))
    return [item for _, item in sorted(items, key=lambda one: one[0])]


def _whole(fact: Fact) -> str:
    """A fact's text with its condition, where the text does not name it; never cut."""
    conds = [c for c in fact.cond.split(",") if c and not c.startswith("branch=")]
    unsaid = [c.replace("=", " ") for c in conds if c.partition("=")[2] not in fact.text]
    return fact.text + (f" ({', '.join(unsaid)})" if unsaid else "")


def _single(fact: Fact, tier: str, why: str, mark: Mapping[str, str]) -> Item:
    scope = f" (only on the branch {branch_of(fact)})" if tier == "branch" else ""
    return Item(_whole(fact) + scope + _marks((fact,), mark), (fact.id,), tier, why, fact.topic)


def _line(line: Line, mark: Mapping[str, str]) -> Item:
    first = line.facts[0]
    text = _whole(first) if len(line.facts) == 1 and (line.text.endswith("…") or line.text == first.text) else line.text
    why = (
        f"{line.section.lower()}: confirmed since {first.since}"
        if len(line.facts) == 1
        else f"{line.section.lower()}: {len(line.facts)} confirmed facts"
    )
    return Item(text + _marks(line.facts, mark), tuple(f.id for f in line.facts), "facts", why, first.topic)


def _marks(facts: Sequence[Fact], mark: Mapping[str, str]) -> str:
    some = [(f, mark[f.id]) for f in facts if f.id in mark]
    named = [words if len(facts) == 1 else f"of {f.value}: {words}" for f, words in some]
    return "".join(f" ({words})" for words in named)


def _side(side: Side) -> str:
    order = (
        side.state != "confirmed"
        and side.who.partition(",")[0] != "owner"
        and (imperative(side.text) or fetches_and_runs(side.text))
    )
    told = f"a statement that tells the reader what to do (`kairos-git why {side.id}`)" if order else f"“{side.text}”"
    return f"{told} ({', '.join(part for part in (side.state, side.who) if part)})"


def _near(facts: Sequence[Fact], touched: Collection[str]) -> list[tuple[Fact, str]]:
    """The facts that name a touched path, its folder or its file's name, the most particular first."""
    names: dict[str, str] = {}
    for path in sorted(touched, reverse=True):
        parts = path.strip("/").split("/")
        for n in range(1, len(parts) + 1):
            names["/".join(parts[:n])] = path
        if "." in parts[-1]:
            names.setdefault(parts[-1], path)
    found = []
    for fact in facts if names else ():
        said = {word.strip("/.").removesuffix("/**") for word in _PATH.findall(fact.text)}
        part = fact.cond.partition("part=")[2].partition(",")[0]
        # What the tree says of a folder at its top is no news of a path within; what people said of it may be.
        broad = fact.topic in SPOKEN
        hits = sorted(
            word for word in (*said, part) if word in names and (broad or "/" in word or word == part or names[word] == word)
        )
        if hits and len(said) <= NAMED:
            best = max(hits, key=lambda word: (word.count("/"), len(word)))
            found.append((fact, names[best], best.count("/")))
    found.sort(key=lambda one: (-one[2], *sort_key(one[0])))
    return [(fact, path) for fact, path, _ in found[:TOUCHED]]
