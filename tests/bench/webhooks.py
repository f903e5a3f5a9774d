"""What a running receiver does with GitHub's published examples, forged in every way, and with garbage.

`python -m tests.bench.webhooks --payloads DIR [--fuzzed 20000] [--seed 6]`; DIR holds KIND/NAME.payload.json, as the folder
`payload-examples/api.github.com` of https://github.com/octokit/webhooks does. Prints a table; exits 1 where a promise was not kept.

The one rule: what counts as taken is what the spool holds, not what the receiver answered.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does for conftest.py and for us

from capture.github.deliveries import SECRET, bare_memory, deliver, receiving, spooled

from bench.scorecard import isolate
from conftest import NOON, Place, git
from kairos_git.capture.github.events import Check, Watched, read_event, repository
from kairos_git.capture.github.receiver import MOST_BYTES, Receiver
from kairos_git.capture.github.signature import sign


class Example(NamedTuple):
    """One published payload: its kind, its bytes, and a moment at which it is fresh."""

    name: str
    kind: str
    body: bytes
    watched: Watched
    fresh: datetime
    noted: bool


def examples(folder: Path) -> Iterator[Example]:
    """Every payload below a folder; the account that sent it stands for the owner's."""
    for path in sorted(folder.glob("*/*.json")):
        body = path.read_bytes()
        payload = json.loads(body)
        sender = payload.get("sender") or {}
        for login in ("somebody-else", sender.get("login", "")):  # the owner's own pushes and comments are not noted
            watched = Watched(repository(payload) or "octo/none", login)
            found = read_event(path.parent.name, payload, watched)
            if not isinstance(found, str):
                break
        event = found.event if isinstance(found, Check) else found
        fresh = NOON if isinstance(event, str) else event.time + timedelta(minutes=1)
        yield Example(f"{path.parent.name}/{path.name}", path.parent.name, body, watched, fresh, not isinstance(event, str))


def forgeries(e: Example, chance: random.Random) -> Iterator[tuple[str, bytes, dict[str, str | None]]]:
    """(how, body, headers): what somebody without the secret can make of a recorded delivery, and what is never sent."""
    true = sign(SECRET, e.body)
    at = chance.randrange(8 * len(e.body))
    flipped = bytearray(e.body)
    flipped[at // 8] ^= 1 << at % 8
    turned = json.dumps(dict(reversed(json.loads(e.body).items()))).encode()
    packed, padded = gzip.compress(e.body), e.body + b" " * (MOST_BYTES + 1 - len(e.body))
    yield "flipped bit", bytes(flipped), {"X-Hub-Signature-256": true}
    yield "wrong secret", e.body, {"X-Hub-Signature-256": sign("a secret that is another one", e.body)}
    yield "no signature", e.body, {"X-Hub-Signature-256": None}
    yield "sha1", e.body, {"X-Hub-Signature-256": None, "X-Hub-Signature": "sha1=" + "0" * 40}
    yield "reordered JSON", turned, {"X-Hub-Signature-256": true}
    yield "gzip", packed, {"Content-Encoding": "gzip"}
    yield "oversize", padded, {}


def try_examples(folder: Path, chance: random.Random, place: Path) -> tuple[Counter[str], list[str]]:
    """Every example as it is, forged, and replayed; the counts, and what went wrong."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    memory = bare_memory(place)
    for _ in range(2):  # the second time a new receiver, that only has the file of what was taken
        with receiving(memory, per_second=1e9, daily=10**5) as listener:
            for e in examples(folder):
                listener.intake.watched, listener._clock = e.watched, lambda e=e: e.fresh
                first = not counts[f"seen {e.name}"]
                before = len(spooled(memory))
                if first:
                    for how, body, headers in forgeries(e, chance):
                        counts[how] += 1
                        if _status(listener, e.kind, body, f"{how} {e.name}", headers) < 400 or len(spooled(memory)) != before:
                            wrong.append(f"{how}: {e.name} was taken")
                    counts["valid"] += 1
                    status = _status(listener, e.kind, e.body, e.name, {})
                    after = len(spooled(memory))
                    counts["noted"] += after - before
                    if status not in (200, 202) or (status == 202) != (after == before + 1):
                        wrong.append(f"valid: {e.name} was answered {status}, {after - before} lines")
                    before = after
                for ident in (e.name, f"another {e.name}"):
                    counts["replay" if first else "replay after a restart"] += 1
                    if _status(listener, e.kind, e.body, ident, {}) != 200 or len(spooled(memory)) != before:
                        wrong.append(f"replay: {e.name} was applied twice")
                counts[f"seen {e.name}"] += 1
    ids = [o.id for o in spooled(memory)]
    wrong += [f"twice in the spool: {len(ids) - len(set(ids))}"] if len(ids) != len(set(ids)) else []
    return Counter({k: v for k, v in counts.items() if not k.startswith("seen ")}), wrong


def _status(listener: Receiver, kind: str, body: bytes, ident: str, headers: dict[str, str | None]) -> int:
    try:
        return deliver(listener, kind, body, "".join(c for c in ident if c.isalnum())[:150], headers=headers)[0]
    except OSError:  # refused before all of it was sent
        return 499


def fuzz(folder: Path, count: int, chance: random.Random, place: Path) -> tuple[Counter[str], list[str]]:
    """Bodies with bytes and values replaced, half of them signed: none may break the receiver, and no unsigned one be read."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    crashed: list[str] = []
    threading.excepthook = lambda failure: crashed.append(repr(failure.exc_value))
    memory = bare_memory(place)
    given = list(examples(folder))
    with receiving(memory, per_second=1e9, daily=10**6) as listener:
        for n in range(count):
            e = chance.choice(given)
            listener.intake.watched, listener._clock = e.watched, lambda e=e: e.fresh
            body, signed = _fuzzed(e, chance), n % 2 == 0
            before = memory_size(memory) if not signed else 0
            stated = (
                sign(SECRET, body)
                if signed
                else chance.choice((sign(SECRET, e.body), "sha256=" + chance.randbytes(32).hex(), chance.randbytes(20).hex()))
            )
            status = _status(listener, e.kind, body, f"f{n}", {"X-Hub-Signature-256": stated})
            counts["signed" if signed else "not signed"] += 1
            counts[f"answered {status}"] += 1
            if not signed and body != e.body and (status < 400 or memory_size(memory) != before):
                wrong.append(f"forged: fuzzed body {n} was taken")
            if status not in (200, 202, 400, 401):
                wrong.append(f"fuzzed body {n} was answered {status}")
    counts["noted"] = len(spooled(memory))
    return counts, wrong + [f"crash: {line}" for line in crashed]


def memory_size(memory: Any) -> int:
    """Bytes in the spool."""
    path = Path(memory.spool, "observations")
    return path.stat().st_size if path.exists() else 0


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1 << 80,
    1e308,
    "",
    "x" * 3000,
    [],
    {},
    [[]],
    "\ud800",
    "a\u202eb\n-->",
    "9999-12-31T23:59:59Z",
    "2019",
    {"login": 5},
)


def _fuzzed(e: Example, chance: random.Random) -> bytes:
    way = chance.randrange(4)
    if way == 0:
        return chance.randbytes(chance.randrange(1, 2000))
    if way == 1:
        body = bytearray(e.body)
        for _ in range(chance.randrange(1, 20)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        return bytes(body)
    if way == 2:
        return e.body[: chance.randrange(len(e.body))]
    return json.dumps(_mutated(json.loads(e.body), chance)).encode()


def _mutated(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.02:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {k: _mutated(v, chance) for k, v in value.items() if chance.random() > 0.01}
    return [_mutated(v, chance) for v in value] if isinstance(value, list) else value


def flood(place: Path, senders: int = 64, seconds: float = 10.0) -> tuple[Counter[str], float]:
    """A process of its own under many senders of large forged bodies: its answers, and its peak memory in MB."""
    app = Place(place / "app")
    app.root.mkdir(parents=True)
    git(app.root, "init", "-q")
    app.commit("Initial commit", {"a": "1\n"})
    app.run("init", "--no-hooks")
    app.git("remote", "add", "origin", "https://github.com/octo/app.git")
    command = [sys.executable, "-P", "-m", "kairos_git", "serve", "webhook", "--port", "0"]
    counts: Counter[str] = Counter()
    import os

    with subprocess.Popen(
        command, cwd=app.root, stdout=subprocess.PIPE, env={**os.environ, "KAIROS_WEBHOOK_SECRET": SECRET}
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split(b":")[2].split(b"/")[0])
        end = time.monotonic() + seconds
        listener = type("There", (), {"address": ("127.0.0.1", port)})()
        body = b"{" + b" " * (MOST_BYTES - 2) + b"}"

        def send() -> None:
            while time.monotonic() < end:
                counts[str(_status(listener, "push", body, "x", {"X-Hub-Signature-256": "sha256=" + "0" * 64}))] += 1

        threads = [threading.Thread(target=send) for _ in range(senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        status = Path(f"/proc/{process.pid}/status")
        peak = (
            next((int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM")), 0.0)
            if status.exists()
            else 0.0
        )
        counts["alive"] = int(process.poll() is None)
        process.terminate()
    return counts, peak


def main() -> int:
    """Run all of it and print it."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--payloads", type=Path, required=True)
    asked.add_argument("--fuzzed", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=6)
    options = asked.parse_args()
    chance = random.Random(options.seed)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        isolate(home)
        for what, (counts, bad) in {
            "examples": try_examples(options.payloads, chance, Path(folder, "a")),
            "fuzzed": fuzz(options.payloads, options.fuzzed, chance, Path(folder, "b")),
        }.items():
            print(f"{what:10}", ", ".join(f"{name} {count:,}" for name, count in counts.items()))
            wrong += bad
        answers, peak = flood(Path(folder, "c"))
        print("flood     ", ", ".join(f"{name} {count:,}" for name, count in sorted(answers.items())), f"peak {peak:.0f} MB")
        wrong += [] if answers["alive"] else ["the receiver died in the flood"]
    print(f"seed {options.seed}: {len(wrong)} promises not kept")
    for line in wrong[:20]:
        print(" ", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
