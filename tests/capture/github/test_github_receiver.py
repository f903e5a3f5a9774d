"""The receiver over real HTTP on loopback: what is signed is taken, once; everything else costs it nothing."""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from capture.github.deliveries import REPO, SECRET, bare_memory, deliver, payload, pull, push, receiving, run, spooled

from conftest import NOON, Place
from kairos_git.capture.github import receiver
from kairos_git.capture.github.events import Watched
from kairos_git.capture.github.intake import Intake
from kairos_git.capture.github.receiver import Receiver
from kairos_git.capture.github.remembered import Remembered
from kairos_git.capture.github.signature import is_signed, sign
from kairos_git.errors import KairosError, Refused


def test_a_signed_delivery_is_in_the_spool_when_it_is_answered(tmp_path: Path) -> None:
    """202, and one external observation."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        assert deliver(listener, "pull_request", pull()) == (202, "noted\n")

        (o,) = spooled(memory)
        assert (o.src, o.text) == ("external", "PR #42 opened by bob: “Retry on a lost connection”")


def test_github_s_own_example_of_a_signature_holds() -> None:
    """From its documentation: secret, payload and the value that must come out."""
    stated = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert sign("It's a Secret to Everybody", b"Hello, World!") == stated
    assert is_signed("It's a Secret to Everybody", b"Hello, World!", stated)
    assert not is_signed("", b"", sign("", b""))


BODY = json.dumps(pull()).encode()
FORGED: dict[str, dict[str, str | None]] = {
    "none": {"X-Hub-Signature-256": None},
    "empty": {"X-Hub-Signature-256": ""},
    "another secret": {"X-Hub-Signature-256": sign("another secret, as long", BODY)},
    "no secret": {"X-Hub-Signature-256": sign("", BODY)},
    "sha1 only": {"X-Hub-Signature-256": None, "X-Hub-Signature": "sha1=" + "0" * 40},
    "sha1 for sha256": {"X-Hub-Signature-256": "sha1=" + "0" * 40},
    "upper case": {"X-Hub-Signature-256": sign(SECRET, BODY).upper()},
    "one digit off": {"X-Hub-Signature-256": sign(SECRET, BODY)[:-1] + "0"},
    "no prefix": {"X-Hub-Signature-256": sign(SECRET, BODY).removeprefix("sha256=")},
    "more behind it": {"X-Hub-Signature-256": sign(SECRET, BODY) + " "[:0] + ",x"},
    "not ASCII": {"X-Hub-Signature-256": "sha256=\u00e9" + "0" * 63},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_what_is_not_signed_is_refused(tmp_path: Path, headers: dict[str, str | None]) -> None:
    """401, whatever is stated instead, and nothing is written."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        sent = {k: v.encode("utf-8").decode("latin-1") if v else v for k, v in headers.items()}
        status, _ = deliver(listener, "pull_request", BODY, headers=sent)

        if headers == FORGED["one digit off"] and sign(SECRET, BODY).endswith("0"):
            return
        assert status == 401 and spooled(memory) == [] and os.listdir(memory.own) == []


def test_the_signature_is_over_the_bytes_not_the_json(tmp_path: Path) -> None:
    """The same JSON in another order or with one bit flipped is not what was signed."""
    memory = bare_memory(tmp_path)
    turned = json.dumps(dict(reversed(pull().items()))).encode()
    flipped = BODY[:40] + bytes([BODY[40] ^ 1]) + BODY[41:]
    with receiving(memory) as listener:
        for body in (turned, flipped, BODY + b" "):
            assert deliver(listener, "pull_request", body, headers={"X-Hub-Signature-256": sign(SECRET, BODY)})[0] == 401

        assert spooled(memory) == []


def test_a_delivery_is_applied_once_also_under_another_id_and_after_a_restart(tmp_path: Path) -> None:
    """Redelivered by GitHub, replayed by somebody who recorded it (the id is not signed), before and after a restart."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        answers = [deliver(listener, "push", push(), name)[0] for name in ("a", "a", "b")]
    with receiving(memory) as listener:
        answers += [deliver(listener, "push", push(), name)[0] for name in ("a", "c")]

    assert answers == [202, 200, 200, 200, 200]
    assert len(spooled(memory)) == 1


def test_an_id_that_was_delivered_is_not_taken_again_with_another_body(tmp_path: Path) -> None:
    """One delivery, one body; the sender is told."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        assert deliver(listener, "push", push(), "a")[0] == 202
        assert deliver(listener, "pull_request", pull(), "a") == (200, "not noted: it was delivered before\n")

    assert len(spooled(memory)) == 1


def test_an_old_recording_is_not_applied_even_where_it_is_forgotten(tmp_path: Path) -> None:
    """What happened more than a week ago, or lies ahead, is not noted; the sender is told."""
    memory = bare_memory(tmp_path)
    for moved in (timedelta(days=8), timedelta(hours=-2)):
        with receiving(memory, NOON + moved) as listener:
            status, words = deliver(listener, "pull_request", pull(), ident=str(moved))
            assert status == 200 and "too far from now" in words

    assert spooled(memory) == []


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "GET": (405, {"method": "GET"}),
    "PUT": (405, {"method": "PUT"}),
    "another path": (404, {"path": "/"}),
    "compressed": (415, {"headers": {"Content-Encoding": "gzip"}}),
    "no delivery id": (400, {"headers": {"X-GitHub-Delivery": None}}),
    "no event": (400, {"headers": {"X-GitHub-Event": None}}),
    "a strange event": (400, {"headers": {"X-GitHub-Event": "../push"}}),
    "a length that is none": (400, {"headers": {"Content-Length": "-5"}}),
    "too long": (413, {"headers": {"Content-Length": "26214400"}}),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_no_delivery_is_refused(tmp_path: Path, case: tuple[int, dict[str, Any]]) -> None:
    """Each with the status that says why; nothing is written."""
    memory = bare_memory(tmp_path)
    status, options = case
    with receiving(memory) as listener:
        assert deliver(listener, "pull_request", pull(), **options)[0] in (status, 501 if status == 405 else status)

        assert spooled(memory) == []


def test_a_compressed_body_is_refused_though_it_is_signed(tmp_path: Path) -> None:
    """A small body may unpack to anything; GitHub sends none."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        body = gzip.compress(BODY)
        assert deliver(listener, "pull_request", body, headers={"Content-Encoding": "gzip"})[0] == 415
        assert deliver(listener, "pull_request", body)[0] == 400
        assert deliver(listener, "pull_request", b"[]")[0] == 400
        assert deliver(listener, "pull_request", b"[" * 100_000)[0] == 400

        assert spooled(memory) == []


def _raw(listener: Receiver, sent: bytes, wait: float = 5) -> bytes:
    with socket.create_connection(listener.address, timeout=wait) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while piece := connection.recv(4096):
            got += piece
        return got


def test_a_body_in_chunks_or_a_header_twice_is_refused(tmp_path: Path) -> None:
    """What two programs could read differently is read by none."""
    memory = bare_memory(tmp_path)
    signed = b"X-Hub-Signature-256: " + sign(SECRET, BODY).encode() + b"\r\n"
    start = b"POST /github HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: pull_request\r\nX-GitHub-Delivery: d\r\n"
    length = f"Content-Length: {len(BODY)}\r\n".encode()
    with receiving(memory) as listener:
        chunked = _raw(listener, start + signed + length + b"Transfer-Encoding: chunked\r\n\r\n" + BODY)
        twice = _raw(listener, start + signed + signed + length + b"\r\n" + BODY)
        lengths = _raw(listener, start + signed + length + b"Content-Length: 2\r\n\r\n" + BODY)
        short = _raw(listener, start + signed + b"Content-Length: 9999\r\n\r\n" + BODY)
        good = _raw(listener, start + signed + length + b"Expect: 100-continue\r\n\r\n" + BODY)

        assert [a.split()[1] for a in (chunked, twice, lengths, short)] == [b"411", b"400", b"400", b"400"]
        assert good.startswith(b"HTTP/1.1 100") and b" 202 " in good
        assert len(spooled(memory)) == 1


def test_a_form_is_read_as_well(tmp_path: Path) -> None:
    """GitHub's other content type: the signature is over the form, the JSON in its field `payload`."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        body = f"payload={quote(json.dumps(pull()))}".encode()
        assert deliver(listener, "pull_request", body, headers={"Content-Type": "application/x-www-form-urlencoded"})[0] == 202

        assert len(spooled(memory)) == 1


def test_a_ping_is_answered_and_not_noted(tmp_path: Path) -> None:
    """What GitHub sends when the webhook is set up."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        assert deliver(listener, "ping", payload(zen="Keep it logically awesome.")) == (200, f"listening for {REPO}\n")
        assert "another repository" in deliver(listener, "push", {**push(), "repository": {"full_name": "eve/app"}}, "d-2")[1]

        assert spooled(memory) == []


def test_a_stalled_sender_holds_nobody_up_and_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All threads but one held by senders that drip: a delivery still passes, and the threads come free."""
    monkeypatch.setattr(receiver, "SECONDS", 0.5)
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        stalled = [socket.create_connection(listener.address) for _ in range(receiver.THREADS - 1)]
        for connection in stalled:
            connection.sendall(b"POST /github HTTP/1.1\r\nHost: ")
        assert deliver(listener, "pull_request", pull())[0] == 202
        for connection in stalled:
            connection.settimeout(20)
            while connection.recv(100):
                pass
            connection.close()
        assert deliver(listener, "push", push(), "d-2")[0] == 202


def test_who_comes_when_all_threads_are_busy_is_told_to_come_again(tmp_path: Path) -> None:
    """503 at once, and no further thread."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        stalled = [socket.create_connection(listener.address) for _ in range(receiver.THREADS)]
        deadline = time.monotonic() + 20
        answers: set[int] = set()
        while 503 not in answers and time.monotonic() < deadline:
            try:
                answers.add(deliver(listener, "pull_request", pull())[0])
            except OSError:  # turned away before everything was sent
                answers.add(503)
        for connection in stalled:
            connection.close()

        assert 503 in answers and listener.answered[503] >= 1


def test_a_flood_is_slowed_down(tmp_path: Path) -> None:
    """429 when the bucket is empty; what was taken before it is safe."""
    memory = bare_memory(tmp_path)
    with receiving(memory, per_second=0.4) as listener:
        answers = []
        for n in range(4):
            try:
                answers.append(deliver(listener, "pull_request", pull(n=n + 1), str(n))[0])
            except OSError:
                answers.append(429)

        assert answers[:2] == [202, 202] and 429 in answers[2:] and listener.answered[429] >= 1


def test_a_day_has_room_for_so_many_events(tmp_path: Path) -> None:
    """A noisy repository does not flood the log: one line says that there was more."""
    memory = bare_memory(tmp_path)
    with receiving(memory, daily=3) as listener:
        for n in range(1, 7):
            deliver(listener, "pull_request", pull(n=n), str(n))

        texts = [o.text for o in spooled(memory)]
        assert len(texts) == 4 and texts[-1].startswith("more than 3 events on 2026-11-21")


def test_a_check_is_noted_when_it_flips(tmp_path: Path) -> None:
    """Green is the rest: the first failure and the first success after it are lines, the others are not, also out of order."""
    memory = bare_memory(tmp_path)
    results = [("success", 50), ("failure", 40), ("failure", 30), ("success", 35), ("success", 20), ("failure", 10)]
    for n, (result, minutes) in enumerate(results):
        with receiving(memory) as listener:  # restarted each time: what was is remembered
            deliver(listener, "workflow_run", run(result, minutes), str(n))

    assert [o.text.split("”")[-1] for o in spooled(memory)] == [
        " fails now (at a1b2c3d)",
        " is green again (at a1b2c3d)",
        " fails now (at a1b2c3d)",
    ]


def test_a_memory_that_cannot_be_written_takes_nothing_and_says_so(tmp_path: Path) -> None:
    """503, so that it is delivered again; then it is taken."""
    memory = bare_memory(tmp_path)
    os.makedirs(memory.spool)
    blocked = Path(memory.spool, "observations")
    blocked.mkdir()
    with receiving(memory) as listener:
        assert deliver(listener, "pull_request", pull())[0] == 503
        blocked.rmdir()
        assert deliver(listener, "pull_request", pull())[0] == 202

    assert len(spooled(memory)) == 1


def test_what_is_remembered_is_bounded_and_survives_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is rewritten with the newest; a torn line costs nothing."""
    from kairos_git.capture.github import remembered

    monkeypatch.setattr(remembered, "MOST", 20)
    memory = bare_memory(tmp_path)
    known = Remembered(memory)
    for n in range(500):
        with known.held():
            known.add([f"e g-{n}", f"d g-{n}"])
    with open(known.path, "ab") as file:
        file.write(b"c g-1 1 99999\nc g-2 x y\n\xff\xfe\ne g-torn")
    again = Remembered(memory)
    with again.held():
        again.add(["n 2026-11-21 5"])

    assert os.path.getsize(known.path) < 20 * 200
    assert "g-499" in again.events and "g-1" not in again.events and again.checks == {"g-1": (True, 99999)}
    assert again.day == ("2026-11-21", 5)


@pytest.mark.parametrize("secret", ["", "short", "x" * 15], ids=["none", "short", "15"])
def test_it_does_not_start_without_a_secret(tmp_path: Path, secret: str) -> None:
    """Without one anybody could send."""
    with pytest.raises(Refused, match="KAIROS_WEBHOOK_SECRET"):
        Receiver(Intake(bare_memory(tmp_path), Watched(REPO)), secret, lambda: NOON, port=0)


def test_an_address_in_use_is_named(tmp_path: Path) -> None:
    """With what to do."""
    intake = Intake(bare_memory(tmp_path), Watched(REPO))
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(KairosError, match="--port"):
        Receiver(intake, SECRET, lambda: NOON, port=taken.getsockname()[1])


def test_fuzzed_requests_break_nothing(tmp_path: Path) -> None:
    """A seeded slice of `tests/bench/webhooks.py`: garbage, and signed garbage; every answer is one of ours."""
    chance = random.Random(6)
    memory = bare_memory(tmp_path)
    with receiving(memory, per_second=1e9) as listener:
        for n in range(150):
            body = bytearray(BODY)
            for _ in range(chance.randrange(1, 30)):
                body[chance.randrange(len(body))] = chance.randrange(256)
            signature = sign(SECRET, bytes(body)) if n % 2 else sign(SECRET, BODY)
            status, _ = deliver(listener, "pull_request", bytes(body), str(n), headers={"X-Hub-Signature-256": signature})
            assert status in ((200, 202, 400) if n % 2 else (401,))
        for _ in range(50):
            _raw(listener, bytes(chance.randrange(256) for _ in range(chance.randrange(400))) + b"\r\n\r\n")
        assert deliver(listener, "push", push(), "last")[0] == 202


def test_the_command_listens_and_says_where(app: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve webhook` in the project: origin's repository, the settings' login, until it is stopped."""
    monkeypatch.setenv("KAIROS_WEBHOOK_SECRET", SECRET)
    assert "origin" in app.run("serve", "webhook", "--port", "0", code=3).err
    app.git("remote", "add", "origin", f"git@github.com:{REPO}.git")
    monkeypatch.delenv("KAIROS_WEBHOOK_SECRET")
    assert "KAIROS_WEBHOOK_SECRET" in app.run("serve", "webhook", "--port", "0", code=1).err
    monkeypatch.setenv("KAIROS_WEBHOOK_SECRET", SECRET)
    started: list[Receiver] = []
    plain = Receiver.serve

    def serve(self: Receiver) -> None:
        started.append(self)
        plain(self)

    monkeypatch.setattr(Receiver, "serve", serve)
    sent: list[int] = []

    def sender() -> None:
        while not started:
            time.sleep(0.01)
        body = pull(created_at=datetime.now().astimezone().isoformat())
        sent.append(deliver(started[0], "pull_request", body)[0])
        started[0].stop()

    thread = Thread(target=sender)
    thread.start()
    answer = app.run("serve", "webhook", "--port", "0")
    thread.join()

    assert sent == [202] and f"for {REPO}; github.login is not set" in answer.out and "PR #42 opened" in answer.out
    app.dream()
    assert "PR #42 opened" in app.run("log", "--src", "external").out
    assert not any("PR #42" in value for value in app.facts("--all"))


def test_what_the_owner_keeps_private_is_not_noted(tmp_path: Path) -> None:
    """`ignore:` of kairos.yaml holds as soon as it is saved; where it cannot be read nothing is taken."""
    memory = bare_memory(tmp_path)
    with receiving(memory) as listener:
        Path(memory.path, "kairos.yaml").write_text("ignore: ['lost connection']\n")
        assert "private or to be ignored" in deliver(listener, "pull_request", pull())[1]
        Path(memory.path, "kairos.yaml").write_text("ignore: [\n")
        assert deliver(listener, "push", push(), "d-2")[0] == 503
        Path(memory.path, "kairos.yaml").write_text("mode: auto\n")
        assert deliver(listener, "push", push(), "d-2")[0] == 202

    assert [o.text[:4] for o in spooled(memory)] == ["push"]
