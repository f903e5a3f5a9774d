"""What a commit's message says went from one version to another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.dream.bumps import moves
from kairos_git.memory.text import one_line

AUTOUPDATE = """[bot] autoupdate

updates:
- [github.com/A/b: 3.9.0 → 3.9.1](https://github.com/A/b/compare/3.9.0...3.9.1)
- https://example.org/c/d: v1 → v2
- [github.com/e/f: stable → 22.1.0](u)
- [github.com/g/h: a1b2c3d → deadbee1](u)
"""
GROUPED = """Bump the dev group with 2 updates

Bumps the dev group with 2 updates: [x](u) and [@types/y](u).

Updates `x` from 1.0 to 1.1
- [Release notes](https://example.org/x/releases)

Updates `@types/y` from 1 to 2
<details>
<summary>Commits</summary>
<li>Bump another/thing from 3.0 to 4.0</li>
- Bump another/thing from 3.0 to 4.0
</details>

Updates `z` from 1.0 to 1.1 in /web

---
updated-dependencies:
- w: 1.0 → 2.0
"""
TABLE = """Update dependencies

| Package | Change | Age |
|---|---|---|
| [one](https://example.org) ([source](u)) | [`8.0.0` -> `8.1.0`](https://example.org/diff) | ![age](u) |
| [two](u) | `^18.0` -> `^20.0` | x |

### Release Notes
- other: 1.0 → 2.0
"""
COLUMNS = """Bump the all group

| Package | From | To |
| --- | --- | --- |
| [one](u) | `1.0` | `1.1` |
| acts/two | `3` | `4` |
"""


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            AUTOUPDATE,
            ["github.com/A/b 3.9.0 3.9.1", "https://example.org/c/d v1 v2", "github.com/e/f stable 22.1.0", "github.com/g/h a1b2c3d deadbee1"],
        ),
        (GROUPED, ["x 1.0 1.1", "@types/y 1 2", "z 1.0 1.1"]),
        (TABLE, ["one 8.0.0 8.1.0", "two ^18.0 ^20.0"]),
        (COLUMNS, ["one 1.0 1.1", "acts/two 3 4"]),
        ("Upgrade the tools\n\n* mypy: 1.0 => 1.1\n* `ruff` 0.1.0rc1 -> 0.2 (#12)\n1. a/b: from 1.0 to 2.0.\n", ["mypy 1.0 1.1", "ruff 0.1.0rc1 0.2", "a/b 1.0 2.0"]),
        ("Merge pull request #1 from bot/x\n\nBump [x](u) from 1.2 to 1.3\n", ["x 1.2 1.3"]),
        ("chore(deps): update mypy 1.0 -> 1.1", ["mypy 1.0 1.1"]),
        ("Update\n\n- a/b: 1.0 → 2.0\n- a/b: 2.0 → 3.0\n", ["a/b 1.0 3.0"]),
        ("Update\n\n- a/b: 1.0 → 2.0\n- A/b: 1.0 → 3.0\n- c/d: v1 → v2", ["c/d v1 v2"]),
    ],
)  # fmt: skip
def test_updates_are_read_where_they_are_announced(message: str, expected: list[str]) -> None:
    """In lists, sentences and tables; not in what another project's notes say, nor where one thing goes two ways."""
    assert [" ".join(m) for m in moves(one_line(message))] == expected


@pytest.mark.parametrize(
    "line",
    [
        "tests: 12 → 14", "coverage: 80% → 85%", "size: 2.1MB → 1.9MB", "score: 0.91 → 0.93", "status: open → closed", "a -> b",
        "moves foo from src/a to lib/b", "move from python2 to python3", "timeout from 30 to 60", "version: 1.0.0 → 1.1.0",
        "renames x.y -> x.z", "latency 1.5.1 -> 1.2.1 when cold", "fn(x) => 1.0", "1.0.0: 1.0.0 → 1.1.0", "> a/b: 1.0 → 2.0",
    ],
)  # fmt: skip
def test_other_changes_are_events(line: str) -> None:
    """A measure, a rename, a setting and the project's own release announce no version of anything."""
    assert moves(one_line(f"Speed up\n\n- {line}")) == ()


def test_what_a_revert_quotes_is_over() -> None:
    """Its message repeats what is no longer so."""
    assert moves(one_line(f"Revert {AUTOUPDATE}")) == ()


@pytest.mark.parametrize("padding", range(0, 30, 2))
def test_a_version_that_was_cut_is_not_read(padding: int) -> None:
    """The end of a message too long for a log may be the first half of a version, wherever it falls."""
    lines = "".join(f"- a/thing-{n}: 1.0.0 → 1.1.{n + 1000}\n" for n in range(200))
    found = moves(one_line(f"Update{'.' * padding}\n\n{lines}"))
    assert 10 < len(found) < 200 and all(m.new == f"1.1.{int(m.thing[8:]) + 1000}" for m in found)


@given(st.text(alphabet="ab1.→->:|`[]() fromtv\n/-", max_size=400))
def test_any_message_is_read_without_harm(text: str) -> None:
    """Every move names one thing and two versions that stand in the message."""
    for m in moves(one_line("Update\n" + text)):
        assert all(part in text for part in m) and m.old != m.new and " " not in m.thing
