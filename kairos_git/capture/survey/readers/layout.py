"""Layout: the folders the source hangs from, the folders in them, and the modules that the others are built on.

The one rule: what is told is true of the paths alone, and one file more or less changes next to nothing of it. Slots,
the most useful first: `layout.folders` and `layout.modules` (lists; a root's own have `{part=<root>}`), `layout.<name>`
(folders at the top, and roots), `layout.folder.<name>`, `layout.module.<name>`, `layout.deep.<name>`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kairos_git.capture.survey.reading import LONGEST_VALUE, MANIFEST, Reader, Reading, Tree, conditioned, reading, slot_names
from kairos_git.capture.survey.source.files import ASIDE, FEWEST, Project, Root, folder_counts, is_test, project, size
from kairos_git.capture.survey.source.glosses import Said, folder_said, module_said
from kairos_git.capture.survey.source.modules import main_modules
from kairos_git.errors import Problem

MOST_SAID = 45  # folders and modules whose description is looked for
MOST_FOLDERS = 50  # readings of folders of one depth
LONGEST_TEXT = 240  # characters of a reading
MOST_LISTS = 3  # of one kind and part
_MODULES_EACH = 10  # modules of one root whose description is looked for
_CROWD = 8  # folders in one folder of a root that are told as a list
_SMALLEST = 2  # sources that put a folder into a list

MOST_WITHIN = 5  # folders of a folder of scripts or tools

_KNOWN_ROOTS = {"cmd/": "programs, each in a folder", "internal/": "packages that only this project imports"}
_SITES = {
    "docs.json": "Mintlify", "mint.json": "Mintlify", "conf.py": "Sphinx", "source/conf.py": "Sphinx", "_config.yml": "Jekyll",
    "docusaurus.config.js": "Docusaurus", "docusaurus.config.ts": "Docusaurus", "book.toml": "mdBook", "hugo.toml": "Hugo",
    ".vitepress/config.ts": "VitePress", ".vitepress/config.mts": "VitePress", ".vitepress/config.js": "VitePress",
    "astro.config.mjs": "Astro",
}  # fmt: skip


class Folder(NamedTuple):
    """A folder below a root: how far below, its rank (a part's folders are one lower), whether it is large enough to be told."""

    path: str
    root: str
    depth: int
    rank: int
    told: bool


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found = project(tree.paths)
    counts = folder_counts(path for path in found.plain if not is_test(path))
    folders = [folder for root in found.roots if root.path for folder in _folders(root, counts, found)]
    modules = main_modules(tree, found)
    beside = _beside(tree, counts)
    roots = [root.path for root in found.roots if root.path]
    yield from _lists("folders", "", [*_at_the_top(roots, found), *beside])
    for part, members in found.members.items():
        yield from _lists("folders", part, members)
    largest = len(found.roots[0].files) if found.roots else 0
    for root in found.roots:
        most = MOST_LISTS if len(root.files) * 2 >= largest else 2 if len(root.files) * 8 >= largest else 1
        yield from _lists(
            "folders", root.path, [folder.path for folder in folders if folder.root == root.path and folder.depth == 1], most
        )
        yield from _lists("modules", root.path, modules[root.path], most)
    crowds = _crowds(folders)
    for parent, several in crowds.items():
        yield from _lists("folders", parent, several, 2)
    folders = [folder for folder in folders if _parent(folder.path) not in crowds]
    spoken = [path for root in found.roots for path in modules[root.path][:_MODULES_EACH]]
    names = slot_names([*beside, *found.members, *roots, *(folder.path for folder in folders), *spoken])
    for top, what in {**dict.fromkeys(found.members, "parts of the project"), **beside}.items():
        yield from reading(top.rstrip("/"), "folder", f"layout.{names[top]}", top, f"{{}} holds {what}")
        yield from _within(tree, top, counts) if top in beside else ()
    yield from _one_by_one(folders, roots, spoken, names, _said(tree, folders, roots, spoken))


def _crowds(folders: Iterable[Folder]) -> dict[str, list[str]]:
    """Folders with so many others in them that these are variations of one thing: `channels/telegram/`, ..."""
    below: dict[str, list[str]] = {}
    for folder in folders:
        if folder.depth == 2:
            below.setdefault(_parent(folder.path), []).append(folder.path)
    return {parent: several for parent, several in below.items() if len(several) > _CROWD}


def _parent(folder: str) -> str:
    return folder.rstrip("/").rpartition("/")[0] + "/"


def _at_the_top(roots: Iterable[str], found: Project) -> list[str]:
    """The roots outside the parts, and the folders that hold parts."""
    outside = [root for root in roots if not any(root.startswith(part) for part in found.members)]
    # `webui/` stands for `webui/src/`; in `src/auth/` it is the other way round.
    shown = [root.removesuffix("src/") if root != "src/" else root for root in outside]
    return list(dict.fromkeys([*shown, *found.members]))


def _folders(root: Root, counts: Counter[str], found: Project) -> Iterator[Folder]:
    """The folders one and two levels below a root, those with most sources first."""
    code = folder_counts(root.files)
    lower = any(root.path.startswith(part) for part in found.members)
    below = [folder for folder in counts if folder.startswith(root.path) and folder != root.path]
    for folder in sorted(below, key=lambda path: (path.count("/"), -size(code[path]), -size(counts[path]), path)):
        depth = folder[len(root.path) :].count("/")
        told = counts[folder] >= FEWEST
        if depth <= 2 and not _is_hidden(folder[len(root.path) :]) and (told or code[folder] >= _SMALLEST):
            yield Folder(folder, root.path, depth, depth + lower, told)


def _is_hidden(path: str) -> bool:
    return any(name.startswith((".", "__")) for name in path.split("/"))


def _beside(tree: Tree, counts: Counter[str]) -> dict[str, str]:
    """Well-known folders at the top that are no source -> what they hold."""
    found: dict[str, str] = {}
    for what, names in ASIDE.items():
        for name in sorted(names):
            folder = f"{name}/"
            # A folder of fixtures is data of tests, and so not among the counted.
            large = counts[folder] >= FEWEST or (what.startswith("fixtures") and _holds(tree.paths, folder, FEWEST))
            if what and large:
                found[folder] = f"the {what}{_site(tree, folder)}" if what == "documentation" else what
    return found


def _within(tree: Tree, top: str, counts: Counter[str]) -> Iterator[Reading]:
    """The folders in a folder of scripts or tools; examples and documents are too many, and each like the others."""
    if top.rstrip("/") not in ASIDE["scripts"] | ASIDE["tools for the development"]:
        return
    below = [
        folder for folder in sorted(counts) if _parent(folder) == top and counts[folder] >= FEWEST and not _is_hidden(folder)
    ]
    for folder in below[:MOST_WITHIN]:
        slot = f"layout.folder.{slot_names([folder])[folder]}"
        yield from _told(folder, slot, folder_said(tree, folder), "{} is a folder of {}", top)


def _holds(paths: Iterable[str], folder: str, fewest: int) -> bool:
    return sum(path.startswith(folder) for path in paths) >= fewest


def _site(tree: Tree, folder: str) -> str:
    """What the documentation is built with, by its configuration file."""
    made = next((maker for file, maker in _SITES.items() if folder + file in tree.paths), "")
    made = made or ("MkDocs" if folder == "docs/" and {"mkdocs.yml", "mkdocs.yaml"} & tree.paths else "")
    return f" ({made})" if made else ""


def _lists(kind: str, part: str, paths: Iterable[str], most: int = MOST_LISTS) -> Iterator[Reading]:
    """Paths as a few values, the most important in the first one; inside a value they stand by name."""
    where = part.rstrip("/")
    room = min(LONGEST_VALUE, LONGEST_TEXT - len(f"`` are more of the main {kind} of `{where or 'the project'}`"))
    values: list[list[str]] = [[]]
    for path in paths:
        if values[-1] and len(", ".join([*values[-1], path])) > room:
            values.append([])
        values[-1].append(path)
    for number, several in enumerate(values[:most], 1):
        slot = conditioned(f"layout.{kind}{f'.{number}' if number > 1 else ''}", where)
        if not slot or len(several) < (2 if number == 1 and kind == "folders" else 1):
            return
        more = "more of the" if number > 1 else "the"
        text = f"{{}} are {more} main {kind}" if len(several) > 1 else f"{{}} is one of the main {kind}"
        value = ", ".join(sorted(several))
        key = f"{kind}.{number}"
        if where:
            yield from reading(where, key, slot, value, f"{text} of {{}}", where)
        else:
            yield from reading(".", key, slot, value, f"{text} of the project")


def _said(tree: Tree, folders: Iterable[Folder], roots: Iterable[str], modules: Iterable[str]) -> dict[str, Said]:
    """What is written of roots, folders and modules, asked in the order of their importance; nothing that several files say:
    a text that templates share tells none of them from the others.
    """
    asked = [*roots, *(folder.path for folder in folders if folder.depth == 1), *modules]
    asked += [folder.path for folder in folders if folder.depth == 2 and folder.told]
    said: dict[str, Said] = {}
    for path in asked[:MOST_SAID]:
        found = folder_said(tree, path) if path.endswith("/") else module_said(tree, path)
        if found:
            said[path] = found
    often = Counter(quoted for _, quoted in {*said.values()})
    return {path: found for path, found in said.items() if often[found.quoted] == 1}


def _one_by_one(
    folders: Iterable[Folder], roots: Iterable[str], modules: Iterable[str], names: Mapping[str, str], said: Mapping[str, Said]
) -> Iterator[Reading]:
    for root in roots:
        yield from _told(root, f"layout.{names[root]}", said.get(root), f"{{}} holds {_KNOWN_ROOTS.get(root, 'source code')}")
    for rank, kind in ((1, "folder"), (2, "deep")):
        several = [folder for folder in folders if folder.rank == rank and (folder.told or folder.path in said)]
        for folder in several[:MOST_FOLDERS]:
            text = "{} is a folder of {}"
            yield from _told(folder.path, f"layout.{kind}.{names[folder.path]}", said.get(folder.path), text, folder.root)
    for module in modules:
        if module in said:  # the others stand in the lists
            yield from _told(module, f"layout.module.{names[module]}", said[module], "")


def _told(path: str, slot: str, said: Said | None, otherwise: str, *bodies: str) -> Iterator[Reading]:
    if said:
        yield from reading(said.file, "says", slot, path, f"{{}} holds {said.quoted}")
    else:
        yield from reading(path.rstrip("/"), "folder", slot, path, otherwise, *bodies)


READER = Reader("layout", _read, MANIFEST)
