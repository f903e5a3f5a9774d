"""Docker Compose."""

from __future__ import annotations

import pytest
from surveyed import read_by

DB = "services:\n  db: {image: 'postgres:17'}\n  redis: {image: 'redis:7'}\n  web: {build: .}\n"


@pytest.mark.parametrize(
    ("files", "texts"),
    [
        ({"compose.yaml": DB}, ["`docker compose up -d` starts the services `db (postgres:17), redis, web`"]),
        (
            {"docker-compose.test.yml": DB},
            ["`docker compose -f docker-compose.test.yml up -d` starts the services `db (postgres:17), redis, web`"],
        ),
        ({"compose.yml": "services: {a: {image: 'x/${EVIL}'}, 'b c': 3}"}, ["`docker compose up -d` starts the services `a`"]),
        ({"compose.yml": "services: 3"}, []),
        ({"docker-compose.prod.yml": DB, "examples/compose.yml": DB}, []),
    ],
)
def test_services_for_development_and_tests_are_named(files: dict[str, str], texts: list[str]) -> None:
    """With their images; not those of production."""
    readings, problems = read_by("compose", files)
    assert ([r.text for r in readings], problems) == (texts, [])
