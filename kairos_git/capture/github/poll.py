"""Asking GitHub what happened, where no delivery can reach this machine. A tick calls `poll`; it decides whether it is time.

It asks for the repository's events and its finished workflow runs, with the ETag of last time, no more often than
`X-Poll-Interval` says, and not before a rate limit is over. Source: https://docs.github.com/en/rest/activity/events

The one rule: what was read is remembered only after all of it is in the spool; whatever fails is asked again, later each time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from kairos_git.capture.github.asking import Asked, ask, refusal
from kairos_git.capture.github.intake import OLDEST, Delivery, Intake, watched_repository
from kairos_git.capture.github.payload import moment, words
from kairos_git.capture.github.remembered import FOLDER, folder
from kairos_git.capture.github.rows import delivery, needs_pull
from kairos_git.capture.project import Project
from kairos_git.errors import KairosError
from kairos_git.memory.alone import held
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.repository import Memory
from kairos_git.outside import GitHub
from kairos_git.settings import keys

LOCK = f"{FOLDER}/poll.lock"
API = "https://api.github.com"
PAGES = 3  # of 100 events: GitHub lists 300
PULLS = 40  # pull requests looked up in one poll; the list no longer says their titles
EVERY = 60  # seconds, where GitHub names no interval
LONGEST_WAIT = 3600
AGAIN = 86400  # seconds after which the default branch is looked up anew


class Polled(NamedTuple):
    """What a poll did. noted: lines; why: what kept it from asking, or went wrong; failed: whether it counts as a failure."""

    noted: int = 0
    why: str = ""
    failed: bool = False


class State(NamedTuple):
    """What is kept between polls. next, ok: epochs of the next poll and of the last good one; failures: since then;
    branch: the default branch, looked up at `looked`.
    """

    repo: str = ""
    next: int = 0
    ok: int = 0
    failures: int = 0
    why: str = ""
    events: str = ""
    runs: str = ""
    branch: str = ""
    looked: int = 0


def format_state(state: State) -> bytes:
    """One line of JSON."""
    return json.dumps(state._asdict(), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def parse_state(data: bytes) -> State:
    """The inverse of `format_state`; a new state for what is damaged."""
    try:
        state = State(**json.loads(data))
    except (ValueError, TypeError, RecursionError):
        return State()
    kinds = all(type(value) is type(default) for value, default in zip(state, State(), strict=True))
    return state if kinds else State()


def last_poll(memory: Memory) -> State:
    """How polling stands, for `status`."""
    return parse_state(read_regular(os.path.join(folder(memory), "poll")) or b"")


def poll(intake: Intake, now: datetime, *, token: str = "", base: str = API) -> Polled:
    """Ask, if it is time, and note what is new. Never raises for what the network does, nor where the memory is full."""
    why = refusal(base)
    if why:
        return Polled(0, why, True)
    try:
        with held(intake.memory.own, LOCK, wait=False, failing="GitHub was not asked.") as mine:
            if not mine:
                return Polled(0, "another poll is under way")
            state = last_poll(intake.memory)
            state = state if state.repo == intake.watched.repo else State(intake.watched.repo)
            epoch = int(now.timestamp())
            if epoch < state.next <= epoch + LONGEST_WAIT:  # further ahead: the clock stepped back
                return Polled(0, "asked a short while ago" if not state.failures else f"waits before asking again: {state.why}")
            asking = _Asking(intake, now, state, lambda path, etag="": ask(base, path, token, etag))
            done = asking.all()
            write_whole(os.path.join(folder(intake.memory), "poll"), format_state(asking.state))
            return done
    except KairosError as error:
        return Polled(0, str(error), True)


def poll_if_wanted(memory: Memory, project: Project | None, options: GitHub, now: datetime) -> Polled:
    """What a tick calls: nothing unless kairos.yaml says `github: {poll: true}`. Never raises for what is outside."""
    if not options.poll:
        return Polled(0, "`github: {poll: true}` is not set")
    watched = watched_repository(options, project)
    if watched is None:
        return Polled(0, "the project's origin is not at github.com, and `github: {repo: owner/name}` is not set", True)
    said = keys()
    return poll(Intake(memory, watched, options.daily), now, token=said.github, base=said.api or API)


class _Failed(Exception):
    """An answer that ends this poll."""

    def __init__(self, asked: Asked, what: str) -> None:
        super().__init__(f"{what}: {asked.why or 'it is not what was asked for'}")
        self.asked = asked


class _Asking:
    """One poll under way. Owns the state that will be kept."""

    def __init__(self, intake: Intake, now: datetime, state: State, get: Callable[..., Asked]) -> None:
        self.intake, self.now, self.state, self._get = intake, now, state, get
        self._epoch = int(now.timestamp())
        self._interval = EVERY
        self._repo = f"/repos/{intake.watched.repo}"

    def all(self) -> Polled:
        """Every question of a poll; a failed one leaves the state as it was, but for when to ask again."""
        before, noted = self.state, 0
        try:
            self._look_up_branch()
            noted += self._events()
            noted += self._runs()
        except _Failed as failure:
            wait, why = self._wait(failure.asked, before.failures), str(failure)
            self.state = self.state._replace(next=self._epoch + wait, failures=before.failures + 1, why=why)
            return Polled(noted, f"GitHub: {why}; asked again in {wait} s", True)
        self.state = self.state._replace(next=self._epoch + self._interval, ok=self._epoch, failures=0, why="")
        return Polled(noted)

    def _wait(self, asked: Asked, failures: int) -> int:
        """Seconds until the next try: what GitHub says, else longer each time."""
        stated = asked.seconds("retry-after")
        if not stated and asked.headers.get("x-ratelimit-remaining") == "0":
            stated = asked.seconds("x-ratelimit-reset") - self._epoch
        if asked.status in (401, 404):  # a wrong token or name mends itself by no waiting
            stated = LONGEST_WAIT
        return max(EVERY, min(LONGEST_WAIT, stated if stated > 0 else EVERY * 2 ** min(failures, 6)))

    def _ask(self, path: str, kind: type, what: str, etag: str = "") -> Asked:
        asked = self._get(path, etag)
        if asked.status == 304 and etag:
            return asked
        if asked.status != 200 or not isinstance(asked.said, kind):
            raise _Failed(asked, what)
        return asked

    def _look_up_branch(self) -> None:
        if self.state.branch and 0 <= self._epoch - self.state.looked < AGAIN:
            return
        found = words(self._ask(self._repo, dict, "the repository").said, "default_branch")
        self.state = self.state._replace(branch=found, looked=self._epoch)

    def _events(self) -> int:
        rows: list[Any] = []
        tag = ""
        for page in range(1, PAGES + 1):
            asked = self._ask(
                f"{self._repo}/events?per_page=100&page={page}", list, "events", self.state.events if page == 1 else ""
            )
            if page == 1:
                self._interval = max(EVERY, min(LONGEST_WAIT, asked.seconds("x-poll-interval")))
                if asked.status == 304:
                    return 0
                tag = asked.headers.get("etag", "")
            rows += asked.said
            last = moment(asked.said[-1], "created_at") if asked.said else None
            since = max(self.now.timestamp() - OLDEST.total_seconds(), self.state.ok - LONGEST_WAIT)
            if len(asked.said) < 100 or last is None or last.timestamp() < since:
                break
        pulls: dict[int, Any] = {}
        noted = 0
        for row in reversed(rows):
            wanted = needs_pull(row)
            if wanted and wanted not in pulls and len(pulls) < PULLS:
                pulls[wanted] = self._pull(wanted)
            noted += self._take(delivery(row, self.intake.watched.repo, self.state.branch, pulls.get(wanted)))
        self.state = self.state._replace(events=tag)
        return noted

    def _pull(self, number: int) -> Any:
        """A pull request as it now is; None where it is gone, so that its events are noted without its title."""
        asked = self._get(f"{self._repo}/pulls/{number}")
        if asked.status in (404, 410):
            return None
        if asked.status != 200:
            raise _Failed(asked, f"pull request {number}")
        return asked.said

    def _runs(self) -> int:
        path = f"{self._repo}/actions/runs?status=completed&per_page=100"
        asked = self._get(path, self.state.runs)
        limited = asked.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in asked.headers
        if asked.status == 304 or (asked.status in (403, 404) and not limited):
            return 0  # nothing new, or a token that may not read them
        if asked.status != 200 or not isinstance(asked.said, dict) or not isinstance(asked.said.get("workflow_runs"), list):
            raise _Failed(asked, "workflow runs")
        runs = [run for run in asked.said["workflow_runs"] if moment(run, "updated_at")]
        own = {"full_name": self.intake.watched.repo, "default_branch": self.state.branch}
        noted = 0
        for run in sorted(runs, key=lambda run: str(moment(run, "updated_at"))):
            payload = {"action": "completed", "workflow_run": run, "repository": own}
            noted += self._take(Delivery("workflow_run", payload, (f"run {run.get('id')} {run.get('updated_at')}",)))
        self.state = self.state._replace(runs=asked.headers.get("etag", ""))
        return noted

    def _take(self, found: Delivery | None) -> int:
        return len(self.intake.take([found], self.now).noted) if found else 0
