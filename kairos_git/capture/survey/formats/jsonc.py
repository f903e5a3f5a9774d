"""JSON as tools for JavaScript write it: with comments and trailing commas.

The one rule: as for every document, a file that cannot be read is a `Problem` with its line; nothing here raises or hangs.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kairos_git.capture.survey.formats.documents import Document, read_text
from kairos_git.capture.survey.reading import Tree, one_line
from kairos_git.errors import Problem

# Every alternative also matches up to the end of the text, so that an unclosed one is not looked for twice.
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"?|,(?=\s*[}\]])', re.DOTALL)


def read_jsonc(tree: Tree, path: str) -> Document | Problem:
    """A JSON file with comments and trailing commas whose top is an object; empty where it is missing or blank."""
    text = read_text(tree, path)
    if isinstance(text, Problem):
        return text
    document = _parsed(text)
    return Problem(path, *document) if isinstance(document, tuple) else document


@lru_cache(maxsize=4)
def _parsed(text: str) -> Document | tuple[int, str]:
    import json

    bare = _STRING_OR_COMMENT.sub(lambda found: found[0] if found[0][0] == '"' else re.sub(r"[^\n]", "", found[0]), text)
    bare = _STRING_OR_COMMA.sub(lambda found: found[0] if found[0][0] == '"' else "", bare)
    if not bare.strip():
        return {}
    try:
        document = json.loads(bare)
    except json.JSONDecodeError as error:
        return error.lineno, f"is not JSON: {one_line(error.msg) or ''}"
    except RecursionError:
        return 0, "is not JSON: nested too deeply"
    except ValueError as error:  # an integer of more than 4,300 digits
        return 0, f"is not JSON: {one_line(str(error)) or ''}"
    return document if isinstance(document, dict) else (1, "is JSON, but no object")
