"""What was worked out from bytes that do not change, kept beside the memory: one file each, a checksum, a stamp, the value.

The format is Python's `marshal`, which holds values and no code. The stamp is what the value was worked out from, the program
included: under another stamp nothing is found.

The one rule: what is damaged, foreign or of another stamp is as if it were not there; every file here may be deleted at any time.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterable
from hashlib import sha256
from types import ModuleType
from typing import Any

Stamp = tuple[bytes, *tuple[Any, ...]]  # first the program's hash, then what tells one content from another


def program(modules: Iterable[ModuleType]) -> bytes:
    """The hash of these sources and of the Python that runs them; b"" where one cannot be read, and nothing is kept."""
    digest = sha256(repr((sys.version, marshal.version)).encode())
    try:
        for module in (*modules, sys.modules[__name__]):
            with open(module.__file__ or "", "rb") as file:
                digest.update(file.read())
    except OSError:
        return b""
    return digest.digest()


def load(place: str, stamp: Stamp) -> list[Any] | None:
    """What was kept at a place under this stamp, or None."""
    if not stamp[0]:
        return None
    try:
        with open(place, "rb") as file:
            kept = file.read()
        payload = kept[32:]
        known, *value = marshal.loads(payload) if sha256(payload).digest() == kept[:32] else (None,)
    except (OSError, EOFError, TypeError, ValueError):
        return None
    return value if known == stamp else None


def save(place: str, stamp: Stamp, *value: Any) -> None:
    """Keep plain values (lists, tuples, texts, numbers); where that cannot be, they are worked out again the next time."""
    if not stamp[0]:
        return
    payload = marshal.dumps((stamp, *value))
    aside = f"{place}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(aside, "wb") as file:
            file.write(sha256(payload).digest() + payload)
        os.replace(aside, place)
    except OSError:
        return
