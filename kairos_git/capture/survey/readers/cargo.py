"""Cargo.toml and its companions: the Rust it needs, its programs and aliases, lints that bite, and Cargo's own commands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.crates import FILE, Crate, crates, prefixes
from kairos_git.capture.survey.ecosystems.manifests import in_other_code
from kairos_git.capture.survey.formats.documents import Document, read_text, read_toml, string, strings, table
from kairos_git.capture.survey.reading import DEFAULT, Reader, Reading, Tree, gloss, key_name, reading, slot_names, vocabulary
from kairos_git.capture.survey.tasks.commands import offered, purpose_reading, purpose_readings
from kairos_git.errors import Problem

_CONFIGS = (".cargo/config.toml", ".cargo/config")
_TOOLCHAINS = ("rust-toolchain.toml", "rust-toolchain")
_NEXTEST = ".config/nextest.toml"
MOST_PARTS = 60
MOST_PROGRAMS = 8

_NOTABLE = {
    "async": ("Asynchronous code runs on {}", vocabulary("tokio async-std smol embassy-executor")),
    "web": ("Requests are served with {}", vocabulary("axum actix-web rocket warp hyper tonic poem salvo tide")),
    "terminal": ("The command line is built with {}", vocabulary("clap lexopt argh ratatui crossterm tui dialoguer")),
    "database": ("Data is stored through {}", vocabulary("sqlx diesel rusqlite sea-orm sled redb rocksdb mongodb redis tokio-postgres")),
    "errors": ("Errors are made with {}", vocabulary("anyhow thiserror eyre color-eyre miette snafu")),
    "tests": ("Tests are written with {}", vocabulary("insta proptest quickcheck rstest trybuild assert_cmd mockall criterion "
              "wiremock snapbox test-case expect-test divan")),
}  # fmt: skip


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    document = read_toml(tree, FILE)
    if isinstance(document, Problem):
        yield document
        return
    if not document:
        return
    members = list(crates(tree, document))
    yield from _needs(document, tree)
    yield from _parts(members)
    yield from _programs(document, members, tree)
    yield from _built_on(document)
    yield from _aliases(tree)
    yield from _lints(document, tree)
    yield from _commands(document, members, tree)


def _needs(document: Document, tree: Tree) -> Iterator[Reading | Problem]:
    for above in ("package", "workspace.package"):
        if needs := string(document, *above.split("."), "rust-version"):
            yield from reading(FILE, f"{above}.rust-version", "rust.requires", needs, "Requires Rust {} or newer")
            break
    for above in ("package", "workspace.package"):
        if edition := string(document, *above.split("."), "edition"):
            yield from reading(FILE, f"{above}.edition", "rust.edition", edition, "Rust code is of the edition {}")
            break
    file = next((path for path in _TOOLCHAINS if path in tree.paths), "")
    text = read_text(tree, file)
    channel = text.strip() if isinstance(text, str) and "[" not in text else ""
    if not channel:
        toolchain = read_toml(tree, file)
        channel = "" if isinstance(toolchain, Problem) else string(toolchain, "toolchain", "channel")
    if re.fullmatch(r"[\w.-]{1,40}", channel):
        yield from reading(file, "toolchain.channel", "rust.toolchain", channel, "The Rust toolchain is pinned to {}")


def _parts(members: list[Crate]) -> Iterator[Reading]:
    """Where the workspace's crates are, and each of the largest of them."""
    folders: dict[str, list[Crate]] = {}
    for crate in members:
        folders.setdefault(crate.folder.rpartition("/")[0], []).append(crate)
    for parent, some in sorted(folders.items()):
        named = prefixes(crate.name for crate in some)
        if parent and len(some) >= 4:
            text = "{} holds the workspace's crates, named {}" if named else "{} holds the workspace's crates"
            slot = f"parts.{slot_names([parent])[parent]}"
            yield from reading(
                FILE, f"workspace.members.{key_name(parent)}", slot, f"{parent}/", text, *([named] if named else [])
            )
    slots = slot_names(crate.folder for crate in members)
    said_of = Counter(crate.description for crate in members)
    for crate in sorted(members, key=lambda c: (-c.size, c.folder))[:MOST_PARTS]:
        if crate.name and key_name(crate.name) == crate.name and not in_other_code(f"{crate.folder}/"):
            # What many say of themselves tells nothing of one.
            said = gloss(crate.description) if said_of[crate.description] == 1 else None
            text = f"{{}} is the crate {{}}{f', {said}' if said else ''}"
            yield from reading(
                f"{crate.folder}/{FILE}", "package.name", f"parts.{slots[crate.folder]}", f"{crate.folder}/", text, crate.name
            )


def _programs(document: Document, members: list[Crate], tree: Tree) -> Iterator[Reading]:
    """The programs people start: what `src/main.rs` or `[[bin]]` makes, in the root's crate and the workspace's."""
    found: dict[str, str] = {}
    own = string(document, "package", "name")
    for name, folder, manifest in [(own, "", document), *((c.name, c.folder, c.document) for c in members if c.is_default)]:
        start = f"{folder}/" if folder else ""
        bins = manifest.get("bin")
        for one in bins if isinstance(bins, list) else []:
            path = start + string(one, "path").removeprefix("./")
            if path in tree.paths and string(one, "name"):
                found.setdefault(string(one, "name"), path)
        if name and not bins and f"{start}src/main.rs" in tree.paths:
            found.setdefault(name, f"{start}src/main.rs")
    slots = slot_names(found)
    for name, path in list(found.items())[:MOST_PROGRAMS]:
        yield from reading(path, "main", f"entry-points.{slots[name]}", path, "{} is where the program {} starts", name)


def _built_on(document: Document) -> Iterator[Reading]:
    listed = dict.fromkeys(table(document, "dependencies"), "dependencies")
    for name in table(document, "dev-dependencies"):
        listed.setdefault(name, "dev-dependencies")
    for name in table(document, "workspace", "dependencies"):
        listed.setdefault(name, "workspace.dependencies")
    for kind, (text, known) in _NOTABLE.items():
        some = [name for name in listed if name in known][:8]
        if some:
            key = f"{listed[some[0]]}+{kind}"
            yield from reading(FILE, key, f"rust.dependencies.{kind}", ", ".join(some), text)


def _aliases(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _CONFIGS if path in tree.paths), "")
    document = read_toml(tree, file)
    if isinstance(document, Problem):
        yield document
        return
    # `cargo` stands before each, so that what is harmful (`publish`) is seen.
    bodies = {name: f"cargo {' '.join(strings(value))}" for name, value in table(document, "alias").items()}
    slots = slot_names(bodies)
    tasks: dict[str, tuple[str, str]] = {}
    for name in offered(bodies):
        if key_name(name) == name and not name.startswith("-") and bodies[name] != "cargo ":
            tasks[name] = (f"alias.{name}", f"cargo {name}")
            yield from reading(file, f"alias.{name}", f"cargo.{slots[name]}", f"cargo {name}", "{} runs {}", bodies[name])
    # `cargo dev` is by custom a program of the developers' own tools, and no server.
    yield from purpose_readings(file, {name: task for name, task in tasks.items() if name != "dev"}, bodies)


def _lints(document: Document, tree: Tree) -> Iterator[Reading]:
    for above in ("workspace.lints", "lints"):
        for family in ("rust", "clippy"):
            lints = table(document, *above.split("."), family)
            refused = [name for name in lints if (string(lints, name) or string(lints, name, "level")) in ("deny", "forbid")]
            groups = [
                name
                for name in ("all", "pedantic", "nursery", "cargo")
                if (string(lints, name) or string(lints, name, "level")) == "warn"
            ]
            key = f"{above}.{family}"
            slot = f"lint.{'clippy' if family == 'clippy' else 'rustc'}"
            yield from reading(
                FILE, f"{key}.deny", f"{slot}.deny", ", ".join(refused[:10]), "These lints are errors in Rust code: {}"
            )
            yield from reading(FILE, f"{key}.groups", f"{slot}.groups", ", ".join(groups), "clippy warns by its groups {}")
    for file in ("clippy.toml", ".clippy.toml"):
        settings = read_toml(tree, file)
        if not isinstance(settings, Problem):
            for name in ("disallowed-methods", "disallowed-types", "disallowed-macros"):
                listed = settings.get(name)
                paths = [
                    one if isinstance(one, str) else string(one, "path") for one in (listed if isinstance(listed, list) else [])
                ]
                text = "clippy refuses the use of {}"
                yield from reading(file, name, f"lint.clippy.{name}", ", ".join(filter(None, paths[:5])), text)
    for file in ("rustfmt.toml", ".rustfmt.toml"):
        settings = read_toml(tree, file)
        for name in (
            ("max_width", "imports_granularity", "group_imports", "tab_spaces") if not isinstance(settings, Problem) else ()
        ):
            slot = f"format.rustfmt.{name.replace('_', '-')}"
            yield from reading(file, name, slot, string(settings, name), f"rustfmt's {name} is {{}}")


def _commands(document: Document, members: list[Crate], tree: Tree) -> Iterator[Reading]:
    """Cargo's own. In a workspace whose root is a crate too, the crate alone would be tested without `--workspace`."""
    whole = " --workspace" if members and ("package" in document or table(document, "workspace").get("default-members")) else ""
    nextest = _NEXTEST in tree.paths
    tests = "cargo nextest run" if nextest else "cargo test"
    crate = " -p CRATE" if members else ""
    commands = {
        "tests": tests + whole,
        "one-test": f"{tests}{crate} TEST_NAME",
        "build": "cargo build",
        "lint": f"cargo clippy{' --workspace' if members else ''} --all-targets",
        "format": f"cargo fmt{' --all' if members else ''}",
    }
    place = _NEXTEST if nextest else FILE
    for purpose, command in commands.items():
        yield from purpose_reading(place if "test" in purpose else FILE, f"cargo+{purpose}.command", purpose, command)


READER = Reader("cargo", _read, DEFAULT, "rust")
