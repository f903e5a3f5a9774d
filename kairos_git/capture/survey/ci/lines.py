"""What CI's scripts say of a project: the lines it runs, and the one command for each purpose.

The one rule: near repeats of one command are one line, the most general; a command of a purpose covers the whole project,
in the language most of it is written in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from kairos_git.capture.survey.reading import LONGEST_VALUE, Reading, Tree, conditioned, key_name, one_line, reading, vocabulary
from kairos_git.capture.survey.source.files import project
from kairos_git.capture.survey.tasks.commands import PURPOSES, purpose_reading
from kairos_git.capture.survey.tasks.shell import Command, commands
from kairos_git.capture.survey.tasks.tool_tables import RUNNERS
from kairos_git.capture.survey.tasks.tools import Use, kind_of, own_script, use_of

MOST_LINES = 60  # read of one project; a monorepo's CI has thousands
MOST_ALIKE = 4  # lines of one tool and sub-command in one folder
MOST_STEPS = 2000

_UNTYPABLE = frozenset("$`|;<>\\&\n")
# Jobs and workflows beside the main one: their commands are special in some way that is not seen in them.
_BESIDE = re.compile(
    r"(?:^|[^a-z])(?:e2e|dependenc\w*|integrations?|nightly|bench\w*|fuzz\w*|docs?|smoke|compat\w*|(?:down|up)stream"
    r"|minimum|minimal|lowest|min|mindeps|oldest"
    r"|windows|macos|msrv|canary|experimental|wasm|miri|sanitizers?|examples?|templates?|website|site|dev(?:el)?deps|pypy"
    r"|perf|slow|special"
    r"|conformance|generate\w*|sync|update\w*|schema)(?:[^a-z]|$)"
)
# Options that only say how a run is built and reported, and which of them take the next word for their value.
_REPORTS = re.compile(
    r"--(?:cov(?:erage)?(?:-\w[\w-]*)?|no-cov|junit-?xml|durations(?:-min)?|profile|cargo-profile|color|colour|html"
    r"|self-contained-html|report-log|tb|md|json-report)"
    r"(?:=.*)?|-(?:coverprofile|covermode|coverpkg)=.*|-v+|-Z|--verbose|--cover"
)
_REPORTS_VALUE = vocabulary(
    "--profile --cargo-profile -Z --cov --cov-report --cov-config --junitxml --junit-xml --durations --durations-min "
    "--color --html --tb --cov-fail-under"
)
_SUFFIXES = {
    ".py": "python", ".pyx": "python", ".js": "javascript", ".jsx": "javascript", ".ts": "javascript", ".tsx": "javascript",
    ".mjs": "javascript", ".cjs": "javascript", ".mts": "javascript", ".vue": "javascript", ".svelte": "javascript",
    ".rs": "rust", ".go": "go", ".rb": "ruby", ".php": "php",
}  # fmt: skip
_MANIFESTS = {
    "pyproject.toml": "python", "setup.py": "python", "setup.cfg": "python", "package.json": "javascript", "Cargo.toml": "rust",
    "go.mod": "go", "Gemfile": "ruby", "composer.json": "php",
}  # fmt: skip
_FOREIGN = 5  # times more files of another language make one foreign
_GOAL = re.compile(r"^([\w-]+)[ \t]*:(?!=)", re.MULTILINE)  # what `make` alone makes
_NO_BUILDS = frozenset(name for purpose, (_, names) in PURPOSES.items() if purpose != "build" for name in names) | {"help"}


class Step(NamedTuple):
    """A script of CI: its file, the job's name, the folder it starts in, and whether only some runs reach it."""

    file: str
    job: str
    script: str
    folder: str
    sometimes: bool = False


class Line(NamedTuple):
    """One line of CI that a person could type: where it stands, its words, and what it is for ('' is something else).

    `whole` is whether it covers the project; `stem` whether it is only the start of what stands there; `beside` whether
    it belongs to a special job.
    """

    file: str
    job: str
    command: str
    words: tuple[str, ...]
    folder: str
    purpose: str
    whole: bool
    language: str
    stem: bool
    beside: bool


def lines_of(steps: Iterable[Step], tree: Tree) -> list[Line]:
    """The lines of these scripts that concern the project, in their order."""
    found: list[Line] = []
    is_here = cache(lambda folder: not folder or any(path.startswith(f"{folder}/") for path in tree.paths))
    for number, step in enumerate(steps):
        if number >= MOST_STEPS:
            break
        place = f"{step.file.rpartition('/')[2].rpartition('.')[0]} {step.job}".lower()
        beside = step.sometimes or bool(_BESIDE.search(place))
        for command in commands(step.script, step.folder):
            if is_here(command.folder):  # and not another project's that CI checks out beside it
                found += _line(step, command, beside, tree)
    return found


def run_readings(lines: list[Line]) -> Iterator[Reading]:
    """One `ci.run` reading for each line that differs from the others in more than flags."""
    groups: dict[tuple[str, tuple[str, ...]], list[Line]] = {}
    for line in lines:
        if not line.stem:
            kind = own_script(line.words)[:1] if not line.purpose else ()  # whatever a script is given, it is that script
            groups.setdefault((line.folder, kind or kind_of(line.words)), []).append(line)
    chosen: list[Line] = []
    alike: Counter[tuple[str, ...]] = Counter()
    # The whole project first, then what most jobs run; of one tool in one folder a few stand for all.
    for (folder, kind), group in sorted(
        groups.items(), key=lambda item: (item[0][0] != "", not item[1][0].whole, -len(item[1]), item[0])
    ):
        start = (folder, *kind[:2])
        alike[start] += 1
        if alike[start] <= MOST_ALIKE:
            chosen.append(_most_general(group))
    for line in chosen[:MOST_LINES]:
        slot = conditioned("ci.run", line.folder)
        # Made from the command, so that a removed line is seen as a key that is gone.
        key = f"run.{key_name(f'{line.folder} {line.command}'.strip())}"
        if slot:
            bodies = [line.folder] if line.folder else []
            yield from reading(line.file, key, slot, line.command, "CI runs {} in {}" if bodies else "CI runs {}", *bodies)


def command_readings(lines: list[Line], tree: Tree) -> Iterator[Reading]:
    """The command for each purpose, at the root and in each folder where CI has one that covers the whole of it."""
    languages = main_languages(tree.paths)
    places: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.purpose:
            places.setdefault((line.folder, line.purpose), []).append(line)
    tests_job = {folder: _chosen(found, languages) for (folder, purpose), found in places.items() if purpose == "tests"}
    for (folder, purpose), found in sorted(places.items()):
        beside = tests_job.get(folder) if purpose == "install" else None
        beside = None if beside and (beside.stem or beside.beside) else beside
        with_tests = [line for line in found if beside and (line.file, line.job) == (beside.file, beside.job)]
        one = _chosen(with_tests, languages) or _chosen(found, () if folder else languages)
        if one:
            key = key_name(f"{folder}/{purpose}.command".lstrip("/"))
            yield from purpose_reading(one.file, key, purpose, one.command, folder)


@lru_cache(maxsize=2)
def main_languages(paths: frozenset[str]) -> tuple[str, ...]:
    """The languages the project is written in, the foremost first: those with a manifest at the root before others."""
    counts = Counter(path[path.rfind(".") :] for path in project(paths).sources)
    languages: Counter[str] = Counter()
    for suffix, count in counts.items():
        languages[_SUFFIXES.get(suffix, "")] += count
    declared = {language for manifest, language in _MANIFESTS.items() if manifest in paths}
    order = sorted(languages, key=lambda language: (language not in declared, -languages[language], language))
    most = max(languages.values(), default=0)
    return tuple(language for language in order if languages[language] * _FOREIGN >= most)


def _line(step: Step, command: Command, beside: bool, tree: Tree) -> Iterator[Line]:
    command = _without_settings(command)
    use = use_of(command.words if command.computed < 0 else command.words[: command.computed])
    if use is None and command.computed < 0 and _is_own_script(command, tree.paths):
        yield from _shown(step, command, Use("", False, "", 0), beside)
    if use is None:
        return
    if not {*command.words[use.start :]} - {"make"} and not _make_builds(tree, command.folder):
        use = use._replace(purpose="")
    if command.computed < 0:
        yield from _shown(step, command, use, beside)
    if command.computed < 0 and use.whole:
        return
    # `pytest -m "$MARKS"` still says that the tests run with `pytest`, `ruff format --check` that `ruff format` formats.
    for written in filter(None, (_tests_stem(command, use), _formats(command, use))):
        shorter = use_of(written)
        if shorter and shorter.whole and shorter.purpose:
            yield from _shown(step, Command(written, written, -1, command.folder), shorter, beside, stem=True)


def _make_builds(tree: Tree, folder: str) -> bool:
    text = next((t for name in ("GNUmakefile", "makefile", "Makefile") if (t := tree.read(f"{folder}/{name}".lstrip("/")))), b"")
    goal = _GOAL.search(text.decode(errors="replace"))
    return goal is not None and goal[1] not in _NO_BUILDS


def _shown(step: Step, command: Command, use: Use, beside: bool, stem: bool = False) -> Iterator[Line]:
    text = command.text
    purpose = use.purpose if use.whole else ""
    beside = beside or any(word.startswith("+") for word in command.words[:3])  # one toolchain among several
    if len(text) <= LONGEST_VALUE and one_line(text) == text and not _UNTYPABLE & set(text):
        yield Line(step.file, step.job, text, command.words, command.folder, purpose, use.whole, use.language, stem, beside)


def _without_settings(command: Command) -> Command:
    """The command without what is set before it, where that is computed: `PATH=$HOME/bin:$PATH make test`."""
    at = next((n for n, word in enumerate(command.words) if not re.match(r"\w+=", word)), len(command.words))
    if not 0 <= command.computed < at:
        return command
    computed = next((n for n, word in enumerate(command.written[at:]) if "$" in word or "`" in word), -1)
    return Command(command.written[at:], command.words[at:], computed, command.folder)


def _formats(command: Command, use: Use) -> tuple[str, ...]:
    """A command that only looks whether code is formatted, without the option that says so."""
    if use.purpose != "format" or command.computed >= 0:
        return ()
    tool = command.words[use.start]
    operands = [word for word in command.words[use.start + 1 :] if not word.startswith("-")]
    # What a check of prettier names (`"docs/**/*.md"`) is seldom all that is formatted; of others it is.
    if tool not in ("ruff", "black", "cargo", "rustfmt", "gofmt", "gofumpt") and not (
        tool == "prettier" and operands in ([], ["."])
    ):
        return ()
    left = [word for word in command.written if word not in ("--check", "--diff", "--dry-run")]
    while left and left[-1] == "--":
        left.pop()
    if tool == "prettier" and "--write" not in left:
        left.insert(left.index("prettier") + 1, "--write")
    return tuple(left) if len(left) < len(command.written) or "--write" in left else ()


def _tests_stem(command: Command, use: Use) -> tuple[str, ...]:
    """A test command up to its first option or operand; none where that is not the whole of its tool."""
    tool = command.words[use.start :]
    if tool[0] in ("tox", "nox"):
        return _session_stem(command, use.start)
    if use.purpose != "tests" or tool[0] in RUNNERS or "/" in tool[0]:
        return ()
    end = use.start + {"cargo": 2, "go": 2, "bun": 2, "deno": 2}.get(tool[0], 1) + (tool[:2] == ("cargo", "nextest"))
    if 0 <= command.computed < end:
        return ()
    return (*command.written[:end], *(("./...",) if tool[0] == "go" else ()))


def _session_stem(command: Command, start: int) -> tuple[str, ...]:
    """`tox -e py${{ … }}` as `tox -e py`, which is the Python at hand; `nox -s tests-${{ … }}` as `nox -s tests`.

    Where the whole name is computed it may be anything, and plain `tox` runs what is meant to be run.
    """
    at = command.computed
    if at <= start or command.words[at - 1] not in ("-e", "-s", "-f", "--session"):
        return ()
    if command.words[start] == "tox" and (
        command.words[at - 1] == "-f" or re.fullmatch(r"\$\{\{[^}]*\}\}|\$\{?\w+\}?", command.words[at])
    ):
        return command.written[: start + 1]
    name = re.match(r"(py)(?=\$)|(tests?|unit)(?=-?\$)", command.words[at])
    if not name or not re.fullmatch(r"[\w-]*\$\{\{[^}]*\}\}|[\w-]*\$\{?\w+\}?", command.words[at]):
        return ()
    return (*command.written[:at], name[0])


def _is_own_script(command: Command, paths: frozenset[str]) -> bool:
    return any((f"{command.folder}/{path}" if command.folder else path) in paths for path in own_script(command.words))


def _most_general(group: list[Line]) -> Line:
    often = Counter(line.command for line in group)
    return min(group, key=lambda line: (line.beside, len(line.words), -often[line.command], line.command, line.file))


def _chosen(found: list[Line], languages: Sequence[str]) -> Line | None:
    """The line that stands for a purpose; None where every one is in a language that the project is not written in."""
    fitting = [line for line in found if not (languages and line.language and line.language not in languages)]
    often = Counter(kind_of(line.words)[:1] for line in fitting)
    plain = [_without_reports(line) for line in fitting]
    same = Counter(line.command for line in plain)

    def rank(line: Line) -> tuple[int, bool, bool, int, int, int, str, str]:
        return (
            languages.index(line.language) if languages and line.language else 0,
            line.beside,
            line.stem,
            -often[kind_of(line.words)[:1]],
            len(line.words),
            -same[line.command],
            line.command,
            line.file,
        )

    return min(plain, key=rank, default=None)


def _without_reports(line: Line) -> Line:
    """A test command without the options that only say how its run is reported."""
    if line.purpose != "tests":
        return line
    written = line.command.split(" ")
    kept: list[str] = []
    skip = False
    for number, word in enumerate(written):
        following = written[number + 1] if number + 1 < len(written) else "-"
        if skip:
            skip = False
        elif _REPORTS.fullmatch(word) and kept and not (word.startswith("-v") and "go" in kept[:3]):
            skip = word in _REPORTS_VALUE and not following.startswith("-")
        else:
            kept.append(word)
    return line._replace(command=" ".join(kept), words=tuple(kept))
