"""Deliveries and rows of the events list in GitHub's documented shape, as small as they may be, and how they are sent."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

from conftest import NOON
from kairos_git.capture.github.events import Watched
from kairos_git.capture.github.intake import Intake
from kairos_git.capture.github.receiver import PATH, Receiver
from kairos_git.capture.github.signature import sign
from kairos_git.capture.spool import read_segment, segments
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory, open_memory

REPO = "octo/app"
SECRET = "correct horse battery staple"
WATCHED = Watched(REPO, "ada")


def stamp(minutes: float = 0) -> str:
    """A time as GitHub writes it, so many minutes before noon."""
    return (NOON - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def payload(action: str = "", sender: str = "bob", **fields: Any) -> dict[str, Any]:
    """What every delivery holds, and more."""
    own = {"full_name": REPO, "default_branch": "main", "pushed_at": int(NOON.timestamp()) - 60}
    return {"repository": own, "sender": {"login": sender}, **({"action": action} if action else {}), **fields}


def pull(action: str = "opened", title: str = "Retry on a lost connection", n: int = 42, **fields: Any) -> dict[str, Any]:
    """A pull_request delivery."""
    told = {"number": n, "title": title, "user": {"login": "bob"}, "created_at": stamp(9), "updated_at": stamp(3), "merged": False,
            "closed_at": stamp(3) if action == "closed" else None, "merged_at": None, **fields}  # fmt: skip
    return payload(action, number=n, pull_request=told)


def run(conclusion: str, minutes: float, branch: str = "main", source: str = REPO, **fields: Any) -> dict[str, Any]:
    """A workflow_run delivery, completed so many minutes before noon."""
    told = {"id": int(1000 - minutes), "name": "CI", "workflow_id": 7, "head_branch": branch, "head_sha": "a1b2c3d" + "0" * 33,
            "status": "completed", "conclusion": conclusion, "updated_at": stamp(minutes),
            "head_repository": {"full_name": source}, **fields}  # fmt: skip
    return payload("completed", workflow_run=told, workflow={"name": "CI"})


def comment(body: str, who: str = "bob", ident: int = 5, **fields: Any) -> dict[str, Any]:
    """An issue_comment delivery."""
    told = {"id": ident, "user": {"login": who}, "body": body, "created_at": stamp(4), **fields}
    return payload("created", who, issue={"number": 7, "title": "Slow start"}, comment=told)


def push(who: str = "bob", ref: str = "refs/heads/main") -> dict[str, Any]:
    """A push delivery."""
    return payload("", who, ref=ref, before="1" * 40, after="2" * 40, head_commit={"timestamp": stamp(1)})


def row(kind: str, said: dict[str, Any], ident: str = "9001", who: str = "bob", minutes: float = 3) -> dict[str, Any]:
    """A row of the events list."""
    return {
        "id": ident,
        "type": kind,
        "actor": {"login": who},
        "repo": {"name": REPO},
        "payload": said,
        "created_at": stamp(minutes),
    }


def spooled(memory: Memory) -> list[Observation]:
    """What waits in the spool, in order."""
    return [o for path in segments(memory) for o in read_segment(path)[0]]


def bare_memory(folder: Any) -> Memory:
    """A folder that is enough of a memory to take observations."""
    (folder / "app.memory" / ".git" / "kairos").mkdir(parents=True)
    (folder / "app.memory" / "kairos.yaml").write_text("# nothing is set\n")
    return open_memory(str(folder / "app.memory"))


@contextmanager
def receiving(memory: Memory, now: datetime = NOON, watched: Watched = WATCHED, **options: Any) -> Iterator[Receiver]:
    """A receiver that runs on loopback until the end of the block."""
    listener = Receiver(Intake(memory, watched, options.pop("daily", 300)), SECRET, lambda: now, port=0, **options)
    thread = Thread(target=listener.serve, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.stop()
        thread.join()


def deliver(
    listener: Receiver, kind: str, body: dict[str, Any] | bytes, ident: str = "d-1", *, headers: dict[str, str | None] | None = None,
    method: str = "POST", path: str = PATH,
) -> tuple[int, str]:  # fmt: skip
    """Send a delivery as GitHub does, with other headers where told (None: without it); status and words."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent: dict[str, str | None] = {
        "X-GitHub-Event": kind, "X-GitHub-Delivery": ident, "Content-Type": "application/json",
        "X-Hub-Signature-256": sign(SECRET, data), **(headers or {}),
    }  # fmt: skip
    connection = http.client.HTTPConnection(*listener.address, timeout=10)
    try:
        connection.request(method, path, data, {name: value for name, value in sent.items() if value is not None})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
