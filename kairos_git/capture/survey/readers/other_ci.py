"""Travis, CircleCI and Azure Pipelines, where one of them is the project's CI: what their jobs run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from kairos_git.capture.survey.ci.github import has_workflows, is_outward
from kairos_git.capture.survey.ci.lines import Step, command_readings, lines_of, run_readings
from kairos_git.capture.survey.ci.versions import VERSIONS, image_versions, versions, versions_reading
from kairos_git.capture.survey.formats.documents import Document, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import CI, Reader, Reading, Tree
from kairos_git.capture.survey.tasks.shell import plain_folder
from kairos_git.errors import Problem

_DEEPEST = 8  # stages, jobs, strategies and steps of a pipeline

_PARAMETER = re.compile(r"<<\s*[\w.]+\s*>>")

_Found = tuple[list[Step], dict[str, list[str]]]  # scripts, and language -> versions


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((name for name in _SYSTEMS if name in tree.paths), "")
    if not file or ".gitlab-ci.yml" in tree.paths or has_workflows(tree.paths):
        return
    document = read_yaml(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    steps, tested = _SYSTEMS[file](file, document)
    lines = lines_of(steps, tree)
    yield from run_readings(lines)
    yield from command_readings(lines, tree)
    for language, several in tested.items():
        yield from versions_reading(file, language, {file: several})


def _circle(file: str, document: Document) -> _Found:
    steps: list[Step] = []
    tested: dict[str, list[str]] = {language: [] for language in VERSIONS if language != "os"}
    for name, job in {**table(document, "commands"), **table(document, "jobs")}.items():
        if is_outward(name):
            continue
        listed = table(job).get("steps")
        folder = _circle_folder(string(job, "working_directory"))
        for step in listed if isinstance(listed, list) else []:
            script = string(step, "run") or string(step, "run", "command")
            where = _circle_folder(string(step, "run", "working_directory")) or folder
            if script and string(step, "run", "when") != "on_fail":
                steps.append(Step(file, name, _PARAMETER.sub("$PARAMETER", script), where))
        images = table(job).get("docker")
        for image in images if isinstance(images, list) else []:
            for language, found in tested.items():
                found += image_versions(language, string(image, "image"))
    return steps, tested


def _circle_folder(text: str) -> str:
    """A working directory from the root: `~/project/web` is `web`, and a computed one is taken for the root."""
    return plain_folder(re.sub(r"^~/[^/]+/?", "", text)) or ""


def _travis(file: str, document: Document) -> _Found:
    script = "\n".join(line for name in ("install", "before_script", "script") for line in strings(document.get(name)))
    matrix = {
        name: strings(document.get(key))
        for name, key in (("python", "python"), ("node", "node_js"), ("go", "go"), ("rust", "rust"))
    }
    return [Step(file, "script", script, "")], {
        language: versions(language, {language: several}) for language, several in matrix.items()
    }


def _azure(file: str, document: Document) -> _Found:
    steps: list[Step] = []

    def walk(part: object, name: str, depth: int) -> None:
        for one in part if isinstance(part, list) and depth < _DEEPEST else []:
            if not isinstance(one, dict):
                continue
            named = string(one, "job") or string(one, "stage") or string(one, "deployment") or name
            if "deployment" in one or is_outward(named):
                continue
            script = string(one, "script") or string(one, "bash")
            folder = plain_folder(string(one, "workingDirectory"))
            if script and folder is not None:
                steps.append(Step(file, named, script, folder))
            for inner in ("stages", "jobs", "steps"):
                walk(one.get(inner), named, depth + 1)

    walk([document], "", 0)
    return steps, {}


_SYSTEMS: Mapping[str, Callable[[str, Document], _Found]] = {
    ".circleci/config.yml": _circle,
    "azure-pipelines.yml": _azure,
    ".azure-pipelines/azure-pipelines.yml": _azure,
    ".travis.yml": _travis,
}

READER = Reader("other_ci", _read, CI)
