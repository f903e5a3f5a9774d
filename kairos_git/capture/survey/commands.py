"""What a command is for, and which commands a memory must never offer.

The one rule: when in doubt a command destroys or publishes something, it is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kairos_git.capture.survey.reading import Reading, reading, vocabulary

LONGEST_TASK = 10_000  # characters; what is longer cannot be judged and is not offered

# A purpose's slot is `<purpose>.command`: its sentence, and the task names that mean exactly it, the best first.
PURPOSES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "tests": ("Tests run with {}", ("test", "tests")),
    "lint": ("Linting runs with {}", ("lint",)),
    "format": ("Code is formatted with {}", ("format", "fmt")),
    "types": ("Types are checked with {}", ("typecheck", "type-check", "check-types", "types", "typing", "mypy")),
    "build": ("The build runs with {}", ("build",)),
}  # fmt: skip
PURPOSE_OF = {name: purpose for purpose, (_, names) in PURPOSES.items() for name in names}

# Words of a task's name. The first kind reaches beyond the checkout or rewrites what is kept; the second only tidies,
# so that a build which calls `clean` is judged by what that removes.
_OUTWARD = re.compile(
    r"(?:pre|post|un|re)?(?:release|publish|push|deploy|upload|ship|rollback|version|bump|tag|promote|submit"
    r"|destroy|delete|drop|remove|rm|wipe|nuke|reset|prune|uninstall|truncate|record|rerecord)(?:s|d|ed|er|ing)?"
)
_TIDY = re.compile(r"(?:dist|very|real|mr|mostly|maintainer)?(?:clean|proper)(?:all|up|ed|er)?|clobber|purge|teardown")

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
    r"|\b(?:curl|wget)\b[^\n]{0,300}\|\s*\w*sh\b",
    re.IGNORECASE | re.MULTILINE,
)
_REMOVES = re.compile(r"(?:(?<![\w-])(?:rm|rimraf|del-cli|del|trash)|\$[({]RM[)}])[ \t]+([^;&|\n]*)")
# What a build makes anew anyway: a task that removes only these is harmless.
_GENERATED = vocabulary(
    "dist build out lib es esm cjs types site _site _build public/build docs/_build htmlcov coverage coverage.xml "
    ".coverage target tmp .cache .next .nuxt .turbo .parcel-cache .tsbuildinfo tsconfig.tsbuildinfo .pytest_cache "
    ".mypy_cache .ruff_cache .hypothesis .nyc_output *.egg-info *.tsbuildinfo __pycache__"
)


def offered(bodies: Mapping[str, str]) -> list[str]:
    """The tasks of one file that may be offered, sorted. `bodies`: name -> what it runs and which tasks it calls."""
    callers: dict[str, set[str]] = {name: set() for name in bodies}
    for name, body in bodies.items():
        for called in callers.keys() & set(re.split(r"[\s;&|'\"()]+", body[:LONGEST_TASK])):
            callers[called].add(name)
    harmful: set[str] = set()
    found = [name for name in bodies if _words(_OUTWARD, name) or body_is_harmful(bodies[name])]
    while found:  # whatever calls a harmful task is one
        name = found.pop()
        if name not in harmful:
            harmful.add(name)
            found.extend(callers[name])
    return sorted(name for name in bodies if name not in harmful and not _words(_TIDY, name))


def name_is_harmful(name: str) -> bool:
    """Whether a task's name says that it publishes, destroys or cleans."""
    return _words(_OUTWARD, name) or _words(_TIDY, name)


def body_is_harmful(body: str) -> bool:
    """Whether what a task runs reaches beyond the checkout, or removes more than what a build makes."""
    if len(body) > LONGEST_TASK or _REACHES_OUT.search(body):
        return True
    removed = [word for found in _REMOVES.finditer(body) for word in found[1].split() if not word.startswith("-")]
    return any(word.strip("'\"").removeprefix("./").rstrip("/*") not in _GENERATED for word in removed)


def purpose_readings(file: str, tasks: Mapping[str, tuple[str, str]]) -> Iterator[Reading]:
    """The root's `<purpose>.command` readings of a task file. `tasks`: name -> (key, what to type)."""
    for purpose, (sentence, names) in PURPOSES.items():
        for name in names:
            if name in tasks:
                key, command = tasks[name]
                yield from reading(file, f"{key}+{purpose}.command", f"{purpose}.command", command, sentence)
                break


def _words(kind: re.Pattern[str], name: str) -> bool:
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name[:LONGEST_TASK])
    return any(kind.fullmatch(word) for word in re.split(r"[^a-z0-9]+", parted.lower()))
