"""What `recall` does and prints: facts first, then the raw log lines, each with where it stands.

The one rule: no heavy import, so that an answer costs little more than looking it up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from kairos_git.capture.sessions.found import Found as Place
from kairos_git.capture.sessions.found import find
from kairos_git.capture.worktrees import here
from kairos_git.cli import show
from kairos_git.environ import environment
from kairos_git.errors import NotFound, NotWritable, Refused, UsageError
from kairos_git.recall.search.finding import Found, Hit, Query, search, together
from kairos_git.recall.search.fresh import Placed, head_of, opened

if TYPE_CHECKING:
    from datetime import datetime

    from kairos_git.memory.observation import Observation

OWN = "me"
WIDTH = 100
LINES = 3  # of one text; `--json` and the log have the rest


class Asked(NamedTuple):
    """The words of the command. most: hits in all; names as those of the options."""

    text: str
    most: int = 10
    author: str = ""
    branch: str = ""
    paths: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    src: str = ""
    vault: bool = False
    json: bool = False
    memory: str | None = None
    project: str | None = None
    now: str | None = None


_VALUED = {
    "--most": "most", "-n": "most", "--author": "author", "--branch": "branch", "--path": "paths", "--since": "since",
    "--until": "until", "--src": "src", "--memory": "memory", "--project": "project", "--now": "now",
}  # fmt: skip


def parse_asked(arguments: Sequence[str]) -> Asked | None:
    """The command's words; None where something stands there that only the full parser can answer."""
    words: list[str] = []
    found: dict[str, Any] = {"paths": ()}
    rest = list(arguments)
    while rest:
        name, equals, value = rest[0].partition("=")
        if rest[0] == "--":
            words += rest[1:]
            break
        if not name.startswith("-") or name == "-":
            words.append(rest.pop(0))
        elif name in ("--vault", "--json") and not equals:
            found[rest.pop(0)[2:]] = True
        elif name in _VALUED and (equals or len(rest) > 1):
            value = value if equals else rest[1]
            del rest[: 1 if equals else 2]
            found[_VALUED[name]] = (*found["paths"], value) if name == "--path" else value
        else:
            return None
    most = str(found.get("most", 10))
    if not words or not most.isdecimal() or len(most) > 9:
        return None
    return Asked(" ".join(words), **{**found, "most": int(most)})


def print_recall(asked: Asked) -> int:
    """Answer; 0 where something was found, 1 where nothing was. Raises UsageError, NotFound, Refused (an agent asks for the vault)."""
    query = _query(asked)
    answers = []
    for name, memory in _memories(asked):
        found = search(memory, query, _waiting(memory))
        answers.append((name, found._replace(notes=(*found.notes, *_unfinished(memory)))))
        _note_shown(memory, found)
    hits = together(answers, asked.most)
    notes = tuple(dict.fromkeys(note for _, found in answers for note in found.notes))
    for note in notes if not asked.json else ():
        show.note(note)
    if asked.json:
        facts = [_fact_json(name, h) for name, h in hits if h.kind == "fact"]
        lines = [_line_json(name, h) for name, h in hits if h.kind == "line"]
        show.as_json({"facts": facts, "lines": lines, "notes": list(notes)})
    elif hits:
        _print_hits(hits)
    elif asked.text.strip():
        show.note("nothing found; other words may find it, and `kairos-git log` lists what was said last")
    return 0 if hits else 1


def _query(asked: Asked) -> Query:
    if asked.vault and environment().agent:
        raise Refused("The vault is the owner's own: no agent reads it. Ask without --vault.")
    now = None
    if asked.since or asked.until or asked.src or asked.now:
        now = _checked(asked)
    if asked.most < 1:
        raise UsageError("--most takes a number from 1.")
    return Query(
        asked.text, asked.most, asked.author, asked.branch, asked.paths, asked.vault, now, asked.since, asked.until, asked.src
    )


def _checked(asked: Asked) -> datetime | None:
    """The present that was named, if one was; raises UsageError where a day, a source or a time is none."""
    from datetime import date

    from kairos_git.memory.observation import SOURCES, parse_time

    for name, day in (("--since", asked.since), ("--until", asked.until)):
        try:
            if day and date.fromisoformat(day).isoformat() != day:
                raise ValueError
        except ValueError:
            raise UsageError(f"{name} takes a day, like 2026-11-21, not {day[:40]!r}.") from None
    if asked.src and asked.src not in SOURCES:
        raise UsageError(f"{asked.src[:40]!r} is not a source. Use one of: {', '.join(SOURCES)}.")
    return parse_time(asked.now) if asked.now else None


def _memories(asked: Asked) -> list[tuple[str, Placed]]:
    """The memories to ask: the one that is named alone; else the project's ("") and the owner's own, as far as there are any."""
    env = environment()
    own_path = os.path.join(env.data_home, "kairos-git", OWN)
    named = asked.memory or env.memory
    if named:
        memory = _named(named, asked.project)
        return [(OWN if os.path.realpath(memory.path) == os.path.realpath(own_path) else "", memory)]
    own = _at(own_path)
    mine: list[tuple[str, Placed]] = [(OWN, own)] if own else []
    try:
        found: Placed | None = find(asked.project or here())
        return [("", found or _named(None, asked.project)), *mine]
    except NotFound:
        if mine and not asked.project:
            return mine
        raise


def _at(path: str) -> Place | None:
    """The memory at a path, known by its own folder, without starting git; None where only git can say."""
    gitdir = os.path.join(path, ".git")
    return Place(path, gitdir) if os.path.isdir(os.path.join(gitdir, "kairos")) else None


def _named(named: str | None, project: str | None) -> Placed:
    """The memory that is named, by git's own answer where the path alone does not tell."""
    found = _at(os.path.abspath(os.path.expanduser(named))) if named and named != OWN else None
    if found is not None:
        return found
    from kairos_git.capture.place import find_memory

    return find_memory(named, project)


def _unfinished(memory: Placed) -> list[str]:
    names = set(os.listdir(memory.gitdir))
    if names.isdisjoint(("MERGE_HEAD", "REVERT_HEAD", "CHERRY_PICK_HEAD", "rebase-merge", "rebase-apply", "sequencer")):
        return []
    return [f"the memory is in the middle of a {opened(memory).unfinished()}; what its last commit says is shown"]


def _waiting(memory: Placed) -> list[Observation]:
    """What is safe in the spool and in no log yet: what was said a moment ago is found too."""
    try:
        names = os.listdir(os.path.join(memory.own, "spool"))
    except OSError:
        return []
    if not any(name == "observations" or name.startswith("taken-") for name in names):
        return []
    from kairos_git.capture import spool

    told: list[Observation] = []
    for path in spool.segments(opened(memory)):
        with suppress(FileNotFoundError):  # a drain was quicker: it is in the log now
            told += spool.read_segment(path)[0]
    return told


def _note_shown(memory: Placed, found: Found) -> None:
    """Where an agent asks, note what it was shown: said back, it is no new word."""
    here = environment()
    if here.agent:
        from datetime import datetime

        from kairos_git.runner.sessions.remembering import note_shown

        ids = [hit.id for hit in (*found.facts, *found.lines)]
        with suppress(NotWritable):
            note_shown(
                opened(memory), here.session, ids, datetime.now().astimezone().replace(microsecond=0), commit=head_of(memory)
            )


def _fact_json(memory: str, h: Hit) -> dict[str, object]:
    return {
        "id": h.id, "slot": h.key, "text": h.text, "state": h.state, "from": h.time, "until": h.until or None,
        "evidence": list(h.evidence), "path": h.path, "line": h.line, "memory": memory, "score": h.score,
    }  # fmt: skip


def _line_json(memory: str, h: Hit) -> dict[str, object]:
    return {
        "id": h.id, "time": h.time, "src": h.src, "text": h.text, "session": h.session, "branch": h.branch, "at": h.at,
        "before": list(h.before), "after": list(h.after), "path": h.path, "line": h.line, "memory": memory, "score": h.score,
    }  # fmt: skip


def _print_hits(hits: Sequence[tuple[str, Hit]]) -> None:
    width = _width()
    facts = [(name, h) for name, h in hits if h.kind == "fact"]
    lines = [(name, h) for name, h in hits if h.kind == "line"]
    if facts:
        show.answer("facts")
        for name, h in facts:
            _print_wrapped(h.text, "  ", width)
            _print_wrapped(" · ".join(_words(_stands(h), h.key, h.id, _whose(name))), "    ", width)
    if lines:
        show.answer(("\n" if facts else "") + "log")
        for name, h in lines:
            where = f"{h.path}:{h.line}" if h.path else "waits for the next drain"
            said = f"{h.time[:16].replace('T', ' ')} {h.src}{' ' + h.at if h.at else ''}"
            branch = f"branch {h.branch}" if h.branch else ""
            session = "" if h.session.startswith("c-") else h.session  # a commit's names nothing that a person knows
            _print_wrapped(" · ".join(_words(said, session, branch, h.id, where, _whose(name))), "  ", width)
            _print_wrapped(h.text, "    ", width)
            for kind, texts in (("before", h.before), ("after", h.after)):
                for text in texts:
                    show.answer(_cut(f"      {kind}: {_plain(text)}", width))


def _stands(h: Hit) -> str:
    """How a fact stands, in words; one that ended says so before anything else."""
    if h.path:
        return f"{h.state} since {h.time}"
    return f"{h.state.upper()}: held from {h.time} to {h.until}" if h.until else f"{h.state.upper()}: held from {h.time}"


def _whose(memory: str) -> str:
    return "your own memory" if memory == OWN else ""


def _words(*words: str) -> Iterable[str]:
    return (word for word in words if word)


def _width() -> int:
    try:
        return max(40, min(WIDTH, os.get_terminal_size(sys.stdout.fileno()).columns))
    except (OSError, ValueError):  # no terminal
        return WIDTH


def _plain(text: str) -> str:
    """Text without what a terminal would take for a command."""
    return "".join(c if c.isprintable() else "·" for c in text)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _print_wrapped(text: str, indent: str, width: int) -> None:
    """Whole words on at most LINES lines; what is longer ends in a mark."""
    rows = [""]
    for word in _plain(text).split(" "):
        room = width - len(indent)
        if rows[-1] and len(rows[-1]) + 1 + len(word) > room:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}" if rows[-1] else word
        while len(rows[-1]) > room:
            rows[-1:] = [rows[-1][:room], rows[-1][room:]]
    if len(rows) > LINES:
        rows[LINES - 1 :] = [_cut(rows[LINES - 1] + " …", width - len(indent))]
    for row in rows:
        show.answer(indent + row)
