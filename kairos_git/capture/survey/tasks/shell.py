"""The commands of a CI script, and the folder each runs in.

The one rule: a command is read only where it stands as a person would type it. What a shell computes first, feeds from
another program or writes into a file is the machine's business; a heredoc, a pattern and a quoted text are no commands.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kairos_git.capture.survey.reading import vocabulary

MOST_COMMANDS = 500  # of one script
_DEEPEST = 8  # substitutions in substitutions

_WORD = re.compile(r"[^\s\\'\"`$;&|()<>]+")
_REDIRECT = re.compile(r"(?:\d*|&)(?:>>|>\||>&|>|<<<|<<-?|<&|<)[ \t]*")
_OPERATOR = re.compile(r"&&|\|\||;;|\|&|[;&|()\n]")
_EXPRESSION = re.compile(r"\$\{\{.{0,1000}?\}\}", re.DOTALL)
_HARMLESS = re.compile(r"&?\d|/dev/null|/dev/stderr|/dev/stdout")  # where output goes that is seen, or not missed
_FOLDER = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9._@/+-]*")

_QUOTING = re.compile(r"['\"\\]")
_NEEDS_NO_QUOTES = re.compile(r"[\w./:=,@+-]+")

_PREFIXES = vocabulary("then else do ! { time exec command") | {"if", "elif", "while", "until"}
_OPENS = vocabulary("if while until for select case {")
_CLOSES = vocabulary("fi done esac }")
_SKIPPED = vocabulary("for select case function")


class Command(NamedTuple):
    """One simple command: its words, as written and as the program gets them, and the folder ('' is the root).

    `computed` is the index of the first word that the shell or the workflow computes; -1 where there is none.
    """

    written: tuple[str, ...]
    words: tuple[str, ...]
    computed: int
    folder: str

    @property
    def text(self) -> str:
        """The command on one line."""
        return " ".join(self.written)


class _Found(NamedTuple):
    words: list[tuple[str, bool]]  # as written, whether computed
    redirected: bool
    before: str  # the operators around it
    after: str


def commands(script: str, folder: str = "") -> Iterator[Command]:
    """The commands of a script started in `folder` that a person could type, in order, with what is computed marked."""
    found = _simple_commands(script)
    place = _Place(folder)
    for number, one in enumerate(found[:MOST_COMMANDS]):
        words = place.enter(one)
        follower = found[number + 1] if number + 1 < len(found) else None
        if not words or one.redirected or not _stands_alone(one, follower):
            continue
        decoded = [_decoded(text) for text, _ in words]
        computed = next((n for n, (_, is_computed) in enumerate(words) if is_computed or decoded[n] is None), -1)
        said = tuple(
            text if word is None or n == computed else word
            for n, ((text, _), word) in enumerate(zip(words, decoded, strict=True))
        )
        if said[0] in ("cd", "pushd", "popd"):
            place.move(said)
        elif place.where is not None:
            plain = [word if _NEEDS_NO_QUOTES.fullmatch(word) else text for (text, _), word in zip(words, said, strict=True)]
            yield Command(tuple(plain), said, computed, place.where)


def plain_folder(text: str) -> str | None:
    """A folder as written in a workflow, from the root; None where it is outside, computed, or not plain."""
    path = text.strip().removeprefix("./").rstrip("/")
    if path in ("", "."):
        return ""
    return path if _FOLDER.fullmatch(path) and ".." not in path else None


class _Place:
    """Where a script is: `where` is None from a point on from which nobody can tell."""

    def __init__(self, folder: str) -> None:
        self.where: str | None = folder
        self._around: list[str | None] = []  # where each open block began
        self._left: list[str | None] = []  # what pushd remembers

    def enter(self, one: _Found) -> list[tuple[str, bool]]:
        """Follow brackets and keywords; the words that are left to run, none for a loop's or a function's head."""
        if one.before == "(":
            self._around.append(self.where)
        elif one.before == ")" and self._around:
            self.where = self._around.pop()  # a subshell's own folder ends with it
        words = one.words
        while words and (words[0][0] in _PREFIXES or words[0][0] in _OPENS or words[0][0] in _CLOSES):
            keyword = words[0][0]
            if keyword in _OPENS:
                self._around.append(self.where)
            elif keyword in _CLOSES and self._around and self._around.pop() != self.where:
                self.where = None  # whether the block ran is not known
            if keyword in _SKIPPED or keyword == "function":
                return []
            words = words[1:]
        return [] if words and words[0][0] == "function" else words

    def move(self, words: Sequence[str]) -> None:
        """Follow `cd`, `pushd` and `popd`."""
        if words[0] == "popd":
            self.where = self._left.pop() if self._left else None
            return
        if words[0] == "pushd":
            self._left.append(self.where)
        below = plain_folder(words[1]) if len(words) == 2 and self.where is not None else None
        self.where = "/".join(filter(None, (self.where, below))) if below is not None else None


def _stands_alone(one: _Found, follower: _Found | None) -> bool:
    """Whether a command is no fallback, feeds no other program than `tee`, and waits for its end."""
    if one.before in ("||", "|", "|&") or one.after == "&":
        return False
    following = follower.words[0][0] if follower and follower.words else ""
    return following == "tee" or one.after not in ("|", "|&")


def _decoded(written: str) -> str | None:
    """What the program gets for a word; None where its quotes do not end."""
    if not _QUOTING.search(written):
        return written
    try:
        return "".join(shlex.split(written))
    except ValueError:
        return None


def _simple_commands(script: str) -> list[_Found]:
    """A script taken apart at its operators."""
    found: list[_Found] = []
    words: list[tuple[str, bool]] = []
    heredocs: list[str] = []
    redirected, before, pattern, cases = False, "", False, 0
    position = 0
    while position < len(script) and len(found) <= MOST_COMMANDS:
        operator = _OPERATOR.match(script, position)
        redirect = None if operator else _REDIRECT.match(script, position)
        if operator:
            position = operator.end()
            if pattern:  # `a | b)` of a `case` is no command
                pattern = operator[0] != ")"
                words, before = [], ";"
                continue
            if operator[0] == "(" and words:  # `name() {`
                words = []
            found.append(_Found(words, redirected, before, operator[0]))
            starts_case = bool(words) and words[0][0] == "case"
            cases += starts_case - (bool(words) and words[0][0] == "esac")
            pattern = (starts_case or operator[0] == ";;") and cases > 0
            words, redirected, before = [], False, operator[0]
            if operator[0] == "\n" and heredocs:
                position = _after_heredocs(script, position, heredocs)
        elif redirect:
            target, position, _ = _word(script, redirect.end())
            if redirect[0].strip() in ("<<", "<<-"):
                heredocs.append(target.strip("'\"\\"))
            redirected = redirected or not _HARMLESS.fullmatch(target)
        elif script[position] in " \t\r":
            position += 1
        elif script.startswith(("\\\n", "\\\r\n"), position):
            position = script.index("\n", position) + 1
        elif script[position] == "#":
            end = script.find("\n", position)
            position = len(script) if end < 0 else end
        else:
            text, position, computed = _word(script, position)
            if pattern and text == "esac":
                pattern, cases = False, cases - 1
            words.append((text, computed))
    found.append(_Found(words, redirected, before, ""))
    return found


def _word(script: str, position: int) -> tuple[str, int, bool]:
    """One word as written, where it ends, and whether something in it is computed."""
    start, computed = position, False
    while position < len(script):
        character = script[position]
        plain = _WORD.match(script, position)
        if plain:
            position = plain.end()
        elif character == "\\":
            if script.startswith(("\\\n", "\\\r\n"), position):
                break
            position += 2
        elif character == "'":
            end = script.find("'", position + 1)
            position = len(script) if end < 0 else end + 1
        elif character == '"':
            end, inside = _quoted_end(script, position + 1, 0)
            position, computed = end, computed or inside
        elif character in "$`":
            position, computed = _computed_end(script, position, 0), True
        else:
            break
    return script[start:position], max(position, start + 1), computed


def _quoted_end(script: str, position: int, depth: int) -> tuple[int, bool]:
    """Where a double-quoted text ends, and whether something in it is computed."""
    computed = False
    while position < len(script) and script[position] != '"':
        if script[position] == "\\":
            position += 2
        elif script[position] in "$`":
            position, computed = _computed_end(script, position, depth), True
        else:
            position += 1
    return position + 1, computed


def _computed_end(script: str, position: int, depth: int) -> int:
    """Where a `$…`, `$(…)`, `${{ … }}` or `…` in backticks ends; the script's end where it is nested beyond reading."""
    expression = _EXPRESSION.match(script, position)
    if expression:
        return expression.end()
    if depth > _DEEPEST:
        return len(script)
    if script[position] == "`":
        end = script.find("`", position + 1)
        return len(script) if end < 0 else end + 1
    closing = {"(": ")", "{": "}"}.get(script[position + 1 : position + 2])
    position += 1
    if closing is None:
        return position
    opening, open_now = script[position], 0
    while position < len(script):
        character = script[position]
        open_now += (character == opening) - (character == closing)
        position += 1
        if not open_now:
            break
        if character == '"':
            position, _ = _quoted_end(script, position, depth + 1)
        elif character == "'" and opening == "(":
            end = script.find("'", position)
            position = len(script) if end < 0 else end + 1
    return position


def _after_heredocs(script: str, position: int, heredocs: list[str]) -> int:
    """Where the lines of the heredocs that were opened end; empties the list."""
    while heredocs:
        ends = re.compile(rf"^[ \t]*{re.escape(heredocs.pop(0))}[ \t\r]*(?:\n|$)", re.MULTILINE).search(script, position)
        position = ends.end() if ends else len(script)
    return position
