"""A project on disk whose texts are checked: files in, findings out."""

from __future__ import annotations

from typing import Any

from conftest import Place
from kairos_git.capture.check import check

PYTHON = "def f() -> None: ...\n"


def checked(place: Place, files: dict[str, str], *named: str) -> list[str]:
    """Commit the files; each finding as `file:line says | tree | where`."""
    place.commit("Add files", files)
    return found(place, *named)


def found(place: Place, *named: str) -> list[str]:
    """The findings in the work tree as it is."""
    findings, problems = check(str(place.root), list(named) or None)
    assert problems == [], problems
    return [f"{f.file}:{f.line} {f.says} | {f.tree} | {f.where}" for f in findings]


def says(place: Place, text: str, file: str = "AGENTS.md", **files: Any) -> list[str]:
    """What is reported of one text in a project with these files beside a usual few."""
    usual = {
        "src/app/main.py": PYTHON,
        "src/app/auth/login.py": PYTHON,
        "src/app/auth/token.py": PYTHON,
        "docs/guide.md": "# Guide\n",
    }
    return [
        line.split(" | ")[0].partition(" ")[2]
        for line in checked(place, {**usual, **files.get("tree", {}), file: text})
        if line.startswith(file + ":")
    ]
