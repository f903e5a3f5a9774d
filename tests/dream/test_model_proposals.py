"""A model's answer -> annotations: bad proposals are dropped and counted, and whatever comes back, asked is asked."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_server import proposals
from test_fold import log

from kairos_git.dream.packets import PROMPT, Packet
from kairos_git.dream.proposals import Answer, judge
from kairos_git.memory.annotation import annotate, format_annotation, parse_annotation

TOLD = log(
    "1 agent a: The staging database lives on a small box in Frankfurt\n 2 agent b: The staging database lives on one little box, in Frankfurt\n"
    "3 owner o: The suite is started through tox nowadays\n 4 agent c: The staging database lives on box `db-7` in Frankfurt"
)
OLD, NEW, SUITE, BOX = TOLD
PACKET = Packet((NEW, SUITE, BOX), (OLD,), ((OLD.id,), (), (OLD.id,)))
READ = {"op": "slot", "o": "o2", "slot": "tests.command", "value": "tox", "quote": "through tox"}
SAME = {"op": "same", "o": "o1", "f": "f1", "quote": "one little box"}


def said(*rows: dict[str, str]) -> Answer:
    return Answer(proposals(*rows), "end_turn", 100, 20)


def test_good_proposals_become_annotations_and_the_rest_abstains() -> None:
    """Each carries its ids, quote, model and prompt; what nothing was said about is one abstention."""
    judged = judge(PACKET, said(READ, SAME), "m")

    assert judged.annotations == (
        annotate("slot", (SUITE.id,), slot="tests.command", value="tox", quote="through tox", model="m", prompt=PROMPT),
        annotate("same", (NEW.id, OLD.id), quote="one little box", model="m", prompt=PROMPT),
        annotate("abstain", (BOX.id,), model="m", prompt=PROMPT),
    )
    assert judged.dropped == {} and judged.failure == ""


BAD = {
    "a forged statement": (READ | {"o": "o9"}, "names a statement it was not given"),
    "a fact as the statement": (READ | {"o": "f1"}, "names a statement it was not given"),
    "a forged fact": (SAME | {"f": "f9"}, "names a statement it was not given"),
    "an observation's own id": (READ | {"o": SUITE.id}, "names a statement it was not given"),
    "a pair it was not asked about": (SAME | {"o": "o2", "quote": "tox"}, "was not asked about these two"),
    "a pair of one": (SAME | {"f": "o1"}, "was not asked about these two"),
    "a quote that does not stand there": (READ | {"quote": "through nox"}, "quotes what does not stand in its source"),
    "a quote from the fact": (SAME | {"quote": "a small box"}, "quotes what does not stand in its source"),
    "a quote in another case": (READ | {"quote": "Through tox"}, "quotes what does not stand in its source"),
    "no quote": (READ | {"quote": ""}, "quotes what does not stand in its source"),
    "a blank quote": (READ | {"quote": " "}, "quotes what does not stand in its source"),
    "a value that does not stand there": (READ | {"value": "nox"}, "gives a value that does not stand in its source, or no slot"),
    "no value": (READ | {"value": " "}, "gives a value that does not stand in its source, or no slot"),
    "no slot's name": (READ | {"slot": "Tests Command."}, "gives a value that does not stand in its source, or no slot"),
    "a free slot": (READ | {"slot": "rules"}, "names no slot"),
    "a slot of one word": (READ | {"slot": "tests"}, "names no slot"),
    "a condition smuggled in": (READ | {"slot": "tests.command{os=x}"}, "names no slot"),
    "two whose values differ": (SAME | {"o": "o3", "quote": "box"}, "calls two the same whose values differ"),
    "an unknown kind": (READ | {"op": "promote"}, "is no kind of proposal"),
    "a deletion": (READ | {"op": "delete"}, "is no kind of proposal"),
    "numbers for words": (READ | {"value": 3}, "is no proposal"),
    "a list": (["slot"], "is no proposal"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_bad_proposal_is_dropped_and_counted(case: tuple[object, str]) -> None:
    """The good ones beside it stand."""
    row, why = case
    text = json.dumps({"p": [READ, SAME, row]})
    judged = judge(PACKET, Answer(text, "end_turn", 1, 1), "m")

    assert judged.dropped == {why: 1}
    assert [a.op for a in judged.annotations] == ["slot", "same", "abstain"]


def test_more_bad_than_good_is_no_answer() -> None:
    """Half bad is taken, more is not: then nobody knows what the good ones are worth."""
    bad = READ | {"o": "o9"}
    half = judge(PACKET, said(READ, bad), "m")
    most = judge(PACKET, said(READ, bad, bad), "m")

    assert [a.op for a in half.annotations] == ["slot", "abstain"]
    assert [(a.op, a.on) for a in most.annotations] == [("abstain", tuple(o.id for o in PACKET.statements))]
    assert (most.failure, most.dropped) == ("mostly wrong", {"names a statement it was not given": 2})


def test_only_so_many_proposals_about_one_statement_and_one_of_a_kind() -> None:
    """A model that proposes for every line twice says the second time something that is not taken."""
    judged = judge(PACKET, said(READ, READ | {"slot": "suite.tool"}, SAME, SAME | {"op": "different"}), "m")

    assert [a.op for a in judged.annotations] == ["slot", "same", "abstain"] and judged.dropped == {
        "says something else about the same": 2
    }
    many = Packet((NEW,), (OLD, SUITE, BOX), ((OLD.id, SUITE.id, BOX.id),))
    flood = [{"op": "different", "o": "o1", "f": f, "quote": "box"} for f in ("f1", "f2", "f3")]
    where = {"op": "slot", "o": "o1", "slot": "staging.city", "value": "Frankfurt", "quote": "in Frankfurt"}
    assert judge(many, said(*flood, where), "m").dropped == {"is one too many": 1}


def test_a_secret_is_not_carried_into_the_annotations() -> None:
    """A line that was written before a rule knew the secret."""
    token = "ghp_" + "a1B2" * 9
    told = log(f"1 owner o: The deploy bot signs in with {token} everywhere")
    packet = Packet((told[0],), (), ((),))
    rows = [{"op": "slot", "o": "o1", "slot": "deploy.token", "value": token, "quote": q} for q in (token, "signs in")]

    assert judge(packet, said(*rows), "m").failure == "mostly wrong"
    pair = Packet((told[0],), (OLD,), ((OLD.id,),))
    assert judge(pair, said({"op": "different", "o": "o1", "f": "f1", "quote": f"with {token}"}), "m").failure == "mostly wrong"
    assert token not in "".join(map(format_annotation, judge(packet, said(*rows), "m").annotations))


STOPS: dict[str, tuple[str, str]] = {
    "refusal": ("refusal", "refused"),
    "max_tokens": ("max_tokens", "cut off"),
    "model_context_window_exceeded": ("model_context_window_exceeded", "too long for the model"),
}


@pytest.mark.parametrize("case", STOPS.values(), ids=STOPS)
def test_the_stop_reason_is_looked_at_before_the_answer(case: tuple[str, str]) -> None:
    """A refusal and a truncation are told apart, and neither is an answer even where its text would be one."""
    stop, why = case
    judged = judge(PACKET, said(READ)._replace(stop=stop), "m")

    assert judged.failure == why and [(a.op, json.loads(a.rest)) for a in judged.annotations] == [("abstain", {"why": why})]


TEXTS: dict[str, Callable[[str], str]] = {
    "words around it": lambda t: f"Here you are:\n{t}\nAnything else?",
    "a fence around it": lambda t: f"```json\n{t}\n```",
}


@pytest.mark.parametrize("around", TEXTS.values(), ids=TEXTS)
def test_words_around_the_json_are_passed_over(around: Callable[[str], str]) -> None:
    """Endpoints without structured output say more than was asked."""
    answer = said(READ)

    assert judge(PACKET, answer._replace(text=around(answer.text)), "m").annotations[0].op == "slot"


@pytest.mark.parametrize(
    "text", ["", "no", "[]", "{}", '{"p":{}}', '{"p":null}', "[" * 9999, '{"p":' + "[" * 9999, "1" * 9999, '{"p":[{"op"']
)
def test_what_is_not_the_json_that_was_asked_for_is_no_answer(text: str) -> None:
    """Broken, deep, endless: an abstention that says so."""
    assert judge(PACKET, Answer(text, "end_turn", 1, 1), "m").failure == "not the JSON that was asked for"


ROW = st.dictionaries(
    st.sampled_from(["op", "o", "f", "slot", "value", "quote", "x"]),
    st.one_of(st.sampled_from(["slot", "same", "supersedes", "o1", "o2", "o3", "f1", "tox", "tests.command", "box", "\udcff", "\n"]), st.text(), st.integers(), st.none()),
)  # fmt: skip


@given(st.lists(st.one_of(ROW, st.text(), st.none()), max_size=6))
def test_every_answer_gives_lines_that_parse_and_remembers_every_statement(rows: list[object]) -> None:
    """Whatever a model says: what is stored round-trips byte for byte, and each statement counts as asked."""
    judged = judge(PACKET, Answer(json.dumps({"p": rows}), "end_turn", 1, 1), "m")

    assert {name for a in judged.annotations for name in (a.on if a.op == "abstain" else a.on[:1])} == {
        o.id for o in PACKET.statements
    }
    assert [parse_annotation(format_annotation(a)) for a in judged.annotations] == list(judged.annotations)
