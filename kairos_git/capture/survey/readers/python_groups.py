"""The notable packages a Python project is built on, and the notable tools in its dependency groups and extras."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT, groups
from kairos_git.capture.survey.formats.documents import Document, read_toml, strings, table
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, key_name, reading, slot_names, vocabulary
from kairos_git.errors import Problem

MOST_GROUPS = 6
MOST_NAMED = 8

# What a package is for, as far as somebody who writes code for the project has to know: kind -> sentence, packages.
_KINDS = {
    "web": ("The web framework is {}", vocabulary("django flask fastapi starlette tornado sanic litestar quart falcon bottle pyramid "
            "djangorestframework django-ninja aiohttp")),
    "terminal": ("The terminal interface is built with {}", vocabulary("click typer textual rich prompt-toolkit cyclopts docopt fire")),
    "database": ("Data is stored through {}", vocabulary("sqlalchemy sqlmodel peewee tortoise-orm psycopg psycopg2 psycopg2-binary "
                 "asyncpg pymongo motor redis sqlite-utils duckdb alembic aiosqlite")),
    "values": ("Data is validated with {}", vocabulary("pydantic attrs msgspec marshmallow cattrs")),
    "http": ("HTTP requests are made with {}", vocabulary("httpx requests urllib3 aiohttp niquests")),
    "queue": ("Background work goes through {}", vocabulary("celery rq dramatiq huey arq")),
    "arrays": ("Numbers and models are computed with {}", vocabulary("torch tensorflow jax numpy pandas polars scikit-learn scipy "
               "transformers")),
    "models": ("Language models are called through {}", vocabulary("openai anthropic litellm langchain langchain-core mcp llama-index")),
}  # fmt: skip
_TOOLS = vocabulary(
    "tox tox-uv nox mypy pyright basedpyright ty pyrefly ruff black isort flake8 pylint pre-commit prek poethepoet invoke taskipy hatch "
    "pytest pytest-xdist pytest-bdd pytest-asyncio pytest-trio pytest-django pytest-cov pytest-recording pytest-httpx pytest-randomly "
    "hypothesis respx responses vcrpy inline-snapshot syrupy dirty-equals freezegun time-machine factory-boy playwright locust "
    "testcontainers sphinx mkdocs mkdocs-material towncrier scriv commitizen coverage import-linter deptry codespell cogapp maturin "
    "cython pyinstaller nuitka grpcio-tools datamodel-code-generator django-stubs"
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, PYPROJECT)
    if isinstance(document, Problem):
        yield document
        return
    yield from _built_on(document)
    yield from _tools(document)


def _built_on(document: Document) -> Iterator[Reading]:
    poetry = table(document, "tool", "poetry", "dependencies")
    listed = strings(table(document, "project").get("dependencies")) or list(poetry)
    names = dict.fromkeys(map(package_name, listed))
    key = "tool.poetry.dependencies" if poetry and "dependencies" not in table(document, "project") else "project.dependencies"
    for kind, (text, known) in _KINDS.items():
        some = [name for name in names if name in known][:MOST_NAMED]
        yield from reading(PYPROJECT, f"{key}+{kind}", f"python.dependencies.{kind}", ", ".join(some), text)


def _tools(document: Document) -> Iterator[Reading]:
    listed: dict[str, tuple[str, list[str]]] = {}
    for name, extra in table(document, "project", "optional-dependencies").items():
        listed[name] = (f"project.optional-dependencies.{key_name(name)}", strings(extra))
    for name, group in table(document, "tool", "poetry", "group").items():
        listed[name] = (f"tool.poetry.group.{key_name(name)}", list(table(group, "dependencies")))
    if uv := table(document, "tool", "uv").get("dev-dependencies"):
        listed["dev"] = ("tool.uv.dev-dependencies", strings(uv))
    for name, group in groups(document).items():
        listed[name] = (f"dependency-groups.{key_name(name)}", group)
    slots, taken = slot_names(listed), 0
    for name in sorted(listed, key=lambda n: (n not in ("dev", "test", "tests"), n)):
        key, requirements = listed[name]
        some = [tool for tool in dict.fromkeys(map(package_name, requirements)) if tool in _TOOLS]
        if some and taken < MOST_GROUPS:
            taken += 1
            kind = "extra" if ".optional-" in key else "dependency group"
            value = ", ".join(some[: 2 * MOST_NAMED])
            text = f"{{}} {'is' if len(some) == 1 else 'are'} in the {kind} {{}}"
            yield from reading(PYPROJECT, f"{key}+tools", f"python.groups.{slots[name]}", value, text, name)


def package_name(requirement: str) -> str:
    """The normalized name a requirement starts with: `Tox_UV>=1; x` -> `tox-uv`."""
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]{0,80})", requirement)
    return re.sub(r"[-_.]+", "-", found[1]).lower().rstrip("-") if found else ""


READER = Reader("python_groups", _read, MANIFEST, "python")
