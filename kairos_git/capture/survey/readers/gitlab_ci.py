"""GitLab's pipeline where it is the project's CI: what its jobs run, and the languages' images they run in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kairos_git.capture.survey.ci.github import filled, has_workflows, is_outward
from kairos_git.capture.survey.ci.lines import Step, command_readings, lines_of, run_readings
from kairos_git.capture.survey.ci.versions import image_versions, versions_reading
from kairos_git.capture.survey.formats.documents import Document, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import CI, Reader, Reading, Tree
from kairos_git.errors import Problem

FILE = ".gitlab-ci.yml"
MOST_FILES = 30  # that it includes from the project

_ELSEWHEN = re.compile(
    r"CI_COMMIT_TAG(?!\s*==\s*(?:null|\"\"))|CI_PIPELINE_SOURCE\s*==\s*['\"](?:schedule|web|trigger|api)|schedule"
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    if FILE not in tree.paths or has_workflows(tree.paths):
        return
    steps: list[Step] = []
    found: dict[str, dict[str, list[str]]] = {"python": {}, "node": {}, "go": {}, "rust": {}}
    waiting, known = [FILE], {FILE}
    variables: dict[str, str] = {}
    while waiting:
        file = waiting.pop(0)
        document = read_yaml(tree, file)
        if isinstance(document, Problem):
            yield document
            continue
        for included in _included(document, tree.paths):
            if included not in known and len(known) < MOST_FILES:
                known.add(included)
                waiting.append(included)
        variables.update(_variables(document))
        steps += _steps(file, document, variables)
        for language, by_file in found.items():
            by_file[file] = [version for image in _images(document, variables) for version in image_versions(language, image)]
    lines = lines_of(steps, tree)
    yield from run_readings(lines)
    yield from command_readings(lines, tree)
    for language, by_file in found.items():
        yield from versions_reading(FILE, language, by_file)


def _included(document: Document, paths: frozenset[str]) -> list[str]:
    listed = document.get("include")
    found = []
    for one in listed if isinstance(listed, list) else [listed]:
        path = (one if isinstance(one, str) else string(one, "local")).lstrip("/")
        if path in paths and path.endswith((".yml", ".yaml")):
            found.append(path)
    return found


def _variables(part: Document) -> dict[str, str]:
    found = {name: string(table(part, "variables"), name) for name in table(part, "variables")}
    return {f"env.{name}": value for name, value in found.items() if re.fullmatch(r"[\w./:=,@+ -]{0,100}", value)}


def _jobs(document: Document) -> Iterator[tuple[str, Document]]:
    for name, job in document.items():
        if isinstance(job, dict) and "script" in job and not _is_elsewhen(name, job):
            yield name, job


def _is_elsewhen(name: str, job: Document) -> bool:
    """Whether a job publishes, or waits for a tag, a schedule or a hand."""
    rules = job.get("rules")
    conditions = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    later = bool(conditions) and all(
        _ELSEWHEN.search(string(rule, "if")) or string(rule, "when") in ("manual", "never") for rule in conditions
    )
    only = strings(job.get("only")) or strings(table(job, "only").get("refs"))
    tagged = bool(only) and all(one in ("tags", "schedules", "web", "triggers", "api") for one in only)
    return (
        later
        or tagged
        or "environment" in job
        or string(job, "when") == "manual"
        or is_outward(name)
        or is_outward(string(job, "stage"))
    )


def _steps(file: str, document: Document, variables: Mapping[str, str]) -> Iterator[Step]:
    before = document.get("before_script", table(document, "default").get("before_script"))
    for name, job in _jobs(document):
        given = {**variables, **_variables(job)}
        script = [*strings(job.get("before_script", before)), *strings(job["script"])]
        yield Step(file, name, filled("\n".join(script), given), "")


def _images(document: Document, variables: Mapping[str, str]) -> Iterator[str]:
    for part in (document, table(document, "default"), *(job for _, job in _jobs(document))):
        image = string(part, "image") or string(part, "image", "name")
        if image:
            yield filled(image, variables)


READER = Reader("gitlab_ci", _read, CI)
