"""The world outside: the sections `github` and `notify` of kairos.yaml.

The one rule: no address and no key is ever read from a file of the repository; those come from the environment or the keyring.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.\.?$)[A-Za-z0-9._-]{1,100}")
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
_QUIET = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)")
NIGHT = (22 * 60, 7 * 60)


class GitHub(NamedTuple):
    """`github:` in kairos.yaml. Nothing is asked of GitHub unless `poll: true` stands there.

    poll   ask for the repository's events, where no delivery can reach this machine
    repo   owner/name, where it is not the project's origin
    login  the owner's name there: who is asked for a review, and named in issues and comments
    daily  most events noted in one day; the rest is counted
    """

    poll: bool = False
    repo: str = ""
    login: str = ""
    daily: int = 300


class Notify(NamedTuple):
    """`notify:` in kairos.yaml. Where to send is said by KAIROS_NOTIFY or the keyring, never here.

    quiet    from and to, in minutes after local midnight, when nothing is sent (22:00-07:00), or None (`quiet: off`)
    desktop  show notices on this machine's desktop, too
    """

    quiet: tuple[int, int] | None = NIGHT
    desktop: bool = False


SECTIONS = ("github", "notify")


def parse_github(said: object) -> tuple[GitHub, list[str]]:
    """The `github` section, and what is wrong with it; a wrong value stays at its default."""
    fields, bad = _section(said, "github", GitHub._fields)
    named = {"repo": "", "login": ""}
    for name, pattern, what in (("repo", REPO, "owner/name"), ("login", LOGIN, "a name at GitHub")):
        value = fields.get(name, "")
        if isinstance(value, str) and (not value or pattern.fullmatch(value)):
            named[name] = value
        else:
            bad.append(f"github.{name} is not {what}; it is left out")
    poll, daily = fields.get("poll", False), fields.get("daily", GitHub().daily)
    if not isinstance(poll, bool):
        bad.append("github.poll is neither true nor false; nothing is asked")
        poll = False
    if not isinstance(daily, int) or isinstance(daily, bool) or not 0 <= daily <= 100_000:
        bad.append(f"github.daily is not a number of events; {GitHub().daily} holds")
        daily = GitHub().daily
    return GitHub(poll, named["repo"], named["login"], daily), bad


def parse_notify(said: object) -> tuple[Notify, list[str]]:
    """The `notify` section, and what is wrong with it. An address there is refused, and not repeated in what is said of it."""
    fields, bad = _section(said, "notify", Notify._fields)
    if _holds_address(said):
        bad = [
            "notify holds an address: it would be in the repository with its token, for everybody who can read that. Put it into "
            "KAIROS_NOTIFY or the keyring, take it out here, and change the token if this was pushed"
        ]
    quiet, desktop = fields.get("quiet", True), fields.get("desktop", False)
    hours: tuple[int, int] | None = NIGHT
    if quiet is False or quiet is None:  # a bare `off` is YAML's false
        hours = None
    elif isinstance(quiet, str) and (found := _QUIET.fullmatch(quiet.strip())):
        begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        hours = (begin, end) if begin != end else None
    elif quiet is not True:
        bad.append("notify.quiet is neither `off` nor like 22:00-07:00; 22:00-07:00 holds")
    if not isinstance(desktop, bool):
        bad.append("notify.desktop is neither true nor false; nothing is shown")
        desktop = False
    return Notify(hours, desktop), bad


def _section(said: object, name: str, known: tuple[str, ...]) -> tuple[Mapping[str, Any], list[str]]:
    if said is None:
        return {}, []
    if not isinstance(said, Mapping):
        return {}, [f"{name} is not `name: value` lines; the defaults hold"]
    return said, [f"{name}.{key} is not a setting" for key in said if key not in known]


def _holds_address(said: object, depth: int = 0) -> bool:
    if isinstance(said, str):
        return "://" in said
    if depth > 8:
        return True
    if isinstance(said, Mapping):
        return any(_holds_address(part, depth + 1) for pair in said.items() for part in pair)
    return isinstance(said, list) and any(_holds_address(part, depth + 1) for part in said)
