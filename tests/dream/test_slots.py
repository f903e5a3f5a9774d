"""What one observation claims, by the rules. Cases are written as a log."""

from __future__ import annotations

import pytest
from test_fold import START, believe

from kairos_git.dream.slots import claims
from kairos_git.memory.fact import SLOT, slug, version_slot
from kairos_git.memory.observation import observe
from kairos_git.memory.text import code_spans

BODY = "[bot] autoupdate\n\nupdates:\n- [github.com/a/b: v1 → v2](u)\n- [github.com/c/d: 1.0 → 1.1](u)\n"


def claimed(text: str, src: str = "commit") -> list[tuple[str, str, str]]:
    return [(c.slot, c.ends, c.value) for c in claims(observe(START, text, src))]


def test_a_commit_claims_every_update_it_lists() -> None:
    """One value for each thing, with the one that it ends, and worded so that the value can be read back."""
    assert claimed(BODY) == [("version.github-com-a-b", "v1", "v2"), ("version.github-com-c-d", "1.0", "1.1")]
    assert [code_spans(c.text)[0] for c in claims(observe(START, BODY, "commit"))] == ["v2", "1.1"]


def test_a_subject_and_its_body_that_say_the_same_are_one_claim() -> None:
    """The subject's: bots say it twice."""
    text = "Bump mypy from 1.0 to 1.1 (#12)\n\nBumps [mypy](u) from 1.0 to 1.1.\n- Updates `ruff` from 0.1 to 0.2\n"
    assert claimed(text) == [("version.mypy", "1.0", "1.1"), ("version.ruff", "0.1", "0.2")]


@pytest.mark.parametrize("src", ["external", "memory", "agent", "import"])
def test_lists_of_updates_are_read_from_commits_alone(src: str) -> None:
    """A bot's pull request, pasted or told by a stranger, announces nothing."""
    assert not [c for c in claimed(BODY, src) if c[0].startswith("version.")]


def test_an_update_in_the_body_of_an_owners_commit_counts_at_once() -> None:
    """It ends the old version, and the new one inherits how it stood, also what the tree said of the same address."""
    pinned = "1 probe hooks.yaml#a.b.rev [slot=version.github-com-a-b]: `v1` is pinned of `github.com/a/b`"
    told = "2 commit c: autoupdate ⏎ updates: ⏎ - [github.com/a/b: v1 → v2](u)"
    expected = {"version.github-com-a-b=v1": "superseded", "version.github-com-a-b=v2": "confirmed"}
    assert believe(f"{pinned}\n{told}") == expected
    assert believe(f"{pinned}\n{told.replace('commit', 'external')}") == {"version.github-com-a-b=v1": "confirmed"}


def test_a_version_is_kept_as_it_is_written() -> None:
    """`v2` in a subject is the `v2` of a list, so that one ends what the other began."""
    told = "1 commit a: Bump a/b from v1 to v2\n 2 commit b: Update ⏎ - a/b: v2 → v3"
    assert believe(told) == {"version.a-b=v2": "superseded", "version.a-b=v3": "tentative"}


@pytest.mark.parametrize(
    "name", ["github.com/a/b", "https://github.com/a/b.git", "git@github.com:A/b", "ssh://git@github.com/a/b/"]
)
def test_one_address_is_one_slot(name: str) -> None:
    """However it is written."""
    assert version_slot(name) == "version.github-com-a-b"


def test_long_names_stay_apart() -> None:
    """What is cut off a slot is still told apart, and the slot is one that can be written."""
    names = [f"github.com/an-organisation-with-a-long-name/and-a-repository-with-a-longer-one-{n}" for n in range(3)]
    assert len({slug(n) for n in names}) == 3 and all(SLOT.fullmatch(version_slot(n)) for n in names)
    assert slug("x" * 64) == "x" * 64 and len(slug("x" * 65)) == 64


@pytest.mark.parametrize(
    "text", ["View scope now defaults to the request", "Default engine is not loaded", "x defaults to its parent"]
)
def test_a_sentence_that_goes_on_names_no_default(text: str) -> None:
    """Its next word is the beginning of a description, and no value."""
    assert claimed(text) == []


def test_a_default_is_the_value_it_names() -> None:
    """With or without marks."""
    assert claimed("redirect defaults to 303") == [("default.redirect", "", "303")]
    assert claimed("Default engine is `ejs`") == [("default.engine", "", "ejs")]


@pytest.mark.parametrize(
    "text",
    ["Releases are cut by `ada` on Mondays", "Deploys go through `ship.sh`", "Merge requests need two approvals",
     "Merges to main are made by bots", "Changes need a changelog entry", "Open issues live in the tracker"],
)  # fmt: skip
def test_what_a_sentence_speaks_of_is_not_what_was_done(text: str) -> None:
    """Its first word is a noun that is spelled like the verb of an event: what the owner states of it is kept."""
    assert [c[0] for c in claimed(text, "owner")] == ["note"]


@pytest.mark.parametrize(
    "text",
    ["Fixed the flaky tests", "Adds tests that must pass", "Tests are green now", "Tests are failing",
     "Changes to the parser", "Added checks that must pass", "Update docs so that links are valid"],
)  # fmt: skip
def test_what_was_done_or_holds_for_an_hour_is_no_statement(text: str) -> None:
    """However it goes on."""
    assert claimed(text, "owner") == []


@pytest.mark.parametrize(
    ("text", "value", "ends"),
    [
        ("Tests run with nox instead of tox", "nox", "tox"),
        ("Tests run with nox rather than tox", "nox", "tox"),
        ("Tests run with nox not tox", "nox", "tox"),
        ("Use nox instead of tox for the tests", "nox", "tox"),
        ("Use `nox -s a` instead of `tox` for the tests", "nox -s a", "tox"),
        ("Tests run with uv run pytest -q since March", "uv run pytest -q", ""),
        ("Tests run with pytest -k not slow", "pytest -k not slow", ""),
        ("Tests run with uvx nox", "uvx nox", ""),
        ("Tests run with ./run tests", "./run tests", ""),
    ],
)
def test_a_command_ends_where_it_is_told_what_it_replaces_or_since_when(text: str, value: str, ends: str) -> None:
    """With code marks or without; what it stands in place of is over, and is no part of it."""
    assert claimed(text, "owner") == [("tests.command", ends, value)]


def test_what_is_replaced_ends_before_what_it_was_for() -> None:
    """`tox for` is no tool: without this a transition ends nothing."""
    assert claimed("Use nox instead of tox for the tests") == [("uses", "tox", "nox")]
