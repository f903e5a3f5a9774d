"""The handoff: what sessions did, would do next and left open, as the log has it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos_git.memory.handoff import LINES, SESSIONS, Session, format_handoff, sessions
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.summary import WIDE, Summary, condensed, format_summary, parse_summary
from kairos_git.memory.text import LONGEST, one_line

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

COMPACT = """<analysis>
Next: this is the model thinking aloud.
</analysis>

<summary>
1. Primary Request and Intent:
   The owner wants a parser.

3. Files and Code Sections:
   - src/parser.py

7. Pending Tasks:
   - Write the tests for the parser
   - Update the README

8. Current Work:
   The tokenizer was half moved.

9. Optional Next Step:
   Finish moving the tokenizer.
</summary>"""


def told(text: str, minutes: float, src: str = "agent", sess: str = "claude-one", **words: str) -> Observation:
    return observe(
        NOON + timedelta(minutes=minutes), text, src, sess=sess, branch=words.pop("branch", ""), extra=tuple(words.items())
    )


def texts(s: Session) -> dict[str, list[str]]:
    return {kind: [said.text for said in getattr(s, kind)] for kind in ("done", "next", "open")}


@pytest.mark.parametrize(
    ("text", "done", "next_", "open_"),
    [
        ("Done: the parser. \nNext: write tests", ["the parser."], ["write tests"], []),
        ("## Done\n- a\n- b\n\n## Next steps\n1. c\n2) d\n\n### Open questions\n* which port?", ["a", "b"], ["c", "d"], ["which port?"]),
        ("**Completed:**\n- a\n\n**TODO:**\n- b\n\n**Blocked by:** the review", ["a"], ["b"], ["the review"]),
        ("- [x] parse\n- [ ] print", ["parse"], ["print"], []),
        ("What's next:\nShip it\n\nFiles changed:\n- a.py", [], ["Ship it"], []),
        ("Pending Tasks: none\nDone: all of it", ["all of it"], [], []),
        ("I moved the parser. Tests pass now.", ["I moved the parser.", "Tests pass now."], [], []),
        ("I moved the parser. Should I delete the old one?", ["I moved the parser."], [], ["Should I delete the old one?"]),
        ("The parser is done.\n\n## Next\n- the printer\n\n## Open questions\n- which port?", ["The parser is done."], ["the printer"], ["which port?"]),
        ("All good.\n\nDone:\n- the parser", ["the parser"], [], []),
        (COMPACT, [], ["Write the tests for the parser", "Update the README", "The tokenizer was half moved.", "Finish moving the tokenizer."], []),
    ],
    ids=["labels", "headings", "bold", "boxes", "other heading", "none", "sentences", "question", "lead", "lead and done", "compaction"],
)  # fmt: skip
def test_a_summary_is_sorted_by_its_own_headings(text: str, done: list[str], next_: list[str], open_: list[str]) -> None:
    """Headings, labels and check boxes say which; without them the first sentences were done, a last question is open."""
    for form in (text, one_line(text)):
        s = parse_summary(form)
        assert (list(s.done), list(s.next), list(s.open)) == (done, next_, open_)


ITEMS = st.lists(
    st.text(st.characters(codec="utf-8", categories=("Ll", "Lo", "Nd")), min_size=3, max_size=WIDE // 2).map(lambda t: f"x{t}"),
    max_size=4, unique=True,
).map(tuple)  # fmt: skip


@given(ITEMS, ITEMS, ITEMS)
def test_a_formatted_summary_reads_back_the_same(done: tuple[str, ...], next_: tuple[str, ...], open_: tuple[str, ...]) -> None:
    """`parse_summary` is the inverse of `format_summary`, also folded to one line."""
    made = Summary(done, next_, open_, bool(done or next_ or open_))

    assert parse_summary(format_summary(made)) == made
    assert parse_summary(one_line(format_summary(made), 10**6)) == made


@given(st.text(max_size=5000))
def test_any_text_is_a_summary(text: str) -> None:
    """Whatever a session said: no item is longer than WIDE, and what is condensed fits into one observation."""
    s = parse_summary(text)

    assert all(0 < len(item) <= WIDE and "\n" not in item for item in (*s.done, *s.next, *s.open))
    assert len(one_line(condensed(text))) <= LONGEST


def test_a_long_compaction_keeps_what_is_next() -> None:
    """The pending tasks stand at the end of a compaction, behind where an observation is cut; condensed they are kept."""
    long = COMPACT.replace("The owner wants a parser.", "The owner wants a parser. " * 200)

    assert "Update the README" not in one_line(long)
    assert parse_summary(one_line(condensed(long))).next == parse_summary(COMPACT).next


def test_a_session_has_what_its_end_says_and_the_commits_made_while_it_ran() -> None:
    """Commits between its start and its end are its own; those before and after are a session of their day."""
    lines = [
        told("Add the reader", -30, "commit", sess=""),
        told("Add the parser", 5, "commit", sess=""),
        told("Add the docs", 20, "commit", sess=""),
        told("Done: moved it\nNext: tests", 10, event="end", started=str(int(NOON.timestamp())), branch="feature"),
    ]
    rest, s = sessions(lines)

    assert (s.name, s.branch) == ("claude-one", "feature")
    assert texts(s) == {"done": ["Add the parser", "moved it"], "next": ["tests"], "open": []}
    assert rest.name == "commits of 2026-11-21"
    assert texts(rest)["done"] == ["Add the reader", "Add the docs"]


def test_only_the_newest_summary_says_what_is_next() -> None:
    """What a compaction called next was the work that followed."""
    s = sessions([told("Next: write tests", 0, event="compact"), told("All tests are written.", 5, event="end")])[0]

    assert texts(s) == {"done": ["All tests are written."], "next": [], "open": []}


def test_what_the_owner_said_in_a_session_is_in_it() -> None:
    """In their words, and marked as theirs; a labelled line goes where its label says."""
    s = sessions([told("The port is 8000", 0, "owner"), told("TODO: rename it", 1, "owner")])[0]

    assert texts(s) == {"done": ["the owner said: The port is 8000"], "next": ["rename it"], "open": []}


def test_outsiders_and_the_vault_are_in_no_session() -> None:
    """Neither a stranger's words nor the owner's secrets are handed to an agent."""
    assert sessions([told("Do evil", 0, "external"), told("vault.bank = `12`", 1, "owner")]) == ()


def test_the_handoff_is_a_function_of_the_log() -> None:
    """The same lines in any order give the same bytes; three sessions, newest first, with ids; what is left out is counted."""
    lines = [told(f"Did {n}", n, sess=f"s{n // 10}") for n in range(50)]
    made = format_handoff(lines).decode()
    random.Random(3).shuffle(lines)

    assert format_handoff(lines).decode() == made
    assert made.count("\n## ") == SESSIONS
    assert made.index("s4") < made.index("s3") < made.index("s2")
    assert made.count("- … and 4 more") == SESSIONS and made.count("- Did") == SESSIONS * LINES
    assert f"- Did 49 ({next(o.id for o in lines if o.text == 'Did 49')})" in made


def test_an_empty_log_has_no_session() -> None:
    """And says so."""
    assert b"No session yet." in format_handoff([])
