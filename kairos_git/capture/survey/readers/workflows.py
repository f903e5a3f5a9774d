"""GitHub workflows that run on a push or a pull request: what they check, and with which Pythons and Nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from kairos_git.capture.survey.commands import PURPOSES, name_is_harmful
from kairos_git.capture.survey.documents import Document, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import CI, Reader, Reading, Tree, conditioned, key_name, one_line, reading
from kairos_git.capture.survey.shell import Check, checks, plain_folder
from kairos_git.errors import Problem

FOLDER = ".github/workflows"
MOST_FILES = 100

_FILE = re.compile(r"\.github/workflows/[^/]+\.ya?ml", re.DOTALL)
_VERSIONS = {
    "python": ({"python-version", "python_version", "python-versions", "python", "py"}, "CI tests Python {}"),
    "node": ({"node-version", "node_version", "node-versions", "node"}, "CI tests Node.js {}"),
}
_VERSION = re.compile(r"(?:[a-z]+-?)?v?\d[\w.*-]*|lts/\S+|latest|current", re.IGNORECASE)
# A job or step that waits for a release, a tag, a schedule or a hand is no check of every change.
_ELSEWHEN = re.compile(r"refs/tags|release|schedule|workflow_dispatch|publish|deploy|ref_type")


class Line(NamedTuple):
    """One check and the workflow it stands in."""

    file: str
    check: Check


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found = [path for path in tree.paths if _FILE.fullmatch(path)]
    files = sorted(path for path in found if one_line(path) == path and not name_is_harmful(path[len(FOLDER) :]))
    if any(one_line(path) != path for path in found):
        yield Problem(FOLDER, 0, "has a workflow whose name cannot be shown; it was not read")
    if len(files) > MOST_FILES:
        yield Problem(FOLDER, 0, f"has {len(files)} workflows; the first {MOST_FILES} were read")
    lines: list[Line] = []
    versions: dict[str, dict[str, list[str]]] = {language: {} for language in _VERSIONS}
    for file in files[:MOST_FILES]:
        document = read_yaml(tree, file)
        if isinstance(document, Problem):
            yield document
            continue
        for job in _jobs(document, tree.default_branch):
            lines += [Line(file, check) for check in _checks(job, document) if _is_here(check.folder, tree)]
            for language in _VERSIONS:
                versions[language].setdefault(file, []).extend(_matrix(job, language))
    yield from _runs(lines)
    yield from _commands(lines)
    for language in _VERSIONS:
        yield from _versions(language, versions[language])


def _jobs(document: Document, default_branch: str | None) -> Iterator[Document]:
    events = document.get("on")
    names = set(strings(events)) | set(table(events))
    if not any(name in names and _covers(table(events, name), default_branch) for name in ("push", "pull_request")):
        return
    for name, job in table(document, "jobs").items():
        if isinstance(job, dict) and not name_is_harmful(name) and "environment" not in job and not _elsewhen(job):
            yield job


def _covers(event: Document, branch: str | None) -> bool:
    """Whether changes of the default branch start a workflow: not where only tags do, or only other branches."""
    if "branches" not in event:
        return "tags" not in event
    patterns = strings(event["branches"])
    return branch is None or any(fnmatchcase(branch, pattern) for pattern in patterns if not pattern.startswith("!"))


def _checks(job: Document, document: Document) -> Iterator[Check]:
    steps = job.get("steps")
    for step in steps if isinstance(steps, list) else []:
        script = string(step, "run")
        shell = string(step, "shell") or _default(job, document, "shell")
        folder = plain_folder(string(step, "working-directory") or _default(job, document, "working-directory"))
        if script and folder is not None and re.match(r"$|bash|sh\b", shell) and not _elsewhen(table(step)):
            yield from checks(script, folder)


def _is_here(folder: str, tree: Tree) -> bool:
    """Whether a folder is the project's, and not another project's that the workflow checks out beside it."""
    return not folder or any(path.startswith(f"{folder}/") for path in tree.paths)


def _default(job: Document, document: Document, name: str) -> str:
    return string(job, "defaults", "run", name) or string(document, "defaults", "run", name)


def _elsewhen(part: Document) -> bool:
    condition = re.sub(r"!= *'[^']*'", "", string(part, "if"))
    return bool(_ELSEWHEN.search(condition))


def _runs(lines: list[Line]) -> Iterator[Reading]:
    for file, (command, folder, _) in lines:
        slot = conditioned("ci.run", folder)
        # Made from the command, so that a removed line is seen as a key that is gone.
        key = f"run.{key_name(f'{folder} {command}'.strip())}"
        if slot and folder:
            yield from reading(file, key, slot, command, "CI runs {} in {}", folder)
        elif slot:
            yield from reading(file, key, slot, command, "CI runs {}")


def _commands(lines: list[Line]) -> Iterator[Reading]:
    """The root's command for each purpose, where CI leaves no choice: one command, or the start of all the others."""
    for purpose, (sentence, _) in PURPOSES.items():
        found = [(check.command, file) for file, check in lines if check.purpose == purpose and not check.folder]
        shortest, file = min(found, key=lambda one: (len(one[0].split()), one), default=("", ""))
        if shortest and all(command.split()[: len(shortest.split())] == shortest.split() for command, _ in found):
            yield from reading(file, f"{purpose}.command", f"{purpose}.command", shortest, sentence)


def _matrix(job: Document, language: str) -> Iterator[str]:
    """The versions of one language in a job's matrix and its includes."""
    names, _ = _VERSIONS[language]
    matrix = table(job, "strategy", "matrix")
    included = matrix.get("include")
    for part in [matrix, *(included if isinstance(included, list) else [])]:
        for name, value in table(part).items():
            if name in names:
                yield from (version for version in strings(value) if _VERSION.fullmatch(version))


def _versions(language: str, found: dict[str, list[str]]) -> Iterator[Reading]:
    files = sorted(file for file, versions in found.items() if versions)
    union = {version for file in files for version in found[file]}
    if not union:
        return
    # One workflow stands for all of them where it has every version; otherwise they stand in the folder.
    place = next((file for file in files if set(found[file]) == union), FOLDER)
    value = ", ".join(sorted(union, key=lambda v: ([int(n) for n in re.findall(r"\d{1,9}", v)], v)))
    yield from reading(place, f"matrix.{language}", f"ci.{language}", value, _VERSIONS[language][1])


READER = Reader("workflows", _read, CI)
