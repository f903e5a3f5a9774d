"""TOML, JSON and YAML from a tree as plain mappings, whatever the bytes.

The one rule: a file that cannot be read is a `Problem` with its line; nothing here raises, hangs or expands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from kairos_git.capture.survey.formats.yaml_events import Broken, built
from kairos_git.capture.survey.reading import Tree, one_line
from kairos_git.errors import Problem

if TYPE_CHECKING:
    from yaml._yaml import Mark as CMark
    from yaml.error import Mark

Document = Mapping[str, object]

LARGEST = 256 * 1024  # bytes of TOML, YAML or a Makefile; one in use has a hundredth of it, and the parsers are slow
DOTTED = 100  # dots in a line of TOML, outside strings; for a key of n parts tomllib needs n * n memory


def read_toml(tree: Tree, path: str) -> Document | Problem:
    """A TOML file; empty where it is missing."""
    return _read(tree, path, _toml)


def read_json(tree: Tree, path: str) -> Document | Problem:
    """A JSON file whose top is an object; empty where it is missing."""
    return _read(tree, path, _json)


def read_yaml(tree: Tree, path: str) -> Document | Problem:
    """A YAML file whose top is a mapping, every scalar as the text that stands there (so `on` is no truth value)."""
    return _read(tree, path, _yaml)


def read_text(tree: Tree, path: str) -> str | Problem:
    """A file for which any encoding will do, such as a Makefile; empty where it is missing."""
    data = _bytes(tree, path)
    if isinstance(data, Problem):
        return data
    text = _limited(data)
    if isinstance(text, Broken) and len(data) > LARGEST:
        return Problem(path, 0, text.message)
    return data.decode("latin-1") if isinstance(text, Broken) else text


def table(document: object, *path: str) -> Document:
    """The mapping at a path; empty where there is none."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def string(document: object, *path: str) -> str:
    """The text, number or truth value at a path, as it would be written; '' where there is none."""
    *folders, name = path
    value = table(document, *folders).get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 10**18:  # no setting; and past 4,300 digits `str` refuses
        return ""
    return str(value) if isinstance(value, str | int | float) else ""


def strings(value: object) -> list[str]:
    """The texts in a list, or the text itself."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def decode(data: bytes) -> str | Broken:
    """Text in UTF-8 or, with a byte order mark, UTF-16."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        return Broken(data.count(b"\n", 0, error.start) + 1, "is not UTF-8")


def _read(tree: Tree, path: str, parse: Callable[[bytes], Document | Broken]) -> Document | Problem:
    data = _bytes(tree, path)
    if isinstance(data, Problem):
        return data
    document = parse(data) if data else {}
    return Problem(path, document.line, document.message) if isinstance(document, Broken) else document


def _bytes(tree: Tree, path: str) -> bytes | Problem:
    if path not in tree.paths:
        return b""
    data = tree.read(path)
    return Problem(path, 0, "was not read: it is larger than 1 MB, or missing") if data is None else data


# Several readers share pyproject.toml; the documents are never changed, so one parse serves them all.
@lru_cache(maxsize=64)
def _toml(data: bytes) -> Document | Broken:
    import tomllib

    text = _limited(data)
    if isinstance(text, Broken):
        return text
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > DOTTED and re.sub(r"\"[^\"]*\"|'[^']*'", "", line).count(".") > DOTTED:
            return Broken(number, f"has more than {DOTTED} dots in a line")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        return _broken("TOML", int(where[1]) if where else 0, str(error))
    except (RecursionError, ValueError) as error:  # ValueError: an integer of more than 4,300 digits
        return _broken("TOML", 0, _words(error))


@lru_cache(maxsize=64)
def _json(data: bytes) -> Document | Broken:
    import json

    text = decode(data)
    if isinstance(text, Broken):
        return text
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        return _broken("JSON", error.lineno, error.msg)
    except (RecursionError, ValueError) as error:
        return _broken("JSON", 0, _words(error))
    return document if isinstance(document, dict) else Broken(1, "is JSON, but no object")


@lru_cache(maxsize=64)
def _yaml(data: bytes) -> Document | Broken:
    import yaml

    text = _limited(data)
    if isinstance(text, Broken):
        return text
    # Only events are asked of the parser, by libyaml where PyYAML was built with it: no tag ever makes an object.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        document = built(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        return _broken("YAML", _line(error.problem_mark), error.problem or "")
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return _broken("YAML", 0, _words(error))
    return document if isinstance(document, dict | Broken) else Broken(1, "is YAML, but no mapping")


def _line(mark: Mark | CMark | None) -> int:
    return mark.line + 1 if mark else 0


def _limited(data: bytes) -> str | Broken:
    if len(data) > LARGEST:
        return Broken(0, f"was not read: it is larger than {LARGEST // 1024} kB")
    return decode(data)


def _words(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _broken(language: str, line: int, words: str) -> Broken:
    said = one_line(words.partition("\n")[0])  # a parser's words quote the file, controls and all
    return Broken(line, f"is not {language}: {said[:160]}" if said else f"is not {language}")
