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
