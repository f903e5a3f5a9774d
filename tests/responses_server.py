"""Codex's stand-in for a model: a small HTTP server on loopback that speaks the Responses API as server-sent events.

The one rule: it answers every request with the text it was given, and keeps what it was sent.
"""

from __future__ import annotations

import json
from typing import Any

from loopback import Answering, OnLoopback


class ResponsesServer(OnLoopback):
    """A running stand-in. `requests` is what it was sent, `say` what it answers."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.say = "Done."
        super().__init__(_responding(self))

    @property
    def url(self) -> str:
        return f"{super().url}/v1"

    def events(self) -> bytes:
        item = {
            "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": self.say, "annotations": []}],
        }  # fmt: skip
        usage = {
            "input_tokens": 1,
            "input_tokens_details": None,
            "output_tokens": 1,
            "output_tokens_details": None,
            "total_tokens": 2,
        }
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": {"id": "resp_1"}},
            {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
            {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": self.say},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {"id": "resp_1", "usage": usage, "output": [item]}},
        ]
        return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events).encode()


def _responding(server: ResponsesServer) -> type[Answering]:
    class Responding(Answering):
        def post(self) -> None:
            data = self.rfile.read(int(self.headers["content-length"]))
            server.paths.append(self.path)
            if not self.path.endswith("/responses"):
                return self.send(404, b"{}")
            server.requests.append(json.loads(data))
            return self.send(200, server.events(), "text/event-stream")

        def get(self) -> None:
            server.paths.append(self.path)
            self.send(404, b"{}")

    return Responding


def serve() -> ResponsesServer:
    """A stand-in that answers in the block it is entered for."""
    return ResponsesServer()
