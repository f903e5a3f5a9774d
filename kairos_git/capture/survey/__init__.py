"""What a project's tree is at a commit: every reader's readings in one sorted list.

The one rule: the same tree gives the same readings, whatever the order of the readers. A reader is one file in
`readers/` with a `READER`; nothing else has to be told of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from posixpath import splitext

from kairos_git.capture.survey.ecosystems.manifests import in_other_code
from kairos_git.capture.survey.reading import Reader, Reading, Tree, many
from kairos_git.errors import Problem

__all__ = ["all_readers", "survey"]

MOST = 200  # readings of one reader; what a hostile file with 100,000 scripts may add to a memory
MOST_BROKEN = 20  # problems for which an older version is looked for

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
    """All readings of a tree, by slot, and what could not be read. `using` defaults to every reader there is.

    A file that cannot be read (a conflict somebody committed, a stray comma) is read as it last could be, and its problem says so:
    what it says is unknown, not gone, and what other files say without it would be as wrong.
    """
    readers = tuple(using) if using is not None else all_readers()
    found, problems = _read(tree, readers)
    older = _as_last_read(tree, problems)
    if older:
        found, _ = _read(tree._replace(read=lambda path: older[path][1] if path in older else tree.read(path)), readers)
    told = {
        p._replace(message=f"{p.message}; read as it was at {older[p.path][0][:12]}") if p.path in older else p for p in problems
    }
    return sorted(_chosen(found), key=lambda r: (r.slot, r.value, r.file, r.key)), sorted(told)


def _read(tree: Tree, readers: Sequence[Reader]) -> tuple[list[tuple[int, str, Reading]], dict[Problem, list[Reader]]]:
    """What every reader finds, with its rank and name; and each problem, with the readers that met it."""
    foreign = _foreign(tree)
    found: list[tuple[int, str, Reading]] = []
    problems: dict[Problem, list[Reader]] = {}
    for reader in readers:
        some: set[Reading] = set()
        for item in reader.read(tree):
            if isinstance(item, Problem):
                problems.setdefault(item, []).append(reader)
            # A Python project's package.json may lint its docs; it does not say how the project is tested.
            elif not (reader.language in foreign and item.slot.endswith(".command")):
                some.add(item)
        if len(some) > MOST:
            problems[Problem(reader.name, 0, f"has {len(some)} readings; the first {MOST} were taken")] = [reader]
        found += [(reader.rank, reader.name, one) for one in sorted(some)[:MOST]]
    return found, problems


def _as_last_read(tree: Tree, problems: Mapping[Problem, Sequence[Reader]]) -> dict[str, tuple[str, bytes]]:
    """path -> (commit, content) of the newest version that those can read who cannot read the present one."""
    older = {}
    for problem in sorted(problems)[:MOST_BROKEN]:
        for commit, content in tree.earlier(problem.path) if problem.path in tree.paths else ():
            if _readable(tree, problem.path, content, problems[problem]):
                older[problem.path] = commit, content
                break
    return older


def _readable(tree: Tree, path: str, content: bytes, readers: Sequence[Reader]) -> bool:
    then = tree._replace(read=lambda asked: content if asked == path else tree.read(asked))
    items = (item for reader in readers for item in reader.read(then))
    return not any(isinstance(item, Problem) and item.path == path for item in items)


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
