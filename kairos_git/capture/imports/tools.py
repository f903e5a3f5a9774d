"""Where other tools keep what they remember of a project, and of its owner.

    Claude Code   ~/.claude/projects/<slug>/memory/ (CLAUDE_CONFIG_DIR moves it) of the main work tree and of this one, and
                  ~/.claude/CLAUDE.md, which is about the owner
    Codex         ~/.codex/memories/MEMORY.md (CODEX_HOME moves it), where it speaks of this project; ~/.codex/AGENTS.md
    Gemini CLI    ~/.gemini/GEMINI.md

The one rule: these are other people's folders. They are looked into, and nothing more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from kairos_git.capture.imports.folders import Place
from kairos_git.capture.project import Project
from kairos_git.settings import config_folder

TOOLS = ("claude", "codex", "gemini")


def slug(path: str) -> str:
    """The name under which Claude Code keeps a folder: everything but letters and digits becomes `-` (seen in 2.1.329)."""
    return re.sub(r"[^A-Za-z0-9]", "-", path)


def places(project: Project | None) -> Iterator[Place]:
    """What there is on this machine: for a project, and about the owner."""
    claude = config_folder("CLAUDE_CONFIG_DIR", "~/.claude")
    codex = config_folder("CODEX_HOME", "~/.codex")
    if project is not None:
        roots = dict.fromkeys(
            (project.main_root, os.path.realpath(project.main_root), project.root, os.path.realpath(project.root))
        )
        for root in roots:
            yield from _there(Place(os.path.join(claude, "projects", slug(root), "memory"), "claude"))
        yield from _there(Place(os.path.join(codex, "memories", "MEMORY.md"), "codex", only=project.main_root))
    yield from _there(Place(os.path.join(claude, "CLAUDE.md"), "claude", own=True))
    yield from _there(Place(os.path.join(codex, "AGENTS.md"), "codex", own=True))
    yield from _there(Place(os.path.join(config_folder("", "~/.gemini"), "GEMINI.md"), "gemini", own=True))


def _there(place: Place) -> Iterator[Place]:
    if os.path.exists(place.path) and not os.path.exists(
        os.path.join(place.path, "kairos.yaml")
    ):  # our own, named there to be read
        yield place
