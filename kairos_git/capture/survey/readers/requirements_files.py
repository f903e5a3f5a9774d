"""requirements files: which one lists the packages for what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, reading, slot_names
from kairos_git.capture.survey.source.files import is_plain, is_test
from kairos_git.errors import Problem

MOST_FILES = 6

_FILE = re.compile(r"(?:[\w.-]+/)?(?:(?:([\w.-]+?)[._-])?requirements(?:[._-]([\w.-]+))?|requirements/([\w.-]+))\.(?:txt|in)")
_WORDS = {"": "the project needs", "base": "the project needs", "main": "the project needs", "prod": "the project needs"}


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found = {
        path: match
        for path in tree.paths
        if "requirements" in path
        and (match := _FILE.fullmatch(path))
        and is_plain(path)
        and not is_test(f"{path.rpartition('/')[0]}/file")
    }
    # Of a pair, the `.in` is what people write, and the `.txt` is made from it.
    files = [path for path in found if path.endswith(".in") or f"{path[:-4]}.in" not in found]
    chosen = sorted(files, key=lambda path: (path.count("/"), path))[:MOST_FILES]
    names = slot_names(chosen)
    for path in chosen:
        folder = path.rpartition("/")[0]
        what = next((name for name in found[path].groups() if name), "") or ("" if folder == "requirements" else folder)
        slot = f"layout.requirements.{names[path]}"
        if what in _WORDS:
            yield from reading(path, "file", slot, path, f"{{}} lists the Python packages that {_WORDS[what]}")
        else:
            yield from reading(path, "file", slot, path, "{} lists the Python packages for {}", what)


READER = Reader("requirements_files", _read, MANIFEST, "python")
