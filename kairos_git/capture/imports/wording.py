"""The words of one statement: Markdown taken off, long ones parted at sentences, fragments told from sentences.

The one rule: no word is changed. Marks of emphasis and targets of links go, and what a line needs from above is put before it.
"""

from __future__ import annotations

import re

from kairos_git.memory.text import code_spans

LONGEST = 300  # characters of a statement that may become a fact
SHORT = 70  # characters of a name, a title or an item that is no sentence
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)?)>?(?:\s+[\"'][^)]*)?\)")
_WIKI = re.compile(r"\[\[([^\]|]*?)(?:\|([^\]]*))?\]\]")
_EMPHASIS = re.compile(r"(?<![\w\\*])(\*\*\*|\*\*|\*)(?=\S)(.+?)(?<=\S)\1(?![\w*])|(?<!\w)(__|_)(?=\S)(.+?)(?<=\S)\3(?!\w)")
_TAG = re.compile(r"</?(?:br|b|i|em|strong|p|div|span|details|summary|sub|sup|kbd|a|img|hr|ul|li|ol|h\d)\b[^<>]*/?>", re.I)
_HELD = re.compile(r"\x00(\d+)\x01")
_SPACE = re.compile(r"\s+")
_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[A-Z0-9“\"'(\[\x00])")
_SHORT = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|resp|no|fig|ca|st|mr|mrs|dr)\.|\b[A-Z]\.|^\d+\.)$", re.I)
_EMOJI = re.compile("^(?:[☀-➿⬀-⯿\U0001f000-\U0001faff]\ufe0f?\\s*)+")
_FINITE = re.compile(
    r"\b(?:is|are|was|were|be|must|should|shall|can|cannot|may|might|will|would|won't|can't|do|does|don't|doesn't|did|has|have|had|"
    r"needs?|requires?|uses?|using|contains?|lives?|runs?|goes|belongs?|means|supports?|returns?|handles?|provides?|follows?|allows?|"
    r"never|always|only|ensures?|makes?|keeps?|adds?|writes?|reads?|checks?|puts?|sees?|gets?|sets?|takes?|gives?|finds?|works?|"
    r"prefers?|avoids?|exists?|comes?|holds?|depends?|generates?|creates?|defines?|expects?|fails?|throws?|raises?|calls?|tests?|starts?|"
    r"stops?|builds?|includes?|excludes?|manages?|stores?|owns?|exposes?|wraps?|implements?|renders?|breaks?|leaves?|passes?|maps?|"
    r"deprecated|instead|rather than|without|unless|before|after|when|if)\b|n't\b|[→=]",
    re.I,
)
_POINTS = re.compile(
    r"^(?:this|these|it|its|they|them|that|those|then|also|otherwise|instead|both|such|same|here|there|in addition|additionally|"
    r"for (?:this|that|these|example)|doing (?:so|both|this)|without (?:it|this)|the (?:same|former|latter|above)|and|but|or|so)\b",
    re.I,
)
_ORDERS = re.compile(
    r"^(?:please |always |never |do not |don't |must |should |only |avoid |no )|^(?:use|run|keep|add|write|read|check|put|prefer|make|"
    r"ensure|follow|test|update|create|include|document|call|set|see|start|stop|avoid|treat|leave|commit|open|ask|verify|handle|return|"
    r"import|export|define|declare|name|place|store|move|remove|delete|build|install|import|pass|wrap|fix|mark|respect|consider|remember|"
    r"be|do|let|try|split|group|sort|order|limit|log|raise|throw|catch|validate|format|lint|review|reuse|match|mirror|copy|extend)\b",
    re.I,
)
_UNFINISHED = re.compile(
    r"\b(?:should|must|can|to|be|is|are|with|by|for|of|from|in|on|when|if|that|as|and|or|not|write|use|include|includes|including|"
    r"contain|contains|need|needs|want|means|via|avoid|prefer|ensure|has|have|cover|covers|support|supports)$",
    re.I,
)
_PLACES = re.compile(r"\b(?:above|below)\b", re.I)  # of a text that is read in its place
_EXAMPLE = re.compile(
    r"^(?:impact|in?correct|good|bad|wrong|right|e\.g\.|examples?|references?|output|result|before|after|alternative)\b(?: \([^)]*\))?:",
    re.I,
)
_MARKUP = re.compile(r"</?[A-Z]\w*[^<>]*/?>|^\s*</?[a-z]+[^<>]*>")
_WEB = re.compile(r"https?://\S+")
_ABOUT_ITSELF = re.compile(
    r"^you are (?:an?|the) [^.]{0,60}\b(?:assistant|expert|engineer|agent|developer|specialist|writer)\b|"
    r"\b(?:this (?:file|document|guide|page)|AGENTS\.md|CLAUDE\.md|GEMINI\.md)(?: file)? (?:is|provides|contains|describes|gives|"
    r"offers|outlines|serves|documents|defines|explains|covers|helps)\b|\bguidance (?:to|for) (?:claude|ai|coding|agents?)",
    re.I,
)


def plain(text: str) -> str:
    """A piece of Markdown as one line of words: emphasis, images, tags and the targets of links to the web taken off.

    Code spans stay as they are; a link to a file keeps its path where its words do not name it.
    """
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0])
        return f"\x00{len(held) - 1}\x01"

    text = _SPAN.sub(hold, text.replace("\x00", ""))
    text = _LINK.sub(_linked, _IMAGE.sub("", text))
    text = _WIKI.sub(lambda m: m[2] or m[1], text)
    for _ in range(3):
        text = _EMPHASIS.sub(lambda m: m[2] or m[4] or "", text)
    text = _TAG.sub(" ", text).replace("\\_", "_").replace("\\*", "*").replace("\\|", "|")
    text = _HELD.sub(lambda m: held[int(m[1])], text)
    return _EMOJI.sub("", _SPACE.sub(" ", text).strip()).strip()


def _linked(found: re.Match[str]) -> str:
    words, target = found[1], found[2].removeprefix("./")
    path = target.partition("#")[0]
    if not path or "://" in target or target.startswith(("mailto:", "#")):
        return words
    bare = _HELD.sub("", words).strip()
    return words if not bare or path in words or words.endswith(path.rpartition("/")[2]) else f"{words} ({path})"


def sentences(text: str) -> list[str]:
    """The sentences of a line; none ends within a code span or behind `e.g.`."""
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0])
        return f"\x00{len(held) - 1}\x01"

    masked = _SPAN.sub(hold, text.replace("\x00", ""))
    found: list[str] = []
    for part in _parted(masked):
        if found and _SHORT.search(found[-1]):
            found[-1] += " " + part
        else:
            found.append(part)
    return [_HELD.sub(lambda m: held[int(m[1])], part) for part in found]


def _parted(text: str) -> list[str]:
    ends = [found.end() for found in _END.finditer(text)]
    return [text[a:b].strip() for a, b in zip([0, *ends], [*ends, len(text)], strict=True) if text[a:b].strip()]


def lead(text: str) -> str:
    """What a line is about by its own words: `Lock page at 1GB` of `**Lock page at 1GB**: SQLite reserves …`; "" for none."""
    found = re.match(r"\W{0,3}\*\*(.{3,70}?)(?:\*\*[.:]?|[.:]\*\*)(?:\s|$)", text)
    title = plain(found[1]).rstrip(".:") if found else ""
    return "" if title.isupper() else title  # **NEVER** is a voice that is raised


def parted(text: str, about: str) -> list[str]:
    """A statement in pieces of at most LONGEST characters, whole sentences each; `about` goes before each piece but the first.

    A single sentence that is longer stays as it is: half of one is none.
    """
    if len(text) <= LONGEST:
        return [text]
    pieces: list[str] = []
    first = sentences(text)[0].rstrip(".:!")
    about = first if len(first) <= SHORT and first.casefold() != about.casefold() and whole(first) else about
    for sentence in sentences(text):
        begun = f"{about}: {sentence}" if pieces and about else sentence
        if pieces and len(pieces[-1]) + 1 + len(sentence) <= LONGEST:
            pieces[-1] += " " + sentence
        else:
            pieces.append(begun)
    return pieces


def whole(text: str) -> bool:
    """Whether a line says something by itself: an order, or a sentence with a verb that points at nothing before it."""
    words = re.findall(r"[\w'-]+", _SPAN.sub("x", text))
    if points_back(text) or text[:1].islower():
        return False
    if _ORDERS.match(text):
        return len(words) >= 4 or (len(words) == 3 and "`" in text)
    return (len(words) >= 5 and text.endswith(".")) or (len(words) >= 4 and _FINITE.search(_SPAN.sub("x", text)) is not None)


def points_back(text: str) -> bool:
    """Whether a line begins with a word for something said before it."""
    return _POINTS.match(text) is not None


def needs_more(text: str) -> bool:
    """Whether the words before a list are the beginning of a sentence that each item ends: "You should write"."""
    return _UNFINISHED.search(text) is not None


def orders(text: str) -> bool:
    """Whether a line says what to do."""
    return _ORDERS.match(text) is not None


def says_something(text: str) -> bool:
    """Whether a line is worth keeping: more than a name or a link, and not about the file it stands in."""
    bare = _WEB.sub(" ", _SPAN.sub(" ", text))
    if _ABOUT_ITSELF.search(text) or _MARKUP.search(bare) or (len(text) <= SHORT and _PLACES.search(text)):
        return False
    if _EXAMPLE.match(text) and len(bare) <= 2 * SHORT:
        return False
    words = re.findall(r"[^\W\d_]{2,}", bare)
    return len(words) >= 2 or (len(words) >= 1 and bool(code_spans(text)))
