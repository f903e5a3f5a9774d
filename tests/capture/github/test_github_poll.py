"""Polling over real HTTP on loopback: nothing lost, nothing twice, whatever the network does."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from capture.github.deliveries import (
    REPO,
    WATCHED,
    bare_memory,
    comment,
    deliver,
    pull,
    push,
    receiving,
    row,
    run,
    spooled,
    stamp,
)
from capture.github.github_server import Fault, GitHubServer, github
from hypothesis import given
from hypothesis import strategies as st

from conftest import NOON
from kairos_git.capture.github import asking
from kairos_git.capture.github.asking import ask, refusal
from kairos_git.capture.github.intake import Intake, repository_of
from kairos_git.capture.github.poll import LOCK, Polled, State, format_state, last_poll, parse_state, poll, poll_if_wanted
from kairos_git.memory.alone import held
from kairos_git.memory.repository import Memory
from kairos_git.outside import GitHub


def _filled(server: GitHubServer) -> None:
    """A pull request opened and merged, a comment, a push and a release: rows as GitHub lists them since October 2025."""
    brief = {"number": 42, "id": 1, "url": "", "head": {"ref": "x"}, "base": {"ref": "main"}}
    server.pulls[42] = {**pull()["pull_request"], "closed_at": stamp(3), "merged_at": stamp(3), "merged": True}
    server.rows = [
        row("ReleaseEvent", {"action": "published", "release": {"id": 8, "tag_name": "v1", "name": "", "published_at": stamp(1), "author": {"login": "bob"}}}, "5", minutes=1),
        row("PushEvent", {"ref": "refs/heads/main", "head": "2" * 40, "before": "1" * 40, "push_id": 1}, "4", minutes=2),
        row("PullRequestEvent", {"action": "merged", "number": 42, "pull_request": brief}, "3", minutes=3),
        row("IssueCommentEvent", {k: v for k, v in comment("@ada it hangs").items() if k not in ("sender", "repository")}, "2", minutes=4),
        row("WatchEvent", {"action": "started"}, "1", minutes=5),
        row("PullRequestEvent", {"action": "opened", "number": 42, "pull_request": brief}, "0", minutes=9),
    ]  # fmt: skip
    server.runs = [run("failure", 6)["workflow_run"], run("success", 30)["workflow_run"]]


TEXTS = [
    "PR #42 opened by bob: “Retry on a lost connection”",
    "issue #7: bob names ada: “ada it hangs”",
    "PR #42 merged by bob: “Retry on a lost connection”",
    "push to “main” by bob: 1111111..2222222",
    "release “v1” published by bob",
    "check “CI” on “main” fails now (at a1b2c3d)",
]


def _poll(server: GitHubServer, memory: Memory, minutes: float = 0, **options: str) -> Polled:
    return poll(Intake(memory, WATCHED), NOON + timedelta(minutes=minutes), base=server.url, **options)


def test_a_poll_notes_what_happened_oldest_first(tmp_path: Path) -> None:
    """Titles of pull requests are looked up, since the list no longer says them; the token goes along."""
    memory = bare_memory(tmp_path)
    with github() as server:
        _filled(server)
        assert _poll(server, memory, token="t-1") == Polled(6)

        assert [o.text for o in spooled(memory)] == TEXTS
        assert server.paths() == ["", "/events", "/pulls/42", "/actions/runs"]
        assert all(headers["authorization"] == "Bearer t-1" for _, headers in server.asked)


def test_nothing_new_costs_two_questions_with_etags(tmp_path: Path) -> None:
    """And none before the interval that GitHub asks for is over."""
    memory = bare_memory(tmp_path)
    with github() as server:
        _filled(server)
        server.interval = 120
        _poll(server, memory)
        server.asked.clear()

        assert _poll(server, memory, 1.9).why == "asked a short while ago" and server.asked == []
        assert _poll(server, memory, 2.1) == Polled(0)
        assert server.paths() == ["/events", "/actions/runs"] and all("if-none-match" in headers for _, headers in server.asked)
        assert len(spooled(memory)) == 6


def test_what_was_delivered_is_not_noted_again_by_a_poll_nor_the_other_way(tmp_path: Path) -> None:
    """One observation, by whichever way it came first, and where no memory of it is left the same id."""
    first, second, apart = (bare_memory(tmp_path / name) for name in "abc")
    closed = pull("closed", merged=True, merged_at=stamp(3))
    told = [
        ("pull_request", pull()),
        ("pull_request", closed),
        ("push", push()),
        ("issue_comment", comment("@ada it hangs")),
        ("workflow_run", run("failure", 6)),
    ]
    with github() as server:
        _filled(server)
        with receiving(first) as listener:
            assert [deliver(listener, kind, body, str(n))[0] for n, (kind, body) in enumerate(told)] == [202] * 5
        assert _poll(server, first).noted == 1  # the release

        _poll(server, second)
        with receiving(second) as listener:
            assert [deliver(listener, kind, body, str(n))[0] for n, (kind, body) in enumerate(told)] == [200] * 5
        with receiving(apart) as listener:
            for n, (kind, body) in enumerate(told):
                deliver(listener, kind, body, str(n))

    assert len(spooled(first)) == len(spooled(second)) == 6
    # A push has no time of its own in the list: there the events' times differ.
    assert {o.id for o in spooled(apart) if "push" not in o.text} <= {o.id for o in spooled(second)}


FAULTS = {
    "500": Fault(500), "502 later": Fault(502, only="/actions/runs"), "cut off": Fault(cut=300), "not JSON": Fault(body=b"<html>"),
    "another kind": Fault(body=b'{"message": "hm"}'), "no pull": Fault(503, only="/pulls/"), "empty": Fault(body=b""),
    "deep": Fault(body=b"[" * 100_000), "limit": Fault(403, {"Retry-After": "90"}), "limit runs": Fault(403, {"Retry-After": "90"}, only="/runs"),
    "reset": Fault(429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOON.timestamp()) + 90)}),
    "elsewhere": Fault(302, {"Location": "http://127.0.0.2:9/events"}), "token": Fault(401), "gone": Fault(404, only="?"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_failed_poll_loses_nothing_and_repeats_nothing(tmp_path: Path, fault: Fault) -> None:
    """It says what failed and when it asks again; then everything is there, once."""
    memory = bare_memory(tmp_path)
    with github() as server:
        _filled(server)
        server.faults = [fault]
        done = _poll(server, memory)
        assert done.failed and "asked again in" in done.why
        state = last_poll(memory)
        assert state.failures == 1 and state.ok == 0

        count = len(server.asked)
        assert "waits before asking again" in _poll(server, memory, 0.5).why and len(server.asked) == count
        assert not _poll(server, memory, (state.next - NOON.timestamp()) / 60 + 0.1).failed
        assert sorted(o.text for o in spooled(memory)) == sorted(TEXTS)
        assert last_poll(memory).failures == 0


def test_a_rate_limit_is_waited_for(tmp_path: Path) -> None:
    """As long as GitHub says, not as long as we would."""
    for n, fault in enumerate(
        (
            Fault(403, {"Retry-After": "1800"}),
            Fault(429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOON.timestamp()) + 1800)}),
        )
    ):
        memory = bare_memory(tmp_path / str(n))
        with github() as server:
            server.faults = [fault]
            _poll(server, memory)

            assert last_poll(memory).next == int(NOON.timestamp()) + 1800


def test_failing_again_waits_longer_up_to_an_hour(tmp_path: Path) -> None:
    """Nobody answers: each wait is twice as long, and none longer than an hour."""
    memory = bare_memory(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    now, waits = NOON, []
    for _ in range(9):
        assert poll(Intake(memory, WATCHED), now, base=address).failed
        waits.append(last_poll(memory).next - int(now.timestamp()))
        now += timedelta(seconds=waits[-1])

    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_network_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as a failure as any other."""
    monkeypatch.setattr(asking, "SECONDS", 0.3)
    memory = bare_memory(tmp_path)
    with github() as server:
        server.faults = [Fault(wait=2)]

        assert "no usable answer" in _poll(server, memory).why


def test_an_address_that_is_not_safe_is_not_asked(tmp_path: Path) -> None:
    """The token would be read on the way."""
    assert refusal("https://api.github.com") == refusal("http://127.0.0.1:8") == refusal("http://localhost") == ""
    for base in ("http://api.github.com", "ftp://x", "file:///etc/passwd", "", "https://"):
        assert refusal(base) and poll(Intake(bare_memory(tmp_path / str(len(base))), WATCHED), NOON, base=base).failed


def test_the_token_follows_a_renamed_repository_and_no_other_host() -> None:
    """A redirect on the same host is followed; to another one it is an answer like any other."""
    with github() as server, github() as other:
        server.faults = [Fault(301, {"Location": f"{server.url}/repos/{REPO}/events?page=1"}, only="/repos/old")]
        assert ask(server.url, "/repos/old/app/events", "t-1").said == []
        assert server.asked[-1][1]["authorization"] == "Bearer t-1"
        server.faults = [Fault(301, {"Location": f"{other.url}/repos/{REPO}/events?page=1"})]

        assert ask(server.url, f"/repos/{REPO}/events?page=1", "t-1").status == 301 and other.asked == []


def test_more_than_a_page_is_read_to_where_the_last_poll_was(tmp_path: Path) -> None:
    """A busy repository: three pages are all there are; the day's number holds."""
    memory = bare_memory(tmp_path)
    with github() as server:
        server.rows = [
            row(
                "CommitCommentEvent",
                {
                    "comment": {
                        "id": n,
                        "user": {"login": "bob"},
                        "body": "@ada see",
                        "created_at": stamp(n / 10),
                        "commit_id": "d" * 40,
                    }
                },
                str(n),
                minutes=n / 10,
            )
            for n in range(1, 251)
        ]
        assert _poll(server, memory).noted == 250
        server.rows.insert(0, {**server.rows[0], "id": "9999", "created_at": stamp(-1)})
        server.asked.clear()
        _poll(server, memory, 2)

        assert [p for p in server.paths() if p == "/events"] == ["/events"] * 3 and len(spooled(memory)) == 250


def test_two_polls_at_once_are_one(tmp_path: Path) -> None:
    """The second says so and asks nothing."""
    memory = bare_memory(tmp_path)
    with github() as server, held(memory.own, LOCK, wait=False) as mine:
        assert mine and _poll(server, memory).why == "another poll is under way" and server.asked == []


def test_a_clock_that_stepped_back_does_not_stop_polling(tmp_path: Path) -> None:
    """A next poll further ahead than any wait is no measure."""
    memory = bare_memory(tmp_path)
    with github() as server:
        _filled(server)
        _poll(server, memory, 60 * 24 * 365)

        assert not _poll(server, memory).why


def test_nothing_is_asked_unless_it_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`poll: true`, and a repository to ask about; address and token come from the environment."""
    memory = bare_memory(tmp_path)
    with github() as server:
        _filled(server)
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GH_TOKEN", "t-2")
        assert "is not set" in poll_if_wanted(memory, None, GitHub(repo=REPO), NOON).why and server.asked == []
        assert poll_if_wanted(memory, None, GitHub(poll=True), NOON).failed and server.asked == []

        assert poll_if_wanted(memory, None, GitHub(True, REPO, "ada"), NOON).noted == 6
        assert server.asked[0][1]["authorization"] == "Bearer t-2"


@pytest.mark.parametrize(
    ("url", "repo"),
    [("https://github.com/octo/app.git", "octo/app"), ("https://t0ken@github.com/octo/app", "octo/app"), ("git@github.com:octo/app.git", "octo/app"),
     ("ssh://git@github.com/octo/app.git/", "octo/app"), ("ssh://git@ssh.github.com:443/octo/app.git", "octo/app"), ("git@github.com:octo/a.b-c", "octo/a.b-c"),
     ("https://gitlab.com/octo/app", ""), ("/srv/github.com/octo", ""), ("https://github.com.evil.example/octo/app", ""),
     ("https://github.com/octo", ""), ("https://github.com/octo/app/tree", ""), ("https://github.com/octo/..", ""), ("", "")],
)  # fmt: skip
def test_the_origin_names_the_repository(url: str, repo: str) -> None:
    """Only at github.com itself."""
    assert repository_of(url) == repo


@given(
    st.builds(
        State,
        st.text(),
        st.integers(0),
        st.integers(0),
        st.integers(0),
        st.text(),
        st.text(),
        st.text(),
        st.text(),
        st.integers(0),
    )
)
def test_the_state_comes_back_as_it_was(state: State) -> None:
    """format and parse are inverse."""
    assert parse_state(format_state(state)) == state


@given(st.binary() | st.sampled_from([b"[]", b"null", b'{"next": "x"}', b'{"x": 1}', b'{"next": true}']))
def test_a_damaged_state_begins_anew(data: bytes) -> None:
    """Never an exception."""
    assert parse_state(data) == State()


def test_runs_that_may_not_be_read_are_left_out(tmp_path: Path) -> None:
    """A token without that right: the events come all the same."""
    memory = bare_memory(tmp_path)
    with github() as server:
        _filled(server)
        server.faults = [Fault(403, only="/actions/runs")]

        assert _poll(server, memory) == Polled(5)


def test_the_time_of_an_event_is_its_own(tmp_path: Path) -> None:
    """Not that of the poll: machines that poll apart write the same lines."""
    memory = bare_memory(tmp_path)
    with github() as server:
        _filled(server)
        _poll(server, memory, 30)

        assert [o.time for o in spooled(memory)][:2] == [datetime.fromisoformat(stamp(m)).isoformat() for m in (9, 4)]
