"""The model's stand-in: a small HTTP server on loopback that speaks the Messages API, Message Batches included.

What it answers is scripted per test: a list of steps, each taken by one request, and a last one that answers all others.
It counts nothing that the real one does not: tokens are characters / 3.5 of what it was sent and of what it said.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from loopback import Answering, OnLoopback

CHARACTERS = 3.5  # per token


class Request(NamedTuple):
    """One request to the Messages API, and the packet in it."""

    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def schema(self) -> dict[str, Any]:
        return dict(self.body["output_config"]["format"]["schema"])

    @property
    def statements(self) -> dict[str, str]:
        """name -> words of every statement asked about, without the names it may be held against."""
        return dict(re.findall(r"(?m)^(o\d+) (?:\[[^\]]*\] )?(.*)$", self.text))

    @property
    def facts(self) -> dict[str, str]:
        return dict(re.findall(r"(?m)^(f\d+) (.*)$", self.text))

    def name(self, words: str) -> str:
        """The name under which a statement or fact that holds these words was sent."""
        return next(n for n, text in {**self.statements, **self.facts}.items() if words in text)

    @property
    def tools(self) -> list[str]:
        """The names of the tools it was offered."""
        return [str(t["name"]) for t in self.body.get("tools", ())]

    @property
    def results(self) -> list[dict[str, Any]]:
        """The tool results in the last message: what the tools that the model used answered."""
        content = self.body["messages"][-1]["content"]
        return [b for b in content if b["type"] == "tool_result"] if isinstance(content, list) else []

    @property
    def characters(self) -> int:
        """Everything that was sent: prompt, packet and schema, as the API receives it."""
        return len(json.dumps(self.body, ensure_ascii=False))


class Step(NamedTuple):
    """One answer. `say`: the text, or a function of the request; `status`: an HTTP status; `wait`: seconds before it."""

    say: str | Callable[[Request], str] = '{"p":[]}'
    stop: str = "end_turn"
    status: int = 200
    wait: float = 0.0
    raw: bytes | None = None  # the body as it is, whatever it is
    cut: bool = False  # hang up without an answer
    fate: str = "succeeded"  # in a batch: succeeded, errored, expired, canceled
    use: tuple[tuple[str, dict[str, Any]], ...] = ()  # (name, input) of the tools it uses, after the text


def proposals(*rows: dict[str, str]) -> str:
    """An answer as the schema wants it, from rows with the fields that matter."""
    blank = {"op": "", "o": "", "f": "", "slot": "", "value": "", "quote": ""}
    return json.dumps({"p": [{**blank, **row} for row in rows]}, ensure_ascii=False, separators=(",", ":"))


class ModelServer(OnLoopback):
    """A running stand-in. `requests` is what it was asked, `steps` what it will answer, `always` what it answers then."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.steps: list[Step] = []
        self.always = Step()
        self.batches: dict[str, list[tuple[str, Request]]] = {}
        self.ready = False  # whether batches have ended
        self.paths: list[str] = []
        self._uses = itertools.count(1)
        self._lock = threading.Lock()
        super().__init__(_modelling(self))

    def next(self) -> Step:
        with self._lock:
            return self.steps.pop(0) if self.steps else self.always

    def message(self, step: Step, request: Request) -> dict[str, Any]:
        text = step.say if isinstance(step.say, str) else step.say(request)
        usage = {"input_tokens": round(request.characters / CHARACTERS), "output_tokens": round(len(text) / CHARACTERS)}
        content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text and not step.use else []
        for name, fields in step.use:
            content.append({"type": "tool_use", "id": f"toolu_{next(self._uses)}", "name": name, "input": fields})
        return {
            "id": "msg_1", "type": "message", "role": "assistant", "model": request.body["model"], "content": content,
            "stop_reason": "tool_use" if step.use else step.stop, "stop_sequence": None, "usage": usage,
        }  # fmt: skip

    def batch(self, name: str) -> dict[str, Any]:
        count = len(self.batches[name])
        counts = {"processing": 0 if self.ready else count, "succeeded": count if self.ready else 0}
        return {
            "id": name, "type": "message_batch", "processing_status": "ended" if self.ready else "in_progress",
            "request_counts": {"errored": 0, "expired": 0, "canceled": 0, **counts},
            "created_at": "2026-11-21T12:00:00Z", "expires_at": "2026-11-22T12:00:00Z", "ended_at": None, "archived_at": None,
            "cancel_initiated_at": None, "results_url": f"{self.url}/v1/messages/batches/{name}/results" if self.ready else None,
        }  # fmt: skip

    def results(self, name: str) -> str:
        lines = []
        for custom_id, request in self.batches[name]:
            step = self.next()
            result: dict[str, Any] = {"type": step.fate}
            if step.fate == "succeeded":
                result["message"] = self.message(step, request)
            elif step.fate == "errored":
                result["error"] = {"type": "error", "error": {"type": "api_error", "message": "scripted"}}
            lines.append(json.dumps({"custom_id": custom_id, "result": result}))
        return "\n".join(lines) + "\n"


def _modelling(server: ModelServer) -> type[Answering]:
    class Modelling(Answering):
        def fail(self, status: int) -> None:
            kinds = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 404: "not_found_error",
                     429: "rate_limit_error", 529: "overloaded_error"}  # fmt: skip
            error = {"type": kinds.get(status, "api_error"), "message": f"scripted {status}"}
            self.send(status, json.dumps({"type": "error", "error": error}).encode())

        def post(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {k.lower(): v for k, v in self.headers.items()}
            server.paths.append(self.path)
            if self.path.startswith("/v1/messages/batches"):
                name = f"msgbatch_{len(server.batches) + 1}"
                server.batches[name] = [(r["custom_id"], Request(r["params"], headers)) for r in body["requests"]]
                server.requests += [request for _, request in server.batches[name]]
                return self.send(200, json.dumps(server.batch(name)).encode())
            request = Request(body, headers)
            server.requests.append(request)
            return self.answer(server.next(), request)

        def answer(self, step: Step, request: Request) -> None:
            time.sleep(step.wait)
            if step.cut:
                self.close_connection = True
            elif step.raw is not None:
                self.send(step.status, step.raw)
            elif step.status != 200:
                self.fail(step.status)
            elif request.body.get("stream"):
                self.send(200, _stream(server.message(step, request)), "text/event-stream")
            else:
                self.send(200, json.dumps(server.message(step, request)).encode())

        def get(self) -> None:
            server.paths.append(self.path)
            parts = self.path.partition("?")[0].strip("/").split("/")
            if len(parts) < 4 or parts[3] not in server.batches:
                return self.fail(404)
            if parts[-1] == "results":
                return self.send(200, server.results(parts[3]).encode(), "application/x-jsonl")
            return self.send(200, json.dumps(server.batch(parts[3])).encode())

    return Modelling


def _stream(message: dict[str, Any]) -> bytes:
    """The same answer as server-sent events, for clients that stream."""
    blocks: list[dict[str, Any]] = []
    for n, block in enumerate(message["content"] or [{"type": "text", "text": ""}]):
        if block["type"] == "text":
            start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        blocks += [
            {"type": "content_block_start", "index": n, "content_block": start},
            {"type": "content_block_delta", "index": n, "delta": delta},
            {"type": "content_block_stop", "index": n},
        ]
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        *blocks,
        {"type": "message_delta", "delta": {"stop_reason": message["stop_reason"]}, "usage": message["usage"]},
        {"type": "message_stop"},
    ]
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events).encode()


def serve() -> ModelServer:
    """A stand-in that answers in the block it is entered for."""
    return ModelServer()
