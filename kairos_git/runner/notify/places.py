"""Where notices go: addresses from the environment or the keyring, each with a way to send there.

    ntfy://TOPIC            ntfy.sh · ntfys://HOST/TOPIC  your own · ntfys://tk_…@HOST/TOPIC with a token (built in)
    desktop://              this machine's desktop (built in)
    mailto://…, tgram://…   and whatever else apprise speaks, with `pip install kairos-git[notify]`

The one rule: an address is a secret. It is never printed, logged or stored; a place is called by its kind and number.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from kairos_git.outside import Notify
from kairos_git.runner.notify.notice import Notice

SERVICE = "kairos-git"  # how the keyring calls us
MOST = 10  # places


class Place(NamedTuple):
    """One place. name: kind and number; send: gives "" or why the notice was not taken; raises nothing a network does."""

    name: str
    send: Callable[[Notice, float], str]


def places(settings: Notify, addresses: str) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """The places that KAIROS_NOTIFY names (where it is empty: the keyring), and what is wrong with any of them."""
    found: list[Place] = []
    bad: list[str] = []
    words = (addresses or _from_keyring()).split()
    words += ["desktop://"] if settings.desktop and "desktop://" not in words else []
    for number, address in enumerate(words, 1):
        kind = address.partition("://")[0].lower()
        if "://" not in address or not kind.isalnum() or len(kind) > 20:
            bad.append(f"address {number} of KAIROS_NOTIFY is none: it begins with no `kind://`")
            continue
        made = _sender(kind, address)
        if isinstance(made, str):
            bad.append(f"address {number} of KAIROS_NOTIFY ({kind}) cannot be used: {made}")
        else:
            found.append(Place(f"{kind} ({number})", made))
    return tuple(found[:MOST]), tuple(bad)


def _sender(kind: str, address: str) -> Callable[[Notice, float], str] | str:
    """How to send to an address, or what is wrong with it."""
    if kind in ("ntfy", "ntfys"):
        from kairos_git.runner.notify.ntfy import parse_topic, publish

        topic = parse_topic(address)
        return "it names no topic" if topic is None else lambda notice, seconds: publish(topic, notice, seconds)
    if kind == "desktop":
        from kairos_git.runner.notify.desktop import show

        return show
    from kairos_git.runner.notify.services import sender

    return sender(address)


def _from_keyring(seconds: float = 2.0) -> str:
    """The addresses kept as `kairos-git` / `notify` in the keyring, "" without one; a locked one is not waited for."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return ""
    found: list[str] = []

    def look() -> None:
        with suppress(keyring.errors.KeyringError, OSError, RuntimeError):
            found.append(keyring.get_password(SERVICE, "notify") or "")

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else ""


def send_all(to: Sequence[Place], notice: Notice, seconds: float) -> dict[str, str]:
    """Send to all places at once; name -> why, for those that did not take it within the time."""
    answers: dict[str, str] = {}
    threads = []
    for place in to:
        thread = threading.Thread(target=lambda p=place: answers.__setitem__(p.name, p.send(notice, seconds)), daemon=True)
        thread.start()
        threads.append(thread)
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    known = dict(answers)  # whoever answers from now on is too late
    return {place.name: why for place in to if (why := known.get(place.name, f"no answer in {seconds:g} s"))}
