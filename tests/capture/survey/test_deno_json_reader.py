"""deno.json: tasks as what to type."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"tasks": {"test": "deno test -A", "dev": {"command": "deno run a.ts"}}, }', {
            "deno.test": "deno task test", "tests.command": "deno task test",
            "deno.dev": "deno task dev", "dev.command": "deno task dev",
        }),
        ('{"tasks": {"a": {"dependencies": ["b"]}, "b": "git push", "c": "deno task b", "release": "x"}}', {}),
        ('{"tasks": []}', {}),
        ("", {}),
    ],
)  # fmt: skip
def test_tasks_are_what_to_type(text: str, expected: dict[str, str]) -> None:
    """In both forms; what publishes, or calls what does, is not."""
    assert values(read_by("deno_json", {"deno.json": text})[0]) == expected
