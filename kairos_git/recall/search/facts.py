"""The facts of the index: the live ones as the topics have them, the ended ones as the fold still knows them.

The fold is the dearest thing here, so it is made once for each dream, and what it knew is kept.

The one rule: what the topics say is live is live; only what is not there is history.
"""

from __future__ import annotations

import re
import sqlite3
from hashlib import sha256

from kairos_git.memory.fact import Fact
from kairos_git.memory.repository import Memory
from kairos_git.memory.topic import topic_name, topic_path
from kairos_git.memory.vault import in_vault
from kairos_git.recall.search.wording import clean, parts

_LINE = re.compile(rb"<!--k (f-[0-9a-z]{13}) ")
VOICES = 4  # lines of evidence whose words stand beside a fact


def facts_key(files: dict[str, str]) -> str:
    """What the facts depend on, as one word: another dream or ruling is another word. files: path -> blob id of a commit."""
    told = sorted((path, blob) for path, blob in files.items() if topic_name(path) or path == "rulings.md")
    return sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()


def read_facts(memory: Memory, commit: str) -> list[tuple[object, ...]]:
    """Every fact of a commit as a row of the index: live, superseded, retired and rejected ones."""
    here = memory.snapshot(commit)
    if not here.topics:
        return []
    from kairos_git.dream.fold import fold  # only where a dream is new

    live = here.facts
    ended = [f for f in fold(here.observations, here.annotations, here.rulings).facts if not f.live and f.id not in live]
    texts = {o.id: o.text for o in here.observations}
    numbers = {
        m.group(1).decode(): number
        for path in here.topics
        for number, line in enumerate(here.files[path].split(b"\n"), 1)
        if (m := _LINE.search(line))
    }
    return [_row(n, f, texts, numbers) for n, f in enumerate((*live.values(), *ended), 1)]


def _row(n: int, f: Fact, texts: dict[str, str], numbers: dict[str, int]) -> tuple[object, ...]:
    text = clean(f.text)
    near = clean(" ".join(texts[name] for name in f.evidence[:VOICES] if name in texts and texts[name] != f.text))
    about = f"{f.slot} {f.cond} {f.topic} {f.state}"
    path = topic_path(f.topic) if f.live else ""
    return (
        n, f.id, f.key, f.state, f.since, f.until, path, numbers.get(f.id, 0) if f.live else 0, in_vault(f.slot),
        ",".join(f.evidence), text, parts(text), near, clean(about),
    )  # fmt: skip


def fill_facts(db: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    """Put these facts in the place of those that stood there, inside the caller's transaction."""
    db.execute("DELETE FROM facts")
    db.executemany(f"INSERT INTO facts VALUES({', '.join('?' * 14)})", rows)
    db.execute("DELETE FROM evidence")
    told = ((name,) for row in rows for name in str(row[9]).split(","))
    db.executemany("INSERT OR IGNORE INTO evidence VALUES(?)", told)
    db.execute("INSERT INTO fact_words(fact_words) VALUES('rebuild')")
