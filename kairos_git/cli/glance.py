"""status: a glance at a memory, printed; starts without typer, because prompts and scripts ask for it."""

from __future__ import annotations

import os
from datetime import datetime

from kairos_git.capture.place import find_memory
from kairos_git.capture.sessions.found import find
from kairos_git.capture.worktrees import here
from kairos_git.errors import KairosError
from kairos_git.memory.observation import parse_time
from kairos_git.runner.health.glance import Status, status


def print_status(memory: str | None, project: str | None, now: str | None, *, json: bool) -> None:
    """Print how the memory stands that a command means. Raises NotFound, WouldOverwrite, and UsageError for a time that is none."""
    found = find_memory(memory, project)
    seen = status(found, _gitdir(found.path, project), parse_time(now) if now else datetime.now().astimezone())
    print(status_json(seen) if json else status_text(seen))


def _gitdir(memory: str, project: str | None) -> str:
    """The git directory of the project that the memory belongs to; "" where that is not known."""
    try:
        found = find(project or here(), None)
    except KairosError:
        return ""
    return found.common if found is not None and os.path.realpath(found.path) == os.path.realpath(memory) else ""


def status_json(s: Status) -> str:
    """A status as one line of JSON."""
    import json

    fields = s._asdict()
    dream = fields["dream"]
    fields["dream"] = {"dream": dream.id, "time": dream.time, "subject": dream.subject} if dream else None
    return json.dumps(fields, ensure_ascii=False)


def status_text(s: Status) -> str:
    """A status for a person."""
    facts = ", ".join(f"{s.facts[k]} {k}" for k in ("confirmed", "contested", "tentative") if s.facts.get(k)) or "none yet"
    ago = "never, or not since the memory moved" if s.hook is None else f"{_span(s.hook)} ago"
    lines = [
        f"memory   {s.memory} ({s.branch} at {s.commit[:12]})",
        f"facts    {facts}",
        f"dream    {s.dream.id[:12]} {s.dream.time[:16].replace('T', ' ')} {s.dream.subject}" if s.dream else "dream    none yet",
        f"spool    {s.waiting} waiting" if s.waiting else "spool    empty",
        f"hooks    last heard {ago}",
        f"mode     {s.mode}",
    ]
    lines += [f"review   {s.proposals} wait{'s' * (s.proposals == 1)} for you: `kairos-git review`"] if s.proposals else []
    lines += [f"model    {s.spent} today"] if s.spent else []
    lines += [f"inbox    {s.inbox} wait{'s' * (s.inbox == 1)} for you: `kairos-git inbox`"] if s.inbox else []
    lines += [f"awake    {s.asleep or _ticked(s)}"]
    lines += [f"silent   {name}: {words}" for name, words in s.silent.items()]
    lines += [f"failed   {name}: {words}" for name, words in s.failed.items() if name not in s.silent]
    lines += [f"asked    {s.questions} open: `kairos-git questions`"] if s.questions else []
    lines += [f"edited   {path}: commit it, or say `kairos-git adopt`" for path in s.edited]
    lines += [f"unfinished: a {s.unfinished}; `git -C {s.memory} status` says how to go on"] if s.unfinished else []
    return "\n".join(lines)


def _ticked(s: Status) -> str:
    """How the ticks are: the last one, and when each stage last worked."""
    if s.ticked is None:
        return "no tick yet: `kairos-git schedule install`, or `kairos-git run`"
    worked = ", ".join(f"{name} {_span(ago)} ago" for name, ago in s.worked.items() if name != "tick")
    return f"last tick {_span(s.ticked)} ago" + (f" ({worked})" if worked else "")


def _span(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{int(seconds)} second{'' if int(seconds) == 1 else 's'}"
