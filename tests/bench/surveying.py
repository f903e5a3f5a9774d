"""`make bench-survey DATA=DIR REPOS=DIR`: what a survey finds of the facts people wrote for agents, in real repositories.

DATA holds `agents_facts.jsonl`: one fact a row, with the literal that a line must contain (`value`; `x|y` means both).
REPOS holds local clones named owner+name. Each is surveyed at the row's commit through the public command; nothing is
checked out. Rows that only history or people could tell are counted, not scored. Intervals are Wilson's (1927), 95 %.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

KAIROS = [sys.executable, "-P", "-m", "kairos_git"]


class Score(NamedTuple):
    """What one repository's survey found: of `rows`, how many were observed and in the index; what should not have been."""

    repo: str
    rows: int
    observed: int
    indexed: int
    stale: tuple[str, ...]
    missing: tuple[str, ...]
    lines: int
    seconds: float


def rows_of(data: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """(repository, commit) -> its rows."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in (data / "agents_facts.jsonl").read_text().splitlines():
        row = json.loads(line)
        found.setdefault((row["repo"], row["commit"]), []).append(row)
    return found


def clone_of(repos: Path, repo: str) -> Path | None:
    """Where a repository's clone is: `owner+name`, with or without a folder `repo` in it."""
    folder = repos / repo.replace("/", "+")
    return next((one for one in (folder / "repo", folder) if one.is_dir()), None)


def survey(clone: Path, commit: str) -> tuple[dict[str, Any], float]:
    """The command's answer, and how long it took, in seconds."""
    began = time.perf_counter()
    asked = [*KAIROS, "survey", "--project", str(clone), "--at", commit, "--json"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{clone}: {done.stderr}")
    return json.loads(done.stdout), time.perf_counter() - began


def holds(text: str, value: str) -> bool:
    """Whether one line contains the literal, or each of several."""
    return all(part in text for part in value.split("|"))


def score(repo: str, rows: Iterable[dict[str, Any]], answer: dict[str, Any], seconds: float) -> Score:
    """One repository's rows against its survey."""
    observed, index = [one["text"] for one in answer["observed"]], answer["index"]
    stale, missing = [], []
    counts = [0, 0, 0]
    for row in rows:
        if row["derivable"] != "a" or not row["value"]:
            continue
        seen = [any(holds(text, row["value"]) for text in texts) for texts in (observed, index)]
        if row["stale"]:
            stale += [row["value"]] if any(seen) else []
            continue
        counts = [n + one for n, one in zip(counts, (1, *seen), strict=True)]
        if not all(seen):
            missing.append(f"{'observed' if seen[0] else '-':8}  {row['value'][:50]:50}  {row['reader']}: {row['fact']}")
    return Score(repo, counts[0], counts[1], counts[2], tuple(stale), tuple(missing), len(index), seconds)


def wilson(hits: int, of: int) -> str:
    """A share with its 95 % score interval (Wilson 1927)."""
    if not of:
        return "-"
    z, p = 1.96, hits / of
    middle, spread = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)
    return f"{p:5.1%} [{low:.0%}, {high:.0%}]"


def table(scores: list[Score]) -> Iterator[str]:
    """The report, a line each."""
    yield f"{'repository':32} {'facts':>5} {'observed':>18} {'in the index':>18} {'stale':>6} {'lines':>6} {'s':>6}"
    for s in scores:
        found = f"{wilson(s.observed, s.rows):>18} {wilson(s.indexed, s.rows):>18}"
        yield f"{s.repo:32} {s.rows:5} {found} {len(s.stale):6} {s.lines:6} {s.seconds:6.2f}"
    rows, seen, kept = (sum(getattr(s, name) for s in scores) for name in ("rows", "observed", "indexed"))
    stale, lines = sum(len(s.stale) for s in scores), max((s.lines for s in scores), default=0)
    yield f"{'all':32} {rows:5} {wilson(seen, rows):>18} {wilson(kept, rows):>18} {stale:6} {lines:6}"


def main() -> int:
    """Survey every repository there is a clone of; its exit code is 1 where something stale was emitted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--missing", action="store_true", help="list what was not found")
    options = parser.parse_args()
    scores: list[Score] = []
    for (repo, commit), rows in sorted(rows_of(options.data).items()):
        clone = clone_of(options.repos, repo)
        if clone is None:
            print(f"{repo}: no clone in {options.repos}; left out")
            continue
        answer, seconds = survey(clone, commit)
        scores.append(score(repo, rows, answer, seconds))
    for line in table(scores):
        print(line)
    for s in scores:
        for value in s.stale:
            print(f"{s.repo}: stale, and emitted: {value}")
        for line in s.missing if options.missing else ():
            print(f"{s.repo}: {line}")
    return int(any(s.stale for s in scores))


if __name__ == "__main__":
    sys.exit(main())
