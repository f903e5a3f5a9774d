"""Which paths a tree has, for somebody who writes them as people do: from the root, from here, or by their last parts.

The one rule: when in doubt a path is there. `has` says no only where no reading of the name finds anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from posixpath import basename, dirname, splitext

from kairos_git.capture.check.worktree import WorkTree, inside

_WRITTEN_FOR = {".js": (".ts", ".tsx", ".jsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
_PAGES = ("", ".md", ".mdx", ".rst", ".html", "/index.md", "/index.mdx", "/README.md")


class Known:
    """The names of a work tree, looked up by their last part. `project` is what the project may be called in a path."""

    def __init__(self, tree: WorkTree, project: str = "") -> None:
        self.tree = tree
        self.project = project

    @cached_property
    def named(self) -> dict[str, list[str]]:
        """Last part -> every file and folder of that name."""
        found = {name: list(paths) for name, paths in self.tree.named.items()}
        for path in (*self.tree.folders, *self.tree.modules):
            found.setdefault(basename(path), []).append(path)
        return found

    @cached_property
    def stems(self) -> dict[str, list[str]]:
        """Last part without its extension -> every file so called."""
        found: dict[str, list[str]] = {}
        for name, paths in self.tree.named.items():
            found.setdefault(name.partition(".")[0], []).extend(paths)
        return found

    def at(self, path: str) -> bool:
        """Whether a file, a folder or a submodule has exactly this path."""
        tree = self.tree
        return path in tree.files or path in tree.folders or path in tree.modules or tree.unknown(path)

    def has(self, path: str, folder: str = "") -> bool:
        """Whether the tree has a path, named in a text that lies in `folder`."""
        if not path or re.search(r"[*?\[\]{}]", path):  # what a pattern would match may be yet to come
            return True
        for above in _upward(folder) if not path.startswith("../") else (folder,):
            seen = inside(above, path)
            if seen is None or self.at(seen) or self.tree.on_disk(seen):
                return True
        bare = "/".join(part for part in path.split("/") if part not in (".", "..")).rstrip("/")
        if self.ending(bare) or self._written_otherwise(bare):
            return True
        first, _, rest = bare.partition("/")
        return bool(rest) and first == self.project and self.has(rest, folder)

    def reached(self, target: str, folder: str) -> bool:
        """Whether a relative link in a text in `folder` leads somewhere, as a file, or as a page made from one."""
        own = inside(folder, target)
        if not own:  # it leaves the repository, for an issue tracker perhaps, or is the root
            return True
        ends = (own, inside("", target) or own)
        return any(self.at(end + page) or self.tree.on_disk(end + page) for end in ends for page in _PAGES)

    def ending(self, path: str) -> list[str]:
        """The files and folders whose path ends with this one, part by part."""
        tail = "/" + path
        return [p for p in self.named.get(basename(path), ()) if p == path or p.endswith(tail)]

    def under(self, folder: str) -> list[str]:
        """The files right in a folder."""
        return [p for p in self.tree.files if dirname(p) == folder]

    def _written_otherwise(self, path: str) -> bool:
        """A module without its extension, a TypeScript file imported as JavaScript, a folder named as a module."""
        stem, extension = splitext(path)
        if any(self.ending(stem + other) for other in _WRITTEN_FOR.get(extension, ())):
            return True
        if extension or "/" not in path:
            return False
        tail = "/" + path + "."
        return any(("/" + p).find(tail) >= 0 for p in self.stems.get(basename(path), ()))


def _upward(folder: str) -> Iterable[str]:
    yield folder
    while folder:
        folder = dirname(folder)
        yield folder
