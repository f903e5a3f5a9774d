"""What a project's tree is at a commit: every reader's readings in one sorted list.

The one rule: the same tree gives the same readings, whatever the order of the readers. A reader is one file in
`readers/` with a `READER`; nothing else has to be told of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from posixpath import splitext

from kairos_git.capture.survey.ecosystems.manifests import in_other_code
from kairos_git.capture.survey.reading import Reader, Reading, Tree, many
from kairos_git.errors import Problem

__all__ = ["all_readers", "survey"]

MOST = 200  # readings of one reader; what a hostile file with 100,000 scripts may add to a memory

_SUFFIXES = {
    "python": frozenset({".py", ".pyi", ".pyx"}),
    "javascript": frozenset({".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte"}),
    "rust": frozenset({".rs"}),
    "go": frozenset({".go"}),
}
# Languages whose manifests nothing here reads; a project in one of them may hold a little of the others.
_OTHERS = frozenset(
    {".c", ".h", ".cc", ".cpp", ".hpp", ".m", ".java", ".kt", ".scala", ".cs", ".rb", ".php", ".ex", ".swift", ".zig", ".hs"}
)
SMALL = 10  # times as many files in other languages make one foreign
_MANIFESTS = {
    "python": frozenset({"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "tox.ini"}),
    "javascript": frozenset({"package.json"}),
    "rust": frozenset({"Cargo.toml"}),
    "go": frozenset({"go.mod"}),
}


def survey(tree: Tree, using: Sequence[Reader] | None = None) -> tuple[list[Reading], list[Problem]]:
    """All readings of a tree, by slot, and what could not be read. `using` defaults to every reader there is."""
    foreign = _foreign(tree)
    found: list[tuple[int, str, Reading]] = []
    problems: set[Problem] = set()
    for reader in using if using is not None else all_readers():
        some: set[Reading] = set()
        for item in reader.read(tree):
            if isinstance(item, Problem):
                problems.add(item)
            # A Python project's package.json may lint its docs; it does not say how the project is tested.
            elif not (reader.language in foreign and item.slot.endswith(".command")):
                some.add(item)
        if len(some) > MOST:
            problems.add(Problem(reader.name, 0, f"has {len(some)} readings; the first {MOST} were taken"))
        found += [(reader.rank, reader.name, one) for one in sorted(some)[:MOST]]
    return sorted(_chosen(found), key=lambda r: (r.slot, r.value, r.file, r.key)), sorted(problems)


@cache
def all_readers() -> tuple[Reader, ...]:
    """Every reader in `readers/`, by name."""
    from kairos_git.capture.survey import readers as folder

    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    return tuple(importlib.import_module(f"{folder.__name__}.{name}").READER for name in names)


def _chosen(found: list[tuple[int, str, Reading]]) -> list[Reading]:
    chosen: dict[tuple[str, str], Reading] = {}
    filled: set[tuple[str, str]] = set()
    for _rank, _name, one in sorted(found):
        place, holds = (one.file, one.key), (one.slot, one.value if many(one.slot) else "")
        if place not in chosen and holds not in filled:
            chosen[place] = one
            filled.add(holds)
    return list(chosen.values())


def _foreign(tree: Tree) -> frozenset[str]:
    """The languages with a manifest at the root that are not the one most files are written in."""
    present = [language for language, files in _MANIFESTS.items() if files & tree.paths]
    counts, others = dict.fromkeys(present, 0), 0
    for path in tree.paths:
        suffix = splitext(path)[1]
        # A linter's fixtures are in the language it checks, not in the one it is written in.
        for language in present if not in_other_code(path) else ():
            counts[language] += suffix in _SUFFIXES[language]
        others += suffix in _OTHERS
    most = max(counts.values(), default=0)
    return frozenset(language for language, count in counts.items() if count < most or count * SMALL < others)
