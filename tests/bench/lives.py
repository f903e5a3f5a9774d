"""Lives of a memory in which something is undone: what was learned, how it was undone, and what must hold ever after.

One seed makes one life: which facts, in which words, on whose evidence, in what order, by which clock. After every undo the
same is asked: agents that say it again, later dreams, another machine's merge and a rebuild change nothing; what later
dreams learned stays; only the owner's word brings it back.

The one rule: everything is done by commands and by git, as a person would; nothing is patched or called behind their back.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bench.specs import Spec, specs
from conftest import Place, git
from kairos_git.gitrun import Git
from kairos_git.memory.objects import facts_at

CLOCKS = ("real", "past", "future", "future observations, git at the wall clock")
_START = {"past": datetime(2024, 2, 27, 23, 30, tzinfo=UTC), "future": datetime(2031, 12, 30, 22, 0, tzinfo=UTC)}


class Broken(NamedTuple):
    """A promise that was not kept. kind: stick, lost, conflict, lift, check."""

    kind: str
    what: str


class Machine(Place):
    """A project and its memory on one machine, at a clock that several machines may share."""

    def __init__(self, root: Path, clock: str, rng: random.Random) -> None:
        super().__init__(root)
        self.clock, self.rng = clock, rng
        self.now = _START.get(clock.partition(" ")[0], datetime.now(UTC))
        self.sessions = 0
        self.rows: list[dict[str, str]] = []
        self.said: list[str] = []  # what was acknowledged

    @property
    def stamps(self) -> dict[str, Any]:
        """When git is to believe it is: the simulated time, or its own clock."""
        return {"when": self.tick()} if self.clock in _START else {}

    def at(self, option: str, **step: float) -> list[str]:
        return [] if self.clock == "real" else [option, self.tick(**step).isoformat()]

    def mem(self, *arguments: str, **options: Any) -> str:
        return super().mem(*arguments, **{**self.stamps, **options})

    def observe(self, text: str, src: str, session: str = "", days: float = 0) -> None:
        """Have something said, `days` from now; it is written down with the rest before the next dream."""
        row = {"text": text, "src": src, "session": session}
        if days or self.clock != "real":
            now = datetime.now(UTC).replace(microsecond=0) if self.clock == "real" else self.tick()
            row["time"] = (now + timedelta(days=days)).isoformat()
        self.rows.append(row)

    def speak(self) -> None:
        """Write down what was said: a single thing by itself, more in a batch."""
        rows, self.rows = self.rows, []
        if len(rows) == 1:
            (row,) = rows
            options = [word for name in ("src", "session", "time") if row.get(name) for word in (f"--{name}", row[name])]
            self.said.append(self.run("observe", row["text"], *options, "--json").json["id"])
        elif rows:
            batch = self.root.parent / "batch.jsonl"
            batch.write_text("".join(json.dumps(row) + "\n" for row in rows))
            self.said += self.run("observe", "--batch", str(batch), "--json").json["ids"]

    def session(self) -> str:
        self.sessions += 1
        return f"{self.root.name}-s{self.sessions}"

    def tell(self, spec: Spec, how: str) -> None:
        """Give evidence for a fact."""
        words = iter(self.rng.sample(spec.words, len(spec.words)) * 2)
        if how in ("owner", "probe"):
            self.observe(next(words), how)
        elif how == "agents":
            for days in self.rng.sample((-3, -2, -1, -0.01), 3):
                self.observe(next(words), "agent", self.session(), days)
        elif how == "test":
            self.observe(next(words), "test" if not spec.key.startswith("note") else "agent", self.session(), -1.5)
            self.observe(next(words), "agent", self.session(), -1)
            self.observe(next(words), "agent", self.session(), -0.01)
        elif how == "doubted" and spec.key.endswith("db"):
            self.observe(next(words), "test", self.session(), -1.5)
            self.observe(next(words), "agent", self.session(), -1)
            self.observe(f"{spec.key.partition(' = ')[0]} = `something-else`", "agent", self.session())
        else:
            self.observe(next(words), "agent", self.session())

    def facts(self, *options: str) -> dict[str, str]:
        """`slot = value` -> state, as the committed topics say: what the command `facts` shows, some fifteen times a life."""
        return {f"{f.key} = {f.value}": f.state for f in facts_at(Git(self.memory), "HEAD").values()}

    def sleep(self, *options: str) -> str | None:
        """Dream; the dream's commit."""
        self.speak()
        answer = self.run("dream", "--json", *self.at("--now"), *options, code=None)
        if answer.code:
            raise AssertionError(f"dream answered {answer.code}: {answer.err}")
        found = answer.json["dream"]
        return str(found) if found else None

    def pull(self, other: Machine) -> list[str]:
        """Merge what the other machine's memory holds; the paths in conflict, with the merge then given up."""
        self.mem("pull", "-q", "--no-rebase", "--no-edit", str(other.memory), "main", check=False)
        torn = self.mem("diff", "--name-only", "--diff-filter=U").split()
        if torn or (self.memory / ".git" / "MERGE_HEAD").exists():
            self.mem("merge", "--abort")
            return torn or ["(the merge stopped)"]
        return []

    def forget(self) -> None:
        """Delete every cache, and all else of ours that git does not hold, but the spool."""
        for path in (self.memory / ".git" / "kairos").glob("*"):  # none where no command has run yet
            if path.name != "spool":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def clone(self, name: str) -> Machine:
        """Another machine with a clone of project and memory; no command has run there yet."""
        other = Machine(self.root.parent / name, self.clock, self.rng)
        git(self.root.parent, "clone", "-q", str(self.root), str(other.root))
        git(self.root.parent, "clone", "-q", str(self.memory), str(other.memory))
        other.now = self.now
        return other


class World(Machine):
    """Machine A of one life, with what must be true of it: `want` (key -> state), `out` and `held` (what was undone)."""

    def __init__(self, folder: Path, seed: int, clock: str | None = None) -> None:
        rng = random.Random(seed)
        super().__init__(folder / "app", clock or CLOCKS[seed % len(CLOCKS)], rng)
        self.seed = seed
        self.pile = specs(rng)
        self.want: dict[str, str] = {}
        self.out: list[Spec] = []
        self.held: dict[str, Spec] = {}
        self.restating: dict[str, str] = {}  # what takes whose place when the owner says it again
        self.broken: list[Broken] = []
        self.conflicts = self.checks = 0
        self.root.mkdir(parents=True)
        self.git("init", "-q")
        self.require("3.11")
        self.run("init", "--no-hooks", *self.at("--now"))
        self.want = self.facts()

    def require(self, version: str) -> str:
        """Set what the tree says of Python; the fact that a probe reads from it."""
        text = f'[project]\nname = "app"\nrequires-python = ">={version}"\n'
        self.commit(f"Require {version}", {"pyproject.toml": text})
        return f"python.requires = >={version}"

    def fail(self, kind: str, what: str) -> None:
        self.broken.append(Broken(kind, what))

    def learn(self, count: int = 0, how: str = "", chosen: list[Spec] | None = None) -> tuple[str, list[Spec]]:
        """One dream that learns some facts: its commit, and the facts."""
        told = chosen or [next(self.pile) for _ in range(count or self.rng.randint(1, 3))]
        for spec in told:
            self.tell(spec, how or self.rng.choice(("owner", "agents", "test", "probe", "lone", "doubted")))
        commit = self.sleep()
        stands = self.facts()
        for spec in told:
            if spec.key not in stands:
                self.fail("lost", f"{spec.key} was told and not learned")
            else:
                self.want[spec.key] = stands[spec.key]
        assert commit, "a dream that was told something new landed nothing"
        return commit, told

    def undone(self, *told: Spec) -> None:
        """From now on these are to stay out."""
        for spec in told:
            self.want.pop(spec.key, None)
            self.out.append(spec)

    def check(self, when: str, at: Machine | None = None) -> None:
        """What was undone is out or held, everything else stands as it did, and every law holds."""
        machine = at or self
        self.checks += 1
        stands = machine.facts()
        for spec in self.out:
            alive = [k for k in stands if k == spec.key or (spec.token in k.partition(" = ")[2] and k not in self.want)]
            if alive:
                self.fail("stick", f"{when}: {alive[0]} is back ({stands[alive[0]]})")
        for key, state in self.want.items():
            if key in self.held and stands.get(key) != state:
                self.fail("stick", f"{when}: {key} is {stands.get(key, 'gone')}, held at {state}")
            elif stands.get(key) != state:
                self.fail("lost", f"{when}: {key} is {stands.get(key, 'gone')}, was {state}")
        files = [*(machine.memory / "log").rglob("*.md"), *(machine.memory / ".git/kairos/spool").glob("[ot]*")]
        log = "".join(path.read_text() for path in files)
        amiss = [name for name in set(machine.said) if log.count(f"<!--o {name} ") != 1]
        if amiss:
            self.fail("lost", f"{when}: {len(amiss)} acknowledged lines are not in log or spool once")
        problems = machine.run("fsck", "--json", code=None).json["problems"]
        if problems:
            self.fail("check", f"{when}: fsck: {problems[0]}")
        torn = machine.mem("fsck", "--strict", "--no-dangling", "--no-progress", check=False)
        dirty = machine.mem("status", "--porcelain")
        if torn or dirty:
            self.fail("check", f"{when}: git fsck {torn!r}, status {dirty!r}")

    def merge(self, one: Machine, other: Machine) -> None:
        torn = one.pull(other)
        if torn:
            self.conflicts += 1
            self.fail("conflict", f"{one.root.name} pulls {other.root.name}: {', '.join(torn)}")

    def echo(self, at: Machine | None = None) -> None:
        """Agents say again what was undone: four sessions and more, on several days, each in other words."""
        machine = at or self
        for spec in (*self.out, *self.held.values()):
            first = -4 if self.rng.random() < 0.5 else 1
            for n in range(self.rng.randint(4, 6)):
                machine.observe(spec.words[n % len(spec.words)], "agent", machine.session(), first + n)

    def later(self) -> None:
        self.learn(how=self.rng.choice(("owner", "agents", "test")))

    def later_without(self) -> None:
        """Learn more while something that will return is out."""
        chosen = [next(self.pile)]
        self.tell(chosen[0], "owner")
        self.sleep()
        self.want[chosen[0].key] = self.facts()[chosen[0].key]

    def aftermath(self, other: Machine | None = None, brief: bool = False) -> None:
        """All that may come after an undo, in one order or another; what was undone stays undone."""
        self.echo()
        self.sleep()
        self.check("after echoes")
        steps: list[Callable[[], None]] = [self._rebuild, self.later]
        if brief:
            steps = [self.rng.choice(steps)]
        if other is not None:
            steps.append(lambda: self._exchange(other))
        self.rng.shuffle(steps)
        for step in steps:
            step()
        if not brief:
            self.echo()
            self.sleep()
        self.check("at last")

    def _rebuild(self) -> None:
        self.forget()
        self.sleep()
        self.check("after a rebuild")

    def _exchange(self, other: Machine) -> None:
        """The other machine, which has not seen the undo, hears echoes and dreams; then both merge both ways."""
        self.echo(other)
        news = next(self.pile)
        other.tell(news, "owner")
        other.sleep()
        self.want[news.key] = other.facts()[news.key]
        self.merge(self, other)
        self.sleep()
        self.check("after the other machine's merge")
        self.merge(other, self)
        other.sleep()
        self.check("on the other machine", other)
        if other.mem("rev-parse", "HEAD:topics") != self.mem("rev-parse", "HEAD:topics"):
            self.fail("check", "both machines hold the same log and other facts")

    def restate(self) -> None:
        """The owner says it again, and it is back."""
        lifted = [*self.out, *self.held.values()]
        time.sleep(1.1 - datetime.now().microsecond / 1e6 if self.clock == "real" else 0)  # a second is the grain of time
        for spec in lifted:
            self.observe(spec.words[0], "owner", self.session())
            self.speak()  # one by one, as a person does
        self.sleep()
        stands = self.facts()
        for spec in lifted:
            if stands.get(spec.key) != "confirmed":
                self.fail("lift", f"{spec.key} is {stands.get(spec.key, 'gone')} though the owner said it again")
            self.want[spec.key] = "confirmed"
            self.want.pop(self.restating.get(spec.key, ""), None)
        self.out, self.held = [], {}
        self.check("after the owner said it again")
