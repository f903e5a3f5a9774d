"""package.json: the package manager, the Node it needs, and its scripts as what to type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kairos_git.capture.survey.commands import offered, purpose_readings
from kairos_git.capture.survey.documents import Document, read_json, string, table
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, key_name, reading, slot_names, vocabulary
from kairos_git.errors import Problem

_FILE = "package.json"
_LOCKS = {
    "package-lock.json": "npm", "npm-shrinkwrap.json": "npm", "pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn",
    "bun.lock": "bun", "bun.lockb": "bun",
}  # fmt: skip
# Scripts that npm runs by itself; nobody types them.
_LIFECYCLE = vocabulary("prepare prepublish prepublishOnly prepack postpack install preinstall postinstall dependencies")
# A script of one of these names is reached only with `run`: pnpm's and yarn's own commands.
_OWN = vocabulary(
    "access add audit bin bugs cache check ci config constraints create dedupe dlx docs doctor edit env exec explain "
    "fetch help import info init licenses link list login logout ls node npm outdated owner pack patch ping pkg plugin "
    "policies prefix profile rebuild repo root run search server set setup show stage store team token unlink unplug up "
    "update upgrade versions view whoami why workspace workspaces"
)


class Packager(NamedTuple):
    """The package manager: its bare name, and as it is stated, with the place that states it (a guess has no file)."""

    name: str
    stated: str = ""
    file: str = ""
    key: str = ""


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_json(tree, _FILE)
    if isinstance(document, Problem):
        yield document
        return
    if not document:
        return
    packager = _packager(document, tree.paths)
    if packager.file:
        text = "JavaScript packages are managed with {}"
        yield from reading(packager.file, packager.key, "node.package-manager", packager.stated, text)
    node = string(document, "engines", "node")
    yield from reading(_FILE, "engines.node", "node.requires", node, "Requires Node.js {}")
    if string(document, "type") == "module":
        yield from reading(_FILE, "type", "node.module-type", "module", "package.json's type is {} (.js files are ESM)")
    yield from _scripts(document, packager)


def _packager(document: Document, paths: frozenset[str]) -> Packager:
    stated = string(document, "packageManager").partition("+")[0]  # without the checksum
    if found := re.match(r"(npm|pnpm|yarn|bun)@", stated):
        return Packager(found[1], stated, _FILE, "packageManager")
    locks = {name: file for file, name in sorted(_LOCKS.items()) if file in paths}
    if len(locks) == 1:
        name, file = locks.popitem()
        return Packager(name, name, file, "lockfile")
    return Packager("npm" if not locks or "npm" in locks else min(locks))


def _scripts(document: Document, packager: Packager) -> Iterator[Reading]:
    scripts = table(document, "scripts")
    bodies = {name: string(scripts, name) for name in scripts}
    slots = slot_names(bodies)
    tasks: dict[str, tuple[str, str]] = {}
    for name in offered(bodies):
        if _runs_by_itself(name, scripts) or _is_empty(bodies[name]) or key_name(name) != name:
            continue
        key, command = f"scripts.{name}", _typed(packager.name, name)
        tasks[name] = (key, command)
        yield from reading(_FILE, key, f"scripts.{slots[name]}", command, "{} runs {}", bodies[name])
    yield from purpose_readings(_FILE, tasks)


def _runs_by_itself(name: str, scripts: Document) -> bool:
    hooked = re.fullmatch(r"(?:pre|post)(.+)", name)
    return name in _LIFECYCLE or bool(hooked and hooked[1] in scripts)


def _is_empty(body: str) -> bool:
    """npm's placeholder, and scripts that only print something."""
    only_says = re.fullmatch(r"(?:echo\b[^&|;]*|true|exit 0)?", body.strip())
    return bool(only_says) or "no test specified" in body


def _typed(packager: str, name: str) -> str:
    if packager == "npm":
        return f"npm {name}" if name in ("test", "start", "stop", "restart") else f"npm run {name}"
    if packager == "bun" or name in _OWN:  # `bun test` is bun's own runner, not the script
        return f"{packager} run {name}"
    return f"{packager} {name}"


READER = Reader("package_json", _read, MANIFEST, "javascript")
