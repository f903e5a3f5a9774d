"""The files at the root that configure tools or are run by them: where a setting is looked for, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, listed
from kairos_git.errors import Problem

_CONFIGURES = re.compile(
    r"\.?[\w-]+(?:\.[\w-]+)?\.(?:toml|ya?ml|cfg|ini|pkl|nix|kdl)|[\w-]+\.config\.[cm]?[jt]s|\.?(?:biome|tsconfig|turbo|nx|lerna|renovate|deno|jest|babel)\.jsonc?"
    r"|(?:build\.rs|conftest\.py|noxfile\.py|setup\.py|tasks\.py|gulpfile\.[jt]s|Dockerfile|Procfile|Vagrantfile|Tiltfile|Earthfile|Brewfile)"
)
# Read by readers of their own, or of no use to whoever changes the code.
_NO_NEED = re.compile(
    r"(?:pyproject|Cargo|taskfile|mise)\.toml|(?:[\w-]+[-.])?lock\.ya?ml|\.lock|pnpm-workspace\.yaml|pnpm-lock\.yaml|Taskfile\.ya?ml|\.?(?:codecov|coveralls|"
    r"dependabot|renovate|stale|mergify|fossa|whitesource|pyup|gitpod|readthedocs|coderabbit|pr_agent|cirrus|appveyor|travis)\b.*|greptile\.json|\.pre-commit-hooks\.yaml|.*\.local\..*",
    re.IGNORECASE,
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    found = sorted(
        path for path in tree.paths if "/" not in path and _CONFIGURES.fullmatch(path) and not _NO_NEED.fullmatch(path)
    )
    verbs = "configures or runs" if len(found) == 1 else "configure or run"
    yield from listed(".", "configuration", "layout.configuration", found, f"{{}} at the root {verbs} the project's tools")


READER = Reader("configuration", _read, MANIFEST)
