"""GitHub's stand-in: a small HTTP server on loopback that answers the questions a poll asks, and fails as told."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

from capture.github.deliveries import REPO
from loopback import Answering, OnLoopback


class Fault(NamedTuple):
    """How a request fails. only: in whose path this stands; cut: bytes of the body that are still sent."""

    status: int = 200
    headers: dict[str, str] = {}
    body: bytes | None = None
    only: str = "/events"
    wait: float = 0.0
    cut: int = -1


class GitHubServer(OnLoopback):
    """rows: the events list, newest first; pulls: by number; runs: newest first; faults: each taken by one request."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.pulls: dict[int, dict[str, Any]] = {}
        self.runs: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.interval = 60
        super().__init__(_reporting(self))

    def paths(self) -> list[str]:
        return [path.partition("?")[0].removeprefix(f"/repos/{REPO}") for path, _ in self.asked]

    def fault(self, path: str) -> Fault | None:
        found = next((f for f in self.faults if f.only in path), None)
        if found:
            self.faults.remove(found)
        return found

    def answer(self, path: str) -> Any:
        plain, _, query = path.partition("?")
        rest = plain.removeprefix(f"/repos/{REPO}")
        if rest == plain:
            return None
        if rest == "/events":
            page = int(query.rpartition("page=")[2])
            return self.rows[100 * page - 100 : 100 * page]
        if rest == "/actions/runs":
            return {"total_count": len(self.runs), "workflow_runs": self.runs[:100]}
        if rest.startswith("/pulls/"):
            return self.pulls.get(int(rest.removeprefix("/pulls/")))
        return {"full_name": REPO, "default_branch": "main"} if not rest else None


def _reporting(server: GitHubServer) -> type[Answering]:
    class Reporting(Answering):
        def get(self) -> None:
            headers = {k.lower(): v for k, v in self.headers.items()}
            server.asked.append((self.path, headers))
            fault = server.fault(self.path)
            said = server.answer(self.path)
            body = json.dumps(said).encode() if said is not None else b'{"message": "Not Found"}'
            etag = f'"{abs(hash(body))}"'
            status = 404 if said is None else 304 if headers.get("if-none-match") == etag else 200
            more = {"ETag": etag, "X-Poll-Interval": str(server.interval)}
            cut = -1
            if fault:
                time.sleep(fault.wait)
                status, more, cut = fault.status, {**more, **fault.headers}, fault.cut
                body = fault.body if fault.body is not None else body
            self.send_response(status)
            for name, value in {**more, "Content-Length": "0" if status == 304 else str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if status != 304:
                self.wfile.write(body if cut < 0 else body[:cut])
            self.close_connection = True

    return Reporting


def github() -> GitHubServer:
    """A stand-in that answers in the block it is entered for."""
    return GitHubServer()
