"""Every way to undo, as scripted lives: `SCENARIOS` maps a name to what is done; `play` runs one and says what broke.

The one rule: a scenario says what was undone, and leaves it to the life to ask whether it stays undone.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.lives import Broken, Machine, Spec, World

Script = Callable[[World], "Machine | None"]
SCENARIOS: dict[str, Script] = {}


class Outcome(NamedTuple):
    """What became of one life."""

    scenario: str
    seed: int
    clock: str
    checks: int
    broken: tuple[Broken, ...]
    seconds: float


def scenario(script: Script) -> Script:
    """A script that undoes something, and returns the other machine if it made one."""
    SCENARIOS[script.__name__] = script
    return script


def play(name: str, seed: int, folder: Path, clock: str | None = None) -> Outcome:
    """One life from its first commit to its owner's last word."""
    began = time.monotonic()
    world = World(folder, seed, clock)
    world.learn(how="owner")
    other = SCENARIOS[name](world)
    world.check("right after")
    world.aftermath(other)
    if world.out or world.held:
        world.restate()
    return Outcome(name, seed, world.clock, world.checks, tuple(world.broken), time.monotonic() - began)


def broken(names: list[str], seeds: list[int], folder: str) -> list[str]:
    """The promises that some lives do not keep, for a build that may be broken; the first life that fails ends it."""
    for name in names:
        for seed in seeds:
            found = play(name, seed, Path(folder) / f"{name}-{seed}").broken
            if found:
                return [f"{name}, seed {seed}: {b.kind}: {b.what}" for b in found]
    return []


def _revert(w: Machine, *commits: str) -> None:
    torn = w.mem("revert", "--no-edit", *commits, check=False)
    left = w.mem("diff", "--name-only", "--diff-filter=U")
    if left or (w.memory / ".git" / "REVERT_HEAD").exists() or (w.memory / ".git" / "sequencer").exists():
        w.mem("revert", "--abort", check=False)
        raise Conflict(left or torn)


class Conflict(Exception):
    """git stopped for a person."""


def _reverts(w: World, machine: Machine, *commits: str) -> None:
    if w.rng.random() < 0.2:
        machine.forget()  # its hooks too: then the next command finds what was undone
    try:
        _revert(machine, *commits)
    except Conflict as words:
        w.conflicts += 1
        w.fail("conflict", f"git revert: {words}")


def _other(w: World) -> Machine | None:
    """In half of the lives, another machine that has seen everything so far and will not see the undo."""
    return w.clone("other") if w.rng.random() < 0.5 else None


def _seen(w: World, other: Machine | None) -> Machine | None:
    w.sleep()  # no hook tells of it: the next command finds it
    return other


@scenario
def revert_of_the_newest_dream(w: World) -> Machine | None:
    dream, told = w.learn()
    other = _other(w)
    _reverts(w, w, dream)
    w.undone(*told)
    return other


@scenario
def revert_of_an_older_dream(w: World) -> Machine | None:
    dream, told = w.learn()
    for _ in range(w.rng.randint(1, 3)):
        w.later()
    other = _other(w)
    _reverts(w, w, dream)
    w.undone(*told)
    return other


@scenario
def reverts_out_of_order(w: World) -> Machine | None:
    made = [w.learn() for _ in range(3)]
    other = _other(w)
    w.rng.shuffle(made)
    for dream, told in made[:2]:
        _reverts(w, w, dream)
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
    other = _other(w)
    _reverts(w, w, dream)
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
    other = _other(w)
    _reverts(w, w, dream)
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
    other = _other(w)
    _reverts(w, w, dream)
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
    other = _other(w)
    _reverts(w, w, dream)
    reverted = next(line.split()[0] for line in w.mem("log", "--format=%H %s").splitlines() if "Revert" in line)
    if w.rng.random() < 0.5:
        w.later_without()
    _reverts(w, w, reverted)
    return other


@scenario
def reverted_said_again_and_reverted_again(w: World) -> Machine | None:
    dream, told = w.learn(how="owner")
    _reverts(w, w, dream)
    w.undone(*told)
    w.restate()
    again = next(line.split()[0] for line in w.mem("log", "--format=%H %s").splitlines() if " dream:" in line)
    other = _other(w)
    _reverts(w, w, again)
    w.undone(*told)
    return other


@scenario
def revert_of_a_log_commit(w: World) -> Machine | None:
    """What was written down stays written down: the revert takes no evidence away, and so no fact."""
    w.learn()
    other = _other(w)
    logged = [line.split()[0] for line in w.mem("log", "--format=%H %s").splitlines() if " observe:" in line]
    try:
        _revert(w, w.rng.choice(logged))
    except Conflict as words:  # the first lines of a day: git will not delete a log that has grown since
        assert "log/" in str(words) and "topics/" not in str(words)
    return _seen(w, other)


@scenario
def topic_deleted_by_hand(w: World) -> Machine | None:
    _, told = w.learn(1, how="owner")
    others = [s for s in w.facts() if s.startswith(told[0].key.partition(".")[0].partition(" ")[0] + ".")]
    other = _other(w)
    w.mem("rm", "-q", _topic(told[0]))
    w.mem("commit", "-q", "-m", "all of it wrong")
    for key in others:
        w.want.pop(key, None)
        w.out.append(Spec(key, (key.replace(" = ", " = `") + "`",), key))
    if not others:
        gone = [k for k in w.want if k.startswith("note")]
        w.undone(*(Spec(k, (k.partition(" = ")[2],), k) for k in gone))
    return other


@scenario
def revert_of_a_merge(w: World) -> Machine | None:
    b = w.clone("other")
    b.sleep()
    news = next(w.pile)
    b.tell(news, "owner")
    b.sleep()
    w.later()
    w.merge(w, b)
    w.sleep()
    merge = w.mem("log", "-1", "--merges", "--format=%H")
    try:
        w.mem("revert", "--no-edit", "-m", "1", merge)
    except AssertionError as words:
        w.fail("conflict", str(words))
    w.said += b.said
    w.undone(news)
    return _seen(w, b)


@scenario
def reset_to_before_a_dream(w: World) -> Machine | None:
    dream, told = w.learn()
    if w.rng.random() < 0.5:  # said again before the undo: that is no return
        w.observe(told[0].words[-1], "owner")
        w.sleep()
    if w.rng.random() < 0.5:
        told = [*told, *w.learn()[1]]
    other = _other(w)
    w.mem("reset", "-q", "--hard", dream + w.rng.choice(("^", "~2")))
    if w.rng.random() < 0.25:
        w.forget()
    w.undone(*told)
    return _seen(w, other)


@scenario
def two_reverts_squashed(w: World) -> Machine | None:
    made = [w.learn() for _ in range(2)]
    if w.rng.random() < 0.5:
        w.later()
    other = _other(w)
    try:
        for dream, told in reversed(made):
            w.mem("revert", "-n", dream)
            w.undone(*told)
        w.mem("commit", "-q", "-m", "Not so")
    except AssertionError as words:
        w.fail("conflict", str(words))
        w.mem("reset", "-q", "--hard")
    return other


@scenario
def amended_and_rebased(w: World) -> Machine | None:
    """History rewritten, nothing undone: every dream stays."""
    dream, _ = w.learn()
    other = _other(w)
    kind = w.rng.choice(("amend", "amend without trailers", "reword", "squash"))
    if kind == "amend":
        w.mem("commit", "-q", "--amend", "--no-edit", "--author", "Bea <bea@example.org>")
    elif kind == "amend without trailers":
        w.mem("commit", "-q", "--amend", "-m", "what I learned")
    elif kind == "reword":
        w.later()
        _rebase(
            w,
            dream + "~2",
            f"s/^pick {dream[:7]}/reword {dream[:7]}/",
            'echo \'By hand.\' > note; cat "$1" >> note; cp note "$1"; rm note',
        )
    else:
        second, _ = w.learn()
        _rebase(w, dream + "^", f"/{dream[:7]}/{{h;d}};/^pick {second[:7]}/{{s/^pick/squash/;H;g}}", "true")
    w.check(f"after {kind}")
    return other


def _rebase(w: World, base: str, script: str, editor: str) -> None:
    (w.root.parent / "editor.sh").write_text(f"#!/bin/sh\n{editor}\n")
    os.chmod(w.root.parent / "editor.sh", stat.S_IRWXU)
    w.mem(
        "rebase",
        "-q",
        "-i",
        base,
        GIT_SEQUENCE_EDITOR=f"sed -i -e '{script}'",
        GIT_EDITOR=str(w.root.parent / "editor.sh"),
        check=False,
    )
    if (w.memory / ".git" / "rebase-merge").exists():
        w.fail("conflict", "git rebase stopped: " + w.mem("status"))
        w.mem("rebase", "--abort")


@scenario
def dropped_in_a_rebase(w: World) -> Machine | None:
    dream, told = w.learn()
    w.later()
    other = _other(w)
    _rebase(w, dream + "^", f"/^pick {dream[:7]}/d", "true")
    w.undone(*told)
    return _seen(w, other)


@scenario
def partial_revert(w: World) -> Machine | None:
    dream, told = w.learn(
        chosen=[next(s for s in w.pile if s.key.split(".")[0] not in _topics(w)) for _ in range(3)], how="owner"
    )
    if w.rng.random() < 0.5:
        w.later()
    other = _other(w)
    try:
        w.mem("revert", "-n", dream)
    except AssertionError as words:
        w.fail("conflict", str(words))
    kept = told[0]
    w.mem("checkout", "HEAD", "--", _topic(kept), *(["MEMORY.md"] if w.rng.random() < 0.5 else []))
    w.mem("commit", "-q", "-m", "Partly")
    w.undone(*(s for s in told if _topic(s) != _topic(kept)))
    return other


def _topic(spec: Spec) -> str:
    first = spec.key.partition(".")[0].partition(" ")[0]
    return f"topics/{'notes' if first == 'note' else first}.md"


def _topics(w: World) -> set[str]:
    return {p.stem for p in (w.memory / "topics").iterdir()}


def _strike(w: World, spec: Spec) -> None:
    """Take a fact's line out of its topic with an editor."""
    path = w.memory / _topic(spec)
    lines = path.read_text().split("\n")
    kept = [line for line in lines if not ("<!--k" in line and spec.token in line)]
    assert len(kept) == len(lines) - 1
    path.write_text("\n".join(kept))


@scenario
def line_deleted_by_hand(w: World) -> Machine | None:
    _, told = w.learn(2)
    if w.rng.random() < 0.5:
        w.later()
    other = _other(w)
    _strike(w, told[0])
    w.mem("commit", "-q", "-am", "wrong")
    w.undone(told[0])
    return other


@scenario
def reverted_on_a_side_branch(w: World) -> Machine | None:
    dream, told = w.learn()
    if w.rng.random() < 0.5:
        w.later()
    other = _other(w)
    w.mem("switch", "-q", "-c", "side")
    _reverts(w, w, dream)
    if w.rng.random() < 0.5:
        w.sleep()
    w.mem("switch", "-q", "main")
    w.later()
    w.mem("merge", "-q", "--no-edit", "side", check=False)
    if (w.memory / ".git" / "MERGE_HEAD").exists():
        w.fail("conflict", "git merge side: " + w.mem("diff", "--name-only", "--diff-filter=U"))
        w.mem("merge", "--abort")
    w.undone(*told)
    return other


def _apart(w: World) -> Machine:
    """A reverts while B, which knows the dream, learns something beside it and hears it again."""
    dream, told = w.learn()
    b = w.clone("other")
    b.sleep()
    if w.rng.random() < 0.5:
        w.later()
    _reverts(w, w, dream)
    w.undone(*told)
    w.echo(b)
    for _ in range(w.rng.randint(1, 3)):
        news = next(w.pile)
        b.tell(news, w.rng.choice(("owner", "agents")))
        b.sleep()
        w.want[news.key] = b.facts()[news.key]
    return b


@scenario
def a_reverts_while_b_dreams_and_b_pulls(w: World) -> Machine | None:
    b = _apart(w)
    w.merge(b, w)
    w.check("on B, right after the pull", b)
    b.sleep()
    w.check("on B", b)
    w.merge(w, b)
    return b


@scenario
def a_reverts_while_b_dreams_and_a_pulls(w: World) -> Machine | None:
    b = _apart(w)
    w.merge(w, b)
    return b


@scenario
def both_revert(w: World) -> Machine | None:
    dream, told = w.learn()
    b = w.clone("other")
    b.sleep()
    w.later()
    _reverts(w, w, dream)
    _reverts(w, b, dream)
    w.undone(*told)
    return b


@scenario
def a_reverts_and_b_pulls_with_rebase(w: World) -> Machine | None:
    b = _apart(w)
    b.mem("pull", "-q", "--rebase", str(w.memory), "main", check=False)
    if (b.memory / ".git" / "rebase-merge").exists():
        w.fail("conflict", "git pull --rebase: " + b.mem("diff", "--name-only", "--diff-filter=U"))
        b.mem("rebase", "--abort")
    b.sleep()
    w.check("on B", b)
    w.merge(w, b)
    return b


@scenario
def a_fresh_clone_reverts_after_one_command(w: World) -> Machine | None:
    return _clone_reverts(w, ("dream", "--json"))


@scenario
def a_fresh_clone_reverts_before_any_command(w: World) -> Machine | None:
    return _clone_reverts(w, None)


def _clone_reverts(w: World, command: tuple[str, ...] | None) -> Machine:
    dream, told = w.learn()
    if command and w.rng.random() < 0.5:
        w.later()
    b = w.clone("other")
    if command:
        b.run(*command, *b.at("--now"))
    _reverts(w, b, dream)
    w.undone(*told)
    b.sleep()
    w.check("on the clone", b)
    w.merge(w, b)
    return b


@scenario
def the_command_revert(w: World) -> Machine | None:
    dream, told = w.learn()
    for _ in range(w.rng.randint(0, 2)):
        w.later()
    other = _other(w)
    w.run("revert", dream[:10], *w.at("--now"))
    w.undone(*told)
    return other


def _id(w: World, spec: Spec, *options: str) -> str:
    return str(next(f["id"] for f in w.run("facts", "--json", *options).json if f"{f['slot']} = {f['value']}" == spec.key))


@scenario
def the_command_reject(w: World) -> Machine | None:
    _, told = w.learn(2)
    if w.rng.random() < 0.5:
        w.later()
    other = _other(w)
    w.run("reject", _id(w, told[0]), *w.at("--now"))
    w.undone(told[0])
    return other


@scenario
def the_command_allow(w: World) -> Machine | None:
    """Rejected, then allowed: it comes back with its state, and stays."""
    _, told = w.learn(2)
    other = _other(w)
    w.run("reject", _id(w, told[0]), *w.at("--now"))
    if w.rng.random() < 0.5:
        w.later_without()
    w.run("allow", _id(w, told[0], "--all"), *w.at("--now"))
    return other


@scenario
def the_command_confirm(w: World) -> Machine | None:
    """Confirmed by the owner's word alone; the promotion stays, whatever agents say."""
    spec = next(w.pile)
    w.learn(chosen=[spec], how="lone")
    other = _other(w)
    w.run("confirm", _id(w, spec), *w.at("--now"))
    w.want[spec.key] = "confirmed"
    return other
