"""Real ends of notifications on loopback: an ntfy-like server, a mail server, a desktop on a private bus."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

from loopback import Answering, OnLoopback

# A freedesktop notification server in a process of its own, for dbus-run-session: it prints what it is asked to show.
DESKTOP = """
import asyncio, json, sys
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

async def main():
    bus = await MessageBus().connect()
    shown = asyncio.get_running_loop().create_future()
    def take(message):
        if message.message_type is MessageType.METHOD_CALL and message.member == "Notify":
            app, _, _, title, text, _, hints, _ = message.body
            print(json.dumps([app, title, text, hints["urgency"].value]), flush=True)
            bus.send(Message.new_method_return(message, "u", [1]))
            asyncio.get_running_loop().call_later(0.2, shown.set_result, None)
            return True
    bus.add_message_handler(take)
    await bus.request_name("org.freedesktop.Notifications")
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", sys.argv[1])
    code = await program.wait()
    await asyncio.wait([shown], timeout=1)
    sys.exit(code)

asyncio.run(main())
"""


class NtfySink(OnLoopback):
    """requests: (headers, JSON) of what was published; status, wait: how it answers."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], Any]] = []
        self.status = 200
        self.wait = 0.0
        self.location = ""
        super().__init__(_taking(self))


def _taking(sink: NtfySink) -> type[Answering]:
    class Taking(Answering):
        protocol_version = "HTTP/1.0"  # what it says has no length

        def post(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            sink.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
            time.sleep(sink.wait)
            with suppress(OSError):  # who asked has gone
                self.send_response(sink.status)
                if sink.location:
                    self.send_header("Location", sink.location)
                self.end_headers()
                self.wfile.write(b"{}")

        def get(self) -> None:
            sink.requests.append(({k.lower(): v for k, v in self.headers.items()}, None))
            self.send_response(200)
            self.end_headers()

    return Taking


def ntfy() -> NtfySink:
    """An ntfy-like server that answers in the block it is entered for."""
    return NtfySink()


class Mailbox:
    """messages: (subject, text) of what was mailed. Speaks to aiosmtpd."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        from email import message_from_bytes, policy

        message = message_from_bytes(envelope.content, policy=policy.default)
        part = message.get_body(("plain",)) or message
        self.messages.append((str(message["Subject"]), str(part.get_content()).strip()))
        return "250 OK"
