"""A row of GitHub's events list in the shape of a delivery, so that both are read by the same code.

Since October 2025 the list says little of a pull request (its number and commits); it is looked up for its title and times.
Source: https://docs.github.com/en/rest/using-the-rest-api/github-event-types

The one rule: the same happening becomes the same event, whether it was delivered or polled.
"""

from __future__ import annotations

from collections.abc import Mapping

from kairos_git.capture.github.intake import Delivery
from kairos_git.capture.github.payload import at, number, words

KINDS = {
    "PullRequestEvent": "pull_request", "PullRequestReviewEvent": "pull_request_review", "IssuesEvent": "issues",
    "IssueCommentEvent": "issue_comment", "PullRequestReviewCommentEvent": "pull_request_review_comment",
    "CommitCommentEvent": "commit_comment", "ReleaseEvent": "release", "PushEvent": "push",
}  # fmt: skip
# The list's own words for what a delivery calls otherwise.
_ACTIONS = {("pull_request", "merged"): "closed", ("pull_request_review", "created"): "submitted"}
_PULLED = ("opened", "closed", "merged", "created", "submitted")


def needs_pull(row: object) -> int:
    """The number of the pull request that must be looked up to read a row, 0 where none must."""
    if words(row, "type") not in ("PullRequestEvent", "PullRequestReviewEvent") or at(row, "payload", "pull_request", "title"):
        return 0
    if words(row, "payload", "action") not in _PULLED:
        return 0
    return number(row, "payload", "pull_request", "number") or number(row, "payload", "number")


def delivery(row: object, repo: str, branch: str, pull: object = None) -> Delivery | None:
    """A row as a delivery; None for a kind that is not noted. branch: the default one; pull: the pull request, looked up."""
    kind, said = KINDS.get(words(row, "type"), ""), at(row, "payload")
    if not kind or not isinstance(said, Mapping):
        return None
    when, action = words(row, "created_at"), words(said, "action")
    payload: dict[str, object] = dict(said)
    payload["action"] = _ACTIONS.get((kind, action), action) or ("created" if kind == "commit_comment" else "")
    payload["sender"] = {"login": words(row, "actor", "login")}
    payload["repository"] = {"full_name": words(row, "repo", "name") or repo, "default_branch": branch, "pushed_at": when}
    if kind in ("pull_request", "pull_request_review"):
        shown = at(said, "pull_request")
        known = pull if isinstance(pull, Mapping) else shown
        known = dict(known) if isinstance(known, Mapping) else {}
        known.setdefault("number", number(said, "number"))
        closing = payload["action"] == "closed"
        known["created_at"] = known.get("created_at") or when
        known["updated_at"] = when
        if closing:
            known["closed_at"] = known.get("closed_at") or when
            known["merged"] = action == "merged" or at(known, "merged") is True or bool(words(known, "merged_at"))
        payload["pull_request"] = known
    if kind == "pull_request_review" and isinstance(said.get("review"), Mapping):
        review = dict(said["review"])
        review.setdefault("user", payload["sender"])
        review["submitted_at"] = review.get("submitted_at") or when
        payload["review"] = review
    if kind == "push":
        payload["after"] = words(said, "after") or words(said, "head")
    return Delivery(kind, payload, (f"row {words(row, 'id')}",) if words(row, "id") else ())
