"""INI files (setup.cfg, tox.ini, mypy.ini) from a tree as sections of texts, whatever the bytes.

The one rule: one pass over the lines; nothing is interpolated, inherited or refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from kairos_git.capture.survey.reading import Tree
from kairos_git.errors import Problem

Sections = Mapping[str, Mapping[str, str]]

MOST_LINES = 50_000  # of one file; a generated tox.ini has had 18,000

_SECTION = re.compile(r"\[([^\]\n]{1,200})\]")
_SIGN = re.compile(r"[=:]")


def read_ini(tree: Tree, path: str) -> Sections | Problem:
    """A file's sections: name -> option -> its text, further lines of a value after breaks; empty where it is missing."""
    if path not in tree.paths:
        return {}
    data = tree.read(path)
    if data is None:
        return Problem(path, 0, "was not read: it is larger than 1 MB, or missing")
    return _parsed(data)


# Several readers share tox.ini and setup.cfg; the sections are never changed, so one parse serves them all.
@lru_cache(maxsize=4)
def _parsed(data: bytes) -> Sections:
    return parse_ini(data.decode("utf-8-sig", errors="replace"))


def parse_ini(text: str) -> Sections:
    """The sections of an INI text; option names in lower case, comment lines left out, what is no INI skipped."""
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    value: list[str] | None = None
    for line in re.split(r"\r\n|\r|\n", text)[:MOST_LINES]:
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0] in " \t":
            if value is not None:
                value.append(stripped)
        elif found := _SECTION.match(line):
            section, value = sections.setdefault(found[1].strip(), {}), None
        else:
            sign = _SIGN.search(line)
            value = [line[sign.end() :].strip()] if sign else None
            if sign and value is not None:
                section[line[: sign.start()].strip().lower()] = value
    return {name: {key: "\n".join(filter(None, lines)) for key, lines in options.items()} for name, options in sections.items()}
