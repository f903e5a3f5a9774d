"""What kind of sentence it is: an event, a rule of the house, an order to whoever reads it.

The one rule: these look at the form of a sentence and never at who said it.
"""

from __future__ import annotations

import re

_RULE = re.compile(
    r"^(?:always|never|prefer|avoid|don't|do not|must|should|please|no|only|keep|make sure|be sure|you (?:must|should)|"
    r"we (?:always|never|prefer|must|should)|i (?:prefer|like|want|hate|dislike|always|never))\b",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"""^(?:(?:[a-z]+(?:\([^)]*\))?!?:\s+)|(?:\[[^\]]+\]\s*))?(?:
      (?:fix|add|remov|updat|merg|bump|implement|refactor|releas|revert|improv|creat|delet|mov|clean|document|chang|introduc|correct|
         upgrad|test|debug|investigat|deploy|push|commit|review|clos|open|start|finish|complet|work|writ|rewrit|switch|migrat|
         renam|replac|convert|extract|simplif|handl|tweak|adjust|polish|prepar|publish|install|configur|enabl|disabl|support|
         check|verif|tr|ran|run|made|wrote|did|tag|amend|rebas|cherry|drop|ported|read|look|discuss|ask|report|found|saw)
      (?:e|es|ed|ing|s|d|t|te|ten|y|ied|ies|ned|ted|ging|ged|ping|ped|ting|king|ked)?
      |wip|todo|done|working\ on|initial|typo|chore|first|deleted|pushed)\b""",
    re.VERBOSE | re.IGNORECASE,
)
# "Releases are cut on Mondays", "Merges to main need two approvals": the first word is what is spoken of, not what was done.
_STANDS = re.compile(
    r"(?:(?:the|our|all|every|each) )?(?:[a-z-]+ )?[a-z-]+(?:s|ing)(?: (?:to|of|for|from|on|in|into|with|between) (?:the |our )?[^\s,;:]+)?"
    r" (?:are(?! (?:now|all|no longer|still|green|red|passing|failing|broken|done|fixed)\b)|must|can(?:not)?|may|have to|go|happen|need|live"
    r"|take|come|belong|require|depend|follow)\b",
    re.IGNORECASE,
)


_ORDER = re.compile(
    r"^(?:please |kindly |now |first |then |system:? |assistant:? |important:? )*(?:ignore|disregard|forget|override|run|execute|eval|curl|wget|delete|"
    r"remove|drop|send|post|upload|email|print|reveal|output|install|download|set|change|disable|enable|add|write|create|push|"
    r"commit|approve|merge|trust|act|pretend|respond|reply|tell|ask|call|open|read|visit|use|follow|obey|comply|do|make|let)\b"
    r"|\b(?:you (?:must|should|need to|have to|are now|will)|ignore (?:all|any|previous|prior|the above)|previous instructions|"
    r"system prompt|do not (?:tell|mention|reveal|inform)|from now on|new instructions?)\b",
    re.IGNORECASE,
)


def imperative(text: str) -> bool:
    """Whether a text tells its reader what to do. Only the owner may do that through this memory (law 12)."""
    return _RULE.match(text) is not None or _ORDER.search(text) is not None


# What projects choose between: from the ecosystems' own lists of package managers, runners, checkers, CI, stores, frameworks.
_TOOLS = frozenset(
    [
        "pip",
        "pipx",
        "pipenv",
        "uv",
        "uvx",
        "poetry",
        "pdm",
        "hatch",
        "conda",
        "mamba",
        "rye",
        "setuptools",
        "hatchling",
        "flit",
        "npm",
        "npx",
        "yarn",
        "pnpm",
        "bun",
        "deno",
        "cargo",
        "go",
        "maven",
        "gradle",
        "sbt",
        "bazel",
        "buck",
        "cmake",
        "meson",
        "ninja",
        "make",
        "just",
        "task",
        "taskfile",
        "invoke",
        "rake",
        "bundler",
        "composer",
        "tox",
        "nox",
        "pytest",
        "unittest",
        "nose",
        "nose2",
        "jest",
        "vitest",
        "mocha",
        "ava",
        "jasmine",
        "karma",
        "cypress",
        "playwright",
        "selenium",
        "ruff",
        "black",
        "flake8",
        "isort",
        "pylint",
        "autopep8",
        "yapf",
        "bandit",
        "mypy",
        "pyright",
        "pyre",
        "ty",
        "eslint",
        "tslint",
        "biome",
        "oxlint",
        "prettier",
        "dprint",
        "standard",
        "stylelint",
        "rubocop",
        "clippy",
        "rustfmt",
        "gofmt",
        "golangci-lint",
        "webpack",
        "vite",
        "rollup",
        "esbuild",
        "parcel",
        "turbopack",
        "swc",
        "babel",
        "tsc",
        "travis",
        "travis-ci",
        "circleci",
        "github-actions",
        "gitlab-ci",
        "jenkins",
        "azure-pipelines",
        "appveyor",
        "buildkite",
        "pre-commit",
        "husky",
        "lefthook",
        "lerna",
        "nx",
        "turborepo",
        "changesets",
        "docker",
        "podman",
        "kubernetes",
        "helm",
        "terraform",
        "ansible",
        "vagrant",
        "postgres",
        "postgresql",
        "mysql",
        "mariadb",
        "sqlite",
        "redis",
        "memcached",
        "mongodb",
        "elasticsearch",
        "kafka",
        "rabbitmq",
        "django",
        "flask",
        "fastapi",
        "starlette",
        "express",
        "koa",
        "fastify",
        "react",
        "vue",
        "svelte",
        "angular",
        "solid",
        "next",
        "nuxt",
        "rails",
        "sinatra",
        "spring",
        "requests",
        "httpx",
        "aiohttp",
        "urllib3",
        "sqlalchemy",
        "pydantic",
        "marshmallow",
        "attrs",
        "typescript",
        "javascript",
        "coffeescript",
        "python2",
        "python3",
        "sphinx",
        "mkdocs",
        "docusaurus",
        "vitepress",
        "dependabot",
        "renovate",
        "bors",
        "mergify",
        "codecov",
        "coveralls",
    ]
)


def is_tool(name: str) -> bool:
    """Whether a name is one that projects choose between, so that "use X instead of Y" tells of a choice and not of code."""
    return name.casefold().removesuffix(".js") in _TOOLS


def is_rule(text: str) -> bool:
    """Whether a sentence says how things shall always be: "always", "never", "prefer", "must"."""
    return _RULE.match(text) is not None


def is_event(text: str) -> bool:
    """Whether a sentence tells of something done or to be done once: "Fix typo", "Merged #42"."""
    return _EVENT.match(text) is not None and _STANDS.match(text) is None
