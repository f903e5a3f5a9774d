"""Manifests in every state, as documents or as problems with a line."""

from __future__ import annotations

import pytest
from surveyed import tree

from kairos_git.capture.survey.formats.documents import Document, read_json, read_text, read_toml, read_yaml, string
from kairos_git.capture.survey.reading import Tree
from kairos_git.errors import Problem

# Nine lists of nine of the list before; and sixty lists, each of which holds only the one before.
_BOMB = b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n".encode() for n in range(1, 9)
)
_LADDER = b"a0: &a0 [x]\n" + b"".join(f"a{n}: &a{n} [*a{n - 1}]\n".encode() for n in range(1, 60))
READ = {"toml": read_toml, "json": read_json, "yaml": read_yaml}


def document(kind: str, data: bytes) -> Document | Problem:
    return READ[kind](tree({"f": data}), "f")


@pytest.mark.parametrize(
    ("kind", "data", "line", "words"),
    [
        ("toml", b"a = 1\nb = \nc = 1", 2, "not TOML"),
        ("toml", b"a = 1\nb = '\xe9'", 2, "not UTF-8"),
        ("toml", b"a = " + b"[" * 5000, 0, "nested too deeply"),
        ("toml", b"x = 1\n" + b"a." * 500 + b"b = 1", 2, "dots"),
        ("toml", b"a = " + b"1" * 5000, 0, "not TOML"),
        ("toml", b"#" * 300_000, 0, "larger than 256 kB"),
        ("json", b'{\n"a": ,}', 2, "not JSON"),
        ("json", b"[1]", 1, "no object"),
        ("json", b'{"a":' * 100_000, 0, "nested too deeply"),
        ("json", b'{"a": ' + b"1" * 5000 + b"}", 0, "not JSON"),
        ("json", b'{"a": "\xff\xfe"}', 1, "not UTF-8"),
        ("yaml", b"a: 1\nb: ]", 2, "not YAML"),
        ("yaml", b"- a", 1, "no mapping"),
        ("yaml", b"a: &x [1]\nb: *y", 2, "alias to what is not anchored"),
        ("yaml", b"a: &x\n - *x", 2, "alias to what is not anchored"),
        ("yaml", _BOMB, 6, "aliases that come to too much"),
        ("yaml", b"v: &v '" + b"x" * 200_000 + b"'\nw: [*v, *v, *v, *v, *v]", 2, "aliases that come to too much"),
        ("yaml", _LADDER, 50, "aliases that come to too much"),
        ("yaml", b"[" * 60, 1, "nested"),
        ("yaml", b"a: 1\n---\nb: 1", 2, "another document"),
        ("yaml", b"? [a]\n: b", 1, "not YAML"),
        ("yaml", b"a: \x00", 0, "not YAML"),
        ("yaml", b"#" * 300_000, 0, "larger than 256 kB"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_line(kind: str, data: bytes, line: int, words: str) -> None:
    """Broken, deep, huge and hostile files are reported, quickly and in one line."""
    problem = document(kind, data)
    assert isinstance(problem, Problem)
    assert (problem.path, problem.line) == ("f", line)
    assert words in problem.message
    assert problem.message.isprintable()


@pytest.mark.parametrize(
    "data",
    [b'{"a": "gr\xc3\xbcn"}', b'\xef\xbb\xbf{"a": "gr\xc3\xbcn"}', '{"a": "grün"}'.encode("utf-16")],
    ids=["plain", "with a byte order mark", "UTF-16"],
)
def test_marked_encodings_are_understood(data: bytes) -> None:
    """A byte order mark is an answer to the question which encoding this is."""
    assert document("json", data) == {"a": "grün"}


def test_yaml_scalars_are_the_text_that_stands_there() -> None:
    """`on` is no truth value and 3.10 no number: nothing is lost between the file and the reading."""
    assert document("yaml", b"on: push\nv: [3.10, yes, 2024-01-01, !!python/name:os.system x]") == {
        "on": "push",
        "v": ["3.10", "yes", "2024-01-01", "x"],
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: &x b", {"a": "b"}),
        (b"a: &x b\nc: *x", {"a": "b", "c": "b"}),
        (b"a: &x {k: [1]}\nc: [*x, *x]", {"a": {"k": ["1"]}, "c": [{"k": ["1"]}, {"k": ["1"]}]}),
        (b"a: &x {k: 1, l: 2}\nc: {<<: *x, l: 3}", {"a": {"k": "1", "l": "2"}, "c": {"k": "1", "l": "3"}}),
        (b"a: &x {k: 1}\nb: &y {k: 2}\nc: {<<: [*x, *y]}", {"a": {"k": "1"}, "b": {"k": "2"}, "c": {"k": "1"}}),
        (b"c: {<<: x}", {"c": {"<<": "x"}}),
        (b"&k a: 1\nb: *k", {"a": "1", "b": "a"}),
    ],
)
def test_what_an_alias_names_stands_in_its_place(data: bytes, expected: Document) -> None:
    """Anchors are how people avoid repeating the steps of a workflow; a merge key yields to what stands beside it."""
    assert document("yaml", data) == expected


def test_a_missing_file_is_empty_and_a_refused_one_a_problem() -> None:
    """A reader need not ask whether its file exists; a file over the tree's limit is said to be one."""
    assert read_toml(tree({}), "f") == {}
    assert read_text(tree({}), "f") == ""
    refused = read_json(Tree(frozenset({"f"}), lambda path: None, None), "f")
    assert isinstance(refused, Problem)
    assert "1 MB" in refused.message


def test_a_text_in_latin_1_is_read_all_the_same() -> None:
    """make does not care how a comment is encoded."""
    assert read_text(tree({"f": b"# gr\xfcn"}), "f") == "# grün"


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), (88, "88"), (1.5, "1.5"), (True, "true"), (False, "false"), (None, ""), ([], ""), ({}, ""), (10**30, "")],
)
def test_a_scalar_is_read_as_it_would_be_written(value: object, text: str) -> None:
    """What is no scalar is no text, and no type in a manifest can raise."""
    assert string({"a": {"b": value}}, "a", "b") == text
    assert string({"a": value}, "a", "b") == ""
