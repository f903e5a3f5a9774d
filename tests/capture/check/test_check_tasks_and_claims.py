"""Commands, versions and settings that a text states, held against the files that define them."""

from __future__ import annotations

import json

import pytest
from checked import checked

from conftest import Place

TREE = {
    "package.json": json.dumps({"scripts": {"build": "tsc", "test:unit": "vitest"}, "packageManager": "pnpm@10.1.0", "engines": {"node": ">=22.1"}}, indent=2),
    "web/package.json": json.dumps({"scripts": {"dev": "vite"}}),
    "Makefile": ".PHONY: lint\nlint format: deps\n\truff .\ndeps:\n\ttrue\n",
    "justfile": "alias t := test\ntest *args:\n  cargo test\n",
    "Taskfile.yml": "version: '3'\ntasks:\n  fmt:\n    cmds: [gofumpt -w .]\n  lint:fix:\n    cmds: [x]\n",
    "tox.ini": "[tox]\nenvlist = py{311,312}-django{4,5}\n[testenv:docs]\ncommands = x\n",
    "noxfile.py": "@nox.session\ndef type_check(session): ...\n",
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n[workspace.package]\nrust-version = "1.90"\n',
    "crates/core/Cargo.toml": '[package]\nname = "app-core"\n',
    "pyproject.toml": '[project]\nname = "app"\nrequires-python = ">=3.11"\n[project.optional-dependencies]\nhttp = []\n[dependency-groups]\ndev = []\n'
    "[tool.poe.tasks]\nserve = 'x'\n[tool.ruff]\nline-length = 100\n",
    "src/app/__init__.py": "", "src/app/server.py": "", "go.mod": "module x\n\ngo 1.25.0\n",
}  # fmt: skip

WRONG = {
    "npm run gone": "no package.json has a script `gone`",
    "pnpm test:e2e": "no package.json has a script `test:e2e`",
    "make gone": "no Makefile has a target `gone`",
    "cd web && make gone": "no Makefile has a target `gone`",
    "just gone": "justfile has no recipe `gone`",
    "task gone": "Taskfile.yml has no task `gone`",
    "uv run poe gone": "pyproject.toml has no task `gone`",
    "tox -e gone": "tox.ini has no environment `gone`",
    "nox -s gone": "noxfile.py has no session `gone`",
    "cargo test -p gone": "no Cargo.toml names a crate `gone`",
    "pip install -e '.[test]'": "pyproject.toml has no extra `test`, but the dependency groups `dev`",
    "uv sync --group gone": "pyproject.toml has no group `gone`, but the dependency groups `dev`",
    "python -m app.gone": "`src/app/` has no module `app.gone`",
}


@pytest.mark.parametrize(("command", "tree"), WRONG.items(), ids=WRONG)
def test_a_task_that_nothing_defines_is_reported(place: Place, command: str, tree: str) -> None:
    """In a code block and in a code span, with what the tree has instead."""
    reported = checked(place, {**TREE, "AGENTS.md": f"Run `{command}` first.\n\n```bash\n{command}\n```\n"})

    assert [line.split(" | ")[1] for line in reported] == [tree, tree]


RIGHT = [
    "npm run build", "pnpm run dev", "npm run test:unit -- --watch", "pnpm --filter web dev", "bun run tsc --noEmit", "yarn gone", "pnpm install",
    "make lint format", "make -C docs lint", "make lint ARGS=x", "make all-of-<name>", "just t", "just test a b", "task fmt", "task lint:fix",
    "poe serve", "tox -e py311-django4", "tox -e py", "tox -e docs", "nox -s type-check", "cargo test -p app_core", "cargo add -p gone", "pip install -e '.[http]'",
    "pip install gone", "uv sync --group dev", "python -m app.server", "python -m http.server", "npm run your-script", "npm run $TASK", "npm run {name}",
]  # fmt: skip


@pytest.mark.parametrize("command", RIGHT)
def test_a_task_that_is_defined_or_unclear_is_not_reported(place: Place, command: str) -> None:
    """What some file names, what another program may know, and what only stands for a name raise no alarm."""
    assert checked(place, {**TREE, "AGENTS.md": f"Run `{command}` first.\n"}) == []


def test_what_is_typed_in_another_project_is_not_reported(place: Place) -> None:
    """After `git clone`, and in a line that says it no longer works."""
    text = "```bash\ngit clone x\ncd x\nmake gone\n```\n\n`make old` was removed.\n"

    assert checked(place, {**TREE, "AGENTS.md": text}) == []


CLAIMS = {
    "Requires Python 3.9+.": ("Python 3.9+", "`pyproject.toml` needs Python 3.11", "pyproject.toml:3"),
    "- **Language**: Go 1.21+": ("Go 1.21+", "`go.mod` needs Go 1.25", "go.mod:3"),
    "- Node.js >= 18": ("Node.js >= 18", "`package.json` needs Node.js 22.1", "package.json:8"),
    "Needs Rust 1.80 or newer.": ("Rust 1.80 or newer", "`Cargo.toml` needs Rust 1.90", "Cargo.toml:4"),
    "- Line length: 88": ("Line length: 88", "`pyproject.toml` sets 100", "pyproject.toml:11"),
    "We use an 88-character line limit.": ("88-character line", "`pyproject.toml` sets 100", "pyproject.toml:11"),
    "Package manager: npm": ("Package manager: npm", "`package.json` says pnpm", "package.json:6"),
    "Requires Python 3.11+, line length 100, Go 1.25+, package manager: pnpm": None,
    "Python 3.3+ treats folders as packages.": None,
    "Python 3.9+ was dropped last year.": None,
    "Node 22 or newer": None,
    "Requires Python 3.12+ to work on it": None,
}


@pytest.mark.parametrize(("text", "expected"), CLAIMS.items(), ids=CLAIMS)
def test_a_version_or_a_setting_is_held_against_the_files(place: Place, text: str, expected: tuple[str, str, str] | None) -> None:
    """Less than what a file needs, or another value than any file sets; more may be meant, and agreement is silence."""
    reported = checked(place, {**TREE, "AGENTS.md": text + "\n"})

    assert reported == ([f"AGENTS.md:1 {' | '.join(expected)}"] if expected else [])


def test_a_tools_own_default_is_a_setting(place: Place) -> None:
    """Where nothing sets the line length of Python, 88 is what ruff and black take."""
    tree = {"a.py": "a = 1\n", "biome.json": '{"formatter": {\n"lineWidth": 80}}\n'}

    assert checked(place, {**tree, "AGENTS.md": "Line length: 88\n"}) == []
    assert len(checked(place, {**tree, "AGENTS.md": "Line length: 120\n"})) == 1
