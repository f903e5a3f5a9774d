"""Python's own commands: extras, dependency groups and modules that a command names.

The one rule: what a build could compute is taken to be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from kairos_git.capture.check.taskfiles import Missing, TaskFiles, is_name, nearest

_PYTHON_FILES = r"pyproject\.toml|setup\.py|setup\.cfg"


def pip(tasks: TaskFiles, words: list[str], folder: str) -> Iterator[Missing]:
    """`pip install -e '.[test]'`: is there such an extra?"""
    if words[:1] == ["pip"]:
        words = words[1:]
    for word in words if words[:1] == ["install"] else ():
        found = re.fullmatch(r"\.\[([\w,\s-]+)\]", word)
        for name in re.split(r"\s*,\s*", found[1]) if found else ():
            yield from _extra(tasks, f"pip install {word}", name, folder, "extra")


def uv(tasks: TaskFiles, words: list[str], folder: str) -> Iterator[Missing]:
    """`uv sync --extra http`, `uv run --group docs`, `uv pip install -e '.[test]'`."""
    yield from pip(tasks, words, folder)
    for option, name in pairwise(words) if words[:1] in (["sync"], ["run"]) else ():
        if option in ("--extra", "--group", "--only-group") and is_name(name):
            yield from _extra(tasks, f"uv {words[0]} {option} {name}", name, folder, option.rpartition("-")[2])


def _extra(tasks: TaskFiles, said: str, name: str, folder: str, kind: str) -> Iterator[Missing]:
    files = tasks.files(_PYTHON_FILES)
    texts = "\n".join(files.values())
    if not files or re.search(r"(?m)^dynamic\s*=.*optional-dependencies|extras_require\s*=\s*[^{\s]", texts):
        return
    either = re.escape(name).replace("_", "[-_.]").replace(r"\-", "[-_.]")
    if re.search(
        rf"(?m)^\s*[\"']?{either}[\"']?\s*[=:]|\.group\.{either}\b|[\"']{either}[\"']\s*:|\[tool\.uv\..*{either}|-dependencies\.{either}",
        texts,
    ):
        return
    where = nearest(list(files), folder)
    groups = re.search(r"(?ms)^\[dependency-groups\]\s*$(.*?)(?:^\[|\Z)", files[where])
    names = re.findall(r"(?m)^([\w-]+)\s*=\s*\[", groups[1]) if groups else []
    has = f", but the dependency groups {', '.join(f'`{n}`' for n in names[:6])}" if names else ""
    yield Missing(said, f"{where} has no {kind} `{name}`{has}", where)


def module(tasks: TaskFiles, words: list[str], folder: str) -> Iterator[Missing]:
    """`python -m package.module`: where the tree has the package, has it the module?"""
    name = words[1] if words[:1] == ["-m"] and len(words) > 1 else ""
    path = name.replace(".", "/")
    top, dot, rest = path.partition("/")
    packages = [
        p.removesuffix("/__init__.py")
        for p in tasks.tree.named.get("__init__.py", ())
        if re.fullmatch(rf"(?:\w+/)?{re.escape(top)}/__init__\.py", p)
    ]
    if not dot or not re.fullmatch(r"[A-Za-z_][\w/]*", path) or not packages:
        return
    if not any(
        f"{p}/{rest}{end}" in tasks.tree.files for p in packages for end in (".py", "/__main__.py", "/__init__.py", ".pyx")
    ):
        yield Missing(f"python -m {name}", f"`{packages[0]}/` has no module `{name}`", packages[0] + "/")
