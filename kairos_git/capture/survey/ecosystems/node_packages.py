"""What a package.json says of itself: its package manager, and its scripts as what to type.

The one rule: a script is typed with the package manager of the folder it stands in, and only where a person would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kairos_git.capture.survey.ecosystems.manifests import below
from kairos_git.capture.survey.formats.documents import Document, read_text, string, table
from kairos_git.capture.survey.reading import LONGEST_NAME, Reading, Tree, key_name, vocabulary
from kairos_git.capture.survey.tasks.commands import calls, may_watch, offered, purpose_reading, purpose_tasks

PACKAGE = "package.json"
NAMES = ("npm", "pnpm", "yarn", "bun")

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
_SAYS = re.compile(r"\b(npm|pnpm|yarn|bun)\s+(?:install|ci|run|i|add|test)\b|(?<=\s)(yarn|pnpm)\s+(?:dev|build|test|start)\b")


class Packager(NamedTuple):
    """The package manager: its bare name, and as it is stated, with the place that states it (a guess has no file)."""

    name: str
    stated: str = ""
    file: str = ""
    key: str = ""


class Scripts(NamedTuple):
    """The scripts of one package.json that may be typed: name -> body, and which scripts each calls."""

    bodies: dict[str, str]
    called: dict[str, set[str]]


def packager(tree: Tree, document: Document, folder: str = "") -> Packager:
    """The package manager of the package.json in a folder ('' is the root), stated there and not above it."""
    stated = string(document, "packageManager").partition("+")[0]  # without the checksum
    if found := re.match(r"(npm|pnpm|yarn|bun)@", stated):
        return Packager(found[1], stated, below(folder, PACKAGE), "packageManager")
    locks = {name: below(folder, lock) for lock, name in sorted(_LOCKS.items()) if below(folder, lock) in tree.paths}
    if len(locks) == 1:
        name, file = locks.popitem()
        return Packager(name, name, file, "lockfile")
    if not locks:
        return Packager(next((name for name in NAMES[1:] if _is_wanted(document, name)), "npm"))
    name = _said_in_readme(tree, folder, locks) or ("npm" if "npm" in locks else min(locks))
    return Packager(name)


def scripts_of(document: Document) -> Scripts:
    """The scripts a person may type: not npm's hooks, nor placeholders, nor what publishes or destroys."""
    scripts = table(document, "scripts")
    bodies = {name: string(scripts, name) for name in scripts if len(name) <= LONGEST_NAME}
    called = calls(bodies)
    kept = [name for name in offered(bodies, called) if not _runs_by_itself(name, bodies) and not is_empty(bodies[name])]
    return Scripts({name: bodies[name] for name in kept if key_name(name) == name}, called)


def chosen_scripts(scripts: Scripts, tests: str = "") -> dict[str, str]:
    """The script of each purpose; `tests` names another one for them than its name and body would."""
    chosen = purpose_tasks(scripts.bodies, scripts.called)
    return chosen | ({"tests": tests} if tests in scripts.bodies else {})


def purpose_scripts(chosen: dict[str, str], scripts: Scripts, manager: str, file: str, part: str = "") -> Iterator[Reading]:
    """The `<purpose>.command` readings of one package.json; `chosen`: purpose -> script."""
    for purpose, name in chosen.items():
        command = typed(manager, name)
        if purpose == "tests":
            command = _once(command, manager, scripts.bodies[name])
        yield from purpose_reading(file, f"scripts.{name}+{purpose}.command", purpose, command, part)


def typed(manager: str, name: str) -> str:
    """What a person types to run a script."""
    if manager == "npm":
        return f"npm {name}" if name in ("test", "start", "stop", "restart") else f"npm run {name}"
    if manager == "bun" or name in _OWN:  # `bun test` is bun's own runner, not the script
        return f"{manager} run {name}"
    return f"{manager} {name}"


def with_arguments(command: str, manager: str, arguments: str) -> str:
    """A script's command with arguments for what it runs; npm needs a `--` before them."""
    return f"{command} -- {arguments}" if manager == "npm" else f"{command} {arguments}"


def is_empty(body: str) -> bool:
    """npm's placeholder, and scripts that only print something."""
    only_says = re.fullmatch(r"(?:echo\b[^&|;]*|true|exit 0)?", body.strip())
    return bool(only_says) or "no test specified" in body


def _once(command: str, manager: str, body: str) -> str:
    """A test command that ends: vitest, where a terminal would make it wait for changes, is told to run once."""
    last = re.split(r"&&|;|\|", body)[-1]
    if "CI=" in body or not may_watch(last) or "vitest" not in last or last.rstrip().endswith(("'", '"')):
        return command
    return with_arguments(command, manager, "--run")


def _runs_by_itself(name: str, scripts: dict[str, str]) -> bool:
    hooked = re.fullmatch(r"(?:pre|post)(.+)", name)
    return name in _LIFECYCLE or bool(hooked and hooked[1] in scripts)


def _is_wanted(document: Document, name: str) -> bool:
    """Whether a package that states no manager and has no lock asks for one in its engines, Volta pins or settings."""
    return bool(
        string(document, "engines", name) or string(document, "volta", name) or (name == "pnpm" and table(document, "pnpm"))
    )


def _said_in_readme(tree: Tree, folder: str, locks: dict[str, str]) -> str:
    """The manager a folder's README types most, where several have a lock file in it; '' where that leaves a doubt."""
    file = next((path for name in ("README.md", "CONTRIBUTING.md") if (path := below(folder, name)) in tree.paths), "")
    text = read_text(tree, file)
    counts = _counts(text) if isinstance(text, str) else {}
    ranked = sorted(((counts.get(name, 0), name) for name in locks), reverse=True)
    return ranked[0][1] if ranked[0][0] > ranked[1][0] else ""


@lru_cache(maxsize=4)
def _counts(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for found in _SAYS.finditer(text):
        name = found[1] or found[2]
        counts[name] = counts.get(name, 0) + 1
    return counts
