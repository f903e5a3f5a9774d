"""Live watching of a work tree: the kernel says that something was written, a look at the work tree says what it was.

Every folder that holds a file git does not ignore is watched, and no other: a full `node_modules` costs nothing. Where that
cannot be (no watchfiles, a full table of watches, too many folders), the work tree is looked at every minute instead.

The one rule: a thousand saves are a few looks, and whatever cannot be watched is said once and looked at all the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from threading import Event
from typing import TYPE_CHECKING

from kairos_git.capture.project import Project
from kairos_git.errors import GitFailed, NotFound, Problem

if TYPE_CHECKING:
    from watchfiles import Change

MOST_FOLDERS = 20_000  # a tenth of the usual table of inotify watches
QUIET = 1.0  # seconds of silence that end a batch of events
APART = 15.0  # seconds between two looks while somebody saves all the time
LOOK = 60.0  # seconds between two looks where nothing can be watched

Sink = Callable[[Problem | None], None]


def watch(project: Project, sink: Sink, stop: Event, *, apart: float = APART, look: float = LOOK) -> None:
    """Call `sink(None)` after each batch of saves, until `stop` is set or the project is gone; blocks.

    `sink(problem)` says why something is not watched, or that the project is gone.
    """
    try:
        for found in _batches(project, stop):
            if isinstance(found, Problem):
                sink(found)
                break
            sink(None)
            if stop.wait(apart):
                return
    except NotFound:
        pass
    while os.path.isdir(project.root) and not stop.is_set():
        sink(None)
        stop.wait(look)
    if not stop.is_set():
        sink(Problem(project.root, 0, "the project is gone; it is not watched any more"))


def folders_to_watch(project: Project) -> list[str]:
    """Every folder that holds a file git tracks or does not ignore, the root among them. Raises NotFound and GitFailed."""
    names = project.git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard", timeout=60.0).out
    found = {""}
    for path in names.decode("utf-8", "surrogateescape").split("\0"):
        folder = os.path.dirname(path)
        while folder not in found:
            found.add(folder)
            folder = os.path.dirname(folder)
    paths = [os.path.join(project.root, name) if name else project.root for name in sorted(found)]
    return [path for path in paths if os.path.isdir(path) and not os.path.islink(path)]


def _batches(project: Project, stop: Event) -> Iterator[Problem | None]:
    """None for each batch of saves; a Problem, and the end, where they cannot be watched."""
    try:
        from watchfiles import Change, watch
    except ImportError:
        yield Problem(project.root, 0, "is looked at every minute; to watch it live: pip install 'kairos-git[watch]'")
        return
    while not stop.is_set():
        try:
            folders = folders_to_watch(project)
        except GitFailed as error:
            yield Problem(project.root, 0, f"cannot be watched, so it is looked at every minute: {error}")
            return
        if len(folders) > MOST_FOLDERS:
            yield Problem(project.root, 0, f"{len(folders)} folders are too many to watch; it is looked at every minute")
            return
        known = {*folders}
        try:
            for changes in watch(*folders, watch_filter=_is_ours, debounce=int(QUIET * 1000), step=200, stop_event=stop,
                                 recursive=False, rust_timeout=5000, yield_on_timeout=True, raise_interrupt=False):  # fmt: skip
                if not os.path.isdir(project.root):
                    return
                if changes:
                    yield None
                if any(change is not Change.modified and os.path.isdir(path) and path not in known for change, path in changes):
                    break  # a new folder: whether git ignores it is asked anew
        except (OSError, RuntimeError) as error:  # watchfiles raises both for what the kernel refuses
            if os.path.isdir(project.root):
                yield Problem(project.root, 0, _refused(error))
            return


def _is_ours(change: Change, path: str) -> bool:
    return f"{os.sep}.git{os.sep}" not in path and not path.endswith(f"{os.sep}.git")


def _refused(error: Exception) -> str:
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    full = "limit" in words.lower() or "no space" in words.lower() or "too many open" in words.lower()
    hint = "; the kernel's table of watches is full, see fs.inotify.max_user_watches" if full else ""
    return f"cannot be watched ({words[:200]}), so it is looked at every minute{hint}"
