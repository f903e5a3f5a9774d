"""Each value and its text: what is written reads back the same, byte for byte."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.errors import Problem, UsageError
from kairos_git.memory import index
from kairos_git.memory.annotation import Annotation, annotate, format_annotation, parse_annotation
from kairos_git.memory.daylog import format_daylog, fresh, log_day, log_path, parse_daylog
from kairos_git.memory.fact import LIVE, Fact, fact_id, format_fact, parse_fact, text_of, value_of
from kairos_git.memory.observation import Observation, Tombstone, format_observation, observe, parse_observation, parse_time
from kairos_git.memory.ruling import HEADING, KINDS, Ruling, format_ruling, parse_ruling, parse_rulings, rule
from kairos_git.memory.text import code, code_spans, identity, normal_text, normal_value, one_line, quote, unquote
from kairos_git.memory.topic import format_topic, parse_topic, seed_topic

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: one_line(t) != "")
zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
times = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=zones).map(lambda t: t.replace(microsecond=0))
slots = st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z][a-z0-9-]{0,8}){0,2}", fullmatch=True)
conds = st.sampled_from(["", "os=windows", "branch=feature/x", "part=web,os=linux"])
values = st.text(string.ascii_letters + string.digits + " `-_./=<>%é→", min_size=1).map(normal_value).filter(bool)
observations = st.builds(
    observe, times, words, st.sampled_from(["owner", "agent", "commit", "probe"]),
    sess=st.text(max_size=12), root=st.text(max_size=12), branch=st.text(max_size=12), at=st.from_regex(r"[0-9a-f]{0,12}", fullmatch=True),
    extra=st.sampled_from([(), (("slot", "tests.command"),), (("many", ""), ("later", "a b%<>"))]),
)  # fmt: skip
facts = st.builds(
    lambda slot, cond, value, state: Fact(
        fact_id(slot, cond, value), slot, cond, value, text_of(slot, value), state, "2026-11-21", (identity("o", value), identity("o", slot))
    ),
    slots, conds, values, st.sampled_from(LIVE),
).filter(lambda f: f.slot not in ("note", "rules"))  # fmt: skip


@given(observations)
def test_an_observation_reads_back(o: Observation) -> None:
    """format and parse are inverse, whatever was said, in whatever script."""
    line = format_observation(o)

    assert parse_observation(o.day, line) == o
    assert "\n" not in line


@given(observations, st.integers(0), st.characters(exclude_categories=["Cs"], exclude_characters="\n"))
def test_a_changed_line_is_no_evidence(o: Observation, place: int, other: str) -> None:
    """Change one character of what a line says and it is a Problem, or says the same."""
    line = format_observation(o)
    spot = place % len(line)
    changed = line[:spot] + other + line[spot + 1 :]

    found = parse_observation(o.day, changed)

    assert isinstance(found, (Problem, Tombstone)) or found.text == o.text


@given(words)
def test_a_text_cannot_imitate_our_marks(text: str) -> None:
    """Neither a comment nor a line break survives in a text, so nobody writes a second line or a forged id."""
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert "<!--" not in line and "-->" not in line
    assert one_line(line) == line


def test_a_long_text_is_cut_and_marked() -> None:
    """What is cut says so, and is no longer than stated."""
    line = one_line("x" * 1_000_000)

    assert len(line) == 2000
    assert line.endswith("[…cut]")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_word_of_a_comment_reads_back(value: str) -> None:
    """Spaces, angle brackets and percent signs do not end a word."""
    word = quote(value)

    assert unquote(word) == value
    assert not any(c.isspace() or c in "<>" for c in word)


@given(values)
def test_a_code_span_holds_any_value(value: str) -> None:
    """Backticks in a value do not end its span."""
    assert code_spans(code(value)) == [value]


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """Identity rests on it."""
    assert normal_value(normal_value(text)) == normal_value(text)
    assert normal_text(normal_text(text)) == normal_text(text)


@given(facts)
def test_a_fact_reads_back(fact: Fact) -> None:
    """format and parse are inverse; the id is the hash of slot, condition and value."""
    assert parse_fact(format_fact(fact)) == fact


def test_a_reworded_fact_keeps_its_id() -> None:
    """The id is of the value, not of the sentence around it."""
    one, other = "Tests run with `tox`", "Run `tox` for the tests"

    assert fact_id("tests.command", "", value_of("tests.command", one)) == fact_id(
        "tests.command", "", value_of("tests.command", other)
    )


prose = st.lists(st.text(string.ascii_letters + " #*\r", max_size=20), max_size=6).map("\n".join)


@given(prose, st.lists(facts, max_size=6, unique_by=lambda f: f.id), st.lists(facts, max_size=6, unique_by=lambda f: f.id))
def test_facts_come_and_go_and_prose_stays(text: str, first: list[Fact], then: list[Fact]) -> None:
    """Whatever facts a topic holds one after another, people's own lines are kept byte for byte."""
    data = text.encode()
    filled = format_topic(data, first)
    changed = format_topic(filled, then)

    assert set(parse_topic("", changed).facts) == set(then)
    assert format_topic(changed, then) == changed
    assert format_topic(changed, []).rstrip(b"\n") == data.rstrip(b"\n")


def test_facts_stand_sorted_by_slot_among_the_prose() -> None:
    """A new fact goes where its slot belongs; a remark between two facts stays where it was put."""
    a, b, c = (
        Fact(fact_id(s, "", "v"), s, "", "v", text_of(s, "v"), "confirmed", "2026-11-21", ("o-x",)) for s in ("a", "b", "c")
    )
    data = format_topic(seed_topic("x"), [a, c]).replace(format_fact(a).encode(), format_fact(a).encode() + b"\nA remark.")

    lines = format_topic(data, [a, b, c]).decode().splitlines()

    assert [line for line in lines if line.startswith("- ") or line == "A remark."] == [
        format_fact(a),
        format_fact(b),
        "A remark.",
        format_fact(c),
    ]


@given(
    times,
    st.sampled_from(KINDS),
    slots,
    conds,
    values,
    st.lists(values.map(lambda v: identity("o", v)), max_size=3),
    st.text(max_size=9),
)
def test_a_ruling_reads_back(time: datetime, kind: str, slot: str, cond: str, value: str, evidence: list[str], by: str) -> None:
    """format and parse are inverse, for any value and any name."""
    made = rule(time, kind, slot, cond, value, evidence=evidence, by=by, commit="9c1e2d4", state="tentative")

    assert parse_ruling(format_ruling(made)) == made
    assert parse_rulings(f"{HEADING}\n\n{format_ruling(made)}\n".encode()) == ((made,), ())


@given(st.sampled_from(["slot", "same", "abstain"]), st.lists(st.text(), max_size=2).map(tuple), st.text(), st.text())
def test_an_annotation_reads_back(op: str, on: tuple[str, ...], value: str, quoted: str) -> None:
    """format and parse are inverse, and fields of a newer version are kept."""
    made = annotate(op, on, value=value, quote=quoted, model="m", prompt="1")
    newer = made._replace(rest='{"later":[1,{"x":null}]}')

    assert parse_annotation(format_annotation(made)) == made
    assert parse_annotation(format_annotation(newer)) == newer
    assert isinstance(made, Annotation)


@given(st.lists(observations, max_size=8), st.sampled_from([b"", b"# mine\n", b"torn", b"# mine\r\n\r\n"]))
def test_a_log_only_grows_and_twice_is_once(told: list[Observation], start: bytes) -> None:
    """What stood there stands there; adding the same lines again adds nothing."""
    day = "2026-11-21"
    told = [o for o in told if o.day == day] + [observe(parse_time("2026-11-21T09:00:00Z"), "Seed", "owner")]
    grown = format_daylog(start, day, fresh(start, told))

    assert grown.startswith(start)
    assert fresh(grown, told) == []
    assert {o.id for o in parse_daylog(log_path(day), grown).observations} == {o.id for o in told}


def test_damage_in_a_log_is_named_and_the_rest_is_read() -> None:
    """A broken line is quarantined with its place; the others still count."""
    good = [observe(datetime(2026, 11, 21, 9, n, tzinfo=UTC), f"Line {n}", "owner") for n in range(3)]
    lines = [format_observation(o) for o in good]
    lines[1] = lines[1].replace("Line 1", "Line 7")
    log = parse_daylog("log/2026/11/2026-11-21.md", ("# 2026-11-21\n\n" + "\n".join(lines)).encode())

    assert log.observations == (good[0], good[2])
    assert [(p.line, p.law) for p in log.problems] == [(4, 1)]


def test_a_tombstone_beats_its_line() -> None:
    """Where a redaction and the line meet (after a merge), the redaction wins."""
    o = observe(datetime(2026, 11, 21, 9, tzinfo=UTC), "The password is in the drawer", "owner")
    stone = f"- 09:00:00+00:00 [redacted] <!--x {o.id} -->"
    log = parse_daylog("log/2026/11/2026-11-21.md", f"{format_observation(o)}\n{stone}\n".encode())

    assert log.observations == ()
    assert [t.id for t in log.tombstones] == [o.id]


@pytest.mark.parametrize(
    "text", ["", "2026-11-21", "2026-11-21T10:00:00", "yesterday", "0001-01-01T00:00:00Z", "2026-11-21T10:00:00+00:00:30"]
)
def test_a_time_without_an_offset_is_refused(text: str) -> None:
    """An instant is a date, a time and an offset; everything else is asked for again."""
    with pytest.raises(UsageError):
        parse_time(text)


@given(st.dates(datetime(1970, 1, 1).date(), datetime(2300, 1, 1).date()))
def test_a_day_has_one_log(day: object) -> None:
    """log_path and log_day are inverse."""
    assert log_day(log_path(str(day))) == str(day)


@given(st.lists(facts.map(lambda f: f._replace(state="confirmed")), max_size=400, unique_by=lambda f: f.id))
def test_the_index_keeps_its_budgets_and_counts_the_rest(told: list[Fact]) -> None:
    """Whatever is confirmed, 200 lines and 25,000 bytes hold, and what is left out is counted."""
    data = index.format_index(told)
    listed = [name for _, name in index.parse_index(data)]

    assert data.count(b"\n") <= index.MOST_LINES and len(data) <= index.MOST_BYTES
    assert len(set(listed)) == len(listed)
    assert {*listed} <= {f.id for f in told}
    left = len(told) - len(listed)
    assert (f"({left} more confirmed facts are in ".encode() in data) == (left > 0)


def test_an_unfolded_ruling_kind_is_named() -> None:
    """A kind of a newer version rules nothing and is reported."""
    made = format_ruling(rule(datetime(2026, 11, 21, tzinfo=UTC), "reject", "a", "", "v")).replace(" reject ", " banish ")

    assert isinstance(parse_ruling(made), Problem)
    assert not isinstance(parse_ruling(made), Ruling)
