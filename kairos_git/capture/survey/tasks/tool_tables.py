"""What is known of the tools that projects are checked with: names, sub-commands, languages, and what may stand before.

The one rule: only what is true of a tool wherever it is used stands here.
"""

from __future__ import annotations

from kairos_git.capture.survey.reading import vocabulary

# What stands before the tool itself; the longer ones first.
STARTERS = [
    words.split()
    for words in (
        "uv run", "uv tool run", "poetry run", "pdm run", "hatch run", "pipenv run", "rye run", "pixi run", "pipx run",
        "uvx", "npx",
        "bunx", "pnpm exec", "pnpm dlx", "yarn exec", "yarn dlx", "npm exec", "bundle exec", "coverage run -m", "coverage run",
        "mise exec --", "mise x --", "python", "python3", "py", "xvfb-run", "time", "env", "command", "exec", "bash",
        "sh", "node", "tsx",
        "cross-env", "direnv exec .", "nix develop --command", "nix develop -c",
    )
]  # fmt: skip
TAKE_VALUE = vocabulary(
    "--group --extra --with --python -p --package --only-group --no-group --env-file --from --spec --env -n --require -r "
    "--server-args -e --directory --project --import -W -X"
)

SUBCOMMANDS: dict[str, dict[str, str]] = {
    "ruff": {"check": "lint", "format": "format"},
    "cargo": {"test": "tests", "nextest": "tests", "llvm-cov": "tests", "clippy": "lint", "fmt": "format", "build": "build",
              "doc": "docs", "fetch": "install"},
    "go": {"test": "tests", "vet": "lint", "build": "build", "generate": "generate", "fmt": "format",
           "run": "", "mod": "", "tool": ""},
    "deno": {"test": "tests", "lint": "lint", "fmt": "format", "check": "types", "task": "", "install": "install"},
    "dotnet": {"test": "tests", "build": "build", "format": "format", "restore": "install"},
    "swift": {"test": "tests", "build": "build"},
    "zig": {"build": "build", "test": "tests"},
    "uv": {"build": "build", "sync": "install", "lock": "", "check": "types"},
    "poetry": {"build": "build", "check": "", "install": "install", "sync": "install"},
    "hatch": {"build": "build", "test": "tests", "fmt": "format"},
    "pdm": {"build": "build", "install": "install", "sync": "install"},
    "pipenv": {"install": "install", "sync": "install"},
    "pixi": {"install": "install"},
    "flit": {"build": "build"},
    "rye": {"sync": "install", "test": "tests", "lint": "lint", "fmt": "format"},
    "conda": {}, "mamba": {},
    "pip": {"check": ""},
    "pre-commit": {"run": "lint"}, "prek": {"run": "lint"},
    "golangci-lint": {"run": "lint", "fmt": "format"},
    "biome": {"check": "lint", "lint": "lint", "ci": "lint", "format": "format"},
    "vp": {"check": "check", "lint": "lint", "test": "tests", "fmt": "format", "build": "build", "install": "install"},
    "oxlint": {}, "oxfmt": {},
    "playwright": {"test": "e2e", "install": "", "install-deps": ""},
    "cypress": {"run": "e2e", "install": ""},
    "bun": {"test": "tests"},
    "vite": {"build": "build"}, "next": {"build": "build", "lint": "lint"}, "astro": {"check": "types", "build": "build"},
    "ng": {"test": "tests", "build": "build", "lint": "lint", "e2e": "e2e"},
    "mkdocs": {"build": "docs"}, "zensical": {"build": "docs"},
    "coverage": {"report": ""},
    "nx": {"run-many": "", "affected": ""}, "lerna": {"run": "", "bootstrap": "install"}, "moon": {"ci": "", "run": ""},
    "mix": {"test": "tests", "format": "format", "compile": "build", "deps.get": "install", "credo": "lint", "dialyzer": "types"},
    "rails": {"test": "tests"}, "bin/rails": {"test": "tests"},
    "bundle": {"install": "install"}, "composer": {"install": "install", "validate": ""},
    "cabal": {"test": "tests", "build": "build"}, "stack": {"test": "tests", "build": "build"},
    "dune": {"build": "build", "runtest": "tests", "test": "tests"}, "opam": {},
    "sbt": {"test": "tests", "compile": "build"}, "lein": {"test": "tests"},
    "gleam": {"test": "tests", "format": "format", "build": "build"},
    "bazel": {"test": "tests", "build": "build"}, "bazelisk": {"test": "tests", "build": "build"},
    "meson": {"test": "tests", "compile": "build", "setup": ""}, "ninja": {"test": "tests"},
    "flutter": {"test": "tests", "analyze": "lint", "pub": "install"},
    "dart": {"test": "tests", "analyze": "lint", "format": "format", "pub": "install"},
    "helm": {"lint": "lint"}, "buf": {"lint": "lint", "generate": "generate", "breaking": ""},
    "typos": {}, "cmake": {},
}  # fmt: skip
# Sub-commands of cargo that set a machine up or publish; every other one is cargo's own, or the project's alias.
NOT_CARGO = vocabulary(
    "install binstall uninstall update metadata publish login logout owner yank search package version help new init add "
    "remove clean "
    "bloat tree dist release workspaces cross zigbuild lipo config vendor cache codspeed"
)
TOOLS = {
    tool: purpose
    for purpose, tools in {
        "tests": "pytest py.test jest vitest mocha ava tape jasmine karma phpunit vendor/bin/phpunit pest "
                 "vendor/bin/pest rspec ctest "
                 "gotestsum stestr trial behave unittest bats c8 nyc tap borp ./runtests.py runtests.py prove",
        "lint": "flake8 pylint eslint stylelint xo standard oxlint rubocop tflint staticcheck golint ktlint swiftlint",
        "format": "black prettier gofmt gofumpt rustfmt oxfmt",
        "types": "mypy pyright basedpyright ty pyrefly pytype tsc vue-tsc svelte-check zuban",
        "build": "build tsup rollup webpack tsdown esbuild",
        "docs": "sphinx-build",
        "": "isort shellcheck yamllint codespell actionlint hadolint markdownlint markdownlint-cli2 interrogate vulture cspell "
            "bandit typos tsd knip attw publint doctest lychee slotscheck deptry zizmor govulncheck taplo dprint "
            "check-jsonschema "
            "lint-imports semgrep refurb pydocstyle doc8 djlint sqlfluff reuse shfmt size-limit pip-audit check-manifest twine",
    }.items()
    for tool in tools.split()
}  # fmt: skip
RUNNERS = vocabulary(
    "make gmake just task mage poe invoke inv rake gradle ./gradlew mvn ./mvnw npm pnpm yarn bun doit mise composer turbo"
)
# Names of tasks that set a checkout up, and the first words of those that only fetch or configure something.
SETS_UP = vocabulary(
    "setup bootstrap install-dev dev-install install:dev setup-dev dev-setup setup:dev install-deps install-dependencies "
    "install-dev-deps "
    "deps dev-deps"
)
PREPARES = vocabulary(
    "install setup deps dependencies bootstrap init configure prepare get fetch download clone free cleanup print show"
)
LANGUAGES = {
    tool: language
    for language, tools in {
        "python": "pytest py.test tox nox stestr trial behave unittest flake8 pylint black mypy pyright basedpyright ty pyrefly "
                  "pytype build "
                  "ruff uv poetry hatch pdm pipenv pip pip3 flit rye poe isort bandit mkdocs sphinx-build coverage",
        "javascript": "jest vitest mocha ava tape jasmine karma c8 nyc tap borp eslint stylelint xo standard oxlint prettier oxfmt "
                      "tsc vue-tsc svelte-check tsup rollup webpack tsdown esbuild npm pnpm yarn bun deno playwright cypress biome "
                      "vite next astro ng nx "
                      "lerna turbo vp tsd knip",
        "rust": "cargo rustfmt",
        "go": "go gofmt gofumpt golangci-lint gotestsum staticcheck golint govulncheck",
        "ruby": "rake rspec rubocop rails bin/rails bundle",
        "php": "phpunit vendor/bin/phpunit pest composer",
    }.items()
    for tool in tools.split()
}  # fmt: skip
