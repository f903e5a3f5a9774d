"""What is not to be recorded: `<private>` spans, paths under `private:`, lines that `ignore:` speaks of.

Read from the kairos.yaml that lies in the memory's folder, so that it holds as soon as it is saved; what it says is kept beside
the memory, because reading YAML costs more than a hook may.

The one rule: what is left out is left out before anything is written, and where the settings cannot be read nothing is written.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from kairos_git.errors import NotWritable, Refused
from kairos_git.memory.files import read_regular, write_whole

SETTINGS = "kairos.yaml"
FILE = "scope.json"
LONGEST = 8000  # characters that are looked at; the log keeps 2,000
_PATH = re.compile(r"[^\s`\"'()<>\[\]{},;|]+")
_compiled = cache(re.compile)


class Scope(NamedTuple):
    """private: globs of paths; ignore: regular expressions; mode: what happens by itself; root: the project's work tree, or "";
    sessions: whether agents' sessions are observed at all.
    """

    private: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    mode: str = "auto"
    root: str = ""
    sessions: bool = True

    @property
    def serves(self) -> bool:
        """Whether memory is given to agents by itself."""
        return self.mode != "off"

    def hides(self, path: str) -> bool:
        """Whether a path is private: it, or a folder above it, is meant by one of the globs."""
        if not self.private or not path:
            return False
        full = os.path.normpath(os.path.join(self.root or os.sep, os.path.expanduser(path)))
        inner = full.lstrip(os.sep) if not self.root else os.path.relpath(full, self.root) if _within(full, self.root) else ""
        return any(_meant(glob, full, inner) for glob in self.private)

    def silences(self, path: str) -> bool:
        """Whether nothing of a session that works there is written down."""
        return not self.sessions or self.hides(path)

    def kept(self, text: str) -> str:
        """A text less its private spans, and less the lines that name a private path or that are to be ignored."""
        from kairos_git.memory.redact import without_private

        if "<" in text:
            text = without_private(text)
        if not self.private and not self.ignore:
            return text
        return "\n".join(line for line in text.split("\n") if not self._hidden(line))

    def _hidden(self, line: str) -> bool:
        if any(_searches(pattern, line) for pattern in self.ignore):
            return True
        return bool(self.private) and any(self.hides(m[0].strip(".:*_!?").removeprefix("file://")) for m in _PATH.finditer(line))


def _within(path: str, folder: str) -> bool:
    return f"{path}{os.sep}".startswith(f"{folder}{os.sep}")


def _meant(glob: str, full: str, inner: str) -> bool:
    """Whether a glob means a path. With a `/` in it, it is told from the project's root; without one, it is any part's name."""
    glob = os.path.expanduser(glob.strip()).rstrip("/")
    if glob.endswith("/**"):
        glob = glob[:-3]
    absolute = glob.startswith("/") and not glob.startswith("//")
    pattern = _glob(glob.removeprefix("./"))
    if absolute and re.match(rf"{pattern}(?:/|$)", full):
        return True
    if "/" in glob:
        return bool(inner) and re.match(rf"{_glob(glob.lstrip('/').removeprefix('./'))}(?:/|$)", inner) is not None
    return re.search(rf"(?:^|/){pattern}(?:/|$)", inner or full) is not None


@cache
def _glob(glob: str) -> str:
    """A glob as a regular expression: `**` goes over folders, `*` and `?` stay within one."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.sub(r"\*\*/|\*\*|\*|\?|[^*?]+", lambda m: parts.get(m[0]) or re.escape(m[0]), glob)


def _searches(pattern: str, line: str) -> bool:
    """Whether an expression is found; one that is none is looked for as it stands."""
    try:
        return _compiled(pattern, re.IGNORECASE).search(line) is not None
    except (re.error, RecursionError, OverflowError):
        return pattern.casefold() in line.casefold()


def kept(text: str, scope: Scope, most: int = LONGEST) -> str:
    """What of a text may be written: less what is private, then redacted. Looking far past what the log keeps costs seconds.

    Raises Refused where nothing is left of it because it is private.
    """
    words = scope.kept(text)
    if text.strip() and not words.strip():
        raise Refused(
            "The settings of this memory (`private`, `ignore` in kairos.yaml) keep this out of it. Nothing was written."
        )
    from kairos_git.memory.redact import redact

    return redact(words[:most]).text


def load_scope(memory: str, own: str, root: str = "") -> Scope:
    """What the memory at a path is not to record of the project at `root`; `own` is its folder for what git does not hold.

    Raises Refused where its settings speak of privacy and cannot be read.
    """
    data = read_regular(os.path.join(memory, SETTINGS))
    if data is None:
        data = _committed(memory)
    words = b"\n".join(line for line in data.split(b"\n") if not line.lstrip().startswith(b"#"))
    if not any(name in words for name in (b"private", b"ignore", b"mode", b"observe")):
        return Scope(root=root)
    text = words.decode("utf-8", "replace")
    path = os.path.join(own, FILE)
    with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
        kept = json.loads(read_regular(path) or b"{}")
        if kept["yaml"] == text:
            return Scope(tuple(kept["private"]), tuple(kept["ignore"]), str(kept["mode"]), root, bool(kept["sessions"]))
    from kairos_git.settings import load_settings

    settings = load_settings(words)
    broken = [
        p for p in settings.problems if p.message.startswith(("private", "ignore")) or p.message.endswith("the defaults hold")
    ]
    if broken and (b"private" in words or b"ignore" in words):
        said = broken[0].message.removesuffix("; the defaults hold")
        raise Refused(
            f"{os.path.join(memory, SETTINGS)} {said}. It says what is private, so nothing is recorded or handed out until it is mended."
        )
    observed = "sessions" in settings.bounds.observes
    with suppress(NotWritable):
        fields = {
            "yaml": text,
            "private": settings.private,
            "ignore": settings.ignore,
            "mode": settings.mode,
            "sessions": observed,
        }
        write_whole(path, json.dumps(fields).encode())
    return Scope(settings.private, settings.ignore, settings.mode, root, observed)


def _committed(memory: str) -> bytes:
    """kairos.yaml of HEAD, where the folder has none."""
    from kairos_git.gitrun import Git

    found = next(Git(memory).objects([f"HEAD:{SETTINGS}"]), None)
    return found[2] if found and found[1] == "blob" else b""
