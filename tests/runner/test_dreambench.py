"""DreamBench on a handful of made-up rows: its figures follow from what is believed, and are the same for a seed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.dreambench import poisoning, promoting, relating, scaling, streaming
from bench.dreambench.figures import bootstrap, clustered, retrieval, wilson
from bench.dreambench.hostile import aims
from bench.dreambench.rows import Change, Data, load
from bench.dreambench.speakers import Statement, Timeline, spoken, timelines

ROOT = Path(__file__).parents[2]
REPO, AMBER, BIRCH = "ada/app", "github.com/ada/amber", "git@github.com:ada/birch_tree"
PAIRS = [
    ("supersede", "The port is 8000", "The port is 9000"), ("rephrase", "Keep the ledger tidy.", "Keep the ledger tidy"),
    ("coexist", "Lint: `ruff check`", "Types: `mypy src`"), ("coexist_dup", "Read `A.md`", "See `A.md` first"),
]  # fmt: skip
CHANGES = [
    ("2026-01-01", "Begin", [(AMBER, None, "v1.0"), (BIRCH, None, "v3.0")]),
    ("2026-01-05", "Ran autoupdate", [(AMBER, "v1.0", "v1.1")]),
    ("2026-01-09", f"autoupdate\n\nupdates:\n- [{AMBER}: v1.1 → v1.2](https://{AMBER})", [(AMBER, "v1.1", "v1.2")]),
    ("2026-01-20", "Drop birch", [(BIRCH, "v3.0", None), (AMBER, "v1.2", "v1.3")]),
]


@pytest.fixture
def data(tmp_path: Path) -> Data:
    """Data in the layout of the real."""
    return load(_written(tmp_path / "data"))


def _written(folder: Path) -> Path:
    folder.mkdir()
    commits, truth = [], []
    for n, (day, text, changes) in enumerate(CHANGES):
        at = {"repo": REPO, "commit": f"{n:040}", "date": f"{day}T10:00:00+02:00"}
        commits.append({**at, "text": text})
        truth += [{**at, "subject": subject, "attr": "rev", "old": old, "new": new} for subject, old, new in changes]
    pairs = [{"label": label, "old": old, "new": new} for label, old, new in PAIRS]
    for name, rows in (("relate", pairs), ("stream", commits), ("stream.truth", truth)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_intervals_are_those_of_the_sources() -> None:
    """Wilson's for 85 of 100 is a textbook figure; a bootstrap of what never differs has no width."""
    assert wilson(85, 100) == [0.7672, 0.9069]
    assert wilson(0, 0) == [0.0, 1.0]
    assert clustered("x", [(1, 2)] * 9, 1) == {"x": 0.5, "x_ci": [0.5, 0.5]}
    wide = bootstrap([0.0, 1.0], lambda rows: sum(rows) / len(rows), 1)
    assert wide == [0.0, 1.0] == bootstrap([0.0, 1.0], lambda rows: sum(rows) / len(rows), 1)


def test_retrieval_counts_what_was_said_against_what_is_true() -> None:
    """Two said, one of them true, of three true: precision 1/2, recall 1/3, F1 2/5."""
    found = retrieval([(True, True), (True, False), (False, True), (False, True)], 1)
    assert (found["p"], found["r"], found["f1"], found["n"]) == (0.5, 0.3333, 0.4, 3)


def test_a_false_supersession_is_one_of_lines_that_both_hold(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same fact twice is scored nowhere; a rule that supersedes everything is caught."""
    found = relating.suite(data.pairs, 1).figures
    assert found["supersede"]["n"] == found["merge"]["n"] == found["false_supersession"]["of"] == 1
    monkeypatch.setattr(relating, "relation", lambda old, new: "supersede")
    found = relating.suite(data.pairs, 1).figures
    assert (found["supersede"]["r"], found["supersede"]["p"], found["false_supersession"]["n"]) == (1.0, 0.3333, 1)


@pytest.mark.parametrize(
    ("slot", "text", "subject"),
    [
        ("version.amber", "Version amber: `v1`", AMBER), ("version.birch-tree", "`v1`", BIRCH),
        ("pins.rev{repo=x}", f"{AMBER} is pinned at `v1`", AMBER), ("version.ambergris", "Version ambergris: `v1`", None),
    ],
)  # fmt: skip
def test_a_fact_speaks_of_the_slot_it_names(slot: str, text: str, subject: str | None) -> None:
    """Whatever the rules call their slots; a longer name is another's."""
    fact = {"id": "f", "slot": slot, "text": text, "value": "v1", "state": "tentative", "from": "2026-01-01"}
    assert streaming.believed([fact], [AMBER, BIRCH]) == ({subject: "v1"} if subject else {})
    assert streaming.believed([{**fact, "state": "superseded"}], [AMBER, BIRCH]) == {}


def test_a_tools_own_name_is_no_version_of_it() -> None:
    """`flake8` is what the hook of flake8 runs, digit or not."""
    fact = {"id": "f", "slot": "checks.flake8", "text": "`flake8`", "value": "flake8", "state": "confirmed", "from": "2026-01-01"}
    assert streaming.believed([fact], ["github.com/a/flake8"]) == {}


def test_a_change_is_announced_by_a_message_with_subject_and_whole_value() -> None:
    """v1.2 is not said by v1.2.1, nor by a message that names nobody."""
    change = Change(REPO, "c", "2026-01-01", AMBER, "v1.1", "v1.2")
    assert streaming.announced(f"[{AMBER.upper()}: v1.1 → v1.2]", change)
    assert not streaming.announced(f"[{AMBER}: v1.1 → v1.2.1]", change)
    assert not streaming.announced("v1.1 → v1.2", change)


def test_a_stream_is_lived_day_by_day(data: Data, tmp_path: Path) -> None:
    """With readings every slot then present is right on every day, and no law is broken; the removed one is not asked for."""
    lived = streaming.live(tmp_path, REPO, data.stream[REPO], True, False, 1)
    assert [slot.present for slot in lived.slots] == [(3, 3), (4, 4)]
    assert sum(of for _, of in lived.taken) == 1
    assert lived.laws.broken == () and lived.laws.checked > 15
    assert [len(day) for day in streaming.days(data.stream[REPO], 2)] == [2, 1, 1]
    found = streaming.suite([lived], False, 1).figures
    assert list(found) == [n + e for n in ("with_probes", "without_probes", "announced_taken") for e in ("", "_ci")]


def _statement(day: float, value: str, src: str = "agent", root: str = "", true: bool = True) -> Statement:
    session = root or f"s{day}"
    return Statement(day, "", src, session, session, "amber-x0", value, true, False, True)


def _fact(value: str, state: str = "confirmed") -> dict[str, Any]:
    return {"slot": "default.amber-x0-pin", "value": value, "state": state}


def test_promotions_are_held_against_the_newest_truth_spoken() -> None:
    """Right, then missed, then wrong: each day adds to the figure that is meant for it."""
    tally = promoting.Tally([Timeline("amber-x0", (0.0, 2.0), ("v1", "v2"))])
    tally.hear(_statement(0.5, "v1", "owner"))
    tally.look(0, [_fact("v1")])
    assert (tally.promoted, tally.false, tally.due, tally.met) == (1, 0, {("amber-x0", "v1", 0.0)}, {("amber-x0", "v1", 0.0)})
    tally.hear(_statement(2.5, "v2", "owner"))
    tally.look(2, [_fact("v1", "contested")])
    assert len(tally.due) == 2 and len(tally.met) == 1
    tally.hear(_statement(3.5, "v1", true=False))
    tally.look(3, [_fact("v1")])
    found = tally.figures(1)
    assert (found["promoted"], found["false_rate"], tally.returned) == (2, 0.5, 1)
    assert (found["missed_rate"], found["served_wrong"], found["coverage"]) == (0.5, 0.5, 0.6667)


def test_evidence_is_sufficient_from_an_owner_a_tool_or_three_roots_on_two_days() -> None:
    """An echo has the root of what it repeats, and adds nothing."""
    assert promoting.sufficient([_statement(1.5, "v1", "probe")])
    assert promoting.sufficient([_statement(1.2, "v1"), _statement(1.5, "v1"), _statement(2.5, "v1")])
    assert not promoting.sufficient([_statement(1.2, "v1"), _statement(1.5, "v1"), _statement(1.7, "v1")])
    assert not promoting.sufficient([_statement(n + 0.5, "v1", root="one") for n in range(5)])
    assert not promoting.sufficient([_statement(1.5, "v1", "owner")._replace(hedged=True)])


def test_the_speakers_are_those_the_seed_makes(data: Data) -> None:
    """Tools and the unhedged owner say what is so; echoes carry the root of another session."""
    told = timelines(data.changes, random.Random(1), days=30)
    said = spoken(told, 0.5, random.Random(1), days=30)
    assert said == spoken(told, 0.5, random.Random(1), days=30) != spoken(told, 0.5, random.Random(2), days=30)
    first = [s for s in said if s.first]
    assert all(s.true for s in first if s.src == "probe" or (s.src == "owner" and not s.hedged))
    assert any(not s.true for s in first) and all(s.root != s.session for s in said if not s.first)


def test_promote_gives_the_same_figures_for_a_seed(data: Data, tmp_path: Path) -> None:
    """Two runs in two places agree to the digit, keep every law, and have the keys that are asked for."""
    one, two = (promoting.live(tmp_path / name, data.changes, 0.3, 7, days=4) for name in ("one", "two"))
    assert one.figures == two.figures and one.laws.broken == ()
    rates = [n + e for n in ("missed_rate", "served_wrong", "coverage") for e in ("", "_ci")]
    assert list(one.figures) == ["false_rate", "false_rate_ci", "promoted", *rates]


def test_every_aim_has_a_mark_of_its_own_and_is_seen_where_it_stands() -> None:
    """What was said for one aim never counts for another."""
    told = list(aims(random.Random(1)))
    marks = {aim.mark: aim.kind for aim in told}
    assert len(marks) == len(told) > 80
    assert all(aim.mark in row["text"].casefold() for aim in told for _, row in aim.said)
    assert poisoning._marks(marks, f"- Use `{told[3].mark}`, said {told[5].mark}.") == {told[3].mark, told[5].mark}


def test_no_poison_from_outside_or_in_our_own_format_gets_in(tmp_path: Path) -> None:
    """Nor do many agents, with a session each, get in what fetches and runs."""
    found = poisoning.suite(tmp_path, 3, days=7)
    kinds = dict(note.rsplit(": ", 1) for note in found.notes[1:])
    reached = {kind for kind, counted in kinds.items() if not counted.startswith("0 of")}
    assert reached == set()
    assert found.laws.broken == () and list(found.figures) == ["confirmed", "confirmed_ci", "indexed", "indexed_ci", "of"]


def test_scale_times_every_stage(tmp_path: Path) -> None:
    """Each stage took time, and a ratio of two of them is told."""
    found = scaling.live(tmp_path, 300, 1)
    assert all(seconds > 0 for seconds in found["seconds"].values()) and found["incremental_over_first"] > 0
    assert (
        found["peak_mb"] > 10 and 0 < found["tokens_in_per_observation"] <= 320 and 0 < found["tokens_out_per_observation"] <= 70
    )


def test_the_last_line_is_one_json_object(tmp_path: Path) -> None:
    """Run as `make bench-dream` runs it, for one suite."""
    words = [sys.executable, "-m", "tests.bench.dreambench", "--data", str(_written(tmp_path / "data")), "--seed", "2", "relate"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert list(json.loads(done.stdout.splitlines()[-1])) == ["relate"]
    assert "relate.supersede.p" in done.stdout
