"""Setting an agent up and taking it back: other programs' files keep every byte that is not ours."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from kairos_git.capture.agents import standing
from kairos_git.capture.agents.clients import CLIENTS, HOWS, SCOPES
from kairos_git.capture.agents.installing import Ask, Change, apply, plan, prepare, unplan
from kairos_git.capture.agents.jsontext import parse
from kairos_git.errors import Diverged, KairosError, NotWritable
from kairos_git.memory import seed

START = seed.command()
FOLDERS = {"claude": ".claude", "codex": ".codex", "gemini": ".gemini", "cursor": ".cursor"}
WAYS = [
    (name, how, scope) for name, c in CLIENTS.items() for how in c.ways() for scope in SCOPES if (how, scope) != ("block", "user")
]

MINE = """{
  // mine
  "model": "x", "hooks": {"Stop": [], "SessionStart": [{"hooks": [{"type": "command", "command": "say hi"}]}]},
  "sessionStart": null,
}
"""
EMPTY_LISTS = '{"hooks": {"Stop": [], "stop": []}, "mcpServers": {}}'
LAYOUTS = {
    "missing": None, "empty": "", "object": "{}", "object with newline": "{}\n", "one line": '{"a":1}', "comments": MINE,
    "empty lists": EMPTY_LISTS, "windows": '{\r\n\t"a": 1\r\n}\r\n', "mark": '\ufeff{\n    "a": [1]\n}',
}  # fmt: skip
TOMLS = {
    "missing": None,
    "empty": "",
    "table": '# mine\nmodel = "x"\n[a]\nb = 1',
    "windows": 'model = "x"\r\n',
    "ends": "a = 1\n\n",
}


@pytest.fixture
def root(tmp_path: Path) -> str:
    """A project's folder; the folders of every client are there."""
    for folder in FOLDERS.values():
        (Path.home() / folder).mkdir()
    (tmp_path / "app").mkdir()
    return str(tmp_path / "app")


def ask(name: str, how: str, scope: str, root: str, start: list[str] = START) -> Ask:
    memory = Path(f"{root}.memory")
    memory.mkdir(exist_ok=True)
    (memory / "kairos.yaml").touch()
    return Ask(CLIENTS[name], how, scope, start, root, str(memory), ("Tests run with `tox`",))


def install(*asks: Ask) -> list[Change]:
    changes = [c for c in plan(asks) if not c.empty]
    for change in changes:
        prepare(change, asks[0].project)
        apply(change)
    return changes


def uninstall(root: str) -> list[Change]:
    changes = unplan(CLIENTS.values(), START, root)
    for change in changes:
        apply(change)
    return changes


def states(root: str) -> dict[tuple[str, str, str], str]:
    return {(s.agent, s.how, s.scope): s.state for s in standing.look(CLIENTS.values(), START, root)}


CASES = [(way, layout) for way in WAYS for layout in (TOMLS if way[:2] == ("codex", "mcp") else LAYOUTS)]


@pytest.mark.parametrize(("way", "layout"), CASES, ids=["-".join((*way, layout)) for way, layout in CASES])
def test_a_file_is_the_same_again_after_uninstall(way: tuple[str, str, str], layout: str, root: str) -> None:
    """Byte for byte, whatever the file was; a file that was not there is gone; nothing is left beside it."""
    path = Path(CLIENTS[way[0]].file(way[1], way[2], root))
    text = (TOMLS if path.suffix == ".toml" else LAYOUTS)[layout]
    path.parent.mkdir(exist_ok=True)
    if text is not None:
        path.write_bytes(text.encode())

    install(ask(*way, root))
    assert states(root)[way] == "installed"
    assert not install(ask(*way, root)), "a second time changes nothing"
    uninstall(root)

    assert states(root) == {}
    assert (path.read_bytes().decode() if path.exists() else None) == text
    assert not [p.name for p in path.parent.iterdir() if "kairos" in p.name]


def test_what_others_changed_meanwhile_stays(root: str) -> None:
    """Only our entries go, also where somebody added a hook to our own group; the file as it was stays beside it."""
    path = Path.home() / ".claude" / "settings.json"
    path.write_text(MINE)
    install(ask("claude", "hooks", "user", root), ask("claude", "auto-memory", "user", root))
    value = parse(path.read_text()).value
    value["theme"] = "dark"
    value["hooks"]["Stop"][-1]["hooks"].append({"type": "command", "command": "say done"})
    path.write_text(json.dumps(value, indent=2))

    uninstall(root)

    left = json.loads(path.read_text())
    assert left["theme"] == "dark"
    assert left["hooks"] == {
        "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}],
        "SessionStart": [{"hooks": [{"type": "command", "command": "say hi"}]}],
    }
    assert path.with_name("settings.json.kairos-backup").read_text() == MINE


def test_the_original_outlives_every_later_install(root: str) -> None:
    """A backup is made before our first entry and never written over, not even when ours were taken out by hand."""
    path = Path.home() / ".claude" / "settings.json"
    path.write_text('{"a": 1}')
    install(ask("claude", "hooks", "user", root))
    install(ask("claude", "hooks", "user", root, ["/old/python", *START[1:]]))
    path.write_text('{"b": 2}')
    install(ask("claude", "hooks", "user", root))

    assert path.with_name("settings.json.kairos-backup").read_text() == '{"a": 1}'
    uninstall(root)
    assert path.read_text() == '{"b": 2}'


def test_a_link_into_a_folder_of_dotfiles_is_written_through(root: str, tmp_path: Path) -> None:
    """The link stays a link, what it leads to keeps its mode, and the change says where it went."""
    real = tmp_path / "dotfiles" / "claude.json"
    real.parent.mkdir()
    real.write_text("{}")
    real.chmod(0o640)
    link = Path.home() / ".claude" / "settings.json"
    link.symlink_to(real)

    (change,) = install(ask("claude", "hooks", "user", root))

    assert link.is_symlink()
    assert "SessionStart" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert str(real) in change.diff()
    uninstall(root)
    assert (link.is_symlink(), real.read_text()) == (True, "{}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": 1,, }', ":1: "), (b'{\n"hooks": []}', ":2: `hooks` is no object"), (b"[]", "the file is no object"),
        (b'{"hooks": {\n"Stop": {}}}', ":2: `hooks.Stop` is no list"), (b'{"a":\n"\xff"}', ":2: is not UTF-8"),
        (b"\xff\xfe{\x00}\x00", "is not UTF-8"), (b'{"a": 1', "it ends too early"), (b"{}{}", "behind the end"),
        (b'{"hooks": ' + b"[" * 5000, "nested too deeply"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_as_it_should_be_is_named_and_left(content: bytes, said: str, root: str) -> None:
    """Path, line and what is wrong; not one byte changes, and nothing is made beside it."""
    path = Path.home() / ".claude" / "settings.json"
    path.write_bytes(content)

    with pytest.raises(KairosError) as refused:
        install(ask("claude", "hooks", "user", root))

    assert str(path) in str(refused.value)
    assert said in str(refused.value)
    assert path.read_bytes() == content
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]
    assert uninstall(root) == []


def test_a_read_only_file_is_meant_so(root: str) -> None:
    """A file without the owner's write bit is not replaced, though its folder would allow it."""
    path = Path.home() / ".claude" / "settings.json"
    path.write_text("{}")
    path.chmod(0o444)

    with pytest.raises(NotWritable, match="read-only"):
        install(ask("claude", "hooks", "user", root))
    assert path.read_text() == "{}"


def test_a_program_that_never_ran_here_is_named(root: str) -> None:
    """A missing folder of the user's is not made: the program is most likely not installed."""
    (Path.home() / ".gemini").rmdir()

    with pytest.raises(NotWritable, match="has the program ever run here"):
        install(ask("gemini", "hooks", "user", root))
    assert not (Path.home() / ".gemini").exists()


def test_a_dangling_link_and_a_folder_are_named(root: str) -> None:
    """What is no file is not replaced by one."""
    path = Path.home() / ".claude" / "settings.json"
    path.symlink_to("nowhere")
    with pytest.raises(KairosError, match="does not exist"):
        install(ask("claude", "hooks", "user", root))
    path.unlink()
    path.mkdir()
    with pytest.raises(KairosError, match="no regular file"):
        install(ask("claude", "hooks", "user", root))


def test_a_file_that_changed_after_it_was_shown_is_left(root: str) -> None:
    """What was consented to is what was shown."""
    path = Path.home() / ".claude" / "settings.json"
    path.write_text("{}")
    (change,) = plan([ask("claude", "hooks", "user", root)])
    path.write_text('{"a": 1}')

    with pytest.raises(Diverged):
        apply(change)
    assert path.read_text() == '{"a": 1}'


@pytest.mark.parametrize(
    ("way", "content", "said"),
    [
        (("claude", "mcp", "project"), '{"mcpServers": {"kairos": {"command": "other"}}}', "another MCP server"),
        (("codex", "mcp", "user"), '[mcp_servers.kairos]\ncommand = "other"\n', "another MCP server"),
        (("codex", "mcp", "user"), "a = \n", ":1: is not TOML"),
        (("claude", "auto-memory", "user"), '{"autoMemoryDirectory": "/elsewhere"}', "/elsewhere already"),
    ],
    ids=["json", "toml", "broken toml", "directory"],
)
def test_what_somebody_else_set_is_not_replaced(way: tuple[str, str, str], content: str, said: str, root: str) -> None:
    """Their entry of our name stays, also at uninstall."""
    path = Path(CLIENTS[way[0]].file(way[1], way[2], root))
    path.write_text(content)

    with pytest.raises(KairosError, match=said):
        install(ask(*way, root))
    uninstall(root)
    assert path.read_text() == content


def edit(path: Path, change: Any) -> None:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def test_how_it_stands_is_said(root: str, tmp_path: Path) -> None:
    """Gone interpreters, other versions and foreign edits are told apart, and installing again mends all three."""
    path = Path.home() / ".claude" / "settings.json"
    way = ("claude", "hooks", "user")
    for start, state in (([str(tmp_path / "gone"), *START[1:]], "moved"), (["/bin/sh", *START[1:]], "outdated")):
        install(ask(*way, root, start))
        assert states(root) == {way: state}
    install(ask(*way, root))
    edit(path, lambda value: value["hooks"]["Stop"][0]["hooks"][0].update(timeout=99))
    assert states(root) == {way: "edited"}
    install(ask(*way, root))
    edit(path, lambda value: value["hooks"].pop("Stop"))
    assert states(root) == {way: "outdated"}
    install(ask(*way, root))
    assert states(root) == {way: "installed"}
    path.write_text("{")
    assert states(root) == dict.fromkeys([way, ("claude", "auto-memory", "user")], "unreadable")


@pytest.mark.parametrize("name", CLIENTS)
def test_a_command_survives_a_path_with_spaces_and_quotes(name: str, root: str) -> None:
    """What the client's shell, or its `args`, makes of the entry is the command that was meant."""
    from kairos_git.capture.agents.clients import handler, is_ours, words_of

    start = ['/opt/a b/it\'s "py"/python', "-P", "-m", "kairos_git"]
    event = next(iter(CLIENTS[name].events))

    assert words_of(handler(CLIENTS[name], event, start)) == [*start, "on", name, event]
    assert is_ours(words_of(handler(CLIENTS[name], event, start)), "on", name)


def test_every_way_is_known() -> None:
    """The table of clients and the list of ways agree."""
    assert {how for client in CLIENTS.values() for how in client.ways()} == set(HOWS)
    assert os.environ.get("CLAUDE_CONFIG_DIR") is None
