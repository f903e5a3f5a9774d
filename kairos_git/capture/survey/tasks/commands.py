"""What a command is for, and which commands a memory must never offer.

The one rule: when in doubt a command destroys or publishes something, it is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from kairos_git.capture.survey.reading import Reading, conditioned, reading, vocabulary

LONGEST_TASK = 10_000  # characters; what is longer cannot be judged and is not offered
MOST_PATTERNS = 100  # of names in one file; each of more is taken for all of them

# A purpose's slot is `<purpose>.command`: its sentence, and the task names that mean exactly it, the best first.
PURPOSES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "install": ("Dependencies are installed with {}", (
        "setup", "bootstrap", "install-dev", "dev-install", "install:dev", "setup-dev", "dev-setup", "setup:dev",
        "install-deps", "install-dependencies", "install-dev-deps", "sync", "install", "init", "deps", "build")),
    "tests": ("Tests run with {}", (
        "test", "tests", "test:all", "test-all", "test_all", "test:run", "test:ci", "test-ci", "run-tests", "unittest")),
    "one-test": ("A single test runs with {}", ("test:one", "test-one", "test:file", "test-file", "test:single", "test-single")),
    "e2e": ("End-to-end tests run with {}", ("test:e2e", "test-e2e", "test_e2e", "e2e", "e2e:test", "test:playwright")),
    "lint": ("Linting runs with {}", ("lint", "lint:check", "check:lint", "lint:all", "lint-all", "linters", "eslint")),
    "fix": ("Lint findings are fixed with {}", (
        "fix", "lint:fix", "lint-fix", "lint_fix", "fix:lint", "fix-lint", "lintfix", "fix:all", "autofix")),
    "format": ("Code is formatted with {}", (
        "format", "fmt", "prettify", "prettier", "format:fix", "format:write", "format:all", "format-all", "reformat",
        "pretty")),
    "types": ("Types are checked with {}", (
        "typecheck", "type-check", "type_check", "check-types", "check:types", "check:type", "types:check", "check-type",
        "type:check", "lint:types", "types", "typing", "mypy", "pyright", "tsc", "check")),
    "check": ("Checks run with {}", (
        "check", "checks", "check:all", "check-all", "validate", "verify", "preflight", "all-checks", "ci")),
    "build": ("The build runs with {}", ("build", "compile", "build:all", "build-all")),
    "dev": ("Development runs with {}", ("dev", "start:dev", "dev:server", "dev-server", "develop", "devserver", "run-dev")),
    "docs": ("The documentation is built or served with {}", (
        "docs", "docs:build", "build:docs", "docs-build", "build-docs", "doc", "docs:dev", "docs:serve", "docs-serve")),
    "generate": ("Generated code is made with {}", ("generate", "gen", "codegen", "generate:all", "gen:all", "generate-code")),
}  # fmt: skip
# What CI's words are matched with: the purposes of what checks, each name with one of them.
PURPOSE_OF = {
    name: purpose for purpose in ("types", "tests", "lint", "format", "build") for name in PURPOSES[purpose][1] if name != "check"
}
# What stands for a purpose only where nothing of the whole project does.
PARTS_OF_TESTS = ("test:unit", "test-unit", "unit-test", "unit-tests", "unit")

# A task that waits for changes never ends; vitest and CRA do so only at a terminal.
_WATCHES = re.compile(
    r"--watch(?:All)?\b(?!=false)|(?:^|[\s;&|])(?:watch|watchexec|entr|nodemon|chokidar|tsx watch)(?=\s|$)|\btsc\b[^;&|]{0,300}\s-w\b"
    r"|\bng test\b(?![^;&|]{0,300}--watch[= ]false)|\bkarma start\b(?![^;&|]{0,300}--single-run)"
)
_MAY_WATCH = re.compile(
    r"(?:^|[\s;&|])(?:vitest|react-scripts test)(?=$|[\s;&|\"'])(?![^;&|\n]{0,300}(?:\brun\b|--no-watch|--watch[= ]false|\b(?:list|bench)\b))"
)
_ONE_PART = re.compile(
    r"(?:^|\s)(?:--filter|-F|--workspace|-w|--prefix|--cwd|-C|--dir)[= ]['\"]?(?![^\s]*[*{!])|^[ \t]*cd[ \t]+\S+[ \t]*&&[^&;]*$",
    re.MULTILINE,
)
_INSTALLS = re.compile(
    r"\b(?:(?:npm|pnpm|yarn|bun|bundle|composer|poetry|pdm|pipenv|mix deps\.get|pod)\s+(?:install|ci|i)\b|uv\s+(?:sync|pip\s+install)"
    r"|pip3?\s+install|(?:^|[;&|\s])yarn\s*$|go\s+mod\s+download|cargo\s+fetch|pixi\s+install|rustup\s+(?:component|target)\s+add)",
    re.MULTILINE,
)
_ONLY_CHECKS = re.compile(r"(?:^|\s)(?:--check|--diff|--list-different|--dry-run|-l|-c)(?=$|\s)")
_WRITES = re.compile(r"(?:^|\s)(?:--write|-w|--fix|-i|--in-place)(?=$|\s)")
_CHECKS_TYPES = re.compile(
    r"\s*(?:[A-Z_]+=\S+\s+)*(?:npx\s+|bunx\s+|uv run\s+)?(?:tsc|vue-tsc|svelte-check|mypy|pyright|basedpyright|ty check)\b[^;&|\n]*"
)

# Words of a task's name. The first kind reaches beyond the checkout or rewrites what is kept; the second only tidies,
# so that a build which calls `clean` is judged by what that removes.
_OUTWARD = re.compile(
    r"(?:pre|post|un|re)?(?:release|publish|push|deploy|upload|ship|rollback|version|bump|tag|promote|submit"
    r"|destroy|delete|drop|remove|rm|wipe|nuke|reset|prune|uninstall|truncate|record|rerecord|deprecate|yank)(?:s|d|ed|er|ing)?"
)
_TIDY = re.compile(r"(?:dist|very|real|mr|mostly|maintainer)?(?:clean|proper)(?:all|up|ed|er)?|clobber|purge|teardown")

_LOOKS = vocabulary("check verify validate show print list lint assert ensure")
_LOOKED_AT = vocabulary("version versions release tag tags publish bump")

_REACHES_OUT = re.compile(
    r"\bgit\s+(?:-\S+\s+(?:[^-\s]\S*\s+)?){0,5}(?:push|tag|clean|reset\s+--hard|commit|branch\s+-D|checkout\s+--)(?![\w-])"
    r"|\b(?:npm|pnpm|yarn|bun|cargo|poetry|uv|flit|hatch|pdm|lerna|changeset|jsr|vsce|ovsx)\s+"
    r"(?:npm\s+|run\s+)?(?:publish|version|unpublish|deprecate)\b"
    r"|\btwine\s+upload\b|\b(?:gh|glab)\s+(?:release|pr|workflow|api)\b"
    r"|\bdocker\s+(?:image\s+)?push\b|\bdocker\b.{0,200}\b(?:prune|down\s.{0,80}-v)\b|--push\b"
    # Programs, where a program's name stands; a folder of the same name under tests/ is harmless.
    r"|(?:^|[\s;&|('\"])(?:sudo|ssh|scp|rsync|kubectl|terraform|pulumi|helm|ansible[\w-]*|aws|gcloud|gsutil|az|heroku|deploy"
    r"|gh-deploy|gh-pages|semantic-release|release-it|goreleaser|standard-version|np|bump2version|bumpversion"
    r"|bump-my-version|tbump|vercel|netlify|wrangler|flyctl|surge|dropdb|shred|mkfs[\w.]*|unlink|rmdir)(?=$|[\s;&|)'\"])"
    r"|\bdrop\s+(?:table|database|schema)\b|\btruncate\s|\bdd\s+if=|-delete\b|\brmtree\b|\brmSync\b"
    r"|\b(?:curl|wget)\b[^\n]{0,300}\|\s*\w*sh\b"
    r"|\b(?:delete|remove|wipe|destroy|purge)_\w+\s*\(",
    re.IGNORECASE | re.MULTILINE,
)
_REMOVES = re.compile(r"(?:(?<![\w-])(?:rm|rimraf|del-cli|del|trash)|\$[({]RM[)}])[ \t]+([^;&|\n]*)")
_WRITES_FILE = re.compile(r"(?:>|\s-o|-coverprofile|--output|--out)[= \t]?[ \t]?([\w-]+\.[\w.-]+)(?=[\s;&|)]|$)")
# What a build makes anew anyway: a task that removes only these is harmless.
_GENERATED = vocabulary(
    "dist build out lib es esm cjs types site _site _build public/build docs/_build htmlcov coverage coverage.xml "
    ".coverage target tmp .cache .next .nuxt .turbo .parcel-cache .tsbuildinfo tsconfig.tsbuildinfo .pytest_cache "
    ".mypy_cache .ruff_cache .hypothesis .nyc_output *.egg-info *.tsbuildinfo __pycache__ *.o *.a *.so *.pyc"
)


def calls(bodies: Mapping[str, str]) -> dict[str, set[str]]:
    """Which tasks of one file each of them may call: every word of its body that is a name.

    A pattern of names (`run-p "lint:*"`) is called like a task, and itself calls those that it matches.
    """
    found: dict[str, set[str]] = {}
    patterns: set[str] = set()
    for name, body in bodies.items():
        words = set(re.split(r"[\s;&|'\"()]+", body[:LONGEST_TASK]))
        globs = {word for word in words if word.endswith("*") and re.fullmatch(r"[\w.:-]+[:-]\*+", word)}
        found[name] = (bodies.keys() & words) | globs
        patterns |= globs
    for pattern in sorted(patterns):
        start = pattern.rstrip("*") if len(patterns) <= MOST_PATTERNS else ""
        found[pattern] = {name for name in bodies if name.startswith(start)}
    return found


def offered(bodies: Mapping[str, str], called: Mapping[str, Collection[str]] | None = None) -> list[str]:
    """The tasks of one file that may be offered, sorted. `bodies`: name -> what it runs and which tasks it calls.

    `called` are the names each calls, for a file that says so; by default every name in its body.
    """
    first = [name for name in bodies if _words(_OUTWARD, name) or body_is_harmful(bodies[name])]
    harmful = _with_callers(first, calls(bodies) if called is None else called)
    return sorted(name for name in bodies if name not in harmful and not _words(_TIDY, name))


def _with_callers(first: Iterable[str], called: Mapping[str, Collection[str]]) -> set[str]:
    """These tasks and whatever calls one of them, however indirectly."""
    callers: dict[str, list[str]] = {}
    for name, others in called.items():
        for other in others:
            callers.setdefault(other, []).append(name)
    reached: set[str] = set()
    waiting = list(first)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(callers.get(name, ()))
    return reached


def name_is_harmful(name: str) -> bool:
    """Whether a task's name says that it publishes, destroys or cleans."""
    return _words(_OUTWARD, name) or _words(_TIDY, name)


def body_is_harmful(body: str) -> bool:
    """Whether what a task runs reaches beyond the checkout, or removes more than what a build makes."""
    if len(body) > LONGEST_TASK or _REACHES_OUT.search(body):
        return True
    removed = [word for found in _REMOVES.finditer(body) for word in found[1].split() if not word.startswith("-")]
    own = set(_WRITES_FILE.findall(body))  # what it wrote itself, such as the log it looks into
    return any(word.strip("'\"").removeprefix("./").rstrip("/*") not in _GENERATED and word not in own for word in removed)


def purpose_tasks(
    bodies: Mapping[str, str], called: Mapping[str, Collection[str]] | None = None, among: Collection[str] | None = None
) -> dict[str, str]:
    """The task that serves each purpose best: purpose -> name. `bodies` and `called` as for `offered`; '' is unknown.

    Only tasks `among` are chosen, by default all of them; the others count where one of those calls them.
    """
    known = calls(bodies) if called is None else called
    watching = _with_callers((n for n in bodies if re.search(r"\bwatch\b", n) or watches(bodies[n])), known)
    names_of = bodies.keys() if among is None else among
    chosen: dict[str, str] = {}
    for purpose, (_, names) in PURPOSES.items():
        found = [
            name
            for name in (*names, *(PARTS_OF_TESTS if purpose == "tests" else ()))
            if name in names_of and _serves(purpose, name, bodies[name])
        ]
        if purpose not in ("dev", "docs", "one-test"):
            found = [name for name in found if name not in watching]
        if found:
            # `sorted` is stable: among equals, the order of the names decides.
            chosen[purpose] = sorted(found, key=lambda name: covers_one_part(bodies[name]) or may_watch(bodies[name]))[0]
    if chosen.get("check") == chosen.get("types"):
        chosen.pop("check", None)
    return chosen


def may_watch(body: str) -> bool:
    """Whether a task waits for changes when it is started at a terminal."""
    return bool(_MAY_WATCH.search(body[:LONGEST_TASK]))


def watches(body: str) -> bool:
    """Whether a task waits for changes wherever it is started."""
    return bool(_WATCHES.search(body[:LONGEST_TASK]))


def covers_one_part(body: str) -> bool:
    """Whether a task works in one folder or package of the project only."""
    return bool(_ONE_PART.search(body[:LONGEST_TASK])) and not re.search(r"&&|;", body.partition("&&")[2])


def _serves(purpose: str, name: str, body: str) -> bool:
    """Whether a task does what its name may mean: `install` may install the program, `build` the dependencies only."""
    body = body[:LONGEST_TASK]
    only = len(re.split(r"&&|;|\n", body.strip())) == 1
    if purpose == "install":
        means_it = name not in ("install", "init", "deps", "build", "sync")
        return means_it or (bool(_INSTALLS.search(body)) and (name != "build" or only))
    if purpose == "build":
        return not (only and _INSTALLS.search(body))
    if purpose == "format":
        return not _ONLY_CHECKS.search(body) or bool(_WRITES.search(body))
    if purpose == "types":
        return name != "check" or bool(_CHECKS_TYPES.fullmatch(body))
    return True


def purpose_readings(
    file: str, tasks: Mapping[str, tuple[str, str]], bodies: Mapping[str, str] | None = None, part: str = ""
) -> Iterator[Reading]:
    """The `<purpose>.command` readings of a task file. `tasks`: name -> (key, what to type); `bodies`: what they run."""
    known = {name: (bodies or {}).get(name, "") for name in tasks}
    for purpose, name in purpose_tasks(known).items():
        key, command = tasks[name]
        yield from purpose_reading(file, f"{key}+{purpose}.command", purpose, command, part)


def purpose_reading(file: str, key: str, purpose: str, command: str, part: str = "") -> Iterator[Reading]:
    """One `<purpose>.command` reading, for the project or for one part of it."""
    sentence, _ = PURPOSES[purpose]
    slot = conditioned(f"{purpose}.command", part)
    if slot:
        yield from reading(file, key, slot, command, f"{sentence} in {{}}" if part else sentence, *([part] if part else []))


def _words(kind: re.Pattern[str], name: str) -> bool:
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name[:LONGEST_TASK])
    words = [word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word]
    if words and words[0] in _LOOKS:  # `check-linter-version` only looks; its body is judged all the same
        words = [word for word in words if word not in _LOOKED_AT]
    return any(kind.fullmatch(word) for word in words)
