"""relation: whether a newer line replaces an older one, says the same, or neither."""

from __future__ import annotations

import pytest

from kairos_git.dream.relation import relation, same_words

SUPERSEDED = {
    "another number": ("The staging box keeps 14 days of logs", "The staging box keeps 30 days of logs"),
    "another version inside a word": ("Images are built from `alpine-3.18` there", "Images are built from `alpine-3.20` there"),
    "an option more under one label": ("Suite: `cargo test`", "Suite: `cargo test --locked`"),
    "another command in the same words": ("Docs are built with `mkdocs build`", "Docs are built with `zensical build`"),
    "an option more in the same words": ("Docs are built with `mkdocs build`", "Docs are built with `mkdocs build --strict`"),
    "an aside changes nothing": ("Use `fly deploy` for the demo site (takes a while)", "Use `kamal deploy` for the demo site"),
    "now forbidden": ("Push to the main branch", "Never push to the main branch"),
    "no longer forbidden": ("Never push to the main branch", "Push to the main branch"),
    "the opposite": ("Indent Lua files with tabs", "Indent Lua files with spaces"),
    "one code span is all there is": ("the port is `8000`", "the port is `9000`"),
}
MERGED = {
    "the same": ("Deploys go out on Fridays", "Deploys go out on Fridays"),
    "other marks": ("- **Deploys** go out on Fridays.", "Deploys go out on Fridays"),
    "more is said": ("Deploys go out on Fridays", "Deploys go out on Fridays, after the review"),
    "less is said": ("Deploys go out on Fridays, after the review", "Deploys go out on Fridays"),
    "an example becomes a placeholder": ("Publish a tag: `git tag v1.2`", "Publish a tag: `git tag v<version>`"),
    "a further command": ("Publish: `hatch build`", "Publish: `hatch build && hatch publish`"),
    "a slash that says nothing": ("Fixtures are kept under `/spec` there", "Fixtures are kept under `spec/` there"),
    "what is added denies something else": (
        "The box is backed up every night",
        "The box is backed up every night, but the cache beside it is not",
    ),
}
APART = {
    "another thing with another value": ("The api listens on port 8080 there", "The web listens on port 9090 there"),
    "which team, and its box": ("The parser of team 7 lives on box 3", "The parser of team 9 lives on box 4"),
    "two entries of one list": ("`src/a.py`: the parser of dates", "`src/b.py`: the parser of dates"),
    "two labels": ("Lint: `ruff check .`", "Format: `ruff format .`"),
    "a label that names nothing": ("Note: `make a`", "Note: `make b`"),
    "two commands": ("npm run build", "npm run build -- --watch"),
    "what is forbidden beside something else": ("Do not commit `.env`", "Do not commit `.venv`"),
    "what is done beside something else": ("Run `make lint` before pushing", "Run `make test` before pushing"),
    "use of nothing in particular": ("Use `ruff`", "Use `mypy`"),
    "one over the other": ("Prefer tabs over spaces there", "Prefer spaces over tabs there"),
    "nothing in common": ("Grace waters the plants", "Deploys go out on Fridays"),
    "nothing at all": ("", "Deploys go out on Fridays"),
}
CASES = [
    pytest.param(pair, said, id=f"{said}: {name}")
    for said, cases in (("supersede", SUPERSEDED), ("merge", MERGED), ("none", APART))
    for name, pair in cases.items()
]


@pytest.mark.parametrize("pair, said", CASES)
def test_relation(pair: tuple[str, str], said: str) -> None:
    """Values replace, words reword, and in doubt both stand."""
    assert relation(*pair) == said


@pytest.mark.parametrize("pair", APART.values(), ids=APART)
def test_what_stands_side_by_side_does_so_in_either_order(pair: tuple[str, str]) -> None:
    """Neither line replaces the other, whichever came first."""
    assert relation(*reversed(pair)) == "none"


def test_same_words_are_the_same_in_nothing_less() -> None:
    """Filling, endings and marks aside: one word more or less is another statement."""
    assert same_words("The deploys go out on Fridays", "Deploy goes out on Friday.") is False
    assert same_words("The deploys are on Fridays", "- **Deploys** on Fridays.")
    assert not same_words("Deploys go out on Fridays", "Deploys go out on Fridays at noon")
