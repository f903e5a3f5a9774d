"""Facts to be learned in a life, each with several ways to say it.

The one rule: every wording states the same claim, and no two facts have anything to do with one another.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_NOUNS = re.findall(
    r"\w+",
    "amber basil cedar delta ember fjord grove heron iris jasper kelp lotus maple nickel onyx pearl quartz raven "
    "sable topaz umber violet willow xenon yarrow zinc acorn birch clover dune elm fern garnet hazel indigo juniper "
    "kestrel larch moss ",
)
_PURPOSES = ("lint", "format", "types", "build", "docs", "bench", "deploy", "tests")
_REQUIRED = ("node", "go", "rust", "java", "ruby", "php", "postgres", "mysql", "redis")


class Spec(NamedTuple):
    """A fact to be learned: its key as `facts` shows it, ways to say it, and a word that stands in no other fact."""

    key: str
    words: tuple[str, ...]
    token: str


def _command(noun: str, purpose: str) -> Spec:
    value = f"make {noun}-{purpose}"
    spoken = {"types": "type checks", "bench": "benchmarks"}.get(purpose, purpose)
    return Spec(
        f"{purpose}.command = {value}",
        (f"{spoken.capitalize()} runs with `{value}`", f"Run `{value}` to {'run the ' if purpose == 'tests' else ''}{purpose}",
         f"{purpose}.command = `{value}`", f"The {spoken} command is `{value}`"),
        noun,
    )  # fmt: skip


def _setting(noun: str) -> Spec:
    return Spec(
        f"{noun}.backend = {noun}db",
        (f"{noun}.backend = `{noun}db`", f"{noun}.backend: `{noun}db`", f"Note: {noun}.backend = {noun}db"),
        noun,
    )


def _default(noun: str) -> Spec:
    key = f"default.{noun}-port = 80{len(noun)}0/{noun}"
    value = key.partition(" = ")[2]
    return Spec(
        key,
        (f"The default {noun} port is `{value}`", f"Default {noun} port = `{value}`", f"{noun} port defaults to `{value}`"),
        noun,
    )


def _note(noun: str) -> Spec:
    text = f"the {noun} invoices are kept by the {noun} ledger for seven years"
    return Spec(f"note = {text}", (text.capitalize() + ".", text.upper(), f"Note: {text}", f"{text};  "), noun)


def _required(noun: str, what: str) -> Spec:
    version = f"{len(noun)}.{sum(map(ord, noun)) % 97}"
    return Spec(
        f"{what}.requires = >={version}",
        (f"Requires {what} {version} or newer", f"We need {what} {version}+", f"{noun}: requires {what} >= {version}"),
        version,
    )


def specs(rng: random.Random) -> Iterator[Spec]:
    """Facts that have nothing to do with one another, in a random order, without end for practical purposes."""
    nouns, purposes, required = list(_NOUNS), list(_PURPOSES), list(_REQUIRED)
    for pile in (nouns, purposes, required):
        rng.shuffle(pile)
    while nouns:
        noun = nouns.pop()
        kinds: list[Callable[[], Spec]] = [lambda n=noun: _setting(n), lambda n=noun: _default(n), lambda n=noun: _note(n)]
        if purposes:
            kinds.append(lambda n=noun: _command(n, purposes.pop()))
        if required:
            kinds.append(lambda n=noun: _required(n, required.pop()))
        yield rng.choice(kinds)()
