"""Privacy in plain words: what is observed, what may leave this machine, how long raw activity is kept, and what left last.

The one rule: every sentence is made from the settings and files that decide it, never from what was meant.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.bounds import OBSERVED
from kairos_git.memory.repository import Memory
from kairos_git.runner.model.left import Left, last_left
from kairos_git.runner.notify.places import places
from kairos_git.settings import Settings, keys

_WHAT = {
    "git": "commits, merges, tags, pushes and branches of the project, by reading its git; other people's as quotations",
    "tree": "what the project's committed files say (the survey); never the work tree",
    "sessions": "of agent sessions: your explicit instructions, and what the agent said last; no other prompt, no transcript",
    "terminal": "commands typed in the project (where `shell-init` is set up), summarised; never their output",
    "files": "which files of the project were edited, by name, summarised; ignored ones never",
    "github": "GitHub's events (where polled or received), quoted",
}


class Privacy(NamedTuple):
    """Everything there is to say. Lines for people; left: the last things that left, the newest first."""

    observed: tuple[str, ...]
    hidden: tuple[str, ...]
    leaves: tuple[str, ...]
    kept: tuple[str, ...]
    left: tuple[Left, ...]


def privacy(memory: Memory, settings: Settings) -> Privacy:
    """How it stands now."""
    off = set(OBSERVED) - set(settings.bounds.observes)
    observed = tuple(f"{name}: {'not observed (kairos.yaml)' if name in off else words}" for name, words in _WHAT.items())
    hidden = (
        *(f"private: {glob}: nothing that happens there, or names it, is written down" for glob in settings.private),
        *(f"ignore: {pattern}: a line that holds it is not written down" for pattern in settings.ignore),
        "<private>…</private>: what stands between is taken out before anything is written",
        "secrets: redacted before the first byte is written, and again before anything leaves",
    )
    return Privacy(observed, hidden, tuple(_leaves(memory, settings)), tuple(_kept(memory)), tuple(last_left(memory)))


def _leaves(memory: Memory, settings: Settings) -> Iterator[str]:
    model, nothing = settings.model, True
    if model is not None:
        nothing = False
        where = "through the client `claude -p`" if model.via == "claude" else f"to {model.base_url or 'its Messages API'}"
        sees = ", ".join(model.sees) or "no source"
        yield f"model {model.label}, {where}: new statements of {sees}, and the facts beside them; never the vault"
    if settings.github.poll:
        nothing = False
        yield "GitHub: questions for the repository's events, with your token; nothing of the memory"
    to, unusable = places(settings.notify, keys().notify)
    away = [place.name for place in to if not place.name.startswith("desktop ")]
    if away:
        nothing = False
        yield f"notices: one short line each, redacted, to {', '.join(away)}; `actions.notify` is {settings.bounds.mode('notify')}"
    yield from unusable
    remotes = memory.git.lines("remote", check=False)
    if remotes:
        nothing = False
        yield f"git: the memory has {', '.join(remotes)} as remote; it is pushed when you push it"
    if nothing:
        yield "nothing: no model, no polling, no place for notices, no remote"


def _kept(memory: Memory) -> Iterator[str]:
    raw = os.path.join(memory.spool, "terminal")
    size = os.path.getsize(raw) if os.path.exists(raw) else 0
    yield f"raw terminal lines: until a tick has summarised them, half an hour after the last ({size} bytes wait)"
    yield "sessions: what an agent said last, until the session ends or was silent for six hours; then one line of the log"
    yield "the log: for ever; `kairos.yaml` and the memory's git are yours"
    yield "what left: the last ten things, in `kairos/left` of the memory's git directory"
