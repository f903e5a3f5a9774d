"""How the project writes its commits: the form of a subject, the areas it names, sign-off, squashed pull requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kairos_git.capture.survey.reading import MANIFEST, Change, Reader, Reading, Tree, reading
from kairos_git.errors import Problem

FEWEST = 30  # commits a convention needs
CLEAR = 0.7  # of them that keep it
CLEAR_SIGNED = 0.9
MOST_AREAS = 8
_FEWEST_USES = 3  # of an area

_TYPES = "feat|fix|docs?|chore|refactor|tests?|ci|build|perf|style|revert|deps|release|types|enhance|hotfix|security|infra|wip"
_CONVENTIONAL = re.compile(rf"(?P<type>{_TYPES})(?:\((?P<area>[^()]{{1,40}})\))?!?: *\S", re.IGNORECASE)
_AREA = re.compile(r"(?P<area>[A-Za-z0-9_.@*-][A-Za-z0-9_./@*-]{0,30})(?:, ?[A-Za-z0-9_./@*-]{1,30}){0,3}: \S")
_BRACKETED = re.compile(r"\[(?P<area>[^\[\]]{1,30})\] ?\S")
_EMOJI = re.compile(r":[a-z_0-9+-]{2,30}: ?\S|[\U0001F300-\U0001FAFF\u2190-\u21FF\u2600-\u27BF\u2B00-\u2BFF]")
_VERBS = re.compile(
    r"(?:Add|Allow|Avoid|Bump|Change|Check|Clarify|Clean|Convert|Correct|Create|Delete|Deprecate|Disable|Document|Don't"
    r"|Drop|Enable|Ensure|Expose"
    r"|Extend|Extract|Fix|Handle|Ignore|Implement|Improve|Include|Introduce|Keep|Limit|Make|Mark|Merge|Migrate|Move|Only"
    r"|Optimize|Pass|Pin|Preserve"
    r"|Prevent|Raise|Reduce|Refactor|Reject|Release|Remove|Rename|Reorder|Replace|Report|Respect|Restore|Return|Revert"
    r"|Rewrite|Run|Set|Show|Simplify"
    r"|Skip|Sort|Split|Start|Stop|Store|Support|Switch|Test|Tweak|Unify|Update|Upgrade|Use|Validate|Wrap|Write)\b"
)
# What tools write when they merge, release or update: no sample of how the people here write.
_MADE = re.compile(
    r"(?:Merge |Revert \"|Version Packages|Bump |Update dependency|\(?chore\(deps|build\(deps|\[pre-commit|pre-commit autoupdate"
    r"|(?:chore: ?)?(?:release|version|bump)?[ :]*[\w@/-]*v?\d+\.\d+)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\S \(#\d+\)$")
_PLAIN_AREA = re.compile(r"[A-Za-z0-9_./@*-]{1,30}")


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    changes = tree.past().changes
    written = [change for change in changes if not change.merge and not _MADE.match(change.subject)]
    if len(written) >= FEWEST:
        yield from _form([change.subject for change in written])
        if sum(change.signed_off for change in written) >= CLEAR_SIGNED * len(written):
            yield from _one("sign-off", "Signed-off-by", "Every commit carries a {} line, as `git commit -s` writes it")
    yield from _merging(changes)


def _form(subjects: Sequence[str]) -> Iterator[Reading]:
    conventional = _matching(_CONVENTIONAL, subjects)
    bracketed = _matching(_BRACKETED, subjects)
    prefixed = _matching(_AREA, [subject for subject in subjects if not _CONVENTIONAL.match(subject)])
    needed = CLEAR * len(subjects)
    if len(conventional) >= needed:
        scoped = [match for match in conventional if match["area"]]
        form = "type(scope): subject" if 2 * len(scoped) >= len(conventional) else "type: subject"
        types = ", ".join(_frequent(match["type"].lower() for match in conventional))
        yield from _one("subjects", form, "Commit subjects follow Conventional Commits: {}, with the types {}", types)
        if 3 * len(scoped) >= len(conventional):
            yield from _areas(scoped, "The scopes in commit subjects are {}")
    elif len(bracketed) >= needed:
        yield from _one("subjects", "[area] subject", "Commit subjects name the area they change: {}")
        yield from _areas(bracketed, "The areas in commit subjects are {}")
    elif len(prefixed) >= needed:
        yield from _one("subjects", "area: subject", "Commit subjects name the area they change: {}")
        yield from _areas(prefixed, "The areas in commit subjects are {}")
    elif len(_matching(_EMOJI, subjects)) >= needed:
        yield from _one("subjects", "<emoji> subject", "Commit subjects begin with an emoji: {}")
    elif len(_matching(_VERBS, subjects)) >= needed:
        yield from _one(
            "subjects", "Verb subject", "Commit subjects begin with a capitalised verb in the imperative (Add, Fix, Remove): {}"
        )


def _merging(changes: Sequence[Change]) -> Iterator[Reading]:
    """Whether pull requests are squashed or merged, told from the commits that name one."""
    squashed = sum(not change.merge and bool(_NUMBERED.search(change.subject)) for change in changes)
    merged = sum(change.merge and change.subject.startswith("Merge pull request #") for change in changes)
    plain = sum(not change.merge for change in changes)
    if plain >= FEWEST and squashed >= CLEAR * plain:
        yield from _one(
            "merges", "(#123)", "Pull requests are squashed into one commit whose subject ends with the request's number, {}"
        )
    elif merged >= FEWEST and merged >= CLEAR * (merged + squashed):
        yield from _one("merges", "Merge pull request #123", "Pull requests are merged with a merge commit: {}")


def _areas(matches: Iterable[re.Match[str]], sentence: str) -> Iterator[Reading]:
    areas = _frequent(match["area"].strip() for match in matches if _PLAIN_AREA.fullmatch(match["area"].strip()))
    if len(areas) > 1:
        yield from _one("areas", ", ".join(sorted(areas)), sentence)


def _frequent(words: Iterable[str]) -> list[str]:
    counts = Counter(words)
    frequent = sorted((word for word in counts if counts[word] >= _FEWEST_USES), key=lambda word: (-counts[word], word))
    return frequent[:MOST_AREAS]


def _matching(form: re.Pattern[str], subjects: Iterable[str]) -> list[re.Match[str]]:
    return [match for subject in subjects if (match := form.match(subject[:200]))]


def _one(name: str, value: str, sentence: str, *bodies: str) -> Iterator[Reading]:
    yield from reading("git", f"log.{name}", f"history.{name}", value, sentence, *bodies)


READER = Reader("commit_subjects", _read, MANIFEST)
