"""Logs that were parsed before: the same as parsing anew, or ignored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from kairos_git.memory import parsed
from kairos_git.memory.daylog import format_daylog, log_path, parse_daylog
from kairos_git.memory.observation import observe
from kairos_git.memory.parsed import SMALL, KeptLogs
from kairos_git.memory.repository import Memory

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PATH = log_path("2026-11-21")
ROWS = [
    observe(NOON + timedelta(seconds=n), f"Füge Zeile {n} an, vielleicht", "owner", sess=f"s{n}", extra=[("slot", "a.b")])
    for n in range(80)
]
LOG = format_daylog(b"", "2026-11-21", ROWS) + b"- damaged \xff line\n- 12:00:00+00:00 [redacted] <!--x o-0000000000000 -->\n"


def kept(folder: Path, data: bytes = LOG) -> KeptLogs:
    """What a process that reads this log leaves in the folder."""
    logs = KeptLogs(str(folder))
    assert logs[PATH, data] == parse_daylog(PATH, data)
    return logs


def test_what_was_kept_is_what_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later process gets every value, problems and tombstones too, without parsing."""
    whole = parse_daylog(PATH, LOG)
    assert len(LOG) > SMALL and whole.observations and whole.tombstones and whole.problems
    kept(tmp_path)
    monkeypatch.setattr("kairos_git.memory.snapshot.parse_daylog", None)

    assert KeptLogs(str(tmp_path))[PATH, LOG] == whole


def _flip(place: Path) -> None:
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(bytes(data))


def _nonsense(place: Path) -> None:
    payload = b"no values at all"
    place.write_bytes(sha256(payload).digest() + payload)


def _folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


DAMAGE: dict[str, Callable[[Path], int | None]] = {
    "one bit": _flip,
    "cut short": lambda place: place.write_bytes(place.read_bytes()[:-7]),
    "empty": lambda place: place.write_bytes(b""),
    "nonsense with a checksum": _nonsense,
    "gone": Path.unlink,
    "a folder": _folder,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_ignored(tmp_path: Path, damage: Callable[[Path], int | None]) -> None:
    """Whatever became of the file, the log says what it says."""
    kept(tmp_path)
    damage(tmp_path / "2026-11-21")

    kept(tmp_path)


def test_other_bytes_are_parsed_anew(tmp_path: Path) -> None:
    """A log that grew, or was cut, is another log; of each day one is kept."""
    kept(tmp_path)
    kept(tmp_path, LOG.replace(b"Zeile 7 ", b"Zeile 8 "))
    kept(tmp_path, LOG + b"- more damage\n")

    assert [p.name for p in tmp_path.iterdir()] == ["2026-11-21"]


def test_another_parser_is_given_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older program kept is not read by a newer one."""
    kept(tmp_path)
    monkeypatch.setattr(parsed, "parser", lambda: b"another")
    place = str(tmp_path / "2026-11-21")

    assert parsed.load(place, PATH, (b"another", sha256(LOG).digest())) is None
    kept(tmp_path)
    assert parsed.load(place, PATH, (b"another", sha256(LOG).digest())) == parse_daylog(PATH, LOG)


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "own").write_text("")

    kept(tmp_path / "own" / "parsed")


def test_who_doubts_parses_anew(tmp_path: Path) -> None:
    """What somebody forged among the kept logs deceives no check: it reads the log itself."""
    memory = Memory(str(tmp_path), str(tmp_path / ".git"))
    forged = parse_daylog(PATH, LOG)._replace(observations=(observe(NOON, "Believe me", "owner"),))
    parsed.save(str(tmp_path / ".git" / "kairos" / "parsed" / "2026-11-21"), forged, (parsed.parser(), sha256(LOG).digest()))
    assert memory.parse({PATH: LOG}).observations == forged.observations

    memory.doubt()

    assert memory.parse({PATH: LOG}).observations == parse_daylog(PATH, LOG).observations
