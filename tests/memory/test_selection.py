"""Which facts an agent starts with: what people told first and whole, of a survey the most useful lines."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.memory.fact import Fact, fact_id, split_key, value_of
from kairos_git.memory.index import format_index, parse_index, without
from kairos_git.memory.selection import _SECTIONS, FAMILIES, WIDE, Line, section_of, select


def fact(key: str, text: str) -> Fact:
    slot, cond = split_key(key)
    value = value_of(slot, text)
    return Fact(fact_id(slot, cond, value), slot, cond, value, text, "confirmed", "2026-11-21", ("o-aaaaaaaaaaaaa",))


def texts(facts: Iterable[Fact]) -> list[str]:
    return [line.text for line in select(facts)]


TESTS = fact("tests.command", "Tests run with `make test`")
RULE = fact("rules", "Never push to main on a Friday")


def test_what_people_told_stands_first_and_each_on_its_own_line() -> None:
    """A rule, a choice and a note come before anything that a survey read."""
    told = [RULE, fact("uses.cache", "The cache is `redis`"), fact("note", "The staging database is shared")]

    lines = select([TESTS, fact("layout.src", "`src/` holds the code"), *told])

    assert [line.section for line in lines[:3]] == ["Rules", "Uses", "Notes"]
    assert [line.text for line in lines[:3]] == [f.text for f in told]


def test_one_command_for_each_purpose_and_the_parts_own_beside_it() -> None:
    """The project's command has a line of its own; a part's stands apart and is never taken for it."""
    part = fact("tests.command{part=webui}", "Tests run with `bun run test` in `webui`")

    found = texts([part, TESTS, fact("lint.command", "Linting runs with `make lint`")])

    assert found[0] == "Tests run with `make test`"
    assert [text for text in found if "webui" in text] == ["In `webui`: `bun run test`"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("make.test", "`make test` runs `pytest`"),
        ("ci.run", "CI runs `make test`"),
        ("ci.run", "CI runs `make test --keep-going`"),
        ("layout.src", "`src/auth/` holds “Login and tokens” (also in `AGENTS.md`)"),
    ],
)
def test_what_is_said_already_is_not_repeated(key: str, text: str) -> None:
    """Neither a task or CI line that is the purpose's command, nor what a loaded file says; all of it is counted."""
    data = format_index([TESTS, fact(key, text)]).decode()

    assert "Tests run with `make test`" in data
    assert data.count("make test") == 1 and "src/auth" not in data
    assert "(1 more confirmed facts are in [" in data


def test_facts_of_a_kind_share_a_line_that_names_each_of_them() -> None:
    """Folders stand side by side with their glosses; every id is there, in order."""
    glosses = {"api": "Requests and their answers", "core": "Journals and entries"}
    some = [fact(f"layout.{n}", f"`src/{n}/` holds “{gloss}”") for n, gloss in glosses.items()]

    (line,) = select(some)

    assert line.text == "`src/api/` “Requests and their answers”, `src/core/` “Journals and entries”"
    assert parse_index(format_index(some)) == [(7, some[0].id), (7, some[1].id)]


def test_a_line_that_shows_a_dead_fact_goes_whole() -> None:
    """A revert takes the line with it: no text of a dead fact lingers until the next projection."""
    some = [fact(f"layout.{n}", f"`src/{n}/`") for n in ("api", "core")]
    data = format_index([*some, RULE])

    assert parse_index(without(data, {some[0].id})) == [(7, RULE.id)]


def test_many_tasks_and_folders_stay_within_sixty_lines() -> None:
    """A monorepo with 500 parts, 2,000 tasks and 3,000 folders gives an index of at most 60 lines, with its commands."""
    facts = [TESTS, *(fact(f"parts.p{n}", f"`packages/p{n}` is “A part with the number {n}”") for n in range(500))]
    facts += [fact(f"scripts.s{n}", f"`pnpm s{n}` runs `node {n}.js`") for n in range(2000)]
    facts += [fact(f"layout.f{n}", f"`src/f{n}/` holds {n} files") for n in range(3000)]
    facts += [fact(f"tests.command{{part=packages/p{n}}}", f"Tests run with `pnpm test` in `packages/p{n}`") for n in range(500)]

    data = format_index(facts).decode()

    assert len([line for line in data.splitlines() if line]) <= 60
    assert "- Tests run with `make test`" in data


def test_what_people_told_does_not_cost_the_survey_its_place() -> None:
    """150 rules and a survey: both stand, within 200 lines."""
    rules = [fact("rules", f"Always name the ticket {n} in the subject") for n in range(150)]

    lines = select([*rules, TESTS])

    assert [line.section for line in lines].count("Rules") == 150
    assert lines[-1].text == TESTS.text


keys = st.sampled_from(
    ["rules", "note", "cache.backend", "tests.command", "tests.command{part=a}", "ci.run", "layout.x", "parts.a", "scripts.x",
     "lint.ruff.line-length", "guides.a", "generated.x", "history.subjects", "about.summary", "python.requires"]
)  # fmt: skip
values = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="`<>“”"), min_size=1, max_size=150)
facts = st.builds(lambda key, n, value: fact(key, f"`{n}{value}` is so"), keys, st.integers(0, 9), values)


@given(st.lists(facts, max_size=120, unique_by=lambda f: f.id))
def test_a_selection_shows_no_fact_twice_and_cuts_no_line_short_of_its_limit(told: list[Fact]) -> None:
    """Whatever there is: each fact at most once, lines within their length, the same whatever the order."""
    lines = select(told)
    shown = [f.id for line in lines for f in line.facts]

    assert len(set(shown)) == len(shown)
    assert all(len(line.text) <= WIDE for line in lines)
    assert select(reversed(told)) == lines


def test_every_family_has_a_heading_and_a_shape_that_makes_lines() -> None:
    """The table has no row that could never be shown."""
    for family in FAMILIES:
        slot = family.slots.replace(r"\.", ".").replace(".+", "x").replace("[a-z-]+", "x").replace("[a-z0-9.-]+", "x")
        slot = slot.replace("[a-z]+", "python").split("|")[0].replace("(?:", "").rstrip(")")
        assert section_of(slot if "." in slot else f"{slot}.x"), family
    assert {family.section for family in FAMILIES} == set(_SECTIONS)
    assert section_of("cache.backend") == "Cache"
    assert isinstance(select([TESTS])[0], Line)
