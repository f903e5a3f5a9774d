"""What a text names in the project's tree: paths in code spans, links, prose and diagrams, each with how sure it is meant.

The one rule: a name is a mention only where it could not be anything else: an address, a package, a branch, a pair of
words with a slash, or an example is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from kairos_git.capture.check import markdown
from kairos_git.capture.check.markdown import Line
from kairos_git.capture.survey.reading import vocabulary

LONGEST = 200  # characters of a path that somebody means


class Sure(IntEnum):
    """How sure it is that a name means a file of this tree, were it there."""

    GUESS = 0  # only if the history knew it
    LIKELY = 1  # or if its folder is there, with files like it
    CERTAIN = 2  # a relative link: what it names is there, or the link is broken


class Mention(NamedTuple):
    """A path as a text names it. `path` is from the text's own folder; `said` is what stands there, for people.
    link: it is the target of a relative link, which leads to that path and no other.
    """

    line: int
    said: str
    path: str
    sure: Sure
    link: bool = False


_EXTENSIONS = vocabulary(
    "adoc astro bash bat bzl c cc cfg cjs cmake conf cpp cs css csv cts cxx dart ejs ex exs feature fish go gql gradle graphql h "
    "hcl hpp hs html inc ini ipynb java jinja jl js json json5 jsonc jsonl jsx just kt kts less lock lua m md mdx mjs mk "
    "ml mm mod mts nim nix php pl plist prisma proto ps1 py pyi pyx rb rs rst sass scala scss sh sql sum svelte svg swift tera "
    "tf tmpl toml tpl ts tsx txt vue xml yaml yml zig zsh"
)
_TAIL = re.compile(r"(?:::.*|#.*|:\d[\d:,-]*|:L\d.*|:[A-Za-z_][\w.]*\(?\)?|\(\))$")
_ALLOWED = re.compile(r"@?[\w.+\-/@\[\]()]+", re.ASCII)
_DOMAIN = re.compile(
    r"(?:[\w-]+\.)+(?:com|org|io|dev|land|net|ai|app|rs|in|co|edu|gov|so|xyz|cloud|me|uk|de|us|page|site|example)"
)
_PLACEHOLDER = re.compile(
    r"(?i)(?:path|to|your|my|foo|bar|baz|qux|xxx+|abc|name|file|filename|folder|dir|some|example|placeholder|owner|repo|org|user"
    r"|username|package|pkg|module|component|feature|new|old|original)"
    r"|(?:your|my|foo|bar|baz|some|example|new|xxx|dummy|sample)[-_.].*|(?:my|your|some)[A-Z].*"
    r"|.*(?:[-_.]|^)(?:foo|bar|baz|xxx|yyyy|mm|dd|nn+|example|placeholder)(?:[-_.].*|$)|.*(?:Foo|Bar|Example|Xxx)(?:[A-Z._].*|$)"
    r"|.*(?:[Nn]ame|Event|Class)Here.*|.*HERE.*|(?:kebab|snake|camel|pascal)[-_]?case.*"
    r"|(?:test_)?(?:file|name|module|feature|component|page|x|y|a|b|c|something|thing|specific\w*)\.[a-z]+|[xyn]|file\d.*|0*(?:123|1234)\b.*"
)
_BRANCHES = vocabulary(
    "origin upstream refs heads remotes feature feat fix bugfix hotfix chore release tags fork codex claude cursor copilot users pull issues pulls"
)
_MIME = vocabulary("application image audio video multipart font model message")
_OUTSIDE = vocabulary("usr etc var tmp home opt bin dev proc Users Library C node_modules venv site-packages HEAD http https")
# Words with a slash that are no path, when nothing else says that they are.
_WORD = re.compile(r"[A-Za-z][A-Za-z+-]*")
_MAKES = vocabulary(
    "mkdir touch cp mv git docker podman curl wget echo printf gh ssh scp rsync rm kubectl helm brew apt apt-get degit ln tar unzip export"
)
_OUTPUT = re.compile(r"-o|--out(?:put|file|dir)?(?:-\w+)?|--target-dir|>{1,2}|\d>|--report\S*|--junit\S*|--log\S*|--prefix|-d")
_PLAIN_PATH = re.compile(r"(?<![\w/.@:~$\\-])(?:\./)?(?:[\w.-]+/)+[\w.-]*\w")


def path_of(word: str) -> str | None:
    """The path a word names, or None where it names none. Raises nothing, whatever the word is."""
    text = re.sub(r"^\*\*|\*\*$", "", word.strip().strip("\"'“”‘’,;"))
    text = text[1:].rstrip(").,:;") if text.startswith("(") else text.rstrip(".,:;")
    text = _TAIL.sub("", text) or text
    if text.startswith("@"):  # an agent file's import
        if not re.search(r"\.mdc?$", text):
            return None
        text = text[1:]
    text = text.removeprefix("./") if not text.startswith("./.") else text[2:]
    if not 1 < len(text) <= LONGEST or not _ALLOWED.fullmatch(text) or text.startswith(("/", "-", "+", "@", ".../")):
        return None
    if re.fullmatch(r"\.(?:test|spec|test-d|d|stories|e2e|integration\.test|lock|worker\.test)\.\w+", text):
        return None
    if "..." in text or "//" in text or text.strip("./") == "" or not re.search("[A-Za-z]", text):
        return None
    parts = text.rstrip("/").split("/")
    first = parts[0]
    if _OUTSIDE & set(parts) or (first in _MIME and len(parts) == 2) or first in _BRANCHES:
        return None
    if len(parts) > 1 and (_DOMAIN.fullmatch(first) or "@" in first):
        return None
    if any(_PLACEHOLDER.fullmatch(part) for part in parts):
        return None
    if len(parts) > 1 and has_extension(parts[-2]) and "." not in parts[-1]:  # sqlite.h/c++ is two files
        return None
    return text if len(parts) > 1 or text.endswith("/") or has_extension(text) else None


def has_extension(path: str) -> bool:
    """Whether a path ends like a source, a configuration or a document."""
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return bool(dot and stem) and extension in _EXTENSIONS


def words_with_slashes(path: str) -> bool:
    """Whether a name could as well be a choice of words: `read/write`, `lint/format`."""
    return not path.endswith("/") and not has_extension(path) and all(_WORD.fullmatch(part) for part in path.split("/"))


def paths(lines: Iterable[Line], readme: bool) -> Iterator[Mention]:
    """Every path a text names outside of diagrams. In a README, code blocks are about the reader's own project."""
    for line in lines:
        if line.fence is None:
            yield from _in_prose(line, readme)
        elif not readme and line.fence in ("", "bash", "sh", "shell", "console", "zsh", "shellsession", "powershell"):
            for said, path in in_command(line.text):
                yield Mention(line.number, said, path, Sure.GUESS)


def _in_prose(line: Line, readme: bool) -> Iterator[Mention]:
    for target in markdown.links(line.text):
        path = _link_path(target)
        if path:
            yield Mention(
                line.number, target, path, Sure.CERTAIN if "/" in path or has_extension(path) else Sure.GUESS, link=True
            )
    for start, span in markdown.spans(line.text):
        # A link's own text repeats or shortens its target, which may be elsewhere.
        if re.match(r"[^\[\]]*\]\(", line.text[start:]) and "[" in line.text[:start]:
            continue
        if " " in span:
            for said, path in in_command(span):
                yield Mention(line.number, said, path, Sure.GUESS)
        elif path := path_of(re.sub(r"^[\s│├└─┬┌|`+-]*", "", span)):
            yield Mention(line.number, span, path, Sure.GUESS if readme else Sure.LIKELY)
    for found in _PLAIN_PATH.finditer(markdown.plain(line.text)):
        path = path_of(found[0])
        if path and has_extension(path):
            yield Mention(line.number, found[0], path, Sure.GUESS if readme else Sure.LIKELY)


def _link_path(target: str) -> str | None:
    plain = target.partition("#")[0].partition("?")[0].replace("%20", " ")
    if not plain or ":" in plain or plain.startswith(("/", "<", "$", "{", "@", "~")) or len(plain) > LONGEST:
        return None
    if re.search(r"[<>{}*\\`$]|\.\.\.", plain) or _DOMAIN.fullmatch(plain.partition("/")[0]):
        return None
    if any(_PLACEHOLDER.fullmatch(part) for part in plain.split("/")) or plain in ("url", "link", "path", "."):
        return None
    return plain


def in_command(text: str) -> Iterator[tuple[str, str]]:
    """The paths among the words of a command: what is said, and the path. What a command makes is not among them."""
    for part in re.split(r"&&|\|\|?|;|(?:^|\s)#\s.*", text.removeprefix("$ ").removeprefix("> ")):
        words = part.split()
        while words and re.match(r"[A-Z_][A-Z0-9_]*=|sudo$|time$", words[0]):
            words = words[1:]
        if not words or words[0] in _MAKES:
            continue
        before = ""
        for word in words:
            option, _, value = word.partition("=")
            named = value if word.startswith("-") and value else word
            if not _OUTPUT.fullmatch(before) and not _OUTPUT.fullmatch(option) and "/" in named:
                path = path_of(named)
                if path and not named.startswith(("../", "~")):
                    yield named, path
            before = word
