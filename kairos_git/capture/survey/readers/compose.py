"""Docker Compose: the services that development or the tests need, and how they are started."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.formats.documents import read_yaml, string, table
from kairos_git.capture.survey.reading import CI, Reader, Reading, Tree, reading, slot_names
from kairos_git.errors import Problem

_DEFAULTS = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_SPECIAL = re.compile(r"(?:docker/)?(?:docker-)?compose[.-](dev|development|test|tests|testing|local|ci)\.ya?ml")
MOST_FILES = 3
MOST_SERVICES = 10


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    default = next((path for path in _DEFAULTS if path in tree.paths), "")
    special = sorted(path for path in tree.paths if _SPECIAL.fullmatch(path))
    slots = slot_names(special)
    for file in [*filter(None, (default,)), *special][:MOST_FILES]:
        document = read_yaml(tree, file)
        if isinstance(document, Problem):
            yield document
            continue
        services = [
            _service(name, service) for name, service in table(document, "services").items() if re.fullmatch(r"[\w.-]+", name)
        ]
        command = "docker compose up -d" if file == default else f"docker compose -f {file} up -d"
        slot = "dev.compose" if file == default else f"dev.compose.{slots[file]}"
        if services:
            text = "{} starts the services {}"
            yield from reading(file, "services", slot, command, text, ", ".join(services[:MOST_SERVICES]))


def _service(name: str, service: object) -> str:
    """A service with its image, where that is not its own name: `db (postgres:16)`."""
    image = string(service if isinstance(service, dict) else {}, "image").rpartition("/")[2]
    return f"{name} ({image})" if image and "$" not in image and image.partition(":")[0] != name else name


READER = Reader("compose", _read, CI)
