"""Putting a memory right after a crash, a power cut, a clone, or somebody's hand.

Called under the lock by every command that writes. The one rule: nothing that was written down is dropped, and
whatever was mended is said.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from kairos_git.errors import GitFailed, WouldOverwrite
from kairos_git.memory import annotation, ruling
from kairos_git.memory.daylog import append, line_ids, log_day, named_lines, parse_daylog
from kairos_git.memory.edits import DAMAGE_LEAST, DAMAGE_SHARE, missing_facts
from kairos_git.memory.landing import (
    SELF,
    Commit,
    Desk,
    changed_files,
    follow,
    followed,
    mark_followed,
    read_regular,
    write_whole,
)
from kairos_git.memory.locks import remove_stale_locks
from kairos_git.memory.objects import facts_at, list_files, read_files
from kairos_git.memory.repository import Memory
from kairos_git.memory.snapshot import is_appended
from kairos_git.memory.topic import seed_topic, topic_name

_ASIDE = re.compile(r"\.kairos-\d+$")  # as `write_whole` names it
_REFLOG = 200  # moves of a branch that are looked at where our own note of the last one is gone


def heal(memory: Memory, now: datetime) -> list[str]:
    """Mend what can be mended without asking; what was done, one line each. Raises Busy where a person is mid-merge."""
    said = remove_stale_locks(memory)
    _remove_asides(memory)
    memory.refuse_unfinished()
    index = os.path.join(memory.gitdir, "index")
    if os.path.isdir(index):
        raise WouldOverwrite(f"{index} is a folder, and git needs a file there. Move it away and run the command again.")
    if not os.path.exists(index):
        memory.git.run("read-tree", "HEAD")
        said.append("made the index anew: it was missing")
    seen = _known(memory)
    said += finish_landing(memory)
    said += restore_lost_lines(memory, seen, now)
    said += lay_deleted_topics(memory, seen, now)
    return said + restore_files(memory) + restore_topics(memory)


def _remove_asides(memory: Memory) -> None:
    """Remove what a killed `write_whole` had written beside its file; whoever holds the lock knows that nobody still writes it."""
    folders = [memory.path, memory.own, os.path.join(memory.own, "hooks"), os.path.join(memory.path, "topics")]
    for top in ("log", "annotations"):
        folders += [folder for folder, _, _ in os.walk(os.path.join(memory.path, top))]
    for folder in folders:
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            if _ASIDE.search(name):
                os.unlink(os.path.join(folder, name))


def finish_landing(memory: Memory) -> list[str]:
    """Let work tree and index follow a commit of ours that landed just before a crash."""
    head, seen = memory.head(), _known(memory)
    if seen == head:
        return []
    if seen is None:
        mark_followed(memory, head)
        return []
    ours = memory.git.text("log", "-1", "--format=%ce", head) == SELF.email  # git itself brings the files of a person's commit
    files = changed_files(memory, seen, head) if ours else {}
    stale = [p for p, content in files.items() if read_regular(os.path.join(memory.path, p)) != content]
    kept = follow(memory, seen, head, files) if files else []  # also where only the index was left behind
    done = [p for p in stale if p not in kept]
    return [f"finished a landing that was cut off: {', '.join(done)}"] if done else []


def _known(memory: Memory) -> str | None:
    """The commit that was last brought to the work tree, where this repository still holds it."""
    seen = followed(memory)
    return seen if seen and memory.git.resolve(seen) == seen else None


def restore_lost_lines(memory: Memory, seen: str | None, now: datetime) -> list[str]:
    """Law 9: put back every line of a log, annotation or ruling that history lost or changed: a revert, a reset, an edit. One
    that a merge wrote twice, as it does with lines put back on one side, stands once again.

    `seen` is our own last commit here, None in a fresh clone.
    """
    head = memory.head()
    if seen == head:
        return []
    before: dict[str, dict[str, str]] = {}
    for commit in _whole_before(memory, seen, head):
        blobs = {p: oid for p, oid in list_files(memory.git, commit).items() if is_appended(p)}
        here = list_files(memory.git, head)
        differing = [p for p, oid in blobs.items() if here.get(p) != oid]
        for path, data in read_files(memory.git, commit, differing).items():
            before.setdefault(path, {}).update(line_ids(data))
    everywhere = _all_lines(memory, head) if before else {}
    current = read_files(memory.git, head, before)
    files: dict[str, bytes | None] = {}
    count = 0
    for path, lines in before.items():
        missing = [line for name, line in lines.items() if name not in everywhere]
        changed = {name: line for name, line in lines.items() if _is_changed(path, line, everywhere.get(name, [line]))}
        data = current.get(path, b"")
        whole = _once(_put_back(data, changed))
        if missing or whole != data:
            heading = f"# {log_day(path)}" if log_day(path) else ruling.HEADING if path == ruling.PATH else ""
            files[path] = append(whole, heading, missing)
            count += len(missing) + len(changed)
    if not files:
        mark_followed(memory, head)
        return []
    what = f"{count} lines restored" if count else "lines that stood twice stand once"
    message = f"heal: {what}\n\nHistory had lost or changed lines, or a merge wrote them twice; each stays, once.\n"
    Desk(memory).put(Commit(files, message, SELF, now))
    if not count:
        return []  # nothing was lost, and nothing is to be done
    return [f"restored {count} lines that history had lost or changed, in {', '.join(sorted(files))}"]


def _is_changed(path: str, line: str, here: Sequence[str]) -> bool:
    """Whether a line that was whole stands nowhere as it was, though its id does; a tombstone in its place is no change of it."""
    if line in here or any("<!--x " in other for other in here):
        return False
    data = line.encode("utf-8", "surrogateescape")
    if path == ruling.PATH:
        return not ruling.parse_rulings(data)[1]
    return not (parse_daylog(path, data).problems if log_day(path) else annotation.parse_annotations(path, data)[1])


def _put_back(data: bytes, changed: Mapping[str, str]) -> bytes:
    """The file with each changed line as it was: in the place of the first one that carries its id, else at the end."""
    left = dict(changed)
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        for name, _ in named_lines(line):
            if name in left:
                lines[number] = left.pop(name).encode("utf-8", "surrogateescape")
    return append(b"\n".join(lines), "", left.values()) if left else b"\n".join(lines)


def _once(data: bytes) -> bytes:
    """The file without the later ones of lines that stand in it twice, word for word."""
    seen: set[bytes] = set()
    kept = []
    for line in data.split(b"\n"):
        if line not in seen or not list(named_lines(line)):
            kept.append(line)
        seen.add(line)
    return b"\n".join(kept)


def lay_deleted_topics(memory: Memory, seen: str | None, now: datetime) -> list[str]:
    """Lay topics anew, empty, that commits since `seen` deleted with all their facts: no driver is asked where one machine
    deleted a file and another goes on writing it, and git would stop there.
    """
    head = memory.head()
    if seen == head:
        return []
    span = f"{seen}..{head}" if seen else head
    out = memory.git.run(
        "log", "-m", "-z", "--diff-filter=D", "--name-only", "--no-renames", "--format=", span, "--", "topics"
    ).out
    gone = set(out.decode("utf-8", "surrogateescape").split("\0")) - set(list_files(memory.git, head, "topics/"))
    names = {path: name for path in sorted(gone) if (name := topic_name(path))}
    if not names:
        return []
    message = f"seed: {', '.join(names.values())}\n\nDeleted topics stay as empty files, so that no merge stops at them.\n"
    Desk(memory).put(Commit({path: seed_topic(name) for path, name in names.items()}, message, SELF, now))
    return [f"laid {', '.join(names)} anew, empty: a deleted topic would stop the next merge"]


def _whole_before(memory: Memory, seen: str | None, head: str) -> list[str]:
    """Commits whose lines must all still stand at HEAD: our own last one, and what every merge since then joined.

    Where nothing is known to be whole, every commit that took lines away is looked at, and what the branch has left behind.
    """
    if seen is None:
        arguments = ["log", "-m", "--format=%x01%P", "--numstat", "--no-renames", head, "--", "log", "annotations", ruling.PATH]
        return [*_parents_of_losses(memory.git.text(*arguments)), *_left_behind(memory, head)]
    merges = memory.git.lines("rev-list", "--merges", "--parents", f"{seen}..{head}")
    return [seen, *dict.fromkeys(parent for line in merges for parent in line.split()[1:])]


def _left_behind(memory: Memory, head: str) -> list[str]:
    """Commits the branch stood at, by its reflog, that a reset took out of its history before our note of it was deleted."""
    stood = memory.git.lines("log", "-g", "--format=%H", f"refs/heads/{memory.branch()}", "--", check=False)
    recent = list(dict.fromkeys(stood))[:_REFLOG]
    lost = set(memory.git.lines("rev-list", "--ignore-missing", *recent, f"^{head}", check=False))
    return [commit for commit in recent if commit in lost]


def _all_lines(memory: Memory, commit: str) -> dict[str, list[str]]:
    """id -> the lines that carry it."""
    found: dict[str, list[str]] = {}
    for data in read_files(memory.git, commit, [p for p in list_files(memory.git, commit) if is_appended(p)]).values():
        for name, line in named_lines(data):
            found.setdefault(name, []).append(line)
    return found


def _parents_of_losses(log: str) -> list[str]:
    found: list[str] = []
    for part in log.split("\x01"):
        head, _, stats = part.partition("\n")
        if any(line.split("\t")[1:2] not in ([], ["0"]) for line in stats.splitlines() if "\t" in line):
            found += head.split()
    return list(dict.fromkeys(found))


def restore_files(memory: Memory) -> list[str]:
    """Restore log files that a crash, an editor or an agent's `>` left other than they were committed.

    What they held beyond that is kept aside under the git directory, and said.
    """
    look = ("diff-files", "-z", "--name-only", "--", "log", "annotations", ruling.PATH)
    said = []
    try:
        out = memory.git.run(*look).out
    except GitFailed:  # an index that is damaged is no record of anything: make it anew, once
        memory.git.run("read-tree", "HEAD")
        said.append("made the index anew")
        out = memory.git.run(*look).out
    head = memory.head()
    for path in [p for p in out.decode("utf-8", "surrogateescape").split("\0") if p]:
        full = os.path.join(memory.path, path)
        want = read_files(memory.git, head, [path]).get(path)
        here = read_regular(full)
        if want is None or here == want:
            continue
        if here and not want.startswith(here):
            said.append(_keep_aside(memory, path, here))
        if os.path.islink(full) or (os.path.exists(full) and here is None):
            os.rename(full, full + ".not-ours") if not os.path.islink(full) else os.unlink(full)
        write_whole(full, want)
        memory.git.run("update-index", "--", path, check=False)
        said.append(f"{path} had been changed or emptied: restored from what was committed")
    return said


def _keep_aside(memory: Memory, path: str, content: bytes) -> str:
    folder = os.path.join(memory.own, "aside")
    os.makedirs(folder, exist_ok=True)
    name = os.path.join(folder, f"{int(time.time())}-{path.replace('/', '-')}")
    write_whole(name, content)
    return f"what {path} held was kept aside in {name}"


def restore_topics(memory: Memory) -> list[str]:
    """Restore topics of which so many facts are missing, uncommitted, that nobody meant it: damage, never a ruling."""
    missing = missing_facts(memory)
    whole = sum(len(facts) for facts in missing.values())
    if whole < DAMAGE_LEAST or whole <= DAMAGE_SHARE * len(facts_at(memory.git, memory.head())):
        return []
    head = memory.head()
    for path, data in read_files(memory.git, head, missing).items():
        here = read_regular(os.path.join(memory.path, path))
        if here:
            _keep_aside(memory, path, here)
        write_whole(os.path.join(memory.path, path), data)
    return [f"{whole} facts were missing from uncommitted files: restored ({', '.join(sorted(missing))})"]
