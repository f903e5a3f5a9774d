"""The cheap path of a tick: when nothing changed, it counts that and ends, without parsing anything."""

from __future__ import annotations

from datetime import datetime

from kairos_git.capture.sessions.found import Found, find
from kairos_git.capture.worktrees import here
from kairos_git.errors import KairosError
from kairos_git.runner.awake.glance import LATEST, Last, fingerprint, load_last, save_last, unchanged, with_worktree
from kairos_git.runner.awake.switch import asleep
from kairos_git.settings import environment


def quiet(memory: str | None, project: str | None, now: datetime) -> str | None:
    """Why nothing is to be done, or None where a full tick has to look. What is wrong is left to that, for its words."""
    try:
        found = find(project or here(), memory or environment().memory)
        if found is None:
            return None
        off = asleep(found.own, now)
        if off:
            return off
        last = load_last(found.own)
        if not last.print or not unchanged(last, seen_now(found), now.timestamp()):
            return None
        save_last(found.own, last._replace(quiet=last.quiet + 1))
    except (KairosError, OSError):
        return None
    ticks = f"{last.quiet + 1} quiet tick{'s' if last.quiet else ''}"
    return f"nothing changed since {datetime.fromtimestamp(last.at, now.tzinfo):%H:%M} ({ticks})"


def seen_now(found: Found) -> str:
    """The fingerprint of everything a tick looks at."""
    seen = fingerprint(found.gitdir, found.common or None)
    return with_worktree(seen, found.root) if found.root else seen


def after(found: Found, seen: str, now: datetime, wake: float) -> None:
    """Note a full tick: what it saw when it began, so that whatever came while it worked is looked at by the next."""
    save_last(found.own, Last(now.timestamp(), seen, min(wake, now.timestamp() + LATEST), 0))
