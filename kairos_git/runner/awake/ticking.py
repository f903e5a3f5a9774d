"""One tick: drain, survey what changed, dream if it is due, sync if configured, decide, record; or stay quiet.

The one rule: a tick never fails its caller. What a stage says when it fails is written down, and the next stage has its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from kairos_git.capture import spool
from kairos_git.capture.project import owner_addresses
from kairos_git.errors import Busy, KairosError
from kairos_git.memory.alone import held
from kairos_git.memory.observation import Observation
from kairos_git.runner.awake import cadence, decision
from kairos_git.runner.awake.acting import Body, act
from kairos_git.runner.awake.decision import Acted, Happened, Quiet
from kairos_git.runner.awake.gating import dream_gates
from kairos_git.runner.awake.stages import load_stages, mark
from kairos_git.runner.awake.switch import asleep
from kairos_git.runner.awake.telling import Told, load_told, newest, save_told
from kairos_git.runner.awake.thinking import prompt_of, think
from kairos_git.runner.cycle import at_desk, gather
from kairos_git.runner.model.proposing import sender
from kairos_git.runner.review.asking import open_count
from kairos_git.runner.review.proposals import open_proposals
from kairos_git.settings import Settings


class Ticked(NamedTuple):
    """What a tick did.

    problems  what stages said that failed
    gates     of the dream, as they stood
    wake      when something can become due though nothing changes, in seconds since 1970; soon, where a stage failed or was busy
    looked    whether it looked at anything: not while the switch is off, nor beside another tick
    """

    done: tuple[Acted, ...]
    quiet: Quiet | None
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    gates: tuple[cadence.Gate, ...] = ()
    wake: float = 0.0
    looked: bool = False


LOCK = "tick.lock"
RETRY = 300.0  # seconds after which a stage that failed, or found somebody else at work, has its next turn though nothing changed


class World(NamedTuple):
    """What a tick looks at beside memory and project.

    idle      (now): seconds since the owner last gave a sign, and the agent sessions that are open
    activity  (now): lets the terminal, the files and GitHub say what they have, summarised, into the spool; notes
    wake      (now): when one of them wants to be asked again, in seconds since 1970
    """

    idle: Callable[[datetime], tuple[float, tuple[str, ...]]]
    activity: Callable[[datetime], Sequence[str]]
    wake: Callable[[datetime], float] = lambda now: float("inf")


def tick(body: Body, world: World, settings: Settings, now: datetime, *, dry: bool = False) -> Ticked:
    """One iteration. A dry one says what would be done, and writes nothing."""
    off = asleep(body.memory.own, now)
    if off:
        return Ticked((), Quiet(off), (), ())
    with held(body.memory.own, LOCK, wait=False) as free:
        if not free:
            return Ticked((), Quiet("another tick is at work"), (), ())
        return _Tick(body, world, settings, now, dry).through()


class _Tick:
    """The stages of one tick, in order. Owns what was done and said so far."""

    def __init__(self, body: Body, world: World, settings: Settings, now: datetime, dry: bool) -> None:
        self.body, self.world, self.settings, self.now, self.dry = body, world, settings, now, dry
        self.done: list[Acted] = []
        self.notes: list[str] = []
        self.problems: list[str] = []
        self.quiet: list[str] = []
        self.events: list[Observation] = []
        self.gates: tuple[cadence.Gate, ...] = ()
        self.wake = float("inf")

    def through(self) -> Ticked:
        self._stage("drain", self._gather)
        self._stage("dream", self._dream)
        self._stage("tick", self._decide)
        quiet = None if self.done else Quiet("; ".join(self.quiet) or "nothing happened")
        return Ticked(tuple(self.done), quiet, tuple(self.notes), tuple(self.problems), self.gates, self.wake, looked=True)

    def _stage(self, name: str, work: Callable[[], bool]) -> None:
        """Let a stage work; what it raises is written down and the tick goes on. work: whether it had something to do."""
        if asleep(self.body.memory.own, self.now):  # the switch was thrown while another stage was at work
            return
        stamp = self.now.timestamp()
        try:
            if work() and not self.dry:
                mark(self.body.memory, name, stamp)
        except Busy as error:
            self.quiet.append(str(error))
            self._again()
        except (KairosError, OSError) as error:
            self._failed(name, stamp, str(error))
        except Exception as error:  # a bug in one stage shall not stop the others, nor the next tick; it is told, with its kind
            self._failed(name, stamp, f"{type(error).__name__}: {error} (a bug of kairos-git; please report it)")

    def _failed(self, name: str, stamp: float, words: str) -> None:
        if not self.dry:
            mark(self.body.memory, name, stamp, words)
        self.problems.append(f"{name}: {words}")
        self._again()

    def _again(self) -> None:
        self.wake = min(self.wake, self.now.timestamp() + RETRY)

    def _gather(self) -> bool:
        memory, project = self.body.memory, self.body.project
        if self.dry:
            self.notes.append(f"{spool.waiting(memory)} lines wait in the spool")
            return False
        self.notes += self.world.activity(self.now)
        before = {o.id for o in newest(memory, self.now)}
        with at_desk(memory, self.now, seconds=2.0) as (desk, notes):
            owners = owner_addresses(project) if project else ()
            problems = gather(desk, project, self.now, owners)
            self.notes += notes
            self.problems += [str(p) for p in problems]
        self.events = [o for o in newest(memory, self.now) if o.id not in before and o.src != "memory"]  # our acts are no news
        return True

    def _dream(self) -> bool:
        self.wake = min(self.wake, self.world.wake(self.now))
        rest = self.world.idle(self.now)
        self.gates = dream_gates(self.body.memory, self.settings, self.body.bounds, rest, load_stages(self.body.memory), self.now)
        if not cadence.due(self.gates):
            self.wake = min(self.wake, self.now.timestamp() + cadence.opens(self.gates))
            self.quiet.append(f"no dream: {cadence.why_not(self.gates)}")
            return False
        why = next(g.value for g in self.gates if g.name == "new")
        done = act(self.body, decision.Wish("dream", "", f"{why} are new and you are away"), self.now, dry=self.dry)
        if isinstance(done, Quiet):
            self.quiet.append(done.why)
            return False
        self.done.append(done)
        if done.how == "failed":
            raise KairosError(done.what)
        return done.how == "done"

    def _decide(self) -> bool:
        happened = self._happened()
        wishes = list(decision.by_rules(happened))
        model = self.settings.model
        if model is not None and not happened.nothing and not self.dry:
            prompt = prompt_of(happened, self.body.bounds, model.sees)
            if prompt is not None:
                send = sender(self.body.memory, model, self.now, retries=0)
                thought = think(self.body.memory, model, prompt, self.body.bounds, self.now, send)
                wishes += [thought.wish] if thought.wish else []
                self.notes += [thought.note] if thought.note else []
        for wish in decision.unique(wishes):
            done = act(self.body, wish, self.now, dry=self.dry)
            if isinstance(done, Acted):
                self.done.append(done)
            else:
                self.quiet.append(done.why)
        return True

    def _happened(self) -> Happened:
        """What is new since the last tick: the observations, and what began to wait for the owner."""
        memory = self.body.memory
        waits = {p.name: p for p in open_proposals(memory)}
        told = load_told(memory)
        count = open_count(memory)
        questions = (f"{count} open: `kairos-git questions`",) if count > told.questions else ()
        if not self.dry:
            save_told(memory, Told(tuple(waits), count))
        return Happened(tuple(self.events), tuple(n for n in waits if n not in told.proposals), questions)
