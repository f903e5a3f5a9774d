"""ntfy: a topic that phones and browsers listen to. Source: https://docs.ntfy.sh/publish/#publish-as-json

The one rule: the token goes to the named host and nowhere else.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import urllib.error
import urllib.request
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from kairos_git.runner.notify.notice import Notice

CLOUD = "https://ntfy.sh"
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_PRIORITY = {"low": 2, "normal": 3, "high": 4}


class Topic(NamedTuple):
    """server: its address; name: the topic; authorization: a header's value, or ""."""

    server: str
    name: str
    authorization: str = ""

    def __repr__(self) -> str:
        return "Topic()"  # a topic's name is all it takes to read and write it


def parse_topic(address: str) -> Topic | None:
    """`ntfy://topic` (at ntfy.sh), `ntfy://host[:port]/topic` (plain), `ntfys://[token@|user:password@]host/topic`; None for another."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    path = parts.path.strip("/")
    host = parts.hostname or ""
    if not path:  # the topic alone: its letters' case counts, which `hostname` loses
        name = parts.netloc.rpartition("@")[2]
        server = CLOUD
    else:
        name = path
        shown = f"[{host}]" if ":" in host else host
        server = f"{'https' if parts.scheme == 'ntfys' else 'http'}://{shown}{f':{port}' if port else ''}"
    if not _TOPIC.fullmatch(name) or not host:
        return None
    return Topic(server, name, _authorization(unquote(parts.username or ""), unquote(parts.password or "")))


def _authorization(user: str, password: str) -> str:
    if password and user:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return f"Bearer {user or password}" if user or password else ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token and the notice to whom nobody named."""

    def redirect_request(self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def publish(topic: Topic, notice: Notice, seconds: float) -> str:
    """Publish a notice; "" or why it was not taken."""
    body = {"topic": topic.name, "title": notice.subject, "message": notice.text, "priority": _PRIORITY[notice.urgency]}
    headers = {"Content-Type": "application/json", "User-Agent": "kairos-git"}
    headers |= {"Authorization": topic.authorization} if topic.authorization else {}
    try:
        request = urllib.request.Request(topic.server, json.dumps(body).encode(), headers, method="POST")
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as answer:
            return "" if answer.status == 200 else f"it answered {answer.status}"
    except urllib.error.HTTPError as error:
        error.close()
        return f"it answered {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"no connection ({type(getattr(error, 'reason', error)).__name__})"
