"""The sections `github` and `notify`: what is wrong is named and stays at its default; an address is never taken from a file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.outside import NIGHT, GitHub, Notify, parse_github, parse_notify
from kairos_git.settings import keys, load_settings


@pytest.mark.parametrize(
    ("said", "made"),
    [("{}", GitHub()), ("{poll: true, repo: octo/app, login: ada, daily: 5}", GitHub(True, "octo/app", "ada", 5)),
     ("{repo: a.b}", GitHub()), ("{repo: octo/..}", GitHub()), ("{repo: ../x/y}", GitHub()), ("{login: '@ada'}", GitHub()),
     ("{poll: 'yes'}", GitHub()), ("{daily: -1}", GitHub()), ("{daily: true}", GitHub()), ("{secret: x}", GitHub()), ("[1]", GitHub())],
)  # fmt: skip
def test_github_is_read_from_kairos_yaml(said: str, made: GitHub) -> None:
    """A bad value is a problem and changes nothing."""
    settings = load_settings(f"github: {said}\n".encode())

    assert settings.github == made
    assert bool(settings.problems) == (made == GitHub() and said != "{}")


@pytest.mark.parametrize(
    ("said", "made"),
    [("{}", Notify()), ("{quiet: 23:30-06:15, desktop: true}", Notify((23 * 60 + 30, 6 * 60 + 15), True)), ("{quiet: off}", Notify(None)),
     ("{quiet: 09:00-09:00}", Notify(None)), ("{quiet: 25:00-07:00}", Notify()), ("{quiet: 7}", Notify()), ("{desktop: 1}", Notify()), ("x", Notify())],
)  # fmt: skip
def test_notify_is_read_from_kairos_yaml(said: str, made: Notify) -> None:
    """Quiet hours by default; `off` turns them off."""
    settings = load_settings(f"notify: {said}\n".encode())

    assert settings.notify == made
    assert bool(settings.problems) == (made == Notify() and said != "{}")


@pytest.mark.parametrize(
    "said",
    [
        "'ntfys://tk_5ecret@push.example/t'",
        "{url: 'ntfys://tk_5ecret@push.example/t'}",
        "{quiet: [['tgram://5ecret/1']]}",
        "{'mailto://u:5ecret@x': 1}",
    ],
)
def test_an_address_in_the_repository_is_refused_and_not_repeated(said: str) -> None:
    """With where it belongs; the token is in no message."""
    settings = load_settings(f"notify: {said}\n".encode())
    words = " ".join(map(str, settings.problems))

    assert "KAIROS_NOTIFY" in words and "5ecret" not in words and settings.notify == Notify()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
        max_leaves=10,
    )
)
def test_anything_else_leaves_the_defaults(said: Any) -> None:
    """Never an exception; nothing is switched on by accident."""
    github, notify = parse_github(said)[0], parse_notify(said)[0]

    assert not github.poll and not notify.desktop and (notify.quiet in (NIGHT, None) or isinstance(said, dict))


def test_keys_come_from_the_environment_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """GITHUB_TOKEN before GH_TOKEN; a repr names what is there, without it."""
    for name, value in (("KAIROS_WEBHOOK_SECRET", " s3cret\n"), ("GH_TOKEN", "t-2"), ("KAIROS_NOTIFY", "ntfy://topic")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    found = keys()

    assert found == ("s3cret", "t-2", "", "ntfy://topic") and repr(found) == "Keys(webhook, github, notify)"
    monkeypatch.setenv("GITHUB_TOKEN", "t-1")
    assert keys().github == "t-1"
