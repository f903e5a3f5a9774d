"""The ledger: what was asked and spent, by everybody, whatever happened to the file."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.errors import NotWritable
from kairos_git.runner.model.ledger import Entry, Ledger, Spent, format_entry, parse_entry, price, total
from kairos_git.runner.model.waiting import Shape, Waiting, format_waiting, parse_waiting
from kairos_git.settings import Limits, Model, load_settings

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HAIKU = Model("claude-haiku-5-5")

ENTRIES = st.builds(
    Entry, st.text(), st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1)).map(lambda t: t.replace(tzinfo=UTC, microsecond=0).isoformat()),
    st.text(), st.integers(0, 10**9), st.integers(0, 10**9), st.none() | st.floats(0, 1e6), st.booleans(), st.booleans(),
)  # fmt: skip


@given(ENTRIES)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    """format and parse are inverse."""
    assert parse_entry(format_entry(entry)) == entry


@given(
    ENTRIES, st.text(), st.text(), st.lists(st.tuples(st.lists(st.text()), st.lists(st.text()), st.lists(st.lists(st.text()))))
)
def test_a_waiting_batch_comes_back_as_it_was(
    entry: Entry, name: str, model: str, shapes: list[tuple[list[str], list[str], list[list[str]]]]
) -> None:
    """format and parse are inverse."""
    packets = {str(n): Shape(tuple(a), tuple(f), tuple(map(tuple, near))) for n, (a, f, near) in enumerate(shapes)}
    batch = Waiting(name, model, entry, packets)

    assert parse_waiting(format_waiting(batch)) == batch


@given(st.text())
def test_anything_else_is_no_entry_and_no_batch(text: str) -> None:
    """A damaged file is passed over, never an exception."""
    assert parse_entry(text) is None and parse_waiting(text) is None


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b'{"id":"a"}', b'{"at":1}', b"\xff\xfe", b"[1]", b"null", b"[" * 5000,
     format_entry(Entry("x", "2026-11-21T12:00:00+00:00", "m", -5, 0, 0.0)).encode(),
     format_entry(Entry("x", "yesterday", "m", 5, 0, 0.0)).encode(),
     format_entry(Entry("x", "2026-11-21T12:00:00+00:00", "m", 5, 0, float("nan"))).encode()],
)  # fmt: skip
def test_a_damaged_line_survives_and_the_others_count(tmp_path: Path, damage: bytes) -> None:
    """Also a line that was cut off: the next one begins on a line of its own."""
    ledger = Ledger(str(tmp_path))
    ledger.settle(ledger.reserve(NOON, "m", 100, 50, 0.5), 80, 20, 0.25)
    with open(ledger.path, "ab") as file:
        file.write(damage)
    ledger.reserve(NOON, "m", 7, 3, None)

    assert ledger.spent(NOON)[0] == Spent(2, 87, 23, 0.25, 1)
    assert damage in Path(ledger.path).read_bytes()


def test_a_call_that_was_cut_off_counts_at_its_estimate(tmp_path: Path) -> None:
    """Reserved and never settled: it may have been billed."""
    ledger = Ledger(str(tmp_path))
    ledger.reserve(NOON, "m", 100, 50, 0.5)

    assert ledger.spent(NOON)[0] == Spent(1, 100, 50, 0.5, 0)


def test_day_and_month_are_those_of_the_clock_that_asks(tmp_path: Path) -> None:
    """Yesterday counts for the month, last month for nothing; 23:30 in Berlin is the same day there."""
    ledger = Ledger(str(tmp_path))
    berlin = timezone(timedelta(hours=1))
    late = datetime(2026, 11, 21, 0, 30, tzinfo=berlin)  # 2026-11-20T23:30 in UTC
    for when in (late, NOON, NOON - timedelta(days=5), NOON - timedelta(days=25)):
        ledger.reserve(when, "m", 10, 0, 1.0)

    day, month = ledger.spent(NOON.astimezone(berlin))
    assert (day.calls, month.calls) == (2, 3)
    day, month = ledger.spent(NOON)
    assert (day.calls, month.calls) == (1, 3)


def _spend(folder: str, name: str) -> None:
    ledger = Ledger(folder)
    for n in range(50):
        ledger._append(Entry(f"{name}#{n}", NOON.isoformat(), "m", 1, 1, 0.0))


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """One write a line, on a descriptor that appends."""
    writers = [multiprocessing.get_context("fork").Process(target=_spend, args=(str(tmp_path), f"w{n}")) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert Ledger(str(tmp_path)).spent(NOON)[0].tokens == 400


def test_what_cannot_be_written_down_may_not_be_asked(tmp_path: Path) -> None:
    """No ledger, no call."""
    (tmp_path / "own").write_text("a file where the folder should be")

    with pytest.raises(NotWritable):
        Ledger(str(tmp_path / "own")).reserve(NOON, "m", 1, 1, 0.0)


WIDE = Limits(1e9, 1e9, 1e9)
REFUSED = {
    "the dream's tokens": (Model("m", tokens=WIDE._replace(dream=149), money=WIDE), "the dream's 149 tokens"),
    "the day's tokens": (Model("m", tokens=WIDE._replace(day=249), money=WIDE), "the day's 249 tokens"),
    "the month's tokens": (Model("m", tokens=WIDE._replace(month=349), money=WIDE), "the month's 349 tokens"),
    "the dream's money": (Model("m", tokens=WIDE, money=WIDE._replace(dream=1.4)), "the dream's $1.4"),
    "the day's money": (Model("m", tokens=WIDE, money=WIDE._replace(day=2.4)), "the day's $2.4"),
    "the month's money": (Model("m", tokens=WIDE, money=WIDE._replace(month=3.4)), "the month's $3.4"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_limit_is_checked_with_the_estimate_added(tmp_path: Path, case: tuple[Model, str]) -> None:
    """Had: 100 and $1 in this dream, as much today before it, as much this month before; asked for: 50 and $0.5."""
    model, words = case
    wide = model._replace(tokens=Limits(*(n + 1 for n in model.tokens)), money=Limits(*(n + 0.1 for n in model.money)))
    ledger = Ledger(str(tmp_path))
    ledger.reserve(NOON - timedelta(days=3), "m", 100, 0, 1.0)
    ledger.reserve(NOON - timedelta(hours=3), "m", 60, 40, 1.0)
    dream = total([ledger.reserve(NOON, "m", 100, 0, 1.0)])

    assert (ledger.refusal(model, NOON, dream, 50, 0.5) or "").startswith(words)
    assert ledger.refusal(wide, NOON, dream, 50, 0.5) is None


def test_prices_are_dated_data_with_an_override() -> None:
    """A dated name costs what the plain one does; batches half; unknown is unknown, never free."""
    assert price(HAIKU, 1_000_000, 100_000) == 0.15
    assert price(HAIKU._replace(name="claude-haiku-5-5-20261001"), 1_000_000, 100_000) == 0.15
    assert price(HAIKU, 1_000_000, 100_000, batch=True) == 0.075
    assert price(HAIKU._replace(prices=(("claude-haiku-5-5", 1.0, 2.0),)), 1_000_000, 100_000) == 1.2
    assert price(HAIKU._replace(name="claude-haiku-9"), 1, 1) is None


SETTINGS = {
    "nothing": ("owners: []", None, 0),
    "a name": ("model: claude-haiku-5-5", HAIKU, 0),
    "limits over the defaults": ("model: {name: m, tokens: {day: 5}}", Model("m", tokens=Limits(100_000, 5, 3_000_000)), 0),
    "the client": ("model: {via: claude}", Model("", via="claude"), 0),
    "prices": ("model: {name: m, prices: {m: {in: 1, out: 5}}}", Model("m", prices=(("m", 1.0, 5.0),)), 0),
    "no name": ("model: {seconds: 5}", None, 1),
    "another way": ("model: {name: m, via: pigeon}", None, 1),
    "a list": ("model: [m]", None, 1),
    "an unknown setting": ("model: {name: m, temperature: 0}", Model("m"), 1),
    "limits that are none": ("model: {name: m, money: lots, tokens: {week: 5}}", Model("m"), 2),
    "a limit below nothing": ("model: {name: m, money: {day: -1}}", Model("m"), 1),
    "no time": ("model: {name: m, seconds: soon}", Model("m"), 1),
    "prices that are none": ("model: {name: m, prices: {m: 5}}", Model("m"), 1),
}


@pytest.mark.parametrize("case", SETTINGS.values(), ids=SETTINGS)
def test_a_model_is_set_in_kairos_yaml(case: tuple[str, Model | None, int]) -> None:
    """What is wrong is a Problem and left at its default; where it is unclear which model, none is asked."""
    text, model, problems = case
    settings = load_settings(text.encode())

    assert settings.model == model and len(settings.problems) == problems


@pytest.mark.parametrize(
    ("text", "mode"), [("history: 5", "auto"), ("mode: off", "off"), ("mode: recall", "recall"), ("mode: propose", "propose")]
)
def test_a_mode_is_one_of_four(text: str, mode: str) -> None:
    """`off` is a word here, though YAML reads it as false."""
    assert load_settings(text.encode()).mode == mode and load_settings(text.encode()).problems == ()
    assert load_settings(b"mode: full").mode == "auto" and len(load_settings(b"mode: full").problems) == 1


def test_a_limit_on_changes_is_a_number_or_none() -> None:
    """Unset by default; what is no number is a Problem and sets none."""
    assert load_settings(b"most_changes: 5").most_changes == 5 and load_settings(b"history: 5").most_changes is None
    assert load_settings(b"most_changes: few").most_changes is None and len(load_settings(b"most_changes: few").problems) == 1
