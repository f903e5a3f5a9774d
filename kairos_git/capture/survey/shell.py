"""The lines of a CI script that check the project, and where each runs.

The one rule: a line counts only if a person could type it as it stands; what a shell would compute first, and every
script with control flow, is the machine's business.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.capture.survey.reading import LONGEST_VALUE
from kairos_git.capture.survey.tools import purpose_of

_CONTROL = re.compile(
    r"^[ \t]*(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|select|function|trap|[{}])(?:\s|;|$)"
    r"|^[ \t]*\(|<<|\(\)|^[ \t]*\S+\)\s|[;{]\s*$",
    re.MULTILINE,
)
_UNTYPABLE = frozenset("$`|;<>\\&")
_AND = re.compile(r"""(?:"[^"]*"|'[^']*'|(?!&&).)+""")
_FOLDER = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9._@/+-]*")


class Check(NamedTuple):
    """A checking command as it stands, the folder it runs in ('' is the root), and its purpose or ''."""

    command: str
    folder: str
    purpose: str


def checks(script: str, folder: str = "") -> Iterator[Check]:
    """The checks of a `run:` script started in `folder`. A script with control flow has none."""
    joined = re.sub(r"(?<=[ \t])\\\r?\n[ \t]*", "", script)
    joined = re.sub(r"(?:\\|(?<=&&)|(?<=\|))[ \t]*\r?\n[ \t]*", " ", joined)
    if _CONTROL.search(joined):
        return
    where: str | None = folder
    for line in joined.splitlines():
        for part in _AND.findall(line.strip()):
            command = part.removeprefix("&").strip()  # the pattern stops at `&&` and starts again at its second half
            if command.startswith(("cd ", "pushd ", "popd")):
                where = _joined(where, _typed_words(command))
                continue
            purpose = purpose_of(_typed_words(command))
            if purpose is not None and where is not None:
                yield Check(command, where, purpose)


def plain_folder(text: str) -> str | None:
    """A folder as written in a workflow, from the root; None where it is outside, computed, or not plain."""
    path = text.strip().removeprefix("./").rstrip("/")
    if path in ("", "."):
        return ""
    return path if _FOLDER.fullmatch(path) and ".." not in path else None


def _joined(where: str | None, words: list[str]) -> str | None:
    """The folder after a `cd`; None from where nobody can tell, which then holds for the rest of the script."""
    below = plain_folder(words[1]) if len(words) == 2 and words[0] == "cd" and where is not None else None
    return "/".join(filter(None, (where, below))) if below is not None else None


def _typed_words(command: str) -> list[str]:
    """The words of a command; none where it is a comment, or a shell (or the workflow) must compute something first."""
    if len(command) > LONGEST_VALUE or command.startswith("#") or _UNTYPABLE & set(command):
        return []
    try:
        return shlex.split(command)
    except ValueError:
        return []
