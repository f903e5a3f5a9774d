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
from kairos_git.gitrun import Git, advice
from kairos_git.memory.files import read_regular
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
            named = self.git.text("rev-parse", "--verify", "--quiet", "HEAD", check=False)
            if named:  # the branch is whole, its commit is not
                words = f"cannot read its last commit {named}: it is damaged or missing"
                raise KairosError(f"The memory at {self.path} {words}.{advice(self.path, words)}")
            logs, name = os.path.join(self.gitdir, "logs"), self._head_file() or "HEAD"
            branches = self.git.lines("for-each-ref", "--format=%(refname:short)", "refs/heads", check=False)
            if branches and not os.path.exists(os.path.join(logs, name)):
                raise KairosError(
                    f"The memory at {self.path} is on a branch without any commit. Run `git -C {self.path} switch {branches[0]}` and try "
                    "again. What was observed meanwhile waits in the spool."
                )
            if os.path.exists(logs) or (os.path.isdir(self.path) and os.listdir(self.path) != [".git"]):
                raise KairosError(
                    f"The memory at {self.path} does not find its last commit: the branch that HEAD names is missing or damaged. Keep "
                    f"the folder: the second word in the last line of {os.path.join(logs, 'HEAD')} is that commit; "
                    f"written into {os.path.join(self.gitdir, name)}, it brings everything back."
                )
            raise NotFound(
                f"The memory at {self.path} was not finished. Run `kairos-git init`, which goes on where it was cut off."
            )
        return found[0]

    def branch(self) -> str:
        """The branch HEAD is on. Raises KairosError where HEAD is detached, since a dream must land somewhere."""
        name = self._head_file()
        if name is None or name.endswith("/.invalid"):  # a format of refs that keeps HEAD elsewhere
            name = self.git.text("symbolic-ref", "--quiet", "HEAD", check=False)
        if not name:
            self.refuse_unfinished()  # a rebase has no branch, and must not be left by a switch
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

    def settings(self, commit: str | None = None) -> Settings:
        """kairos.yaml as it is committed, at HEAD by default: an edit that nobody committed sets nothing."""
        return load_settings(read_files(self.git, commit or self.head(), [SETTINGS]).get(SETTINGS, b""))

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
        found = [mark for mark in marks if os.path.exists(os.path.join(self.gitdir, mark))]
        if found[:1] == ["MERGE_HEAD"] and self._merged():
            del found[0]
        return marks[found[0]] if found else None

    def _merged(self) -> bool:
        """Whether HEAD is the merge that is said to be going on: git runs post-merge before it takes its own mark away."""
        wanted = (read_regular(os.path.join(self.gitdir, "MERGE_HEAD")) or b"").decode(errors="replace").split()
        return bool(wanted) and set(wanted) <= set(self.git.text("rev-list", "--parents", "-1", "HEAD", check=False).split()[1:])

    def refuse_unfinished(self) -> None:
        """Raise Busy where a person is in the middle of something here."""
        unfinished = self.unfinished()
        if unfinished:
            raise Busy(
                f"The memory at {self.path} is in the middle of a {unfinished}. Finish or abort it there (git status says how) "
                "and run the command again. What is observed meanwhile is safe in the spool."
            )

    @contextmanager
    def lock(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the memory alone. Raises Busy after `seconds`, NotWritable where the lock cannot be made."""
        path = os.path.join(self.own, "lock")
        try:
            os.makedirs(self.own, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise NotWritable(
                f"The memory at {self.path} cannot be written: {path} ({error.strerror}). Nothing was changed; make it writable "
                "for you and run the command again."
            ) from error
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


def _refuse_broken(memory: Memory) -> None:
    """Raise where git would not take the folder for a repository, and search for one around it."""
    mending = {
        "HEAD": "echo 'ref: refs/heads/main' > {}", "refs": "mkdir -p {}/heads", "objects": "restore {} from a clone or a backup",
    }  # fmt: skip
    gitdir = os.path.realpath(memory.gitdir)
    common = os.path.exists(os.path.join(gitdir, "commondir"))  # a linked work tree keeps these elsewhere
    missing = [name for name in mending if not os.path.lexists(os.path.join(gitdir, name))] if not common else []
    head = read_regular(os.path.join(gitdir, "HEAD"))
    if head is not None and not head.strip(b"\0\n "):  # what a power cut leaves
        missing = ["HEAD", *missing]
    if not missing:
        return
    if os.listdir(memory.path) == [".git"]:
        raise NotFound(
            f"The memory at {memory.path} was not finished. Run `kairos-git init`, which goes on where it was cut off."
        )
    if len(missing) == len(mending):
        return  # nothing of a repository is left that these steps could bring back; git says so
    steps = "; ".join(mending[name].format(os.path.join(gitdir, name)) for name in missing)
    raise KairosError(
        f"The memory at {memory.path} is damaged: its git directory lacks {' and '.join(missing)}. Keep the folder and do this, then "
        f"run the command again: {steps}."
    )


def open_memory(path: str) -> Memory:
    """The memory repository at a path. Raises NotFound where there is none, WouldOverwrite where it is not ours."""
    path = os.path.abspath(path)
    if os.path.lexists(path) and not os.path.isdir(path):
        what = "a link that leads nowhere" if os.path.islink(path) else "not a folder"
        raise WouldOverwrite(
            f"{path} is {what}, so no memory is there. Nothing was changed; move it away, or name another place with --memory."
        )
    if not os.path.isdir(path) or not os.listdir(path):
        raise NotFound(
            f"There is no memory at {path}. Run `kairos-git init` in the project to make one; if it was moved, `kairos-git init "
            "--memory` with its new place links it."
        )
    gitdir = os.path.join(path, ".git")
    if not os.path.isdir(gitdir):
        result = Git(path).run("rev-parse", "--absolute-git-dir", "--is-bare-repository", "--show-prefix", check=False)
        words = result.out.decode("utf-8", "surrogateescape").split("\n")
        if result.code == 0 and words[1] == "true":
            raise WouldOverwrite(
                f"{path} is a bare repository: a memory has files. Nothing was changed; `git clone {path}` to where the memory "
                "shall be and name that place with --memory."
            )
        if result.code or words[2]:
            raise WouldOverwrite(
                f"{path} is not a git repository, so it is no memory of ours. Move it away or name another place."
            )
        gitdir = words[0]
    memory = Memory(path, gitdir)
    if os.path.isdir(memory.own):
        _refuse_broken(memory)
    if not os.path.isdir(memory.own) and memory.git.run("cat-file", "-e", f"HEAD:{SETTINGS}", check=False).code:
        raise WouldOverwrite(
            f"{path} is a git repository, but not a memory of kairos-git (it has no {SETTINGS}). Nothing was changed; name "
            "another place with --memory."
        )
    return memory
