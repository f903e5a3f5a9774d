"""The commands of a code block as statements: what a comment beside one says of it goes before it.

The one rule: only what is plainly typed into a shell is a command; output, examples of code and drawings are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kairos_git.memory.text import code

LONGEST = 300
LONGEST_COMMAND = 160
_COMMAND = re.compile(r"(?:\$ |> )?(?:[A-Z][A-Z0-9_]*=\S* )*(?:\./|\.\./)?[a-z][\w.+-]*(?:/[\w.+-]+)*(?=\s|$)")
_GLOSS = re.compile(r"^(.*?\S)\s+#\s+(\S.*)$")
_DRAWN = re.compile(
    r"[│├└─┌┐→⇒]|^\s*[{}\[\]]|^\s*</?\w|[;{]\s*$|\)\s*=>|^\s*(?:import|from|const|let|var|def|class|function|func|fn|type|return)\s"
)
_WORDS = re.compile(r"^[A-Z]?[a-z]+(?: [a-z,]+){4,}[.:]?$")


def commands(rows: Sequence[str], intro: str, about: str) -> Iterator[str]:
    """The statements of a block's rows. intro: the words right above it; about: the heading it stands under."""
    read = _read(rows)
    if not read:
        return
    group: list[str] = []
    before = intro or about
    together = ", ".join(f"{code(command)} ({gloss})" if gloss else code(command) for gloss, command in read)
    if intro and len(intro) + 2 + len(together) <= LONGEST:
        yield f"{intro}: {together}"
        return
    for gloss, command in read:
        if gloss:
            short = len(gloss.split()) < 3 and before
            yield f"{before}, {gloss}: {code(command)}" if short else f"{gloss}: {code(command)}"
            continue
        if group and len(before) + 2 + sum(len(c) + 2 for c in (*group, code(command))) > LONGEST:
            yield _listed(before, group)
            group = []
        group.append(code(command))
    if group:
        yield _listed(before, group)


def _listed(before: str, group: Sequence[str]) -> str:
    return f"{before}: {', '.join(group)}" if before else f"Commands: {', '.join(group)}"


def _read(rows: Sequence[str]) -> list[tuple[str, str]]:
    """(gloss, command) of each command; nothing where a row is no command or comment."""
    found: list[tuple[str, str]] = []
    heading = ""
    lines = [row.strip() for row in re.sub(r"\\\n\s*", "", "\n".join(rows)).split("\n")]
    typed = [row for row in lines if row.startswith("$ ")]
    for row in typed or lines:
        if not row:
            heading = ""
        elif row.startswith("#"):
            heading = row.lstrip("# ").rstrip(":. ")
        else:
            gloss, command = _glossed(row.removeprefix("$ "))
            if "<<" in row or _DRAWN.search(row) or _WORDS.match(row) or not _COMMAND.match(command):
                return []
            if len(command) <= LONGEST_COMMAND:
                found.append((_joined(heading, gloss), command))
    return found


def _glossed(row: str) -> tuple[str, str]:
    found = _GLOSS.match(row)
    return (found[2].rstrip(":. "), found[1]) if found else ("", row)


def _joined(heading: str, gloss: str) -> str:
    return f"{heading}, {gloss}" if heading and gloss and len(heading.split()) < 3 else gloss or heading
