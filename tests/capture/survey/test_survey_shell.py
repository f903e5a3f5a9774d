"""The commands of a CI script, as a person would type them, and where each runs."""

from __future__ import annotations

import time

import pytest

from kairos_git.capture.survey.tasks.shell import commands, plain_folder


def found(script: str, folder: str = "") -> list[tuple[str, str]]:
    return [(command.text, command.folder) for command in commands(script, folder)]


def texts(script: str) -> list[str]:
    return [command.text for command in commands(script)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("pip install x && pytest -q", ["pip install x", "pytest -q"]),
        ("ruff \\\n  check   .", ["ruff check ."]),
        ("ruff check .; mypy src", ["ruff check .", "mypy src"]),
        ("pytest # why", ["pytest"]),
        ("# pytest\nmypy", ["mypy"]),
        ("a#b c", ["a#b c"]),
        ('pytest -W "error" && mypy', ["pytest -W error", "mypy"]),
        ('pytest -k "a and b"', ['pytest -k "a and b"']),
        ("make test NAME='a && b'", ["make test NAME='a && b'"]),
        ("A=1 pytest", ["A=1 pytest"]),
        ("echo 'x\npytest\n'", ["echo 'x\npytest\n'"]),
        ("", []),
        ("\n\n", []),
    ],
)
def test_a_script_is_taken_apart_at_its_operators(script: str, expected: list[str]) -> None:
    """Lines, continued lines, `&&` and `;`; what is quoted is one word, and quotes that change nothing go."""
    assert texts(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("pytest > log", []),
        ("pytest >> log", []),
        ("cmd < in", []),
        ("pytest 2>&1", ["pytest"]),
        ("pytest >/dev/null 2>/dev/null", ["pytest"]),
        ("pytest | tee log", ["pytest"]),
        ("pytest | grep x", []),
        ("cat x | pytest", []),
        ("npm run dev &\nnpm test", ["npm test"]),
        ("pytest || tox", ["pytest"]),
        ("pytest || exit 1", ["pytest"]),
        ("pytest 2>&1 | tee log; mypy", ["pytest", "mypy"]),
    ],
)
def test_what_feeds_another_program_or_a_file_is_the_machines_business(script: str, expected: list[str]) -> None:
    """Fallbacks and servers in the background too; output that is only copied is not in the way."""
    assert [text for text in texts(script) if not text.startswith(("exit", "tee"))] == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('if [ "$X" = a ]; then\n  pytest -q\nelse\n  tox\nfi', ["pytest -q", "tox"]),
        ("if ! pytest; then\n exit 1\nfi", ["pytest"]),
        ("for i in pytest tox; do\n mypy\ndone", ["mypy"]),
        ("while pytest; do tox; done", ["pytest", "tox"]),
        ("case $x in\n a|pytest) tox ;;\n b) mypy\n ;;\n *)\n ruff check\nesac\nflake8", ["tox", "mypy", "ruff check", "flake8"]),
        ("pytest() {\n tox\n}", ["tox"]),
        ("function pytest {\n tox\n}", ["tox"]),
        ("{ pytest; }", ["pytest"]),
        ("time pytest", ["pytest"]),
    ],
)
def test_a_command_inside_control_flow_is_a_command(script: str, expected: list[str]) -> None:
    """CI runs it, whatever it depends on; conditions' tests, loops' lists, patterns and names of functions are none."""
    assert [text for text in texts(script) if not text.startswith(("[", "exit"))] == expected


@pytest.mark.parametrize(
    "script",
    [
        "cat <<EOF\npytest\nEOF\n",
        "cat <<-'EOF' > x\n  pytest\n  EOF\n",
        "cat <<A <<B\npytest\nA\npytest\nB\n",
        "x <<EOF\npytest",
        "python -c '\npytest\n'",
    ],
)
def test_text_that_is_fed_to_a_program_is_no_command(script: str) -> None:
    """Here-documents to their end, or to the script's, and quoted lines."""
    assert "pytest" not in texts(script)
    assert texts("cat <<EOF\npytest\nEOF\nmypy") == ["mypy"]


@pytest.mark.parametrize(
    ("script", "computed"),
    [
        ("pytest -q", -1),
        ("pytest $ARGS", 1),
        ("pytest -n ${{ matrix.n }} x", 2),
        ('pytest "$(echo "a b")" x', 1),
        ("pytest '$ARGS'", -1),
        ("pytest `date`", 1),
        ("$CMD test", 0),
        ('tox -e py"${{ matrix.py }}"', 2),
        ("pytest 'unclosed", 1),
    ],
)
def test_the_first_computed_word_is_marked(script: str, computed: int) -> None:
    """Variables, substitutions and the workflow's expressions; in single quotes nothing is computed."""
    assert [command.computed for command in commands(script)] == [computed]


def test_what_a_substitution_holds_is_no_command() -> None:
    """Neither nested quotes nor brackets end it early."""
    assert texts('x "$(pytest "a" && (tox))" && mypy') == ['x "$(pytest "a" && (tox))"', "mypy"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("cd web\nnpm test\ncd ui && npm run lint\ncd ..\nnpm run build", [("npm test", "web"), ("npm run lint", "web/ui")]),
        ("(cd web && npm test)\nnpm run lint", [("npm test", "web"), ("npm run lint", "")]),
        ("pushd web; npm test; popd; tox", [("npm test", "web"), ("tox", "")]),
        ("cd $X\npytest", []),
        ("cd a b\npytest", []),
        ("cd /x\npytest", []),
        ("popd\npytest", []),
        ("if x; then\ncd web\nfi\npytest", [("x", "")]),
        ("for i in 1; do\n(cd web; tox)\ndone\npytest", [("tox", "web"), ("pytest", "")]),
        ("cd ./web/\ncd .\nnpm test", [("npm test", "web")]),
    ],
)
def test_the_folder_is_followed_as_far_as_it_is_known(script: str, expected: list[tuple[str, str]]) -> None:
    """A subshell's folder ends with it; after a folder nobody can tell, nothing is read."""
    assert found(script) == expected
    inside = [(text, f"part/{folder}".rstrip("/")) for text, folder in expected]
    assert found(script, "part") == inside


@pytest.mark.parametrize(
    "script",
    ['"$(' * 20_000, "(" * 50_000, "$(" * 25_000, "<<a\n" * 12_000, "${{" * 16_000, "\\" * 50_001, "case x in " * 5_000, "`" * 49_999,
     '"$(" ' * 10_000, "<<x " * 12_000 + "\n" * 1000, "if " * 15_000, "a && " * 10_000],
    ids=lambda script: script[:6],
)  # fmt: skip
def test_no_script_takes_long(script: str) -> None:
    """Nesting and repetition cost what their length costs."""
    started = time.process_time()
    assert len(list(commands(script))) <= 500
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (".", ""),
        ("./web/", "web"),
        ("a/b", "a/b"),
        ("../x", None),
        ("a/../b", None),
        ("/x", None),
        ("$X", None),
        ("a b", None),
    ],
)
def test_a_folder_is_written_from_the_root_or_is_none(text: str, expected: str | None) -> None:
    """What is outside, computed or odd is no folder of the project."""
    assert plain_folder(text) == expected
