"""stream: what is believed of each pinned version, day by day, while real commits and real changes go by.

A check is one slot on one day on which something was committed, after that day's dream: is the best live fact about it,
whatever its state, the true value? With probes the project's tree holds the configuration as it really was; without, the same
commits come with an empty tree. With probes every slot then present is checked. Without, a slot is checked from the first
message on that named it with a value: of what nobody ever spoke no memory knows (the figure over all is in the notes).

A long history is lived on its last DAYS days; what came before is one day, told at once.

The one rule: which fact speaks of which slot is read from the fact, whatever it names its slots.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from bench.dreambench.figures import Laws, Suite, clustered, share
from bench.dreambench.replay import Replay, Said, laws
from bench.dreambench.rows import Change, Commit

CONFIG = ".pre-commit-config.yaml"
DAYS = 120  # of each repository on which something was committed, the last ones
_STATES = ("confirmed", "contested", "tentative")
_VERSION = re.compile(r"[\w.+/-]*\d[\w.+/-]*")


class Slot(NamedTuple):
    """What became of one slot of one repository: (right, checks) over all days, and over those since somebody spoke of it."""

    present: tuple[int, int]
    told: tuple[int, int]


class Lived(NamedTuple):
    """One repository's stream, with probes or without. `taken`: (taken, announced) of each slot; `missed`: examples."""

    probes: bool
    slots: tuple[Slot, ...]
    taken: tuple[tuple[int, int], ...]
    missed: tuple[str, ...]
    laws: Laws


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def _names(subject: str) -> tuple[str, str, str]:
    """The slugs a fact may know a subject by, the most telling first: with host, with owner, the bare name."""
    parts = re.split(r"[/:@]+", subject.removeprefix("git@"))
    return slug("-".join(parts)), slug("-".join(parts[-2:])), slug(parts[-1])


def _cut(name: str, place: str) -> bool:
    """Whether a place holds all of a long name but its end."""
    return len(place) >= 30 and name.startswith(place)


def _about(fact: dict[str, Any], subjects: Sequence[str]) -> list[str]:
    """The subjects a fact speaks of: named as they are, or known by a slug in its slot (behind the topic) or in its words.

    One at most, but for subjects that differ only in what a slug leaves out, such as `a_b` and `a-b`.
    """
    text = fact["text"].replace(fact["value"], "")
    named = [s for s in subjects if re.search(rf"(?<![\w.-]){re.escape(s)}(?![\w-])", f"{fact['slot']} {text}", re.IGNORECASE)]
    if named:
        return [max(named, key=len)]
    for place in (slug(fact["slot"].partition(".")[2]), slug(text)):
        ranks = {}
        for s in subjects:
            found = [
                (-rank, len(name)) for rank, name in enumerate(_names(s)) if f"-{name}-" in f"-{place}-" or _cut(name, place)
            ]
            if found:
                ranks[s] = max(found)
        if ranks:
            return [s for s, rank in ranks.items() if rank == max(ranks.values())]
    return []


def believed(facts: Iterable[dict[str, Any]], subjects: Sequence[str]) -> dict[str, str]:
    """subject -> the value of its best live fact: by state, then the newest."""
    best: dict[str, tuple[int, str, str, str]] = {}
    for fact in facts:
        if fact["state"] in _STATES and _VERSION.fullmatch(fact["value"]):
            rank = (-_STATES.index(fact["state"]), fact["from"], fact["id"], fact["value"])
            for subject in _about(fact, subjects):
                if slug(fact["value"]) in _names(subject):  # `flake8` is what its hook runs, and no version of it
                    continue
                best[subject] = max(best.get(subject, rank), rank)
    return {subject: rank[3] for subject, rank in best.items()}


def same(one: str | None, other: str | None) -> bool:
    """Whether two versions are one; a leading v says nothing."""
    return one is not None and other is not None and one.removeprefix("v") == other.removeprefix("v")


def announced(text: str, change: Change) -> bool:
    """Whether a message names the subject and its new value."""
    if change.new is None or change.subject.casefold() not in text.casefold():
        return False
    return re.search(rf"(?<![\w.]){re.escape(change.new)}(?![\w]|\.\d)", text) is not None


def configuration(truth: dict[str, str]) -> str:
    """The file the real project had, as far as the truth file knows it."""
    if not truth:
        return "repos: []\n"
    lines = ["repos:"]
    for subject, value in sorted(truth.items()):
        url = subject if subject.startswith("git@") else f"https://{subject}"
        lines += [f"-   repo: {url}", f"    rev: {value}", "    hooks:", f"    -   id: {subject.rpartition('/')[2]}"]
    return "\n".join(lines) + "\n"


def tree_is_read(folder: Path) -> bool:
    """Whether any probe reads a pinned version from the configuration."""
    r = Replay(folder / "pilot")
    when = datetime.fromisoformat("2024-01-01T12:00:00+00:00")
    truth = {"github.com/a/amber": "v1.2.3", "github.com/b/birch": "v4.5.6"}
    r.grow([(when, "Add the hooks", {CONFIG: configuration(truth)})])
    r.begin(when + timedelta(minutes=1))
    return believed(r.believed(), list(truth)) == truth


def _said(day: Sequence[Commit]) -> list[Said]:
    """A tool's readings of a day, for a memory that does not read the tree itself; a batch cannot say that a thing is gone."""
    return [
        {"text": f"version.{slug(c.subject)} = `{c.new}`", "src": "probe", "root": f"{CONFIG}#{c.subject}", "time": commit.date}
        for commit in day for c in commit.changes if c.new is not None
    ]  # fmt: skip


def _commits(day: Sequence[Commit], truth: dict[str, str], tree: bool) -> Iterator[tuple[datetime, str, dict[str, str]]]:
    """The day's commits; `truth` is brought up to date on the way."""
    for commit in day:
        for c in commit.changes:
            if c.new is None:
                truth.pop(c.subject, None)
            else:
                truth[c.subject] = c.new
        yield datetime.fromisoformat(commit.date), commit.text, {CONFIG: configuration(truth)} if tree and commit.changes else {}


def days(commits: Sequence[Commit], most: int) -> list[list[Commit]]:
    """The commits by day; all before the last `most` days are one day."""
    each = [list(group) for _, group in groupby(commits, key=lambda c: c.date[:10])]
    early = [commit for day in each[:-most] for commit in day]
    return [early, *each[-most:]] if early else each


def live(folder: Path, repo: str, commits: Sequence[Commit], probes: bool, tree: bool, seed: int, most: int = DAYS) -> Lived:
    """One repository from its first commit to its last, one dream a day. `tree`: whether the program itself reads the tree."""
    name = f"{slug(repo)}-{'probes' if probes else 'messages'}"
    r = Replay(folder / name)
    subjects = sorted({c.subject for commit in commits for c in commit.changes})
    truth: dict[str, str] = {}
    known: set[str] = set()
    seen = {s: Counter[str]() for s in subjects}
    missed: list[str] = []
    beliefs: dict[str, str] = {}
    for day in days(commits, most):
        r.grow(_commits(day, truth, probes and tree))
        now = datetime.fromisoformat(day[-1].date) + timedelta(minutes=1)
        first = not r.memory.exists()
        if first:
            r.begin(now)
        if probes and not tree:
            r.tell(_said(day))
        if r.sleep(now)["dream"] or first:  # what is believed changes with a dream, and with nothing else
            beliefs = believed(r.believed(), subjects)
        said = [(c, commit.text) for commit in day for c in commit.changes if announced(commit.text, c)]
        known |= {c.subject for c, _ in said}
        spoken = {c.subject: text for c, text in said if truth.get(c.subject) == c.new}
        for s, value in truth.items():
            _check(seen[s], same(beliefs.get(s), value), s in known, s in spoken)
            if not same(beliefs.get(s), value) and (s in spoken or probes) and len(missed) < 5:
                missed.append(f"{name} {now.date()}: {s} is {value}, believed {beliefs.get(s)}; {spoken.get(s, '')[:160]!r}")
    slots = tuple(Slot((n["right"], n["checks"]), (n["right told"], n["told"])) for n in seen.values())
    taken = tuple((n["taken"], n["announced"]) for n in seen.values())
    return Lived(probes, slots, taken, tuple(missed), laws(r, f"stream {name}", not probes, seed))


def _check(seen: Counter[str], right: bool, told: bool, spoken: bool) -> None:
    """One slot on one day: whether it is believed rightly, was ever told of, and was announced on this day."""
    seen.update(
        {"checks": 1, "right": right, "told": told, "right told": right and told, "announced": spoken, "taken": right and spoken}
    )


def suite(lives: Sequence[Lived], tree: bool, seed: int) -> Suite:
    """The figures over all repositories; the trials of one slot hang together, so the intervals draw whole slots."""
    seeing = [s for life in lives if life.probes for s in life.slots]
    hearing = [s for life in lives if not life.probes for s in life.slots]
    taken = [t for life in lives if not life.probes for t in life.taken]
    figures = {
        **clustered("with_probes", [s.present for s in seeing], seed),
        **clustered("without_probes", [s.told for s in hearing], seed),
        **clustered("announced_taken", taken, seed),
    }
    right, checks = (sum(s.present[n] for s in hearing) for n in (0, 1))
    spoken = sum(s.told[1] for s in hearing)
    notes = [
        f"probes: {'read from the tree by the program' if tree else 'told by batch: no reader of ' + CONFIG + ' yet'}; "
        f"{sum(s.present[1] for s in seeing)} checks of {len(seeing)} slots",
        f"without probes: {spoken} checks of slots spoken of by then; over all {checks} checks {share(right, checks)} "
        f"(of {share(checks - spoken, checks)} nobody ever spoke before)",
        f"announced changes: {sum(of for _, of in taken)}",
        *(line for life in lives for line in life.missed[:2]),
    ]
    return Suite(figures, tuple(notes), sum((life.laws for life in lives), Laws()))
