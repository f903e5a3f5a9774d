"""The memory repository: where it is, whether it is ours, and who may write.

The one rule: one committer at a time, by a lock the kernel drops with the process that held it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kairos_git.errors import Busy, KairosError, NotFound, NotWritable, WouldOverwrite
from kairos_git.gitrun import Git
from kairos_git.memory.objects import read_files, snapshot
from kairos_git.memory.parsed import KeptLogs
from kairos_git.memory.snapshot import SETTINGS, Parsed, Snapshot, parse_snapshot
from kairos_git.settings import Settings, load_settings

LOCK_SECONDS = 30.0


class Memory:
    """An open memory repository. Owns its path, its git, and the folder of what git does not hold (`<git dir>/kairos`)."""

    def __init__(self, path: str, gitdir: str) -> None:
        self.path = path
        self.gitdir = gitdir
        self.git = Git(path)
        self.own = os.path.join(gitdir, "kairos")
        self._parsed: Parsed = KeptLogs(os.path.join(self.own, "parsed"))  # most logs do not change between two snapshots

    def __repr__(self) -> str:
        return f"Memory({self.path!r})"

    @property
    def spool(self) -> str:
        return os.path.join(self.own, "spool")

    def head(self) -> str:
        """The commit HEAD names. Raises NotFound where there never was one, KairosError where it cannot be found any more."""
        found = next(self.git.objects(["HEAD"]))
        if found is None:
            if os.path.isdir(self.path) and os.listdir(self.path) != [
                ".git"
            ]:  # never advise to remove what holds somebody's memory
                raise KairosError(
                    f"The memory at {self.path} does not find its last commit: the branch that HEAD names is missing or damaged. Keep "
                    f"the folder: the second word in the last line of {os.path.join(self.gitdir, 'logs', 'HEAD')} is that commit; "
                    f"written into {os.path.join(self.gitdir, self._head_file() or 'HEAD')}, it brings everything back."
                )
            raise NotFound(f"The memory at {self.path} has no commit: it was not finished. Remove it and run `kairos-git init`.")
        return found[0]

    def branch(self) -> str:
        """The branch HEAD is on. Raises KairosError where HEAD is detached, since a dream must land somewhere."""
        name = self._head_file()
        if name is None or name.endswith("/.invalid"):  # a format of refs that keeps HEAD elsewhere
            name = self.git.text("symbolic-ref", "--quiet", "HEAD", check=False)
        if not name:
            raise KairosError(
                f"The memory at {self.path} is on no branch (detached HEAD). Run `git -C {self.path} switch -` (or switch "
                "to its branch) and try again. What was observed meanwhile waits in the spool."
            )
        return name.removeprefix("refs/heads/")

    def _head_file(self) -> str | None:
        try:
            with open(os.path.join(self.gitdir, "HEAD"), encoding="utf-8", errors="surrogateescape") as file:
                words = file.read().strip()
        except OSError:
            return None
        return words.removeprefix("ref: ") if words.startswith("ref: ") else None

    def snapshot(self, commit: str | None = None) -> Snapshot:
        """Everything the memory says at a commit, HEAD by default."""
        return snapshot(self.git, commit or self.head(), self._parsed)

    def settings(self) -> Settings:
        """kairos.yaml as it is committed: an edit that nobody committed sets nothing."""
        return load_settings(read_files(self.git, self.head(), [SETTINGS]).get(SETTINGS, b""))

    def doubt(self) -> None:
        """From now on parse every log anew: who checks a memory takes nobody's word for what is in it."""
        self._parsed = Parsed()

    def parse(self, files: dict[str, bytes]) -> Snapshot:
        """The memory that these files would make."""
        return parse_snapshot("", files, self._parsed)

    def unfinished(self) -> str | None:
        """What a person left half done here: a merge, a revert, a rebase; None where nothing is."""
        marks = {
            "MERGE_HEAD": "merge", "REVERT_HEAD": "revert", "CHERRY_PICK_HEAD": "cherry-pick", "rebase-merge": "rebase",
            "rebase-apply": "rebase", "sequencer": "revert of several commits", "BISECT_LOG": "bisect",
        }  # fmt: skip
        return next((name for mark, name in marks.items() if os.path.exists(os.path.join(self.gitdir, mark))), None)

    @contextmanager
    def lock(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the memory alone. Raises Busy after `seconds`, NotWritable where the lock cannot be made."""
        path = os.path.join(self.own, "lock")
        try:
            os.makedirs(self.own, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise NotWritable(f"The memory at {self.path} cannot be written ({error.strerror}). Nothing was changed.") from error
        try:
            _take(descriptor, seconds, self.path)
            yield
        finally:
            os.close(descriptor)


def _take(descriptor: int, seconds: float, path: str) -> None:
    deadline = time.monotonic() + seconds
    pause = 0.002
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if time.monotonic() >= deadline:
                raise Busy(
                    f"The memory at {path} has been in use by another kairos-git for {seconds:g} s. Try again when it is "
                    "done; what is observed meanwhile is safe in the spool."
                ) from error
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def open_memory(path: str) -> Memory:
    """The memory repository at a path. Raises NotFound where there is none, WouldOverwrite where it is not ours."""
    path = os.path.abspath(path)
    if not os.path.isdir(path):
        raise NotFound(f"There is no memory at {path}. Run `kairos-git init` in the project to make one.")
    gitdir = os.path.join(path, ".git")
    if not os.path.isdir(gitdir):
        result = Git(path).run("rev-parse", "--absolute-git-dir", "--show-prefix", check=False)
        words = result.out.decode("utf-8", "surrogateescape").split("\n")
        if result.code or words[1]:
            raise WouldOverwrite(
                f"{path} is not a git repository, so it is no memory of ours. Move it away or name another place."
            )
        gitdir = words[0]
    memory = Memory(path, gitdir)
    if not os.path.isdir(memory.own) and memory.git.run("cat-file", "-e", f"HEAD:{SETTINGS}", check=False).code:
        raise WouldOverwrite(
            f"{path} is a git repository, but not a memory of kairos-git (it has no {SETTINGS}). Nothing was changed; name "
            "another place with --memory."
        )
    return memory
