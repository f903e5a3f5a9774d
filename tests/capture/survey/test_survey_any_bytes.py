"""Nothing a tree can hold stops the survey or breaks what it promises."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from surveyed import WHOLE, WORKFLOW, tree

from kairos_git.capture.survey import survey
from kairos_git.capture.survey.reading import many

PATHS = ("pyproject.toml", "package.json", "Makefile", WORKFLOW, "tox.ini", "justfile", "README.md", "CONTRIBUTING.md", ".gitattributes",
         "pkg/core/__init__.py", "pkg/core/mod.rs", "scripts/check-x.sh", "docs/ARCHITECTURE.md",
         "setup.cfg", "setup.py", "pytest.ini", "noxfile.py", "ruff.toml", ".pre-commit-config.yaml", "go.mod", ".golangci.yml",
         "sqlc.yaml", "Cargo.toml", ".cargo/config.toml", "mise.toml", ".tool-versions", "compose.yaml", "CODEOWNERS",
         "Taskfile.yml", "tsconfig.json", "biome.json", "eslint.config.js", "pnpm-workspace.yaml", "deno.json", ".nvmrc")  # fmt: skip
WORDS = st.sampled_from(
    [
        "on",
        "push",
        "jobs",
        "steps",
        "run",
        "strategy",
        "matrix",
        "include",
        "python-version",
        "working-directory",
        "scripts",
        "test",
        "tool",
        "poe",
        "tasks",
        "project",
        "engines",
        "node",
        "cmd",
        "sequence",
        "pytest",
        "cd&&pytest",
        "$(x)",
        "`a`",
        "<!--",
        "ruff",
        "${{matrix.x}}",
        "rm",
    ]
) | st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)
DOCUMENTS = st.dictionaries(WORDS, VALUES, max_size=5)


def as_toml(value: object) -> str:
    """A value as TOML, inline; None as a text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps("none" if value is None else value)


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, bytes]:
    """The whole project with some files replaced by other documents or any bytes, and some damaged in the middle."""
    files = {path: text.encode() for path, text in WHOLE.items()}
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=4, unique=True)):
        document = draw(DOCUMENTS)
        texts = (
            json.dumps(document),
            json.dumps({"on": "push", **document}),
            "\n".join(f"{k!r} = {as_toml(v)}" for k, v in document.items()),
        )
        whole = draw(st.binary(max_size=200) | st.sampled_from(texts).map(str.encode))
        old = files.get(path, b"")
        at = draw(st.integers(0, len(old)))
        files[path] = draw(st.sampled_from([whole, old[:at] + whole + old[at:], old[:at]]))
    return files


survey(tree(WHOLE))  # readers and parsers are loaded on first use, which is no part of an example's time


@given(damaged())
def test_no_bytes_can_stop_the_survey_or_break_its_promises(files: dict[str, bytes]) -> None:
    """Whatever the files hold: readings that can be shown, keyed and compared, and the same ones again."""
    before = survey(tree(files, "main"))
    assert survey(tree(dict(reversed(files.items())), "main")) == before
    readings, problems = before
    assert len({(r.file, r.key) for r in readings}) == len(readings)
    single = [r.slot for r in readings if not many(r.slot)]
    assert len(set(single)) == len(single)
    for r in readings:
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+(\{part=[A-Za-z0-9._@/+-]+\})?", r.slot)
        assert re.fullmatch(r"[A-Za-z0-9._:@/+-]+", r.key) and "--" not in r.key
        assert 0 < len(r.value) <= 200
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]|<!--|-->", r.value + r.text)
        spans = MarkdownIt().parseInline(r.text)[0].children or []
        assert next(s.content for s in spans if s.type == "code_inline") == r.value
    assert all("\n" not in str(problem) for problem in problems)
