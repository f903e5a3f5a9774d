"""Branches that keep older versions alive: a fix for one of them goes there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

MOST = 4  # the newest

# Three numbers are one release in the making, not a line of them.
_MAINTENANCE = re.compile(
    r"(?:(?:release|releases|stable|maint|maintenance|support|series|backport|branch|version)[-/_.])"
    r"v?\d{1,4}(?:\.(?:\d{1,4}|x))?(?:\.x)?"
    r"|v?\d{1,4}\.(?:\d{1,4}\.)?x|v\d{1,2}(?:-(?:lts|maintenance|stable|latest))?"
    r"|\d{1,4}\.\d{1,4}(?:-maintenance|-stable)?|maint|stable"
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found = [name for name in tree.past().branches if _MAINTENANCE.fullmatch(name) and name != tree.default_branch]
    # One lone `v2` may be somebody's work in progress.
    if len(found) > 1 or any(re.search(r"x$|^(?:stable|maint)", name) for name in found):
        newest = sorted(found, key=_order, reverse=True)[:MOST]
        sentence = "Releases are prepared or maintained on the branches {}"
        yield from reading("git", "refs.maintenance", "history.maintenance-branches", ", ".join(newest), sentence)


def _order(name: str) -> tuple[list[int], str]:
    return ([int(number) for number in re.findall(r"\d+", name)], name)


READER = Reader("branches", _read, MANIFEST)
