"""Everything apprise speaks: mail, chats, phones. The only importer of apprise, inside a function.

The one rule: what apprise says about an address is not repeated, since it may quote it.
"""

from __future__ import annotations

from collections.abc import Callable

from kairos_git.runner.notify.notice import Notice

_KINDS = {"low": "info", "normal": "info", "high": "warning"}


def sender(address: str) -> Callable[[Notice, float], str] | str:
    """How to send to an address, or what is wrong with it."""
    try:
        import apprise
    except ImportError:
        return "this kind needs `pip install kairos-git[notify]`"
    service = apprise.Apprise.instantiate(address)
    if service is None:
        return "apprise does not know it, or something is missing in it"

    def send(notice: Notice, seconds: float) -> str:
        service.socket_connect_timeout = service.socket_read_timeout = seconds
        try:
            took = service.notify(body=notice.text, title=notice.subject, notify_type=_KINDS[notice.urgency], body_format="text")
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            return f"apprise failed ({type(error).__name__})"
        return "" if took else "it was not taken"

    return send
