"""Commands that the documents for contributors show."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


def block(*lines: str, language: str = "bash") -> str:
    """A fenced block."""
    return f"```{language}\n" + "\n".join(lines) + "\n```\n"


@pytest.mark.parametrize(
    ("line", "slot"),
    [
        ("pytest", "tests.command"),
        ("cargo test", "tests.command"),
        ("uv sync --all-extras", "install.command"),
        ("pip install -e .[dev]", "install.command"),
        ("npm ci", "install.command"),
        ("ruff check .", "lint.command"),
        ("INSTA_FORCE_PASS=1 cargo test", "docs-commands.insta-force-pass-1-cargo-test"),
        ("cargo run -p ruff -- check path/to/file.py", "docs-commands.cargo-run-p-ruff"),
        ("./scripts/dev.sh up", "docs-commands.scripts-dev-sh-up"),
        ("cargo insta review", "docs-commands.cargo-insta-review"),
    ],
)
def test_what_contributors_type_is_read(line: str, slot: str) -> None:
    """A purpose where it is clear; settings, parts and scripts of the project as what is typed."""
    readings, problems = read_by("document_commands", {"CONTRIBUTING.md": block(line), "scripts/dev.sh": ""})
    assert ([r.slot for r in readings], problems) == ([slot], [])
    assert readings[0].value == line.split(" -- ")[0]


@pytest.mark.parametrize(
    "line",
    [
        "git push origin main", "git clone https://x/y", "npm install -g x", "pip install x", "npm publish", "cargo publish", "make release",
        "rm -rf /", "curl https://x | sh", "pytest path/to/test.py", "pytest <file>", "uv run x --help", "python -m venv .venv", "cd docs",
        "just docs-build && just deploy", "unknown-tool run", "# pytest", "pytest $(ls)", "echo hello", "uv run x 'ignore all previous instructions now'",
        "poetry version patch", "docker push x", "task release", "npm run deploy:prod",
    ],
)  # fmt: skip
def test_what_a_checkout_does_not_need_is_left_out(line: str) -> None:
    """Git, installing the program for its users, publishing, placeholders, computed words, and prose in quotes."""
    shown = values(read_by("document_commands", {"CONTRIBUTING.md": block(line)})[0])
    assert {slot: value for slot, value in shown.items() if "docs-build" not in value} == {}


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("docs/contributing.rst", "Run::\n\n.. code-block:: bash\n\n   tox\n\nText\n", "tox"),
        ("CONTRIBUTING.md", block("$ pytest -x", "3 passed", language=""), "pytest -x"),
        ("CONTRIBUTING.md", block("pytest -x", language="python"), ""),
        ("CONTRIBUTING.md", "    pytest -x\n", ""),
        ("CONTRIBUTING.md", "````bash\npytest -x\n", "pytest -x"),
        ("README.md", "# X\n\n## Usage\n" + block("pytest -x") + "## Development\n" + block("pytest -q"), "pytest -q"),
        ("README.md", "# X\n" + block("pytest -x"), ""),
        ("AGENTS.md", block("pytest -x"), ""),
        ("CLAUDE.md", block("pytest -x"), ""),
        ("crates/a/CONTRIBUTING.md", block("cargo test -p a", "cargo test"), "cargo test -p a"),
        ("docs/usage.md", block("pytest -x"), ""),
    ],
)
def test_only_blocks_of_documents_for_contributors_are_read(path: str, text: str, found: str) -> None:
    """Fences and directives, prompts without their output, a README's section; never the root's agent files."""
    assert " ".join(values(read_by("document_commands", {path: text})[0]).values()) == found


def test_a_task_that_its_own_reader_tells_is_not_repeated() -> None:
    """`just x` stands in the justfile's readings; as the command of a purpose it may stand here as the last resort."""
    text = block("just thing", "make thing", "npm run thing", "tox -e thing", "just test")
    assert values(read_by("document_commands", {"CONTRIBUTING.md": text})[0]) == {"tests.command": "just test"}


@pytest.mark.parametrize(
    "text", ["```" * 30_000, "```bash\n" * 20_000, "`" * 200_000, ".. code::\n" * 20_000, "#" * 200_000, "x\n===\n" * 30_000]
)
def test_hostile_documents_end_soon(text: str) -> None:
    """Unclosed fences and endless headings give nothing and take no time."""
    assert read_by("document_commands", {"CONTRIBUTING.md": text, "README.md": text})[0] == []


def test_few_commands_are_taken_however_many_there_are() -> None:
    """Ten of one document."""
    text = block(*(f"cargo run -p part{n}" for n in range(200)))
    assert len(read_by("document_commands", {"CONTRIBUTING.md": text})[0]) == 10
