"""review, land, questions: what waits for the owner, and the owner's answer."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kairos_git.cli import show
from kairos_git.cli.decisions import as_owner, print_decided
from kairos_git.cli.dreamed import dreamed_json, operation_json, print_dreamed
from kairos_git.cli.options import JsonOption, MemoryOption, NowOption, ProjectOption, place, present
from kairos_git.dream.changes import Operation
from kairos_git.dream.fold import fold
from kairos_git.errors import UsageError
from kairos_git.memory.observation import Observation
from kairos_git.memory.repository import Memory
from kairos_git.recall.reasons import Asked, Voice
from kairos_git.recall.reasons import questions as open_questions
from kairos_git.runner.review import asking, decide, reviewing
from kairos_git.runner.review.proposals import Proposal, open_proposals

VOICES = 3  # observations printed for one side of a question; `why` and --json have them all


def register(app: typer.Typer) -> None:
    app.command(short_help="what a dream that waits would change")(review)
    app.command(short_help="land a dream that waits")(land)
    app.command(short_help="what only you can settle")(questions)


def review(
    dream: Annotated[
        str | None, typer.Argument(metavar="DREAM", help="The dream that waits, by id or its beginning; the newest by default.")
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show the lines that would come and go, too.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Throw this DREAM away; no fact changes.")] = False,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """What a dream that waits would change, fact by fact with reason and evidence, and the questions that are open."""
    found, _ = place(memory, project)
    if drop:
        _drop(found, dream, json)
        return
    if dream is None and not open_proposals(found):
        show.as_json({"proposal": None, "others": []}) if json else show.note(
            "no dream waits for review; `kairos-git dream --propose` makes one where there is something new"
        )
        return
    seen = reviewing.review(found, dream)
    rest = reviewing.others(found, seen.proposal)
    numbers = asking.numbered(found, seen.questions)
    if json:
        show.as_json(_review_json(seen, numbers, diff) | {"others": [_proposal_json(p) for p in rest]})
        return
    _print_review(found, seen)
    if seen.questions:
        show.answer("")
        _print_questions(seen.questions, numbers)
    if diff:
        show.answer(f"\n{seen.diff}")
    for p in rest:
        show.note(f"also waiting: {p.name} {p.entry.time[:16].replace('T', ' ')} {p.entry.subject}")


def _drop(memory: Memory, dream: str | None, json: bool) -> None:
    as_owner("review --drop")
    if dream is None:
        raise UsageError("Say which DREAM to throw away: `kairos-git review` lists those that wait.")
    gone = reviewing.discard(memory, dream)
    if json:
        show.as_json({"dropped": _proposal_json(gone)})
    else:
        show.answer(f"{gone.name} is dropped; no fact changed")
        show.note("the evidence still says it: the next dream proposes or lands it again, unless you `reject` what is wrong")


def _proposal_json(p: Proposal) -> dict[str, Any]:
    return {"proposal": p.name, "dream": p.id, "time": p.entry.time, "subject": p.entry.subject}


def _review_json(seen: reviewing.Reviewed, numbers: dict[str, int], diff: bool) -> dict[str, Any]:
    by_id = {o.id: o for o in seen.draft.before.observations}
    ops = [operation_json(o) | {"observations": _told(o, by_id)} for o in seen.draft.ops]
    return {
        **_proposal_json(seen.proposal), "base": seen.proposal.base, "why": seen.why, "current": seen.current, "by_hand": seen.by_hand,
        "ops": ops, "questions": _questions_json(seen.questions, numbers), **({"diff": seen.diff} if diff else {}),
    }  # fmt: skip


def _told(o: Operation, by_id: dict[str, Observation]) -> list[dict[str, str]]:
    told = [by_id[e] for e in o.fact.evidence if e in by_id]
    return [{"id": t.id, "time": t.time, "src": t.src, "text": t.text} for t in told]


def _print_review(memory: Memory, seen: reviewing.Reviewed) -> None:
    p = seen.proposal
    short = p.name.removeprefix("proposed/")
    show.answer(f"{p.name}  {p.entry.time[:16].replace('T', ' ')}  {p.entry.subject}")
    show.answer(f"waits     {seen.why or 'for review'}")
    by_id = {o.id: o for o in seen.draft.before.observations}
    for o in seen.draft.ops:
        show.answer(f"\n{o.op:9} {o.fact.id} {o.fact.key}: {o.before} -> {o.after}")
        show.answer(f"          {o.fact.text}")
        show.answer(f"          because: {o.reason}")
        for t in _told(o, by_id):
            show.answer(f"          {t['id']} {t['time'][:16].replace('T', ' ')} {t['src']}: {t['text']}")
    show.answer(f"\nlook at it: git -C {memory.path} log -p HEAD..{p.name}")
    show.answer(f"land it: kairos-git land {short}; throw it away: kairos-git review --drop {short}")
    if seen.by_hand:
        show.note(f"{p.name} was changed by hand: what is listed is what the dream made, and `land` will refuse it")
    elif not seen.current:
        show.note("the memory moved on since: `land` folds it again, and lands it only if it changes exactly the same")


def land(
    dream: Annotated[str, typer.Argument(metavar="DREAM", help="The dream that waits, by id or its beginning.")],
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Land a dream that waits for review: exactly what was reviewed, or nothing."""
    as_owner("land")
    found, _ = place(memory, project)
    done = reviewing.land_proposal(found, dream, present(now))
    show.as_json(dreamed_json(done)) if json else print_dreamed(done, found.path)


def questions(
    answer: Annotated[
        str | None,
        typer.Option("--answer", metavar="ANSWER", help="Settle one: the number printed beside an answer, or QUESTION/1."),
    ] = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Contradictions that evidence cannot settle, both sides with their evidence; your answer is a ruling."""
    if answer is not None:
        as_owner("questions --answer")
        found, _ = place(memory, project)
        print_decided(decide.answer(found, answer, present(now)), json)
        return
    found, _ = place(memory, project)
    here = found.snapshot()
    asked = open_questions(here, fold(here.observations, here.annotations, here.rulings))
    numbers = asking.numbered(found, asked)
    if json:
        show.as_json(_questions_json(asked, numbers))
    elif asked:
        _print_questions(asked, numbers)
        show.answer("\nanswer one by its number: kairos-git questions --answer N")
    else:
        show.note("no question is open")


def _questions_json(asked: tuple[Asked, ...], numbers: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "id": q.id, "slot": q.key, "text": q.text,
            "answers": [
                {
                    "number": numbers[q.id] + n, "answer": f"{q.id}/{n + 1}", "does": a.does, "fact": a.fact.id, "value": a.fact.value,
                    "text": a.fact.text, "state": a.fact.state, "observations": [_voice_json(v) for v in a.voices],
                }
                for n, a in enumerate(q.answers)
            ],
        }
        for q in asked
    ]  # fmt: skip


def _voice_json(v: Voice) -> dict[str, Any]:
    return {"id": v.id, "time": v.time, "src": v.src, "root": v.root, "weight": v.weight, "text": v.text}


WORDS = {"confirm": "", "say": "take it: ", "reject": "leave it out: "}


def _print_questions(asked: tuple[Asked, ...], numbers: dict[str, int]) -> None:
    for n, q in enumerate(asked):
        show.answer(f"{chr(10) if n else ''}{q.id}  {q.text}")
        for place_, a in enumerate(q.answers):
            show.answer(f"  {numbers[q.id] + place_:>3}  {WORDS[a.does]}{a.fact.text} ({a.fact.state})")
            for v in a.voices[-VOICES:] if a.does != "reject" else ():
                show.answer(f"       {v.id} {v.time[:16].replace('T', ' ')} {v.src}: {v.text}")
            if len(a.voices) > VOICES and a.does != "reject":
                show.answer(f"       … and {len(a.voices) - VOICES} earlier: `kairos-git why {a.fact.id}`")
