"""What all stand-ins have in common: a small HTTP server on loopback that answers in a thread until the end of a block."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Answering(BaseHTTPRequestHandler):
    """One connection: says nothing on standard error, and answers with whole bodies. What it knows of is in `get` and `post`."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        pass

    def get(self) -> None:
        self.send(404, b"{}")

    def post(self) -> None:
        self.send(404, b"{}")

    def do_GET(self) -> None:
        self.get()

    def do_POST(self) -> None:
        self.post()

    def send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class OnLoopback:
    """A server at a free port. It listens once it is made, and answers in the block that it is entered for."""

    def __init__(self, answering: type[BaseHTTPRequestHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
