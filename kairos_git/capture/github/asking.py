"""One question to GitHub's API: over TLS, to one host, within a time and a size, with the token nowhere else.

Source: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api

The one rule: whatever the network does comes back as a value; nothing is raised.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

MOST_BYTES = 16 * 1024 * 1024
SECONDS = 10.0  # of silence
ALL_SECONDS = 30.0  # for one answer


class Asked(NamedTuple):
    """An answer. status: of HTTP, 0 where there was none; said: the JSON; why: what went wrong, "" where nothing did."""

    status: int
    headers: Mapping[str, str] = {}
    said: Any = None
    why: str = ""

    def seconds(self, name: str) -> int:
        """A header that counts seconds, 0 where there is none."""
        value = self.headers.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0


class _SameHost(urllib.request.HTTPRedirectHandler):
    """A renamed repository is followed, another host never: the token would go along."""

    def redirect_request(self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def refusal(base: str) -> str:
    """Why the API's address cannot be used, or "": only TLS, or this machine itself."""
    parts = urlsplit(base)
    if parts.scheme == "https" and parts.hostname:
        return ""
    if parts.scheme == "http" and _is_here(parts.hostname or ""):
        return ""
    return "GITHUB_API_URL is neither an https address nor on this machine; nothing was asked"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ask(base: str, path: str, token: str = "", etag: str = "") -> Asked:
    """GET a path below the API's address; 304 where nothing changed since `etag`."""
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "kairos-git"}
    headers |= {"If-None-Match": etag} if etag and etag.isprintable() else {}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    opener = urllib.request.build_opener(_SameHost)
    try:
        request = urllib.request.Request(base.rstrip("/") + path, headers=headers)
        with opener.open(request, timeout=SECONDS) as answer:
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Asked(answer.status, names, json.loads(_whole(answer)))
    except urllib.error.HTTPError as error:
        with error:
            names = {name.lower(): value for name, value in error.headers.items()} if error.headers else {}
        return Asked(error.code, names, None, "" if error.code == 304 else f"it answered {error.code}")
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        reason = getattr(error, "reason", error)
        return Asked(0, {}, None, f"no usable answer ({type(reason).__name__})")


def _whole(answer: http.client.HTTPResponse) -> bytes:
    deadline, pieces, size = time.monotonic() + ALL_SECONDS, [], 0
    while piece := answer.read1(1 << 16):
        size += len(piece)
        if size > MOST_BYTES or time.monotonic() > deadline:
            raise ValueError("the answer is too long")
        pieces.append(piece)
    return b"".join(pieces)
