"""GitHub's workflows as scripts: jobs of a push or a pull request, with the local actions and workflows they use.

The one rule: an expression is replaced only by what certainly stands for it; what is left of it marks the words it is in
as computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from kairos_git.capture.survey.ci.lines import Step
from kairos_git.capture.survey.formats.documents import Document, read_yaml, string, strings, table
from kairos_git.capture.survey.reading import Tree
from kairos_git.capture.survey.tasks.commands import name_is_harmful
from kairos_git.capture.survey.tasks.shell import plain_folder
from kairos_git.errors import Problem

MOST_CALLS = 100  # of local actions and workflows, in all
MOST_VALUES = 8  # of a matrix that are written out
LONGEST_SCRIPT = 50_000  # characters
_DEEPEST = 3  # actions that use actions

# A job or step that waits for a release, a tag, a schedule or a hand is no check of every change.
_ELSEWHEN = re.compile(r"refs/tags|release|schedule|workflow_dispatch|publish|deploy|ref_type|failure\(\)|cancelled\(\)")
_SOMETIMES = re.compile(r"runner\.os|matrix\.|startsWith\(|contains\(")
_GIVEN = re.compile(r"\$\{\{\s*((?:matrix|inputs|env)\.[A-Za-z_][\w.-]*)\s*\}\}")
_VARIABLE = re.compile(r"\$(?:([A-Z_][A-Z0-9_]*)|\{([A-Z_][A-Z0-9_]*)\})")
_PLAIN = re.compile(r"[\w./:=,@+ -]{0,100}")


class Job(NamedTuple):
    """One job: the file it stands in, its name, its mapping, and what its expressions stand for (`matrix.x` -> text)."""

    file: str
    name: str
    document: Document
    whole: Document  # the workflow it belongs to
    given: Mapping[str, str]


def jobs(tree: Tree, files: list[str]) -> Iterator[Job | Problem]:
    """The jobs of these workflows that check every change, those of the workflows they call included."""
    calls = 0
    called: set[str] = set()
    for file in files:
        document = read_yaml(tree, file)
        if isinstance(document, Problem):
            yield document
            continue
        for name, job in _checking_jobs(document, tree.default_branch):
            given = _given(document, job, {})
            yield Job(file, name, job, document, given)
            target = _local(string(job, "uses"))
            if target in tree.paths and target not in called and calls < MOST_CALLS and not is_outward(target):
                calls += 1
                called.add(target)
                yield from _called_jobs(tree, target, table(job, "with"), given)


def steps(tree: Tree, job: Job) -> Iterator[Step]:
    """The scripts of a job, and of the local actions it uses."""
    folder = string(job.document, "defaults", "run", "working-directory") or string(
        job.whole, "defaults", "run", "working-directory"
    )
    shell = string(job.document, "defaults", "run", "shell") or string(job.whole, "defaults", "run", "shell")
    yield from _steps(tree, job, job.document.get("steps"), (folder, shell), 0)


def matrix_values(job: Document) -> dict[str, list[str]]:
    """Every name of a job's matrix, its includes too, with its values as they stand; one level of mappings is opened."""
    matrix = table(job, "strategy", "matrix")
    included = matrix.get("include")
    found: dict[str, list[str]] = {}
    for part in [matrix, *(included if isinstance(included, list) else [])]:
        for name, value in table(part).items():
            if name in ("include", "exclude"):
                continue
            for one in value if isinstance(value, list) else [value]:
                for inner, text in table(one).items():
                    if isinstance(text, str):
                        found.setdefault(f"{name}.{inner}", []).append(text)
                if isinstance(one, str):
                    found.setdefault(name, []).append(one)
    return found


def _checking_jobs(document: Document, default_branch: str | None) -> Iterator[tuple[str, Document]]:
    events = document.get("on")
    names = set(strings(events)) | set(table(events))
    if any(name in names and _covers(table(events, name), default_branch) for name in ("push", "pull_request", "merge_group")):
        yield from _offered_jobs(document)


def _offered_jobs(document: Document) -> Iterator[tuple[str, Document]]:
    for name, job in table(document, "jobs").items():
        if isinstance(job, dict) and not is_outward(name) and "environment" not in job and not _elsewhen(job):
            yield name, job


def _called_jobs(tree: Tree, file: str, inputs: Document, outer: Mapping[str, str]) -> Iterator[Job | Problem]:
    document = read_yaml(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    given = _inputs(table(document, "on", "workflow_call", "inputs"), inputs, outer)
    for name, job in _offered_jobs(document):
        yield Job(file, name, job, document, _given(document, job, given))


def _covers(event: Document, branch: str | None) -> bool:
    """Whether changes of the default branch start a workflow: not where only tags do, or only other branches."""
    if "branches" not in event:
        return "tags" not in event
    patterns = strings(event["branches"])
    return branch is None or any(fnmatchcase(branch, pattern) for pattern in patterns if not pattern.startswith("!"))


def _given(document: Document, job: Document, inputs: Mapping[str, str]) -> dict[str, str]:
    """What stands for the expressions of a job: its environment, its inputs, and a matrix's only value."""
    given = dict(inputs)
    for name, values in matrix_values(job).items():
        several = set(values)
        if len(several) == 1 or "" in several:  # an empty one is the plain case
            given[f"matrix.{name}"] = min(several)
    for part in (document, job):
        given.update(_environment(part, given))
    return {name: value for name, value in given.items() if _PLAIN.fullmatch(value)}


def _environment(part: Document, given: Mapping[str, str]) -> dict[str, str]:
    found = {f"env.{name}": filled(string(table(part, "env"), name), given) for name in table(part, "env")}
    return {name: value for name, value in found.items() if _PLAIN.fullmatch(value)}


def _inputs(declared: Document, passed: Document, outer: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in declared:
        value = filled(string(passed, name), outer) if name in passed else string(declared, name, "default")
        if _PLAIN.fullmatch(value):
            found[f"inputs.{name}"] = value
    return found


def filled(text: str, given: Mapping[str, str]) -> str:
    """The text with every expression and variable replaced whose value is known."""
    if "$" not in text:
        return text
    text = _GIVEN.sub(lambda match: given.get(match[1], match[0]), text)
    return _VARIABLE.sub(lambda match: given.get(f"env.{match[1] or match[2]}", match[0]), text)


def _steps(tree: Tree, job: Job, listed: object, defaults: tuple[str, str], depth: int) -> Iterator[Step]:
    for step in listed if isinstance(listed, list) else []:
        if not isinstance(step, dict) or _elsewhen(step):
            continue
        sometimes = bool(_SOMETIMES.search(re.sub(r"[\w.]+ *!= *'[^']*'", "", string(step, "if"))))  # all but one is most
        uses = string(step, "uses")
        if _local(uses) and depth < _DEEPEST:
            yield from _action(tree, job, _local(uses).rstrip("/"), table(step, "with"), sometimes, depth)
        script = string(step, "run")
        shell = string(step, "shell") or defaults[1]
        if not script or len(script) > LONGEST_SCRIPT or not re.match(r"$|bash|sh\b", shell):
            continue
        given = {**job.given, **_environment(step, job.given)}
        folder = plain_folder(filled(string(step, "working-directory") or defaults[0], given))
        if folder is not None:
            for one in _written_out(filled(script, given), job.document):
                yield Step(job.file, job.name, one, folder, sometimes)


def _action(
    tree: Tree, job: Job, folder: str, inputs: Document, sometimes: bool, depth: int
) -> Iterator[Step]:  # fmt: skip
    """The scripts of a composite action of this project."""
    file = next((f"{folder}/{name}" for name in ("action.yml", "action.yaml") if f"{folder}/{name}" in tree.paths), "")
    document = read_yaml(tree, file) if file and not is_outward(file) else {}
    if isinstance(document, Problem) or string(document, "runs", "using") != "composite":
        return
    given = _inputs(table(document, "inputs"), inputs, job.given)
    inner = Job(file, job.name, job.document, document, {**{n: v for n, v in job.given.items() if n.startswith("env.")}, **given})
    for step in _steps(tree, inner, table(document, "runs").get("steps"), ("", ""), depth + 1):
        yield step._replace(sometimes=True) if sometimes else step


def _written_out(script: str, job: Document) -> list[str]:
    """A one-line script once for each value of the matrix in it, where the values are names and few; else as it is."""
    found = _GIVEN.findall(script)
    if len(found) != 1 or "\n" in script.strip() or not found[0].startswith("matrix."):
        return [script]
    values = sorted(set(matrix_values(job).get(found[0].removeprefix("matrix."), [])))
    if (
        not values
        or len(values) > MOST_VALUES
        or any(re.search(r"\d|-latest", value) or not _PLAIN.fullmatch(value) for value in values)
    ):
        return [script]
    return [_GIVEN.sub(lambda _, value=value: value, script) for value in values]  # type: ignore[misc]


def _local(uses: str) -> str:
    """The path of what a job or step uses in this project, from the root; '' where it is somebody else's."""
    return uses[2:] if uses.startswith(("./", "$/")) else ""


# What a workflow or job of such a name runs is for packagers, for measurements or for odd machines, not for every change.
_APART = re.compile(r"redistribut|benchmark|\bbench|cross[-_ ]compil|trampoline|wheels?\b|\bsdist")


def has_workflows(paths: frozenset[str]) -> bool:
    """Whether the project's CI is GitHub's; then what other systems are told is not what its changes wait for."""
    return any(path.startswith(".github/workflows/") and path.endswith((".yml", ".yaml")) for path in paths)


def is_outward(name: str) -> bool:
    """Whether a job's or workflow's name says that it publishes or tidies; one about versions only tests them."""
    return name_is_harmful(re.sub("versions?", "", name)) or bool(_APART.search(name.lower()))


def _elsewhen(part: Document) -> bool:
    condition = re.sub(r"!= *'[^']*'", "", string(part, "if"))
    return bool(_ELSEWHEN.search(condition))
