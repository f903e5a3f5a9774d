"""The hooks of pre-commit: the command that runs them all, what the hooks of well-known tools run, and the versions pinned."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import PYPROJECT, packaging_tool, required, started
from kairos_git.capture.survey.formats.documents import Document, read_text, read_toml, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import DEFAULT, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.capture.survey.tasks.commands import body_is_harmful, purpose_reading
from kairos_git.errors import Problem
from kairos_git.memory.fact import version_slot

_FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml")
# Where a project says that it runs its hooks with prek, which reads the same file.
_TELLING = (
    PYPROJECT, "CONTRIBUTING.md", "CONTRIBUTING.rst", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md", "docs/contributing.md",
    "docs/development/contributing.md", "docs/contributing.rst", "README.md", "justfile", "Justfile", "Makefile", "tox.ini", "noxfile.py",
    "mise.toml", "Taskfile.yml",
)  # fmt: skip
MOST_WORKFLOWS = 40
MOST_PINS = 60  # repositories of hooks whose version is read
MOST_HOOKS = 12  # named in the sentence
_WORKFLOW = re.compile(r"\.github/workflows/[^/\n]+\.ya?ml")

_ADDRESS = re.compile(r"(?:https?://|ssh://|git://|git@)[\w.@:/~+-]{3,150}")
_SCHEME = re.compile(r"^(?:[a-z]+://)?(?:[^@/\s]+@)?|(?:\.git)?/*$")

# hook -> purpose ('' for what has none of its own) and command
_KNOWN = {
    "ruff": ("lint", "ruff check"), "ruff-check": ("lint", "ruff check"), "ruff-format": ("format", "ruff format"),
    "black": ("format", "black ."), "flake8": ("lint", "flake8"), "isort": ("", "isort ."), "mypy": ("types", "mypy"),
    "pyright": ("types", "pyright"), "basedpyright": ("types", "basedpyright"), "ty": ("types", "ty check"),
    "pylint": ("", "pylint"), "codespell": ("", "codespell"), "typos": ("", "typos"), "zizmor": ("", "zizmor"),
    "golangci-lint": ("lint", "golangci-lint run"), "golangci-lint-full": ("lint", "golangci-lint run"),
    "gofumpt": ("format", "gofumpt -w ."), "clippy": ("lint", "cargo clippy"), "cargo-check": ("", "cargo check"),
    "shellcheck": ("", "shellcheck"), "actionlint": ("", "actionlint"), "djlint": ("", "djlint"), "pyupgrade": ("", "pyupgrade"),
}  # fmt: skip
# Hooks that everybody has; they teach nothing.
_USUAL = re.compile(
    r"(?:check|fix|mixed|trailing|end-of|detect|debug|no-commit|requirements|name-tests|file-contents|pretty)-[\w-]+|destroyed-.*"
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    if not file:
        return
    found = read_toml(tree, file) if file.endswith(".toml") else read_yaml(tree, file)
    if isinstance(found, Problem):
        yield found
        found = {}
    hooks = _hooks(found)
    project = read_toml(tree, PYPROJECT)
    document = {} if isinstance(project, Problem) else project
    name = "prek" if file == "prek.toml" or _uses_prek(tree) else "pre-commit"
    named = [hook for hook in dict.fromkeys(hooks) if not _USUAL.fullmatch(hook) and key_name(hook) == hook][:MOST_HOOKS]
    text = "{} runs the hooks on all files: {}" if named else "{} runs the hooks on all files"
    command = _run(f"{name} run --all-files", name, document, tree)
    yield from reading(file, "repos", "checks.pre-commit", command, text, *([", ".join(named)] if named else []))
    yield from _known(file, hooks, document, tree)
    yield from _pins(file, found)


def _pins(file: str, document: Document) -> Iterator[Reading]:
    """The version pinned of each repository of hooks, in the slot that a commit's `github.com/x/y: A → B` speaks of too."""
    pinned: dict[str, dict[str, str]] = {}  # slot -> version -> address
    repositories = document.get("repos")
    for repository in repositories if isinstance(repositories, list) else []:
        url, rev = string(repository, "repo").strip(), string(repository, "rev").strip()
        if _ADDRESS.fullmatch(url) and rev:
            pinned.setdefault(version_slot(url), {}).setdefault(rev, _SCHEME.sub("", url))
    for slot, versions in [*pinned.items()][:MOST_PINS]:
        if len(versions) == 1:  # of two versions side by side, neither is the one
            ((rev, url),) = versions.items()
            yield from reading(file, f"repos.{key_name(url)}.rev", slot, rev, "{} is pinned of {}", url)


def _known(file: str, hooks: dict[str, Document], document: Document, tree: Tree) -> Iterator[Reading]:
    """What the hooks of well-known tools run, as one would type it."""
    slots = slot_names(hook for hook in hooks if hook in _KNOWN)
    done: set[str] = set()
    for hook, slot in sorted(slots.items()):
        purpose, command = _KNOWN[hook]
        options = [option for option in strings(hooks[hook].get("args")) if option == "--fix"]
        entry, own = string(hooks[hook], "entry"), string(hooks[hook], "pass_filenames") == "false"
        # What needs no files is what one would type.
        typed = entry if entry and own else _run(" ".join([command, *options]), command.split()[0], document, tree)
        yield from reading(file, f"hooks.{hook}", f"checks.pre-commit.{slot}", typed, "{} is what the hook {} runs", hook)
        if purpose == "lint" and "--fix" in typed.split():
            yield from purpose_reading(file, f"hooks.{hook}+fix.command", "fix", typed)
        # mypy without files needs settings that say which; the hook is given them.
        elif purpose and purpose not in done and (own or command != "mypy"):
            done.add(purpose)
            yield from purpose_reading(file, f"hooks.{hook}+{purpose}.command", purpose, typed)


def _hooks(document: Document) -> dict[str, Document]:
    """The hooks by name, in the file's order; one that only runs by hand, or does harm, is left out."""
    found: dict[str, Document] = {}
    repositories = document.get("repos")
    for repository in repositories if isinstance(repositories, list) else []:
        listed = table(repository).get("hooks")
        for hook in listed if isinstance(listed, list) else []:
            name, entry = string(hook, "id"), string(hook, "entry")
            if name and not body_is_harmful(entry) and "manual" not in strings(table(hook).get("stages")):
                # A hook of the project's own is known by the tool that it starts.
                tool = re.match(r"(?:uv run |poetry run )?(?:--\S+ )*(ruff format|ruff check|[\w-]+)", entry)
                alias = tool[1].replace(" ", "-") if tool and tool[1].replace(" ", "-") in _KNOWN else name
                found.setdefault(alias if name not in _KNOWN else name, table(hook))
    return found


def _uses_prek(tree: Tree) -> bool:
    files = [path for path in _TELLING if path in tree.paths]
    files += sorted(path for path in tree.paths if _WORKFLOW.fullmatch(path))[:MOST_WORKFLOWS]
    texts = (read_text(tree, path) for path in files)
    return any(isinstance(text, str) and re.search(r"(?<![\w/-])(?:prek(?![\w/])|j178/prek-action)", text) for text in texts)


def _run(command: str, package: str, document: Document, tree: Tree) -> str:
    tool, needs = packaging_tool(document, tree.paths), required(document, package)
    return (needs and started(command, document, tool, needs)) or command


READER = Reader("pre_commit", _read, DEFAULT)
