"""The same question through `claude -p`, for people who have the client and no key.

It runs in an empty folder, with no tools, no hooks, no memory and nothing of the person's own instructions, and marked so
that no hook of ours observes it.

The one rule: the client sees the prompt and nothing else of ours.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable

from kairos_git.dream.packets import Prompt
from kairos_git.dream.proposals import Answer
from kairos_git.errors import ModelFailed, ModelTimedOut
from kairos_git.gitrun import clean_environment
from kairos_git.memory.redact import redact
from kairos_git.memory.text import one_line
from kairos_git.settings import AGENTS, Model

OVERHEAD = 3000  # tokens that the client adds for itself; measured with 2.1.329: 550 a turn, two turns, and room for more
SETTINGS = '{"disableAllHooks":true,"autoMemoryEnabled":false}'


def ask(model: Model, prompt: Prompt, leaving: Callable[[str, bytes], None] = lambda to, data: None) -> Answer:
    """One prompt, one answer. Raises ModelFailed, and ModelTimedOut where it may have been billed."""
    client = shutil.which("claude")
    if client is None:
        raise ModelFailed("The client `claude` was not found on PATH. Install it, or set a key and `via: api` in kairos.yaml.")
    leaving("claude -p", "\n".join((prompt.system, json.dumps(prompt.schema), prompt.text)).encode("utf-8", "replace"))
    said = _run(client, model, prompt)
    try:
        told = json.loads(said)
        usage = told.get("usage") or {}
        sent = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        structured = told.get("structured_output")
        text = json.dumps(structured, ensure_ascii=False) if structured is not None else told.get("result") or ""
        answer = Answer(
            str(text), str(told.get("stop_reason") or ""), sum(int(usage.get(k) or 0) for k in sent),
            int(usage.get("output_tokens") or 0), float(told["total_cost_usd"]) if "total_cost_usd" in told else None,
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFailed(f"`claude -p` answered something else than its JSON: {_shown(said)}.") from error
    if told.get("is_error") and answer.stop != "refusal":
        raise ModelFailed(f"`claude -p` failed: {_shown(answer.text)}. Run `claude` once to see that it is logged in.")
    return answer._replace(stop="end_turn" if answer.stop in ("tool_use", "") else answer.stop)


def _run(client: str, model: Model, prompt: Prompt) -> str:
    arguments = [
        client, "-p", "--output-format", "json", "--safe-mode", "--settings", SETTINGS, "--tools", "", "--strict-mcp-config",
        "--no-session-persistence", "--system-prompt", prompt.system, "--json-schema", json.dumps(prompt.schema),
        *(("--model", model.name) if model.name else ()),
    ]  # fmt: skip
    environment = {k: v for k, v in clean_environment().items() if k not in AGENTS}
    with tempfile.TemporaryDirectory(prefix="kairos-git-") as folder:
        try:
            process = subprocess.Popen(
                arguments, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ModelFailed(f"`claude` could not be started ({error.strerror}).") from error
        try:
            out, err = process.communicate(prompt.text.encode("utf-8", "replace"), timeout=model.seconds)
        except subprocess.TimeoutExpired as error:
            raise ModelTimedOut(
                f"`claude -p` did not answer within {model.seconds:g} s. Try again, or raise model.seconds in kairos.yaml."
            ) from error
        finally:
            if process.returncode is None:  # its own children too: they hold its pipes open
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
    said = out.decode("utf-8", "replace")
    if process.returncode and not said.strip().startswith("{"):
        words = _shown(err.decode("utf-8", "replace") or said)
        raise ModelFailed(
            f"`claude -p` failed (exit code {process.returncode}): {words}. It may be too old for the options we use."
        )
    return said


def _shown(text: str) -> str:
    return one_line(redact(text).text, 300) or "no reason given"
