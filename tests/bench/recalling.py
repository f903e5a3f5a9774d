"""`make bench-recall LOCOMO=DIR`: how much of what was said is found again, on LoCoMo's questions, by the product's own search.

DIR holds the ten conversations of LoCoMo (Maharana et al., ACL 2024, https://github.com/snap-research/locomo, CC BY-NC 4.0: it
is measured on, and no part of it is kept here): ten files, or one `locomo10.json`. Every turn is one observation, as an
import would write it down: session, time, the speaker as `by`. No model, no dream.

Each question with evidence is asked as it stands. Its recall is the share of its evidence turns among the first ten lines;
the figure is the mean over questions. A question "hits" where one of them is among the ten. Weights were set on the first
five conversations (dev); the other five (test) were only looked at.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from kairos_git.capture import spool
from kairos_git.memory import seed
from kairos_git.memory.landing import Desk
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.repository import Memory
from kairos_git.recall.search.finding import Query, search

BARS = {"own memory": 0.77, "all in one": 0.75}
KINDS = {1: "several turns", 2: "time", 3: "open", 4: "one turn", 5: "adversarial"}
_TURN = re.compile(r"D(\d+):(\d+)")


class Question(NamedTuple):
    """One question: the observations that answer it, and of which kind it is (KINDS)."""

    text: str
    evidence: frozenset[str]
    kind: int


class Conversation(NamedTuple):
    """One conversation as a memory would have it."""

    name: str
    turns: tuple[Observation, ...]
    questions: tuple[Question, ...]


class Asked(NamedTuple):
    """How one question went: the share of its evidence that was found, and in how many milliseconds."""

    question: Question
    dev: bool
    found: float
    took: float


def conversations(folder: Path) -> list[Conversation]:
    """The conversations that lie in a folder or below it, by name. Exits where there are none."""
    one = sorted(folder.rglob("locomo10.json"))
    if one:
        rows = json.loads(one[0].read_text())
        told = {str(row.get("sample_id", n)): {**row.get("conversation", row), "qa": row["qa"]} for n, row in enumerate(rows)}
    else:
        read = ((path.stem, json.loads(path.read_text())) for path in sorted(folder.rglob("*.json")))
        told = {name: row for name, row in read if isinstance(row, dict) and "qa" in row and "session_1" in row}
    if not told:
        raise SystemExit(f"{folder} holds no conversation of LoCoMo: give LOCOMO the folder of its ten files.")
    return [_conversation(name, row) for name, row in sorted(told.items())]


def _conversation(name: str, row: dict[str, Any]) -> Conversation:
    ids: dict[tuple[int, int], str] = {}
    turns = []
    number = 1
    while f"session_{number}" in row:
        began = datetime.strptime(row[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for n, turn in enumerate(row[f"session_{number}"]):
            caption = f" [shared {turn['blip_caption']}]" if turn.get("blip_caption") else ""
            when, sess = began + timedelta(seconds=20 * n), f"talk-{name}-{number}"
            o = observe(when, turn["text"] + caption, "import", sess=sess, extra=[("by", turn["speaker"])])
            ids[_key(turn["dia_id"])] = o.id
            turns.append(o)
        number += 1
    asked = []
    for q in row["qa"]:
        named = {(int(s), int(t)) for e in q.get("evidence", ()) for s, t in _TURN.findall(e)}
        evidence = frozenset(ids[key] for key in named if key in ids)
        if evidence:
            asked.append(Question(q["question"], evidence, q["category"]))
    return Conversation(name, tuple(turns), tuple(asked))


def _key(dia: str) -> tuple[int, int]:
    match = _TURN.fullmatch(dia)
    assert match is not None, dia
    return int(match.group(1)), int(match.group(2))


def remembered(folder: Path, turns: Sequence[Observation]) -> Memory:
    """A memory that holds these observations."""
    now = max(datetime.fromisoformat(o.time) for o in turns)
    memory = seed.create(str(folder), now)
    with memory.lock():
        spool.drain(Desk(memory), now, turns)
    return memory


def ask(memory: Memory, talks: Sequence[Conversation], dev: set[str]) -> Iterator[Asked]:
    """Every question of some conversations, put to one memory."""
    for talk in talks:
        for q in talk.questions:
            began = time.perf_counter()
            hits = {h.id for h in search(memory, Query(q.text, most=10)).lines}
            took = (time.perf_counter() - began) * 1000
            yield Asked(q, talk.name in dev, len(hits & q.evidence) / len(q.evidence), took)


def told(name: str, asked: Sequence[Asked]) -> str:
    """The figures of one way of asking, as lines of a table."""

    def mean(some: Sequence[Asked]) -> str:
        return f"{statistics.mean(a.found for a in some):.3f}" if some else "  -  "

    fair = [a for a in asked if a.question.kind != 5]
    lines = [
        f"{name}: {len(asked)} questions, median {statistics.median(a.took for a in asked):.1f} ms",
        f"  recall@10  all {mean(asked)} (dev {mean([a for a in asked if a.dev])}, test {mean([a for a in asked if not a.dev])})",
        f"             but adversarial {mean(fair)} (dev {mean([a for a in fair if a.dev])}, test {mean([a for a in fair if not a.dev])})",
        f"  hit@10     all {statistics.mean(a.found > 0 for a in asked):.3f}, but adversarial {statistics.mean(a.found > 0 for a in fair):.3f}",
    ]
    kinds = (f"{word} {mean([a for a in asked if a.question.kind == kind])}" for kind, word in KINDS.items())
    return "\n".join([*lines, f"  by kind    {', '.join(kinds)}"])


def main() -> int:
    """Print both figures; exit 1 where a bar is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locomo", type=Path, required=True, metavar="DIR")
    talks = conversations(parser.parse_args().locomo)
    dev = {talk.name for talk in talks[: (len(talks) + 1) // 2]}
    short = []
    with tempfile.TemporaryDirectory(prefix="kairos-recall-") as name:
        here = Path(name)
        own = [a for t in talks for a in ask(remembered(here / t.name, t.turns), [t], dev)]
        pooled = list(ask(remembered(here / "all", [o for t in talks for o in t.turns]), talks, dev))
    for what, asked in zip(BARS, (own, pooled), strict=True):
        reached = statistics.mean(a.found for a in asked)
        print(f"{'ok ' if reached >= BARS[what] else 'LESS'} {reached:.3f} >= {BARS[what]}  {told(what, asked)}", flush=True)
        short += [what] if reached < BARS[what] else []
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
