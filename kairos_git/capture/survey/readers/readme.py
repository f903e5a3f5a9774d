"""README: the first sentence that says what the project is; where there is none, the manifest's description."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.formats.documents import read_json, read_text, read_toml, string
from kairos_git.capture.survey.reading import LONGEST_GLOSS, MANIFEST, Reader, Reading, Tree, gloss, key_name, reading
from kairos_git.capture.survey.source.glosses import paragraphs
from kairos_git.errors import Problem

_FILES = (
    "README.md",
    "README.rst",
    "README",
    "readme.md",
    "Readme.md",
    "README.txt",
    "README.markdown",
    ".github/README.md",
    "docs/README.md",
)
_TABLE = re.compile(r"<table\b.*?(?:</table>|\Z)", re.I | re.DOTALL)  # of HTML; one of sponsors says what they are
_HEAD = 20_000  # characters that are looked at
_MOST_PARAGRAPHS = 8
_SHORTEST = 5  # words of a summary
_LATER = re.compile(
    r"^#{2,3} .*\b(?:install|usage|use|quick|getting started|setup|requirements|licen[cs]e|contribut|example)",
    re.I | re.MULTILINE,
)
_SAYS = re.compile(
    r"\b(?:is|are) (?:an?|the)\b|^(?:an?|the)\s|\b(?:librar(?:y|ies)|framework|tool|cli|server|client|plugin|engine|application|app|sdk"
    r"|toolkit|package|compiler|linter|formatter|runner|extension|generator|parser|wrapper|implementation|database|editor|system"
    r"|assistant|platform|interface|lets|provides|harness)\b",
    re.IGNORECASE,
)
_SAYS_NOT = re.compile(
    r"\b(?:welcome|help|issue|sponsor|donat|mission|badge|chat|join|star|supported by|brought|an? example|note that|deprecated|beta|table)",
    re.I,
)


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    file = next((path for path in _FILES if path in tree.paths), "")
    text = read_text(tree, file) if file else ""
    if isinstance(text, Problem):
        yield text
        text = ""
    text = _TABLE.sub(lambda m: "\n\n" if "sponsor" in m[0].lower() else m[0], text)
    text = _LATER.split(text[:_HEAD], maxsplit=1)[0]
    named = _name(tree)
    name = named if _letters(named) in _letters(text[:_HEAD]) else ""
    said = _summary(paragraphs(text)[:_MOST_PARAGRAPHS], name)
    found = [(file, "summary", said)] if said else []
    found += [(manifest, "description", quoted) for manifest, described in _descriptions(tree) if (quoted := gloss(described))]
    for where, key, quoted in found[:1]:
        if name:
            yield from reading(where, key, "about.summary", name, f"{{}} says of itself: {quoted}")
        else:
            yield from reading(where, key, "about.summary", where, f"{{}} says of the project: {quoted}")


def _summary(prose: list[str], name: str) -> str | None:
    """The sentence that says what the project is by its name, else the first that says what something is."""
    sentences = [[s for s in re.split(r"(?<=[a-z0-9)'])[.!?](?:\s|$)", words)[:5] if s] for words in prose]
    by_name = [
        s for several in sentences for s in several if name and _letters(s).startswith((_letters(name), f"the{_letters(name)}"))
    ]
    defining = [s for s in by_name if re.match(r"[^,.;]{1,60}? (?:is|are) (?:an?|the)\b", s)]
    for sentence in [*defining, *(several[0] for several in sentences if several)]:
        quoted = gloss(_opening(re.sub(r"^Welcome to ", "", sentence)))
        if quoted and len(quoted.split()) >= _SHORTEST and _SAYS.search(quoted[1:]) and not _SAYS_NOT.search(quoted):
            return quoted
    return None


def _opening(sentence: str) -> str:
    """A sentence; where it is long, as many of its clauses as are short enough."""
    for marks in (r",? (?:written in|that|which|so that|designed)\s", r",? (?:with|and|by|so|for|including)\s|,\s"):
        if len(sentence) <= LONGEST_GLOSS:
            break
        ends = [found.start() for found in re.finditer(marks, sentence) if found.start() <= LONGEST_GLOSS]
        sentence = sentence[: ends[-1]] if ends and len(sentence[: ends[-1]].split()) >= _SHORTEST else sentence
    return sentence


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower().rpartition("/")[2] if text.startswith("@") else text.lower())


def _name(tree: Tree) -> str:
    """The project's name in its manifest; '' where it has none that is plain."""
    pyproject, cargo, package = read_toml(tree, "pyproject.toml"), read_toml(tree, "Cargo.toml"), read_json(tree, "package.json")
    names = [
        string(document, *path)
        for document, *path in (
            (pyproject, "project", "name"),
            (pyproject, "tool", "poetry", "name"),
            (cargo, "package", "name"),
            (package, "name"),
        )
        if not isinstance(document, Problem)
    ]
    module = read_text(tree, "go.mod")
    found = re.search(r"^module[ \t]+(\S+)", "" if isinstance(module, Problem) else module, re.MULTILINE)
    names.append(re.sub(r"/v\d+$", "", found[1]).rpartition("/")[2] if found else "")
    return next((name for name in names if name and key_name(name) == name and len(name) <= 60), "")


def _descriptions(tree: Tree) -> Iterator[tuple[str, str]]:
    pyproject, cargo, package = read_toml(tree, "pyproject.toml"), read_toml(tree, "Cargo.toml"), read_json(tree, "package.json")
    if not isinstance(pyproject, Problem):
        yield "pyproject.toml", string(pyproject, "project", "description") or string(pyproject, "tool", "poetry", "description")
    if not isinstance(cargo, Problem):
        yield "Cargo.toml", string(cargo, "package", "description") or string(cargo, "workspace", "package", "description")
    if not isinstance(package, Problem):
        yield "package.json", string(package, "description")


READER = Reader("readme", _read, MANIFEST)
