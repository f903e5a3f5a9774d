"""go.mod and what Go offers by itself."""

from __future__ import annotations

import pytest
from surveyed import read_by, values

MOD = """module example.org/app // the app

go 1.25.1
toolchain go1.25.3

require (
\tcharm.land/bubbletea/v2 v2.0.0
\tgithub.com/stretchr/testify v1.10.0
\tgithub.com/mattn/go-sqlite3 v1.14.0 // indirect
\tmodernc.org/sqlite v1.40.0
\texample.org/other v0.1.0
)
require github.com/spf13/cobra v1.9.0
replace github.com/spf13/cobra => ../cobra
tool golang.org/x/tools/cmd/stringer
"""


def test_the_module_its_needs_and_what_it_is_built_on() -> None:
    """By kind; what is only needed by others is left out."""
    readings, problems = read_by("go_mod", {"go.mod": MOD, "app.go": ""})
    assert problems == []
    assert values(readings) == {
        "go.module": "example.org/app",
        "go.requires": "1.25.1",
        "go.dependencies.terminal": "charm.land/bubbletea/v2",
        "go.dependencies.tests": "github.com/stretchr/testify",
        "go.dependencies.database": "modernc.org/sqlite",
        "go.dependencies.commands": "github.com/spf13/cobra",
        "go.tools": "go tool stringer",
        "build.command": "go build ./...",
        "tests.command": "go test ./...",
        "one-test.command": "go test ./path/to/package -run TestName",
        "lint.command": "go vet ./...",
    }
    text = next(r.text for r in readings if r.slot == "go.dependencies.database")
    assert text == "Data is stored through `modernc.org/sqlite`, in pure Go, without cgo"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["main.go"], {"build.command": "go build .", "dev.command": "go run .", "entry-points.main": "main.go"}),
        (
            ["cmd/app/main.go"],
            {"build.command": "go build ./cmd/app", "dev.command": "go run ./cmd/app", "entry-points.app": "cmd/app/main.go"},
        ),
        (
            ["cmd/a/main.go", "cmd/b/main.go", "cmd/b/testdata/main.go", "examples/cmd/c/main.go"],
            {"build.command": "go build ./...", "entry-points.a": "cmd/a/main.go", "entry-points.b": "cmd/b/main.go"},
        ),
    ],
)
def test_programs_are_where_they_are_built(paths: list[str], expected: dict[str, str]) -> None:
    """One program is built and run by its folder; of several nobody knows which is meant."""
    found = values(read_by("go_mod", {"go.mod": "module x\n", **dict.fromkeys(paths, "")})[0])
    ours = {slot: value for slot, value in found.items() if slot.startswith(("build", "dev", "entry-points"))}
    assert ours == expected


def test_a_module_below_the_root_has_commands_of_its_own() -> None:
    """They are typed there."""
    readings, _ = read_by("go_mod", {"server/go.mod": "module x/server\ngo 1.24\n", **{f"server/{n}.go": "" for n in range(5)}})
    found = values(readings)
    assert found["tests.command{part=server}"] == "go test ./..."
    assert found["go.requires{part=server}"] == "1.24"
    assert "tests.command" not in found


@pytest.mark.parametrize("text", ["", "module", "module a b c\n", "require (\n" * 50, "go <!-- x\n", "require " + "a" * 100_000])
def test_what_is_no_go_mod_says_nothing_of_a_module(text: str) -> None:
    """Nor does it stop anything."""
    readings, problems = read_by("go_mod", {"go.mod": text})
    assert not {"go.module", "go.requires"} & values(readings).keys()
    assert problems == []
