"""What the words around a name say of it: that it is gone, is to be made, or is an example.

The one rule: it is enough that the line, or the heading above, could be read so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kairos_git.capture.check import markdown
from kairos_git.capture.check.markdown import Line

_GONE = re.compile(
    r"\b(?:no longer|removed?|removal|deleted?|deletes|deprecated|legacy|former(?:ly)?|previous(?:ly)?|used to|renam\w+|moved|migrat\w+|obsolete"
    r"|replac(?:es|ed|ing)|supersed\w+|histor(?:y|ical)|(?:does|do|did|is|are|was|were)(?: not|n[’']t) (?:exist|there|present|part|contain|have|any\w*)"
    r"|there (?:is|are) no|(?:has|have) no\b|without|instead of|(?:do not|don[’']t|never|not) (?:re)?(?:create|add|use|import|introduce|put|place|commit|restore|assume|look)"
    r"|gone|absent|missing|old|v1|before|until|not in|rather than|outside|sibling|another repo\w*|other repo\w*|separate repo\w*|external|submodule|upstream"
    r"|changelog|release notes|was called|ex-)\b",
    re.IGNORECASE,
)
_TO_BE = re.compile(
    r"\b(?:creat(?:e|es|ed|ing)|add(?:s|ing)? (?:a|an|the|your|new|it|one|them|to|tests?|any)|new|generat\w+|writ(?:e|es|ten|ing)|outputs?|produc\w+|will be|scaffold\w*|emit\w*"
    r"|sav(?:e|es|ed|ing)|plac(?:e|es|ed|ing)|put(?:s|ting)?|cop(?:y|ies|ied)|touch|mkdir|git-?ignored|ignored|untracked|not committed|uncommitted|local(?:ly)? only|build artifacts?|artifacts?"
    r"|built|compiled|downloaded?|cached?|installed|temporary|temp|tmp|your|users?[’']s?|consumer\w*|planned|todo|future|proposed|propose|optional(?:ly)?|if (?:present|exists|it exists|any|there is|you|needed)"
    r"|when present|may exist|might exist|exists?,|at runtime|env(?:ironment)? var\w*)\b",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"\b(?:(?:auto-?)?generat\w+|git-?ignored|untracked|uncommitted|artifacts?|build outputs?|outputs?|written|writes|creates?|created|downloaded|cached?|emit\w*|produc\w+|your)\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:e\.?g\.?|for example|for instance|examples?|such as|like|say|named?|naming|convention|pattern|format|template|imagine|hypothetical|suppose|sample|would|could|i\.e\.?"
    r"|bad|good|wrong|correct|incorrect|avoid|prefer\w*|vs\.?|versus|or)\b|❌|✅|✗|✓|→|->|=>",
    re.IGNORECASE,
)


def says_gone(line: Line) -> bool:
    """Whether a line says that what it names is not, or no longer, to be found here."""
    return bool(_GONE.search(_words(line)))


def says_generated(line: Line) -> bool:
    """Whether a line says that a command makes what it names, or that git does not keep it."""
    return bool(_GENERATED.search(_words(line)))


def says_to_be_made(line: Line) -> bool:
    """Whether a line speaks of what somebody, or a command, is to make; or of what lies with the reader."""
    return bool(_TO_BE.search(_words(line)))


def says_example(line: Line) -> bool:
    """Whether a line gives examples, choices or patterns."""
    return bool(_EXAMPLE.search(_words(line)))


def under_gone_heading(line: Line) -> bool:
    """Whether a heading above speaks of what is gone or to come: a changelog, a migration, a plan."""
    return any(
        re.search(r"(?i)\b(?:changelog|histor|migrat|deprecat|legacy|roadmap|plan(?:ned|s)?\b|future|release notes|removed)", h)
        for h in line.headings
    )


def sentence(lines: Sequence[Line], at: int, said: str) -> Line:
    """A line cut to the sentence that says something, begun in the line before it or ended in the one after.

    A heading, a list item's first line and a table row stand for themselves; a code block's line takes a comment above it.
    """
    here = lines[at]
    if here.fence is not None:
        above = lines[at - 1] if at and lines[at - 1].block == here.block else None
        return here._replace(text=f"{here.text} {above.text}") if above and above.text.lstrip().startswith(("#", "//")) else here
    parts = [here.text]
    if _goes_on(lines, at):
        parts.insert(0, lines[at - 1].text)
    if at + 1 < len(lines) and _goes_on(lines, at + 1):
        parts.append(lines[at + 1].text)
    text = " ".join(parts)
    place = text.find(said, len(parts[0]) if parts[0] is not here.text else 0)
    ends = [found.end() for found in re.finditer(r"(?<!e\.g)(?<!i\.e)(?<!vs)[.!?;](?=\s+[A-Z`*(])", text)]
    start = max((end for end in ends if end <= place), default=0)
    stop = min((end for end in ends if end > place), default=len(text))
    return here._replace(text=text[start:stop])


def _goes_on(lines: Sequence[Line], at: int) -> bool:
    """Whether a line of prose continues the one before it."""
    here, above = lines[at], lines[at - 1] if at else None
    if above is None or above.block != here.block or above.is_heading or here.is_heading:
        return False
    return here.item is None and not here.text.lstrip().startswith(("|", ">", "#")) and not above.text.lstrip().startswith("|")


def _words(line: Line) -> str:
    """What a line says in words: a path `src/legacy/`, a link's target or a command say nothing; a command's comment does."""
    if line.fence is not None:
        return " ".join(re.findall(r"(?:^|\s)(?:#|//)\s(.*)", line.text))
    return re.sub(r"\S*/\S*\.?\S*|\w\S+\.[a-z]\w*", " ", markdown.plain(line.text))
