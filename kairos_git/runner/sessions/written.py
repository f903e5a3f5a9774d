"""Taking in what an agent's auto memory wrote into the folder: each statement an observation of the agent's, the file back out.

What stood there is committed as the agent's own commit first, so that git keeps its words; the next commit, landed in the same
step, has the observations and puts the projection back. The statements then count for what any agent's do.

The one rule: a file is never read as the owner's word, and no byte of it goes unless git has it; what is secret or private aside,
which is left out before the first write.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from kairos_git.capture.agents import members, settingsfile
from kairos_git.capture.agents.clients import CLIENTS, SCOPES
from kairos_git.capture.agents.jsontext import Malformed
from kairos_git.capture.automemory import Written, description, find, without_pointers
from kairos_git.capture.sessions.scope import Scope, kept, load_scope
from kairos_git.errors import KairosError, Refused
from kairos_git.memory import index
from kairos_git.memory.daylog import format_daylog, fresh, log_path
from kairos_git.memory.handoff import NOTED
from kairos_git.memory.landing import SELF, Commit, Desk, Person, build, follow, land, write_whole
from kairos_git.memory.objects import read_files
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import clean
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import Snapshot
from kairos_git.recall.echo import Served, repeated
from kairos_git.recall.statements import difference, statements

AGENT = Person("agent", "agent@localhost")
ROOT = "auto-memory/"  # where such a statement comes from: this and the file's path
MOST = 40  # statements taken from one file; the rest stays in git's history


def take_written(desk: Desk, project: str, now: datetime) -> None:
    """Bring what was written into the log. project: the root of its work tree, "" without one. Call it under the lock.

    Raises Diverged and NotWritable; then the files stand as they were.
    """
    memory = desk.memory
    left = find(memory, desk.head, topics=_keeps_here(memory, project))
    if not left:
        return
    try:
        scope = load_scope(memory.path, memory.own, project)
    except Refused:  # what is private cannot be told from what is not: nothing is written, and the files stay
        return
    here = desk.snapshot()
    served = [Served(f.id, f.text, f.slot, f.value, next(iter(f.evidence), f.id)) for f in here.facts.values()]
    known = {(o.text, o.sess) for o in here.observations}
    found = [_allowed(memory, w, scope, dry=desk.dry) for w in left]
    told = [_echoed(o, served, here) for w in found for o in _observations(w, scope, now) if (o.text, o.sess) not in known]
    back: dict[str, bytes | None] = {w.path: w.before for w in found if w.whole}
    log = log_path(now.date().isoformat())
    old = read_files(memory.git, desk.head, [log]).get(log, b"")
    new = fresh(old, told)
    log_files: dict[str, bytes | None] = {log: format_daylog(old, now.date().isoformat(), new)} if new else {}
    files = {**log_files, **back}
    if not files:
        return
    names = ", ".join(sorted(back))
    words = f"agent: wrote {names}\n\nWhat its auto memory left in the folder, as it stood.\n"
    theirs = [Commit({w.path: w.data for w in found if w.whole}, words, AGENT, now)] if back else []
    _land(desk, [*theirs, Commit(files, f"observe: {len(new)} (agent, written into the folder)\n", SELF, now)], files)


def _land(desk: Desk, chain: Sequence[Commit], files: Mapping[str, bytes | None]) -> None:
    """Land both commits in one step, then let the files follow from the first to the last.

    At no moment is the agent's commit the last one: what it did to a topic would be taken for a decision. Where this is cut
    off before the files followed, they are found again, and their observations known.
    """
    made = build(desk.memory, desk.head, chain)
    if not desk.dry:
        land(desk.memory, desk.head, made[-1], {})
        desk.left += follow(desk.memory, made[0] if len(made) > 1 else desk.head, made[-1], files)
    desk.head = made[-1]


def _keeps_here(memory: Memory, project: str) -> bool:
    """Whether Claude Code's settings say that its auto memory is this folder."""
    client = CLIENTS["claude"]
    for scope in SCOPES if project else SCOPES[:1]:
        try:
            text = settingsfile.read(client.file("auto-memory", scope, project)).text or ""
            if text.strip() and os.path.realpath(members.directory(text) or "/") == os.path.realpath(memory.path):
                return True
        except (KairosError, Malformed):
            continue
    return False


def _allowed(memory: Memory, written: Written, scope: Scope, *, dry: bool) -> Written:
    """A file without secrets and what is private: git must not have them, and neither must the folder keep them."""
    text = written.data.decode("utf-8", "replace")
    allowed = _kept(text, scope)
    if allowed == clean(text):
        return written
    if not dry:
        write_whole(os.path.join(memory.path, written.path), allowed.encode())
    return written._replace(data=allowed.encode())


def _kept(text: str, scope: Scope) -> str:
    """What of a text may be written, "" where it is private altogether; it is not cut."""
    try:
        return kept(text, scope, len(text))
    except Refused:
        return ""


def _observations(written: Written, scope: Scope, now: datetime) -> Iterator[Observation]:
    session = f"{NOTED}{now.date().isoformat()}"
    for text in _said(written)[:MOST]:
        words = _kept(text, scope).strip()
        if words:
            yield observe(now, words, "agent", sess=session, root=ROOT + written.path)


def _echoed(o: Observation, served: Sequence[Served], here: Snapshot) -> Observation:
    """A statement with the root of what it repeats: every live fact lies in the very folder that its writer reads."""
    found = repeated(o, served)
    first = next((e for e in here.observations if found and e.id == found.evidence), None)
    return o._replace(root=first.origin if first else found.evidence) if found else o


def _said(written: Written) -> Sequence[str]:
    """The statements of a new memory, or of the lines that were added to a file of ours."""
    text = written.data.decode("utf-8", "replace")
    if written.before is None:
        return statements(text) or [description(text)]
    _, added = difference(written.before.decode("utf-8", "replace"), text)
    return statements(without_pointers(added) if written.path == index.PATH else added)
