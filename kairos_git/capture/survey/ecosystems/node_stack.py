"""What a package.json is built and tested with: its test framework, its frameworks, and how one test file runs.

The one rule: a tool counts where a script starts it, or where it is a dependency and no other could be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.manifests import below
from kairos_git.capture.survey.ecosystems.node_packages import PACKAGE, Scripts, typed, with_arguments
from kairos_git.capture.survey.formats.documents import Document, string, table
from kairos_git.capture.survey.reading import Reading, Tree, conditioned, reading
from kairos_git.capture.survey.tasks.commands import may_watch, watches

A_FILE = "path/to/file"
MOST_FRAMEWORKS = 5

_RUNNERS = {
    "vitest": "vitest", "jest": "jest", "mocha": "mocha", "ava": "ava", "tap": "tap", "tape": "tape", "jasmine": "jasmine",
    "uvu": "uvu", "qunit": "qunit", "karma": "karma", "japa": "@japa/runner", "node:test": "", "bun test": "",
}  # fmt: skip
_STARTED = {"node:test": r"\bnode\b[^;&|]{0,200}\s--test\b", "bun test": r"\bbun test\b"}
_E2E = {"playwright": ("@playwright/test", "playwright"), "cypress": ("cypress",), "webdriverio": ("webdriverio", "@wdio/cli")}
_FRAMEWORKS = (
    "next", "nuxt", "astro", "@sveltejs/kit", "@remix-run/react", "@angular/core", "react-native", "expo", "electron", "gatsby",
    "@docusaurus/core", "vitepress", "react", "vue", "svelte", "solid-js", "preact", "lit", "ink", "@nestjs/core", "express",
    "fastify", "hono", "koa", "tailwindcss", "prisma", "drizzle-orm", "graphql", "zod", "effect", "vite",
)  # fmt: skip
_TAKES_FILES = frozenset({"vitest", "jest", "ava", "bun test", "mocha", "node:test"})
_EXEC = {"npm": "npx", "pnpm": "pnpm", "yarn": "yarn", "bun": "bunx"}
# What stands before the tool in a script: settings, and programs that only start another.
_BEFORE = re.compile(
    r"(?:[A-Z_][A-Z0-9_]*=(?:'[^']*'|\"[^\"]*\"|\S*)\s+|(?:cross-env(?:-shell)?|dotenv|npx|pnpm exec|c8|nyc|--)\s+)+"
)


def dependencies(document: Document) -> dict[str, str]:
    """Every direct dependency: name -> the field it stands in."""
    fields = ("peerDependencies", "optionalDependencies", "devDependencies", "dependencies")
    return {name: field for field in fields for name in table(document, field)}


def runner(document: Document, scripts: Scripts) -> str:
    """The test framework's name, or ''."""
    known = dependencies(document)
    bodies = " ; ".join(body for name, body in sorted(scripts.bodies.items()) if "test" in name and "e2e" not in name)
    started = [name for name in _RUNNERS if re.search(_STARTED.get(name, rf"(?<![\w./@-]){name}(?![\w./:-])"), bodies)]
    present = [name for name, package in _RUNNERS.items() if package in known]
    both = [name for name in started if name in present or not _RUNNERS[name]]
    return next(iter(both or started or (present if len(present) == 1 else [])), "")


def stack_readings(document: Document, scripts: Scripts, folder: str = "") -> Iterator[Reading]:
    """`tests.runner`, `e2e.runner` and `node.dependencies` of one package.json."""
    file, known = below(folder, PACKAGE), dependencies(document)
    where, at = (" in {}", (folder,)) if folder else ("", ())
    if name := runner(document, scripts):
        package = _RUNNERS[name]
        key = f"{known[package]}.{package}" if package in known else "scripts+tests.runner"
        if slot := conditioned("tests.runner", folder):
            yield from reading(file, key, slot, name, f"Tests are written for {{}}{where}", *at)
    for name, packages in _E2E.items():
        package = next((one for one in packages if one in known), "")
        if package and (slot := conditioned("e2e.runner", folder)):
            yield from reading(
                file, f"{known[package]}.{package}", slot, name, f"End-to-end tests are written for {{}}{where}", *at
            )
            break
    found = [
        name for name in _FRAMEWORKS if known.get(name) == "dependencies" or (folder and known.get(name) == "devDependencies")
    ]
    if found and string(document, "name") not in found and (slot := conditioned("node.dependencies", folder)):
        value = ", ".join(found[:MOST_FRAMEWORKS])
        yield from reading(file, "dependencies", slot, value, f"Is built with {{}}{where}", *at)


def one_test(tree: Tree, document: Document, scripts: Scripts, manager: str, folder: str = "") -> tuple[str, str] | None:
    """How the tests of one file run: the key it follows from and the command; None where that cannot be told."""
    body = scripts.bodies.get("test", "")
    words = _BEFORE.sub("", body, count=1).split() if _BEFORE.match(body) else body.split()
    tool = " ".join(words[:2]) if words[:2] == ["bun", "test"] else words[0] if words else ""
    tool = "node:test" if words[:1] == ["node"] and "--test" in words else tool
    if watches(body):
        return None
    if tool in _TAKES_FILES and not re.search(r"[;&|]", body) and not _positional(words):
        if tool in ("bun test", "node:test"):
            return "scripts.test", f"{'bun test' if tool == 'bun test' else 'node --test'} {A_FILE}"
        return "scripts.test", with_arguments(typed(manager, "test"), manager, f"{'--run ' if may_watch(body) else ''}{A_FILE}")
    known = dependencies(document)
    for name, started in (("vitest", "vitest run"), ("jest", "jest")):
        configured = any(below(folder, f"{name}.config.{end}") in tree.paths for end in ("ts", "js", "mts", "mjs", "cjs", "json"))
        if name in known and configured:
            return f"{known[name]}.{name}", f"{_EXEC[manager]} {started} {A_FILE}"
    return None


def _positional(words: list[str]) -> bool:
    """Whether a command names files already, after its own name; an option without `=` may take the next word."""
    rest = [word for word in words[1:] if word not in ("run", "test", "--test")]
    return any(
        not word.startswith("-") and (at == 0 or not rest[at - 1].startswith("-") or "=" in rest[at - 1])
        for at, word in enumerate(rest)
    )
