"""Whether a delivery was signed with our secret: `X-Hub-Signature-256`, HMAC-SHA256 over the raw body.

Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries

The one rule: the comparison takes the same time whatever was stated, and only SHA-256 counts.
"""

from __future__ import annotations

import hashlib
import hmac
import re

SHORTEST_SECRET = 16  # characters; what is shorter can be guessed from one captured delivery
_STATED = re.compile(r"sha256=[0-9a-f]{64}", re.ASCII)


def sign(secret: str, body: bytes) -> str:
    """What GitHub states for a body: `sha256=` and 64 hexadecimal digits."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, stated: str) -> bool:
    """Whether the stated signature is the body's under our secret. Never under an empty one."""
    if not secret or not _STATED.fullmatch(stated):
        return False
    return hmac.compare_digest(sign(secret, body), stated)
