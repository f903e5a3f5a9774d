"""Making a memory repository, and keeping its git set up as design section 6 asks.

The one rule: a memory that works is set up again by every command that writes, since none of it travels in a clone.
"""

from __future__ import annotations

import os
import shlex
import sys
from datetime import datetime

from kairos_git import __version__, resources
from kairos_git.errors import KairosError, NotWritable, WouldOverwrite
from kairos_git.gitrun import MINIMUM, Git, version
from kairos_git.memory import handoff, index, ruling
from kairos_git.memory.landing import SELF, Commit, Person, build, follow, read_regular, write_whole
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import SETTINGS

BRANCH = "main"
# Git's defaults lose acknowledged commits, and whole repositories, in a power cut: `core.fsync` is why this list exists.
CONFIG = {
    "core.fsync": "committed",
    "core.fsyncMethod": "fsync",
    "core.symlinks": "false",
    "core.autocrlf": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "transfer.fsckObjects": "true",
    "merge.renames": "false",
    "merge.kairos.name": "facts, one by one",
}
HOOKS = ("post-commit", "post-merge", "post-rewrite")


def command() -> list[str]:
    """How a hook or git starts this program: by absolute path, without reading modules from the current folder."""
    return [sys.executable, "-P", "-m", "kairos_git"]


def driver() -> str:
    """The merge driver's command line, as git runs it."""
    return f"{shlex.join(command())} merge-driver %O %A %B %L %P"


def create(path: str, now: datetime, owner: Person | None = None) -> Memory:
    """Make an empty memory at a path. Raises WouldOverwrite where something else stands there."""
    if version() < MINIMUM:
        raise KairosError(f"git {'.'.join(map(str, MINIMUM))} or newer is needed; this one is {'.'.join(map(str, version()))}.")
    if not half_made(path) and os.path.lexists(path) and (not os.path.isdir(path) or os.listdir(path)):
        raise WouldOverwrite(
            f"{path} exists and is not a memory of kairos-git. Nothing was changed; name another place with --memory."
        )
    memory = Memory(path, os.path.join(path, ".git"))
    try:
        os.makedirs(memory.own, exist_ok=True)
    except OSError as error:
        raise NotWritable(f"{path} cannot be made ({error.strerror}). Name another place with --memory.") from error
    with memory.lock():
        if half_made(path):  # else another `init` made it while we waited
            _fill(memory, now, owner)
    return memory


def _fill(memory: Memory, now: datetime, owner: Person | None) -> None:
    """Make the repository and its first commit; what a killed one left half done is done again."""
    memory.git.run("init", "--quiet", "--template=", f"--initial-branch={BRANCH}")
    os.makedirs(memory.spool, exist_ok=True)
    settle(memory, owner, force=True)
    files = {
        SETTINGS: resources.read("templates", "kairos.yaml").encode(),
        ".gitattributes": resources.read("templates", "gitattributes").encode(),
        ruling.PATH: (ruling.HEADING + "\n\n").encode(),
        index.PATH: index.format_index([]),
        handoff.PATH: handoff.format_handoff([]),
    }
    message = "init: an empty memory\n\nDay logs, annotations and rulings only grow; dreams write topics, index and handoff.\n"
    (first,) = build(memory, None, [Commit(files, message, SELF, now)])
    memory.git.run("update-ref", f"refs/heads/{BRANCH}", first)
    follow(memory, None, first, files)


def half_made(path: str) -> bool:
    """Whether a memory's making was cut off before its first commit: a repository without commits or files of anybody's."""
    gitdir = os.path.join(path, ".git")
    if not os.path.isdir(gitdir) or os.listdir(path) != [".git"]:
        return False
    if not os.path.exists(os.path.join(gitdir, "HEAD")):  # git would look for a repository around it
        return not os.listdir(gitdir) or "kairos" in os.listdir(gitdir)
    if os.path.exists(os.path.join(gitdir, "logs", "HEAD")):  # it had commits: damaged, not half made
        return False
    return Git(path).resolve("HEAD") is None


def settle(memory: Memory, owner: Person | None = None, *, force: bool = False) -> bool:
    """Set up what no clone carries: settings, merge driver, own hooks. True where anything had to be written."""
    stamp = f"{__version__} {sys.executable} {memory.path}\n"
    marker = os.path.join(memory.own, "settled")
    if not force and read_regular(marker) == stamp.encode():
        return False
    os.makedirs(memory.spool, exist_ok=True)
    for name, value in wanted_config(memory).items():
        if memory.git.run("config", "--local", "--get", name, check=False).out.decode().rstrip("\n") != value:
            memory.git.run("config", "--local", name, value)
    for name, value in (("user.name", (owner or SELF).name), ("user.email", (owner or SELF).email)):
        if memory.git.config(name) is None:  # so that a plain `git revert` works where git knows nobody
            memory.git.run("config", "--local", name, value)
    folder = os.path.join(memory.own, "hooks")
    text = resources.read("templates", "memory-hook.sh").replace("@PYTHON@", shlex.quote(sys.executable))
    for name in HOOKS:
        path = os.path.join(folder, name)
        write_whole(path, text.encode())
        os.chmod(path, 0o755)
    write_whole(marker, stamp.encode())
    return True


def wanted_config(memory: Memory) -> dict[str, str]:
    """The settings of a memory's local git config, by name."""
    return CONFIG | {"merge.kairos.driver": driver(), "core.hooksPath": os.path.join(memory.own, "hooks")}
