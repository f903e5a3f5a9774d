"""What is looked for when something is asked: words, their forms, and never the index's own syntax."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.recall.search.ranking import CLOSE, OPEN, Boosts, Candidate, Said, Terms, boosted, ranked
from kairos_git.recall.search.wording import LONGEST, MOST, Term, clean, expression, parts, parts_of, wanted


def words(text: str) -> list[str]:
    return [term.word for term in wanted(text).terms]


def test_a_question_is_its_content_words() -> None:
    """Stop words and the words of the question itself are not looked for."""
    assert words("Why did we leave tox?") == ["leave", "tox"]
    assert words("what is the port of Ada's server") == ["port", "ada", "server"]


def test_only_stop_words_are_looked_for_all_the_same() -> None:
    """Nothing else was said."""
    assert words("who are you") == ["who", "are", "you"]


@pytest.mark.parametrize(
    ("word", "form"), [("leave", "left"), ("ran", "run"), ("repo", "repository"), ("nov", "november"), ("children", "child")]
)
def test_a_form_that_no_stemmer_finds_counts_as_the_word(word: str, form: str) -> None:
    """Irregular verbs and plurals, what developers shorten, months."""
    assert form in wanted(word).terms[0].forms


def test_an_identifier_is_itself_and_its_parts() -> None:
    """`parseSnapshot` is found where `parse_snapshot` stands; `HTTP/2` is not found wherever HTTP stands."""
    assert wanted("parseSnapshot").terms[0].forms == ("parsesnapshot", "parse", "snapshot")
    assert wanted("parse_snapshot").terms[0].forms == ("parse_snapshot", "parse", "snapshot")
    assert wanted("HTTP/2").terms[0].forms == ("http/2",)
    assert parts("the HTTPServer of parseSnapshot") == "HTTP Server parse Snapshot"
    assert parts_of("tests") == []


def test_scripts_without_spaces_are_looked_for_in_pairs() -> None:
    """A run of Han or kana is a word to the tokenizer of SQLite, so that nothing within it would be found."""
    assert words("数据库迁移") == ["数据", "据库", "库迁", "迁移"]
    assert wanted("库").terms[0].start
    assert parts("用 数据库 吧") == "用 数据 据库 吧"


def test_yesterday_is_a_day() -> None:
    """Where the present is known."""
    now = datetime(2026, 11, 21, tzinfo=UTC)

    assert wanted("what broke yesterday", now).terms[-1].forms == ("yesterday", "2026-11-20")
    assert wanted("what broke yesterday").terms[-1].forms == ("yesterday",)


def test_a_long_query_is_cut_and_says_so() -> None:
    """The first words count; how many were left out is told."""
    asked = wanted(" ".join(f"word{n}" for n in range(MOST + 9)))

    assert (len(asked.terms), asked.left) == (MOST, 9)
    assert len(wanted("x" * LONGEST * 10).terms) == 1


@given(st.text() | st.text(alphabet='"*^():{}+-ANDORNEAR \0é'))
def test_whatever_is_asked_is_words_to_the_index(text: str) -> None:
    """FTS5 takes the expression of any text at all."""
    match = expression(wanted(text).terms, (clean(text),) if clean(text).strip() else ())

    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(a)")
    assert db.execute("SELECT * FROM t WHERE t MATCH ?", (match or '""',)).fetchall() == []


def candidate(n: int, text: str, bm: float = 1.0, **fields: object) -> Candidate:
    plain = text.replace("[", "").replace("]", "")
    return Candidate(n, bm, plain, text.replace("[", OPEN).replace("]", CLOSE), "", "", "", **fields)  # type: ignore[arg-type]


def order(query: str, *candidates: Candidate) -> list[int]:
    return [one.candidate.n for one in ranked(candidates, wanted(query), 0, lambda c: 0.0)]


def test_more_of_the_words_beat_one_of_them_often() -> None:
    """Covering the question goes before repeating one word of it."""
    assert order("cache timeout", candidate(1, "[cache] [cache] [cache]", 1.1), candidate(2, "[cache] … [timeout]")) == [2, 1]


def test_a_statement_goes_before_a_question() -> None:
    """A question asks the same words, and answers nothing."""
    assert order("the port", candidate(1, "which [port]?"), candidate(2, "the [port]")) == [2, 1]


@pytest.mark.parametrize(
    ("query", "answer", "other"),
    [
        ("when did tox go", "[tox] went last week", "[tox] went"),
        ("how many workers", "four [workers]", "the [workers]"),
        ("why tox", "[tox] since it is slow", "[tox] it is slow"),
    ],
)
def test_an_answer_names_what_is_asked_for(query: str, answer: str, other: str) -> None:
    """A time to a when, an amount to a how many, a reason to a why."""
    assert order(query, candidate(1, other), candidate(2, answer)) == [2, 1]


def test_of_equals_the_newest_goes_first() -> None:
    """Recency only breaks ties."""
    assert order("tox", candidate(1, "[tox]", epoch=10), candidate(2, "[tox]", epoch=20)) == [2, 1]
    assert order("tox", candidate(1, "[tox]", 1.2, epoch=10), candidate(2, "[tox]", epoch=20)) == [1, 2]


def test_a_line_of_a_session_that_speaks_of_it_goes_before_a_stray_one() -> None:
    """The best line of a session lifts the others."""
    found = order(
        "tox", candidate(1, "[tox]", 2.0, thread="s"), candidate(2, "[tox]", 0.9), candidate(3, "[tox]", 0.9, thread="s")
    )

    assert found == [1, 3, 2]


def test_a_stemmed_word_is_told_to_its_term() -> None:
    """The index marks what stands in the text; the term is the one that begins alike."""
    finder = Terms((Term("test", ("test",)), Term("leave", ("leave", "left"))))

    assert finder.marked(f"{OPEN}Tests{CLOSE} were {OPEN}left{CLOSE} for later") == {"test", "leave"}


SAID = Said("commit", "c-1", "src/app.py#key", "feature", "2026-11-21T12:00:00+00:00", "commit Ada src/app.py")


@pytest.mark.parametrize(
    "boosts",
    [
        Boosts(author="commit"),
        Boosts(author="ADA"),
        Boosts(branch="feature"),
        Boosts(paths=("src",)),
        Boosts(paths=("./src/app.py",)),
    ],
    ids=str,
)
def test_what_is_asked_for_beside_the_words_counts(boosts: Boosts) -> None:
    """Author, branch and path lift a line; another author, branch or path does not."""
    assert boosted(SAID, "text", boosts) > 0
    assert boosted(SAID, "text", Boosts("bob", "main", ("lib",))) == 0
