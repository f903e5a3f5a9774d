"""Cargo.toml and its companions."""

from __future__ import annotations

import pytest
from surveyed import read_by, values

WORKSPACE = "[workspace]\nmembers = ['crates/*']\nexclude = ['crates/old']\n[workspace.package]\nrust-version = '1.90'\nedition = '2024'\n"


def crate(name: str, description: str = "") -> str:
    return f"[package]\nname = '{name}'\ndescription = '{description}'\n"


def test_a_workspace_says_where_its_crates_are() -> None:
    """Families by their prefix, each crate with what only it says of itself."""
    files = {
        "Cargo.toml": WORKSPACE,
        "crates/old/Cargo.toml": crate("old"),
        "crates/deep/er/Cargo.toml": crate("deeper"),
        "crates/app/Cargo.toml": crate("app", "Keeps journals"),
        "crates/app/src/main.rs": "",
        "crates/examples/Cargo.toml": crate("examples"),
        **{f"crates/app_{n}/Cargo.toml": crate(f"app_{n}", "Part of app") for n in ("ast", "cli", "db", "x")},
    }
    readings, problems = read_by("cargo", files)
    assert problems == []
    texts = {r.slot: r.text for r in readings if r.slot.startswith(("parts.", "entry-points."))}
    assert texts == {
        "parts.crates": "`crates/` holds the workspace's crates, named `app_*`",
        "parts.crates-app": "`crates/app/` is the crate `app`, “Keeps journals”",
        **{f"parts.crates-app-{n}": f"`crates/app_{n}/` is the crate `app_{n}`" for n in ("ast", "cli", "db", "x")},
        "entry-points.app": "`crates/app/src/main.rs` is where the program `app` starts",
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Cargo.toml": "[package]\nname = 'a'\nrust-version = '1.80'\nedition = '2021'"},
         {"rust.requires": "1.80", "rust.edition": "2021", "tests.command": "cargo test", "one-test.command": "cargo test TEST_NAME"}),
        ({"Cargo.toml": WORKSPACE, "crates/a/Cargo.toml": crate("a")},
         {"rust.requires": "1.90", "tests.command": "cargo test", "one-test.command": "cargo test -p CRATE TEST_NAME"}),
        ({"Cargo.toml": WORKSPACE + crate("root"), "crates/a/Cargo.toml": crate("a")}, {"tests.command": "cargo test --workspace"}),
        ({"Cargo.toml": crate("a"), ".config/nextest.toml": ""}, {"tests.command": "cargo nextest run"}),
        ({"Cargo.toml": crate("a"), "rust-toolchain.toml": "[toolchain]\nchannel = '1.90'"}, {"rust.toolchain": "1.90"}),
        ({"Cargo.toml": crate("a"), "rust-toolchain": "nightly-2026-01-01\n"}, {"rust.toolchain": "nightly-2026-01-01"}),
        ({"Cargo.toml": crate("a") + "[[bin]]\nname = 'tool'\npath = 'src/bin.rs'", "src/bin.rs": "", "src/main.rs": ""},
         {"entry-points.tool": "src/bin.rs", "entry-points.a": None}),
        ({"Cargo.toml": crate("a") + "[dependencies]\ntokio = '1'\n[dev-dependencies]\ninsta = '1'\nleft-pad = '1'"},
         {"rust.dependencies.async": "tokio", "rust.dependencies.tests": "insta"}),
        ({"Cargo.toml": crate("a") + "[lints.rust]\nunsafe_code = 'forbid'\nx = 'warn'\n[lints.clippy]\npedantic = {level = 'warn'}"},
         {"lint.rustc.deny": "unsafe_code", "lint.clippy.groups": "pedantic"}),
        ({"Cargo.toml": crate("a"), "clippy.toml": "disallowed-methods = [{path = 'std::env::var'}, 'std::fs::read']"},
         {"lint.clippy.disallowed-methods": "std::env::var, std::fs::read"}),
        ({"Cargo.toml": crate("a"), "rustfmt.toml": "max_width = 120"}, {"format.rustfmt.max-width": "120"}),
        ({"Cargo.toml": "workspace = 3\npackage = []\nbin = 3\nlints = ''\ndependencies = 4"}, {"rust.requires": None}),
    ],
)  # fmt: skip
def test_what_rust_code_needs_and_what_bites_is_read(files: dict[str, str], expected: dict[str, str | None]) -> None:
    """Each from the file that Cargo, rustup, clippy and rustfmt read."""
    readings, problems = read_by("cargo", files)
    found = values(readings)
    assert ({slot: found.get(slot) for slot in expected}, problems) == (expected, [])


def test_aliases_are_commands_without_those_that_publish() -> None:
    """As a text or a list; `cargo publish` under another name is still that."""
    config = "[alias]\ndev = 'run --package x_dev'\nxtest = ['nextest', 'run']\nship = 'publish'\nlint = 'clippy'\nt = 'test'\n"
    readings, _ = read_by("cargo", {"Cargo.toml": crate("a"), ".cargo/config.toml": config})
    found = values(readings)
    assert {slot: value for slot, value in found.items() if slot.startswith("cargo.")} == {
        "cargo.dev": "cargo dev",
        "cargo.xtest": "cargo xtest",
        "cargo.lint": "cargo lint",
        "cargo.t": "cargo t",
    }
    assert (found["lint.command"], found["tests.command"]) == ("cargo lint", "cargo test")
    assert "dev.command" not in found
    assert next(r.text for r in readings if r.slot == "cargo.dev") == "`cargo dev` runs `cargo run --package x_dev`"


def test_without_a_manifest_there_is_no_rust_project() -> None:
    """A rust-toolchain file alone is not one."""
    assert read_by("cargo", {"rust-toolchain": "stable", "rustfmt.toml": "max_width = 1"}) == ([], [])


def test_five_hundred_crates_cost_sixty_manifests() -> None:
    """The largest are read, the others are counted."""
    seen: list[str] = []
    files = {"Cargo.toml": WORKSPACE, **{f"crates/c{n}/Cargo.toml": crate(f"c{n}") for n in range(500)}}
    from surveyed import tree

    from kairos_git.capture.survey import all_readers, survey

    whole = tree(files)

    def read(path: str) -> bytes | None:
        seen.append(path)
        return whole.read(path)

    readings, _ = survey(whole._replace(read=read), [r for r in all_readers() if r.name == "cargo"])
    assert len({path for path in seen if path.startswith("crates/")}) == 60
    assert sum(r.slot.startswith("parts.crates-") for r in readings) == 60
