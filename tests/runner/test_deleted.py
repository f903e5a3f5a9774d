"""A memory that was deleted while something still knows its place: nobody makes it again."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from capture.github.deliveries import WATCHED, bare_memory

from conftest import NOON
from kairos_git.bounds import Bounds
from kairos_git.capture import keptstate
from kairos_git.capture.github.intake import Intake
from kairos_git.capture.github.poll import poll
from kairos_git.capture.github.remembered import Remembered
from kairos_git.capture.sessions import state
from kairos_git.capture.sessions.found import Found
from kairos_git.errors import NotWritable
from kairos_git.memory.repository import Memory
from kairos_git.outside import Notify
from kairos_git.runner.awake import children, inbox, resident, usage
from kairos_git.runner.notify.notice import Notice
from kairos_git.runner.notify.places import Place
from kairos_git.runner.notify.post import Post, notify

PHONE = Place("phone (1)", lambda notice, seconds: "")


def _hold(memory: Memory) -> None:
    with keptstate.alone(memory, "files"):
        pass


def _remember(memory: Memory) -> None:
    with Remembered(memory).held():
        pass


def _poll(memory: Memory) -> None:
    raise NotWritable(poll(Intake(memory, WATCHED, 300), NOON, base="http://127.0.0.1:9").why)  # it answers, and never raises


def _stay_awake(memory: Memory) -> None:
    resident.run(Found(memory.path, memory.gitdir), ["true"], [], lambda line: None, threading.Event())


ASKED: dict[str, Callable[[Memory], object]] = {
    "raw activity": _hold,
    "what was taken from GitHub": _remember,
    "a poll": _poll,
    "a notice": lambda memory: notify(Notice("CI", "red"), Notify(None), Post(memory, [PHONE]), NOON),
    "a session's event": lambda memory: state.note(memory.own, "claude-1", NOON),
    "a session's end": lambda memory: state.close(memory.own, "claude-1"),
    "the budget": lambda memory: usage.granted(memory, "calls", "decide", Bounds(), NOON),
    "the inbox": lambda memory: inbox.put(memory, "run", "x", "y", NOON),
    "a dream apart": lambda memory: children.dream_apart(memory, None, NOON),
    "the resident loop": _stay_awake,
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_a_deleted_memory_is_not_made_again(tmp_path: Path, ask: Callable[[Memory], object]) -> None:
    """Whoever wants to hold something of it is told that it cannot be written."""
    memory = bare_memory(tmp_path)
    shutil.rmtree(memory.path)
    with pytest.raises(NotWritable, match=r"cannot be written \(No such file"):
        ask(memory)

    assert not os.path.exists(memory.path)
