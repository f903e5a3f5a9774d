"""One GitHub event -> what there is to note of it. Deliveries and polled rows come here in the same shape (a delivery's).

Shapes: https://docs.github.com/en/webhooks/webhook-events-and-payloads

The one rule: everything, a check's result included, is what somebody outside said: one line, quoted, of source `external`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture.github.payload import at, login, moment, named, names, number, quoted, short, words
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import redact

LONGEST = 240  # characters of one event's line
GREEN, RED = ("success",), ("failure", "error", "timed_out", "startup_failure")
Payload = Mapping[str, object]


class Watched(NamedTuple):
    """The repository whose events belong to the memory (owner/name), and its owner's account there ("" unknown)."""

    repo: str
    login: str = ""

    def is_owner(self, account: str) -> bool:
        """Whether an account is the owner's."""
        return bool(self.login) and account.casefold() == self.login.casefold()


class Event(NamedTuple):
    """Something to note. key: the same for the same happening, however often and by whichever way it reaches us; urgent: whether
    somebody waits for the owner, or a check of the default branch or of the owner's own work flipped.
    """

    key: str
    time: datetime
    text: str
    root: str
    urgent: bool = False


class Check(NamedTuple):
    """What a check came to on a branch; worth noting when it differs from what it came to before.

    key: check and branch · green: passed or failed · event: what to note if it flips
    """

    key: str
    green: bool
    event: Event


def repository(payload: Payload) -> str:
    """owner/name of the repository an event is about, "" where it says none."""
    return words(payload, "repository", "full_name")


def read_event(kind: str, payload: Payload, watched: Watched) -> Event | Check | str:
    """What there is to note of an event, or why there is nothing. kind: as in `X-GitHub-Event`."""
    theirs = repository(payload)
    if theirs.casefold() != watched.repo.casefold():
        return f"it is about another repository than {watched.repo}"
    reader = _READERS.get(kind)
    if reader is None:
        return "events of this kind are not noted"
    found = reader(payload, watched)
    return found if found is not None else "nothing in it is noted"


def observation(event: Event) -> Observation:
    """An event as a line of the log: it claims nothing, whatever it says."""
    text = redact(event.text).text
    text = text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
    extra = (("event", "github"), *((("urgent", ""),) if event.urgent else ()))
    return observe(event.time, text, "external", root=event.root, extra=extra)


def _made(watched: Watched, key: str, time: datetime | None, text: str, place: str, urgent: bool = False) -> Event | None:
    return Event(key, time, text, f"github:{watched.repo}{place}", urgent) if time else None


def _pull_request(p: Payload, w: Watched) -> Event | None:
    pull, action, who = at(p, "pull_request"), words(p, "action"), login(p, "sender", "login")
    n = number(pull, "number") or number(p, "number")
    title, place = quoted(words(pull, "title")), f"#{n}"
    if not n:
        return None
    if action == "opened":
        time = moment(pull, "created_at")
        return _made(w, f"pull:{n}:opened:{time}", time, f"PR #{n} opened by {who}{title}", place)
    if action == "closed":
        time = moment(pull, "closed_at") or moment(pull, "merged_at")
        how = (
            f"PR #{n} {'merged' if at(pull, 'merged') is True or words(pull, 'merged_at') else 'closed unmerged'} by {who}{title}"
        )
        return _made(w, f"pull:{n}:closed:{time}", time, how, place)
    if action == "review_requested" and w.is_owner(login(p, "requested_reviewer", "login")):
        time = moment(pull, "updated_at")
        return _made(w, f"pull:{n}:review:{time}", time, f"PR #{n}: {who} asks {w.login} for a review{title}", place, True)
    return None


_VERDICTS = {"approved": "approved", "changes_requested": "asks for changes", "commented": "commented"}


def _review(p: Payload, w: Watched) -> Event | None:
    review, pull = at(p, "review"), at(p, "pull_request")
    n, name = number(pull, "number"), number(review, "id")
    state, who = words(review, "state").lower(), login(review, "user", "login")
    if not n or not name or words(p, "action") != "submitted" or state not in _VERDICTS:
        return None
    mine = w.is_owner(login(pull, "user", "login")) or names(words(review, "body"), w.login)
    if state == "commented" and (not mine or w.is_owner(who)):
        return None
    text = f"PR #{n}: {who} {_VERDICTS[state]}{quoted(words(pull, 'title'))}"
    return _made(w, f"review:{name}", moment(review, "submitted_at"), text, f"#{n}", mine and not w.is_owner(who))


def _issue(p: Payload, w: Watched) -> Event | None:
    issue, action, who = at(p, "issue"), words(p, "action"), login(p, "sender", "login")
    n, title = number(issue, "number"), quoted(words(issue, "title"))
    told = names(f"{words(issue, 'title')}\n{words(issue, 'body')}", w.login)
    people = at(issue, "assignees")
    theirs = any(w.is_owner(login(one, "login")) for one in people) if isinstance(people, list) else False
    if not n:
        return None
    if action == "opened" and (told or theirs) and not w.is_owner(who):
        text = f"issue #{n} by {who} names {w.login}{title}"
        return _made(w, f"issue:{n}:opened", moment(issue, "created_at"), text, f"#{n}", True)
    if action == "assigned" and w.is_owner(login(p, "assignee", "login")):
        time = moment(issue, "updated_at")
        return _made(
            w, f"issue:{n}:assigned:{time}", time, f"issue #{n} given to {w.login} by {who}{title}", f"#{n}", not w.is_owner(who)
        )
    if action == "closed" and (told or theirs or w.is_owner(login(issue, "user", "login"))):
        time = moment(issue, "closed_at")
        return _made(w, f"issue:{n}:closed:{time}", time, f"issue #{n} closed by {who}{title}", f"#{n}")
    return None


def _comment(p: Payload, w: Watched) -> Event | None:
    comment = at(p, "comment")
    name, body, who = number(comment, "id"), words(comment, "body"), login(comment, "user", "login")
    if not name or words(p, "action") != "created" or w.is_owner(who) or not names(body, w.login):
        return None
    n, commit = number(p, "issue", "number") or number(p, "pull_request", "number"), short(comment, "commit_id")
    what = "PR" if at(p, "pull_request") or at(p, "issue", "pull_request") else "issue"
    where, place = (f"{what} #{n}", f"#{n}") if n else (f"commit {commit}", f"/commits/{commit}")
    about = body.replace(f"@{w.login}", w.login)
    kind = "review-comment" if at(p, "pull_request") else "comment" if n else "commit-comment"
    text = f"{where}: {who} names {w.login}{quoted(about)}"
    return _made(w, f"{kind}:{name}", moment(comment, "created_at"), text, place, True)


def _release(p: Payload, w: Watched) -> Event | None:
    release = at(p, "release")
    name, tag, title = number(release, "id"), words(release, "tag_name"), words(release, "name")
    if not name or words(p, "action") != "published" or at(release, "draft") is True:
        return None
    text = f"release {named(tag, 'without a name')} published by {login(release, 'author', 'login')}{quoted(title) if title != tag else ''}"
    return _made(w, f"release:{name}", moment(release, "published_at"), text, f"/releases/{name}")


def _push(p: Payload, w: Watched) -> Event | None:
    branch, who = words(p, "ref").removeprefix("refs/heads/"), login(p, "sender", "login")
    after = short(p, "after")
    if not branch or branch != words(p, "repository", "default_branch") or not after or w.is_owner(who):
        return None
    # Who, where and which commits: what they say is read from git when it is fetched.
    span = f"{before}..{after}" if (before := short(p, "before")) else f"to {after}"
    time = moment(p, "repository", "pushed_at")
    return _made(
        w,
        f"push:{words(p, 'before')}:{words(p, 'after')}",
        time,
        f"push to {named(branch, 'the default branch')} by {who}: {span}",
        f"/commits/{after}",
    )


def _deployment(p: Payload, w: Watched) -> Event | None:
    status = at(p, "deployment_status")
    name, state = number(status, "id"), words(status, "state")
    if not name or state not in GREEN + RED:
        return None
    place = named(words(status, "environment") or words(p, "deployment", "environment"), "somewhere")
    commit = short(p, "deployment", "sha")
    text = f"deployment to {place} {'done' if state in GREEN else 'failed'}{f' (at {commit})' if commit else ''}"
    return _made(w, f"deployment:{name}", moment(status, "created_at"), text, f"/deployments/{name}")


class _Result(NamedTuple):
    """What a check came to. ident: what tells it from others, beside its name; mine: whether the owner's work was checked."""

    ident: str
    name: str
    branch: str
    came_to: str
    commit: str
    time: datetime | None
    place: str
    fork: str = ""
    mine: bool = False


def _workflow_run(p: Payload, w: Watched) -> Check | None:
    run = at(p, "workflow_run")
    source = words(run, "head_repository", "full_name")
    fork = source if source.casefold() != w.repo.casefold() else ""  # a stranger's `main` is not ours
    if words(run, "status") != "completed" and words(p, "action") != "completed":
        return None
    name = words(run, "name") or words(p, "workflow", "name")
    return _check(p, w, _Result(
        str(number(run, "workflow_id") or name), name, words(run, "head_branch"), words(run, "conclusion"), short(run, "head_sha"),
        moment(run, "updated_at"), f"/runs/{number(run, 'id')}", fork, w.is_owner(login(run, "actor", "login")),
    ))  # fmt: skip


def _check_suite(p: Payload, w: Watched) -> Check | None:
    suite = at(p, "check_suite")
    app, name = words(suite, "app", "slug"), words(suite, "app", "name")
    if words(p, "action") != "completed" or app == "github-actions":  # those come as workflow runs, by their names
        return None
    return _check(p, w, _Result(
        f"suite:{app or name}", name, words(suite, "head_branch"), words(suite, "conclusion"), short(suite, "head_sha"),
        moment(suite, "updated_at"), f"/suites/{number(suite, 'id')}",
    ))  # fmt: skip


def _status(p: Payload, w: Watched) -> Check | None:
    branches = at(p, "branches")
    on = sorted(words(b, "name") for b in branches) if isinstance(branches, list) else []
    default = words(p, "repository", "default_branch")
    branch, context = default if default in on else "".join(on[:1]), words(p, "context")
    return _check(p, w, _Result(
        f"status:{context}", context, branch, words(p, "state"), short(p, "sha"), moment(p, "updated_at"), f"/commits/{short(p, 'sha')}",
    ))  # fmt: skip


def _check(p: Payload, w: Watched, r: _Result) -> Check | None:
    if not r.branch or not r.name or r.came_to not in GREEN + RED:  # cancelled, skipped and neutral say nothing about the tree
        return None
    green = r.came_to in GREEN
    on = named(r.branch, "a branch") + (" of a fork" if r.fork else "")
    now = f"{'is green again' if green else 'fails now'}{f' (at {r.commit})' if r.commit else ''}"
    urgent = r.mine or (r.branch == words(p, "repository", "default_branch") and not r.fork)
    event = _made(
        w, f"check:{r.place}:{r.time}", r.time, f"check {named(r.name, 'without a name')} on {on} {now}", r.place, urgent
    )
    return Check(f"{r.ident}\0{r.fork}\0{r.branch}", green, event) if event else None


_READERS: dict[str, Callable[[Payload, Watched], Event | Check | None]] = {
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "issues": _issue,
    "issue_comment": _comment,
    "pull_request_review_comment": _comment,
    "commit_comment": _comment,
    "release": _release,
    "push": _push,
    "deployment_status": _deployment,
    "workflow_run": _workflow_run,
    "check_suite": _check_suite,
    "status": _status,
}
