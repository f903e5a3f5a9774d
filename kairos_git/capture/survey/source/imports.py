"""Which modules of a project the others import, counted in a bounded sample of its files.

The one rule: the sample is chosen by the hash of the paths and the counts become magnitudes, so that a file more or
less changes nothing.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from posixpath import dirname, join, normpath

from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.reading import Tree
from kairos_git.errors import Problem

_MOST_NAMES = 2000  # names imported by one file; a generated list of all modules says nothing more
_PYTHON = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]{0,2000}\)|[^\n]{0,500})|import[ \t]+([\w.]+))", re.MULTILINE
)
_SCRIPT = re.compile(r"(?:\bfrom|\brequire\(|\bimport\(|^import)\s*['\"]([^'\"\n]{1,200})['\"]", re.MULTILINE)
_RUST = re.compile(r"\buse[ \t]+(?:crate|super|self|[a-z_0-9]+)::([a-z_0-9:]+)")
_INCLUDE = re.compile(r"^#[ \t]*include[ \t]+\"([^\"\n]{1,200})\"", re.MULTILINE)
_SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue")


def sampled(paths: Sequence[str], most: int) -> list[str]:
    """At most so many of the paths, the same ones whatever is added beside them."""
    if len(paths) <= most:
        return sorted(paths)
    return sorted(paths, key=lambda path: (zlib.crc32(path.encode(errors="surrogatepass")), path))[:most]


def imported(tree: Tree, sample: Sequence[str], modules: frozenset[str]) -> Counter[str]:
    """Module -> the number of files in the sample that import it."""
    known = _by_name(modules)
    counts: Counter[str] = Counter()
    for path in sample:
        text = read_text(tree, path)
        if not isinstance(text, Problem):
            named = islice(_named(path, text), _MOST_NAMES)
            counts.update({known[name] for name in named if known.get(name, path) != path})
    return counts


def _by_name(modules: frozenset[str]) -> dict[str, str]:
    """What an import may call a module -> its path: from the root, or from one of the two folders below it."""
    known: dict[str, str] = {}
    for stripped in (0, 1, 2, 3):
        for path in sorted(modules):
            steps = path.rpartition(".")[0].split("/")
            if stripped and len(steps) < stripped + 2:  # a bare name is more likely the standard library's
                continue
            name = "/".join(steps[stripped:])
            known.setdefault(name, path)
            if steps[-1] in ("index", "mod"):
                known.setdefault(name.rpartition("/")[0], path)
    return known


def _named(path: str, text: str) -> Iterator[str]:
    """The names of what a file imports, as `_by_name` has them."""
    suffix = path[path.rfind(".") :]
    if suffix in (".py", ".pyx"):
        yield from _python(path, text)
    elif suffix in _SCRIPTS:
        yield from _scripts(path, text)
    elif suffix == ".rs":
        source = path[: path.rfind("src/") + 4] if "src/" in path else ""
        for found in _RUST.finditer(text):
            steps = found[1].strip(":").split("::")
            yield from (source + "/".join(steps[:depth]) for depth in (1, 2))
    elif suffix in (".c", ".h", ".cc", ".cpp", ".hpp"):
        yield from (found[1].rpartition(".")[0] for found in _INCLUDE.finditer(text))


def _python(path: str, text: str) -> Iterator[str]:
    for found in _PYTHON.finditer(text):
        module, names = found[1] or found[3] or "", found[2] or ""
        dots = len(module) - len(module.lstrip("."))
        folders = path.split("/")[:-dots] if dots else []
        steps = [*folders, *module.strip(".").split(".")]
        within = "/".join(step for step in steps if step)
        yield within
        yield from (f"{within}/{name}" if within else name for name in re.findall(r"\w+", names)[:40])


def _scripts(path: str, text: str) -> Iterator[str]:
    for found in _SCRIPT.finditer(text):
        named = found[1].split("?")[0]
        if named.startswith("."):
            named = normpath(join(dirname(path), named))
        elif aliased := re.match(r"(?:@|~|\$lib|#)/(.+)", named):
            named = f"src/{aliased[1]}"
        yield re.sub(r"\.[mc]?[jt]sx?$", "", named)
