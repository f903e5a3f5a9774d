"""The index -> hits: the queries, and what of the answers may be shown.

The one rule: everything that comes from outside is bound, never written into a statement.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable

from kairos_git.memory.files import read_regular
from kairos_git.recall.search.fresh import Placed, opened
from kairos_git.recall.search.hits import Hit, Query
from kairos_git.recall.search.ranking import CLOSE, ENDED, OPEN, WEAK, Boosts, Candidate, Ranked, Said, boosted, ranked
from kairos_git.recall.search.store import meta
from kairos_git.recall.search.wording import Wanted, clean, expression

CANDIDATES = 100  # of LoCoMo's evidence 93 % stands among the first 100, 82 % among the first 20
MOST = 10_000  # candidates, however many hits are asked for
ENOUGH = 0.5  # a fact that covers no more than this share of the asked words is a neighbour of the answer, not one
NEIGHBOURS = 1  # of those, shown where there is no better
_MARKS = f"'{OPEN}', '{CLOSE}'"
_LINES = f"""
SELECT rowid, -rank, highlight(words, 0, {_MARKS}) || '    ' || highlight(words, 1, {_MARKS}), highlight(words, 2, {_MARKS}),
    highlight(words, 3, {_MARKS}), highlight(words, 4, {_MARKS}) FROM words WHERE words MATCH :match{{}} ORDER BY rank LIMIT :limit"""
_FACTS = f"""
SELECT rowid, -rank, highlight(fact_words, 0, {_MARKS}) || '    ' || highlight(fact_words, 1, {_MARKS}),
    highlight(fact_words, 2, {_MARKS}), highlight(fact_words, 3, {_MARKS}) FROM fact_words WHERE fact_words MATCH :match{{}}
    ORDER BY rank LIMIT :limit"""
_LINE = """
SELECT l.text, l.id, l.time, l.epoch, l.src, l.sess, l.root, l.branch, l.at, l.path, l.line, l.thread, l.about, p.text, n.text,
    l.hidden > :vault OR (l.src = 'probe' AND :src = '' AND l.id IN (SELECT id FROM evidence))
    FROM lines l LEFT JOIN lines p ON p.n = l.p1 LEFT JOIN lines n ON n.n = l.n1 WHERE l.n = :n"""
_FACT = "SELECT text, id, key, state, since, until, path, line, evidence, hidden > :vault FROM facts WHERE n = :n"


def lines(db: sqlite3.Connection, wanted: Wanted, query: Query, boosts: Boosts) -> list[Hit]:
    """The log lines that answer, best first; of lines with the same words the best."""
    match = expression(wanted.terms, tuple(map(clean, boosts.words)))
    if not match:
        return []
    bound = {**_bound(query), "match": match}
    rows = db.execute(_LINES.format(_within("lines", _line_limits(query))), bound).fetchall()
    whole = {row[0]: db.execute(_LINE, {**bound, "n": row[0]}).fetchone() for row in rows}
    found = [
        Candidate(n, bm, whole[n][0], text, near, day, about, _session(whole[n]), whole[n][3])
        for n, bm, text, near, day, about in rows
        if not whole[n][-1]  # the vault's; or a reading of the tree that stands among the facts
    ]
    newest = int(query.now.timestamp()) if query.now else int(meta(db).get("newest", 0))

    def boost(c: Candidate) -> float:
        _, _, time, _, src, sess, root, branch, _, _, _, _, about, *_ = whole[c.n]
        return boosted(Said(src, sess, root, branch, time, about), c.plain, boosts)

    order = ranked(found, wanted, newest, boost, 0.0 if boosts.words else WEAK)
    return _told(order, lambda n, score: _line_hit(whole[n], score))


def facts(db: sqlite3.Connection, wanted: Wanted, query: Query) -> list[Hit]:
    """The facts that answer, best first; what ended a little behind what holds, what covers little of the question last."""
    match = expression(wanted.terms)
    if not match:
        return []
    bound = {**_bound(query), "match": match}
    rows = db.execute(_FACTS.format(_within("facts", _fact_limits(query))), bound).fetchall()
    whole = {row[0]: db.execute(_FACT, {**bound, "n": row[0]}).fetchone() for row in rows}
    found = [Candidate(n, bm, whole[n][0], text, near, "", about) for n, bm, text, near, about in rows if not whole[n][-1]]
    order = ranked(found, wanted, 0, lambda c: 0.0 if whole[c.n][6] else -ENDED)
    close = [one for one in order if one.covers > ENOUGH]
    near = [one for one in order if one.covers <= ENOUGH][: max(0, NEIGHBOURS - len(close))]
    return _told([*close, *near], lambda n, score: _fact_hit(whole[n], score))


def containing(db: sqlite3.Connection, wanted: Wanted, query: Query) -> tuple[list[Hit], list[Hit]]:
    """Where no word answers: the facts and lines that hold the asked words inside of others, or what is no word at all.

    Reads every line: about 30 ms at 100,000.
    """
    pieces = [t.word for t in wanted.terms if len(t.word) > 2 or not t.word.isascii()][:8]
    pieces = pieces or ([] if wanted.terms else [clean(query.text).strip().casefold()[:200]])
    pieces = [p for p in pieces if p]
    if not pieces:
        return [], []
    some = " OR ".join(f"instr(lower(text), :p{k})" for k in range(len(pieces)))
    bound = {**_bound(query), **{f"p{k}": p for k, p in enumerate(pieces)}}

    def holding(table: str, limits: str, order: str) -> list[tuple[float, int]]:
        within = f" AND {limits}" if limits else ""
        sql = f"SELECT n, text FROM {table} WHERE ({some}) AND hidden <= :vault{within} ORDER BY {order} LIMIT :limit"
        rows = [(sum(p in text.casefold() for p in pieces) / len(pieces), n) for n, text in db.execute(sql, bound)]
        return sorted(rows, key=lambda row: -row[0])

    kept = [] if query.src else holding("facts", _fact_limits(query), "n")
    said = holding("lines", _line_limits(query), "epoch DESC")
    return (
        [_fact_hit(db.execute(_FACT, {**bound, "n": n}).fetchone(), score) for score, n in kept],
        [_line_hit(db.execute(_LINE, {**bound, "n": n}).fetchone(), score) for score, n in said],
    )


def still_believed(memory: Placed, hits: list[Hit]) -> list[Hit]:
    """The facts less those that an uncommitted edit took away. It looks closer only where a file lacks one."""
    files = {path: read_regular(os.path.join(memory.path, path)) or b"" for path in {h.path for h in hits if h.path}}
    if all(h.id.encode() in files[h.path] for h in hits if h.path):
        return hits
    from kairos_git.recall.believed import believed

    live = {f.id for f in believed(opened(memory)).facts}
    return [h for h in hits if not h.path or h.id in live]


def _told(order: list[Ranked], hit: Callable[[int, float], Hit]) -> list[Hit]:
    first: dict[str, Hit] = {}
    for one in order:
        if one.candidate.plain not in first:
            first[one.candidate.plain] = hit(one.candidate.n, round(one.score, 4))
    return list(first.values())


def _session(row: tuple[str, ...]) -> str:
    """The session of a line, where it has one: a day is none."""
    return row[11] if row[5] and row[11] == row[5] else ""


def _line_hit(row: tuple[str, ...], score: float) -> Hit:
    text, name, time, _, src, sess, _, branch, at, path, line, _, _, before, after, _ = row
    told = {
        "session": sess,
        "before": (before,) if before else (),
        "after": (after,) if after else (),
        "branch": branch,
        "at": at,
    }
    return Hit("line", name, text, time, src, path=path, line=int(line), score=score, **told)  # type: ignore[arg-type]


def _fact_hit(row: tuple[str, ...], score: float) -> Hit:
    text, name, key, state, since, until, path, line, evidence, _ = row
    return Hit(
        "fact", name, text, since, state=state, path=path, line=int(line), score=score, until=until, key=key,
        evidence=tuple(e for e in evidence.split(",") if e),
    )  # fmt: skip


def _within(table: str, limits: str) -> str:
    return f" AND rowid IN (SELECT n FROM {table} WHERE {limits})" if limits else ""


def _line_limits(query: Query) -> str:
    limits = ["substr(time, 1, 10) >= :since"] if query.since else []
    limits += ["substr(time, 1, 10) <= :until"] if query.until else []
    limits += ["src = :src"] if query.src else []
    return " AND ".join(limits)


def _fact_limits(query: Query) -> str:
    limits = ["(until = '' OR until >= :since)"] if query.since else []
    limits += ["since <= :until"] if query.until else []
    return " AND ".join(limits)


def _bound(query: Query) -> dict[str, object]:
    limit = min(max(CANDIDATES, 3 * query.most), MOST)
    return {"since": query.since, "until": query.until, "src": query.src, "limit": limit, "vault": query.vault}
