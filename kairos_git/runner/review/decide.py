"""The owner's decisions: reject, allow, confirm, answer, revert, adopt; each written down, then obeyed at once.

The one rule: a decision is a line in rulings.md or a commit of the owner's, never a change of state alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from kairos_git.capture import spool
from kairos_git.capture.project import git_person
from kairos_git.dream.fold import fold
from kairos_git.errors import KairosError, Refused, UsageError
from kairos_git.memory import index
from kairos_git.memory.edits import edited_topics
from kairos_git.memory.fact import Fact, choose
from kairos_git.memory.history import dreams
from kairos_git.memory.landing import SELF, Commit, Desk, Person, changed_paths
from kairos_git.memory.objects import read_files
from kairos_git.memory.observation import observe
from kairos_git.memory.repository import Memory
from kairos_git.memory.ruling import Ruling, rule
from kairos_git.memory.snapshot import Snapshot
from kairos_git.recall.reasons import questions
from kairos_git.runner.cycle import Dreamed, at_desk, fold_and_land, obey
from kairos_git.runner.draft import follow_facts
from kairos_git.runner.driver import merge_contents
from kairos_git.runner.review.asking import chosen
from kairos_git.runner.review.implied import bind, moment, record


class Decided(NamedTuple):
    """A decision and what it did: the ruling (None for revert and adopt), and the projection that followed."""

    ruling: Ruling | None
    dreamed: Dreamed


def decide(memory: Memory, kind: str, name: str, now: datetime) -> Decided:
    """Write the owner's ruling about a fact and let the facts follow. Raises UsageError, Busy, NotWritable, DreamRefused."""
    with at_desk(memory, now) as (desk, notes):
        spool.drain(desk, now)
        notes += obey(desk, now)
        here = desk.snapshot()
        fact = choose(fold(here.observations, here.annotations, here.rulings).facts, name)
        return Decided(_rule(desk, here, kind, fact, now), fold_and_land(desk, now, notes))


def answer(memory: Memory, name: str, now: datetime) -> Decided:
    """Settle a question as the owner: a ruling, or the owner's own statement. Raises UsageError where it is not open."""
    with at_desk(memory, now) as (desk, notes):
        spool.drain(desk, now)
        notes += obey(desk, now)
        here = desk.snapshot()
        folded = fold(here.observations, here.annotations, here.rulings)
        question, said = chosen(memory, questions(here, folded), name)
        made = None
        if said.does == "say":  # nearly what was rejected: only the owner's own words make it something else
            extra = (("slot", said.fact.key),)
            o = observe(moment(now, here, said.fact), said.fact.text, "owner", sess=f"answer-{question.id}", extra=extra)
            spool.drain(desk, now, [o], "observe: the owner's answer\n")
        else:
            made = _rule(desk, here, said.does, said.fact, now)
        return Decided(made, fold_and_land(desk, now, [*notes, f"settled: {question.text}"]))


def _rule(desk: Desk, here: Snapshot, kind: str, fact: Fact, now: datetime) -> Ruling:
    person = git_person(desk.memory.git) or SELF
    made = rule(moment(now, here, fact), kind, fact.slot, fact.cond, fact.value, by=person.name)
    made = bind(made, fact.evidence, here.observations)
    record(desk, here, [made], now, person)
    return made


def revert(memory: Memory, name: str, now: datetime) -> Decided:
    """Undo one dream as `git revert` does, then let index and facts follow; later dreams' facts stay."""
    with at_desk(memory, now) as (desk, notes):
        spool.drain(desk, now)
        notes += obey(desk, now)
        commit = memory.git.resolve(name)
        if commit is None:
            raise UsageError(f"{name} names no commit of the memory. `kairos-git dreams` lists the dreams.")
        if commit not in {entry.id for entry in dreams(memory.git)}:
            raise UsageError(f"{commit[:12]} is not a dream in this memory's history. `kairos-git dreams` lists the dreams.")
        _take_back(desk, commit, now)
        notes += obey(desk, now)
        return Decided(None, fold_and_land(desk, now, notes))


def _take_back(desk: Desk, dream: str, now: datetime) -> None:
    """Commit the reverse of a dream, merged fact by fact off-tree: `git revert` here would work in the files, at the clock's
    time, and a kill in the middle of it would leave them half done.
    """
    memory = desk.memory
    paths = changed_paths(memory, f"{dream}^", dream)
    then, before, here = (read_files(memory.git, commit, paths) for commit in (dream, f"{dream}^", desk.head))
    merged = {p: merge_contents(p, then.get(p, b""), here[p], before.get(p, b"")) for p in paths if p in here}
    files: dict[str, bytes | None] = {p: m.data for p, m in merged.items() if m.data != here[p]}
    if not any(path.startswith("topics/") for path in files):
        raise Refused(f"Nothing of dream {dream[:12]} stands any more; there is nothing to take back.")
    torn = [p for p, m in merged.items() if m.conflict]
    edited = sorted({*files, *torn}.intersection(edited_topics(memory)))
    if torn or edited:
        words = f"the prose of {torn[0]} changed since" if torn else f"{edited[0]} has uncommitted edits; commit them first"
        raise KairosError(
            f"Dream {dream[:12]} cannot be taken back: {words}. Facts never conflict; where prose does, do it by hand with "
            f"`git -C {memory.path} revert {dream[:12]}`. Nothing was changed."
        )
    subject = memory.git.text("log", "-1", "--format=%s", dream)
    message = f'Revert "{subject}"\n\nThis reverts commit {dream}.\n'
    desk.put(Commit(files, message, git_person(memory.git) or SELF, now))


def adopt(memory: Memory, now: datetime) -> Decided:
    """Commit what is edited in the topics as the owner's word, and obey it."""
    with at_desk(memory, now) as (desk, notes):
        spool.drain(desk, now)
        paths = edited_topics(memory)
        if not paths:
            return Decided(None, fold_and_land(desk, now, [*notes, *obey(desk, now), "there is no edit to adopt"]))
        person = git_person(memory.git) or SELF
        _commit_edits(memory, paths, person, now)
        desk = Desk(memory)
        notes += obey(desk, now)
        return Decided(None, fold_and_land(desk, now, notes))


def _commit_edits(memory: Memory, paths: list[str], person: Person, now: datetime) -> None:
    env = {"GIT_AUTHOR_NAME": person.name, "GIT_AUTHOR_EMAIL": person.email}
    env |= {"GIT_AUTHOR_DATE": now.isoformat(), "GIT_COMMITTER_DATE": now.isoformat()}
    names = "".join(p + "\0" for p in paths).encode("utf-8", "surrogateescape")
    memory.git.run("add", "-A", "--pathspec-from-file=-", "--pathspec-file-nul", stdin=names)
    memory.git.run("commit", "--quiet", "-m", f"edit: {', '.join(p[7:-3] for p in paths)}, by hand", env=env)


def reproject(memory: Memory, now: datetime) -> list[str]:
    """After a commit or merge made with git alone: note what was undone, and write the index anew. No fold, no drain."""
    if memory.unfinished():
        return []
    with at_desk(memory, now, seconds=10) as (desk, notes):
        notes += obey(desk, now)
        here = desk.snapshot()
        wanted = index.format_index(here.facts.values())
        if here.files.get(index.PATH) != wanted:
            follow_facts(desk, {index.PATH: wanted}, now)
            notes.append("wrote the index anew")
        return notes
