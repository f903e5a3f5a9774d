"""What the owner may set: kairos.yaml of the memory. The environment is in `environ`, which starts faster.

The one rule: few settings, each documented where it is defined; an unknown one is a Problem, never a crash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from kairos_git.bounds import SECTIONS, Bounds, parse_bounds
from kairos_git.environ import AGENTS as AGENTS
from kairos_git.environ import ESSENTIAL as ESSENTIAL
from kairos_git.environ import Environment as Environment
from kairos_git.environ import Keys as Keys
from kairos_git.environ import config_folder as config_folder
from kairos_git.environ import environment as environment
from kairos_git.environ import essentials as essentials
from kairos_git.environ import keys as keys
from kairos_git.environ import session_name as session_name
from kairos_git.errors import Problem
from kairos_git.outside import SECTIONS as OUTSIDE
from kairos_git.outside import GitHub, Notify, parse_github, parse_notify

LARGEST = 64 * 1024  # bytes of a settings file
DEEPEST = 50  # mappings and lists in each other; a setting has three
MODES = ("off", "recall", "propose", "auto")


class Limits(NamedTuple):
    """The most that may be used in one dream, one day and one month; checked before every call."""

    dream: float
    day: float
    month: float


TOKENS = Limits(100_000, 300_000, 3_000_000)
MONEY = Limits(0.10, 0.50, 5.00)
SEEN = ("owner", "probe", "agent", "commit", "test", "import", "memory")


class Model(NamedTuple):
    """`model:` in kairos.yaml; without it no model is ever asked. `model: NAME` alone is enough.

    name      as the endpoint calls it (claude-haiku-5-5); "" with `via: claude` means the client's own choice
    via       `api`: the Messages API, with your key · `claude`: the client, started as `claude -p`, with its login
    base_url  another endpoint that speaks the Messages API. Only on this machine, unless your environment names the same
              one as ANTHROPIC_BASE_URL: a file that others can change must not choose where your key goes
    seconds   how long to wait for one answer
    tokens    most tokens, in and out together: {dream: 100000, day: 300000, month: 3000000}
    money     most US dollars: {dream: 0.10, day: 0.50, month: 5.00}
    prices    US dollars per million tokens, where templates/prices.yaml lacks a model or is out of date: {NAME: {in: 1, out: 5}}
    sees      the sources whose words it may be shown. Outsiders' (`external`) only where they are named here, and then only at ticks
    """

    name: str
    via: str = "api"
    base_url: str = ""
    seconds: float = 120.0
    tokens: Limits = TOKENS
    money: Limits = MONEY
    prices: tuple[tuple[str, float, float], ...] = ()
    sees: tuple[str, ...] = SEEN

    @property
    def label(self) -> str:
        """How it is called in annotations, notes and trailers."""
        return self.name or "claude -p"


class Settings(NamedTuple):
    """kairos.yaml.

    owners   addresses whose commits count as the owner's, besides the local user.email
    history  commits of the project's past that `init` reads (None: all)
    mode     what happens by itself: `off` (capture only), `recall` (never dreams by itself), `propose`, `auto`; an explicit
             `dream` always runs
    model    the model that may propose, or None
    most_changes  facts that a dream may change before it is left for review (None: no limit)
    bounds   what may happen by itself, and how much of it: `dream`, `actions`, `run`, `budget`
    github   whose events are noted, and whether GitHub is asked for them
    notify   when notices may be sent
    private  globs of paths: a session that works there, and a line that names such a path, is not recorded
    ignore   regular expressions, without regard to case: a line in which one is found is not recorded
    """

    owners: tuple[str, ...] = ()
    history: int | None = 1000
    problems: tuple[Problem, ...] = ()
    mode: str = "auto"
    model: Model | None = None
    most_changes: int | None = None
    bounds: Bounds = Bounds()
    github: GitHub = GitHub()
    notify: Notify = Notify()
    private: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


def load_settings(data: bytes, path: str = "kairos.yaml") -> Settings:
    """Parse kairos.yaml; what cannot be understood is left at its default and named."""
    if not any(line.strip() and not line.lstrip().startswith(b"#") for line in data.splitlines()):
        return Settings()
    import yaml

    try:
        if len(data) > LARGEST:
            raise ValueError(f"is larger than {LARGEST} bytes")
        opening = (
            yaml.BlockSequenceStartToken, yaml.BlockMappingStartToken, yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken,
        )  # fmt: skip
        depth = 0
        for token in yaml.scan(data):
            if isinstance(token, (yaml.AliasToken, yaml.TagToken)):
                raise ValueError("uses aliases or tags, which settings do not need")
            depth += isinstance(token, opening)
            depth -= isinstance(token, (yaml.BlockEndToken, yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken))
            if depth > DEEPEST:  # the scanner is quadratic in it
                raise ValueError("is nested too deeply")
        fields = yaml.safe_load(data)
        twice = _twice(yaml.compose(data))
        if not isinstance(fields, dict):
            raise ValueError("is not a list of `name: value` lines")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        words = getattr(error, "problem", None) or (str(error).splitlines() or ["too deeply nested"])[0]
        return Settings(problems=(Problem(path, mark.line + 1 if mark else 0, f"cannot be read ({words}); the defaults hold"),))
    known = ("owners", "history", "mode", "model", "most_changes", *SECTIONS, *OUTSIDE, "private", "ignore")
    problems = [Problem(path, 0, f"{name!r} is not a setting") for name in fields if name not in known]
    problems += [Problem(path, 0, f"{name} stands twice; the last one counts") for name in twice]
    owners, history = fields.get("owners", []), fields.get("history", 1000)
    if not isinstance(owners, list) or not all(isinstance(o, str) for o in owners):
        problems.append(Problem(path, 0, "owners is not a list of addresses; it is left out"))
        owners = []
    if history == "all":
        history = None
    elif not isinstance(history, int) or isinstance(history, bool) or history < 0:
        problems.append(Problem(path, 0, "history is neither a number of commits nor `all`; 1000 holds"))
        history = 1000
    mode = fields.get("mode", "auto")
    mode = "off" if mode is False else mode  # a bare `off` is YAML's false
    if mode not in MODES:
        problems.append(Problem(path, 0, f"mode is none of {', '.join(MODES)}; auto holds"))
        mode = "auto"
    model, bad = _model(fields["model"]) if fields.get("model") is not None else (None, [])
    problems += [Problem(path, 0, words) for words in bad]
    most = fields.get("most_changes")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 0):
        problems.append(Problem(path, 0, "most_changes is no number of facts; there is no limit"))
        most = None
    bounds, bad = parse_bounds(fields)
    (github, wrong), (notify, odd) = parse_github(fields.get("github")), parse_notify(fields.get("notify"))
    private, ignore = (_texts(fields.get(name)) for name in ("private", "ignore"))
    unread = [f"{name} is not a list of texts" for name, texts in (("private", private), ("ignore", ignore)) if texts is None]
    problems += [Problem(path, 0, words) for words in (*bad, *wrong, *odd, *unread)]
    return Settings(
        tuple(owners), history, tuple(problems), mode, model, most, bounds, github, notify, private or (), ignore or ()
    )


def _twice(node: Any) -> list[str]:
    """The names that stand twice in one mapping, of which YAML silently keeps the last."""
    pairs = node.value if node is not None and node.id == "mapping" else []
    counts = Counter(name.value for name, _ in pairs if isinstance(name.value, str))
    return sorted(n for n, times in counts.items() if times > 1) + [n for _, inner in pairs for n in _twice(inner)]


def _texts(said: object) -> tuple[str, ...] | None:
    """A list of texts, or one text; None where it is neither."""
    found = [said] if isinstance(said, str) else [] if said is None else said
    return tuple(found) if isinstance(found, list) and all(isinstance(t, str) and t.strip() for t in found) else None


def _model(said: object) -> tuple[Model | None, list[str]]:
    """The model a section describes, None where it names none, and what is wrong with it."""
    fields = {"name": said} if isinstance(said, str) else said
    if not isinstance(fields, Mapping):
        return None, ["model is neither a name nor `name: value` lines; no model is asked"]
    bad = [f"model.{name} is not a setting" for name in fields if name not in Model._fields]
    words = {k: fields.get(k, d) for k, d in (("name", ""), ("via", "api"), ("base_url", ""))}
    wrong = [k for k, v in words.items() if not isinstance(v, str)]
    if wrong or words["via"] not in ("api", "claude") or (words["via"] == "api" and not words["name"]):
        wanted = f"model.{wrong[0]} is not a text" if wrong else "model needs a name, or `via: claude`"
        return None, [*bad, f"{wanted}; no model is asked"]
    seconds, tokens, money = (
        fields.get("seconds", 120),
        _limits(fields.get("tokens"), TOKENS),
        _limits(fields.get("money"), MONEY),
    )
    if not _is_amount(seconds) or not seconds:
        bad.append("model.seconds is not a number of seconds; 120 holds")
        seconds = 120
    bad += [
        f"model.{k} is not {{dream: N, day: N, month: N}}; the defaults hold"
        for k, v in (("tokens", tokens), ("money", money))
        if v is None
    ]
    prices = fields.get("prices", {})
    good = isinstance(prices, Mapping) and all(
        isinstance(p, Mapping) and set(p) == {"in", "out"} and all(map(_is_amount, p.values())) for p in prices.values()
    )
    if not good:
        bad.append("model.prices is not {NAME: {in: N, out: N}}; they are left out")
    sees = fields.get("sees", list(SEEN))
    if not isinstance(sees, list) or not set(map(str, sees)) <= {*SEEN, "external"}:
        bad.append("model.sees is not a list of sources; it is shown nothing")
        sees = []
    table = tuple((str(name), float(p["in"]), float(p["out"])) for name, p in prices.items()) if good else ()
    return Model(
        **words, seconds=float(seconds), tokens=tokens or TOKENS, money=money or MONEY, prices=table, sees=tuple(sees)
    ), bad


def _is_amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e12


def _limits(said: Any, default: Limits) -> Limits | None:
    """The limits a section sets over the defaults; None where it is no such section."""
    if said is None:
        return default
    if not isinstance(said, Mapping) or not set(said) <= set(Limits._fields) or not all(map(_is_amount, said.values())):
        return None
    return default._replace(**{name: float(value) for name, value in said.items()})
