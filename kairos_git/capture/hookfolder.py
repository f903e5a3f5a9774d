"""A hooks folder: where git looks, what lies there for each event, and our stub in front of what was there before.

The one rule: the former hook runs as it did, from the place our stub was given, and goes back to that place.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from kairos_git.capture import hookfiles
from kairos_git.capture.hookfiles import CHAINED, Stub
from kairos_git.errors import GitFailed, NotFound, NotWritable
from kairos_git.gitrun import Git

EVENTS: tuple[str, ...] = ("post-commit", "post-merge", "post-checkout", "post-rewrite", "pre-push")

# A line for a hook that we may not touch. It knows no path of this machine, so a team can share it.
_BY_HAND = (
    "Commits are still read from history by the next command; to have them noticed at once, add to {path}: "
    "m=$(git config --local --get kairos.memory) && "
    "printf 'v1\\t{event}\\t-\\t-\\t-\\t\\n' 2>/dev/null >>\"$m/.git/kairos/spool/pointers\" || :"
)
_EDITED = "Somebody edited this stub, so it stays as it is. Move those lines to {behind}, remove it, and install again."
_OUTDATED = "Install again to bring it up to date."
_LEGACY = ".legacy"  # where pre-commit puts the hook it found, and runs it from


class HookState(NamedTuple):
    """One event's hook: `path` is the file it is about, `note` what there is to say or to do.

    `state` is one of: `installed`; `chained` (ours, and the former hook behind it); `moved` (ours, called by a hook
    that took its place); `stale` (ours, but not what would be written now); `missing`; `foreign` (somebody else's and
    none of ours); `unsupported` (none of ours can be put there).
    """

    event: str
    path: str
    state: str
    note: str = ""


class Place(NamedTuple):
    """The folder git looks in. `kind`: `folder` or `shared`; `problem`: why no stub may be put there, or nothing."""

    folder: str
    kind: str
    problem: str = ""


class _Found(NamedTuple):
    """What a hooks folder holds for one event."""

    event: str
    path: str  # where git looks
    taken: bool  # whether something lies there
    stub: Stub | None  # what it says of itself, if it is ours
    behind: str  # the former hook, under the name that ours runs; empty where there is none
    called: str  # our stub under another name, run by the hook that took its place
    idle: tuple[str, ...]  # our stubs under names that nobody runs


def common_dir(project: str) -> str:
    """The git directory that all worktrees of a project share. Raises NotFound where there is no repository."""
    git = Git(project)
    answer = git.run("rev-parse", "--path-format=absolute", "--git-common-dir", check=False)
    if answer.code == 0:
        return os.path.realpath(os.fsdecode(answer.out[:-1]))
    words = answer.err.decode(errors="replace").strip()
    if "not a git repository" in words:
        raise NotFound(f"{project} is not in a git repository. Name a project that is, or run `git init` there first.")
    raise GitFailed(f"git rev-parse failed in {project}: {words}", answer.code, words)


def place(project: str) -> Place:
    """Where git looks for this project's hooks, and whether a stub may be put there."""
    git, common = Git(project), common_dir(project)
    answer = git.run("rev-parse", "--path-format=absolute", "--show-toplevel", check=False)
    top = os.path.realpath(os.fsdecode(answer.out[:-1])) if answer.code == 0 else common  # a bare repository has no top
    chosen = _hooks_path(git)
    folder = os.path.realpath(os.path.join(common, "hooks") if chosen is None else os.path.join(top, chosen))
    if _within(folder, common):
        return Place(folder, "folder")
    kind = "folder" if _within(folder, top) else "shared"
    if not os.path.isdir(folder):
        return Place(folder, kind, f"git looks for hooks in {folder}, which is no folder. Install again when it is.")
    if Git(folder).text("rev-parse", "--is-inside-work-tree", check=False) == "true" and not _ignored(folder):
        return Place(folder, kind, f"git looks for hooks in {folder}, which is under version control.")
    return Place(folder, kind)


def _hooks_path(git: Git) -> str | None:
    # What `rev-parse --git-path hooks` goes by; not asked so, because our own git runs with its hooks turned off.
    answer = git.run("config", "-z", "--show-scope", "--type=path", "--get-all", "core.hooksPath", check=False)
    if answer.code > 1:
        words = answer.err.decode(errors="replace").strip()
        raise GitFailed(f"git config failed in {git.folder}: {words}", answer.code, words)
    fields = os.fsdecode(answer.out).split("\0")
    values = [value for scope, value in zip(fields[::2], fields[1::2], strict=False) if scope != "command"]
    return values[-1] if values else None


def _within(path: str, folder: str) -> bool:
    return os.path.commonpath([path, folder]) == folder


def _ignored(folder: str) -> bool:
    names = [event + suffix for event in EVENTS for suffix in ("", CHAINED)]
    answer = Git(folder).run("check-ignore", "-z", "--stdin", stdin="\0".join(names).encode(), check=False)
    return answer.out.count(b"\0") == len(names)


def describe(where: Place, spool: str, drain: Sequence[str]) -> list[HookState]:
    """Each event's hook, measured against what would be written now."""
    wanted = _wanted(where, spool, drain)
    if not where.problem:
        return [_judge(_look(where.folder, event), wanted[event]) for event in EVENTS]
    paths = [(event, os.path.join(where.folder, event)) for event in EVENTS]
    return [HookState(e, p, "unsupported", f"{where.problem} {_BY_HAND.format(path=p, event=e)}") for e, p in paths]


def put(where: Place, spool: str, drain: Sequence[str]) -> list[HookState]:
    """Put a stub before every event's hook, where that can be done; afterwards as `describe`. Raises NotWritable."""
    if where.problem:
        return describe(where, spool, drain)
    made = hookfiles.make_folder(where.folder)
    wanted = _wanted(where, spool, drain, made)
    return [_put(_look(where.folder, event), wanted[event]) for event in EVENTS]


def clear(folder: str) -> None:
    """Remove every stub nobody has edited, under any name, and put back what was behind it. Raises NotWritable."""
    ours = any(stub.own_folder and stub.intact for stub in hookfiles.find(folder).values())
    for event in EVENTS:
        _clear(_look(folder, event))
    if ours and not os.listdir(folder):
        os.rmdir(folder)


def left(folder: str) -> list[HookState]:
    """What a folder holds after `clear`."""
    return [_judge(_look(folder, event), None) for event in EVENTS]


def _wanted(where: Place, spool: str, drain: Sequence[str], made: bool = False) -> dict[str, bytes]:
    ours = made or any(stub.own_folder for stub in hookfiles.find(where.folder).values())
    return {event: hookfiles.render(event, where.kind, spool, drain, ours) for event in EVENTS}


def _look(folder: str, event: str) -> _Found:
    path = os.path.join(folder, event)
    stubs = hookfiles.find(folder)
    taken = os.path.lexists(path)
    others = [n for n, stub in stubs.items() if stub.event == event and stub.intact and n != event]
    called = [n for n in others if event not in stubs and _calls(path, n.removeprefix(event))][:1]
    behind = path + CHAINED if os.path.lexists(path + CHAINED) and event + CHAINED not in others else ""
    idle = tuple(os.path.join(folder, n) for n in others if n not in called)
    return _Found(event, path, taken, stubs.get(event), behind, "".join(os.path.join(folder, n) for n in called), idle)


def _calls(path: str, suffix: str) -> bool:
    # pre-commit's script does not say that it runs `<event>.legacy`; its Python half does.
    text = hookfiles.content_of(path) or b""
    return os.fsencode(suffix) in text or (suffix == _LEGACY and b"pre-commit" in text)


def _offered(found: _Found) -> str:
    """The place that pre-commit's script has for another hook, where it is free.

    In front of that script ours would outlast it: its uninstall takes away only what lies in its own place, so it would
    go on running behind ours.
    """
    if found.stub is not None or found.behind or b"File generated by pre-commit" not in (hookfiles.content_of(found.path) or b""):
        return ""
    return "" if os.path.lexists(found.path + _LEGACY) else found.path + _LEGACY


def _judge(found: _Found, wanted: bytes | None) -> HookState:
    event, path, behind = found.event, found.path, found.behind
    if found.stub is not None:
        if not found.stub.intact:
            return HookState(event, path, "stale", _EDITED.format(behind=path + CHAINED))
        if wanted not in (None, hookfiles.content_of(path)) or not os.access(path, os.X_OK):
            return HookState(event, path, "stale", _OUTDATED)
        return HookState(event, path, "chained" if behind else "installed")
    if found.called:
        current = wanted in (None, hookfiles.content_of(found.called))
        return HookState(event, found.called, "moved", "" if current else _OUTDATED)
    if found.taken:
        if wanted is not None and not behind and (why := hookfiles.why_not_behind(path)):
            note = f"It cannot run behind ours: {why}. {_BY_HAND.format(path=path, event=event)}"
            return HookState(event, path, "unsupported", note)
        return HookState(event, path, "foreign", _conflict(found))
    note = f"The hook that was here lies in {behind}. Install again, or uninstall, to have it run." if behind else ""
    return HookState(event, path, "missing", note)


def _conflict(found: _Found) -> str:
    if not found.behind or hookfiles.same(found.path, found.behind):
        return ""
    return (
        f"{found.path} and {found.behind} are two different hooks, and only one can run behind ours: another tool "
        "wrote the first after the second had been put aside. Make them one, or remove one, and install again."
    )


def _put(found: _Found, wanted: bytes) -> HookState:
    before = _judge(found, wanted)
    if before.state == "unsupported" or (before.state == "foreign" and before.note):
        return before
    if found.stub is not None and not found.stub.intact:
        return before
    if at := found.called or _offered(found):
        hookfiles.write(at, wanted)
    else:
        _write_before(found, wanted)
        for path in found.idle:
            hookfiles.remove(path)
    return _judge(_look(os.path.dirname(found.path), found.event), wanted)


def _write_before(found: _Found, wanted: bytes) -> None:
    aside = found.taken and found.stub is None
    if aside:
        hookfiles.move(found.path, found.path + CHAINED)
    try:
        hookfiles.write(found.path, wanted)
    except NotWritable:
        if aside:  # no hook at all would be worse than the old one alone
            hookfiles.move(found.path + CHAINED, found.path)
        raise


def _clear(found: _Found) -> None:
    """Remove one event's stubs; the hook behind them goes to the place the stub in use held."""
    ours = [found.path] if found.stub is not None and found.stub.intact else []
    ours += [path for path in (found.called, *found.idle) if path]
    seat = found.path if ours[:1] == [found.path] or not found.taken else next(iter(ours), "")
    if found.behind and (found.stub is None or found.stub.intact):
        if hookfiles.same(found.path, found.behind):
            hookfiles.remove(found.behind)  # its tool has put it back itself
        elif seat and not (seat != found.path and hookfiles.begin_alike(found.path, found.behind)):
            hookfiles.move(found.behind, seat)  # over the stub: at no moment is the hook gone
            ours = [path for path in ours if path != seat]
    for path in ours:
        hookfiles.remove(path)
