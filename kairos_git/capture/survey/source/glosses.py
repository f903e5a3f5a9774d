"""What a folder or a module says of itself: a docstring, a package comment, the description in its manifest.

The one rule: only what says more than the name does is quoted, and only through `gloss`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kairos_git.capture.survey.formats.documents import read_json, read_toml, string
from kairos_git.capture.survey.reading import Tree, gloss, vocabulary
from kairos_git.errors import Problem

_HEAD = 4000  # bytes of a file in which its description stands, if anywhere

_LONGEST_PART = 2000  # characters of a paragraph that are looked at

_DOCSTRING = re.compile(r"(?:\s|#[^\n]*(?:\n|$))*[rRuU]?(\"\"\"|''')(.+?)\1", re.DOTALL)
_GO = re.compile(r"((?:^//[^\n]*\n)+)package\s+\w+|/\*(.+?)\*/\s*\npackage\s+\w+", re.MULTILINE | re.DOTALL)
_GO_NAME = re.compile(
    r"(?:Package|Command)\s+(?:\w|-)+\s+(?:is\s+)?(?:package\s+)?(?:(?:provides|contains|implements|defines)\s+)?"
)
_RUST = re.compile(r"(?:\s*#!\[[^\n]*\n)*((?:\s*//![^\n]*\n)+)")
_BLOCK = re.compile(
    r"(?:#![^\n]*\n)?\s*/\*\*((?:(?!\*/).)+)\*/[ \t]*\n\s*(?:\n|import\b|use\b|export \*|const \w+ = require)", re.DOTALL
)
_EMPTY = vocabulary(
    "a an and the of for in to on with this that is are it its as by from package packages module modules init file files main code "
    "source sources src lib library python rust go typescript javascript crate folder directory contains containing provides "
    "implements implementation related functionality stuff things all various utilities utility helpers helper functions classes "
    "support core common base public api init initialization entry point interface main exports export re-exports submodule "
    "top level following script scripts component components internal part parts logic our other containing how readme"
)
_LEAD = re.compile(
    r"(?:This|The) (?:\w+ )?(?:directory|folder|package|module|crate|file|library|script) (?:contains|holds|owns|provides|implements|defines|is)\s+",
    re.IGNORECASE,
)
_NOISE = re.compile(r"eslint|@ts-|prettier|istanbul|pylint|noqa|type:|vim:|coding[:=]|auto-?generated|\bgenerated\b", re.I)


class Said(NamedTuple):
    """A quotation, and the file it stands in."""

    file: str
    quoted: str


def folder_said(tree: Tree, folder: str) -> Said | None:
    """What is written of a folder (`src/auth/`) in it; reads at most three files."""
    name = folder.rstrip("/").rpartition("/")[2]
    for file, find in (
        ("__init__.py", python_doc),
        ("package.json", None),
        ("Cargo.toml", None),
        ("doc.go", go_doc),
        (f"{name}.go", go_doc),
        ("mod.rs", rust_doc),
        ("src/lib.rs", rust_doc),
        ("README.md", first_prose),
    ):
        path = folder + file
        if path not in tree.paths:
            continue
        text = _description(tree, path) if find is None else find(head(tree, path))
        quoted = tells(text, path if find is None else folder)
        if quoted:
            return Said(path, quoted)
    return None


def module_said(tree: Tree, path: str) -> Said | None:
    """What the head of a module says of it."""
    text = head(tree, path)
    suffix = path[path.rfind(".") :]
    if suffix in (".py", ".pyx"):
        found = python_doc(text)
    elif suffix == ".rs":
        found = rust_doc(text)
    elif suffix == ".go":
        found = go_doc(text) if re.search(r"^// (?:Package|Command) ", text, re.MULTILINE) else ""
    else:
        found = block_doc(text)
    quoted = tells(found, path)
    return Said(path, quoted) if quoted else None


def head(tree: Tree, path: str) -> str:
    """The start of a file, however large it is; empty where it is missing."""
    data = tree.read(path) or b""
    return data[:_HEAD].decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n")


def tells(text: str, path: str) -> str | None:
    """The text's first sentence as a quotation, unless it says no more than the path."""
    sentence = re.split(r"(?<=[/)'\"])\.\s", text, maxsplit=1)[0]
    quoted = gloss(_LEAD.sub("", sentence, count=1))
    if quoted is None or _NOISE.search(quoted) or quoted.count("(") != quoted.count(")"):
        return None
    known = set(_stems(path)) | {stem for word in _EMPTY for stem in _stems(word)}
    return quoted if len([word for word in _stems(quoted) if word not in known]) >= 2 else None


def python_doc(text: str) -> str:
    """The first paragraph of a module's docstring."""
    found = _DOCSTRING.match(text)
    return _paragraph(found[2]) if found else ""


def go_doc(text: str) -> str:
    """The first sentence of a package comment, without `Package x`."""
    found = _GO.search(text)
    if not found:
        return ""
    lines = found[1] if found[1] is not None else found[2]
    words = _paragraph(re.sub(r"^[ \t]*//[ \t]?", "", lines, flags=re.MULTILINE))
    named = _GO_NAME.match(words)
    return words[named.end() :] if named else ""


def rust_doc(text: str) -> str:
    """The first paragraph of a crate's or module's `//!` comment."""
    found = _RUST.match(text)
    return _paragraph(re.sub(r"^[ \t]*//!#?[ \t]?", "", found[1], flags=re.MULTILINE)) if found else ""


def block_doc(text: str) -> str:
    """The first paragraph of a `/** */` comment that stands before everything else."""
    found = _BLOCK.match(text)
    if not found:
        return ""
    words = re.sub(r"^[ \t]*\*+[ \t]?", "", found[1], flags=re.MULTILINE)
    return _paragraph(re.sub(r"^\s*@(?:file|fileoverview|module|overview)\b[^\S\n]*", "", words))


def first_prose(text: str) -> str:
    """The first paragraph of prose in Markdown or reStructuredText; '' where there is none."""
    return next(iter(paragraphs(text)), "")


def paragraphs(text: str) -> list[str]:
    """The paragraphs of prose in Markdown or reStructuredText, without emphasis, links and badges."""
    text = re.sub(r"<!--.*?(?:-->|\Z)|^(```|~~~).*?(?:^\1|\Z)|\A---\n.*?\n---\n", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^[^\n]*\n(?:={3,}|-{3,}|~{3,})[ \t]*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"</?(?:p|br|h\d|div|strong|b|i|em|hr|center|sub|sup|samp)(?:\s[^<>]*)?/?>", "\n\n", text)
    found = [(part, plain_words(part[:_LONGEST_PART])) for part in re.split(r"\n[ \t]*\n", text)]
    return [words for part, words in found if len(words.split()) >= 4 and not _is_markup(part) and not _is_foreign(words)]


def _is_foreign(words: str) -> bool:
    return sum(character.isascii() for character in words) < 0.8 * len(words)


def plain_words(markup: str) -> str:
    """Markdown prose without its marks: link texts stay, images and their addresses go, emphasis and code lose their signs."""
    text = re.sub(r"!\[[^\[\]]{0,300}\](?:\([^()\n]{0,500}\)|\[[^\[\]]{0,100}\])", "", markup)
    text = re.sub(r"\[([^\[\]]*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s\"[^\"]*\")?\)|\[[^\]]*\])", r"\1", text)
    text = re.sub(r"\*\*|__(?=\w)|(?<=\w)__|(?<!\w)[*_]|[*_](?!\w)|`+|\\(?=[^\w\s])", "", text)
    text = "".join(c for c in text if c.isascii() or c.isalpha() or c in "–—’‘“”éü·")
    return " ".join(text.replace("“", "'").replace("”", "'").split())


def _is_markup(part: str) -> bool:
    """A heading, list, table, quotation, note, directive, line of links or a block of HTML."""
    line = part.strip()
    links = len(re.findall(r"\]\(|\]\[|<a\s", line))
    return (
        bool(re.match(r"(?:#|[-*+]\s|\d+\.\s|\||>|<|\.\.|:\w|\[[^\]]*\]:|={3}|-{3})", line)) or links * 6 > len(line.split()) + 6
    )


def _description(tree: Tree, path: str) -> str:
    if path.endswith(".json"):
        document = read_json(tree, path)
        return "" if isinstance(document, Problem) else string(document, "description")
    document = read_toml(tree, path)
    return "" if isinstance(document, Problem) else string(document, "package", "description")


def _paragraph(text: str) -> str:
    lines = text.strip().split("\n")
    if len(lines) > 2 and re.fullmatch(r"\s*[=~#*-]{3,}\s*", lines[1]):
        lines = lines[2:]
    return re.split(r"\n[ \t]*\n", "\n".join(lines).strip())[0].replace("`", "")


def _stems(text: str) -> list[str]:
    return [re.sub(r"(?:ies|es|s|ing|ed|e|y)$", "", word) for word in re.findall(r"[a-z0-9]+", text.lower())]
