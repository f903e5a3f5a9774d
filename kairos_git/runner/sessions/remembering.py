"""Saying something to memory: the one way in for `observe`, agents' tools and hooks.

Privacy first, then redaction, then who it comes from, then the spool.

The one rule: nothing reaches the disk that the owner keeps private, and what an agent read in memory is not its own finding.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, MutableMapping
from datetime import datetime
from typing import TYPE_CHECKING

from kairos_git.capture import spooling
from kairos_git.capture.sessions import state
from kairos_git.capture.sessions.scope import Scope, kept, load_scope
from kairos_git.capture.spooling import Spooled
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import redact
from kairos_git.memory.text import one_line

if TYPE_CHECKING:
    from kairos_git.memory.repository import Memory
    from kairos_git.recall.echo import Served

Shown = MutableMapping[str, "tuple[Served, ...]"]


def remember(
    memory: Memory, text: str, now: datetime, *, src: str, session: str = "", root: str = "", branch: str = "",
    exact: bool = False, project: str = "",
) -> Observation:  # fmt: skip
    """Write a statement down, durably; what was written.

    exact    `now` is the time it was said; else it gets a second of its own, so that of two the later stays the later
    project  the root of the project's work tree, from which private paths are told; "" where there is none

    Raises UsageError for an empty text or an unknown source, Refused where the owner keeps it private, NotWritable.
    """
    scope = load_scope(memory.path, memory.own, project)
    o = statement(memory, text, now, src=src, session=session, root=root, branch=branch, scope=scope)
    if not exact:
        (when,) = spooling.moments(memory, now)
        o = observe(when, o.text, o.src, sess=o.sess, root=o.root, branch=o.branch)
    spooling.acknowledge(memory, [o])
    return o


def statement(
    memory: Memory, text: str, when: datetime, *, src: str, session: str = "", root: str = "", branch: str = "",
    scope: Scope | None = None, shown: Shown | None = None,
) -> Observation:  # fmt: skip
    """The observation of a statement, as it may be written. `shown` remembers between calls what sessions were shown."""
    session, root, branch = name(session), name(root), name(branch)
    if src == "agent" and not session:
        session = nameless(when)
    words = kept(text, scope or load_scope(memory.path, memory.own))
    o = observe(when, words, src, sess=session, root=root, branch=branch)
    return echo(memory, o, when, shown) if src == "agent" else o


def name(text: str) -> str:
    """A session, root or branch as it may be written."""
    return one_line(redact(text[:400]).text, 200)


def nameless(when: datetime) -> str:
    """The session of agents' calls that name none: those of one day are one voice."""
    return f"agent-{when.date().isoformat()}"


def echo(memory: Memory, o: Observation, now: datetime, shown: Shown | None = None) -> Observation:
    """An agent's statement with the root of what it repeats, where its session was shown that."""
    from kairos_git.recall.echo import repeated

    served = shown_to(memory, o.sess, now) if shown is None or o.sess not in shown else shown[o.sess]
    if shown is not None:
        shown[o.sess] = served
    found = repeated(o, served)
    if found is None:
        return o
    first = next(iter(_lines(memory, [found.evidence]).values()), None)
    origin = first.origin if first else found.evidence
    return o._replace(root="" if origin == o.sess else origin)


def note_shown(memory: Spooled, session: str, ids: Iterable[str], now: datetime, *, commit: str = "") -> None:
    """Note that a session was shown these facts and lines: call it wherever memory is handed to an agent. Raises NotWritable."""
    found = tuple(ids)
    if found:
        state.note(memory.own, session or nameless(now), now, shown=found, commit=commit, opens=False)


def shown_to(memory: Memory, session: str, now: datetime) -> tuple[Served, ...]:
    """What a session was shown; where nothing is known of it, everything that any was shown in the last 30 days."""
    from kairos_git.memory.objects import facts_at
    from kairos_git.recall.context.fence import SHORT
    from kairos_git.recall.echo import Served

    own = state.load(memory.own, session)
    if own is not None and not session.startswith("agent-"):
        known = [own]
    else:
        known = [s for ended in (False, True) for _, s in state.states(memory.own, ended=ended)]
    known = [s for s in known if state.may_have_seen(s, now)]
    ids = {name for s in known for name in s.shown}
    if not ids:
        return ()
    found: dict[str, Served] = {}
    missing = {name for name in ids if name.startswith("f-")}
    for commit in dict.fromkeys([memory.head(), *(c for s in known for c in reversed(s.commits))]):
        if missing and memory.git.resolve(commit):
            facts = facts_at(memory.git, commit)
            here = {n: f for n, f in facts.items() if n in missing or n[:SHORT] in missing}
            found |= {n: Served(n, f.text, f.slot, f.value, next(iter(f.evidence), n)) for n, f in here.items()}
            missing -= {*here, *(n[:SHORT] for n in here)}
    lines = _lines(memory, [name for name in ids if name.startswith("o-")])
    return (*found.values(), *(Served(o.id, o.text, evidence=o.id) for o in lines.values()))


def _lines(memory: Memory, ids: Iterable[str]) -> dict[str, Observation]:
    """id -> the observation, also of a shortened id, from the log or from what waits for it; missing ones are left out."""
    from kairos_git.capture import spool
    from kairos_git.memory.daylog import log_day
    from kairos_git.memory.observation import parse_observation

    wanted = {i for i in ids if i.startswith("o-")}
    if not wanted:
        return {}
    words = "".join(f"<!--o {i}\n" for i in sorted(wanted)).encode()
    out = memory.git.run("grep", "-z", "-F", "-f", "-", "HEAD", "--", "log/", stdin=words, check=False).out
    found: dict[str, Observation] = {}
    for row in out.decode("utf-8", "surrogateescape").split("\n"):
        path, _, line = row.partition("\0")
        day = log_day(path.partition(":")[2])
        o = parse_observation(day, line) if day else None
        if isinstance(o, Observation):
            found[o.id] = o
    waiting = [o for path in spool.segments(memory) if os.path.exists(path) for o in spool.read_segment(path)[0]]
    return found | {o.id: o for o in waiting if o.id in wanted or any(o.id.startswith(i) for i in wanted)}


def close_silent(memory: Memory, now: datetime) -> tuple[list[Observation], list[str]]:
    """End the sessions that have been silent for six hours: write down what they said last, durably, and set them aside.

    What was written, and what is to be said of it. A drain does the same. Raises NotWritable.
    """
    told, names = state.silent(memory.own, now)
    spooling.acknowledge(memory, told)
    state.set_aside(memory.own, names, now)
    return told, []
