"""Values of the memory -> what a tool answers: text for whoever reads, and the same as a structured result.

The one rule: text that was written down stands inside the fence of `recall/context`, and no line of it can leave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kairos_git.memory.handoff import KINDS, Session
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import code
from kairos_git.recall.context.fence import STATEMENT, Context, enclosed, plain
from kairos_git.recall.context.packing import totals
from kairos_git.recall.mcp_server.tools import Told
from kairos_git.recall.reasons import Reasons, Voice
from kairos_git.recall.search.finding import FACTS, Found, Hit

AGAIN = 60  # of reciprocal rank fusion: Cormack, Clarke, Büttcher, SIGIR 2009, https://doi.org/10.1145/1571941.1572114


def merged(found: Sequence[Found], most: int) -> Found:
    """Several searches for the same thing as one: what more of them found, and found earlier, stands first."""
    if len(found) == 1:
        return found[0]
    notes = tuple(dict.fromkeys(note for one in found for note in one.notes))
    facts = _fused([one.facts for one in found])[: max(1, round(most * FACTS))]
    return Found(facts, _fused([one.lines for one in found])[: most - len(facts)], notes)


def _fused(lists: Sequence[Sequence[Hit]]) -> tuple[Hit, ...]:
    scores: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for ranked in lists:
        for rank, hit in enumerate(ranked, 1):
            scores[hit.id] = scores.get(hit.id, 0.0) + 1 / (AGAIN + rank)
            hits.setdefault(hit.id, hit)
    return tuple(sorted(hits.values(), key=lambda hit: (-scores[hit.id], hit.id)))


def tell_found(found: Found, query: str) -> Told:
    """The hits of a search: facts with their state, then log lines with their neighbours."""
    data = {
        "facts": [{"id": h.id, "text": plain(h.text), "state": h.state, "slot": h.key, "from": h.time, "until": h.until} for h in found.facts],
        "lines": [
            {
                "id": h.id, "text": plain(h.text), "time": h.time, "src": h.src, "session": h.session,
                "path": f"{h.path}:{h.line}" if h.path else "", "before": list(map(plain, h.before)), "after": list(map(plain, h.after)),
            }
            for h in found.lines
        ],
        "notes": list(found.notes),
    }  # fmt: skip
    lines = [f"Facts and log lines that speak of {plain(query)[:200]!r} ({STATEMENT}):"]
    for h in found.facts:
        lines.append(f"- [{h.id}] {h.state}, since {h.time[:10]}{h.until and f' until {h.until}'}: {plain(h.text)}")
    for h in found.lines:
        lines += [f"- [{h.id}] {h.time[:16].replace('T', ' ')} {h.src} said: {plain(h.text)}"]
        lines += [f"    before: {plain(text)}" for text in h.before] + [f"    after: {plain(text)}" for text in h.after]
    if not data["facts"] and not data["lines"]:
        lines = [f"Memory ({STATEMENT}) holds nothing that speaks of {plain(query)[:200]!r}. Try other words with `also`."]
    return Told(enclosed([*lines, *(f"Note: {plain(note)}" for note in found.notes)]), data)


def tell_remembered(o: Observation, session: str) -> Told:
    """What became of a statement: where it counts, and that an echo counts nothing."""
    if o.root and o.root != session:
        note = f"It counts as coming from {o.root}: said again, it adds no evidence."
    else:
        note = "It counts as this session's word, an agent's; a dream decides whether it becomes a fact."
    return Told(f"Recorded as {o.id}: {plain(o.text)}\n{note}", {"id": o.id, "recorded": o.text, "note": note})


def tell_why(reasons: Reasons) -> Told:
    """The account of one fact."""
    fact = reasons.fact
    whole = reasons.as_json()
    data: dict[str, Any] = {"id": fact.id, "slot": fact.key, "text": plain(fact.text), "state": fact.state}
    data |= {k: whole[k] for k in ("reason", "score", "past")}
    data |= {k: [{**v, "text": plain(v["text"])} for v in whole[k]] for k in ("observations", "contradicted_by")}
    data["rulings"] = [f"{r.kind} by {r.by}, {r.time}" for r in reasons.rulings]
    lines = [
        f"Why {fact.id} stands as it does ({STATEMENT}):",
        f"{fact.key} = {code(plain(fact.value))}, {fact.state} since {fact.since}: {plain(fact.text)}",
        f"Reason: {plain(reasons.reason)}; score {reasons.score:g}",
    ]
    lines += [_voice(v) for v in reasons.voices]
    lines += [f"- earlier: {plain(words)}" for words in reasons.past]
    lines += [f"- ruling: {words}" for words in map(plain, data["rulings"])]
    return Told(enclosed(lines), data)


def _voice(v: Voice) -> str:
    side = "against" if v.against else "for"
    weight = f"{v.weight:g}" if v.counts else "0"
    return f"- {side} [{v.id}] {v.time[:16].replace('T', ' ')} {v.src}, weight {weight}{f' ({v.note})' if v.note else ''}: {plain(v.text)}"


def tell_handoff(last: Sequence[Session]) -> Told:
    """The last sessions, newest first: done, next, open, each line with the id it stands in."""
    data: list[dict[str, Any]] = []
    lines = [f"The last sessions, newest first ({STATEMENT}):"] if last else [f"No session yet ({STATEMENT})."]
    for s in last:
        name, branch = plain(s.name), plain(s.branch)
        told = {kind: [f"{plain(said.text)} ({said.id})" for said in getattr(s, kind)] for kind in KINDS}
        data.append({"name": name, "ended": s.ended, "branch": branch, **told})
        lines.append(f"{s.ended[:16].replace('T', ' ')} {name}{f' on {branch}' if branch else ''}")
        lines += [f"- {kind}: {text}" for kind in KINDS for text in told[kind]]
    return Told(enclosed(lines), {"sessions": data})


def tell_context(context: Context) -> Told:
    """What an agent is given at the start, with the ids that were shown and the count of what did not fit."""
    ids = list(dict.fromkeys(name for item in context.items for name in item.ids))
    data = {"text": context.text, "ids": ids, "left": dict(totals(context.left)), "notes": list(context.notes)}
    return Told(context.text, data)
