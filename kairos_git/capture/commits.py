"""Commits of the project -> observations, read from history alone.

A commit's root is its author and author date, which survive amend, rebase and cherry-pick: the same change told twice is
one voice, whatever its hash.

The one rule: what a commit says is what its author says. It is the owner's word only if the owner wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from kairos_git.errors import GitFailed
from kairos_git.gitrun import Git, advice
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import redact
from kairos_git.memory.text import identity, one_line

LONGEST = 600  # characters of a commit's message that the log keeps; the commit itself has the rest
_READ = 4000  # characters looked at: a secret that begins before LONGEST ends before this
_FORMAT = "--format=%H%x02%P%x02%aI%x02%at%x02%ae%n%B"
_TRAILER = re.compile(
    r"^(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|change-id|cc|reported-by|committed via|git-svn-id)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{7,40})", re.MULTILINE)


class Author(NamedTuple):
    """Who wrote a commit, and when: the writer's local time."""

    email: str
    time: datetime

    @property
    def root(self) -> str:
        return identity("c", self.email, self.time.isoformat(timespec="seconds"))


class CommitRead(NamedTuple):
    """One commit as git tells it."""

    id: str
    parents: tuple[str, ...]
    author: Author
    message: str


def read_commits(git: Git, *arguments: str, less: Collection[str] = ()) -> Iterator[CommitRead]:
    """`git log` of the arguments, streamed, newest first. A commit whose date no calendar holds gets its day from UTC.

    less  commits that are left out with all their ancestors; on standard input, for there may be more than a command line holds
    """
    process = git.popen("log", "-z", "--encoding=UTF-8", "--no-show-signature", _FORMAT, "--stdin", *arguments, "--")
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    with suppress(BrokenPipeError), process.stdin:  # a git that ended already says below why
        process.stdin.write("".join(f"^{name}\n" for name in less).encode())
    rest = b""
    try:
        while chunk := process.stdout.read(1 << 18):
            *whole, rest = (rest + chunk).split(b"\0")
            yield from (_commit(record) for record in whole if record)
        if rest:
            yield _commit(rest)
        words = process.stderr.read().decode(errors="replace").strip()
        if process.wait():
            raise GitFailed(f"git log failed in {git.folder}: {words}{advice(git.folder, words)}", process.returncode, words)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def _commit(record: bytes) -> CommitRead:
    header, _, message = record.decode("utf-8", "replace").partition("\n")
    name, parents, iso, epoch, email = header.split("\x02", 4)
    return CommitRead(name, tuple(parents.split()), Author(email.strip().casefold(), _moment(iso, epoch)), message)


def _moment(iso: str, epoch: str) -> datetime:
    try:
        moment = datetime.fromisoformat(iso)
        offset = moment.utcoffset()
        if offset is not None and not offset.total_seconds() % 60 and 1970 <= moment.year <= 9998:
            return moment
    except ValueError:
        pass
    try:
        seconds = min(max(int(epoch), 0), 253_000_000_000)
    except ValueError:
        seconds = 0
    return datetime.fromtimestamp(seconds, UTC)


def commit_text(message: str) -> str:
    """What of a message the log keeps: redacted, without trailers, on one line, cut at LONGEST characters."""
    text = redact(message[:_READ]).text
    if "\n" in text:
        text = _TRAILER.sub("", text)
    return one_line(text, LONGEST) or "(no message)"


def commit_observation(
    commit: CommitRead, owners: Collection[str], branch: str, find: Callable[[str], Author | None]
) -> Observation:
    """The observation a commit makes. `find` gives the author of a commit by its id, for what a revert takes back."""
    extra = []
    match = _REVERTS.search(commit.message) if "This reverts" in commit.message else None
    target = find(match.group(1)) if match else None
    if target is not None:
        extra.append(("reverts", target.root))
    src = "commit" if commit.author.email in owners else "external"
    return observe(
        commit.author.time, commit_text(commit.message), src, sess=commit.author.root, branch=branch, at=commit.id[:12],
        extra=extra,
    )  # fmt: skip


def find_author(git: Git) -> Callable[[str], Author | None]:
    """A look-up of authors by commit id (also abbreviated); None for what this clone does not hold."""

    def find(name: str) -> Author | None:
        commit = present(git, [name])
        return next(read_commits(git, "-1", commit[0])).author if commit else None

    return find


def present(git: Git, names: Collection[str]) -> list[str]:
    """The full ids of those commits that this clone still holds (a rewritten, pruned history may not); nothing is fetched for it."""
    if not names:
        return []
    asked = "".join(f"{n}^{{commit}}\n" for n in sorted(names)).encode()
    lines = local(git, "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked).split("\n")
    return [line.split()[0] for line in lines if line.endswith(" commit")]


def local(git: Git, *arguments: str, stdin: bytes = b"") -> str:
    """What git answers from this clone alone: a partial one would ask its remote for what it lacks. "" where it cannot."""
    arguments = ("-c", "protocol.allow=never", *arguments)  # for a git that does not know the variable
    answer = git.run(*arguments, stdin=stdin, check=False, env={"GIT_NO_LAZY_FETCH": "1"})
    return answer.out.decode(errors="surrogateescape").rstrip("\n")
