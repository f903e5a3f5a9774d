"""A project and its memory whose days are told from data, by the commands a person or a script would type.

The one rule: everything goes through the command line and git; the clock is the data's.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.dreambench.figures import Laws
from conftest import Place, git

Said = dict[str, str]  # a row of `observe --batch`
MOST_LINES, MOST_BYTES = 200, 25_000  # what the README promises of the index
YEAR = timedelta(days=365)


class Replay(Place):
    """A project with a memory. `start` is when the memory was made; `rows` what it was told by batch, in order."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.start = self.now
        self.rows: list[Said] = []
        self.too_large = 0  # dreams after which the index was over a budget

    def grow(self, commits: Iterable[tuple[datetime, str, Mapping[str, str]]], who: str = "Ada <ada@example.org>") -> None:
        """Commits of the project on main: (time, message, files that change). The work tree is not touched."""
        base = "from refs/heads/main^0\n" if self.git("rev-parse", "-q", "--verify", "main", check=False) else ""
        stream = []
        for when, message, files in commits:
            stamp = f"{who} {int(when.timestamp())} {when.strftime('%z')}"
            stream.append(f"commit refs/heads/main\nauthor {stamp}\ncommitter {stamp}\n{_data(message)}{base}")
            stream += [f"M 100644 inline {path}\n{_data(text)}" for path, text in files.items()]
            base = ""
        subprocess.run(
            ["git", "fast-import", "--quiet"], cwd=self.root, input="".join(stream).encode(), check=True, capture_output=True
        )

    def begin(self, now: datetime) -> None:
        """Make the memory."""
        self.start = self.now = now
        self.run("init", "--no-hooks", "--history", "all", "--now", now.isoformat())

    def tell(self, rows: Sequence[Said]) -> list[str]:
        """Have all of this said; the observations' ids."""
        self.rows += rows
        batch = self.root.parent / f"{self.root.name}.batch.jsonl"
        batch.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return list(self.run("observe", "--batch", str(batch), "--json").json["ids"]) if rows else []

    def sleep(self, now: datetime) -> Any:
        """Dream at a time, or just after the last one where the data's clock goes backwards; the dream's JSON."""
        self.now = max(now, self.now + timedelta(seconds=1))
        told = self.run("dream", "--json", "--now", self.now.isoformat()).json
        index = self.index()
        self.too_large += index.count("\n") > MOST_LINES or len(index.encode()) > MOST_BYTES
        return told

    def believed(self, *options: str) -> list[dict[str, Any]]:
        """The facts, as `facts --json` gives them."""
        return list(self.run("facts", "--json", *options).json)

    def index(self) -> str:
        return (self.memory / "MEMORY.md").read_text(encoding="utf-8")

    def again(self, name: str, rows: Sequence[Said] = ()) -> list[dict[str, Any]]:
        """All facts of a fresh memory beside a copy of the project as it is now, told everything at once and dreaming once."""
        root = self.root.parent / name
        shutil.copytree(self.root, root)
        git(root, "config", "--unset", "kairos.memory", check=False)
        other = Place(root)
        other.run("init", "--no-hooks", "--history", "all", "--now", self.start.isoformat())
        if rows:
            batch = root.parent / f"{name}.batch.jsonl"
            batch.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
            other.run("observe", "--batch", str(batch))
            other.run("dream", "--now", self.now.isoformat())
        return list(other.run("facts", "--all", "--json").json)


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def laws(r: Replay, name: str, replays: bool, seed: int) -> Laws:
    """What must hold of any memory after a life: `replays` where its log can be told again (nothing in it came from the tree)."""
    broken: list[str] = []
    facts, live = r.believed("--all"), r.believed()
    checked = 15
    problems = r.run("fsck", "--json", code=None).json["problems"]
    for law in sorted({p["law"] for p in problems}, key=str):
        first = next(p for p in problems if p["law"] == law)
        broken.append(f"{name}: law {law}: {first['path']}:{first['line']}: {first['message']}")
    told = {o["id"]: o["src"] for o in r.run("log", "--json", "--most", "1000000").json}
    proven = [
        bool(f["evidence"]) and all(told.get(e, "external") not in ("external", "memory") for e in f["evidence"]) for f in live
    ]
    promises = {
        "dreaming again changes nothing": r.sleep(r.now)["dream"] is None,
        "next year's clock changes nothing": r.sleep(r.now + YEAR)["dream"] is None and r.believed("--all") == facts,
        "every fact cites evidence that counts": all(proven),
        "the index kept its budgets after every dream": not r.too_large,
    }
    if replays:
        promises["all at once makes the same facts as day by day"] = r.again(f"{r.root.name}-at-once", r.rows) == facts
        for n in range(2 if r.rows else 0):
            shuffled = list(r.rows)
            random.Random(f"{seed} {n}").shuffle(shuffled)
            promises[f"shuffled, it makes the same facts ({n})"] = r.again(f"{r.root.name}-shuffled-{n}", shuffled) == facts
    broken += [f"{name}: {promise}: no" for promise, kept in promises.items() if not kept]
    return Laws(checked + len(promises), tuple(broken))
