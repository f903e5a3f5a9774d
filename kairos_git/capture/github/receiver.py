"""The receiver of GitHub's webhook deliveries: a small HTTP server that checks, spools and answers.

A delivery is refused on its headers before its body is read, and on its signature before anything in it is looked at. At most
`THREADS` are served at a time, each for `SECONDS` in all, so that a flood or a stalled sender costs a bounded amount of memory;
who comes then is told to come again.

The one rule: nothing that is not signed with our secret is parsed, and nothing is answered with 202 that is not in the spool.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from io import BufferedReader, RawIOBase
from socketserver import TCPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from kairos_git.capture.github.intake import Delivery, Intake
from kairos_git.capture.github.signature import SHORTEST_SECRET, is_signed
from kairos_git.errors import KairosError, Refused

PORT = 8417
PATH = "/github"
MOST_BYTES = 2 * 1024 * 1024  # of a body; GitHub sends up to 25 MB, but what is noted stands in far smaller ones
POLITE = 64 * 1024  # bytes of a refused body that are still read, and thrown away
SECONDS = 10.0  # for a whole request; GitHub itself waits 10 s for an answer
THREADS = 8
PER_SECOND = 50.0  # requests, on average; a burst may be five times as many
LONGEST_NAME = 200
_LENGTH = re.compile(r"\d{1,12}", re.ASCII)
_KIND = re.compile(r"[a-z0-9_]{1,60}", re.ASCII)


class Answer(NamedTuple):
    """What is answered: an HTTP status and a sentence for the page of recent deliveries at GitHub."""

    status: int
    words: str


class Gate:
    """How many requests may come: a bucket that fills by the second. Owns its level."""

    def __init__(self, per_second: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._most = 5 * per_second
        self._level = self._most
        self._seconds = seconds
        self._last = seconds()

    def passes(self) -> bool:
        """Whether one more may come now."""
        now = self._seconds()
        self._level = min(self._most, self._level + (now - self._last) * self._rate)
        self._last = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Receiver:
    """A server of one address. Owns its socket, its threads, and the count of what it answered."""

    def __init__(
        self, intake: Intake, secret: str, clock: Callable[[], datetime], *, host: str = "127.0.0.1", port: int = PORT,
        per_second: float = PER_SECOND, said: Callable[[str], None] = lambda line: None,
    ) -> None:  # fmt: skip
        """Raises Refused without a secret, KairosError where the address cannot be listened on."""
        if len(secret) < SHORTEST_SECRET:
            raise Refused(
                f"There is no secret in KAIROS_WEBHOOK_SECRET, or one of less than {SHORTEST_SECRET} characters: then anybody could "
                "send events. Make one (`openssl rand -hex 32`), set it there and in the webhook's settings at GitHub."
            )
        self.intake = intake
        self.answered: Counter[int] = Counter()
        self._secret = secret
        self._clock = clock
        self._said = said
        self._alone = threading.Lock()  # one body is parsed and spooled at a time
        try:
            self._server = _Listening((host, port), self, Gate(per_second))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise KairosError(
                f"{host}:{port} cannot be listened on ({reason}). Name another one with --host or --port."
            ) from error

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that are listened on."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def serve(self) -> None:
        """Answer until `stop`."""
        try:
            self._server.serve_forever(poll_interval=0.2)
        finally:
            self._server.server_close()

    def stop(self) -> None:
        """Let `serve`, in another thread, return when what is under way is answered."""
        self._server.shutdown()

    def settle(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Check, take and answer one delivery whose body was read whole."""
        if not is_signed(self._secret, body, headers.get("x-hub-signature-256", "")):
            return Answer(401, "the signature is missing or not ours (X-Hub-Signature-256, HMAC-SHA256 of the body)")
        name, kind = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
        if not 0 < len(name) <= LONGEST_NAME or not _KIND.fullmatch(kind):
            return Answer(400, "X-GitHub-Delivery or X-GitHub-Event is missing")
        with self._alone:
            payload = parse_body(body, headers.get("content-type", ""))
            if payload is None:
                return Answer(400, "the body is no JSON object")
            if kind == "ping":
                return Answer(200, f"listening for {self.intake.watched.repo}")
            digest = hashlib.sha256(body).hexdigest()
            try:
                taken = self.intake.take([Delivery(kind, payload, (f"id {name}", f"body {digest}"))], self._clock())
            except KairosError as error:
                self._said(str(error))
                return Answer(503, "the memory takes nothing now; deliver it again later")
        if taken.noted:
            self._said(taken.noted[0].text)
            return Answer(202, "noted")
        return Answer(200, f"not noted: {taken.why}")


def parse_body(body: bytes, content_type: str) -> dict[str, object] | None:
    """The JSON object a delivery holds: the body itself, or its form field `payload`. None where there is none."""
    try:
        text = body.decode("utf-8")
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            text = parse_qs(text, strict_parsing=True, max_num_fields=4).get("payload", [""])[0]
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class _Listening(TCPServer):
    """One thread for a request, as many as are allowed, and a short answer for who comes besides."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], receiver: Receiver, gate: Gate) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.receiver = receiver
        self._gate = gate
        self._free = threading.BoundedSemaphore(THREADS)
        super().__init__(address, _Reading)

    def process_request(self, request: Any, client_address: Any) -> None:
        status = 429 if not self._gate.passes() else 0 if self._free.acquire(blocking=False) else 503
        if status:
            self.receiver.answered[status] += 1
            _turn_away(request, status)
            return self.shutdown_request(request)
        try:
            threading.Thread(target=self._serve_one, args=(request, client_address), daemon=True).start()
        except RuntimeError:  # no further thread to be had
            self._free.release()
            _turn_away(request, 503)
            self.shutdown_request(request)

    def _serve_one(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except (OSError, ValueError):  # a sender that went away, stalled, or sent what is no HTTP
            pass
        finally:
            self.shutdown_request(request)
            self._free.release()


def _turn_away(request: Any, status: int) -> None:
    words = {429: "Too Many Requests", 503: "Service Unavailable"}[status]
    try:
        request.settimeout(0.2)
        request.sendall(
            f"HTTP/1.1 {status} {words}\r\nRetry-After: 60\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
    except OSError:
        pass


class _Timed(RawIOBase):
    """A socket read against one deadline for all of a request, however slowly it drips."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Reading(BaseHTTPRequestHandler):
    """One request: its headers, then its body, then one answer and the end of the connection."""

    server: _Listening
    protocol_version = "HTTP/1.1"
    server_version = "kairos-git"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self.rfile = BufferedReader(_Timed(self.connection, SECONDS))
        self._unread = 0

    def do_POST(self) -> None:
        self._finish(self._answer())

    def _answer(self) -> Answer:
        if self.path.partition("?")[0] != PATH:
            return Answer(404, f"deliveries go to {PATH}")
        headers = {name.lower(): value.strip() for name, value in self.headers.items()}
        if len(headers) != len(self.headers.items()):
            return Answer(400, "a header stands there twice")
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or not length:
            return Answer(411, "the body's length must be stated; it cannot come in chunks")
        if not _LENGTH.fullmatch(length):
            return Answer(400, "the body's length is no number")
        self._unread = int(length)
        if headers.get("content-encoding", "identity").lower() != "identity":
            return Answer(415, "the body must come as it was signed, not compressed")
        if int(length) > MOST_BYTES:
            return Answer(413, f"a body may have {MOST_BYTES} bytes")
        if not headers.get("x-hub-signature-256"):
            return Answer(401, "the signature is missing (X-Hub-Signature-256)")
        if headers.get("expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        body, self._unread = self.rfile.read(int(length)), 0
        if len(body) != int(length):
            return Answer(400, "the body is shorter than stated")
        return self.server.receiver.settle(headers, body)

    def _finish(self, answer: Answer) -> None:
        self.server.receiver.answered[answer.status] += 1
        words = f"{answer.words}\n".encode()
        self.close_connection = True
        self.send_response(answer.status)
        for name, value in (
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(words))),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(words)
        if 0 < self._unread <= POLITE:  # closing on what was sent would take the answer from the sender
            self.wfile.flush()
            self.rfile.read(self._unread)

    def handle_expect_100(self) -> bool:
        return True  # said only when the headers are good

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self._finish(Answer(code, message or "only POST is answered here"))

    def log_message(self, *words: object) -> None:
        pass  # what a stranger sent is not printed
