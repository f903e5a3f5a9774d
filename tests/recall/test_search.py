"""Searching a memory: facts first, then what was said, whatever the question holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import NOON, Place
from kairos_git.capture import spool
from kairos_git.memory import seed
from kairos_git.memory.landing import Desk
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.repository import Memory, open_memory
from kairos_git.recall.search.finding import Found, Hit, Query, search, together


def said(text: str, minute: int = 0, src: str = "owner", **names: str) -> Observation:
    return observe(NOON + timedelta(minutes=minute), text, src, **names)


def told(memory: Memory, *observations: Observation) -> Memory:
    with memory.lock():
        spool.drain(Desk(memory), NOON, observations)
    return memory


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """A memory of three sessions and a commit, without a dream."""
    return told(
        seed.create(str(tmp_path / "app.memory"), NOON),
        said("The login page needs a second factor", 1, sess="claude-1"),
        said("Let us take the one that Ada wrote", 2, sess="claude-1"),
        said("Fine, merged", 3, sess="claude-1"),
        said("Caching was slow because the disk is shared", 60, "agent", sess="codex-2"),
        said("parseSnapshot returns None for a damaged file", 70, "agent", sess="codex-2", branch="fix/snapshot"),
        said("数据库迁移失败了", 80, sess="codex-3"),
        said("Bump actions/checkout from 3 to 4", 90, "external", sess="c-p9pgt1jm3prsf", at="4b23574cf833"),
        observe(datetime(2026, 3, 5, 9, tzinfo=UTC), "We moved the office to Leeds", "owner"),
    )


def texts(found: Found) -> list[str]:
    return [hit.text for hit in found.lines]


def ask(memory: Memory, text: str, **fields: object) -> list[str]:
    return texts(search(memory, Query(text, **fields)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("why is the cache slow?", "Caching was slow because the disk is shared"),
        ("who moves offices", "We moved the office to Leeds"),
        ("what happened in march", "We moved the office to Leeds"),
        ("2026-03-05", "We moved the office to Leeds"),
        ("parse_snapshot", "parseSnapshot returns None for a damaged file"),
        ("snapshot", "parseSnapshot returns None for a damaged file"),
        ("迁移", "数据库迁移失败了"),
        ("库", "数据库迁移失败了"),
        ("actions/checkout", "Bump actions/checkout from 3 to 4"),
        ("heckou", "Bump actions/checkout from 3 to 4"),
        ("external", "Bump actions/checkout from 3 to 4"),
    ],
)
def test_a_question_finds_its_line(memory: Memory, query: str, answer: str) -> None:
    """By stem, irregular form, date in words, parts of an identifier, other scripts, a piece of a word, who said it."""
    assert ask(memory, query)[:1] == [answer]


def test_a_line_is_found_by_what_was_said_next_to_it(memory: Memory) -> None:
    """And shows it: a line without the words of the question, between two that hold them or beside one."""
    found = search(memory, Query("second factor of the login page"))

    assert texts(found)[0] == "The login page needs a second factor"
    beside = next(hit for hit in found.lines if hit.text == "Let us take the one that Ada wrote")
    assert (beside.before, beside.after) == (("The login page needs a second factor",), ("Fine, merged",))
    assert beside.session == "claude-1"


def test_sessions_do_not_border_on_each_other(memory: Memory) -> None:
    """The first line of a session has none before it, however close in time another's last one is."""
    (first, *_) = search(memory, Query("caching slow")).lines

    assert (first.before, first.after) == ((), ("parseSnapshot returns None for a damaged file",))


def test_commits_of_a_day_are_no_conversation(memory: Memory) -> None:
    """A commit says what it says by itself; what was committed next to it is git's to tell."""
    told(memory, *(said(f"Tidy module {n}", n, "external", sess=f"c-p9pgt1jm3prs{n}") for n in range(3)))

    assert [(h.before, h.after) for h in search(memory, Query("tidy module 1")).lines[:1]] == [((), ())]


def test_a_hit_says_where_it_stands(memory: Memory) -> None:
    """Path and line of the day log are those of the line itself."""
    (hit, *_) = search(memory, Query("checkout")).lines
    line = Path(memory.path, hit.path).read_text().split("\n")[hit.line - 1]

    assert hit.id in line
    assert (hit.kind, hit.src, hit.at, hit.time) == ("line", "external", "4b23574cf833", "2026-11-21T13:30:00+00:00")


@pytest.mark.parametrize(
    "query", ["", "   ", "\0", "qqqzzz", "🎉", '"', "NEAR(", "* OR", "a" * 100_000, "x " * 50_000, "\udcff\ud800"]
)
def test_what_finds_nothing_is_an_answer(memory: Memory, query: str) -> None:
    """No query raises."""
    assert search(memory, Query(query))[:2] == ((), ())


@pytest.mark.parametrize(
    "wrap", ['"{}"', "({})", "text:{}", "{}*", "-{}", "{} AND", "NOT {}", "{}\0", "^{}", "NEAR({} x, 2)", "{{a}}: {}"]
)
def test_the_syntax_of_the_index_is_no_syntax_here(memory: Memory, wrap: str) -> None:
    """What FTS5 would take for an operator is left aside, and the word beside it is found."""
    assert "Caching was slow because the disk is shared" in ask(memory, wrap.format("caching"))


@given(text=st.text(max_size=60))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_breaks_a_search(memory: Memory, text: str) -> None:
    """Nor as author, branch or path."""
    search(memory, Query(text, author=text, branch=text, paths=(text,)))


def test_the_limits_of_a_query_hold(memory: Memory) -> None:
    """Source, days, and how many."""
    assert ask(memory, "login caching office checkout", src="external") == ["Bump actions/checkout from 3 to 4"]
    assert ask(memory, "login caching office checkout", until="2026-03-31") == ["We moved the office to Leeds"]
    assert "We moved the office to Leeds" not in ask(memory, "login caching office checkout", since="2026-04-01")
    assert len(ask(memory, "login caching office checkout", most=2)) == 2
    assert ask(memory, "login caching office checkout", most=10**30) == ask(memory, "login caching office checkout")


@pytest.mark.parametrize(
    ("boost", "first"),
    [
        ({"author": "codex"}, "Caching was slow because the disk is shared"),
        ({"author": "external"}, "Bump actions/checkout from 3 to 4"),
        ({"branch": "fix/snapshot"}, "parseSnapshot returns None for a damaged file"),
        ({"paths": ("actions/checkout",)}, "Bump actions/checkout from 3 to 4"),
    ],
)
def test_what_is_asked_for_beside_the_words_goes_first(memory: Memory, boost: dict[str, object], first: str) -> None:
    """Author, branch, path: they lift a line and keep none away."""
    found = ask(memory, "page disk damaged checkout office", **boost)

    assert found[0] == first
    assert len(found) > 2


def test_the_same_words_answer_once(memory: Memory) -> None:
    """Of a message that was written every week, the newest is shown."""
    told(memory, *(said("Update the lockfile", n, "external", sess=f"c-p9pgt1jm3prs{n}") for n in range(5)))

    found = search(memory, Query("lockfile"))

    assert texts(found) == ["Update the lockfile"]
    assert found.lines[0].time == "2026-11-21T12:04:00+00:00"


def test_an_author_is_known_by_the_address_a_commit_is_rooted_in(app: Place) -> None:
    """The log holds no address, but the root of a commit is made of one."""
    app.commit("Tune the cache")
    app.run("dream", "--now", app.tick().isoformat())
    memory = open_memory(str(app.memory))

    (plain, *_) = search(memory, Query("tune cache")).lines
    (asked, *_) = search(memory, Query("tune cache", author="Ada@Example.org")).lines
    assert asked.id == plain.id
    assert asked.score > plain.score


def test_facts_come_first_and_ended_ones_are_history(app: Place) -> None:
    """What was superseded is found, says so, and stands behind what holds; the raw lines stay searchable after the dream."""
    app.say("Tests run with `tox -e py`")
    app.dream()
    app.say("Tests run with `pytest -q`", days=1)
    app.dream()
    memory = open_memory(str(app.memory))

    found = search(memory, Query("how do tests run"))

    assert [(f.text, f.state) for f in found.facts][:2] == [
        ("Tests run with `pytest -q`", "confirmed"),
        ("Tests run with `tox -e py`", "superseded"),
    ]
    live, ended = found.facts[:2]
    assert (live.path, live.until, ended.path, ended.until) == ("topics/tests.md", "", "", "2026-11-22")
    assert live.id in Path(memory.path, live.path).read_text().split("\n")[live.line - 1]
    assert {h.text for h in search(memory, Query("tox", src="owner")).lines} == {"Tests run with `tox -e py`"}


def test_what_the_topics_say_is_live_is_live(app: Place) -> None:
    """Also where the log has moved on since the last dream, and the fold would say otherwise."""
    app.say("Tests run with `tox -e py`")
    app.dream()
    app.say("Tests run with `pytest -q`", days=1)
    app.run("drain", "--now", app.tick().isoformat())

    found = search(open_memory(str(app.memory)), Query("tox"))

    assert [(f.text, f.state) for f in found.facts] == [("Tests run with `tox -e py`", "confirmed")]


def test_a_rejected_fact_is_found_as_such(app: Place) -> None:
    """The owner can ask what they decided against."""
    app.say("Tests run with `tox -e py`")
    app.dream()
    app.run("reject", app.fact("tox")["id"])
    memory = open_memory(str(app.memory))

    assert [(f.text, f.state) for f in search(memory, Query("tox")).facts] == [("Tests run with `tox -e py`", "rejected")]


def test_a_fact_that_an_uncommitted_edit_takes_away_is_hidden(app: Place) -> None:
    """As for every reader."""
    app.say("Tests run with `pytest -q`")
    app.dream()
    memory = open_memory(str(app.memory))
    topic = Path(memory.path, "topics/tests.md")
    assert search(memory, Query("pytest")).facts

    topic.write_text("".join(line for line in topic.read_text().splitlines(True) if "pytest -q" not in line))

    assert [f for f in search(memory, Query("pytest")).facts if f.state == "confirmed"] == []


def test_the_lines_behind_a_fact_stand_behind_it(app: Place) -> None:
    """Who said it, and when. What code read in the tree says no more than its fact, and is shown as that alone."""
    name = app.say("Tests run with `pytest -q`")
    app.dream()
    memory = open_memory(str(app.memory))

    found = search(memory, Query("pytest tests"))
    tree = search(memory, Query("requires python"))

    assert found.facts[0].evidence == (name,)
    assert [h.id for h in found.lines] == [name]
    assert [f.key for f in tree.facts] == ["python.requires"]
    assert tree.lines == ()
    assert [h.src for h in search(memory, Query("requires python", src="probe")).lines] == ["probe"]


def test_what_waits_in_the_spool_is_found_once(memory: Memory) -> None:
    """Before the drain without a place, after it with one; and gone where it never came."""
    waits = said("The hamster cage is blue", 100)
    lost = said("The hamster cage is red", 101)

    before = search(memory, Query("hamster"), [waits, lost]).lines
    told(memory, waits)
    after = search(memory, Query("hamster"), []).lines

    assert {(h.id, h.path) for h in before} == {(waits.id, ""), (lost.id, "")}
    assert [(h.id, h.path) for h in after] == [(waits.id, "log/2026/11/2026-11-21.md")]
    assert [h.id for h in search(memory, Query("hamster")).lines] == [waits.id]


def test_the_vault_is_closed_unless_it_is_asked_for(memory: Memory) -> None:
    """As a line, as a fact, and as somebody's neighbour."""
    told(
        memory,
        said("Bank matters today", 110, sess="claude-9"),
        said("vault.bank = `DE89 3704`", 111, sess="claude-9"),
        said("Done with the bank", 112, sess="claude-9"),
    )

    shut = search(memory, Query("bank vault DE89 3704"))
    wide = search(memory, Query("bank vault DE89 3704", vault=True))

    assert "vault.bank = `DE89 3704`" in texts(wide)
    assert "3704" not in repr(shut)
    assert "3704" not in repr([h for h in wide.lines if h.text != "vault.bank = `DE89 3704`"])
    assert "3704" not in repr(search(memory, Query("3704"))) + repr(search(memory, Query("704")))


def test_what_was_redacted_is_found_no_more(memory: Memory) -> None:
    """A tombstone takes the line out of the index, wherever it stands."""
    (hit,) = search(memory, Query("Leeds")).lines
    log = Path(memory.path, hit.path)
    lines = log.read_text().split("\n")
    lines[hit.line - 1] = f"- 09:00:00+00:00 [redacted] <!--x {hit.id} -->"
    log.write_text("\n".join(lines))
    memory.git.run("commit", "-q", "-am", "redact")

    assert search(memory, Query("Leeds office")).lines == ()


def test_answers_of_two_memories_are_one() -> None:
    """Facts first, best first, each with the name of its memory, and no more than were asked for."""
    kinds = {"f": "fact", "l": "line"}
    hits = {n: Hit(kinds[n[0]], n, n, "2026", score=float(n[1])) for n in ("f1", "f2", "l1", "l2", "l3")}
    one, other = Found((hits["f1"],), (hits["l3"], hits["l1"])), Found((hits["f2"],), (hits["l2"],))

    found = together([("", one), ("me", other)], 4)

    assert [(name, hit.id) for name, hit in found] == [("me", "f2"), ("", "f1"), ("", "l3"), ("me", "l2")]
