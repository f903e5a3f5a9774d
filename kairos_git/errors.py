"""What can go wrong, each with its exit code; a situation raises one error, bad data is a `Problem`.

    KairosError                 4  base; a situation that stops the command
    ├── UsageError              2  the command's words are off
    ├── NotFound                3  no project, or no memory repository
    ├── Refused                 1  the answer is no
    ├── Busy                    4  somebody else holds the memory
    ├── Diverged                4  the memory moved while it was read
    ├── NotWritable             4  disk full, read-only, or not ours to write
    ├── WouldOverwrite          4  something is in the way
    ├── GitFailed               4  git answered with an error
    ├── ModelFailed             5  the model did not answer, or not usably
    │   ├── ModelTimedOut       5  it was asked and stayed silent: it may be billed
    │   └── ModelUnauthorized   5  there is no key, or the endpoint did not take it
    └── DreamRefused            6  the laws refused a dream

The one rule: an error's text says what happened, where, and what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """One piece of bad data. `law` is a law's number, or 0; `line` counts from 1, or is 0 for a whole file."""

    path: str
    line: int
    message: str
    law: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class KairosError(Exception):
    """The base of everything this program raises on purpose; the text is for the person at the terminal."""

    exit_code = 4


class UsageError(KairosError):
    """The command's words are off."""

    exit_code = 2


class NotFound(KairosError):
    """There is no project here, or no memory repository belongs to it."""

    exit_code = 3


class Refused(KairosError):
    """The answer is no."""

    exit_code = 1


class Busy(KairosError):
    """Somebody else holds the memory's lock."""


class Diverged(KairosError):
    """The memory moved while it was being read; nothing was written."""


class NotWritable(KairosError):
    """The disk is full or read-only; nothing was acknowledged."""


class WouldOverwrite(KairosError):
    """Something that is not ours is in the way."""


class GitFailed(KairosError):
    """git answered with an error; `code` is its exit code and `stderr` its words."""

    def __init__(self, message: str, code: int = 128, stderr: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.stderr = stderr


class ModelFailed(KairosError):
    """The model did not answer, or not usably."""

    exit_code = 5


class ModelTimedOut(ModelFailed):
    """The model was asked and did not answer in time; the question may be billed all the same."""


class ModelUnauthorized(ModelFailed):
    """There is no key, or the endpoint did not take it: asking again changes nothing."""


class DreamRefused(KairosError):
    """The laws refused a dream; `problems` says why, `commit` names what was built and not landed, `proposal` the name it waits by."""

    exit_code = 6

    def __init__(self, problems: Sequence[Problem], commit: str | None = None, proposal: str = "") -> None:
        listing = "\n".join(f"  law {p.law}: {p}" if p.law else f"  {p}" for p in problems)
        hint = f"\nIt was built and not landed: git show {commit}" if commit else ""
        if proposal:
            hint += f"\nIt waits for the owner: `kairos-git review {commit and commit[:12]}`, then `kairos-git land` or `review --drop`."
        what = "changes so much that it was not landed" if proposal else "was refused by the laws"
        super().__init__(f"The dream {what}; no fact was changed.\n{listing}{hint}")
        self.problems = tuple(problems)
        self.commit = commit
        self.proposal = proposal
