"""How releases are tagged, by the newest of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

FEWEST = 3  # tags of one form

_TAG = re.compile(r"(?P<before>.*?)(?P<version>\d+(?:\.\d+){1,3})(?P<after>.*)", re.DOTALL)
_PLAIN = frozenset({"", "v", "V"})
_OFTEN = 2  # times more tags of the packages than of the whole make the former the releases


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    """The newest release that is no candidate; of the project as a whole where such are made, else of its foremost package."""
    finished = [(tag, match["before"]) for tag in tree.past().tags if (match := _TAG.fullmatch(tag)) and not match["after"]]
    forms = Counter("" if before in _PLAIN else before for _, before in finished)
    if not forms:
        return
    often = max(sorted(forms), key=lambda before: forms[before])
    form = "" if forms[""] >= FEWEST and forms[""] * _OFTEN >= forms[often] else often
    if forms[form] < FEWEST:
        return
    newest = next(tag for tag, before in finished if (before in _PLAIN if not form else before == form))
    packages = sum(count >= FEWEST for before, count in forms.items() if before)
    if not form and packages < 2:
        yield from reading("git", "tags", "history.release-tags", newest, "Releases are tagged with their version, such as {}")
    elif form:
        yield from reading(
            "git", "tags", "history.release-tags", newest, "Each package's release has a tag with its name, such as {}"
        )
    else:
        yield from reading(
            "git",
            "tags",
            "history.release-tags",
            newest,
            "Releases are tagged with their version, such as {}; packages have their own",
        )


READER = Reader("releases", _read, MANIFEST)
