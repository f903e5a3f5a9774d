"""Which commands of a project check, build or set it up, and what for.

The one rule: a command counts when it starts a known tool, a task of the project, or a script of the project whose name
says what it does. It is *the* command of a purpose only where it covers the whole project.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile, pairwise, takewhile
from typing import NamedTuple

from kairos_git.capture.survey.reading import vocabulary
from kairos_git.capture.survey.tasks.commands import PURPOSE_OF, PURPOSES, body_is_harmful, name_is_harmful
from kairos_git.capture.survey.tasks.tool_tables import (
    LANGUAGES,
    NOT_CARGO,
    PREPARES,
    RUNNERS,
    SETS_UP,
    STARTERS,
    SUBCOMMANDS,
    TAKE_VALUE,
    TOOLS,
)  # fmt: skip

_SCRIPT = re.compile(r"(?:\./)?(?!\.github/)(?:[\w.-]+/)+[\w.-]+|[\w.-]+\.(?:py|sh|js|mjs|cjs|ts|rb)")
_CHECKING = re.compile(r"test|lint|check|verif|valid|format|fmt|types|typing|mypy|cover|build|smoke|tox")
_ABOUT_ITSELF = frozenset({"--version", "--help", "-V", "-h", "--init", "help", "version"})
_WHOLE_NAMES = frozenset(
    {"ci", "all", "cov", "coverage", "py", "run", "race"}
)  # `test-ci` tests everything, `test-unit` does not
_CHECKS_ONLY = frozenset({"--check", "--diff", "--check-only", "-c", "-d", "-l", "--list-different", "--dry-run"})
_NAME_A_PART = vocabulary("--directory --dir --filter --workspace --package --prefix --cwd --manifest-path --project -C -F -pl")
_TEST_FOLDERS = frozenset({"tests", "test", "testing", "spec", "src", "./...", "...", "."})
_SELECTS = re.compile(
    r"-(?:k|m|run|t|tags)(?:=|$)|--(?:doc|lib|bins?|tests?|examples?|benches|grep|shard|ignored|lf|deselect|marker)(?:=|$)"
)
# Options whose value makes it another command, wherever it stands.
_TELLS_APART = re.compile(
    r"-(?:p|e|s|m|k|C|F|f|c|t|run)|--(?:package|test|bin|example|filter|project|directory|prefix|cwd|manifest-path|env"
    r"|sessions?|group|config"
    r"|workspace|module|test-suite|suite|bench|tags|target|mode)"
)


class Use(NamedTuple):
    """What a command is used for. `purpose` is '' where it is none of the named ones.

    `whole` says whether it covers the whole project; `language` is the tool's, or ''; `start` is the tool's index.
    """

    purpose: str
    whole: bool
    language: str
    start: int


def use_of(words: Sequence[str]) -> Use | None:
    """What a command is used for; None where it neither checks, builds nor sets up the project."""
    tool = _unwrapped(list(words))
    start = len(words) - len(tool)
    if not tool or _ABOUT_ITSELF & set(tool[1:3]) or body_is_harmful(" ".join(words)):
        return None
    purpose = _tool_purpose(tool, list(words[:start]))
    if purpose is None:
        return None
    language = LANGUAGES.get(tool[0], "")
    return Use(purpose, not _covers_a_part(purpose, words, tool), language, start)


def purpose_of(words: Sequence[str]) -> str | None:
    """What a command is for; '' where it checks something else, or only a part; None where it checks nothing."""
    use = use_of(words)
    return None if use is None else use.purpose if use.whole else ""


def own_script(words: Sequence[str]) -> tuple[str, ...]:
    """Where the script that a command starts may stand, as paths from its folder; none where it starts no script."""
    for at, word in enumerate(words[:-1]):
        if word == "-m" and re.fullmatch(r"python[\d.]*|py", words[at - 1] if at else "") and "." in words[at + 1]:
            path = words[at + 1].replace(".", "/")
            return (f"{path}.py", f"{path}/__main__.py", f"src/{path}.py", f"src/{path}/__main__.py")
    tool = _unwrapped(list(words))
    tool = tool[1:] if tool[:1] == ["bun"] else tool
    name = tool[0].removeprefix("./") if tool else ""
    return (name,) if name and _SCRIPT.fullmatch(name) and not name_is_harmful(name.replace("/", "-")) else ()


def kind_of(words: Sequence[str]) -> tuple[str, ...]:
    """What a command has in common with its near repeats: its tool, sub-command and operands, and what it selects."""
    tool = _unwrapped(list(words))
    kept: list[str] = []
    wants_value = False
    for word in tool:
        if word == "--" and kept[1:2] != ["run"]:  # what follows goes to the tool behind, but is what a program is for
            break
        option, _, value = word.partition("=")
        if wants_value:
            kept.append(word)
            wants_value = False
        elif _TELLS_APART.fullmatch(option) and word != "--workspace":  # cargo's, for all of it
            kept.append(option)
            wants_value = not value
            kept += [value] if value else []
        elif word == "--doc" or not (word.startswith("-") or re.match(r"[A-Z_]+=", word)):
            kept.append(word.rstrip("/").removeprefix("./") or word)
    return tuple(kept)


def _tool_purpose(tool: list[str], wrapper: list[str]) -> str | None:
    name, rest = tool[0], tool[1:]
    plain = [word for word in rest if not word.startswith(("-", "+"))]
    special = _SPECIAL.get(name)
    if special:
        answer = special(plain, rest)
        if answer is not None:
            return answer or None
    if plain and plain[0] in SUBCOMMANDS.get(name, {}):
        return SUBCOMMANDS[name][plain[0]]
    if name == "cargo":
        return "" if plain and plain[0] not in NOT_CARGO else None
    if name in RUNNERS:
        return _task_purpose(name, rest)
    if name in ("tox", "nox"):
        return _session_purpose(rest)
    if name in TOOLS:
        return TOOLS[name]
    if wrapper[-2:] in (["hatch", "run"], ["pdm", "run"], ["rye", "run"], ["pixi", "run"], ["npm", "exec"]):
        return _named_purpose(re.split(r":", name)[-1])
    stem = re.sub(r"\.\w+$", "", name.rpartition("/")[2]).lower()
    if not _SCRIPT.fullmatch(name) or name.startswith(".github/"):
        return None
    if re.match(r"install[-_]", stem):  # puts a program on the machine
        return None
    if stem in SETS_UP:
        return "install"
    return _named_purpose(stem) if _CHECKING.search(stem) else None


def _pip(plain: list[str], rest: list[str]) -> str | None:
    """`pip install` of the project itself or its listed requirements; of a tool it is the machine's set-up."""
    if plain[:1] != ["install"]:
        return "" if plain[:1] != ["check"] else None
    own = [word for word in rest if re.match(r"\.(?:$|\[|/(?:$|\[))|-r\w*$|--requirements?\b|--group\b|--editable\b|-e", word)]
    return "install" if own else ""


def _uv(plain: list[str], rest: list[str]) -> str | None:
    if plain[:1] == ["pip"]:
        return _pip(plain[1:], rest)
    return "types" if plain[:1] == ["check"] else None


def _cargo(plain: list[str], rest: list[str]) -> str | None:
    """`cargo llvm-cov clean` and `show-env` run nothing."""
    return "" if plain[:1] == ["llvm-cov"] and plain[1:2] and plain[1] not in ("test", "nextest", "run") else None


def _zig(plain: list[str], rest: list[str]) -> str | None:
    """`zig build test` builds a step of that name."""
    return _named_purpose(plain[1]) if plain[:1] == ["build"] and len(plain) == 2 else None


def _go(plain: list[str], rest: list[str]) -> str | None:
    return "install" if plain[:2] == ["mod", "download"] else None


def _npm(plain: list[str], rest: list[str]) -> str | None:
    """`npm ci`, `pnpm install`, bare `yarn`: what the manifest lists. With a package's name it adds that one."""
    if plain[:1] in (["ci"], ["clean-install"]) or (plain in (["install"], ["i"]) and not {"-g", "--global"} & set(rest)):
        return "install"
    return "" if plain[:1] in (["install"], ["i"], ["add"], ["config"], ["dlx"], ["global"], ["cache"], ["pack"]) else None


def _yarn(plain: list[str], rest: list[str]) -> str | None:
    return "install" if not plain and "--version" not in rest else _npm(plain, rest)


# Tools whose sub-commands are not enough: '' is no command of interest, None leaves it to the tables.
_SPECIAL = {
    "pip": _pip,
    "pip3": _pip,
    "uv": _uv,
    "go": _go,
    "cargo": _cargo,
    "zig": _zig,
    "npm": _npm,
    "pnpm": _npm,
    "yarn": _yarn,
    "bun": _npm,
}


def _covers_a_part(purpose: str, words: Sequence[str], tool: list[str]) -> bool:
    """Whether a command looks at one package, folder or selection only, or a formatter that formats nothing."""
    if tool[0] == "cargo":
        if {"-p", "--package", "--manifest-path", "--bin", "--example", "--exclude"} & {word.partition("=")[0] for word in tool}:
            return True
    elif any(word.partition("=")[0] in _NAME_A_PART for word in words):
        return True
    if any(word.startswith("/") for word in words):
        return True
    if purpose == "format":
        operands = [word for word in tool[1:] if not word.startswith("-")]
        some = tool[0] == "prettier" and not any(re.match(r"\./?$|(?:\./)?\*\*/", word) for word in operands)
        return bool(_CHECKS_ONLY & set(tool)) or some
    if tool[0] == "go" and tool[1] in ("test", "vet", "generate", "build"):
        # `.` is one package, and what stands last is built; elsewhere it is the value of an option.
        return (not (tool[1] == "build" and len(tool) == 2) and "./..." not in tool) or any(map(_SELECTS.match, tool))
    if purpose not in ("tests", "e2e"):
        return False
    named = [w for w in tool[1:] if not w.startswith("-") and ("/" in w or "::" in w or w.endswith((".py", ".ts", ".js")))]
    return any(map(_SELECTS.match, tool)) or any(w.rstrip("/").removeprefix("./") not in _TEST_FOLDERS for w in named)


def _unwrapped(words: list[str]) -> list[str]:
    """The words from the tool on: without settings, `uv run`, `python -m` and their options."""
    while words:
        starter = next((s for s in STARTERS if words[: len(s)] == s), None)
        if starter:
            words = words[len(starter) :]
            while words and words[0].startswith("-") and words[0] != "-m":
                words = words[2 if words[0] in TAKE_VALUE else 1 :]
            if words[:1] == ["-m"]:
                words = words[1:]
        elif re.match(r"\w+=", words[0]):
            words = words[1:]
        else:
            break
    return words


def _task_purpose(runner: str, rest: list[str]) -> str | None:
    taken = {value for option, value in pairwise(rest) if option in _NAME_A_PART or option in ("-j", "-f", "-o", "-s")}
    names = [word for word in rest if "=" not in word and word not in taken]
    names = list(takewhile(_is_plain_word, dropwhile(lambda word: word.startswith("-"), names)))
    if runner in ("npm", "pnpm", "yarn", "bun", "mise", "composer", "turbo", "vp") and names[:1] in (["run"], ["run-script"]):
        names = names[1:]
    elif runner in ("npm", "bun") and names[:1] not in (["test"], ["t"]):
        return None  # npm's own commands: config, version
    elif runner in ("pnpm", "yarn") and not (names and _is_task(names[0])):
        return None  # `yarn x` may be yarn's own command or any installed program
    elif runner in ("mise", "composer") and names[:1] != ["test"]:
        return None
    if runner == "make" and not names:
        return "build"
    if runner in ("make", "just", "task", "./gradlew", "gradle", "mvn", "./mvnw", "rake") and len(names) > 1:
        return "" if any(_named_purpose(name) is not None for name in names) and not any(map(name_is_harmful, names)) else None
    return _named_purpose("test" if names[0] == "t" else names[0]) if names else None


def _is_plain_word(word: str) -> bool:
    return not word.startswith("-")


def _is_task(name: str) -> bool:
    return bool(PURPOSE_OF.get(re.split("[-:]", name)[0]) or name in PURPOSES["check"][1])


def _named_purpose(name: str) -> str | None:
    """A task's purpose by its name."""
    first, *others = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word] or [""]
    if first in ("run", "do") and others:  # run-tests.sh
        first, *others = others
    if name_is_harmful(name) or not first:
        return None
    if name.lower() in SETS_UP:
        return "install"
    if first in PREPARES:
        return None
    exact = PURPOSE_OF.get(name.lower(), "") or next(
        (p for p in ("e2e", "docs", "generate", "check") if name.lower() in PURPOSES[p][1]), ""
    )
    whole = all(word in _WHOLE_NAMES or word.isdigit() for word in others)  # `tests-3.12` is `tests` with one version
    return exact or (PURPOSE_OF.get(first, "") if whole else "")


def _session_purpose(rest: list[str]) -> str | None:
    """tox and nox: everything, or the environments named after -e or -s."""
    if {"--notest", "-l", "--list"} & set(rest):
        return None
    for option, name in pairwise(rest):
        if option in ("-e", "-s", "-f", "--env", "--session", "--sessions"):
            return "tests" if re.fullmatch(r"(?:py|pypy)[\d.]*", name) else _named_purpose(name)
    chosen = any(re.match(r"-[esfkt]|--(?:env|sessions?|keywords|tags)=", word) for word in rest)
    sub_commands = {word for word in rest[:1] if not word.startswith("-")} - {"run", "r", "p", "run-parallel"}
    return "tests" if not chosen and not sub_commands else ""
