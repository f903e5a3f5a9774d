"""What models were asked and what it cost: one file under the memory's git directory, which dreams, ticks and everything
else share.

A call is written down twice: at its estimate before it is made, and as it was when the answer is there. What was cut off in
between counts at its estimate.

The one rule: the file only grows, each line synced before the call it is about; a damaged line is passed over and left.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from kairos_git import resources
from kairos_git.errors import NotWritable, UsageError
from kairos_git.memory.landing import read_regular
from kairos_git.memory.observation import parse_time
from kairos_git.settings import Model

FILE = "ledger"


class Entry(NamedTuple):
    """One call. usd: US dollars, None where the model has no known price; settled: whether these are not estimates."""

    id: str
    at: str
    model: str
    tokens_in: int
    tokens_out: int
    usd: float | None
    settled: bool = False
    batch: bool = False

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


class Spent(NamedTuple):
    """A sum of calls. usd is what is known of it; unpriced: calls whose model has no known price."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    def __str__(self) -> str:
        """`2 calls, 812 tokens in, 64 out, $0.0001`."""
        calls = f"{self.calls} call{'' if self.calls == 1 else 's'}"
        cost = f"${self.usd:.4f}" if self.calls != self.unpriced or not self.calls else ""
        cost += f"{' and ' if cost else ''}{self.unpriced} of unknown price" if self.unpriced else ""
        return f"{calls}, {self.tokens_in:,} tokens in, {self.tokens_out:,} out, {cost}"


def total(entries: Iterable[Entry]) -> Spent:
    """The sum of some calls."""
    made = list(entries)
    return Spent(
        len(made), sum(e.tokens_in for e in made), sum(e.tokens_out for e in made), round(sum(e.usd or 0.0 for e in made), 6),
        sum(e.usd is None for e in made),
    )  # fmt: skip


def format_entry(e: Entry) -> str:
    """One line of JSON, without its newline."""
    return json.dumps(e._asdict(), ensure_ascii=False, separators=(",", ":"))


def parse_entry(line: str) -> Entry | None:
    """The inverse of `format_entry`; None for a damaged line."""
    try:
        fields = json.loads(line)
        e = Entry(**fields)
        parse_time(e.at)
        whole = all(isinstance(n, int) and n >= 0 for n in (e.tokens_in, e.tokens_out))
        priced = e.usd is None or (isinstance(e.usd, (int, float)) and e.usd >= 0)
    except (ValueError, TypeError, AttributeError, RecursionError, UsageError):
        return None
    return e if whole and priced and isinstance(e.id, str) and isinstance(e.model, str) else None


class Ledger:
    """The ledger of a memory. Owns its file; every other state is read from it."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, FILE)

    def entries(self) -> list[Entry]:
        """Every call, the last line of each; damaged lines are left out."""
        found: dict[str, Entry] = {}
        for line in (read_regular(self.path) or b"").decode("utf-8", "replace").split("\n"):
            entry = parse_entry(line) if line.strip() else None
            if entry is not None:
                found[entry.id] = entry
        return list(found.values())

    def reserve(
        self, now: datetime, model: str, tokens_in: int, tokens_out: int, usd: float | None, batch: bool = False
    ) -> Entry:
        """Write a call down at its estimate, before it is made. Raises NotWritable: then it must not be made."""
        stamp = now.isoformat(timespec="seconds")
        taken = {e.id for e in self.entries()}
        number = next(n for n in range(1, len(taken) + 2) if f"{stamp}#{n}" not in taken)
        entry = Entry(f"{stamp}#{number}", stamp, model, tokens_in, tokens_out, usd, batch=batch)
        self._append(entry)
        return entry

    def settle(self, entry: Entry, tokens_in: int, tokens_out: int, usd: float | None) -> Entry:
        """Write down what a call really was."""
        settled = entry._replace(tokens_in=tokens_in, tokens_out=tokens_out, usd=usd, settled=True)
        self._append(settled)
        return settled

    def spent(self, now: datetime) -> tuple[Spent, Spent]:
        """What was spent on the day of `now` and in its month, by its own clock."""
        dated = [(parse_time(e.at).astimezone(now.tzinfo), e) for e in self.entries()]
        month = [(at, e) for at, e in dated if (at.year, at.month) == (now.year, now.month)]
        return total(e for at, e in month if at.day == now.day), total(e for _, e in month)

    def refusal(self, model: Model, now: datetime, dream: Spent, tokens: int, usd: float | None) -> str | None:
        """Why a further call may not be made, or None: its estimate is added to what the dream, the day and the month have had."""
        day, month = self.spent(now)
        for name, had in (("dream", dream), ("day", day), ("month", month)):
            most = getattr(model.tokens, name)
            if had.tokens + tokens > most:
                return f"the {name}'s {most:,.0f} tokens are used up ({had.tokens:,} had, up to {tokens:,} asked for)"
            most = getattr(model.money, name)
            if usd is not None and had.usd + usd > most:
                return f"the {name}'s ${most:g} are used up (${had.usd:.4f} had, up to ${usd:.4f} asked for)"
        return None

    def _append(self, entry: Entry) -> None:
        append_synced(self.path, format_entry(entry))


def append_synced(path: str, *lines: str) -> None:
    """Append whole lines with one write and sync them; a line that was cut off before ends first. Raises NotWritable."""
    data = "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                data = b"\n" + data
            if os.write(descriptor, data) != len(data):
                os.ftruncate(descriptor, size)
                raise OSError(28, "No space left on device")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise NotWritable(
            f"{path} cannot be written ({error.strerror}). Free some space or make it writable and try again."
        ) from error


@cache
def _prices() -> tuple[float, dict[str, tuple[float, float]]]:
    """(share that a batch costs, model -> dollars per million tokens in and out), as templates/prices.yaml has them."""
    import yaml

    table = yaml.safe_load(resources.read("templates", "prices.yaml"))
    return float(table["batch"]), {name: (float(p["in"]), float(p["out"])) for name, p in table["models"].items()}


def price(model: Model, tokens_in: int, tokens_out: int, batch: bool = False) -> float | None:
    """US dollars for a call, None where the model has no known price. A dated name costs what its plain name does."""
    share, known = _prices()
    known = known | {name: (i, o) for name, i, o in model.prices}
    plain, _, date = model.name.rpartition("-")
    rate = known.get(model.name) or (known.get(plain) if date.isdigit() and len(date) == 8 else None)
    if rate is None:
        return None
    return round((tokens_in * rate[0] + tokens_out * rate[1]) / 1e6 * (share if batch else 1.0), 8)
