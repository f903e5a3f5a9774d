"""Locks by files: one holder at a time, gone with its process, and no memory where there was none."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kairos_git.errors import NotWritable
from kairos_git.memory.alone import held, taken

HOLDS = (
    "import sys, time; from kairos_git.memory.alone import held\n"
    "with held(sys.argv[1], 'x.lock', wait=False) as free: print(free, flush=True); time.sleep(600)"
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder of a memory for what git does not hold, not made yet; what it lies in is there."""
    (tmp_path / "app.memory" / ".git").mkdir(parents=True)
    return tmp_path / "app.memory" / ".git" / "kairos"


@pytest.mark.parametrize("name", ["x.lock", "github/x.lock"], ids=["beside the rest", "in a folder"])
def test_the_second_finds_it_held(own: Path, name: str) -> None:
    """Its folders are made, its file is the owner's alone, and it is free again after the block."""
    assert not taken(str(own), name) and not own.exists()
    with held(str(own), name, wait=False) as free:
        assert free and taken(str(own), name) and stat.S_IMODE((own / name).stat().st_mode) == 0o600
        with held(str(own), name, wait=False) as second:
            assert not second
    assert not taken(str(own), name)


def test_who_waits_has_it_next(own: Path) -> None:
    """And is never told that it is not free."""
    told: list[bool] = []

    def wait() -> None:
        with held(str(own), "x.lock", wait=True) as free:
            told.append(free)

    waiting = threading.Thread(target=wait)
    with held(str(own), "x.lock", wait=True):
        waiting.start()
        assert not told
    waiting.join()
    assert told == [True]


def test_it_goes_with_the_process_that_held_it(own: Path) -> None:
    """Killed, so that it could clean up nothing."""
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(own)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "True\n" and taken(str(own), "x.lock")
        other.send_signal(signal.SIGKILL)
    assert not taken(str(own), "x.lock")


def test_a_memory_that_is_gone_is_not_made_again(own: Path) -> None:
    """Nor any folder of it; the error ends with what that means."""
    own.parent.rmdir()
    for name in ("x.lock", "github/x.lock"):
        with pytest.raises(NotWritable) as raised, held(str(own), name, wait=True, failing="GitHub was not asked."):
            pass
        assert str(raised.value) == f"{own / name} cannot be written (No such file or directory). GitHub was not asked."
    assert not os.path.exists(own.parent)


def test_a_link_in_its_place_is_not_followed(own: Path, tmp_path: Path) -> None:
    """Else a file elsewhere would be made."""
    own.mkdir()
    (own / "x.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotWritable), held(str(own), "x.lock", wait=False):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_an_error_in_the_block_stays_what_it_is(own: Path) -> None:
    """It is not told as one of the lock, and the lock is let go."""
    with pytest.raises(FileNotFoundError), held(str(own), "x.lock", wait=False):
        os.stat(own / "nothing")
    assert not taken(str(own), "x.lock")
