"""A session's events as its client tells them: give it memory when it starts, note what it is told and how it ends.

Light, because a client runs it at every turn: what an event does not need is not imported, git is not started, nothing is dreamed.

The one rule: the session goes on, whatever is wrong here; what could not be done is said in one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from kairos_git.capture.sessions.clients import (
    CLIENTS,
    COMPACT,
    END,
    MACHINE,
    PROMPT,
    START,
    STOP,
    Event,
    format_answer,
    kind_of,
    parse_event,
)
from kairos_git.environ import environment
from kairos_git.errors import KairosError, NotWritable, Refused

if TYPE_CHECKING:
    from kairos_git.capture.sessions.found import Found
    from kairos_git.capture.sessions.scope import Scope

BUDGET = 9_000  # characters: Claude Code keeps 10,000 of one hook's words
SECONDS = 8.0  # that a session waits for its memory at most
LONGEST_MESSAGE = 2_000
_SELF = re.compile(r"\b(?:i|me|my|mine|vault)\b", re.IGNORECASE)


class Reply(NamedTuple):
    """What a hook answers. out: for the client, on standard output; note: for a person, on standard error; "" for nothing."""

    out: str = ""
    note: str = ""


def hear(agent: str, event: str, payload: bytes, now: datetime) -> Reply:
    """Take in one event of a client's session; what the client is told. Never raises KairosError."""
    env = environment()
    kind = kind_of(agent, event)
    if agent not in CLIENTS:
        return Reply(note=f"{agent!r} is no client that is known here ({', '.join(CLIENTS)})")
    told = None
    if kind and not env.inside:  # a session that we started ourselves is no news
        told = parse_event(agent, kind, payload)
        if told is None:
            return Reply(
                format_answer(agent, kind, ""),
                f"{agent} {event}: what came is no JSON object of at most 16 MiB; nothing was noted",
            )
    if told is None or told.sub:
        return Reply(format_answer(agent, kind, ""))
    try:
        context, note = _TAKES[kind](told, now)
    except KairosError as error:
        context, note = "", str(error)
    if kind == START and note and not context:
        context = f"kairos-git: this session starts without its memory. {_first(note)}"
    if kind == PROMPT and note:  # standard error is seen by nobody, and who said "remember" would believe that it was
        context = f"{context}{context and '. '}kairos-git did NOT note what it was told: {_first(note)}"
    return Reply(format_answer(agent, kind, context), note)


def _find(e: Event) -> tuple[Found, Scope] | None:
    """The memory of the session, and what it is not to record; None where the session has none."""
    from kairos_git.capture.sessions.found import find
    from kairos_git.capture.sessions.scope import load_scope
    from kairos_git.capture.worktrees import here

    env = environment()
    for folder in dict.fromkeys([*([env.started_in] if e.agent == "claude" else []), e.cwd or here()]):
        found = find(folder, env.memory) if folder else None
        if found is not None:
            return found, load_scope(found.path, found.own, found.root)
    return None


def _start(e: Event, now: datetime) -> tuple[str, str]:
    """Hand the session its memory, and note what it was shown."""
    here = _find(e)
    if here is None:
        return "", ""
    found, scope = here
    text, commit, note = "", "", ""
    ids: tuple[str, ...] = ()
    try:
        if scope.serves:
            text, ids, commit = _served(e, found, now)
    except KairosError as error:
        note = str(error)
    if e.sess:
        from kairos_git.capture.sessions import state

        try:
            state.note(found.own, e.sess, now, shown=ids, commit=commit, changes=_place(e, found, scope))
        except NotWritable as error:  # it can be read all the same
            note = note or str(error)
    return text, note


def _served(e: Event, found: Found, now: datetime) -> tuple[str, tuple[str, ...], str]:
    """(the block for the agent, the ids in it, the memory's commit). Raises KairosError, also where it takes too long."""
    from kairos_git.runner.sessions.patience import at_most

    with at_most(SECONDS, f"The memory at {found.path} did not answer within {SECONDS:g} s. `kairos-git doctor` looks into it."):
        from kairos_git.runner.serving.cache import look
        from kairos_git.runner.serving.place import Doubt, head

        warm = look(found.root, found.path, now.date().isoformat(), budget=BUDGET, session=e.sess)
        text, shown = (warm.text, [item[1] for item in warm.items]) if warm else _fresh(e, found, now)
        try:
            commit = head(found.gitdir, found.gitdir)[1]
        except (Doubt, OSError):
            commit = ""
        return text, tuple(dict.fromkeys(name for ids in shown for name in ids)), commit


def _fresh(e: Event, found: Found, now: datetime) -> tuple[str, list[Sequence[str]]]:
    """What was not served before, or not like this."""
    from kairos_git.capture.place import own_memory
    from kairos_git.capture.project import Project
    from kairos_git.memory.repository import Memory
    from kairos_git.runner.serving.serve import serve

    project = Project(found.root, found.common, bare=False) if found.root else None
    made = serve(Memory(found.path, found.gitdir), project, now, budget=BUDGET, session=e.sess, own=own_memory())
    return made.text, [item.ids for item in made.items]


def _prompt(e: Event, now: datetime) -> tuple[str, str]:
    """Take what the owner tells memory in a prompt."""
    from kairos_git.capture.sessions.instruction import instructions

    said = () if e.source in MACHINE else instructions(e.prompt)
    if not said or set(CLIENTS[e.agent].nested) & set(environment().agents):
        return "", ""
    here = _find(e)
    if here is None:
        return "", ""
    found, scope = here
    if scope.silences(e.cwd):
        return "", "this folder, or every session, is private (kairos.yaml); nothing was noted"
    noted, refused = [], []
    for text in said:
        try:
            noted.append(_noted(text, e, found, scope, now))
        except Refused as error:
            refused.append(str(error))
    words = f"kairos-git noted, as the owner's own word: {'; '.join(noted)}" if noted else ""
    return words, "; ".join(dict.fromkeys(refused))


def _noted(text: str, e: Event, found: Found, scope: Scope, now: datetime) -> str:
    """Write the owner's word down; how that is said back."""
    from kairos_git.capture import spooling
    from kairos_git.capture.sessions.scope import kept
    from kairos_git.memory.observation import TOLD, observe

    words = kept(text, scope)
    memory: spooling.Spooled = found
    if _SELF.search(words) and not environment().memory:
        from kairos_git.capture.place import route

        routed = route(words, "owner", None, found.root or None, now)
        memory = routed.memory if routed.own else found
    (when,) = spooling.moments(memory, now)
    o = observe(when, words, "owner", sess=e.sess, extra=((TOLD, ""),))
    spooling.acknowledge(memory, [o])
    return "a line for your vault" if "vault" in o.text.lower() and _is_vaults(o.text) else f"“{o.text}”"


def _is_vaults(text: str) -> bool:
    from kairos_git.memory.vault import speaks_of_vault

    return speaks_of_vault(text)


def _stop(e: Event, now: datetime) -> tuple[str, str]:
    """Keep the agent's last words: they end its session, whenever that is."""
    here = _find(e) if e.message.strip() and e.sess else None
    if here is not None:
        from kairos_git.capture.sessions import state

        found, scope = here
        if not scope.silences(e.cwd):
            said = {"message": _words(e.message, scope), "said": now.isoformat(timespec="seconds")}
            state.note(found.own, e.sess, now, changes={**_place(e, found, scope), **said})
    return "", ""


def _compact(e: Event, now: datetime) -> tuple[str, str]:
    """What a session was compacted to is written down at once: its client forgets the rest."""
    here = _find(e) if e.summary.strip() and e.sess else None
    if here is not None:
        from kairos_git.capture import spooling
        from kairos_git.capture.sessions import state
        from kairos_git.memory.observation import observe

        found, scope = here
        words = "" if scope.silences(e.cwd) else _words(e.summary, scope)
        if words:
            known = state.note(found.own, e.sess, now, changes=_place(e, found, scope))
            began = str(int(datetime.fromisoformat(known.started).timestamp()))
            extra = (("event", "compact"), ("started", began))
            spooling.acknowledge(found, [observe(now, words, "agent", sess=e.sess, branch=found.side, extra=extra)])
    return "", ""


def _end(e: Event, now: datetime) -> tuple[str, str]:
    """Write down what the session said last, and set its state aside."""
    here = _find(e) if e.sess else None
    if here is not None:
        from kairos_git.capture.sessions import state

        found, _ = here
        known = state.load(found.own, e.sess)
        o = state.last_words(e.sess, known) if known else None
        if o is not None:
            from kairos_git.capture import spooling

            spooling.acknowledge(found, [o])
        if known is not None:
            state.close(found.own, e.sess)
    return "", ""


_TAKES: dict[str, Callable[[Event, datetime], tuple[str, str]]] = {
    START: _start, PROMPT: _prompt, STOP: _stop, COMPACT: _compact, END: _end,
}  # fmt: skip


def _place(e: Event, found: Found, scope: Scope) -> dict[str, str]:
    private = scope.hides(e.cwd)
    return {
        "agent": e.agent,
        "session": e.session[:200],
        "cwd": "" if private else e.cwd[:1000],
        "branch": "" if private else found.side,
    }


def _words(text: str, scope: Scope) -> str:
    """An agent's words as they may be kept: less what memory wrote of them and what is private, redacted, condensed."""
    from kairos_git.capture.sessions.scope import kept

    if "kairos-git" in text or re.search(r"\b[for]-[0-9a-z]{8}|<!--", text):
        from kairos_git.recall.echo import unquoted

        text = unquoted(text)
    try:
        words = kept(text, scope, 20_000).strip()
    except Refused:
        return ""
    if len(words) > LONGEST_MESSAGE:
        from kairos_git.memory.summary import condensed

        words = condensed(words, LONGEST_MESSAGE)
    return words


def _first(note: str) -> str:
    return note.partition("\n")[0][:600]
