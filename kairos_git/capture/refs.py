"""What moved in the project's refs without a commit: tags, and what was pushed.

The one rule: a thing is told at the time git keeps for it; only where git keeps none, when it was noticed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from kairos_git.errors import UsageError
from kairos_git.gitrun import Git
from kairos_git.memory.observation import Observation, observe, parse_time
from kairos_git.memory.redact import redact
from kairos_git.memory.text import code

TAGS = 200  # told of in one look: the newest
PUSHES = 50  # entries of one branch's reflog that are looked at
_TAGS, _REMOTES = "refs/tags/", "refs/remotes/"
_TAG = "%(objectname) %(*objectname) %(creatordate:iso-strict) %(refname) %(taggeremail:trim)"  # an address may hold a space


def event(time: datetime, text: str, commit: str, *extra: tuple[str, str], src: str = "commit") -> Observation:
    """Something that happened in git and is no commit."""
    return observe(time, redact(text).text, src, sess="git", at=commit[:12], extra=extra)


def tags(
    git: Git, refs: dict[str, str], old: dict[str, str], owned: Collection[str], now: datetime, *, first: bool
) -> Iterator[Observation]:
    """Tags that are new, moved, or gone. Whoever signs a tag with an address that is not the owner's is an outsider."""
    moved = {r for r, oid in refs.items() if r.startswith(_TAGS) and old.get(r) != oid}
    lines = git.lines("for-each-ref", f"--count={TAGS}", "--sort=-creatordate", f"--format={_TAG}", _TAGS) if first else ()
    lines = lines or _listed(git, sorted(moved)[:TAGS])
    for line in reversed(lines):
        oid, target, stamp, ref, email = line.split(" ", 4)
        if ref not in moved:
            continue
        src = "external" if email and email.casefold() not in owned else "commit"
        name, commit = code(ref.removeprefix(_TAGS)), target or oid
        if ref in old:  # a moved tag has the date of what it names, which may be long ago
            text = f"Moved tag {name} from {old[ref][:12]} to {oid[:12]}"
            yield event(_time(stamp, now) if target else now, text, commit, src=src)
        else:
            yield event(_time(stamp, now), f"Tagged {name}", commit, src=src)
    for ref in sorted(r for r in old if r.startswith(_TAGS) and r not in refs)[:TAGS]:
        yield event(now, f"Deleted tag {code(ref.removeprefix(_TAGS))}", old[ref])


def _listed(git: Git, names: list[str]) -> list[str]:
    return git.lines("for-each-ref", "--sort=-creatordate", f"--format={_TAG}", *names) if names else []


def pushes(git: Git, refs: dict[str, str], old: dict[str, str], now: datetime) -> Iterator[Observation]:
    """Pushes of this clone: the remote branch's own reflog says "update by push", also where a fetch came after it."""
    remotes = sorted(git.lines("remote"), key=len, reverse=True)
    for ref, oid in sorted(refs.items()):
        if not ref.startswith(_REMOTES) or old.get(ref) == oid:
            continue
        name = ref.removeprefix(_REMOTES)
        remote = next((r for r in remotes if name.startswith(f"{r}/")), name.partition("/")[0])
        for when, before, after in reversed(_pushed(git, ref, old.get(ref, ""), now)):
            span = f"{before[:12]}..{after[:12]}" if before else after[:12]
            yield event(when, f"Pushed {code(name[len(remote) + 1 :])} to {code(remote)} ({span})", after)


def _pushed(git: Git, ref: str, seen: str, now: datetime) -> list[tuple[datetime, str, str]]:
    """(when, from, to) of the pushes since `seen`, newest first."""
    form = "--format=%H%x02%gs%x02%gd"
    lines = git.lines("log", "-g", f"--max-count={PUSHES}", form, "--date=iso-strict", ref, "--", check=False)
    entries = [tuple(line.split("\x02", 2)) for line in lines]
    found = []
    for number, (after, words, selector) in enumerate(entries):
        if after == seen:
            break
        if words == "update by push":
            before = entries[number + 1][0] if number + 1 < len(entries) else seen
            found.append((_time(selector.partition("@{")[2].rstrip("}"), now), before, after))
    return found


def _time(stamp: str, now: datetime) -> datetime:
    try:
        return parse_time(stamp)
    except UsageError:  # no calendar holds it
        return now
