"""Ways to undo on one machine, as scripts: each undoes something in a life and says what is undone from then on.

The one rule: a script leaves it to the life to ask whether it stays undone.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.lives import Machine, World
from bench.specs import Spec

Script = Callable[[World], "Machine | None"]
SCENARIOS: dict[str, Script] = {}


def scenario(script: Script) -> Script:
    """A script that undoes something, and returns the other machine if it made one."""
    SCENARIOS[script.__name__] = script
    return script


def revert(w: Machine, *commits: str) -> None:
    torn = w.mem("revert", "--no-edit", *commits, check=False)
    left = w.mem("diff", "--name-only", "--diff-filter=U")
    if left or (w.memory / ".git" / "REVERT_HEAD").exists() or (w.memory / ".git" / "sequencer").exists():
        w.mem("revert", "--abort", check=False)
        raise Stopped(left or torn)


class Stopped(Exception):
    """git stopped for a person."""


def reverts(w: World, machine: Machine, *commits: str) -> None:
    if w.rng.random() < 0.2:
        machine.forget()  # its hooks too: then the next command finds what was undone
    try:
        revert(machine, *commits)
    except Stopped as words:
        w.conflicts += 1
        w.fail("conflict", f"git revert: {words}")


def other_machine(w: World) -> Machine | None:
    """In half of the lives, another machine that has seen everything so far and will not see the undo."""
    return w.clone("other") if w.rng.random() < 0.5 else None


def seen(w: World, other: Machine | None) -> Machine | None:
    w.sleep()  # no hook tells of it: the next command finds it
    return other


@scenario
def revert_of_the_newest_dream(w: World) -> Machine | None:
    dream, told = w.learn()
    other = other_machine(w)
    reverts(w, w, dream)
    w.undone(*told)
    return other


@scenario
def revert_of_an_older_dream(w: World) -> Machine | None:
    dream, told = w.learn()
    for _ in range(w.rng.randint(1, 3)):
        w.later()
    other = other_machine(w)
    reverts(w, w, dream)
    w.undone(*told)
    return other


@scenario
def reverts_out_of_order(w: World) -> Machine | None:
    made = [w.learn() for _ in range(3)]
    other = other_machine(w)
    w.rng.shuffle(made)
    for dream, told in made[:2]:
        reverts(w, w, dream)
        w.undone(*told)
        if w.rng.random() < 0.5:
            w.later()
    return other


@scenario
def revert_of_a_promotion(w: World) -> Machine | None:
    spec = next(w.pile)
    w.learn(chosen=[spec], how="lone")
    assert w.want[spec.key] == "tentative"
    if w.rng.random() < 0.5:
        w.later()
    for days in (-2, -1):
        w.observe(w.rng.choice(spec.words), "agent", w.session(), days)
    dream = w.sleep()
    assert dream and w.facts()[spec.key] == "confirmed"
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
    reverts(w, w, dream)
    w.held[spec.key] = spec
    return other


def _superseded(w: World) -> tuple[str, str, Spec]:
    """(dream, key of A, B): a dream in which B took A's place, and nothing else."""
    if w.rng.random() < 0.4:
        old = next(key for key in w.want if key.startswith("python.requires"))
        key = w.require("3.12")
        dream, new = w.sleep(), Spec(key, ("Requires Python 3.12 or newer", "python.requires = >=3.12"), "3.12")
    else:
        spec = next(s for s in w.pile if s.key.endswith("db"))
        how = w.rng.choice(("owner", "agents"))
        w.learn(chosen=[spec], how=how)
        old = spec.key
        slot, value = spec.key.partition(" = ")[0], f"{spec.token}store"
        new = Spec(f"{slot} = {value}", (f"{slot} = `{value}`", f"Note: {slot}: `{value}`"), value)
        if w.rng.random() < 0.5:
            w.later()
        if how == "owner":
            w.observe(new.words[0], "owner")
        else:  # of equal rank, and newer
            for days in (1, 2, 3):
                w.observe(w.rng.choice(new.words), "agent", w.session(), days)
        dream = w.sleep()
    stands = w.facts()
    assert dream and new.key in stands and old not in stands, stands
    return dream, old, new


@scenario
def revert_of_a_supersession(w: World) -> Machine | None:
    dream, old, new = _superseded(w)
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
    reverts(w, w, dream)
    assert w.want[old] == "confirmed"
    w.undone(new)
    w.restating = {new.key: old}
    return other


@scenario
def revert_of_a_doubt(w: World) -> Machine | None:
    spec = next(s for s in w.pile if s.key.endswith("db"))
    w.learn(chosen=[spec], how="test")
    slot = spec.key.partition(" = ")[0]
    w.observe(f"{slot} = `{spec.token}other`", "agent", w.session())
    dream = w.sleep()
    assert dream and w.facts()[spec.key] == "contested"
    other = other_machine(w)
    reverts(w, w, dream)
    w.undone(
        Spec(
            f"{slot} = {spec.token}other", (f"{slot} = `{spec.token}other`", f"{slot}: `{spec.token}other`"), f"{spec.token}other"
        )
    )
    w.restating = {f"{slot} = {spec.token}other": spec.key}
    return other


@scenario
def revert_of_a_revert(w: World) -> Machine | None:
    dream, _ = w.learn()
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
    reverts(w, w, dream)
    reverted = next(line.split()[0] for line in w.mem("log", "--format=%H %s").splitlines() if "Revert" in line)
    if w.rng.random() < 0.5:
        w.later_without()
    reverts(w, w, reverted)
    return other


@scenario
def reverted_said_again_and_reverted_again(w: World) -> Machine | None:
    dream, told = w.learn(how="owner")
    reverts(w, w, dream)
    w.undone(*told)
    w.restate()
    again = next(line.split()[0] for line in w.mem("log", "--format=%H %s").splitlines() if " dream:" in line)
    other = other_machine(w)
    reverts(w, w, again)
    w.undone(*told)
    return other


@scenario
def said_once_more_before_the_revert(w: World) -> Machine | None:
    """The owner's word waits in the spool when the dream is reverted: it was said before, and lifts nothing."""
    dream, told = w.learn(how="owner")
    other = other_machine(w)
    w.observe(told[0].words[-1], "owner")
    w.speak()
    revert(w, dream)
    w.undone(*told)
    return other


@scenario
def revert_of_a_log_commit(w: World) -> Machine | None:
    """What was written down stays written down: the revert takes no evidence away, and so no fact."""
    w.learn()
    other = other_machine(w)
    logged = [line.split()[0] for line in w.mem("log", "--format=%H %s").splitlines() if " observe:" in line]
    try:
        revert(w, w.rng.choice(logged))
    except Stopped as words:  # the first lines of a day: git will not delete a log that has grown since
        assert "log/" in str(words) and "topics/" not in str(words)
    return seen(w, other)


@scenario
def the_command_revert(w: World) -> Machine | None:
    dream, told = w.learn()
    for _ in range(w.rng.randint(0, 2)):
        w.later()
    other = other_machine(w)
    w.run("revert", dream[:10], *w.at("--now"))
    w.undone(*told)
    return other


def fact_name(w: World, spec: Spec, *options: str) -> str:
    return str(next(f["id"] for f in w.run("facts", "--json", *options).json if f"{f['slot']} = {f['value']}" == spec.key))


@scenario
def the_command_reject(w: World) -> Machine | None:
    _, told = w.learn(2)
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
    w.run("reject", fact_name(w, told[0]), *w.at("--now"))
    w.undone(told[0])
    return other


@scenario
def the_command_allow(w: World) -> Machine | None:
    """Rejected, then allowed: it comes back with its state, and stays."""
    _, told = w.learn(2)
    other = other_machine(w)
    w.run("reject", fact_name(w, told[0]), *w.at("--now"))
    if w.rng.random() < 0.5:
        w.later_without()
    w.run("allow", fact_name(w, told[0], "--all"), *w.at("--now"))
    return other


@scenario
def the_command_confirm(w: World) -> Machine | None:
    """Confirmed by the owner's word alone; the promotion stays, whatever agents say."""
    spec = next(w.pile)
    w.learn(chosen=[spec], how="lone")
    other = other_machine(w)
    w.run("confirm", fact_name(w, spec), *w.at("--now"))
    w.want[spec.key] = "confirmed"
    return other
