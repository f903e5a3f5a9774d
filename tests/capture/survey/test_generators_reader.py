"""Code generators by their configuration."""

from __future__ import annotations

import pytest
from surveyed import read_by, values

SQLC = (
    "version: '2'\nsql:\n  - schema: db/migrations\n    queries: db/sql\n    gen:\n      go: {package: db, out: ./internal/db}\n"
)
SQLC_1 = "version: '1'\npackages:\n  - {path: internal/db, queries: [a.sql, b.sql], schema: s.sql}\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"sqlc.yaml": SQLC}, {"generate.command": "sqlc generate", "generated.internal-db": "internal/db/"}),
        ({"sqlc.yml": SQLC_1}, {"generate.command": "sqlc generate", "generated.internal-db": "internal/db/"}),
        ({"sqlc.yaml": "sql: [{queries: q, schema: s, gen: {go: {out: ../../etc}}}, 3]"}, {"generate.command": "sqlc generate"}),
        ({"buf.gen.yaml": ""}, {"generate.command": "buf generate", "generate.buf": "buf generate"}),
        ({"go.mod": ""}, {}),
    ],
)
def test_a_generator_says_what_it_writes(files: dict[str, str], expected: dict[str, str]) -> None:
    """Where the file says it; never a folder outside the project."""
    readings, problems = read_by("generators", files)
    assert (values(readings), problems) == (expected, [])


def test_what_is_generated_says_from_what() -> None:
    """So that nobody edits it."""
    readings, _ = read_by("generators", {"sqlc.yaml": SQLC})
    text = next(r.text for r in readings if r.slot.startswith("generated."))
    assert text == (
        "sqlc writes `internal/db/` from the queries in `db/sql` and the schema in `db/migrations`: "
        "edit those and run `sqlc generate`"
    )
