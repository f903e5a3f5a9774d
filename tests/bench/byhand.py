"""Ways to undo with an editor and git alone, other than a plain revert: edits, resets, squashes, rebases, side branches.

The one rule: git does it, and nobody tells the memory.
"""

from __future__ import annotations

import os
import stat

from bench.lives import Machine, World
from bench.specs import Spec
from bench.undoing import fact_name, other_machine, reverts, scenario, seen


@scenario
def topic_deleted_by_hand(w: World) -> Machine | None:
    _, told = w.learn(1, how="owner")
    others = [s for s in w.facts() if s.startswith(told[0].key.partition(".")[0].partition(" ")[0] + ".")]
    other = other_machine(w)
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
def reset_to_before_a_dream(w: World) -> Machine | None:
    dream, told = w.learn()
    if w.rng.random() < 0.5:  # said again before the undo: that is no return
        w.observe(told[0].words[-1], "owner")
        w.sleep()
    if w.rng.random() < 0.5:
        told = [*told, *w.learn()[1]]
    other = other_machine(w)
    w.mem("reset", "-q", "--hard", dream + w.rng.choice(("^", "~2")))
    if w.rng.random() < 0.25:
        w.forget()
    w.undone(*told)
    return seen(w, other)


@scenario
def two_reverts_squashed(w: World) -> Machine | None:
    made = [w.learn() for _ in range(2)]
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
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
    other = other_machine(w)
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
    other = other_machine(w)
    _rebase(w, dream + "^", f"/^pick {dream[:7]}/d", "true")
    w.undone(*told)
    return seen(w, other)


@scenario
def partial_revert(w: World) -> Machine | None:
    dream, told = w.learn(
        chosen=[next(s for s in w.pile if s.key.split(".")[0] not in _topics(w)) for _ in range(3)], how="owner"
    )
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
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
    name = fact_name(w, spec)
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if name not in line))


@scenario
def line_deleted_by_hand(w: World) -> Machine | None:
    _, told = w.learn(2)
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
    _strike(w, told[0])
    w.mem("commit", "-q", "-am", "wrong")
    w.undone(told[0])
    return other


@scenario
def deletion_adopted(w: World) -> Machine | None:
    """A line struck and not committed: `adopt` takes it for the owner's."""
    _, told = w.learn(2)
    other = other_machine(w)
    _strike(w, told[0])
    w.run("adopt", *w.at("--now"))
    w.undone(told[0])
    return other


@scenario
def value_changed_by_hand(w: World) -> Machine | None:
    """A value edited in its line: the old one is out, the new one is the owner's word."""
    spec = next(s for s in w.pile if s.key.endswith("db"))
    w.learn(chosen=[spec], how="owner")
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
    path = w.memory / _topic(spec)
    path.write_text(
        path.read_text().replace(f"`{spec.token}db`", "`another`").replace(f"{spec.token}db <!--k", "`another` <!--k")
    )
    w.mem("commit", "-q", "-am", "the other one")
    seen(w, other)
    w.undone(spec)
    slot = spec.key.partition(" = ")[0]
    w.want[f"{slot} = another"] = "confirmed"
    w.restating = {spec.key: f"{slot} = another"}
    return other


@scenario
def reverted_on_a_side_branch(w: World) -> Machine | None:
    dream, told = w.learn()
    if w.rng.random() < 0.5:
        w.later()
    other = other_machine(w)
    w.mem("switch", "-q", "-c", "side")
    reverts(w, w, dream)
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


@scenario
def reset_past_a_rewritten_dream(w: World) -> Machine | None:
    """A dream amended, or squashed with others, lives on in that commit; a reset that drops it drops the dream."""
    start = w.mem("rev-parse", "HEAD")
    _, told = w.learn()
    if w.rng.random() < 0.5:
        told = [*told, *w.learn()[1]]
        w.mem("reset", "-q", "--soft", start)
        w.mem("commit", "-q", "-m", "what I learned")
    else:
        w.mem("commit", "-q", "--amend", "-m", "what I learned")
    w.sleep()
    other = other_machine(w)
    w.mem("reset", "-q", "--hard", start)
    w.undone(*told)
    return seen(w, other)
