"""Many processes at once: every line once, no error; `make scorecard` lets 16 write 500 lines each."""

from __future__ import annotations

from pathlib import Path

from bench import defects
from bench.writers import a_place, flood


def test_every_line_of_many_writers_is_in_the_log_once(tmp_path: Path) -> None:
    """Four processes observe while two others dream: nothing is lost, doubled or refused."""
    written = flood(a_place(tmp_path), 4, 50)
    assert written.broken == ()
    assert written.acknowledged == written.once == 200
    assert written.dreams > 1


def test_a_build_without_locks_is_caught(tmp_path: Path) -> None:
    """The flood can fail: without locks, lines are lost or dreams collide."""
    assert defects.caught("nothing is locked", tmp_path, "writers.broken", 4, 60, str(tmp_path / "flood"))
