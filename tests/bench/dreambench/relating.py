"""relate: what the rules say of two lines, against what a person said.

The one rule: the rules see the two lines and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.dreambench.figures import Suite, retrieval, wilson
from bench.dreambench.rows import Pair
from kairos_git.dream.relation import relation

MERGE = frozenset({"rephrase", "elaborate", "drop_detail"})
APART = frozenset({"coexist", "unrelated"})  # superseding one of these is the error that destroys memory
UNSCORED = "coexist_dup"  # the same fact twice in one file: merging is as right as not
SHOWN = 12  # wrong pairs named in the notes, of each kind


def suite(pairs: Sequence[Pair], seed: int) -> Suite:
    """Precision, recall and F1 of supersede and of merge; false supersessions of lines that both hold."""
    told = [(pair, relation(pair.old, pair.new)) for pair in pairs if pair.label != UNSCORED]
    apart = [said for pair, said in told if pair.label in APART]
    wrong = apart.count("supersede")
    figures = {
        "supersede": retrieval([(said == "supersede", pair.label == "supersede") for pair, said in told], seed),
        "merge": retrieval([(said == "merge", pair.label in MERGE) for pair, said in told], seed),
        "false_supersession": {"n": wrong, "of": len(apart), "n_ci": wilson(wrong, len(apart))},
    }
    return Suite(figures, tuple(_wrong(told)))


def _wrong(told: Sequence[tuple[Pair, str]]) -> list[str]:
    """The pairs that were taken for something else, by kind."""
    kinds: dict[str, list[str]] = {}
    for pair, said in told:
        true = "merge" if pair.label in MERGE else "none" if pair.label in APART else pair.label
        if said != true:
            kinds.setdefault(f"{pair.label} taken for {said}", []).append(f"{pair.old[:110]!r} -> {pair.new[:110]!r}")
    lines = []
    for kind, shown in sorted(kinds.items()):
        lines.append(f"{kind}: {len(shown)}")
        lines += [f"    {line}" for line in shown[:SHOWN]]
    return lines
