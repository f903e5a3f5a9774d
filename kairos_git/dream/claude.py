"""The Messages API, through the anthropic library: the only importer of it, and only when a model is asked (its import costs
more than a dream by rules).

The one rule: what the library raises becomes a ModelFailed here, and what it answers is never more than text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from kairos_git.dream.packets import Prompt
from kairos_git.dream.proposals import Answer
from kairos_git.errors import ModelFailed, ModelTimedOut, ModelUnauthorized
from kairos_git.memory.redact import redact
from kairos_git.memory.text import one_line
from kairos_git.settings import Model, environment

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import Message

RETRIES = 2  # the library's own, with its pauses, on 408, 409, 429 and 5xx
_HERE = ("127.0.0.1", "::1", "localhost")
_LONGEST = 300  # characters of what an endpoint says about an error


class Batch(NamedTuple):
    """How a batch stands. answers: by custom id once it has ended, None before; text where one has none: why."""

    done: int
    of: int
    answers: dict[str, Answer | str] | None


Leaving = Callable[[str, bytes], None]  # is told the address and the body of every request, retries included, before it is sent


def ask(model: Model, prompt: Prompt, leaving: Leaving = lambda to, data: None, retries: int = RETRIES) -> Answer:
    """One prompt, one answer. Raises ModelFailed, and ModelTimedOut where it may have been billed."""
    with _client(model, leaving, retries) as client:
        return _answer(client.messages.create(**_request(model, prompt)))


def submit(model: Model, prompts: Mapping[str, Prompt], leaving: Leaving = lambda to, data: None) -> str:
    """Hand over prompts by custom id as one batch; the batch's id. Raises ModelFailed."""
    with _client(model, leaving) as client:
        requests: Any = [{"custom_id": name, "params": _request(model, prompt)} for name, prompt in prompts.items()]
        return client.messages.batches.create(requests=requests).id


def collect(model: Model, batch: str) -> Batch | None:
    """How a batch stands; None where the endpoint does not know it (any more). Raises ModelFailed."""
    with _client(model) as client:
        from anthropic import NotFoundError

        try:
            here = client.messages.batches.retrieve(batch)
            counts = here.request_counts
            total = counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
            if here.processing_status != "ended":
                return Batch(total - counts.processing, total, None)
            if here.results_url is None:
                return None
            answers = {r.custom_id: _result(r.result) for r in client.messages.batches.results(batch)}
        except NotFoundError:
            return None
        return Batch(total, total, answers)


def _result(result: Any) -> Answer | str:
    if result.type == "succeeded":
        return _answer(result.message)
    if result.type == "errored":
        return _shown(getattr(result.error.error, "message", "") or "an error")
    return str(result.type)  # expired, canceled


def _request(model: Model, prompt: Prompt) -> dict[str, Any]:
    return {
        "model": model.name,
        "max_tokens": prompt.most,
        "system": prompt.system,
        "messages": [{"role": "user", "content": prompt.text}],
        "output_config": {"format": {"type": "json_schema", "schema": prompt.schema}},
    }


def _answer(message: Message) -> Answer:
    """Raises ModelFailed where an endpoint answered 200 with something that is no message."""
    usage = getattr(message, "usage", None)
    content = getattr(message, "content", None)
    if usage is None or not isinstance(content, list):
        raise ModelFailed(
            f"The endpoint answered something that is no message: {_shown(message)}. Check model.base_url in kairos.yaml."
        )
    text = "".join(str(getattr(block, "text", "")) for block in content if getattr(block, "type", "") == "text")
    sent = sum(_count(usage, k) for k in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"))
    return Answer(text, str(message.stop_reason or ""), sent, _count(usage, "output_tokens"))


def _count(usage: object, name: str) -> int:
    found = getattr(usage, name, None)
    return found if isinstance(found, int) and found > 0 else 0


@contextmanager
def _client(model: Model, leaving: Leaving = lambda to, data: None, retries: int = RETRIES) -> Iterator[Anthropic]:
    """The library's client for an endpoint, with its exceptions translated."""
    from anthropic import (
        Anthropic,
        AnthropicError,
        APIConnectionError,
        APIStatusError,
        APITimeoutError,
        DefaultHttpxClient,
    )

    local = urlsplit(model.base_url).hostname in _HERE
    if model.base_url and not local and model.base_url.rstrip("/") != environment().base_url.rstrip("/"):
        raise ModelFailed(
            f"kairos.yaml sends the model's questions to {model.base_url}, which is not this machine. A file that others can "
            f"change shall not choose where your key goes: set ANTHROPIC_BASE_URL={model.base_url} in your environment as well."
        )
    try:
        watched = DefaultHttpxClient(event_hooks={"request": [lambda r: leaving(str(r.url), r.content)]})
        client = Anthropic(base_url=model.base_url or None, timeout=model.seconds, max_retries=retries, http_client=watched)
        if local and client.api_key is None and client.auth_token is None and client.credentials is None:
            client = client.copy(api_key="none")  # an endpoint of this machine's own asks for no key
        with client:
            yield client
    except APITimeoutError as error:
        raise ModelTimedOut(
            f"{model.label} did not answer within {model.seconds:g} s. Try again, or raise model.seconds in kairos.yaml."
        ) from error
    except APIConnectionError as error:
        raise ModelFailed(
            f"{model.label} could not be reached ({_shown(error.__cause__ or error)}). Check the network."
        ) from error
    except APIStatusError as error:
        kind = ModelUnauthorized if error.status_code in (401, 403) else ModelFailed
        raise kind(
            f"{model.label} {_status(error.status_code)} ({error.status_code}: {_shown(error.api_message or error)})."
        ) from error
    except (AnthropicError, json.JSONDecodeError) as error:
        raise ModelFailed(f"{model.label} did not answer usably ({_shown(error)}).") from error
    except TypeError as error:
        if "authentication" not in str(error):
            raise
        raise ModelUnauthorized(
            "There is no key for the model. Set ANTHROPIC_API_KEY, or write `via: claude` under `model:` in kairos.yaml to "
            "ask through the client's login."
        ) from error


def _status(code: int) -> str:
    """What a status means for the person at the terminal."""
    known = {
        401: "did not take the key: check ANTHROPIC_API_KEY",
        402: "has no credit left: top it up at the provider",
        403: "is not open to this key",
        404: "is not known to the endpoint: check model.name in kairos.yaml",
        413: "found the question too large",
        429: "has had too many questions: try again later",
        529: "is overloaded: try again later",
    }
    return known.get(code, "failed: try again later" if code >= 500 else "did not take the question")


def _shown(what: object) -> str:
    return one_line(redact(str(what)).text, _LONGEST) or "no reason given"
