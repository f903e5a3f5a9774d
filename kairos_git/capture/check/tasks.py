"""Commands a text tells its reader to type, held against the scripts, targets and environments that the tree defines.

The one rule: a task is missing only where no file that could define it so much as names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from kairos_git.capture.check import python_tasks
from kairos_git.capture.check.taskfiles import Missing, TaskFiles, is_name, nearest, operands, split, unwrapped
from kairos_git.capture.survey.reading import vocabulary
from kairos_git.capture.survey.tasks.commands import PURPOSE_OF

LONGEST = 400  # characters of a command that is looked at
LONGEST_SAID = 80  # characters of a command that is quoted as it stands

_CONFIGURED = vocabulary(
    "CMakeLists.txt configure configure.ac Makefile.am Makefile.in meson.build Kbuild wscript Makefile.PL BSDmakefile"
)
_PROGRAMS = vocabulary(
    "tsc vitest jest mocha eslint prettier biome tsup vite next astro turbo playwright oxlint pytest mypy ruff"
)


def missing(tasks: TaskFiles, command: str, folder: str) -> Iterator[Missing]:
    """The tasks of a command line that nothing defines. `folder` is that of the text."""
    if len(command) > LONGEST or re.search(r"[<>{}$`…]|\.\.\.", command):
        return
    for part in re.split(r"&&|\|\|?|;|\s#\s.*", command):
        words = unwrapped(split(part))
        check = _CHECKS.get(words[0]) if words else None
        for found in check(tasks, words[1:], folder) if check else ():
            typed = part.strip().removeprefix("$ ")
            yield found._replace(said=typed) if len(typed) <= LONGEST_SAID else found


def _script(tool: str) -> Callable[[TaskFiles, list[str], str], Iterator[Missing]]:
    def check(tasks: TaskFiles, words: list[str], folder: str) -> Iterator[Missing]:
        plain = operands(words)
        if plain[:1] in (["run"], ["run-script"]):
            name = plain[1] if len(plain) > 1 else ""
            typed = f"{tool} run {name}"
        elif tool == "npm" and plain[:1] in (["test"], ["start"]):
            name, typed = plain[0], f"npm {plain[0]}"
        elif tool in ("pnpm", "yarn") and plain and re.fullmatch(r"[a-z][\w-]*:[\w:-]+", plain[0]):
            name, typed = plain[0], f"{tool} {plain[0]}"
        else:
            return
        if not is_name(name) or "/" in name or "." in name or not tasks.manifests:
            return
        known: set[str] = set()
        for document in tasks.manifests.values():
            scripts = document.get("scripts")
            known |= scripts.keys() if isinstance(scripts, dict) else set()
            if document.get("broken"):
                return
        if name in known or (name == "start" and "server.js" in tasks.tree.named):
            return
        if tool in ("bun", "yarn") and ":" not in name and (name not in PURPOSE_OF or name in _PROGRAMS):
            return  # `bun run tsc` starts an installed program
        yield Missing(typed, f"no package.json has a script `{name}`", nearest(list(tasks.manifests), folder))

    return check


def _make(tasks: TaskFiles, words: list[str], folder: str) -> Iterator[Missing]:
    if not _CONFIGURED.isdisjoint(tasks.tree.named):
        return
    files = tasks.makefiles
    texts = "\n".join(files.values())
    if re.search(r"(?m)^[^\t#:=]*%[^:=]*:|^-?s?include\b.*[$*]", texts) or not files:
        return
    for name in operands(words):
        target = re.escape(name)
        if (
            is_name(name)
            and "/" not in name
            and not re.search(rf"(?m)^(?:[^\t#=:]*[\s\\])?{target}(?:\s[^=:]*)?:|^\.PHONY.*\b{target}\b|^[\w./ -]*\$", texts)
        ):
            yield Missing(f"make {name}", f"no Makefile has a target `{name}`", nearest(list(files), folder))


def _worded(
    tool: str, pattern: str, kind: str, option: Sequence[str] = (), first: str = ""
) -> Callable[[TaskFiles, list[str], str], Iterator[Missing]]:
    """A check that some task file names the task at all. `option`: what the task's name stands after; `first`: a sub-command."""

    def check(tasks: TaskFiles, words: list[str], folder: str) -> Iterator[Missing]:
        plain = operands(words)
        if option:
            names = [n for o, value in pairwise(words) if o in option for n in value.split(",")]
        elif first:
            names = plain[1:2] if plain[:1] == [first] else []
        else:
            names = plain[:1]
        files = tasks.files(pattern)
        texts = "\n".join(files.values())
        for name in names:
            if not is_name(name) or not files or re.fullmatch(r"(?:py|pypy|python)?[\d.]*(?:-.*)?", name):
                continue
            if any(
                _is_named(texts, n)
                for n in (name, re.split("[:/]", name)[-1], name.replace("-", "_"), re.split(r"[-(]", name)[0])
            ):
                continue
            own = [file for file in files if not file.endswith(("pyproject.toml", "setup.cfg"))] or list(files)
            said = " ".join(filter(None, (tool, option[0] if option else first, name)))
            yield Missing(said, f"{nearest(own, folder)} has no {kind} `{name}`", nearest(own, folder))

    return check


def _is_named(texts: str, name: str) -> bool:
    return bool(name) and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", texts) is not None


def _cargo(tasks: TaskFiles, words: list[str], folder: str) -> Iterator[Missing]:
    if not tasks.crates or words[:1] in (["install"], ["add"], ["update"], ["remove"], ["search"]):
        return
    for option, name in pairwise(words):
        if option not in ("-p", "--package") or not is_name(name) or "@" in name:
            continue
        either = re.escape(name).replace("_", "[-_]").replace(r"\-", "[-_]")
        if not re.search(rf"[\"']{either}[\"']|(?m:^{either}\s*=)|\[[\w.-]*dependencies\.{either}\]", tasks.crates):
            yield Missing(f"cargo {words[0]} {option} {name}", f"no Cargo.toml names a crate `{name}`", "Cargo.toml")


_CHECKS: dict[str, Callable[[TaskFiles, list[str], str], Iterator[Missing]]] = {
    **{tool: _script(tool) for tool in ("npm", "pnpm", "yarn", "bun")},
    "make": _make,
    "cargo": _cargo,
    "pip": python_tasks.pip,
    "uv": python_tasks.uv,
    "python": python_tasks.module,
    "python3": python_tasks.module,
    "just": _worded("just", r"\.?[Jj]ustfile|.*\.just", "recipe"),
    "task": _worded("task", r"[Tt]askfile.*\.ya?ml", "task"),
    "poe": _worded("poe", r"pyproject\.toml|poe_tasks\.\w+", "task"),
    "tox": _worded("tox", r"tox\.ini|setup\.cfg|pyproject\.toml|tox\.toml", "environment", option=("-e", "--env")),
    "nox": _worded("nox", r"noxfile\.py", "session", option=("-s", "--session", "--sessions")),
    "mise": _worded("mise", r".*\.toml|.*\.(?:sh|ts|py|js)", "task", first="run"),
}
