"""Setting an agent up to know memory, taking that back, and saying how it stands.

The one rule: every change is a `Change` that can be shown before it is made; what is not ours stays as it is.
"""

from __future__ import annotations

import contextlib
import difflib
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kairos_git.capture.agents import block, hooks, members, settingsfile, tomltext
from kairos_git.capture.agents.clients import SCOPES, Client
from kairos_git.capture.agents.jsontext import Malformed
from kairos_git.capture.agents.settingsfile import File
from kairos_git.errors import KairosError, NotWritable

_EMPTY = "{}\n"


class Ask(NamedTuple):
    """What is to be set up. start: how this program is started; project: the root of a work tree, "" outside one; memory:
    the memory's folder, "" without one; facts: what a block would say.
    """

    client: Client
    how: str
    scope: str
    start: Sequence[str]
    project: str = ""
    memory: str = ""
    facts: Sequence[str] = ()


class Change(NamedTuple):
    """A file before and after. after: None takes it away; backup: the backup it goes back to, whole; ours: whether something of
    ours stood in it before.
    """

    file: File
    after: str | None
    hows: tuple[str, ...]
    backup: File | None = None
    ours: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return self.after == self.file.text

    def diff(self) -> str:
        """The change as a unified diff."""
        sides = [(text or "").splitlines(keepends=True) for text in (self.file.text, self.after)]
        names = (
            self.file.target if self.file.text is not None else "/dev/null",
            self.file.target if self.after is not None else "/dev/null",
        )
        lines = difflib.unified_diff(sides[0], sides[1], *names)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def plan(asked: Iterable[Ask]) -> list[Change]:
    """What setting up would change, one change per file. Raises KairosError where a file is not as it should be."""
    changes: dict[str, Change] = {}
    for ask in asked:
        path = ask.client.file(ask.how, ask.scope, ask.project)
        file = settingsfile.read(path)
        before = changes.get(file.target) or Change(file, file.text, (), ours=bool(_standing(ask.client, file)))
        changes[file.target] = before._replace(after=_put(ask, file, before.after), hows=(*before.hows, ask.how))
    return list(changes.values())


def _put(ask: Ask, file: File, text: str | None) -> str:
    try:
        if ask.how == "block":
            return block.put_block(text, block.format_block(ask.facts))
        if ask.how == "mcp" and file.path.endswith(".toml"):
            return members.put_table(ask.client, text or "", ask.start)
        whole = text if text and text.strip() else _EMPTY
        if ask.how == "hooks":
            return hooks.put(ask.client, whole, ask.start)
        if ask.how == "mcp":
            return members.put_server(ask.client, whole, ask.start)
        return members.put_directory(whole, ask.memory)
    except Malformed as error:
        raise refused(file, error) from error


def refused(file: File, error: Malformed) -> KairosError:
    """What is said of a file that cannot be edited."""
    where = f"{file.path}:{error.line}" if error.line else file.path
    return KairosError(f"{where}: {error}. Nothing was changed; mend it and run this again.")


def _take_out(client: Client, file: File, text: str) -> str | None:
    """A file's text without anything of ours; None where the file was made for it alone."""
    if file.path.endswith(".md"):
        return block.take_out_block(text)
    if file.path.endswith(".toml"):
        return tomltext.without(text)
    if not text.strip():
        return text
    return members.take_out_directory(members.take_out_server(hooks.take_out(client, text)))


def _standing(client: Client, file: File) -> list[str]:
    """Which ways in stand in a file; none where it cannot be read as what it should be."""
    text = file.text or ""
    if file.path.endswith(".md"):
        return ["block"] if block.find(text) is not None else []
    if file.path.endswith(".toml"):
        return ["mcp"] if tomltext.ours(text) is not None else []
    try:
        if not text.strip():
            return []
        found = ["hooks"] if hooks.entries(client, text) else []
        where = members.directory(text) if client.name == "claude" else None
        found += ["auto-memory"] if where and members.is_memory(where) else []
        return found + (["mcp"] if members.is_our_server(members.served(text)) else [])
    except Malformed:
        return []


def files(client: Client, project: str) -> dict[str, File]:
    """Every file of a client that may hold something of ours and can be read, by its real path."""
    paths = {
        client.file(how, scope, project)
        for how in client.ways()
        for scope in SCOPES
        if project or (scope == "user" and how != "block")
    }
    if project:
        paths |= {os.path.join(project, name) for name in client.guide}
    found: dict[str, File] = {}
    for path in sorted(paths):
        with contextlib.suppress(KairosError):  # `standing.look` names it
            file = settingsfile.read(path)
            found |= {file.target: file} if file.text is not None else {}
    return found


def unplan(clients: Iterable[Client], start: Sequence[str], project: str) -> list[Change]:
    """What taking everything of ours out would change. Raises KairosError."""
    changes: dict[str, Change] = {}
    for client in clients:
        for file in files(client, project).values():
            standing = _standing(client, file)
            if not standing or file.target in changes:
                continue
            try:
                changes[file.target] = _back(client, file, standing, start)
            except Malformed as error:
                raise refused(file, error) from error
    return list(changes.values())


def _back(client: Client, file: File, standing: Sequence[str], start: Sequence[str]) -> Change:
    """Back to the backup, whole, where only ours was added to it since; else ours alone is taken out."""
    left = _take_out(client, file, file.text or "")
    change = Change(file, left, tuple(standing), ours=True)
    if file.path.endswith(".md"):
        return change
    backup = settingsfile.kept(file)
    memory = members.directory(file.text or "") if "auto-memory" in standing else None

    def again(text: str) -> str | None:
        """The text with the same ways put in and taken out once more: what they leave behind where nothing else changed."""
        for how in standing:
            text = _put(Ask(client, how, "", start, memory=memory or ""), file, text)
        return _take_out(client, file, text)

    if backup and backup.text is not None and again(backup.text) == left:
        return change._replace(after=backup.text, backup=backup)
    return change._replace(after=None) if not backup and again("") == left else change


def apply(change: Change) -> str:
    """Make a change; what there is to say of it. Raises NotWritable and Diverged."""
    file = change.file
    said = f" (through the link {file.path})" if file.linked else ""
    if change.after is None:
        settingsfile.delete(file)
        return f"removed {file.target}{said}: it held nothing else"
    if change.backup:
        settingsfile.restore(file, change.backup)
        return f"restored {file.target}{said} as it was"
    installing = not change.ours and not file.path.endswith(".md")
    backup = settingsfile.keep(file) if installing else None
    settingsfile.write(file, change.after)
    return f"wrote {file.target}{said}" + (f"; as it was: {backup}" if backup else "")


def check(change: Change, project: str) -> None:
    """Raises NotWritable where a change could not be made: asked before it is shown, and nothing is made yet."""
    if not _missing(change, project):
        settingsfile.check_writable(change.file)


def prepare(change: Change, project: str) -> None:
    """Make a project's own folder for an agent where it is missing. Raises NotWritable where a change could not be made."""
    folder = _missing(change, project)
    if folder:
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise NotWritable(f"{folder} cannot be made ({error.strerror}). Nothing was changed.") from error
    settingsfile.check_writable(change.file)


def _missing(change: Change, project: str) -> str:
    """The folder of a file in the project, where it is not there yet; else ""."""
    folder = os.path.dirname(change.file.target)
    inside = bool(project) and folder.startswith(os.path.join(project, ""))
    return folder if inside and not os.path.isdir(folder) else ""
