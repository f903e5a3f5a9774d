"""Which commands check a project, and what for.

The one rule: a command counts when it starts a known checking tool, a task of the project, or a script of the project
whose name says that it checks. It is *the* command of a purpose only where it covers the whole project.
"""

from __future__ import annotations

import re
from itertools import pairwise

from kairos_git.capture.survey.commands import PURPOSE_OF, body_is_harmful, name_is_harmful
from kairos_git.capture.survey.reading import vocabulary

# What stands before the tool itself.
_STARTERS = [
    words.split()
    for words in (
        "uv run", "poetry run", "pdm run", "hatch run", "pipenv run", "rye run", "pixi run", "pipx run", "uvx", "npx",
        "bunx", "pnpm exec", "pnpm dlx", "yarn exec", "npm exec", "bundle exec", "coverage run -m", "coverage run",
        "python -m", "python3 -m", "py -m", "xvfb-run", "time", "env", "command", "exec", "bash", "sh", "python",
        "python3", "node",
    )
]  # fmt: skip
_TAKE_VALUE = vocabulary("--group --extra --with --python -p --package --only-group --no-group --env-file")

_SUBCOMMANDS: dict[str, dict[str, str]] = {
    "ruff": {"check": "lint", "format": "format"},
    "cargo": {"test": "tests", "nextest": "tests", "clippy": "lint", "fmt": "format", "build": "build", "check": "",
              "doc": "", "bench": "", "hack": "", "deny": "", "miri": "", "semver-checks": ""},
    "go": {"test": "tests", "vet": "lint", "build": "build"},
    "deno": {"test": "tests", "lint": "lint", "fmt": "format", "check": "types", "task": ""},
    "dotnet": {"test": "tests", "build": "build", "format": "format"},
    "swift": {"test": "tests", "build": "build"},
    "zig": {"build": "build"},
    "uv": {"build": "build"},
    "poetry": {"build": "build", "check": ""},
    "hatch": {"build": "build", "test": "tests", "fmt": "format"},
    "pdm": {"build": "build"},
    "flit": {"build": "build"},
    "pre-commit": {"run": "lint"},
    "prek": {"run": "lint"},
    "golangci-lint": {"run": "lint"},
    "biome": {"check": "lint", "lint": "lint", "ci": "lint", "format": "format"},
    "playwright": {"test": "tests"},
    "cypress": {"run": "tests"},
    "bun": {"test": "tests"},
    "vite": {"build": "build"},
    "next": {"build": "build"},
    "mkdocs": {"build": ""},
    "coverage": {"report": ""},
    "turbo": {"run": ""},
    "nx": {"run-many": "", "affected": ""},
}  # fmt: skip
_TOOLS = {
    tool: purpose
    for purpose, tools in {
        "tests": "pytest py.test tox nox jest vitest mocha ava tape jasmine karma phpunit rspec ctest gotestsum stestr "
                 "trial behave unittest bats c8 nyc tap",
        "lint": "flake8 pylint eslint stylelint xo standard oxlint",
        "format": "black prettier gofmt gofumpt rustfmt",
        "types": "mypy pyright basedpyright ty pyrefly tsc vue-tsc",
        "build": "build tsup rollup webpack",
        "": "isort shellcheck yamllint codespell actionlint hadolint markdownlint markdownlint-cli2 interrogate vulture "
            "bandit typos tsd knip attw publint sphinx-build doctest lychee slotscheck deptry zizmor",
    }.items()
    for tool in tools.split()
}  # fmt: skip
_RUNNERS = vocabulary("make just task poe invoke inv rake gradle ./gradlew mvn ./mvnw npm pnpm yarn bun doit mise")
_SCRIPT = re.compile(r"(?:\./)?(?!\.github/)(?:[\w.-]+/)+[\w.-]+|[\w.-]+\.(?:py|sh|js|mjs|ts)")
_CHECKING = re.compile(r"test|lint|check|verif|valid|format|fmt|types|typing|mypy|cover|build|smoke|tox")
_ABOUT_ITSELF = frozenset({"--version", "--help", "-V", "-h", "--init"})
_PREPARES = vocabulary("install setup deps dependencies bootstrap init configure prepare get fetch download")
_WHOLE_NAMES = frozenset({"ci", "all", "cov", "coverage", "py"})  # `test-ci` tests everything, `test-unit` does not
_CHECKS_ONLY = frozenset({"--check", "--diff", "--check-only", "-c", "-d", "-l", "--list-different"})
_NAME_A_PART = vocabulary("--directory --dir --filter --workspace --package --prefix --cwd --manifest-path -C -F")
_TEST_FOLDERS = frozenset({"tests", "test", "src", "./...", "...", "."})


def purpose_of(words: list[str]) -> str | None:
    """What a command is for; '' where it checks something else, or only a part; None where it checks nothing."""
    tool = _unwrapped(words)
    if not tool or _ABOUT_ITSELF & set(tool[:3]) or body_is_harmful(" ".join(words)):
        return None
    purpose = _tool_purpose(tool[0], tool[1:])
    return "" if purpose and _covers_a_part(purpose, words, tool) else purpose


def _tool_purpose(name: str, rest: list[str]) -> str | None:
    plain = [word for word in rest if not word.startswith(("-", "+"))]
    if plain and plain[0] in _SUBCOMMANDS.get(name, {}):
        return _SUBCOMMANDS[name][plain[0]]
    if name in _RUNNERS:
        return _task_purpose(name, rest)
    if name in ("tox", "nox"):
        return _session_purpose(rest)
    if name in _TOOLS:
        return _TOOLS[name]
    stem = re.sub(r"\.\w+$", "", name.rpartition("/")[2]).lower()
    return _named_purpose(stem) if _SCRIPT.fullmatch(name) and _CHECKING.search(stem) else None


def _covers_a_part(purpose: str, words: list[str], tool: list[str]) -> bool:
    """Whether a command looks at one package, folder or selection only, or a formatter that formats nothing."""
    if any(word.partition("=")[0] in _NAME_A_PART or word.startswith("/") for word in words) or (
        tool[0] == "cargo" and "-p" in tool
    ):
        return True
    if purpose == "format":
        return bool(_CHECKS_ONLY & set(tool))
    if purpose != "tests":
        return False
    if tool[0] == "go" and "./..." not in tool:  # `.` is one package
        return True
    selects = any(re.match(r"-(?:k|m|run)(?:=|$)|--(?:doc|lib|bin|test|grep)\b", word) for word in tool)
    named = [w for w in tool[1:] if not w.startswith("-") and ("/" in w or "::" in w or w.endswith(".py"))]
    return selects or any(word.rstrip("/").removeprefix("./") not in _TEST_FOLDERS for word in named)


def _unwrapped(words: list[str]) -> list[str]:
    """The words from the tool on: without settings, `uv run`, `python -m` and their options."""
    while words:
        starter = next((s for s in _STARTERS if words[: len(s)] == s), None)
        if starter:
            words = words[len(starter) :]
            while words and words[0].startswith("-"):
                words = words[2 if words[0] in _TAKE_VALUE else 1 :]
        elif re.match(r"\w+=", words[0]):
            words = words[1:]
        else:
            break
    return words


def _task_purpose(runner: str, rest: list[str]) -> str | None:
    taken = {value for option, value in pairwise(rest) if option in _NAME_A_PART}
    names = [word for word in rest if not word.startswith("-") and "=" not in word and word not in taken]
    if runner in ("npm", "pnpm", "yarn", "bun", "mise") and names[:1] in (["run"], ["run-script"]):
        names = names[1:]
    elif runner in ("npm", "bun") and names[:1] not in (["test"], ["t"]):
        return None  # npm's own commands: ci, install, config, version
    elif runner in ("pnpm", "yarn") and not (names and PURPOSE_OF.get(re.split("[-:]", names[0])[0])):
        return None  # `yarn x` may be yarn's own command or any installed program
    return _named_purpose("test" if names[0] == "t" else names[0]) if names else None


def _named_purpose(name: str) -> str | None:
    """A task's purpose by its name."""
    first, *others = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word] or [""]
    if first in ("run", "do") and others:  # run-tests.sh
        first, *others = others
    if name_is_harmful(name) or first in _PREPARES or not first:
        return None
    exact = PURPOSE_OF.get(name.lower(), "")
    return exact or (PURPOSE_OF.get(first, "") if _WHOLE_NAMES.issuperset(others) else "")


def _session_purpose(rest: list[str]) -> str | None:
    """tox and nox: everything, or the environments named after -e or -s."""
    for option, name in pairwise(rest):
        if option in ("-e", "-s", "--env", "--session", "--sessions"):
            return "tests" if re.fullmatch(r"(?:py|pypy)[\d.]*", name) else _named_purpose(name)
    return "tests" if not any(word.startswith(("-e", "-s")) for word in rest) else ""
