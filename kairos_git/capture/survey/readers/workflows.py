"""GitHub workflows that run on a push or a pull request: what they check, and with which versions and systems."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ci.github import Job, is_outward, jobs, matrix_values, steps
from kairos_git.capture.survey.ci.lines import Step, command_readings, lines_of, run_readings
from kairos_git.capture.survey.ci.versions import VERSIONS, systems, versions, versions_reading
from kairos_git.capture.survey.formats.documents import strings
from kairos_git.capture.survey.reading import CI, Reader, Reading, Tree, one_line
from kairos_git.errors import Problem

FOLDER = ".github/workflows"
MOST_FILES = 100

_FILE = re.compile(r"\.github/workflows/[^/]+\.ya?ml", re.DOTALL)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found = [path for path in tree.paths if _FILE.fullmatch(path)]
    files = sorted(path for path in found if one_line(path) == path and not is_outward(path[len(FOLDER) :]))
    if any(one_line(path) != path for path in found):
        yield Problem(FOLDER, 0, "has a workflow whose name cannot be shown; it was not read")
    if len(files) > MOST_FILES:
        yield Problem(FOLDER, 0, f"has {len(files)} workflows; the first {MOST_FILES} were read")
    scripts: list[Step] = []
    tested: dict[str, dict[str, list[str]]] = {name: {} for name in VERSIONS}
    for job in jobs(tree, files[:MOST_FILES]):
        if isinstance(job, Problem):
            yield job
            continue
        scripts += steps(tree, job)
        for name, several in _versions(job).items():
            tested[name].setdefault(job.file, []).extend(several)
    lines = lines_of(scripts, tree)
    yield from run_readings(lines)
    yield from command_readings(lines, tree)
    for name, by_file in tested.items():
        yield from versions_reading(FOLDER, name, by_file)


def _versions(job: Job) -> dict[str, list[str]]:
    """What a job's matrix, or the action that sets a language up, says of versions, and on which systems it runs."""
    matrix = matrix_values(job.document)
    matrix["runs-on"] = [*matrix.get("runs-on", []), *strings(job.document.get("runs-on"))]
    return {name: systems(matrix) if name == "os" else versions(name, matrix) for name in VERSIONS}


READER = Reader("workflows", _read, CI)
