"""Ways to undo with a second machine in the game: merges of memories of which one knows of the undo and one does not.

The one rule: both machines do what their owners would; nothing is arranged between them but by git.
"""

from __future__ import annotations

from bench.lives import Machine, World
from bench.undoing import reverts, scenario, seen


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
    return seen(w, b)


def _apart(w: World) -> Machine:
    """A reverts while B, which knows the dream, learns something beside it and hears it again."""
    dream, told = w.learn()
    b = w.clone("other")
    b.sleep()
    if w.rng.random() < 0.5:
        w.later()
    reverts(w, w, dream)
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
def merged_by_a_forge(w: World) -> Machine | None:
    """A merge where our driver does not run: taken where git finds it clean, and put right by the next command."""
    b = _apart(w)
    forge = w.clone("forge")
    if forge.pull(b):
        w.merge(w, b)  # a forge would refuse: a person merges at home
    else:
        w.mem("pull", "-q", "--ff-only", str(forge.memory), "main")
    return seen(w, b)


@scenario
def both_revert(w: World) -> Machine | None:
    dream, told = w.learn()
    b = w.clone("other")
    b.sleep()
    w.later()
    reverts(w, w, dream)
    reverts(w, b, dream)
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
    reverts(w, b, dream)
    w.undone(*told)
    b.sleep()
    w.check("on the clone", b)
    w.merge(w, b)
    return b


@scenario
def reset_to_before_a_pull(w: World) -> Machine | None:
    """What another machine dreamed is pulled and then reset away: a decision like any other."""
    b = w.clone("other")
    b.sleep()
    news = next(w.pile)
    b.tell(news, w.rng.choice(("owner", "agents")))
    b.sleep()
    if w.rng.random() < 0.5:
        w.later()
    before = w.mem("rev-parse", "HEAD")
    w.merge(w, b)
    if w.rng.random() < 0.5:
        w.sleep()
    w.mem("reset", "-q", "--hard", before)
    w.said += b.said
    w.undone(news)
    return seen(w, b)
