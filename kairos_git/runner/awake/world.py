"""The world as a tick finds it, wired from its rooms: the terminal, the files, GitHub, the notices, the owner's rest.

The one rule: nothing here decides; each part is asked only where the owner let it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from kairos_git.capture import desktop
from kairos_git.capture.bursts import PAUSE
from kairos_git.capture.files import taking as files
from kairos_git.capture.github.poll import last_poll, poll_if_wanted
from kairos_git.capture.idle import idle, signs
from kairos_git.capture.keptstate import load_state
from kairos_git.capture.project import Project
from kairos_git.capture.terminal import taking as terminal
from kairos_git.errors import KairosError, Problem, Refused
from kairos_git.memory.repository import Memory
from kairos_git.runner.awake import cadence
from kairos_git.runner.awake.acting import Body, Hands, record
from kairos_git.runner.awake.children import dream_apart
from kairos_git.runner.awake.gating import dream_gates
from kairos_git.runner.awake.stages import load_stages, mark
from kairos_git.runner.awake.ticking import World
from kairos_git.runner.notify.kept import anything_held
from kairos_git.runner.notify.notice import Notice
from kairos_git.runner.notify.post import Held, Sent, notify, open_post, send_held
from kairos_git.runner.review.proposals import what_by_itself
from kairos_git.runner.sessions.remembering import close_silent
from kairos_git.settings import Settings


def body_of(memory: Memory, project: Project | None, settings: Settings) -> Body:
    """Whose memory and project it is, what may be done, and how."""
    return Body(memory, project, settings.bounds, hands_of(memory, project, settings))


def hands_of(memory: Memory, project: Project | None, settings: Settings) -> Hands:
    """How things are done on this machine."""

    def tell(text: str, now: datetime) -> str:
        post, bad = open_post(memory, settings.notify, settings.bounds.budget.notifications[1])
        subject, _, rest_of = text.partition(": ")
        done = notify(Notice(subject, rest_of or text), settings.notify, post, now)
        for line in done.news:
            record(memory, line, now)
        if isinstance(done, Sent) and done.to:
            mark(memory, "notify", now.timestamp())
            return f"told {', '.join(done.to)}: {text}"
        if isinstance(done, Held) and done.kept:
            return f"holds a notice ({done.why}): {text}"
        why = done.why if isinstance(done, Held) else ", ".join(done.failed)
        raise Refused("; ".join([f"the notice was not sent: {why}", *bad]))

    def hand_over(now: datetime) -> str:
        closed, _ = close_silent(memory, now)
        return f"wrote down what {len(closed)} silent sessions did"

    def sync(now: datetime) -> str:
        raise Refused("there is no other machine to sync with: syncing is not built yet")

    propose = not what_by_itself(settings).lands
    return Hands(tell, lambda now: dream_apart(memory, project, now, propose=propose), hand_over, sync)


def world_of(memory: Memory, project: Project | None, settings: Settings) -> World:
    """What a tick looks at beside memory and project."""
    return World(
        lambda now: rest(memory, project, now),
        lambda now: tuple(_activity(memory, project, settings, now)),
        lambda now: _wake(memory, settings, now),
    )


def _wake(memory: Memory, settings: Settings, now: datetime) -> float:
    """When GitHub may be asked again, a burst of edits or commands is over, or a held notice may go: nothing shows these but time."""
    at = [float("inf")]
    if settings.github.poll:
        at.append(max(last_poll(memory).next, now.timestamp() + 60))
    if any(load_state(memory, name).get(what) for name, what in ((files.NAME, "edits"), (terminal.NAME, "lines"))):
        at.append(now.timestamp() + PAUSE)
    if anything_held(memory):
        at.append(now.timestamp() + 900)
    return min(at)


def rest(memory: Memory, project: Project | None, now: datetime) -> tuple[float, tuple[str, ...]]:
    """Seconds since the owner last gave a sign, and the agent sessions that are open."""
    found = idle(signs(memory, project, desktop.last_touched(now.timestamp())), now.timestamp())
    return found.seconds, found.sessions


def gates(memory: Memory, project: Project | None, now: datetime) -> tuple[cadence.Gate, ...]:
    """Every gate of a dream by itself, as it stands: what `dream --why` prints."""
    settings = memory.settings()
    return dream_gates(memory, settings, settings.bounds, rest(memory, project, now), load_stages(memory), now)


def _activity(memory: Memory, project: Project | None, settings: Settings, now: datetime) -> Iterator[str]:
    """Let each part say what it has into the spool; what went wrong, one note each. One part's failure is not the others'."""
    observes = settings.bounds.observes
    if "terminal" in observes:
        yield from _part("terminal", lambda: terminal.take_in(memory, project, now).problems)
    if project is not None and "files" in observes:
        yield from _part("files", lambda: files.take_in(memory, project, now).problems)
    if settings.github.poll and "github" in observes:
        yield from _part("GitHub", lambda: _polled(memory, project, settings, now))
    if anything_held(memory):
        yield from _part("notices", lambda: _held(memory, settings, now))


def _part(name: str, work: Callable[[], Sequence[Problem | str]]) -> Iterator[str]:
    try:
        yield from (f"{name}: {p}" for p in work())
    except (KairosError, OSError) as error:
        yield f"{name}: {error}"


def _polled(memory: Memory, project: Project | None, settings: Settings, now: datetime) -> Sequence[str]:
    done = poll_if_wanted(memory, project, settings.github, now)
    return [done.why.removeprefix("GitHub: ")] if done.failed else []


def _held(memory: Memory, settings: Settings, now: datetime) -> Sequence[str]:
    post, bad = open_post(memory, settings.notify, settings.bounds.budget.notifications[1])
    done = send_held(settings.notify, post, now)
    if isinstance(done, Sent) and done.to:
        mark(memory, "notify", now.timestamp())
    news = done.news if done is not None else ()
    for line in news:
        record(memory, line, now)
    return [*bad, *news]
