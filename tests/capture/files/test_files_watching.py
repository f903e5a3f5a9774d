"""Live watching with the kernel's own events: a thousand saves are a few looks, and what cannot be watched is looked at."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import Place
from kairos_git.capture.files import taking, watching
from kairos_git.capture.files.watching import folders_to_watch, watch
from kairos_git.capture.project import find_project
from kairos_git.errors import Problem
from kairos_git.memory.repository import open_memory


@contextmanager
def watched(place: Place, apart: float = 0.05) -> Iterator[list[Problem | None]]:
    """What the sink is told while the block runs."""
    told: list[Problem | None] = []
    stop = threading.Event()
    arguments = (find_project(str(place.root)), told.append, stop)
    thread = threading.Thread(target=watch, args=arguments, kwargs={"apart": apart, "look": 0.05})
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def until(met: Callable[[], bool]) -> bool:
    """Whether it comes true; nothing waits for longer than a minute."""
    end = time.monotonic() + 60
    while not met() and time.monotonic() < end:
        time.sleep(0.02)
    return met()


def begin(place: Place, told: list[Problem | None]) -> None:
    """Wait until the watcher sees saves, and for what it has seen to be told."""

    def seen() -> bool:
        place.write("a.py", f"{time.monotonic()}\n")
        return bool(told)

    assert until(seen)


def test_a_thousand_saves_are_a_few_looks_and_one_line(app: Place) -> None:
    """Events are gathered; the log gets one line."""
    pytest.importorskip("watchfiles")
    memory, project = open_memory(str(app.memory)), find_project(str(app.root))
    taking.take_in(memory, project, app.now)
    with watched(app, apart=1.0) as told:
        begin(app, told)
        before = len(told)
        for n in range(1000):
            app.write("b.py", f"b = {n}\n")
        assert until(lambda: len(told) > before)
        time.sleep(1.5)
        assert len(told) - before <= 10
    assert set(told) == {None}


def test_what_git_ignores_is_not_watched(app: Place) -> None:
    """A full node_modules takes no place in the kernel's table, and nothing of it wakes anybody."""
    app.write(".gitignore", "node_modules/\n")
    app.write("node_modules/deep/x.js", "x\n")
    app.write("src/deep/y.js", "y\n")

    names = {str(Path(p).relative_to(app.root)) for p in folders_to_watch(find_project(str(app.root)))}

    assert names == {".", "src", "src/deep"}


def test_a_folder_made_meanwhile_is_watched(app: Place) -> None:
    """Its files wake the watcher as those of the others do."""
    pytest.importorskip("watchfiles")
    with watched(app) as told:
        begin(app, told)
        app.write("fresh/one.py", "1\n")
        count = len(told)

        def seen() -> bool:
            app.write("fresh/one.py", f"{time.monotonic()}\n")
            return len(told) > count + 3

        assert until(seen)


def test_a_project_that_goes_is_said_and_ends_it(app: Place) -> None:
    """No loop goes on about a folder that is gone."""
    with watched(app) as told:
        begin(app, told)
        shutil.rmtree(app.root)
        assert until(lambda: bool(told) and isinstance(told[-1], Problem))
    assert "gone" in str(told[-1])


@pytest.mark.parametrize("case", ["no library", "too many folders", "a full table"])
def test_what_cannot_be_watched_is_looked_at(app: Place, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said once, with what to do about it, and then the work tree is looked at again and again."""
    if case == "no library":
        monkeypatch.setitem(sys.modules, "watchfiles", None)
    elif case == "too many folders":
        monkeypatch.setattr(watching, "MOST_FOLDERS", 0)
    else:
        module = pytest.importorskip("watchfiles")

        def full(*paths: str, **options: object) -> Iterator[None]:
            raise OSError(28, "OS file watch limit reached")

        monkeypatch.setattr(module, "watch", full)
    with watched(app) as told:
        assert until(lambda: len(told) > 3)

    said = [t for t in told if t is not None]
    assert len(said) == 1
    assert {"no library": "watch]", "too many folders": "too many", "a full table": "max_user_watches"}[case] in str(said[0])


def test_a_really_full_table_is_said(app: Place) -> None:
    """With the kernel's own refusal: this user may have no further inotify instance."""
    pytest.importorskip("watchfiles")
    import ctypes
    import ctypes.util

    libc = ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6", use_errno=True)
    if not hasattr(libc, "inotify_init1"):
        pytest.skip("no inotify here")
    import os

    taken: list[int] = []
    try:
        while len(taken) < 4096 and (descriptor := libc.inotify_init1(0)) >= 0:
            taken.append(descriptor)
        if len(taken) >= 4096:
            pytest.skip("the kernel's table of inotify instances has no end here")
        with watched(app) as told:
            assert until(lambda: len(told) > 3)
    finally:
        for descriptor in taken:
            os.close(descriptor)
    assert isinstance(told[0], Problem) and "cannot be watched" in str(told[0])
