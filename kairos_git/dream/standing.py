"""How one value of one domain stands, while the evidence is replayed in (time, id) order.

The one rule: demotion is cheaper than promotion. One newer voice raises a doubt; only its rank lets it overrule.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from kairos_git.dream.evidence import CONFIRM, TRUST, UNCONFIRM, VOUCH, Support, earliest, score, suffices
from kairos_git.dream.fetched import fetches_and_runs
from kairos_git.dream.slots import Claim
from kairos_git.dream.wording import imperative
from kairos_git.memory.fact import FREE, LOADED, text_of


def support_of(claim: Claim) -> Support:
    """The voice a claim is, for or against a value. What fetches and runs is no more than a hedge, whoever repeats it:
    it confirms nothing and contests nothing, unless the owner or a probe says it.
    """
    o = claim.o
    return Support(o.epoch, o.id, o.src, o.origin, o.day, o.hedge or (o.src not in VOUCH and fetches_and_runs(claim.value)))


class Standing:
    """One value's supports, doubts and state. Lives only as long as one replay; nothing of it is stored."""

    def __init__(self, slot: str, cond: str, value: str, cap: str = "") -> None:
        """`cap` is the highest state a hold leaves it, or ""."""
        self.slot, self.cond, self.value = slot, cond, value
        self.began = ""  # the day of its first support since it last ended
        self.texts: dict[str, str] = {}  # observation -> how it words the value
        self.supports: list[Support] = []
        self.denials: list[Support] = []  # the doubters whose rank lets them count against the score
        self.doubts: list[Support] = []  # every newer voice for a rival, until the doubt is laid to rest
        self.answers: list[Support] = []  # what was said for it since the first of them; empty where no doubt is
        self.past: list[tuple[str, str, str]] = []  # (state, until, why): how earlier intervals ended
        self.ended = ""
        self.until = ""
        self.why = ""
        self.confirmed = False
        self.contested = False
        self.inherited = False  # B of a stated A -> B takes A's state
        self.closed = False  # ended by a stated transition: only owner or probe bring it back
        self.spent: set[str] = set()  # roots that spoke for it before it ended
        self.cap = cap
        self.against: frozenset[str] = frozenset()  # free statements that a proposal made its rivals

    @property
    def live(self) -> bool:
        return bool(self.supports) and not self.ended

    @property
    def rank(self) -> int:
        return max((s.rank for s in self.supports), default=0)

    @property
    def newest(self) -> tuple[int, str]:
        return max((s.order for s in self.supports), default=(0, ""))

    @property
    def score(self) -> float:
        return score(self.supports, self.denials)

    @property
    def probed(self) -> bool:
        """Whether a probe that can be read again stands behind it: it is read at every dream, so it is never old."""
        return any(s.src == "probe" and "#" in s.root for s in self.supports)

    @property
    def since(self) -> str:
        return self.began or (min(self.supports, key=lambda s: s.order).day if self.supports else "")

    @property
    def text(self) -> str:
        """How the earliest evidence words it, so that further support does not change the line; the tree's words go first,
        since they are read again and name things as they are called now.
        """
        probes = {s.id for s in self.supports if s.src == "probe"}
        words = sorted((e for e in self.evidence if self.texts.get(e)), key=lambda e: e not in probes)
        return self.texts[words[0]] if words else text_of(self.slot, self.value)

    @property
    def loaded(self) -> tuple[tuple[str, str], ...]:
        """`in=FILE` for a free statement that only files make which agents load anyway: the first of them by name."""
        said = sorted({t.root for t in self.supports}) if self.slot in FREE else []
        return (("in", said[0]),) if said and all(root.rpartition("/")[2] in LOADED for root in said) else ()

    @property
    def enough(self) -> bool:
        if self.cap or not self.vouched:
            return False
        return self.inherited or (suffices(self.supports) and self.score >= CONFIRM)

    @property
    def owned(self) -> bool:
        """Whether the owner said it without a hedge: only then may a text that tells an agent what to do be confirmed."""
        return any(s.src == "owner" and not s.hedge for s in self.supports)

    @cached_property
    def vouchers(self) -> frozenset[str]:
        """The sources of which one has to say it before it may be confirmed; empty where any may."""
        if self.slot in FREE and imperative(self.value):
            return VOUCH - {"probe"}
        return VOUCH if fetches_and_runs(self.value) else frozenset()

    @property
    def vouched(self) -> bool:
        """Whether who has to say it has said it, without a hedge."""
        return not self.vouchers or any(s.src in self.vouchers and not s.hedge for s in self.supports)

    @property
    def state(self) -> str:
        if self.ended:
            return self.ended
        if self.confirmed:
            return "contested" if self.contested else "confirmed"
        return "contested" if self.cap == "contested" else "tentative"

    @property
    def evidence(self) -> tuple[str, ...]:
        if self.inherited and not suffices(self.supports):
            return tuple(s.id for s in sorted(self.supports, key=lambda s: s.order)[:1])
        entitled = [s for s in self.supports if s.src in self.vouchers] if self.confirmed else []
        return earliest(entitled or self.supports, self.confirmed)

    def stale(self, s: Support) -> bool:
        """Whether this voice only repeats, after the end, what its root said before it: an echo, not a return."""
        return s.rank < TRUST["owner"].rank and (self.closed or s.root in self.spent)

    def add(self, s: Support, text: str) -> None:
        """One more voice for it. A new root, or a person's or probe's own word again, is news, and answers older doubts."""
        if self.ended:
            self.past.append((self.ended, self.until, self.why))
            self.supports = []
            self.assure()
            self.ended = self.until = self.why = self.began = ""
            self.confirmed = self.inherited = self.closed = False
        if s.src == "probe" and "#" in s.root:  # the same place read again: its newest words stand for it
            self.supports = [t for t in self.supports if t.root != s.root]
        self.began = self.began or s.day
        news = s.root not in roots(self.supports) or s.rank == TRUST["owner"].rank
        self.supports.append(s)
        self.texts.setdefault(s.id, text)
        if news and not s.hedge and s.rank > 0:
            self._answer(s)

    def _answer(self, s: Support) -> None:
        """The owner or a probe lays a doubt to rest; of others it takes more than the doubters weigh, since most doubts
        that one more agent met were right: the agent had not heard yet.
        """
        self.denials = [d for d in self.denials if d.root != s.root]
        self.doubts = [d for d in self.doubts if d.root != s.root]
        self.answers.append(s)
        if s.rank >= TRUST["owner"].rank or score(self.answers) > score(self.doubts):
            self.assure()

    def assure(self) -> None:
        """No doubt is left."""
        self.denials, self.doubts, self.answers, self.contested = [], [], [], False

    def deny(self, s: Support) -> None:
        """A newer voice for a rival: it raises a doubt, and counts against the score where its rank allows it."""
        self.doubts.append(s)
        self.contested = self.confirmed  # what is tentative is in doubt anyway
        if s.rank >= self.rank:
            self.denials.append(s)

    def withdraw(self, root: str) -> None:
        """This root now says something else: its vote here is gone."""
        self.supports = [s for s in self.supports if s.root != root]
        self.answers = [s for s in self.answers if s.root != root]

    def end(self, state: str, day: str, why: str, closed: bool = False) -> None:
        """It ceased to be true. What supported it is kept for `why`, and counts no more if it returns."""
        self.ended, self.until, self.why, self.closed = state, day, why, closed
        self.spent |= roots(self.supports)

    def settle(self) -> None:
        """Promotion and demotion after a change: up at CONFIRM and by the table, down below UNCONFIRM."""
        if self.ended:
            return
        if not self.confirmed and self.enough:
            self.confirmed, self.contested = True, bool(self.doubts)
        elif self.confirmed and self.score < (0 if self.inherited else UNCONFIRM):
            self.confirmed = self.contested = False


def roots(supports: Iterable[Support]) -> set[str]:
    """The roots of some supports."""
    return {s.root for s in supports}
