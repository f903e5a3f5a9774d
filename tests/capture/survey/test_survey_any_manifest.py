"""Manifests with the right words in the wrong places stop no reader and break none of its promises."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from surveyed import tree

from kairos_git.capture.survey import survey

TEXTS = ("ruff", "pytest>=8", "tox", "mypy", "*", "crates/*", "--fix", "uv run ruff check", "git push", "a--b", "`x`", "{}", "{0}", "{x}",
         "<!-- x -->", "\u202e", "py{39,310}", "{posargs}", "{env:TESTPATH:a}", "../x", "a/b", "3.12", "é", "")  # fmt: skip
NAMES = ("project", "tool", "name", "description", "scripts", "dependency-groups", "dev", "optional-dependencies", "include-group",
         "requires-python", "build-system", "requires", "dependencies", "pytest", "ini_options", "addopts", "markers", "ruff", "lint",
         "select", "per-file-ignores", "isort", "mypy", "plugins", "tox", "env_list", "env", "env_run_base", "commands",
         "legacy_tox_ini", "hatch", "envs", "poe", "tasks", "pdm", "uv", "default-groups", "repos", "hooks", "id", "entry", "args",
         "workspace", "members", "package", "alias", "lints", "clippy", "bin", "path", "toolchain", "channel", "linters", "enable",
         "formatters", "sql", "gen", "out", "queries", "schema", "services", "image", "tools", "run", "python", *TEXTS)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(TEXTS) | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5)
LINES = st.lists(
    st.sampled_from(
        ("[tox]", "[testenv]", "[testenv:{a,b}]", "[pytest]", "[mypy]", "[options]", "envlist = py{39,310}-{x,y}, lint", "commands =",
         "    pytest {env:TESTPATH:x} {posargs}", "markers =", "    slow: `x`", "strict = true", "python_requires = >=3", "module a--b",
         "go 1.25", "require (", "\tgithub.com/spf13/cobra v1", ")", "@nox.session(name='a`b')", "def tests(session):",
         "    session.run('pytest', *session.posargs)", "python 3.12", "* @a", "/a--b/ @c", "/<!--/ @d", "", "pytest")
    ) | st.text(max_size=10),
    max_size=12,
).map("\n".join)  # fmt: skip
TOMLS = (
    "pyproject.toml",
    "part/pyproject.toml",
    "Cargo.toml",
    "crates/a/Cargo.toml",
    ".cargo/config.toml",
    "ruff.toml",
    "tox.toml",
    "mise.toml",
)
YAMLS = (".pre-commit-config.yaml", ".golangci.yml", "sqlc.yaml", "compose.yaml")
PLAIN = ("tox.ini", "setup.cfg", "pytest.ini", "mypy.ini", "noxfile.py", "go.mod", ".tool-versions", ".python-version", "CODEOWNERS",
         "requirements-dev.txt", "setup.py", "rust-toolchain")  # fmt: skip
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "part/uv.lock", *(f"part/m{n}.py" for n in range(5)))


def as_toml(value: object) -> str:
    """A value as TOML, inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(as_toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


FILES = st.fixed_dictionaries(
    {},
    optional={
        **{path: DOCUMENTS.map(lambda d: "\n".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in d.items())) for path in TOMLS},
        **dict.fromkeys(YAMLS, DOCUMENTS.map(json.dumps)),
        **dict.fromkeys(PLAIN, LINES),
        **dict.fromkeys(LOCKS, st.just("")),
    },
)


@given(FILES)
def test_any_manifest_gives_readings_that_can_be_shown(files: dict[str, str]) -> None:
    """Values whole in the first code span, keys and slots of plain characters, no marks that a terminal or a comment obeys."""
    readings, problems = survey(tree(files))
    for r in readings:
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+(\{part=[A-Za-z0-9._@/+-]+\})?", r.slot), r
        assert re.fullmatch(r"[A-Za-z0-9._:@/+-]+", r.key), r
        assert "--" not in r.key, r
        assert f"`{r.value}`" in r.text or f"` {r.value} `" in r.text, r
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]|<!--|-->|git push", r.value + r.text), r
    assert len({(r.file, r.key) for r in readings}) == len(readings)
    assert all("\n" not in str(problem) for problem in problems)
