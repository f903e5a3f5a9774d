"""A project's past as a survey may know it: its last commits, its release tags and its branches, read from git.

The one rule: what is read is bounded, whatever the history holds, and where git cannot say there is no past.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from kairos_git.capture.survey.reading import Change, Past
from kairos_git.errors import GitFailed
from kairos_git.gitrun import Git

MOST_COMMITS = 500
FEWEST_COMMITS = 30  # below which this month's count too
HALF_A_YEAR = 183 * 86400  # seconds
MOST_PATHS = 100  # of one commit; one that touches more moved or reformatted everything
LARGEST = 8 * 1024 * 1024  # bytes of git's answer; the last 500 commits of a large project come to one

_FORMAT = "--format=%x1e%P%x1f%(trailers:key=Signed-off-by,valueonly,separator=%x2C)%x1f%s"
_RELEASE = re.compile(
    r"(?:[A-Za-z@][\w./@+-]{0,60}[-_/@])?[vV]?\d+(?:\.\d+){1,3}(?:[-._]?(?:a|b|c|rc|alpha|beta|pre|dev|post"
    r"|preview)[-._]?\d*(?:\.\d+)*)?"
)


def read_past(git: Git, commit: str) -> Past:
    """The past behind a commit, whose own month counts only where there is little before it.

    Raises nothing for odd history, but GitFailed where git was killed.
    """
    try:
        month = _month(int(git.text("log", "-1", "--format=%ct", "--end-of-options", commit)))
        changes = _changes(git, commit, f"--min-age={month - 1}")
        if len(changes) < FEWEST_COMMITS:
            changes = _changes(git, commit)
        tags = _names(git, "refs/tags/")
        branches = {name for folder in ("refs/heads/", "refs/remotes/origin/") for name in _living(git, folder, month)} - {"HEAD"}
    except (GitFailed, ValueError) as error:
        if isinstance(error, GitFailed) and error.code < 0:  # killed: that is no past without commits
            raise
        return Past()
    releases = sorted((tag for tag in tags if _RELEASE.fullmatch(tag)), key=_version_order, reverse=True)
    return Past(changes, tuple(releases), tuple(sorted(branches)))


def _living(git: Git, folder: str, month: int) -> list[str]:
    """The branches with a commit in the half year before a month; what nobody touches any more is not maintained."""
    dated = git.lines("for-each-ref", "--format=%(committerdate:unix) %(refname)", folder)
    words = [line.partition(" ") for line in dated]
    return [name.removeprefix(folder) for when, _, name in words if when.isdigit() and int(when) >= month - HALF_A_YEAR]


def _month(seconds: int) -> int:
    """When the UTC month of a time began, in seconds since 1970."""
    then = datetime.fromtimestamp(min(max(seconds, 0), 2**37), UTC)  # a commit may claim any time
    return int(then.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp())


def _changes(git: Git, commit: str, *limits: str) -> tuple[Change, ...]:
    out = _limited(
        git, "log", f"-n{MOST_COMMITS}", "--name-only", "--no-renames", "-z", _FORMAT, *limits, "--end-of-options", commit, "--"
    )  # fmt: skip
    found: list[Change] = []
    paths: list[str] = []
    # From the end: each commit's paths follow its header.
    for token in reversed(out.decode(errors="surrogateescape").split("\0")):
        if not token.startswith("\x1e"):
            paths += [token.removeprefix("\n")] if token and len(paths) <= MOST_PATHS else []
            continue
        parents, _, rest = token[1:].partition("\x1f")
        signed, _, subject = rest.partition("\x1f")
        found.append(Change(subject, tuple(reversed(paths)), bool(signed.strip()), " " in parents))
        paths = []
    return tuple(reversed(found))


def _names(git: Git, folder: str) -> list[str]:
    out = _limited(git, "for-each-ref", "--format=%(refname)", folder)
    return [name.removeprefix(folder) for name in out.decode(errors="surrogateescape").split("\n") if name]


def _limited(git: Git, *arguments: str) -> bytes:
    """What git answers, up to a size; what stands before an error is taken, since a shallow or partial clone ends in one."""
    environment = {"GIT_NO_LAZY_FETCH": "1"}
    with git.popen("-c", "protocol.allow=never", *arguments, env=environment) as process:
        assert process.stdout is not None
        out = process.stdout.read(LARGEST)
        cut = len(out) == LARGEST
        if cut:
            process.kill()
            out = out[: out.rfind(b"\0") + 1]
    if process.returncode < 0 and not cut:
        raise GitFailed(f"git {arguments[0]} in {git.folder} was killed.", process.returncode)
    return out


def _version_order(tag: str) -> tuple[list[int], bool, str]:
    """The numbers of a version, a release after its candidates."""
    numbers = re.search(r"\d+(?:\.\d+)*", re.sub(r"^.*[-_/@](?=[vV]?\d)", "", tag))
    rest = re.sub(r"^.*?\d+(?:\.\d+)*", "", tag)
    return ([int(n[:9]) for n in numbers[0].split(".")] if numbers else [], not rest, tag)
